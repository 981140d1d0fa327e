-- doctor_policies.sql: the invariants of doctor() about policies other than the walls, made as doctor.sql says. Before it,
-- because doctor() lists them.

CREATE FUNCTION saas_blog.doctor_policies() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
policies AS (SELECT p.*, t.relname, pg_get_expr(p.polqual, p.polrelid) AS using_text,
                    pg_get_expr(p.polwithcheck, p.polrelid) AS check_text,
                    array(SELECT coalesce(r.rolname, 'public') FROM unnest(p.polroles) AS o (oid)
                          LEFT JOIN pg_roles AS r ON r.oid = o.oid) AS roles
             FROM pg_policy AS p JOIN pg_class AS t ON t.oid = p.polrelid
             WHERE t.relnamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace)),
-- The role policies, * is FOR ALL, r SELECT, a INSERT, w UPDATE.
expected (relname, polname, polcmd) AS (VALUES
  ('tb_jwt_key', 'key_all', '*'), ('tb_tenant', 'tenant_read', 'r'), ('tb_tenant', 'tenant_insert', 'a'),
  ('tb_user', 'user_read', 'r'), ('tb_user', 'user_insert', 'a'), ('tb_user', 'user_update', 'w'),
  ('tb_user', 'user_identifier', 'r'), ('tb_post', 'post_read', 'r'), ('tb_post', 'post_insert', 'a'),
  ('tb_post', 'post_update', 'w'), ('tb_comment', 'comment_read', 'r'), ('tb_comment', 'comment_insert', 'a'),
  ('tb_comment', 'comment_update', 'w'), ('tb_audit_log', 'audit_read', 'r'), ('tb_audit_log', 'audit_insert', 'a'),
  ('tb_idempotency_key', 'idempotency_own', '*'), ('tb_operator_idempotency_key', 'idempotency_operator', '*'),
  ('tb_tenant', 'tenant_maintain', 'r'), ('tb_idempotency_key', 'idempotency_prune', '*'),
  ('tb_operator_idempotency_key', 'operator_idempotency_prune', '*'),
  ('tb_popular_ranking', 'ranking_all', '*'), ('tb_popular_ranking', 'ranking_prune', '*'),
  ('tb_popular_marker', 'marker_all', '*'), ('tb_popular_marker', 'marker_prune', '*'),
  ('tb_search_config', 'search_config_read', 'r'), ('tb_search_config', 'search_config_set', '*'),
  ('tb_post_search', 'post_search_read', 'r'), ('tb_post_search', 'post_search_insert', 'a'),
  ('tb_post_search', 'post_search_update', 'w'), ('tb_post_search', 'post_search_reindex', '*'),
  ('tb_post', 'post_reindex', 'r'), ('tb_event', 'event_read', 'r'), ('tb_event', 'event_insert', 'a'),
  ('tb_event', 'event_prune', '*'), ('tb_event_pruned', 'event_pruned_all', '*'),
  ('tb_event_lease', 'event_lease_all', '*'), ('tb_event_secret', 'event_secret_read', 'r')),
own (roles) AS (VALUES (ARRAY['saas_blog_exec', 'saas_blog_owner', 'saas_blog_audit']::name[]))
SELECT 'policies_read_no_settings',
       (SELECT string_agg(p.polname || ' on ' || p.relname, ', ') FROM policies AS p
        WHERE concat(p.using_text, p.check_text) ~ 'current_setting'),
       'call the context functions: anybody can forge a setting while the library is not loaded'
UNION ALL
SELECT 'policies_are_for_own_roles',
       (SELECT string_agg(p.polname || ' on ' || p.relname, ', ') FROM policies AS p CROSS JOIN own
        WHERE p.polpermissive AND NOT p.roles <@ own.roles),
       'ALTER POLICY … TO saas_blog_exec: nobody else has rows of the tables'
UNION ALL
SELECT 'policies_are_complete',
       (SELECT string_agg(coalesce(e.polname, p.polname) || ' on ' || coalesce(e.relname, p.relname), ', ')
        FROM expected AS e
        FULL JOIN (SELECT * FROM policies WHERE polpermissive) AS p
          ON (p.relname, p.polname, p.polcmd) = (e.relname, e.polname, e.polcmd)
        WHERE e.polname IS NULL AND p.roles <@ (SELECT own.roles FROM own) OR p.polname IS NULL),
       'drop the policy that policies.sql does not have, create the one that is missing'
$$;
ALTER FUNCTION saas_blog.doctor_policies() OWNER TO saas_blog_owner;
