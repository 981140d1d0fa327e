SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1),
']}}}')
FROM
(SELECT t1."id"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."published" = $2 AND t1."deleted_at" IS NULL AND t1."published"
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $3) p1;

-- $1 the tenant's key: bigint 11
-- $2 posts(published: Boolean(false)): boolean false
-- $3 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (50)
