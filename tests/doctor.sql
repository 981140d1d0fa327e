-- What doctor() must notice. A line is `check_name, … | statements`: in a transaction that is rolled back, a superuser runs
-- the statements, and then exactly those rows of saas_blog.doctor() are `fail`. Lines that begin with `--` are comments.
definers_have_no_power, owner_owns_all, policies_are_for_own_roles, roles_exist | ALTER ROLE saas_blog_audit RENAME TO nobody
roles_have_no_power | ALTER ROLE saas_blog_exec LOGIN
roles_have_no_power | ALTER ROLE saas_blog_owner BYPASSRLS
roles_have_no_power | ALTER ROLE saas_blog_exec SUPERUSER
roles_have_no_power | ALTER ROLE saas_blog_api INHERIT
internal_roles_have_no_members | CREATE ROLE intruder LOGIN; GRANT saas_blog_exec TO intruder
internal_roles_have_no_members | CREATE ROLE intruder LOGIN; GRANT saas_blog_owner TO intruder
roles_are_no_members | GRANT pg_read_all_data TO saas_blog_exec
roles_are_no_members | GRANT saas_blog_exec TO saas_blog_api
proxies_have_no_power | CREATE ROLE proxy LOGIN BYPASSRLS; GRANT saas_blog_api TO proxy
proxies_have_no_power | CREATE ROLE proxy LOGIN SUPERUSER; GRANT saas_blog_api TO proxy
proxies_have_no_power | CREATE ROLE proxy LOGIN; GRANT saas_blog_api, pg_read_all_data TO proxy
proxies_have_no_power | CREATE ROLE proxies; CREATE ROLE proxy LOGIN; GRANT saas_blog_api TO proxies; GRANT proxies, saas_blog_admin TO proxy
settings_are_not_forged | CREATE ROLE proxy LOGIN; ALTER ROLE proxy SET app.tenant_pk = '1'
settings_are_not_forged | DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET row_security = off', current_database()); END $$
settings_are_not_forged | ALTER ROLE ALL SET session_replication_role = replica
settings_are_not_forged | CREATE FUNCTION public.forge() RETURNS int LANGUAGE sql SET app.role = 'admin' AS 'SELECT 1'
parameters_are_not_granted | CREATE ROLE proxy LOGIN; GRANT SET ON PARAMETER app.tenant_pk TO proxy
parameters_are_not_granted | GRANT SET ON PARAMETER session_replication_role TO PUBLIC
tables_have_row_security | ALTER TABLE saas_blog.tb_post DISABLE ROW LEVEL SECURITY
tables_have_row_security | ALTER TABLE saas_blog.tb_jwt_key NO FORCE ROW LEVEL SECURITY
tables_have_wall | DROP POLICY wall ON saas_blog.tb_comment
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_post TO saas_blog_exec
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_post USING (true)
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_user WITH CHECK (fk_tenant = saas_blog.tenant_pk() OR fk_tenant = 1)
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_post USING (fk_tenant = (SELECT saas_blog.tenant_pk()))
tables_have_wall | DROP POLICY wall ON saas_blog.tb_user; CREATE POLICY wall ON saas_blog.tb_user AS RESTRICTIVE FOR SELECT TO PUBLIC USING (fk_tenant = saas_blog.tenant_pk())
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_jwt_key USING (true)
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_audit_log USING (true)
tables_have_wall | DROP POLICY wall ON saas_blog.tb_operator_idempotency_key
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_popular_ranking USING (true)
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_post_search USING (true)
tables_have_wall | ALTER POLICY wall ON saas_blog.tb_search_config WITH CHECK (true)
policies_read_no_settings | ALTER POLICY post_read ON saas_blog.tb_post USING (current_setting('app.role', true) = 'admin')
policies_are_for_own_roles | ALTER POLICY post_read ON saas_blog.tb_post TO PUBLIC
policies_are_for_own_roles | CREATE POLICY open ON saas_blog.tb_post FOR SELECT TO saas_blog_api USING (true)
policies_are_complete | CREATE POLICY open ON saas_blog.tb_post FOR ALL TO saas_blog_exec USING (true)
policies_are_complete | DROP POLICY comment_read ON saas_blog.tb_comment
policies_are_complete | DROP POLICY audit_insert ON saas_blog.tb_audit_log
policies_are_complete | CREATE POLICY open ON saas_blog.tb_idempotency_key FOR SELECT TO saas_blog_exec USING (true)
policies_are_complete | DROP POLICY post_search_read ON saas_blog.tb_post_search
policies_are_complete | CREATE POLICY open ON saas_blog.tb_audit_log FOR ALL TO saas_blog_audit USING (true)
policies_are_complete | DROP POLICY marker_prune ON saas_blog.tb_popular_marker
views_are_invokers | ALTER VIEW saas_blog.v_post RESET (security_invoker)
views_are_invokers | ALTER VIEW saas_blog.v_user SET (security_barrier = false)
views_are_invokers | CREATE VIEW public.leak AS SELECT * FROM saas_blog.tb_post
views_are_invokers | CREATE VIEW public.leak AS SELECT * FROM saas_blog.v_comment
no_materialized_views | CREATE MATERIALIZED VIEW public.leak AS SELECT * FROM saas_blog.tb_user
indexes_lead_with_tenant | CREATE INDEX ON saas_blog.tb_post (created_at)
indexes_lead_with_tenant | CREATE INDEX ON saas_blog.tb_post_search USING gin (vector)
indexes_lead_with_tenant | CREATE UNIQUE INDEX ON saas_blog.tb_user (lower(email))
foreign_keys_lead_with_tenant | ALTER TABLE saas_blog.tb_post ADD CONSTRAINT loose FOREIGN KEY (fk_user, fk_tenant) REFERENCES saas_blog.tb_user (pk_user, fk_tenant)
indexes_are_valid | UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'saas_blog.tb_post_page'::regclass
constraints_are_validated | ALTER TABLE saas_blog.tb_post ADD CONSTRAINT later CHECK (title <> '') NOT VALID
triggers_are_enabled | ALTER TABLE saas_blog.tb_post DISABLE TRIGGER ALL
triggers_are_enabled | DROP TRIGGER default_identifier ON saas_blog.tb_user
triggers_are_enabled | DROP TRIGGER mark_popular_posts ON saas_blog.tb_post
triggers_are_enabled | DROP TRIGGER audit ON saas_blog.tb_tenant
triggers_are_enabled | ALTER TABLE saas_blog.tb_comment DISABLE TRIGGER audit
triggers_are_enabled | ALTER TABLE saas_blog.tb_comment ENABLE ALWAYS TRIGGER audit
triggers_are_enabled | DROP TRIGGER search_changed ON saas_blog.tb_post
triggers_are_enabled | ALTER TABLE saas_blog.tb_post DISABLE TRIGGER search_new
triggers_are_enabled | ALTER TABLE saas_blog.tb_audit_log ENABLE TRIGGER ALL
triggers_are_enabled | ALTER TABLE saas_blog.tb_audit_log DISABLE TRIGGER audit_is_kept
triggers_are_enabled | DROP TRIGGER audit ON saas_blog.tb_post; CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_post FOR EACH ROW WHEN (saas_blog.tenant_pk() IS NOT NULL) EXECUTE FUNCTION suppress_redundant_updates_trigger()
context_functions_are_stable | ALTER FUNCTION saas_blog.tenant_pk() IMMUTABLE
context_functions_are_stable | ALTER FUNCTION saas_blog.app_role() PARALLEL UNSAFE
context_functions_are_stable | ALTER FUNCTION saas_blog.user_pk() VOLATILE
context_functions_are_stable | CREATE OR REPLACE FUNCTION saas_blog.tenant_pk() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT 1::bigint'
definers_have_no_power | ALTER FUNCTION graphql.resolve(text, jsonb, text, text, jsonb) OWNER TO CURRENT_USER
definers_have_no_power | ALTER FUNCTION saas_blog.audit_row() OWNER TO saas_blog_owner
functions_pin_search_path | ALTER FUNCTION graphql.execute(text, jsonb, text, text, jsonb) RESET search_path
functions_pin_search_path | ALTER FUNCTION saas_blog.revoke_jwt_key(text) SET search_path = saas_blog, pg_catalog, pg_temp
functions_are_not_public | GRANT EXECUTE ON FUNCTION saas_blog.sign_jwt(jsonb, text) TO PUBLIC
functions_are_not_public | GRANT EXECUTE ON FUNCTION saas_blog.join_items(text, integer, integer) TO PUBLIC
functions_are_not_public | GRANT EXECUTE ON FUNCTION graphql.resolve(text, jsonb, text, text, jsonb) TO PUBLIC
entry_points_are_intact | ALTER FUNCTION graphql.resolve(text, jsonb, text, text, jsonb) STRICT
entry_points_are_intact | ALTER FUNCTION graphql.execute(text, jsonb, text, text, jsonb) SECURITY INVOKER
entry_points_are_intact | ALTER FUNCTION graphql.execute(text, jsonb, text, text, jsonb) PARALLEL SAFE
entry_points_are_intact | REVOKE ALL ON FUNCTION graphql.execute(text, jsonb, text, text, jsonb) FROM saas_blog_api
callers_have_entry_points_only | GRANT EXECUTE ON FUNCTION graphql.explain(text, jsonb, text, text, boolean) TO saas_blog_api
callers_have_entry_points_only | GRANT EXECUTE ON FUNCTION saas_blog.sign_jwt(jsonb, text) TO saas_blog_api
callers_have_entry_points_only | GRANT EXECUTE ON FUNCTION saas_blog.join_items(text, integer, integer) TO saas_blog_api
schemas_are_closed | GRANT USAGE ON SCHEMA saas_blog TO saas_blog_api
schemas_are_closed | GRANT CREATE ON SCHEMA graphql TO saas_blog_admin
schemas_are_closed | GRANT USAGE ON SCHEMA saas_blog TO PUBLIC
callers_have_no_tables | GRANT SELECT ON saas_blog.tb_post TO PUBLIC
callers_have_no_tables | GRANT SELECT (email) ON saas_blog.tb_user TO saas_blog_api
callers_have_no_tables | GRANT SELECT ON saas_blog.tb_jwt_key TO saas_blog_admin
exec_has_its_columns_only | GRANT TRUNCATE ON saas_blog.tb_post TO saas_blog_exec
exec_has_its_columns_only | GRANT DELETE ON saas_blog.tb_comment TO saas_blog_exec
exec_has_its_columns_only | GRANT UPDATE (fk_tenant) ON saas_blog.tb_post TO saas_blog_exec
exec_has_its_columns_only | GRANT SELECT ON saas_blog.tb_jwt_key TO saas_blog_exec
exec_has_its_columns_only | GRANT SELECT ON saas_blog.tb_user TO saas_blog_exec WITH GRANT OPTION
exec_has_its_columns_only | REVOKE SELECT ON saas_blog.tb_post FROM saas_blog_exec
exec_has_its_columns_only | GRANT INSERT ON saas_blog.tb_audit_log TO saas_blog_exec
exec_has_its_columns_only | REVOKE UPDATE (created_at) ON saas_blog.tb_idempotency_key FROM saas_blog_exec
exec_has_its_columns_only | GRANT INSERT (xid) ON saas_blog.tb_popular_marker TO saas_blog_exec
statistics_are_for_admins | GRANT SELECT ON saas_blog.stat_operations TO saas_blog_api
statistics_are_for_admins | GRANT EXECUTE ON FUNCTION saas_blog.read_statistics() TO saas_blog_owner, saas_blog_audit
statistics_are_for_admins | REVOKE ALL ON FUNCTION saas_blog.stat_reset() FROM saas_blog_admin
callers_have_entry_points_only, statistics_are_for_admins | GRANT EXECUTE ON FUNCTION saas_blog.stat_reset() TO saas_blog_api
audit_is_apart | GRANT SELECT ON saas_blog.tb_audit_log TO saas_blog_owner
audit_is_apart | GRANT SELECT ON saas_blog.tb_user TO saas_blog_audit
audit_is_of_requests | DROP TRIGGER audit ON saas_blog.tb_post; CREATE TRIGGER audit AFTER INSERT OR UPDATE ON saas_blog.tb_post FOR EACH ROW EXECUTE FUNCTION saas_blog.audit_row('title')
audit_is_of_requests | DROP TRIGGER audit ON saas_blog.tb_user; CREATE TRIGGER audit AFTER INSERT ON saas_blog.tb_user FOR EACH ROW WHEN (saas_blog.tenant_pk() IS NOT NULL) EXECUTE FUNCTION saas_blog.audit_row('name')
events_are_of_requests | DROP TRIGGER comment_created ON saas_blog.tb_comment; CREATE TRIGGER comment_created AFTER INSERT ON saas_blog.tb_comment FOR EACH ROW EXECUTE FUNCTION saas_blog.write_event('comment_created', 'pk_comment', 'fk_post')
triggers_are_enabled | ALTER TABLE saas_blog.tb_comment DISABLE TRIGGER comment_created
tables_have_wall | DROP POLICY wall ON saas_blog.tb_event_secret; CREATE POLICY wall ON saas_blog.tb_event_secret AS RESTRICTIVE FOR ALL TO PUBLIC USING (true) WITH CHECK (true)
exec_has_its_columns_only | GRANT INSERT ON saas_blog.tb_event TO saas_blog_exec
exec_has_its_functions_only | GRANT EXECUTE ON FUNCTION saas_blog.event_channel(text, bigint) TO saas_blog_exec
entry_points_are_intact | REVOKE ALL ON FUNCTION graphql.next(text, jsonb, text, text, text) FROM saas_blog_api
mutations_are_invokers | ALTER FUNCTION saas_blog.fn_create_comment(uuid, text) SECURITY DEFINER
mutations_are_invokers | ALTER FUNCTION saas_blog.recall(text, text, bytea) STABLE
mutations_are_invokers | ALTER FUNCTION saas_blog.fn_popular_posts(bigint) VOLATILE
mutations_are_invokers | ALTER FUNCTION saas_blog.fill_popular_posts() SECURITY DEFINER
exec_has_its_functions_only | REVOKE ALL ON FUNCTION saas_blog.join_items(text, integer, integer) FROM saas_blog_exec
exec_has_its_functions_only | REVOKE ALL ON FUNCTION saas_blog.fn_delete_post(uuid) FROM saas_blog_exec
exec_has_its_functions_only | GRANT EXECUTE ON FUNCTION saas_blog.sign_jwt(jsonb, text) TO saas_blog_exec
owner_owns_all | ALTER TABLE saas_blog.tb_post OWNER TO CURRENT_USER
owner_owns_all | ALTER VIEW saas_blog.v_user OWNER TO CURRENT_USER
owner_owns_all | ALTER FUNCTION saas_blog.doctor() OWNER TO CURRENT_USER
owner_owns_all | ALTER SCHEMA graphql OWNER TO CURRENT_USER
owner_owns_all | ALTER TABLE saas_blog.tb_audit_log OWNER TO saas_blog_owner
owner_owns_all | ALTER FUNCTION saas_blog.audit_is_kept() OWNER TO saas_blog_owner
lists_are_bounded | ALTER FUNCTION saas_blog.join_item(internal, text, integer, integer) PARALLEL SAFE
lists_are_bounded | ALTER FUNCTION saas_blog.joined_items(internal) STRICT
lists_are_bounded | CREATE OR REPLACE AGGREGATE saas_blog.join_items(item text, level integer, list integer) (SFUNC = saas_blog.join_item, STYPE = internal, FINALFUNC = saas_blog.joined_items, PARALLEL = SAFE)
rows_are_dumped | CREATE SEQUENCE saas_blog.counter; ALTER SEQUENCE saas_blog.counter OWNER TO saas_blog_owner
rows_are_dumped | UPDATE pg_extension SET extconfig = extconfig[2:], extcondition = extcondition[2:] WHERE extname ~ '^saas_blog'
database_is_utf8 | UPDATE pg_database SET encoding = 0 WHERE datname = current_database()
search_uses_its_index | ALTER FUNCTION saas_blog.search_matches(tsvector, tsquery) NOT LEAKPROOF
search_uses_its_index | DROP INDEX saas_blog.tb_post_search_words; CREATE INDEX tb_post_search_words ON saas_blog.tb_post_search (fk_tenant)
