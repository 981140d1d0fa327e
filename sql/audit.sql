-- audit.sql: the audit log, written by row triggers in the transaction of the change, and never changed. After the tables
-- that it watches. A new entity needs one more CREATE TRIGGER.
--
-- It belongs to saas_blog_audit: the owner of the data could disable a trigger, or empty a table of its own.
-- No foreign keys: the log outlives what it is about and keeps nothing from being removed.

CREATE TABLE saas_blog.tb_audit_log (
  pk_audit_log bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  fk_tenant bigint NOT NULL,
  fk_user bigint,
  entity_type text COLLATE "C" NOT NULL,
  entity_id uuid NOT NULL,
  action text NOT NULL,
  changes jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

  PRIMARY KEY (fk_tenant, pk_audit_log),
  UNIQUE (fk_tenant, id),
  CONSTRAINT tb_audit_log_created_at_range
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);
ALTER TABLE saas_blog.tb_audit_log OWNER TO saas_blog_audit;
COMMENT ON TABLE saas_blog.tb_audit_log IS 'Who changed what in a tenant; rows are added and never changed';
COMMENT ON COLUMN saas_blog.tb_audit_log.fk_user IS 'Who made the change; NULL: an operator';
COMMENT ON COLUMN saas_blog.tb_audit_log.entity_type IS 'The table without its tb_';
COMMENT ON COLUMN saas_blog.tb_audit_log.action IS 'create, update, delete or restore';
COMMENT ON COLUMN saas_blog.tb_audit_log.changes IS
  'Each field that changed, by its name in GraphQL: {"title": {"old": …, "new": …}}';
COMMENT ON COLUMN saas_blog.tb_audit_log.created_at IS
  'The moment of the change and not of its transaction, so that the changes of one transaction stay in order';

CREATE INDEX tb_audit_log_page ON saas_blog.tb_audit_log (fk_tenant, created_at DESC, id DESC);
COMMENT ON INDEX saas_blog.tb_audit_log_page IS 'Query.auditLogs';

CREATE INDEX tb_audit_log_entity_page ON saas_blog.tb_audit_log (fk_tenant, entity_id, created_at DESC, id DESC);
COMMENT ON INDEX saas_blog.tb_audit_log_entity_page IS 'Query.auditLogs(entityId:)';

CREATE INDEX tb_audit_log_user_page ON saas_blog.tb_audit_log (fk_tenant, fk_user, created_at DESC, id DESC);
COMMENT ON INDEX saas_blog.tb_audit_log_user_page IS 'Query.auditLogs(userId:)';

SELECT pg_extension_config_dump('saas_blog.tb_audit_log', '');
SELECT pg_extension_config_dump('saas_blog.tb_audit_log_pk_audit_log_seq', '');

ALTER TABLE saas_blog.tb_audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON saas_blog.tb_audit_log AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY audit_read ON saas_blog.tb_audit_log FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() = 'admin');
CREATE POLICY audit_insert ON saas_blog.tb_audit_log FOR INSERT TO saas_blog_audit WITH CHECK (true);

-- Writes what changed in the columns that the trigger names. A null that stays null is no change; a moment, which is in
-- a column that ends in _at, is written like a DateTime of GraphQL, whatever the session's time zone.
-- Every change pays for this, so it is few and small expressions, which PL/pgSQL evaluates by itself but prepares anew in
-- each transaction: one INSERT … SELECT with an aggregate takes longer, and so does all of it in one CASE.
CREATE FUNCTION saas_blog.audit_row()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before jsonb := to_jsonb(OLD);  -- NULL for a new row
  after jsonb := to_jsonb(NEW);
  changes jsonb;
  name text COLLATE "C";
BEGIN
  FOREACH name IN ARRAY TG_ARGV LOOP
    CONTINUE WHEN (before ->> name) IS NOT DISTINCT FROM (after ->> name);
    IF right(name, 3) = '_at' THEN
      before := before || jsonb_build_object(name,
        to_char((before ->> name)::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
      after := after || jsonb_build_object(name,
        to_char((after ->> name)::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    END IF;
    changes := coalesce(changes, '{}') || jsonb_build_object(
      left(name, 1) || substr(replace(initcap(name), '_', ''), 2),
      jsonb_build_object('old', before -> name, 'new', after -> name));
  END LOOP;
  IF changes IS NOT NULL THEN
    INSERT INTO saas_blog.tb_audit_log (fk_tenant, fk_user, entity_type, entity_id, action, changes)
    VALUES (saas_blog.tenant_pk(), saas_blog.user_pk(), substr(TG_TABLE_NAME, 4), NEW.id,
            CASE WHEN before IS NULL THEN 'create'
                 WHEN ((before ->> 'deleted_at') IS NULL) = ((after ->> 'deleted_at') IS NULL) THEN 'update'
                 WHEN (after ->> 'deleted_at') IS NULL THEN 'restore'
                 ELSE 'delete' END,
            changes);
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION saas_blog.audit_row() OWNER TO saas_blog_audit;
COMMENT ON FUNCTION saas_blog.audit_row() IS
  'Writes a row of the audit log; the arguments of the trigger are the columns to watch';

-- Without a verified context there is no tenant to write for: a restore, or an import by a superuser, leaves no trace.
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_tenant FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL)
  EXECUTE FUNCTION saas_blog.audit_row('identifier', 'name', 'subscription_tier');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_user FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL)
  EXECUTE FUNCTION saas_blog.audit_row('identifier', 'email', 'name', 'role');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_post FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL)
  EXECUTE FUNCTION saas_blog.audit_row('identifier', 'title', 'content', 'published', 'deleted_at');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_comment FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL)
  EXECUTE FUNCTION saas_blog.audit_row('content', 'deleted_at');

-- Nobody is above it: a trigger holds for a superuser, and ENABLE ALWAYS in replica mode too.
CREATE FUNCTION saas_blog.audit_is_kept()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: its rows are never changed or removed'
    USING ERRCODE = 'insufficient_privilege';
END $$;
ALTER FUNCTION saas_blog.audit_is_kept() OWNER TO saas_blog_audit;
COMMENT ON FUNCTION saas_blog.audit_is_kept() IS 'Refuses to change or remove rows of the audit log';

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON saas_blog.tb_audit_log FOR EACH STATEMENT
  EXECUTE FUNCTION saas_blog.audit_is_kept();
ALTER TABLE saas_blog.tb_audit_log ENABLE ALWAYS TRIGGER audit_is_kept;
