-- 99 tenants of 1 000 posts, `medium` with 2 000 and `big` with 200 000; 20 users a tenant, 5 comments a post, and 500 000
-- in `big`. Run by a superuser in a database that has the extension and no rows. Everything is made from its number, so
-- two runs make the same rows; only the comments of `big` are dated by the day, as popularPosts counts those of 30 days.
\set ON_ERROR_STOP on

SELECT saas_blog.add_jwt_key('bench-key', 'HS256', 'a secret of the benchmark, 32 bytes or more');
CREATE ROLE bench_proxy LOGIN;
GRANT saas_blog_api TO bench_proxy;
CREATE ROLE bench_operator LOGIN;
GRANT saas_blog_admin TO bench_operator;

BEGIN;

-- Without foreign keys and the trigger that writes a post's words: they would take longer than all the rest.
SET LOCAL session_replication_role = replica;

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
SELECT md5('tenant ' || t)::uuid, CASE t WHEN 101 THEN 'big' WHEN 100 THEN 'medium' ELSE 'small-' || t END, 'Tenant ' || t, '2026-01-01 00:00+00'
FROM generate_series(1, 101) t;

INSERT INTO saas_blog.tb_user (fk_tenant, id, identifier, email, name, role, created_at)
SELECT pk_tenant, md5('user ' || pk_tenant || ' ' || u)::uuid, 'user-' || u, 'user' || u || '@example.com', 'User ' || u,
    CASE WHEN u = 1 THEN 'admin' WHEN u <= 6 THEN 'editor' ELSE 'subscriber' END, created_at + u * interval '1 minute'
FROM saas_blog.tb_tenant, generate_series(1, 20) u;

-- In the order of time, as a blog grows: the tenants' rows lie between each other. One in ten is a draft, one in a
-- hundred is deleted. The word `zanzibar` is, up to three times, in 188 posts of `big` and in 188 of `medium`, all of
-- them published: in every 1 000th there, in every 10th here. The posts of these two are short, and the
-- same thousand texts again and again: they are there for their number.
INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, identifier, title, content, published, deleted_at, created_at, updated_at)
SELECT t.pk_tenant, u.pk_user, md5('post ' || t.pk_tenant || ' ' || n)::uuid, 'post-' || n, 'Post number ' || text.number || ' of ' || t.name,
    substr(prose.body, 1 + text.number * 37 % 4000,
           CASE WHEN t.every IS NULL THEN 1000 + text.number * 101 % 900 ELSE 300 + text.number * 101 % 300 END)
        || CASE WHEN n % t.every = 7 AND n < 188 * t.every THEN repeat(' zanzibar', 1 + n % 3) ELSE '' END,
    n % 10 <> 0, CASE WHEN n % 100 = 50 THEN timestamptz '2026-06-01 00:00+00' END, at.at, at.at
FROM prose, generate_series(1, 200000) n
JOIN (SELECT pk_tenant, name, CASE identifier WHEN 'big' THEN 200000 WHEN 'medium' THEN 2000 ELSE 1000 END AS posts,
          CASE identifier WHEN 'big' THEN 1000 WHEN 'medium' THEN 10 END AS every
      FROM saas_blog.tb_tenant) t ON n <= t.posts
JOIN saas_blog.tb_user u ON u.fk_tenant = t.pk_tenant AND u.identifier = 'user-' || 1 + n % 6
CROSS JOIN LATERAL (SELECT n % 1000 AS number) text
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-02 00:00+00' + n * interval '1 minute' + t.pk_tenant * interval '1 microsecond' AS at) at
ORDER BY n, t.pk_tenant;

ANALYZE saas_blog.tb_post;

-- As the trigger writes them, but each text once.
INSERT INTO saas_blog.tb_post_search (fk_tenant, fk_post, config, vector)
SELECT p.fk_tenant, p.pk_post, 'pg_catalog.english', text.vector
FROM saas_blog.tb_post p
JOIN (SELECT fk_tenant, title, content, saas_blog.search_vector(fk_tenant, 'english', title, content) AS vector
      FROM (SELECT DISTINCT fk_tenant, title, content FROM saas_blog.tb_post) x) text USING (fk_tenant, title, content);

-- In `big` two and three in turn, over the last 120 days: a quarter of them counts.
INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, identifier, content, created_at)
SELECT p.fk_tenant, p.pk_post, u.pk_user, c.id, c.id::text, substr(prose.body, 1 + p.pk_post::int % 5000, 80 + k * 10),
    CASE t.identifier WHEN 'big' THEN now() - (c.number + 0.5) % 120 * interval '1 day' ELSE p.created_at + k * interval '1 hour' END
FROM prose, saas_blog.tb_post p
JOIN saas_blog.tb_tenant t ON t.pk_tenant = p.fk_tenant
JOIN generate_series(1, 5) k ON t.identifier <> 'big' OR k <= 2 + substr(p.identifier, 6)::int % 2
CROSS JOIN LATERAL (SELECT md5('comment ' || p.pk_post || ' ' || k)::uuid AS id, abs(hashint8(p.pk_post * 8 + k)::bigint) AS number) c
JOIN saas_blog.tb_user u ON u.fk_tenant = p.fk_tenant AND u.identifier = 'user-' || 1 + (p.pk_post + k) % 20
ORDER BY p.pk_post, k;

COMMIT;

-- First to disk, then VACUUM: it marks no page as all-visible whose commits are still on their way.
CHECKPOINT;
VACUUM (ANALYZE);
CHECKPOINT;
