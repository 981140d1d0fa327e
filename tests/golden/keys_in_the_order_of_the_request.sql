SELECT concat('{"data":{"posts":',
(SELECT concat('{"totalCount":',
  (SELECT count(*)
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL),
  ',"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
  ',"id":"', p1."id",
  '"}'), 0, 1),
  ']}')
  FROM
  (SELECT t1."title", t1."id"
    FROM saas_blog."tb_post" t1
    WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL
    ORDER BY t1."created_at" DESC, t1."id" DESC
    LIMIT $2) p1),
',"me":', coalesce((SELECT concat('{"role":', to_json(t3."role"),
  ',"name":', to_json(t3."name"),
  ',"id":"', t3."id",
  '"}')
  FROM saas_blog."tb_user" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_user" = $3), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- $3 the caller's key: bigint 22
-- expected bytes: 250 + [default page size] × (100)
