-- context.sql: who is asking. Functions over the settings app.tenant_id, app.tenant_pk, app.user_id, app.user_pk and
-- app.role, which only graphql.* sets, after it has verified a token. After the schema, before the policies, which
-- call them.
--
-- C, so that calling one loads the library, which drops values that a user forged with SET before it was loaded.
-- STABLE: IMMUTABLE would keep one tenant's key in a cached plan. PARALLEL SAFE: workers receive the settings.
-- LEAKPROOF: they take no argument that they could leak. NULL without a verified context, and then no row is equal.
-- COST 20 where text becomes a uuid: else login reads a small tb_tenant row by row, calling one for each.
-- They belong to the superuser who installs, as C functions do. PUBLIC may call them, because a policy calls them as
-- whoever reads: such a role then sees no row instead of an error, and learns nothing but its own context.

CREATE FUNCTION saas_blog.tenant_pk() RETURNS bigint
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'tenant_pk_wrapper';
COMMENT ON FUNCTION saas_blog.tenant_pk() IS 'Internal key of the verified tenant, or NULL';

CREATE FUNCTION saas_blog.tenant_id() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF COST 20 AS 'MODULE_PATHNAME', 'tenant_id_wrapper';
COMMENT ON FUNCTION saas_blog.tenant_id() IS 'Public id of the verified tenant, or NULL';

CREATE FUNCTION saas_blog.user_pk() RETURNS bigint
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'user_pk_wrapper';
COMMENT ON FUNCTION saas_blog.user_pk() IS 'Internal key of the verified user, or NULL';

CREATE FUNCTION saas_blog.user_id() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF COST 20 AS 'MODULE_PATHNAME', 'user_id_wrapper';
COMMENT ON FUNCTION saas_blog.user_id() IS 'Public id of the verified user, or NULL';

CREATE FUNCTION saas_blog.app_role() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'app_role_wrapper';
COMMENT ON FUNCTION saas_blog.app_role() IS 'admin, editor, subscriber or operator as verified, or NULL';

-- Compiled mutations run as saas_blog_exec, which alone may call it (grants.sql).
CREATE FUNCTION saas_blog.enter_tenant(tenant_pk bigint) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'enter_tenant_wrapper';
ALTER FUNCTION saas_blog.enter_tenant(bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.enter_tenant(bigint) IS
  'For mutations of an operator: makes this tenant the one of saas_blog.tenant_pk() until the request ends';

-- What a session has read of a token's key, tenant and user it uses again until one of them changes: these triggers tell
-- all sessions at the change's COMMIT. For each row, as logical replication fires no others, and in replica mode too. A row
-- that is new is nothing that anybody remembers.
CREATE FUNCTION saas_blog.logins_change() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'logins_change_wrapper';
ALTER FUNCTION saas_blog.logins_change() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.logins_change() IS 'Ends what sessions remember of keys, tenants and users';

CREATE TRIGGER logins_change AFTER UPDATE OR DELETE ON saas_blog.tb_jwt_key FOR EACH ROW
  EXECUTE FUNCTION saas_blog.logins_change();
CREATE TRIGGER logins_change AFTER UPDATE OR DELETE ON saas_blog.tb_tenant FOR EACH ROW
  EXECUTE FUNCTION saas_blog.logins_change();
CREATE TRIGGER logins_change AFTER UPDATE OR DELETE ON saas_blog.tb_user FOR EACH ROW
  EXECUTE FUNCTION saas_blog.logins_change();
CREATE TRIGGER logins_end AFTER TRUNCATE ON saas_blog.tb_jwt_key FOR EACH STATEMENT
  EXECUTE FUNCTION saas_blog.logins_change();
CREATE TRIGGER logins_end AFTER TRUNCATE ON saas_blog.tb_tenant FOR EACH STATEMENT
  EXECUTE FUNCTION saas_blog.logins_change();
CREATE TRIGGER logins_end AFTER TRUNCATE ON saas_blog.tb_user FOR EACH STATEMENT
  EXECUTE FUNCTION saas_blog.logins_change();
ALTER TABLE saas_blog.tb_jwt_key ENABLE ALWAYS TRIGGER logins_change, ENABLE ALWAYS TRIGGER logins_end;
ALTER TABLE saas_blog.tb_tenant ENABLE ALWAYS TRIGGER logins_change, ENABLE ALWAYS TRIGGER logins_end;
ALTER TABLE saas_blog.tb_user ENABLE ALWAYS TRIGGER logins_change, ENABLE ALWAYS TRIGGER logins_end;
