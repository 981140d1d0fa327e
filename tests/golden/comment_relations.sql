SELECT concat('{"data":{"comments":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'","postId":"', coalesce((SELECT t3."id"
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_post" = p1."fk_post")::text, chr(26) || '0'),
'","userId":"', coalesce((SELECT t4."id"
  FROM saas_blog."tb_user" t4
  WHERE t4."fk_tenant" = $1 AND t4."pk_user" = p1."fk_user")::text, chr(26) || '1'),
'","content":', to_json(p1."content"),
',"createdAt":"', to_char(p1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
'","author":', coalesce((SELECT concat('{"name":', to_json(t5."name"),
  '}')
  FROM saas_blog."tb_user" t5
  WHERE t5."fk_tenant" = $1 AND t5."pk_user" = p1."fk_user"), chr(26) || '2'),
',"post":', coalesce((SELECT concat('{"title":', to_json(t6."title"),
  '}')
  FROM saas_blog."tb_post" t6
  WHERE t6."fk_tenant" = $1 AND t6."pk_post" = p1."fk_post"), chr(26) || '3'),
'}'), 0, 1),
']}}}')
FROM
(SELECT t1."id", t1."fk_post", t1."fk_user", t1."content", t1."created_at"
  FROM saas_blog."tb_comment" t1
  WHERE t1."fk_tenant" = $1 AND t1."fk_post" =
  (SELECT t2."pk_post"
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."id" = $2 AND t2."deleted_at" IS NULL AND t2."published") AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at", t1."id"
  LIMIT $3) p1;

-- $1 the tenant's key: bigint 11
-- $2 comments(postId: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $3 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Comment.postId. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.userId. Step 0 is null then.
-- gap 2: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- gap 3: Cannot return null for non-nullable field Comment.post. Step 0 is null then.
-- expected bytes: 50 + [default page size] × (4400)
