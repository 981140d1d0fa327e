-- 100 tenants of 1 000 posts and one of 100 000, 20 users a tenant, 5 comments a post. Run by a superuser in a database
-- that has the extension and no rows. Everything is made from its number, so two runs make the same rows.
\set ON_ERROR_STOP on

SELECT saas_blog.add_jwt_key('bench-key', 'HS256', 'a secret of the benchmark, 32 bytes or more');
CREATE ROLE bench_proxy LOGIN;
GRANT saas_blog_api TO bench_proxy;
CREATE ROLE bench_operator LOGIN;
GRANT saas_blog_admin TO bench_operator;

BEGIN;

-- Prose with what prose has: sentences, paragraphs, quotes, letters beyond ASCII. Every post takes a window of it.
CREATE TEMPORARY TABLE prose AS
SELECT string_agg(word || CASE WHEN i % 90 = 0 THEN E'.\n\n' WHEN i % 11 = 0 THEN '. ' ELSE ' ' END, '' ORDER BY i) AS body
FROM (
    SELECT i, words[1 + hashint4(i) % 16 + 16 * ((hashint4(i) % 16 < 0)::int)] AS word
    FROM generate_series(1, 1200) i,
        (SELECT ARRAY['the', 'tenant', 'of', 'a', '"row"', 'wall', 'and', 'naïve', 'query', 'answers', 'one', 'statement',
            'with', 'exactly', 'its', 'index'] AS words) w
) x;

INSERT INTO saas_blog.tb_tenant (id, identifier, name, created_at)
SELECT md5('tenant ' || t)::uuid, CASE t WHEN 101 THEN 'big' ELSE 'small-' || t END, 'Tenant ' || t, '2026-01-01 00:00+00'
FROM generate_series(1, 101) t;

INSERT INTO saas_blog.tb_user (fk_tenant, id, identifier, email, name, role, created_at)
SELECT pk_tenant, md5('user ' || pk_tenant || ' ' || u)::uuid, 'user-' || u, 'user' || u || '@example.com', 'User ' || u,
    CASE WHEN u = 1 THEN 'admin' WHEN u <= 6 THEN 'editor' ELSE 'subscriber' END, created_at + u * interval '1 minute'
FROM saas_blog.tb_tenant, generate_series(1, 20) u;

-- In the order of time, as a blog grows: the tenants' rows lie between each other. One in ten is a draft, one in a
-- hundred is deleted.
INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, identifier, title, content, published, deleted_at, created_at, updated_at)
SELECT t.pk_tenant, u.pk_user, md5('post ' || t.pk_tenant || ' ' || n)::uuid, 'post-' || n, 'Post number ' || n || ' of ' || t.name,
    substr(prose.body, 1 + n * 37 % 4000, 1000 + n * 101 % 900), n % 10 <> 0,
    CASE WHEN n % 100 = 50 THEN timestamptz '2026-06-01 00:00+00' END, at.at, at.at
FROM prose, generate_series(1, 100000) n
JOIN saas_blog.tb_tenant t ON n <= 1000 OR t.identifier = 'big'
JOIN saas_blog.tb_user u ON u.fk_tenant = t.pk_tenant AND u.identifier = 'user-' || 1 + n % 6
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-02 00:00+00' + n * interval '1 minute' + t.pk_tenant * interval '1 microsecond' AS at) at
ORDER BY n, t.pk_tenant;

INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, identifier, content, created_at)
SELECT p.fk_tenant, p.pk_post, u.pk_user, c.id, c.id::text, substr(prose.body, 1 + p.pk_post::int % 5000, 80 + k * 10),
    p.created_at + k * interval '1 hour'
FROM prose, saas_blog.tb_post p
CROSS JOIN generate_series(1, 5) k
CROSS JOIN LATERAL (SELECT md5('comment ' || p.pk_post || ' ' || k)::uuid AS id) c
JOIN saas_blog.tb_user u ON u.fk_tenant = p.fk_tenant AND u.identifier = 'user-' || 1 + (p.pk_post + k) % 20
ORDER BY p.pk_post, k;

COMMIT;

-- First to disk, then VACUUM: it marks no page as all-visible whose commits are still on their way.
CHECKPOINT;
VACUUM (ANALYZE);
CHECKPOINT;
