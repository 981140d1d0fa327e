SELECT saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3)::saas_blog."tb_post";

-- $1 createPost(title: literal 0): text "Getting Started with FraiseQL"
-- $2 createPost(content: literal 1): text "..."
-- $3 createPost(published: default Boolean(false)): boolean false

SELECT concat('{"id":"', t0."id",
'","title":', to_json(t0."title"),
',"author":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  ',"email":', CASE WHEN t1."pk_user" = $1 THEN coalesce(to_json(t1."email")::text, 'null') ELSE 'null' END,
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $2 AND t1."pk_user" = t0."fk_user"), chr(26) || '0'),
',"comments":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p2."id",
  '"}'), 0, 1),
  ']}')
  FROM
  (SELECT t2."id"
    FROM saas_blog."tb_comment" t2
    WHERE t2."fk_tenant" = $2 AND t2."fk_post" = t0."pk_post" AND t2."deleted_at" IS NULL
    ORDER BY t2."created_at", t2."id"
    LIMIT $3) p2),
',"commentCount":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t3
  WHERE t3."fk_tenant" = $2 AND t3."fk_post" = t0."pk_post" AND t3."deleted_at" IS NULL),
'}')
FROM
(SELECT ($4).*) t0;

-- $1 the caller's key: bigint 22
-- $2 the tenant's key: bigint 11
-- $3 default page size: bigint 20
-- $4 the row of tb_post that was written: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 400 + [default page size] × (50)
