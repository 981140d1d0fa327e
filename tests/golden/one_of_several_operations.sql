SELECT concat('{"data":{"tenant":', coalesce((SELECT concat('{"id":"', t1."id",
  '"}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- expected bytes: 100
