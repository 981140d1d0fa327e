SELECT concat('{"data":{"popularPosts":',
(SELECT concat('[', saas_blog.join_items(concat('{"id":"', p1."id",
  '","title":', to_json(p1."title"),
  ',"comments":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"content":', to_json(p2."content"),
    '}'), 1, 2),
    ']}')
    FROM
    (SELECT t2."content"
      FROM saas_blog."tb_comment" t2
      WHERE t2."fk_tenant" = $1 AND t2."fk_post" = p1."pk_post" AND t2."deleted_at" IS NULL
      ORDER BY t2."created_at", t2."id"
      LIMIT $2) p2),
  '}'), 0, 1),
  ']')
  FROM saas_blog."fn_popular_posts"("first" => $3) p1),
',"posts":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p3."id",
  '"}'), 0, 3),
  ']}')
  FROM
  (SELECT t3."id"
    FROM saas_blog."tb_post" t3
    WHERE t3."fk_tenant" = $1 AND t3."deleted_at" IS NULL
    ORDER BY t3."created_at" DESC, t3."id" DESC
    LIMIT $4) p3),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 popularPosts.comments(first: literal 0): bigint 1
-- $3 popularPosts(first: default Int(10)): bigint 10
-- $4 posts(first: literal 1): bigint 1
-- expected bytes: 100 + [popularPosts(first: default Int(10))] × (150 + [popularPosts.comments(first: literal 0)] × (4000)) + [posts(first: literal 1)] × (50)
