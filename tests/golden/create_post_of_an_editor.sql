SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3) t0;

-- $1 createPost(title: literal 0): text "Getting Started with FraiseQL"
-- $2 createPost(content: literal 1): text "..."
-- $3 createPost(published: default Boolean(false)): boolean false

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","title":', to_json(t1."title"),
  ',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
    ',"email":', CASE WHEN t2."pk_user" = $1 THEN coalesce(to_json(t2."email")::text, 'null') ELSE 'null' END,
    '}')
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $2 AND t2."pk_user" = t1."fk_user"), chr(26) || '1'),
  ',"comments":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p3."id",
    '"}'), 0, 1),
    ']}')
    FROM
    (SELECT t3."id"
      FROM saas_blog."tb_comment" t3
      WHERE t3."fk_tenant" = $2 AND t3."fk_post" = t1."pk_post" AND t3."deleted_at" IS NULL
      ORDER BY t3."created_at", t3."id"
      LIMIT $3) p3),
  ',"commentCount":',
  (SELECT count(*)
    FROM saas_blog."tb_comment" t4
    WHERE t4."fk_tenant" = $2 AND t4."fk_post" = t1."pk_post" AND t4."deleted_at" IS NULL),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $2 AND t1."pk_post" = $4), chr(26) || '0'));

-- $1 the caller's key: bigint 22
-- $2 the tenant's key: bigint 11
-- $3 default page size: bigint 20
-- $4 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.createPost. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 400 + [default page size] × (50)
