SELECT saas_blog."fn_create_comment"("post_id" => $1, "content" => $2)::saas_blog."tb_comment";

-- $1 createComment(postId: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $2 createComment(content: literal 1): text "Great post!"

SELECT concat('{"postId":"', coalesce((SELECT t1."id"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = t0."fk_post")::text, chr(26) || '0'),
'","userId":"', coalesce((SELECT t2."id"
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t0."fk_user")::text, chr(26) || '1'),
'","author":', coalesce((SELECT concat('{"email":', CASE WHEN t3."pk_user" = $2 THEN coalesce(to_json(t3."email")::text, 'null') ELSE 'null' END,
  '}')
  FROM saas_blog."tb_user" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_user" = t0."fk_user"), chr(26) || '2'),
',"post":', coalesce((SELECT concat('{"title":', to_json(t4."title"),
  ',"comments":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"content":', to_json(p5."content"),
    '}'), 0, 1),
    '],"totalCount":',
    (SELECT count(*)
      FROM saas_blog."tb_comment" t6
      WHERE t6."fk_tenant" = $1 AND t6."fk_post" = t4."pk_post" AND t6."deleted_at" IS NULL),
    '}')
    FROM
    (SELECT t5."content"
      FROM saas_blog."tb_comment" t5
      WHERE t5."fk_tenant" = $1 AND t5."fk_post" = t4."pk_post" AND t5."deleted_at" IS NULL
      ORDER BY t5."created_at", t5."id"
      LIMIT $3) p5),
  '}')
  FROM saas_blog."tb_post" t4
  WHERE t4."fk_tenant" = $1 AND t4."pk_post" = t0."fk_post"), chr(26) || '3'),
'}')
FROM
(SELECT ($4).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 createComment.post.comments(first: literal 2): bigint 3
-- $4 the row of tb_comment that was written: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Comment.postId. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.userId. Step 0 is null then.
-- gap 2: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- gap 3: Cannot return null for non-nullable field Comment.post. Step 0 is null then.
-- expected bytes: 400 + [createComment.post.comments(first: literal 2)] × (4000)
