-- doctor_reads.sql: the invariants of doctor() about views and search, made as doctor.sql says. Before it, because doctor()
-- lists them.

CREATE FUNCTION saas_blog.doctor_reads() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
-- Views and materialized views, in any schema, that read a table or view of ours.
readers AS (SELECT DISTINCT v.oid, v.relkind, coalesce(v.reloptions, '{}') AS options
            FROM pg_depend AS d JOIN pg_rewrite AS w ON w.oid = d.objid JOIN pg_class AS v ON v.oid = w.ev_class
            JOIN pg_class AS c ON c.oid = d.refobjid
            WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
              AND c.relnamespace = 'saas_blog'::regnamespace AND v.relkind IN ('v', 'm'))
SELECT 'views_are_invokers',
       (SELECT string_agg(r.oid::regclass::text, ', ') FROM readers AS r
        WHERE r.relkind = 'v' AND NOT r.options @> '{security_invoker=true,security_barrier=true}'),
       'ALTER VIEW … SET (security_invoker = true, security_barrier = true): else it shows what its owner sees'
UNION ALL
SELECT 'no_materialized_views',
       (SELECT string_agg(r.oid::regclass::text, ', ') FROM readers AS r WHERE r.relkind = 'm'),
       'DROP it: row-level security does not reach a materialized view'
UNION ALL
SELECT 'search_uses_its_index',
       (SELECT string_agg(f.oid::regprocedure::text, ', ')
        FROM pg_proc AS f JOIN pg_operator AS o ON o.oprcode = f.oid
        LEFT JOIN pg_amop AS a ON a.amopopr = o.oid
        LEFT JOIN pg_opclass AS c ON c.opcfamily = a.amopfamily
        LEFT JOIN pg_index AS i ON i.indclass[0] = c.oid AND i.indrelid = 'saas_blog.tb_post_search'::regclass
        WHERE f.pronamespace = 'saas_blog'::regnamespace AND f.proname = 'search_matches'
          AND NOT (f.proleakproof AND f.prosrc = 'ts_match_vq' AND i.indexrelid IS NOT NULL)),
       'make operator, class and index as search.sql does: else a search reads all posts of its tenant'
$$;
ALTER FUNCTION saas_blog.doctor_reads() OWNER TO saas_blog_owner;
