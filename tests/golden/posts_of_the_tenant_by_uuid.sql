SELECT concat('{"data":{"posts":{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t2
  WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL),
'}}}');

-- $1 the tenant's key: bigint 11
-- check: posts(tenantId: literal 0) names the caller's tenant
-- expected bytes: 50 + [default page size] × (0)
