SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  ',"id":"', t1."id",
  '"}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"tenant":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
  '}')
  FROM saas_blog."tb_tenant" t2
  WHERE t2."pk_tenant" = $1), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- expected bytes: 250
