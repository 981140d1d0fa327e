SELECT concat('{"data":{"comments":{"nodes":[', saas_blog.join_items(concat('{"content":', to_json(p1."content"),
'}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t3
  WHERE t3."fk_tenant" = $2 AND t3."fk_post" =
  (SELECT t4."pk_post"
    FROM saas_blog."tb_post" t4
    WHERE t4."fk_tenant" = $2 AND t4."id" = $3 AND t4."deleted_at" IS NULL) AND t3."deleted_at" IS NULL),
',"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"hasPreviousPage":', CASE WHEN EXISTS
(SELECT
  FROM saas_blog."tb_comment" t5
  WHERE t5."fk_tenant" = $2 AND t5."fk_post" =
  (SELECT t6."pk_post"
    FROM saas_blog."tb_post" t6
    WHERE t6."fk_tenant" = $2 AND t6."id" = $3 AND t6."deleted_at" IS NULL) AND t5."deleted_at" IS NULL AND (t5."created_at", t5."id") <= ($4, $5)) THEN 'true' ELSE 'false' END,
'}}}}')
FROM
(SELECT t1."content", row_number() OVER (ORDER BY t1."created_at", t1."id") AS n
  FROM saas_blog."tb_comment" t1
  WHERE t1."fk_tenant" = $2 AND t1."fk_post" =
  (SELECT t2."pk_post"
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $2 AND t2."id" = $3 AND t2."deleted_at" IS NULL) AND t1."deleted_at" IS NULL AND (t1."created_at", t1."id") > ($4, $5)
  ORDER BY t1."created_at", t1."id"
  LIMIT $1 + 1) p1;

-- $1 comments(first: literal 1): bigint 2
-- $2 the tenant's key: bigint 11
-- $3 comments(postId: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $4 time of comments(after: literal 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $5 id of comments(after: literal 2): uuid 33333333-3333-3333-3333-333333333333
-- check: comments(after: literal 2) is a cursor of list 792f45
-- expected bytes: 50 + [comments(first: literal 1)] × (4000)
