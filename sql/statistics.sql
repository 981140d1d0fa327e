-- statistics.sql: how often each operation was called, how long it took and how it ended. After mutations; nothing of it
-- depends on a table.
--
-- The numbers lie in shared memory (src/pg/statistics.rs): a restart begins anew, and without the library in
-- shared_preload_libraries there are none. They are of no tenant, and hold names of operations and hashes of documents
-- without their literals: nothing that a request says.

-- This database's entries, of the 1 000 that the server has room for.
CREATE FUNCTION saas_blog.read_statistics()
RETURNS TABLE (operation_name text, document_hash text, calls bigint, errors jsonb, total_ms double precision,
               max_ms double precision, answer_bytes bigint, plan_cache_hits bigint, popular_hits bigint,
               popular_misses bigint)
LANGUAGE c VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'read_statistics_wrapper';
ALTER FUNCTION saas_blog.read_statistics() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.read_statistics() IS 'The rows of stat_operations';

CREATE VIEW saas_blog.stat_operations WITH (security_invoker = true, security_barrier = true) AS SELECT s.* FROM saas_blog.read_statistics() AS s;
ALTER VIEW saas_blog.stat_operations OWNER TO saas_blog_owner;
COMMENT ON VIEW saas_blog.stat_operations IS
  'Calls of graphql.execute and graphql.resolve in this database, by operation; empty unless saas_blog is preloaded';
COMMENT ON COLUMN saas_blog.stat_operations.operation_name IS
  'As the client wrote it, 63 bytes of it; null if the operation has no name';
COMMENT ON COLUMN saas_blog.stat_operations.document_hash IS
  'Of the document without its literals; null for all calls without a valid token or without a document';
COMMENT ON COLUMN saas_blog.stat_operations.errors IS
  'Calls by the code of their errors; RAISED: those that ended in an error of SQL';
COMMENT ON COLUMN saas_blog.stat_operations.answer_bytes IS 'Bytes of all answers as JSON text';
COMMENT ON COLUMN saas_blog.stat_operations.plan_cache_hits IS 'Calls whose SQL the session had kept';
COMMENT ON COLUMN saas_blog.stat_operations.popular_hits IS
  'How often a valid ranking was there for popularPosts; not counted where nothing can be written';
COMMENT ON COLUMN saas_blog.stat_operations.popular_misses IS
  'How often there was none, and it was computed or one used that had just expired';

CREATE FUNCTION saas_blog.stat_reset() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'stat_reset_wrapper';
ALTER FUNCTION saas_blog.stat_reset() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.stat_reset() IS 'Forgets what stat_operations has counted in this database';

CREATE FUNCTION saas_blog.doctor_statistics() RETURNS TABLE (check_name text, offenders text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH
granted (name, grantee) AS (
  SELECT c.relname, coalesce(r.rolname, 'PUBLIC')
  FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
  WHERE c.oid = 'saas_blog.stat_operations'::regclass AND a.grantee <> c.relowner
  UNION ALL
  SELECT f.proname, coalesce(r.rolname, 'PUBLIC')
  FROM pg_proc AS f CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
  WHERE f.pronamespace = 'saas_blog'::regnamespace AND f.proname IN ('read_statistics', 'stat_reset')
    AND a.grantee <> f.proowner),
expected (name, grantee) AS (VALUES ('stat_operations', 'saas_blog_admin'), ('read_statistics', 'saas_blog_admin'),
                                    ('stat_reset', 'saas_blog_admin'))
SELECT 'statistics_are_for_admins',
       (SELECT string_agg(format('%s to %s', coalesce(g.name, e.name), coalesce(g.grantee, e.grantee)), ', ')
        FROM expected AS e FULL JOIN granted AS g ON (g.name, g.grantee) = (e.name, e.grantee)
        WHERE e.name IS NULL OR g.name IS NULL),
       'REVOKE what grants.sql does not grant, GRANT what is missing'
$$;
ALTER FUNCTION saas_blog.doctor_statistics() OWNER TO saas_blog_owner;
