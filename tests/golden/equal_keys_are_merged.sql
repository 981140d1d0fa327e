SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"id":"', t1."id",
  '","name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"posts":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p2."id",
  '","title":', to_json(p2."title"),
  '}'), 0, 1),
  '],"totalCount":',
  (SELECT count(*)
    FROM saas_blog."tb_post" t3
    WHERE t3."fk_tenant" = $1 AND t3."deleted_at" IS NULL),
  '}')
  FROM
  (SELECT t2."id", t2."title"
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL
    ORDER BY t2."created_at" DESC, t2."id" DESC
    LIMIT $3) p2),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 posts(first: literal 0): bigint 5
-- expected bytes: 200 + [posts(first: literal 0)] × (100)
