SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"b":', to_json(t1."name"),
  ',"c":', to_json(t1."name"),
  ',"e":', to_json(t1."name"),
  ',"f":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- expected bytes: 250
