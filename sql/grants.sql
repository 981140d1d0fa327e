-- grants.sql: who may do what. Last, because it names all the rest; in the same transaction as what it closes.
-- doctor() holds the same list and compares.

REVOKE ALL ON SCHEMA saas_blog, graphql FROM PUBLIC;
GRANT USAGE ON SCHEMA graphql TO saas_blog_api, saas_blog_admin;
GRANT USAGE ON SCHEMA saas_blog TO saas_blog_exec, saas_blog_audit, saas_blog_admin, pg_database_owner;

-- Functions: PUBLIC keeps the context functions, which policies call as whoever reads.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA saas_blog, graphql FROM PUBLIC;
GRANT EXECUTE ON FUNCTION saas_blog.tenant_pk(), saas_blog.tenant_id(), saas_blog.user_pk(), saas_blog.user_id(),
  saas_blog.app_role() TO PUBLIC;
GRANT EXECUTE ON FUNCTION graphql.resolve(text, jsonb, text, text, jsonb),
  graphql.execute(text, jsonb, text, text, jsonb), graphql.subscribe(text, jsonb, text, text, jsonb),
  graphql.next(text, jsonb, text, text, text), graphql.schema() TO saas_blog_api;
GRANT EXECUTE ON FUNCTION graphql.explain(text, jsonb, text, text, boolean),
  saas_blog.maintain(), saas_blog.add_jwt_key(text, text, text, text, text, boolean),
  saas_blog.set_jwks(jsonb, text, text), saas_blog.revoke_jwt_key(text), saas_blog.doctor(), saas_blog.doctor_roles(),
  saas_blog.doctor_walls(), saas_blog.doctor_policies(), saas_blog.doctor_keys(), saas_blog.doctor_functions(),
  saas_blog.doctor_privileges(), saas_blog.doctor_writes(), saas_blog.doctor_statistics(), saas_blog.doctor_installation(),
  saas_blog.doctor_reads(), saas_blog.reindex_search(text),
  saas_blog.read_statistics(), saas_blog.stat_reset() TO saas_blog_admin;
GRANT EXECUTE ON FUNCTION saas_blog.sign_jwt(jsonb, text) TO pg_database_owner;
GRANT EXECUTE ON FUNCTION saas_blog.user_identifier_taken(bigint, text), saas_blog.join_items(text, integer, integer)
  TO saas_blog_exec;
GRANT EXECUTE ON FUNCTION saas_blog.enter_tenant(bigint), saas_blog.trimmed(text), saas_blog.given_identifier(text),
  saas_blog.fn_create_tenant(text, text, text), saas_blog.fn_create_user(text, text, text, text, text),
  saas_blog.fn_update_user(uuid, text, text), saas_blog.fn_create_post(text, text, boolean, text, text),
  saas_blog.post_to_change(uuid, boolean), saas_blog.fn_update_post(uuid, text, text, boolean, timestamptz),
  saas_blog.fn_delete_post(uuid), saas_blog.fn_restore_post(uuid), saas_blog.fn_create_comment(uuid, text),
  saas_blog.fn_delete_comment(uuid), saas_blog.recall(text, text, bytea), saas_blog.remember(text, text, bytea, text)
  TO saas_blog_exec;
GRANT EXECUTE ON FUNCTION saas_blog.search_matches(tsvector, tsquery), saas_blog.search_config(),
  saas_blog.search_text(text), saas_blog.tenant_vector(bigint, tsvector), saas_blog.tenant_query(bigint, tsquery),
  saas_blog.search_vector(bigint, regconfig, text, text), saas_blog.search_query(regconfig, text),
  saas_blog.search_candidates(text, tsquery, boolean), saas_blog.search_excerpt(regconfig, text, tsquery),
  saas_blog.search_highlight(regconfig, text, tsquery), saas_blog.fn_search_posts(text, bigint) TO saas_blog_exec;
GRANT EXECUTE ON FUNCTION saas_blog.fill_popular_posts(), saas_blog.fn_popular_posts(bigint), saas_blog.stored_ranking(),
  saas_blog.popular_ranking(), saas_blog.ranking_lock_is_free(bigint) TO saas_blog_exec;
GRANT EXECUTE ON FUNCTION saas_blog.event_source(text, bigint), saas_blog.lease_events(text, bigint) TO saas_blog_exec;

-- Rows: saas_blog_exec alone, under the policies. It never deletes, and never rewrites a key, an author or a creation
-- date.
REVOKE ALL ON ALL TABLES IN SCHEMA saas_blog FROM PUBLIC;
GRANT SELECT ON saas_blog.tb_tenant, saas_blog.tb_user, saas_blog.tb_post, saas_blog.tb_comment,
  saas_blog.tb_audit_log, saas_blog.v_tenant, saas_blog.v_user, saas_blog.v_post, saas_blog.v_comment
  TO saas_blog_exec;

GRANT SELECT ON saas_blog.stat_operations TO saas_blog_admin;

-- createTenant draws the key first and enters the new tenant, so that its audit row passes the wall.
GRANT INSERT (pk_tenant, identifier, name, subscription_tier) ON saas_blog.tb_tenant TO saas_blog_exec;
GRANT USAGE ON SEQUENCE saas_blog.tb_tenant_pk_tenant_seq TO saas_blog_exec;

GRANT INSERT (fk_tenant, identifier, email, name, role) ON saas_blog.tb_user TO saas_blog_exec;
GRANT UPDATE (name, role) ON saas_blog.tb_user TO saas_blog_exec;

GRANT INSERT (fk_tenant, fk_user, identifier, title, content, published) ON saas_blog.tb_post TO saas_blog_exec;
GRANT UPDATE (title, content, published, deleted_at, updated_at) ON saas_blog.tb_post TO saas_blog_exec;

GRANT SELECT ON saas_blog.tb_search_config TO saas_blog_exec;
GRANT SELECT, INSERT (fk_tenant, fk_post, config, vector), UPDATE (config, vector) ON saas_blog.tb_post_search
  TO saas_blog_exec;

GRANT SELECT ON saas_blog.tb_event TO saas_blog_exec;

GRANT INSERT (fk_tenant, fk_post, fk_user, content) ON saas_blog.tb_comment TO saas_blog_exec;
GRANT UPDATE (deleted_at) ON saas_blog.tb_comment TO saas_blog_exec;

GRANT SELECT, INSERT (fk_tenant, fk_user, key, body, answer), UPDATE (body, answer, created_at)
  ON saas_blog.tb_idempotency_key TO saas_blog_exec;
GRANT SELECT, INSERT (operator, key, body, answer), UPDATE (body, answer, created_at)
  ON saas_blog.tb_operator_idempotency_key TO saas_blog_exec;

-- A marker takes the id of its own transaction.
GRANT SELECT, INSERT (fk_tenant, posts, counts, snapshot), UPDATE (posts, counts, snapshot, computed_at)
  ON saas_blog.tb_popular_ranking TO saas_blog_exec;
GRANT SELECT, INSERT (fk_tenant) ON saas_blog.tb_popular_marker TO saas_blog_exec;
