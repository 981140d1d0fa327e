-- doctor_writes.sql: the invariants of doctor() about mutations and the audit log, made as doctor.sql says. Before it,
-- because doctor() lists them.

CREATE FUNCTION saas_blog.doctor_writes() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
functions AS (SELECT f.*, f.oid::regprocedure::text AS signature FROM pg_proc AS f
              WHERE f.pronamespace IN ('saas_blog'::regnamespace, 'graphql'::regnamespace)),
-- What compiled SQL calls.
expected (signature) AS (VALUES
  ('saas_blog.join_items(text,integer,integer)'), ('saas_blog.user_identifier_taken(bigint,text)'),
  ('saas_blog.enter_tenant(bigint)'), ('saas_blog.trimmed(text)'), ('saas_blog.given_identifier(text)'),
  ('saas_blog.post_to_change(uuid,boolean)'), ('saas_blog.recall(text,text,bytea)'),
  ('saas_blog.remember(text,text,bytea,text)'), ('saas_blog.fn_create_tenant(text,text,text)'),
  ('saas_blog.fn_create_user(text,text,text,text,text)'), ('saas_blog.fn_update_user(uuid,text,text)'),
  ('saas_blog.fn_create_post(text,text,boolean,text,text)'), ('saas_blog.fn_delete_post(uuid)'),
  ('saas_blog.fn_update_post(uuid,text,text,boolean,timestamp with time zone)'), ('saas_blog.fn_restore_post(uuid)'),
  ('saas_blog.fn_create_comment(uuid,text)'), ('saas_blog.fn_delete_comment(uuid)'),
  ('saas_blog.fill_popular_posts()'), ('saas_blog.fn_popular_posts(bigint)'), ('saas_blog.stored_ranking()'),
  ('saas_blog.popular_ranking()'), ('saas_blog.ranking_lock_is_free(bigint)'), ('saas_blog.search_config()'),
  ('saas_blog.search_matches(tsvector,tsquery)'), ('saas_blog.search_text(text)'),
  ('saas_blog.tenant_vector(bigint,tsvector)'), ('saas_blog.tenant_query(bigint,tsquery)'),
  ('saas_blog.search_vector(bigint,regconfig,text,text)'), ('saas_blog.search_query(regconfig,text)'),
  ('saas_blog.search_candidates(text,tsquery,boolean)'), ('saas_blog.search_excerpt(regconfig,text,tsquery)'),
  ('saas_blog.event_source(text,bigint)'), ('saas_blog.lease_events(text,bigint)'),
  ('saas_blog.search_highlight(regconfig,text,tsquery)'), ('saas_blog.fn_search_posts(text,bigint)'))
SELECT 'mutations_are_invokers',
       (SELECT string_agg(f.signature, ', ') FROM functions AS f
        WHERE (f.proname ~ '^fn_' OR f.proname IN ('recall', 'remember', 'post_to_change', 'fill_popular_posts'))
          -- A field of Query is a function that gives a set.
          AND (f.prosecdef OR f.provolatile <> CASE WHEN f.proretset THEN 's' ELSE 'v' END
               OR NOT f.proretset AND f.proparallel <> 'u')),
       'ALTER FUNCTION … SECURITY INVOKER, VOLATILE PARALLEL UNSAFE or of Query STABLE: row-level security is for '
       'saas_blog_exec'
UNION ALL
SELECT 'exec_has_its_functions_only',
       (SELECT string_agg(coalesce(e.signature, f.signature), ', ') FROM expected AS e
        FULL JOIN (SELECT f.signature FROM functions AS f CROSS JOIN aclexplode(f.proacl) AS a
                   JOIN pg_roles AS r ON r.oid = a.grantee WHERE r.rolname = 'saas_blog_exec') AS f
          ON f.signature = e.signature
        WHERE e.signature IS NULL OR f.signature IS NULL),
       'REVOKE what grants.sql does not grant to saas_blog_exec, GRANT what is missing'
UNION ALL
SELECT 'audit_is_of_requests',
       (SELECT string_agg(t.relname, ', ') FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid
        WHERE t.relnamespace = 'saas_blog'::regnamespace AND g.tgname = 'audit' AND pg_get_triggerdef(g.oid) NOT LIKE
              '% AFTER INSERT OR UPDATE ON % FOR EACH ROW WHEN ((saas_blog.tenant_pk() IS NOT NULL)) EXECUTE %'),
       'create the trigger as audit.sql does: one that fires without a verified context breaks a restore'
UNION ALL
SELECT 'events_are_of_requests',
       (SELECT string_agg(g.tgname || ' on ' || t.relname, ', ')
        FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid JOIN pg_proc AS f ON f.oid = g.tgfoid
        WHERE f.pronamespace = 'saas_blog'::regnamespace AND f.proname = 'write_event'
          AND pg_get_triggerdef(g.oid) !~ ' AFTER .* FOR EACH ROW WHEN .*saas_blog\.tenant_pk\(\) IS NOT NULL'),
       'create the trigger as events.sql does: one that fires without a verified context breaks a restore'
UNION ALL
SELECT 'audit_is_apart',
       (SELECT string_agg(format('%s on %s to %s', a.privilege_type, c.relname, r.rolname), ', ')
        FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.relnamespace = 'saas_blog'::regnamespace AND a.grantee <> c.relowner
          AND r.rolname IN ('saas_blog_owner', 'saas_blog_audit')),
       'REVOKE it: the owner of the data has no rights on the audit log, and its owner has none on the data'
$$;
ALTER FUNCTION saas_blog.doctor_writes() OWNER TO saas_blog_owner;
