SELECT saas_blog."fn_create_post"("tenant_id" => $1, "title" => $2, "content" => $3, "published" => $4)::saas_blog."tb_post";

-- $1 createPost(tenantId: literal 0): text "demo"
-- $2 createPost(title: literal 1): text "Hello World"
-- $3 createPost(content: literal 2): text "My first blog post with FraiseQL!"
-- $4 createPost(published: Boolean(true)): boolean true

SELECT concat('{"id":"', t0."id",
'","title":', to_json(t0."title"),
',"published":', CASE WHEN t0."published" THEN 'true' ELSE 'false' END,
',"author":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = t0."fk_user"), chr(26) || '0'),
'}')
FROM
(SELECT ($2).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the row of tb_post that was written: what the statement before has given
-- check: createPost(tenantId: literal 0) names the caller's tenant
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 300
