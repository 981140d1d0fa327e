-- doctor.sql: doctor(), the invariants of the security model as queries over the catalogs. After all that it looks at.
--
-- A check is one row: its name, the offenders (NULL: none) and what to do about them. The checks stand in one function
-- a topic; a later file's invariants go into one of these or into a function of its own that doctor() lists.
-- Everything it reads is readable for all, so it runs with the caller's rights; EXECUTE is saas_blog_admin's.

CREATE FUNCTION saas_blog.doctor_roles() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH RECURSIVE
own (name, internal) AS (VALUES ('saas_blog_owner', true), ('saas_blog_exec', true), ('saas_blog_audit', true),
                                ('saas_blog_api', false), ('saas_blog_admin', false)),
-- Who can become whom, through any number of memberships.
reaches (member, role) AS (
  SELECT m.member, m.roleid FROM pg_auth_members AS m
  UNION
  SELECT r.member, m.roleid FROM reaches AS r JOIN pg_auth_members AS m ON m.member = r.role),
proxies AS (
  SELECT p.* FROM reaches AS r JOIN pg_roles AS p ON p.oid = r.member JOIN pg_roles AS api ON api.oid = r.role
  WHERE api.rolname = 'saas_blog_api')
SELECT 'roles_exist',
       (SELECT string_agg(own.name, ', ') FROM own
        WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = own.name)),
       'create the role again, NOLOGIN NOINHERIT, and grant it what grants.sql grants'
UNION ALL
SELECT 'roles_have_no_power',
       (SELECT string_agg(r.rolname, ', ') FROM own JOIN pg_roles AS r ON r.rolname = own.name
        WHERE r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolinherit OR r.rolreplication
           OR r.rolbypassrls),
       'ALTER ROLE … NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS'
UNION ALL
SELECT 'internal_roles_have_no_members',
       (SELECT string_agg(format('%s in %s', member.rolname, granted.rolname), ', ')
        FROM own JOIN pg_roles AS granted ON granted.rolname = own.name
        JOIN pg_auth_members AS m ON m.roleid = granted.oid JOIN pg_roles AS member ON member.oid = m.member
        WHERE own.internal AND NOT member.rolsuper AND member.rolname NOT IN (SELECT o.name FROM own AS o)),
       'REVOKE the membership: these roles are entered by the extension only'
UNION ALL
SELECT 'roles_are_no_members',
       (SELECT string_agg(format('%s in %s', member.rolname, granted.rolname), ', ')
        FROM own JOIN pg_roles AS member ON member.rolname = own.name
        JOIN pg_auth_members AS m ON m.member = member.oid JOIN pg_roles AS granted ON granted.oid = m.roleid),
       'REVOKE the membership: the roles of the extension have their own grants and nobody else''s'
UNION ALL
SELECT 'proxies_have_no_power',
       (SELECT string_agg(DISTINCT p.rolname, ', ') FROM proxies AS p
        WHERE p.rolsuper OR p.rolbypassrls OR p.rolcreaterole OR p.rolreplication
           OR EXISTS (SELECT FROM reaches AS r JOIN pg_roles AS granted ON granted.oid = r.role
                      WHERE r.member = p.oid
                        AND (granted.rolsuper OR granted.rolbypassrls OR granted.rolname IN (
                             'saas_blog_admin', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
                             'pg_write_server_files', 'pg_execute_server_program')))),
       'give the proxy a login role of its own: NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION, member of '
       'saas_blog_api and of no role that reads more'
UNION ALL
SELECT 'settings_are_not_forged',
       (SELECT string_agg(found.at || ': ' || found.setting, ', ')
        FROM (SELECT coalesce('role ' || r.rolname, 'database') AS at, s.setting
              FROM pg_db_role_setting AS d CROSS JOIN unnest(d.setconfig) AS s (setting)
              LEFT JOIN pg_roles AS r ON r.oid = d.setrole
              WHERE d.setdatabase IN (0, (SELECT db.oid FROM pg_database AS db WHERE db.datname = current_database()))
              UNION ALL
              SELECT 'function ' || f.oid::regprocedure, s.setting
              FROM pg_proc AS f CROSS JOIN unnest(f.proconfig) AS s (setting)) AS found
        WHERE found.setting ~* '^app\.' OR found.setting ~* '^row_security=(?!(on|true|yes|1)$)'
           OR found.setting ~* '^session_replication_role=(?!origin$)'),
       'ALTER ROLE, DATABASE or FUNCTION … RESET: the context comes from a verified token, walls and triggers stay on'
