-- Two tenants that have everything in common but their rows. Run by a superuser in an empty database.
-- Whatever belongs to a tenant says so in its text ("of demo", "of another"); no answer has its keys by chance.
CREATE EXTENSION saas_blog;

ALTER SEQUENCE saas_blog.tb_tenant_pk_tenant_seq RESTART 771000001;
ALTER SEQUENCE saas_blog.tb_user_pk_user_seq RESTART 772000001;
ALTER SEQUENCE saas_blog.tb_post_pk_post_seq RESTART 773000001;
ALTER SEQUENCE saas_blog.tb_comment_pk_comment_seq RESTART 774000001;

SELECT saas_blog.add_jwt_key('e2e', 'HS256', 'a secret of the end-to-end tests');
SELECT saas_blog.add_jwt_key('e2e-operator', 'HS256', 'operators of the end-to-end tests', operator => true);

INSERT INTO saas_blog.tb_tenant (id, identifier, name, created_at) VALUES
  ('d0000000-0000-4000-8000-000000000000', 'demo', 'Blog of demo', '2026-01-01 09:00+00'),
  ('a0000000-0000-4000-8000-000000000000', 'another', 'Blog of another', '2026-01-01 09:00+00');

-- Identifiers and one e-mail are the same in both tenants.
INSERT INTO saas_blog.tb_user (fk_tenant, id, identifier, email, name, role, created_at)
SELECT t.pk_tenant, format('%s1000000-0000-4000-8000-%s', left(t.identifier, 1), lpad(u.n::text, 12, '0'))::uuid,
       u.name,
       CASE u.n WHEN 1 THEN 'admin@example.com' ELSE format('%s@%s.example', u.name, t.identifier) END,
       format('%s of %s', u.name, t.identifier), u.role,
       '2026-01-02 09:00+00'::timestamptz + (u.n / 2) * interval '1 hour'
FROM saas_blog.tb_tenant AS t
CROSS JOIN (VALUES (1, 'admin', 'admin'), (2, 'editor', 'editor'), (3, 'writer', 'editor'), (4, 'reader', 'subscriber'),
                   (5, 'silent', 'subscriber')) AS u (n, name, role)
ORDER BY t.pk_tenant, u.n;

-- Posts 1 to 12 are live, 13 to 15 drafts, 16 to 18 in the trash, the last of them a draft. Threes share a date.
INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, title, content, published, deleted_at, created_at, updated_at)
SELECT u.fk_tenant, u.pk_user,
       format('%s2000000-0000-4000-8000-%s', left(t.identifier, 1), lpad(n::text, 12, '0'))::uuid,
       format('Post %s of %s', n, t.identifier), format('Content %s of %s', n, t.identifier), n <= 12 OR n IN (16, 17),
       CASE WHEN n >= 16 THEN '2026-03-01 09:00+00'::timestamptz END,
       '2026-02-01 09:00+00'::timestamptz + (n * 5 % 18 / 3) * interval '1 day 00:00:00.000001',
       '2026-02-20 09:00+00'
FROM saas_blog.tb_tenant AS t
CROSS JOIN generate_series(1, 18) AS n
JOIN saas_blog.tb_user AS u
  ON u.fk_tenant = t.pk_tenant AND u.identifier = (ARRAY['editor', 'writer', 'admin'])[n % 3 + 1]
ORDER BY t.pk_tenant, n;

-- Post n has n % 4 live comments and one deleted one; pairs share a creation date.
INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, content, deleted_at, created_at)
SELECT p.fk_tenant, p.pk_post, u.pk_user,
       format('%s3000000-0000-4000-8000-%s', left(t.identifier, 1), lpad((n * 10 + 9 - k)::text, 12, '0'))::uuid,
       format('Comment %s on %s', k, p.title), CASE k WHEN 0 THEN '2026-03-02 09:00+00'::timestamptz END,
       '2026-02-25 09:00+00'::timestamptz + (k / 2) * interval '1 minute'
FROM saas_blog.tb_post AS p
JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = p.fk_tenant
CROSS JOIN LATERAL (SELECT right(p.id::text, 12)::int AS n) AS number
CROSS JOIN generate_series(0, n % 4) AS k
JOIN saas_blog.tb_user AS u
  ON u.fk_tenant = p.fk_tenant AND u.identifier = (ARRAY['reader', 'editor', 'writer', 'admin'])[(n + k) % 4 + 1]
ORDER BY p.pk_post, k;
