SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"tenant":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
  '}')
  FROM saas_blog."tb_tenant" t2
  WHERE t2."pk_tenant" = $1), 'null'),
',"posts":', concat('{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t4
  WHERE t4."fk_tenant" = $1 AND t4."deleted_at" IS NULL),
'}'),
',"post":', coalesce((SELECT concat('{"title":', to_json(t5."title"),
  '}')
  FROM saas_blog."tb_post" t5
  WHERE t5."fk_tenant" = $1 AND t5."id" = $3 AND t5."deleted_at" IS NULL), 'null'),
',"again":', coalesce((SELECT concat('{"id":"', t6."id",
  '"}')
  FROM saas_blog."tb_user" t6
  WHERE t6."fk_tenant" = $1 AND t6."pk_user" = $2), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 post(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 450 + [default page size] × (0)