UNION ALL
SELECT 'parameters_are_not_granted',
       (SELECT string_agg(format('%s of %s to %s', a.privilege_type, p.parname, coalesce(r.rolname, 'PUBLIC')), ', ')
        FROM pg_parameter_acl AS p CROSS JOIN aclexplode(p.paracl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE p.parname ~ '^(app\.|saas_blog\.|session_replication_role$)' AND r.rolsuper IS NOT TRUE),
       'REVOKE … ON PARAMETER: who sets the context, a limit or the triggers'' mode is a superuser or the extension'
$$;

CREATE FUNCTION saas_blog.doctor_walls() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
tables AS (SELECT c.* FROM pg_class AS c
           WHERE c.relnamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace) AND c.relkind IN ('r', 'p')),
policies AS (SELECT p.*, t.relname, pg_get_expr(p.polqual, p.polrelid) AS using_text,
                    pg_get_expr(p.polwithcheck, p.polrelid) AS check_text
             FROM pg_policy AS p JOIN tables AS t ON t.oid = p.polrelid),
walls (relname, condition) AS (VALUES
  ('tb_tenant', '((id = saas_blog.tenant_id()) OR (saas_blog.app_role() = ''operator''::text))'),
  ('tb_jwt_key', '(CURRENT_USER = ''saas_blog_owner''::name)'),
  ('tb_operator_idempotency_key', '(saas_blog.app_role() = ''operator''::text)'),
  ('tb_event_secret', '(CURRENT_USER = ''saas_blog_owner''::name)'),
  ('tb_search_config', '(CURRENT_USER = ANY (ARRAY[''saas_blog_owner''::name, ''saas_blog_exec''::name]))'))
SELECT 'tables_have_row_security',
       (SELECT string_agg(t.relname, ', ') FROM tables AS t WHERE NOT (t.relrowsecurity AND t.relforcerowsecurity)),
       'ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'
UNION ALL
SELECT 'tables_have_wall',
       (SELECT string_agg(t.relname, ', ') FROM tables AS t LEFT JOIN walls AS w ON w.relname = t.relname
        WHERE NOT EXISTS (SELECT FROM policies AS p
                          CROSS JOIN coalesce(w.condition, '(fk_tenant = saas_blog.tenant_pk())') AS wall (text)
                          WHERE p.polrelid = t.oid AND NOT p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}'
                            AND p.using_text = wall.text AND p.check_text = wall.text)),
       'CREATE POLICY wall … AS RESTRICTIVE FOR ALL TO PUBLIC with USING and WITH CHECK as in policies.sql'
$$;

CREATE FUNCTION saas_blog.doctor_keys() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
tables AS (SELECT c.oid, c.relname, a.attnum AS tenant FROM pg_class AS c
           LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'fk_tenant' AND NOT a.attisdropped
           WHERE c.relnamespace = 'saas_blog'::regnamespace AND c.relkind IN ('r', 'p')),
-- O fires unless the session is in replica mode, A always.
expected (relname, tgname, function, enabled) AS (VALUES
  ('tb_user', 'default_identifier', 'default_identifier', 'O'),
  ('tb_post', 'default_identifier', 'default_identifier', 'O'),
  ('tb_comment', 'default_identifier', 'default_identifier', 'O'),
  ('tb_tenant', 'audit', 'audit_row', 'O'), ('tb_user', 'audit', 'audit_row', 'O'),
  ('tb_post', 'audit', 'audit_row', 'O'), ('tb_comment', 'audit', 'audit_row', 'O'),
  ('tb_post', 'mark_popular_posts', 'mark_popular_posts', 'O'),
  ('tb_audit_log', 'audit_is_kept', 'audit_is_kept', 'A'), ('tb_comment', 'comment_created', 'write_event', 'O'),
  ('tb_post', 'search_new', 'index_post', 'O'), ('tb_post', 'search_changed', 'index_post', 'O'),
  ('tb_search_config', 'search_config_is_changed', 'search_config_is_changed', 'O'))
SELECT 'indexes_lead_with_tenant',
       (SELECT string_agg(i.indexrelid::regclass::text, ', ') FROM pg_index AS i JOIN tables AS t ON t.oid = i.indrelid
        WHERE i.indkey[0] <> t.tenant
          -- It has the tenant in each of its entries instead.
          AND i.indexrelid <> 'saas_blog.tb_post_search_words'::regclass),
       'make it lead with fk_tenant: else a collision tells what another tenant has'
