-- views.sql: the guide's read side, v_tenant, v_user, v_post and v_comment: its columns id, identifier, data and fk_*,
-- and the plain columns beside them. After the policies: security_invoker makes a view obey those of whoever reads it,
-- security_barrier keeps a reader's own functions behind them. Soft delete is a filter here.
--
-- data has the guide's keys. The guide gives the author's e-mail to every reader; here an e-mail is null unless the
-- reader is that user, an editor or an admin.

CREATE VIEW saas_blog.v_tenant WITH (security_invoker = true, security_barrier = true) AS
SELECT t.pk_tenant, t.id, t.identifier, t.name, t.created_at, t.subscription_tier,
       jsonb_build_object('id', t.id::text, 'identifier', t.identifier, 'name', t.name, 'created_at', t.created_at,
                          'subscription_tier', t.subscription_tier) AS data
FROM saas_blog.tb_tenant AS t;
ALTER VIEW saas_blog.v_tenant OWNER TO saas_blog_owner;
COMMENT ON VIEW saas_blog.v_tenant IS 'Tenants that the reader may see';

CREATE VIEW saas_blog.v_user WITH (security_invoker = true, security_barrier = true) AS
SELECT u.pk_user, u.id, u.identifier, u.fk_tenant, shown.email, u.name, u.role, u.created_at,
       jsonb_build_object('id', u.id::text, 'identifier', u.identifier, 'email', shown.email, 'name', u.name,
                          'role', u.role, 'created_at', u.created_at) AS data
FROM saas_blog.tb_user AS u
CROSS JOIN LATERAL (SELECT CASE WHEN u.id = saas_blog.user_id() OR saas_blog.app_role() IN ('admin', 'editor')
                                THEN u.email END AS email) AS shown;
ALTER VIEW saas_blog.v_user OWNER TO saas_blog_owner;
COMMENT ON VIEW saas_blog.v_user IS 'Users of the reader''s tenant; email is null unless the reader may know it';

CREATE VIEW saas_blog.v_post WITH (security_invoker = true, security_barrier = true) AS
SELECT p.pk_post, p.id, p.identifier, p.fk_tenant, p.fk_user, p.title, p.content, p.published, p.deleted_at,
       p.created_at, p.updated_at,
       jsonb_build_object('id', p.id::text, 'identifier', p.identifier, 'title', p.title, 'content', p.content,
                          'published', p.published, 'deleted_at', p.deleted_at, 'created_at', p.created_at,
                          'updated_at', p.updated_at,
                          'author', jsonb_build_object('id', u.id::text, 'name', u.name, 'email', shown.email)) AS data
FROM saas_blog.tb_post AS p
JOIN saas_blog.tb_user AS u ON u.fk_tenant = p.fk_tenant AND u.pk_user = p.fk_user
CROSS JOIN LATERAL (SELECT CASE WHEN u.id = saas_blog.user_id() OR saas_blog.app_role() IN ('admin', 'editor')
                                THEN u.email END AS email) AS shown
WHERE p.deleted_at IS NULL;
ALTER VIEW saas_blog.v_post OWNER TO saas_blog_owner;
COMMENT ON VIEW saas_blog.v_post IS 'Live posts that the reader may see, with their authors';

CREATE VIEW saas_blog.v_comment WITH (security_invoker = true, security_barrier = true) AS
SELECT c.pk_comment, c.id, c.identifier, c.fk_tenant, c.fk_post, c.fk_user, c.content, c.deleted_at, c.created_at,
       jsonb_build_object('id', c.id::text, 'content', c.content, 'created_at', c.created_at,
                          'author', jsonb_build_object('id', u.id::text, 'name', u.name)) AS data
FROM saas_blog.tb_comment AS c
JOIN saas_blog.tb_post AS p ON p.fk_tenant = c.fk_tenant AND p.pk_post = c.fk_post AND p.deleted_at IS NULL
JOIN saas_blog.tb_user AS u ON u.fk_tenant = c.fk_tenant AND u.pk_user = c.fk_user
WHERE c.deleted_at IS NULL;
ALTER VIEW saas_blog.v_comment OWNER TO saas_blog_owner;
COMMENT ON VIEW saas_blog.v_comment IS 'Live comments on live posts that the reader may see, with their authors';
