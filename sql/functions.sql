-- functions.sql: what a user calls, and the triggers that fill a missing identifier. After tables and policies.
-- Every function here is revoked from PUBLIC in grants.sql, in the same transaction.
--
-- SECURITY DEFINER runs as saas_blog_owner, which the walls stop like anybody else. All of them pin search_path, with
-- pg_temp last: whoever calls cannot put a table or an operator of theirs in front.

-- The GraphQL API. Arguments are named as the keys of a GraphQL-over-HTTP body.
-- Never STRICT: NULL is answered, not dropped.
CREATE FUNCTION graphql.resolve(query text DEFAULT NULL, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                                "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL)
RETURNS jsonb LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'resolve_wrapper';
ALTER FUNCTION graphql.resolve(text, jsonb, text, text, jsonb) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.resolve(text, jsonb, text, text, jsonb) IS 'Answers a GraphQL request as jsonb';

CREATE FUNCTION graphql.execute(query text DEFAULT NULL, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                                "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL)
RETURNS json LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'execute_wrapper';
ALTER FUNCTION graphql.execute(text, jsonb, text, text, jsonb) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.execute(text, jsonb, text, text, jsonb) IS
  'Answers a GraphQL request as json, its fields in the order of the request';

-- Subscriptions: the first gives a channel to LISTEN on and a cursor, the second what has happened behind a cursor.
CREATE FUNCTION graphql.subscribe(query text DEFAULT NULL, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                                  "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL)
RETURNS json LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'subscribe_wrapper';
ALTER FUNCTION graphql.subscribe(text, jsonb, text, text, jsonb) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.subscribe(text, jsonb, text, text, jsonb) IS
  'Opens a GraphQL subscription: gives a channel to listen on and a cursor for graphql.next';

CREATE FUNCTION graphql.next(query text DEFAULT NULL, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                             "operationName" text DEFAULT NULL, cursor text DEFAULT NULL)
RETURNS json LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'next_wrapper';
ALTER FUNCTION graphql.next(text, jsonb, text, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.next(text, jsonb, text, text, text) IS
  'Gives what has happened behind the cursor of a GraphQL subscription, and the next cursor';

CREATE FUNCTION graphql.explain(query text DEFAULT NULL, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                                "operationName" text DEFAULT NULL, "analyze" boolean DEFAULT false)
RETURNS json LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'explain_wrapper';
ALTER FUNCTION graphql.explain(text, jsonb, text, text, boolean) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.explain(text, jsonb, text, text, boolean) IS
  'Shows the SQL, parameters and plan of a GraphQL request; never executes a mutation';

-- Reads no table, so it needs nobody's rights.
CREATE FUNCTION graphql.schema() RETURNS text LANGUAGE c STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'schema_wrapper';
ALTER FUNCTION graphql.schema() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION graphql.schema() IS 'The public GraphQL schema as SDL';

-- The items of a list in a compiled statement: string_agg(item, ',') that ends the statement with 54000 once the items
-- of one level (how many lists are around the list) are longer together than saas_blog.max_answer_bytes. Each list of a
-- statement has a number of its own, so that equal ones are not computed, and counted, once for all.
-- The two functions run once a row and once a list. They have no search_path of their own, because setting it would
-- cost more than they do; they name nothing of SQL, and nobody can call them with a state.
-- PARALLEL RESTRICTED: a worker would count for itself.
CREATE FUNCTION saas_blog.join_item(state internal, item text, level integer, list integer)
RETURNS internal LANGUAGE c VOLATILE PARALLEL RESTRICTED CALLED ON NULL INPUT
AS 'MODULE_PATHNAME', 'join_item_wrapper';
ALTER FUNCTION saas_blog.join_item(internal, text, integer, integer) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.join_item(internal, text, integer, integer) IS 'For join_items: appends an item';

CREATE FUNCTION saas_blog.joined_items(state internal)
RETURNS text LANGUAGE c IMMUTABLE PARALLEL RESTRICTED CALLED ON NULL INPUT
AS 'MODULE_PATHNAME', 'joined_items_wrapper';
ALTER FUNCTION saas_blog.joined_items(internal) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.joined_items(internal) IS 'For join_items: gives all items as one text';

CREATE AGGREGATE saas_blog.join_items(item text, level integer, list integer) (
  SFUNC = saas_blog.join_item, STYPE = internal, FINALFUNC = saas_blog.joined_items, PARALLEL = RESTRICTED);
ALTER AGGREGATE saas_blog.join_items(text, integer, integer) OWNER TO saas_blog_owner;
COMMENT ON AGGREGATE saas_blog.join_items(text, integer, integer) IS
  'Joins the items of a list by commas, while the answer to a GraphQL request has room for them';

-- Token keys.
CREATE FUNCTION saas_blog.add_jwt_key(kid text, alg text, key text, issuer text DEFAULT NULL,
                                      audience text DEFAULT NULL, operator boolean DEFAULT false)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'add_jwt_key_wrapper';
ALTER FUNCTION saas_blog.add_jwt_key(text, text, text, text, text, boolean) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.add_jwt_key(text, text, text, text, text, boolean) IS
  'Adds a key that tokens are verified with: an HMAC secret as it is, or a public key as PEM or JWK';

CREATE FUNCTION saas_blog.set_jwks(jwks jsonb, issuer text DEFAULT NULL, audience text DEFAULT NULL)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'set_jwks_wrapper';
ALTER FUNCTION saas_blog.set_jwks(jsonb, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.set_jwks(jsonb, text, text) IS 'Replaces all keys of an issuer by those of a JWK set';

CREATE FUNCTION saas_blog.sign_jwt(claims jsonb, kid text)
RETURNS text LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'sign_jwt_wrapper';
ALTER FUNCTION saas_blog.sign_jwt(jsonb, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.sign_jwt(jsonb, text) IS
  'Signs a token with an HMAC key, for demos and tests; for the owner of the database only';

CREATE FUNCTION saas_blog.revoke_jwt_key(kid text)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE saas_blog.tb_jwt_key AS k SET revoked_at = coalesce(k.revoked_at, now()) WHERE k.kid = revoke_jwt_key.kid;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no key with this kid' USING ERRCODE = 'no_data_found';
  END IF;
END $$;
ALTER FUNCTION saas_blog.revoke_jwt_key(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.revoke_jwt_key(text) IS 'Refuses tokens of this key from now on, for good';

-- Identifiers that an INSERT leaves out.
CREATE FUNCTION saas_blog.user_identifier_taken(tenant bigint, candidate text)
RETURNS boolean LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM saas_blog.tb_user AS u WHERE u.fk_tenant = tenant AND u.identifier = candidate);
END $$;
ALTER FUNCTION saas_blog.user_identifier_taken(bigint, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.user_identifier_taken(bigint, text) IS
  'For an operator, who sees no users: whether the tenant that it has entered has this identifier';

-- Post: slug of the title; user: slug of the e-mail's local part; nothing left of it, and comment: the id; then the
-- first of x, x-2, x-3 … that it finds free. It doubles the number until a free one is found and halves the gap, so that the
-- 100 000th post of one title costs some thirty probes of the unique index and not 100 000.
-- Transactions that want the same slug wait for each other at the lock of x; that of the number they take keeps out
-- those whose slug is x-2 itself. A request has a lock for each identifier: with fewer of them, requests that make several
-- posts each would wait for each other, and end in deadlocks, whatever the tenants and the titles. A bulk load, which has no
-- context, has 1024 locks for all identifiers, so that it cannot fill the server's table of locks; each request shares
-- those of its identifiers. It makes others wait, so a bulk load had better name its identifiers.
-- An identifier that a mutation names waits for the same lock: a slug that is made at that moment takes the next number
-- instead of colliding with it.
-- No title or e-mail is longer than 254 characters: one that is gets a slug that keeps the rule of identifiers, and is refused
-- for its own length.
-- The caller's rights: whoever inserts probes what it may see; a superuser without a context sees all.
CREATE FUNCTION saas_blog.default_identifier()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  source text;
  slug text;
  candidate text COLLATE "C";
  wanted text;           -- the candidate as the name of a lock
  taken boolean;
  number bigint := 1;   -- being probed
  below bigint := 0;    -- the last one known to be taken
  above bigint;         -- the first one known to be free
  locked bigint := 1;   -- to be locked before it is probed, and taken if it is free then
BEGIN
  IF TG_TABLE_NAME = 'tb_post' THEN
    source := NEW.title;
  ELSIF TG_TABLE_NAME = 'tb_user' THEN
    source := split_part(NEW.email, '@', 1);
  ELSE
    NEW.identifier := NEW.id::text;
    RETURN NEW;
  END IF;
  slug := coalesce(NEW.identifier,
                   trim(BOTH '-' FROM lower(regexp_replace(left(source, 254), '[^a-zA-Z0-9]+', '-', 'g') COLLATE "C")));
  IF slug = '' THEN
    slug := NEW.id::text;
  END IF;

  LOOP
    candidate := CASE number WHEN 1 THEN slug ELSE slug || '-' || number END;
    IF number = locked THEN
      wanted := NEW.fk_tenant || ' ' || candidate;
      IF saas_blog.tenant_pk() IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('saas_blog.identifier'), hashtext(wanted) & 1023);
      ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtext('saas_blog.identifier'), hashtext(wanted) & 1023),
                pg_advisory_xact_lock(hashtextextended('saas_blog.identifier ' || wanted, 0));
      END IF;
    END IF;
    IF NEW.identifier IS NOT NULL THEN
      RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'tb_post' THEN
      taken := EXISTS (SELECT FROM saas_blog.tb_post AS p
                       WHERE p.fk_tenant = NEW.fk_tenant AND p.identifier = candidate);
    ELSE
      taken := EXISTS (SELECT FROM saas_blog.tb_user AS u
                       WHERE u.fk_tenant = NEW.fk_tenant AND u.identifier = candidate)
               OR (saas_blog.app_role() = 'operator'
                   AND saas_blog.user_identifier_taken(NEW.fk_tenant, candidate));
    END IF;
    IF taken THEN
      below := number;
      above := nullif(above, number);
    ELSE
      above := number;
    END IF;
    EXIT WHEN above = locked;
    IF above = below + 1 THEN
      locked := above;
      number := above;
    ELSE
      number := coalesce((below + above) / 2, number * 2);
    END IF;
  END LOOP;
  NEW.identifier := candidate;
  RETURN NEW;
END $$;
ALTER FUNCTION saas_blog.default_identifier() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.default_identifier() IS 'Fills an identifier that an INSERT left out';

CREATE TRIGGER default_identifier BEFORE INSERT ON saas_blog.tb_user FOR EACH ROW
  WHEN (NEW.identifier IS NULL OR saas_blog.tenant_pk() IS NOT NULL) EXECUTE FUNCTION saas_blog.default_identifier();
CREATE TRIGGER default_identifier BEFORE INSERT ON saas_blog.tb_post FOR EACH ROW
  WHEN (NEW.identifier IS NULL OR saas_blog.tenant_pk() IS NOT NULL) EXECUTE FUNCTION saas_blog.default_identifier();
CREATE TRIGGER default_identifier BEFORE INSERT ON saas_blog.tb_comment FOR EACH ROW
  WHEN (NEW.identifier IS NULL) EXECUTE FUNCTION saas_blog.default_identifier();