UNION ALL
SELECT 'foreign_keys_lead_with_tenant',
       (SELECT string_agg(k.conname || ' on ' || t.relname, ', ')
        FROM pg_constraint AS k JOIN tables AS t ON t.oid = k.conrelid
        WHERE k.contype = 'f' AND k.conkey[1] <> t.tenant),
       'make it lead with fk_tenant: else a row may hang on another tenant''s row'
UNION ALL
SELECT 'indexes_are_valid',
       (SELECT string_agg(i.indexrelid::regclass::text, ', ') FROM pg_index AS i JOIN tables AS t ON t.oid = i.indrelid
        WHERE NOT (i.indisvalid AND i.indisready)),
       'REINDEX INDEX …'
UNION ALL
SELECT 'constraints_are_validated',
       (SELECT string_agg(k.conname || ' on ' || t.relname, ', ')
        FROM pg_constraint AS k JOIN tables AS t ON t.oid = k.conrelid
        WHERE NOT k.convalidated),
       'ALTER TABLE … VALIDATE CONSTRAINT …'
UNION ALL
SELECT 'triggers_are_enabled',
       (SELECT string_agg(found.tgname || ' on ' || found.relname, ', ')
        FROM (SELECT g.tgname, t.relname FROM pg_trigger AS g JOIN tables AS t ON t.oid = g.tgrelid
              LEFT JOIN expected AS e ON (e.relname, e.tgname) = (t.relname, g.tgname)
              WHERE g.tgenabled <> coalesce(e.enabled, 'O')
              UNION ALL
              SELECT e.tgname, e.relname FROM expected AS e
              WHERE NOT EXISTS (SELECT FROM pg_trigger AS g JOIN tables AS t ON t.oid = g.tgrelid
                                JOIN pg_proc AS f ON f.oid = g.tgfoid
                                WHERE (t.relname, g.tgname, f.proname) = (e.relname, e.tgname, e.function))) AS found),
       'ALTER TABLE … ENABLE TRIGGER ALL, as foreign keys are triggers too; ENABLE ALWAYS TRIGGER audit_is_kept; '
       'create the one that is missing'
$$;

CREATE FUNCTION saas_blog.doctor_functions() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
functions AS (SELECT f.*, f.oid::regprocedure::text AS signature, l.lanname, r.rolname AS owner,
                     r.rolsuper AS of_superuser
              FROM pg_proc AS f JOIN pg_language AS l ON l.oid = f.prolang JOIN pg_roles AS r ON r.oid = f.proowner
              WHERE f.pronamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace)),
context (signature) AS (VALUES ('saas_blog.tenant_pk()'), ('saas_blog.tenant_id()'), ('saas_blog.user_pk()'),
                               ('saas_blog.user_id()'), ('saas_blog.app_role()')),
entries (signature, grantee) AS (VALUES
  ('graphql.resolve(text,jsonb,text,text,jsonb)', 'saas_blog_api'),
  ('graphql.execute(text,jsonb,text,text,jsonb)', 'saas_blog_api'),
  ('graphql.subscribe(text,jsonb,text,text,jsonb)', 'saas_blog_api'),
  ('graphql.next(text,jsonb,text,text,text)', 'saas_blog_api'),
  ('graphql.explain(text,jsonb,text,text,boolean)', 'saas_blog_admin'),
  ('saas_blog.add_jwt_key(text,text,text,text,text,boolean)', 'saas_blog_admin'),
  ('saas_blog.maintain()', 'saas_blog_admin'), ('saas_blog.reindex_search(text)', 'saas_blog_admin'),
  ('saas_blog.set_jwks(jsonb,text,text)', 'saas_blog_admin'),
  ('saas_blog.revoke_jwt_key(text)', 'saas_blog_admin'),
  ('saas_blog.sign_jwt(jsonb,text)', 'pg_database_owner'))
SELECT 'context_functions_are_stable',
       (SELECT string_agg(c.signature, ', ') FROM context AS c
        WHERE NOT EXISTS (SELECT FROM functions AS f
                          WHERE f.signature = c.signature AND f.lanname = 'c' AND f.provolatile = 's'
                            AND f.proparallel = 's' AND NOT f.prosecdef AND f.proconfig IS NULL
                            AND EXISTS (SELECT FROM functions AS e
                                        WHERE e.signature = 'graphql.schema()' AND e.probin = f.probin))),
       'they are C functions of this library, STABLE PARALLEL SAFE: IMMUTABLE ones leak through cached plans'
