SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1),
']}}}')
FROM
(SELECT t1."id"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."fk_user" =
  (SELECT t2."pk_user"
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $1 AND t2."id" = $2) AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $3) p1;

-- $1 the tenant's key: bigint 11
-- $2 posts(authorId: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $3 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (50)
