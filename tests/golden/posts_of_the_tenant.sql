SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'","title":', to_json(p1."title"),
'}'), 0, 1),
']}}}')
FROM
(SELECT t1."id", t1."title"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 posts(limit: literal 1): bigint 10
-- check: posts(tenantId: literal 0) names the caller's tenant
-- expected bytes: 50 + [posts(limit: literal 1)] × (100)