UNION ALL
SELECT 'definers_have_no_power',
       (SELECT string_agg(f.signature, ', ') FROM functions AS f
        WHERE f.prosecdef AND (f.of_superuser OR f.owner <> concat(
              'saas_blog_', CASE WHEN f.proname ~ '^audit' THEN 'audit' ELSE 'owner' END))),
       'ALTER FUNCTION … OWNER TO saas_blog_owner, of the audit log''s to saas_blog_audit'
UNION ALL
SELECT 'functions_pin_search_path',
       (SELECT string_agg(f.signature, ', ') FROM functions AS f
        WHERE f.signature NOT IN (SELECT c.signature FROM context AS c)
          -- An aggregate cannot, and what SQL cannot call is C that names nothing; so is PostgreSQL's own.
          AND f.prokind <> 'a' AND f.lanname <> 'internal' AND NOT f.proargtypes::oid[] @> ARRAY['internal'::regtype::oid]
          AND NOT coalesce(f.proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)),
       'ALTER FUNCTION … SET search_path = pg_catalog, pg_temp'
UNION ALL
SELECT 'functions_are_not_public',
       (SELECT string_agg(f.signature, ', ') FROM functions AS f
        WHERE f.signature NOT IN (SELECT c.signature FROM context AS c)
          AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
                      WHERE a.grantee = 0)),
       'REVOKE ALL ON FUNCTION … FROM PUBLIC'
UNION ALL
SELECT 'entry_points_are_intact',
       (SELECT string_agg(e.signature, ', ') FROM entries AS e
        WHERE NOT EXISTS (SELECT FROM functions AS f CROSS JOIN aclexplode(f.proacl) AS a
                          JOIN pg_roles AS r ON r.oid = a.grantee AND r.rolname = e.grantee
                          WHERE f.signature = e.signature AND f.prosecdef AND f.provolatile = 'v'
                            AND f.proparallel = 'u' AND NOT f.proisstrict)),
       'make it as functions.sql and grants.sql do: SECURITY DEFINER VOLATILE PARALLEL UNSAFE, not STRICT, granted'
UNION ALL
SELECT 'callers_have_entry_points_only',
       (SELECT string_agg(f.signature || ' to ' || r.rolname, ', ')
        FROM functions AS f CROSS JOIN aclexplode(f.proacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE r.rolname IN ('saas_blog_api', 'pg_database_owner') AND f.owner <> r.rolname
          AND f.signature <> 'graphql.schema()'
          AND (f.signature, r.rolname) NOT IN (SELECT e.signature, e.grantee FROM entries AS e)),
       'REVOKE ALL ON FUNCTION … : a proxy needs resolve, execute, subscribe, next and schema, nothing else'
$$;

CREATE FUNCTION saas_blog.doctor_privileges() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
schemas AS (SELECT n.*, a.privilege_type, coalesce(r.rolname, 'PUBLIC') AS grantee
            FROM pg_namespace AS n CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
            LEFT JOIN pg_roles AS r ON r.oid = a.grantee
            WHERE n.nspname IN ('saas_blog', 'graphql') AND a.grantee <> n.nspowner),
-- Every privilege on a relation of ours that is not its owner's: * for the relation, else the columns.
privileges AS (
  SELECT c.relname, a.privilege_type, a.is_grantable, coalesce(r.rolname, 'PUBLIC') AS grantee,
         coalesce(string_agg(a.attname, ',' ORDER BY a.attname), '*') AS columns
  FROM pg_class AS c
  CROSS JOIN LATERAL (
    SELECT NULL::name COLLATE "C" AS attname, x.* FROM aclexplode(c.relacl) AS x
    UNION ALL
    SELECT t.attname, x.* FROM pg_attribute AS t CROSS JOIN aclexplode(t.attacl) AS x WHERE t.attrelid = c.oid) AS a
  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
  WHERE c.relnamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace) AND a.grantee <> c.relowner
  GROUP BY c.relname, a.privilege_type, a.is_grantable, r.rolname, a.attname IS NULL),
