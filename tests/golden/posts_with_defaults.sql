SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1),
']}}}')
FROM
(SELECT t1."id"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."published" = $2 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $3) p1;

-- $1 the tenant's key: bigint 11
-- $2 posts(published: variable 1): boolean true
-- $3 posts(first: variable 0): bigint 3
-- expected bytes: 50 + [posts(first: variable 0)] × (50)
