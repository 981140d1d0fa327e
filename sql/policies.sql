-- policies.sql: row-level security. After the tables it guards and the context functions it calls.
--
-- Two layers. One RESTRICTIVE wall a table, for every role and command: the tenant. It is AND-ed with everything, so no
-- policy added later can open it, and FORCE makes it hold for the owner too. Below it PERMISSIVE policies for
-- saas_blog_exec: the role. A role that is unknown or not set gets nothing.
-- The walls call bare STABLE functions: `fk_tenant = saas_blog.tenant_pk()` is an index condition, a sub-select is not.
-- deleted_at is in no policy that guards its own table: soft delete could then neither be done nor undone.

ALTER TABLE saas_blog.tb_tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_user ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_post ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_comment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_jwt_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- Walls.
CREATE POLICY wall ON saas_blog.tb_tenant AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (id = saas_blog.tenant_id() OR saas_blog.app_role() = 'operator')
  WITH CHECK (id = saas_blog.tenant_id() OR saas_blog.app_role() = 'operator');
CREATE POLICY wall ON saas_blog.tb_user AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_post AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_comment AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_jwt_key AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (current_user = 'saas_blog_owner') WITH CHECK (current_user = 'saas_blog_owner');

-- Keys: no tenant; only the owner's functions.
CREATE POLICY key_all ON saas_blog.tb_jwt_key FOR ALL TO saas_blog_owner USING (true) WITH CHECK (true);

-- Tenants: one's own, which login reads before any role is known; all for an operator, who also creates them. maintain()
-- goes through them as the owner of the tables, in an operator's role.
CREATE POLICY tenant_read ON saas_blog.tb_tenant FOR SELECT TO saas_blog_exec USING (true);
CREATE POLICY tenant_maintain ON saas_blog.tb_tenant FOR SELECT TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator');
CREATE POLICY tenant_insert ON saas_blog.tb_tenant FOR INSERT TO saas_blog_exec
  WITH CHECK (saas_blog.app_role() = 'operator');

-- Users: everybody in the tenant, and login before the role is known. An operator enters a tenant to create a user, and
-- sees of its users only what that very transaction made: exec cannot set created_at, whose default is the start of the
-- transaction. It could not keep identifiers apart from those it cannot see, so the owner may look for it, in
-- user_identifier_taken().
CREATE POLICY user_read ON saas_blog.tb_user FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() IS DISTINCT FROM 'operator' OR created_at = transaction_timestamp());
CREATE POLICY user_insert ON saas_blog.tb_user FOR INSERT TO saas_blog_exec
  WITH CHECK (saas_blog.app_role() IN ('admin', 'operator'));
CREATE POLICY user_update ON saas_blog.tb_user FOR UPDATE TO saas_blog_exec
  USING (saas_blog.app_role() = 'admin') WITH CHECK (saas_blog.app_role() = 'admin');
CREATE POLICY user_identifier ON saas_blog.tb_user FOR SELECT TO saas_blog_owner USING (true);

-- Posts. CASE evaluates the role once a row; without ELSE it is NULL, which is no.
CREATE POLICY post_read ON saas_blog.tb_post FOR SELECT TO saas_blog_exec
  USING (CASE saas_blog.app_role() WHEN 'editor' THEN true WHEN 'admin' THEN true WHEN 'subscriber' THEN published END);
CREATE POLICY post_insert ON saas_blog.tb_post FOR INSERT TO saas_blog_exec
  WITH CHECK (saas_blog.app_role() IN ('admin', 'editor') AND fk_user = saas_blog.user_pk());
CREATE POLICY post_update ON saas_blog.tb_post FOR UPDATE TO saas_blog_exec
  USING (saas_blog.app_role() = 'admin' OR saas_blog.app_role() = 'editor' AND fk_user = saas_blog.user_pk())
  WITH CHECK (saas_blog.app_role() = 'admin' OR saas_blog.app_role() = 'editor' AND fk_user = saas_blog.user_pk());

-- Comments: with a post that the caller may see, which a foreign key does not prove. Editors and admins see all posts
-- of their tenant, so the role comes first and the probe is never run for them.
CREATE POLICY comment_read ON saas_blog.tb_comment FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor')
         OR EXISTS (SELECT FROM saas_blog.tb_post AS post
                    WHERE post.fk_tenant = tb_comment.fk_tenant AND post.pk_post = tb_comment.fk_post));
CREATE POLICY comment_insert ON saas_blog.tb_comment FOR INSERT TO saas_blog_exec
  WITH CHECK (fk_user = saas_blog.user_pk()
              AND EXISTS (SELECT FROM saas_blog.tb_post AS post
                          WHERE post.fk_tenant = tb_comment.fk_tenant AND post.pk_post = tb_comment.fk_post
                            AND post.deleted_at IS NULL));
CREATE POLICY comment_update ON saas_blog.tb_comment FOR UPDATE TO saas_blog_exec
  USING (saas_blog.app_role() = 'admin' OR fk_user = saas_blog.user_pk())
  WITH CHECK (saas_blog.app_role() = 'admin' OR fk_user = saas_blog.user_pk());