expected (relname, privilege_type, columns) AS (VALUES
  ('tb_tenant', 'SELECT', '*'), ('tb_user', 'SELECT', '*'), ('tb_post', 'SELECT', '*'), ('tb_comment', 'SELECT', '*'),
  ('v_tenant', 'SELECT', '*'), ('v_user', 'SELECT', '*'), ('v_post', 'SELECT', '*'), ('v_comment', 'SELECT', '*'),
  ('tb_tenant', 'INSERT', 'identifier,name,pk_tenant,subscription_tier'), ('tb_tenant_pk_tenant_seq', 'USAGE', '*'),
  ('tb_user', 'INSERT', 'email,fk_tenant,identifier,name,role'), ('tb_user', 'UPDATE', 'name,role'),
  ('tb_post', 'INSERT', 'content,fk_tenant,fk_user,identifier,published,title'),
  ('tb_post', 'UPDATE', 'content,deleted_at,published,title,updated_at'),
  ('tb_comment', 'INSERT', 'content,fk_post,fk_tenant,fk_user'), ('tb_comment', 'UPDATE', 'deleted_at'),
  ('tb_audit_log', 'SELECT', '*'), ('tb_idempotency_key', 'SELECT', '*'),
  ('tb_idempotency_key', 'INSERT', 'answer,body,fk_tenant,fk_user,key'),
  ('tb_idempotency_key', 'UPDATE', 'answer,body,created_at'), ('tb_operator_idempotency_key', 'SELECT', '*'),
  ('tb_operator_idempotency_key', 'INSERT', 'answer,body,key,operator'),
  ('tb_operator_idempotency_key', 'UPDATE', 'answer,body,created_at'), ('tb_popular_ranking', 'SELECT', '*'),
  ('tb_popular_ranking', 'INSERT', 'counts,fk_tenant,posts,snapshot'),
  ('tb_popular_ranking', 'UPDATE', 'computed_at,counts,posts,snapshot'),
  ('tb_popular_marker', 'SELECT', '*'), ('tb_popular_marker', 'INSERT', 'fk_tenant'), ('tb_event', 'SELECT', '*'),
  ('tb_search_config', 'SELECT', '*'), ('tb_post_search', 'SELECT', '*'),
  ('tb_post_search', 'INSERT', 'config,fk_post,fk_tenant,vector'), ('tb_post_search', 'UPDATE', 'config,vector'))
SELECT 'schemas_are_closed',
       (SELECT string_agg(format('%s on %s to %s', s.privilege_type, s.nspname, s.grantee), ', ') FROM schemas AS s
        WHERE s.privilege_type = 'CREATE' OR s.grantee = 'PUBLIC'
           OR s.grantee = 'saas_blog_api' AND s.nspname = 'saas_blog'),
       'REVOKE it: only saas_blog_owner creates there, and a proxy uses the schema graphql only'
UNION ALL
SELECT 'callers_have_no_tables',
       (SELECT string_agg(format('%s on %s to %s', p.privilege_type, p.relname, p.grantee), ', ') FROM privileges AS p
        WHERE p.grantee IN ('PUBLIC', 'saas_blog_api', 'saas_blog_admin', 'pg_database_owner')
          -- It is no tenant's (statistics.sql).
          AND p.relname <> 'stat_operations'),
       'REVOKE it: callers reach rows through graphql.resolve and graphql.execute only'
UNION ALL
SELECT 'exec_has_its_columns_only',
       (SELECT string_agg(format('%s (%s) on %s', coalesce(p.privilege_type, e.privilege_type),
                                 coalesce(p.columns, e.columns), coalesce(p.relname, e.relname)), ', ')
        FROM expected AS e
        FULL JOIN (SELECT * FROM privileges WHERE grantee = 'saas_blog_exec') AS p
          ON (p.relname, p.privilege_type, p.columns, p.is_grantable) = (e.relname, e.privilege_type, e.columns, false)
        WHERE p.relname IS NULL OR e.relname IS NULL),
       'REVOKE what grants.sql does not grant to saas_blog_exec, GRANT what is missing'
$$;

CREATE FUNCTION saas_blog.doctor_installation() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
relations AS (SELECT c.* FROM pg_class AS c
              WHERE c.relnamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace)
                AND c.relkind IN ('r', 'p', 'v', 'S')),
-- A C function of the context belongs to the superuser who installed it.
objects (name, owner) AS (
  SELECT r.oid::regclass::text, r.relowner FROM relations AS r
  UNION ALL
  SELECT 'schema ' || n.nspname, n.nspowner FROM pg_namespace AS n WHERE n.nspname IN ('saas_blog', 'graphql')
  UNION ALL
  SELECT f.oid::regprocedure::text, f.proowner FROM pg_proc AS f JOIN pg_roles AS r ON r.oid = f.proowner
  WHERE f.pronamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace) AND NOT f.prosecdef
    AND NOT (r.rolsuper AND f.proname IN ('tenant_pk', 'tenant_id', 'user_pk', 'user_id', 'app_role'))),
