SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"commentCount":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t2
  WHERE t2."fk_tenant" = $1 AND t2."fk_post" = p1."pk_post" AND t2."deleted_at" IS NULL),
'}'), 0, 1),
']}}}')
FROM
(SELECT t1."pk_post"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL AND t1."published"
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (50)
