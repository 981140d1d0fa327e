SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"id":"', t1."id",
  '"}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"__schema":', $3,
',"type":', $4,
',"__typename":"Query"}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 what the schema says of __schema: text "{\"queryType\":{\"name\":\"Query\"}}"
-- $4 what the schema says of type(name: literal 0): text "{\"kind\":\"OBJECT\"}"
-- expected bytes: 100