-- What joins the items of a list and counts their bytes, and what it is made of.
lists (signature, source) AS (VALUES
  ('saas_blog.join_items(text,integer,integer)', 'saas_blog.join_item saas_blog.joined_items'),
  ('saas_blog.join_item(internal,text,integer,integer)', 'join_item_wrapper'),
  ('saas_blog.joined_items(internal)', 'joined_items_wrapper'))
SELECT 'owner_owns_all',
       (SELECT string_agg(o.name, ', ') FROM objects AS o JOIN pg_roles AS r ON r.oid = o.owner
        WHERE r.rolname <> concat(
              'saas_blog_', CASE WHEN o.name ~ '^saas_blog\.(tb_)?audit' THEN 'audit' ELSE 'owner' END)),
       'ALTER … OWNER TO saas_blog_owner, of what belongs to the audit log to saas_blog_audit'
UNION ALL
SELECT 'lists_are_bounded',
       (SELECT string_agg(l.signature, ', ') FROM lists AS l
        WHERE NOT EXISTS (SELECT FROM pg_proc AS f LEFT JOIN pg_aggregate AS a ON a.aggfnoid = f.oid
                          WHERE f.oid::regprocedure::text = l.signature AND f.proparallel = 'r' AND NOT f.proisstrict
                            AND l.source IN (f.prosrc, concat(a.aggtransfn, ' ', a.aggfinalfn)))),
       'make it as functions.sql does: else an answer is built first and measured then'
UNION ALL
SELECT 'rows_are_dumped',
       (SELECT string_agg(r.oid::regclass::text, ', ') FROM relations AS r
        -- Rankings and their markers hold transaction ids, which mean nothing in another cluster, and so do events; the
        -- words of posts are written anew when the posts are restored.
        WHERE r.relkind <> 'v' AND r.relname NOT IN ('tb_popular_ranking', 'tb_popular_marker', 'tb_post_search')
          AND r.relname !~ '^tb_event($|_)'
          AND NOT EXISTS (SELECT FROM pg_extension AS x
                          CROSS JOIN unnest(x.extconfig, x.extcondition) AS d (oid, condition)
                          WHERE d.oid = r.oid AND d.condition = '')),
       'pg_extension_config_dump() in an upgrade script: else pg_dump leaves the rows out'
UNION ALL
SELECT 'database_is_utf8',
       (SELECT pg_encoding_to_char(d.encoding) FROM pg_database AS d
        WHERE d.datname = current_database() AND pg_encoding_to_char(d.encoding) <> 'UTF8'),
       'dump and restore into CREATE DATABASE … ENCODING ''UTF8'''
$$;

CREATE FUNCTION saas_blog.doctor() RETURNS TABLE (check_name text, status text, detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT c.check_name, CASE WHEN c.offenders IS NULL THEN 'ok' ELSE 'fail' END,
       CASE WHEN c.offenders IS NULL THEN 'nothing to do' ELSE c.offenders || ' — ' || c.remedy END
FROM (SELECT * FROM saas_blog.doctor_roles()
      UNION ALL SELECT * FROM saas_blog.doctor_walls()
      UNION ALL SELECT * FROM saas_blog.doctor_policies()
      UNION ALL SELECT * FROM saas_blog.doctor_keys()
      UNION ALL SELECT * FROM saas_blog.doctor_functions()
      UNION ALL SELECT * FROM saas_blog.doctor_privileges()
      UNION ALL SELECT * FROM saas_blog.doctor_reads()
      UNION ALL SELECT * FROM saas_blog.doctor_writes()
      UNION ALL SELECT * FROM saas_blog.doctor_statistics()
      UNION ALL SELECT * FROM saas_blog.doctor_installation()) AS c
$$;
COMMENT ON FUNCTION saas_blog.doctor() IS
  'One row an invariant of the security model: status ok or fail, and in detail who offends and what to do';

ALTER FUNCTION saas_blog.doctor_roles() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor_walls() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor_keys() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor_functions() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor_privileges() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor_installation() OWNER TO saas_blog_owner;
ALTER FUNCTION saas_blog.doctor() OWNER TO saas_blog_owner;
