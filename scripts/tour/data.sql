-- Two tenants that must never see each other, and the login roles of the tour. Run by a superuser in an empty database.
CREATE EXTENSION saas_blog;

-- What an HTTP proxy logs in as: it may call the API and nothing else. The README says why these settings.
CREATE ROLE demo_proxy LOGIN;
GRANT saas_blog_api TO demo_proxy;
ALTER ROLE demo_proxy SET statement_timeout = '5s';
ALTER ROLE demo_proxy SET log_parameter_max_length = 0;

-- Who looks after the system: keys, doctor(), explain().
CREATE ROLE demo_operator LOGIN;
GRANT saas_blog_admin TO demo_operator;

-- A careless grant: somebody may read the table itself. The wall has to hold for them, too.
CREATE ROLE demo_reporter LOGIN;
GRANT USAGE ON SCHEMA saas_blog TO demo_reporter;
GRANT SELECT ON saas_blog.tb_post TO demo_reporter;

SELECT saas_blog.add_jwt_key('demo-key', 'HS256', md5(random()::text) || md5(random()::text));

INSERT INTO saas_blog.tb_tenant (id, identifier, name, created_at) VALUES
    ('d0000000-0000-4000-8000-000000000000', 'demo', 'Demo Blog', '2026-01-01 09:00+00'),
    ('a0000000-0000-4000-8000-000000000000', 'another', 'Another Blog', '2026-01-02 09:00+00');

-- Both tenants have an admin@example.com: an e-mail is unique within its tenant only.
INSERT INTO saas_blog.tb_user (fk_tenant, id, identifier, email, name, role)
SELECT t.pk_tenant, v.id::uuid, split_part(v.email, '@', 1), v.email, v.name, v.role
FROM (VALUES
    ('demo', 'd1000000-0000-4000-8000-000000000001', 'admin@example.com', 'Ada of Demo', 'admin'),
    ('demo', 'd1000000-0000-4000-8000-000000000002', 'editor@demo.example', 'Eve of Demo', 'editor'),
    ('demo', 'd1000000-0000-4000-8000-000000000003', 'reader@demo.example', 'Rob of Demo', 'subscriber'),
    ('another', 'a1000000-0000-4000-8000-000000000001', 'admin@example.com', 'Ann of Another', 'admin'),
    ('another', 'a1000000-0000-4000-8000-000000000002', 'editor@another.example', 'Ed of Another', 'editor'),
    ('another', 'a1000000-0000-4000-8000-000000000003', 'reader@another.example', 'Ria of Another', 'subscriber')
) v (tenant, id, email, name, role)
JOIN saas_blog.tb_tenant t ON t.identifier = v.tenant;

INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, identifier, title, content, published, created_at, updated_at)
SELECT u.fk_tenant, u.pk_user, v.id::uuid, v.identifier, v.title, v.content, v.published, v.at::timestamptz, v.at::timestamptz
FROM (VALUES
    ('Eve of Demo', 'd2000000-0000-4000-8000-000000000001', 'hello-world', 'Hello World', 'My first blog post!', true, '2026-02-01 10:00+00'),
    ('Eve of Demo', 'd2000000-0000-4000-8000-000000000002', 'walls', 'Walls and Doors', 'Why row-level security is a wall.', true, '2026-02-02 10:00+00'),
    ('Ada of Demo', 'd2000000-0000-4000-8000-000000000003', 'one-statement', 'One Statement', 'A GraphQL request is one SQL statement.', true, '2026-02-03 10:00+00'),
    ('Eve of Demo', 'd2000000-0000-4000-8000-000000000004', 'draft', 'Not Yet Ready', 'Nobody but editors reads this.', false, '2026-02-04 10:00+00'),
    ('Ed of Another', 'a2000000-0000-4000-8000-000000000001', 'hello-world', 'Hello from Another', 'The same identifier, another tenant.', true, '2026-02-01 11:00+00'),
    ('Ann of Another', 'a2000000-0000-4000-8000-000000000002', 'secrets', 'Our Own Secrets', 'Not for the people of Demo.', true, '2026-02-02 11:00+00')
) v (author, id, identifier, title, content, published, at)
JOIN saas_blog.tb_user u ON u.name = v.author;

INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, identifier, content, created_at)
SELECT p.fk_tenant, p.pk_post, u.pk_user, v.id::uuid, v.id, v.content, v.at::timestamptz
FROM (VALUES
    ('d2000000-0000-4000-8000-000000000002', 'Rob of Demo', 'd3000000-0000-4000-8000-000000000001', 'Great post!', '2026-02-02 12:00+00'),
    ('d2000000-0000-4000-8000-000000000002', 'Ada of Demo', 'd3000000-0000-4000-8000-000000000002', 'And who guards the doors?', '2026-02-02 13:00+00'),
    ('d2000000-0000-4000-8000-000000000001', 'Rob of Demo', 'd3000000-0000-4000-8000-000000000003', 'Welcome!', '2026-02-01 12:00+00'),
    ('a2000000-0000-4000-8000-000000000001', 'Ria of Another', 'a3000000-0000-4000-8000-000000000001', 'Hello to you.', '2026-02-01 14:00+00')
) v (post, author, id, content, at)
JOIN saas_blog.tb_post p ON p.id = v.post::uuid
JOIN saas_blog.tb_user u ON u.name = v.author AND u.fk_tenant = p.fk_tenant;

ANALYZE;
