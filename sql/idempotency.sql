-- idempotency.sql: the answers to mutations that may be repeated, kept for 24 hours under the key that the client gave.
-- After the context functions, which its policies and functions call.
--
-- Two tables, because an operator has no tenant. A key belongs to whoever gave it: nobody finds another's.
-- No foreign keys: a row lives for a day, and keeps nobody from being removed.

CREATE TABLE saas_blog.tb_idempotency_key (
  fk_tenant bigint NOT NULL,
  fk_user bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  answer text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (fk_tenant, fk_user, key),
  CONSTRAINT tb_idempotency_key_form CHECK (key ~ '^[!-~]{1,128}$')
);
ALTER TABLE saas_blog.tb_idempotency_key OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_idempotency_key IS 'Answers to mutations of a tenant''s users, by their idempotency keys';
COMMENT ON COLUMN saas_blog.tb_idempotency_key.body IS 'SHA-256 of the request';
COMMENT ON CONSTRAINT tb_idempotency_key_form ON saas_blog.tb_idempotency_key IS
  'idempotencyKey: An idempotency key has 1 to 128 visible ASCII characters.';

CREATE TABLE saas_blog.tb_operator_idempotency_key (
  operator text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  answer text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (operator, key),
  CONSTRAINT tb_operator_idempotency_key_form CHECK (key ~ '^[!-~]{1,128}$')
);
ALTER TABLE saas_blog.tb_operator_idempotency_key OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_operator_idempotency_key IS
  'Answers to mutations of operators, by their idempotency keys';
COMMENT ON COLUMN saas_blog.tb_operator_idempotency_key.operator IS
  'The key that signed the token, and the user that the token names, if any';
COMMENT ON COLUMN saas_blog.tb_operator_idempotency_key.body IS 'SHA-256 of the request';
COMMENT ON CONSTRAINT tb_operator_idempotency_key_form ON saas_blog.tb_operator_idempotency_key IS
  'idempotencyKey: An idempotency key has 1 to 128 visible ASCII characters.';

SELECT pg_extension_config_dump('saas_blog.tb_idempotency_key', '');
SELECT pg_extension_config_dump('saas_blog.tb_operator_idempotency_key', '');

ALTER TABLE saas_blog.tb_idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_operator_idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON saas_blog.tb_idempotency_key AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_operator_idempotency_key AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (saas_blog.app_role() = 'operator') WITH CHECK (saas_blog.app_role() = 'operator');
CREATE POLICY idempotency_own ON saas_blog.tb_idempotency_key FOR ALL TO saas_blog_exec
  USING (fk_user = saas_blog.user_pk()) WITH CHECK (fk_user = saas_blog.user_pk());
CREATE POLICY idempotency_prune ON saas_blog.tb_idempotency_key FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);
CREATE POLICY operator_idempotency_prune ON saas_blog.tb_operator_idempotency_key FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);
CREATE POLICY idempotency_operator ON saas_blog.tb_operator_idempotency_key FOR ALL TO saas_blog_exec
  USING (saas_blog.app_role() = 'operator') WITH CHECK (saas_blog.app_role() = 'operator');

-- Of requests with one key at the same time the first goes on, and the others wait here for its answer, or for their
-- turn if it fails.
CREATE FUNCTION saas_blog.recall(operator text, key text, body bytea)
RETURNS text LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(format('saas_blog.idempotency %s %s %L %s', saas_blog.tenant_pk(),
    saas_blog.user_pk(), recall.operator, recall.key), 0));
  IF recall.operator IS NULL THEN
    SELECT k.body, k.answer INTO known FROM saas_blog.tb_idempotency_key AS k
    WHERE k.fk_tenant = saas_blog.tenant_pk() AND k.fk_user = saas_blog.user_pk() AND k.key = recall.key
      AND k.created_at > now() - interval '24 hours';
  ELSE
    SELECT k.body, k.answer INTO known FROM saas_blog.tb_operator_idempotency_key AS k
    WHERE k.operator = recall.operator AND k.key = recall.key AND k.created_at > now() - interval '24 hours';
  END IF;
  IF known.body <> recall.body THEN
    RAISE EXCEPTION USING ERRCODE = 'SB409', MESSAGE = 'This idempotency key was used for another request.';
  END IF;
  RETURN known.answer;
END $$;
ALTER FUNCTION saas_blog.recall(text, text, bytea) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.recall(text, text, bytea) IS
  'The answer that was given under this idempotency key, or NULL; keeps others with this key waiting';

-- Nothing is stored over a row that is still good: a transaction in REPEATABLE READ does not see one that was stored
-- since it began, and has to be tried again.
CREATE FUNCTION saas_blog.remember(operator text, key text, body bytea, answer text)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF remember.operator IS NULL THEN
    INSERT INTO saas_blog.tb_idempotency_key AS k (fk_tenant, fk_user, key, body, answer)
    VALUES (saas_blog.tenant_pk(), saas_blog.user_pk(), remember.key, remember.body, remember.answer)
    ON CONFLICT ON CONSTRAINT tb_idempotency_key_pkey
    DO UPDATE SET body = excluded.body, answer = excluded.answer, created_at = now()
    WHERE k.created_at <= now() - interval '24 hours';
  ELSE
    INSERT INTO saas_blog.tb_operator_idempotency_key AS k (operator, key, body, answer)
    VALUES (remember.operator, remember.key, remember.body, remember.answer)
    ON CONFLICT ON CONSTRAINT tb_operator_idempotency_key_pkey
    DO UPDATE SET body = excluded.body, answer = excluded.answer, created_at = now()
    WHERE k.created_at <= now() - interval '24 hours';
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this idempotency key was used at the same time' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
ALTER FUNCTION saas_blog.remember(text, text, bytea, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.remember(text, text, bytea, text) IS
  'Keeps the answer to a mutation for 24 hours under its idempotency key';

-- maintain() enters each tenant as an operator does, and calls prune() in it; without a tenant, for what belongs to none.
-- A table whose rows have had their day gets its DELETE here, or in a function that is called here.
CREATE FUNCTION saas_blog.prune()
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM saas_blog.tb_idempotency_key AS k
  WHERE k.fk_tenant = saas_blog.tenant_pk() AND k.created_at <= now() - interval '24 hours';
  PERFORM saas_blog.prune_popular_posts();
  PERFORM saas_blog.prune_events();
  IF saas_blog.tenant_pk() IS NULL THEN
    DELETE FROM saas_blog.tb_operator_idempotency_key AS k WHERE k.created_at <= now() - interval '24 hours';
  END IF;
END $$;
ALTER FUNCTION saas_blog.prune() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.prune() IS 'For maintain(): removes the rows of the entered tenant that have had their day';

CREATE FUNCTION saas_blog.maintain()
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'maintain_wrapper';
ALTER FUNCTION saas_blog.maintain() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.maintain() IS
  'Removes rows that have had their day, of every tenant: to be called once a day or so';
