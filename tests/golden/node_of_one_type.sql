SELECT concat('{"data":{"node":', coalesce((SELECT concat('{"key":"', t1."id",
  '"}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."id" = $2 AND t1."deleted_at" IS NULL), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 node(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 100
