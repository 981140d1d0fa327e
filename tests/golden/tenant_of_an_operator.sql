SELECT concat('{"data":{"tenant":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1), 'null'),
'}}');

-- $1 the tenant's key: bigint null
-- expected bytes: 100
