SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"id":"', t1."id",
  '","name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
'}}');

-- $1 the tenant's key: bigint null
-- $2 the caller's key: bigint null
-- expected bytes: 150
