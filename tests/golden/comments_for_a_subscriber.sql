SELECT concat('{"data":{"comments":{"nodes":[', saas_blog.join_items(concat('{"content":', to_json(p1."content"),
'}'), 0, 1),
'],"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t3
  WHERE t3."fk_tenant" = $1 AND t3."fk_post" =
  (SELECT t4."pk_post"
    FROM saas_blog."tb_post" t4
    WHERE t4."fk_tenant" = $1 AND t4."id" = $2 AND t4."deleted_at" IS NULL AND t4."published") AND t3."deleted_at" IS NULL),
'}}}')
FROM
(SELECT t1."content"
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
-- expected bytes: 50 + [default page size] × (4000)
