SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_create_post"("tenant_id" => $1, "title" => $2, "content" => $3, "published" => $4) t0;

-- $1 createPost(tenantId: literal 0): text "demo"
-- $2 createPost(title: literal 1): text "Hello World"
-- $3 createPost(content: literal 2): text "My first blog post with FraiseQL!"
-- $4 createPost(published: Boolean(true)): boolean true

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","title":', to_json(t1."title"),
  ',"published":', CASE WHEN t1."published" THEN 'true' ELSE 'false' END,
  ',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
    '}')
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t1."fk_user"), chr(26) || '1'),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- check: createPost(tenantId: literal 0) names the caller's tenant
-- gap 0: Cannot return null for non-nullable field Mutation.createPost. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 300
