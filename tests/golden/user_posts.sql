SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"posts":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p2."title"),
    '}'), 0, 1),
    '],"pageInfo":{"hasPreviousPage":', CASE WHEN EXISTS
    (SELECT
      FROM saas_blog."tb_post" t3
      WHERE t3."fk_tenant" = $1 AND t3."fk_user" = t1."pk_user" AND t3."deleted_at" IS NULL AND t3."published" AND (t3."created_at", t3."id") >= ($2, $3)) THEN 'true' ELSE 'false' END,
    '},"totalCount":',
    (SELECT count(*)
      FROM saas_blog."tb_post" t4
      WHERE t4."fk_tenant" = $1 AND t4."fk_user" = t1."pk_user" AND t4."deleted_at" IS NULL AND t4."published"),
    '}')
    FROM
    (SELECT t2."title"
      FROM saas_blog."tb_post" t2
      WHERE t2."fk_tenant" = $1 AND t2."fk_user" = t1."pk_user" AND t2."deleted_at" IS NULL AND t2."published" AND (t2."created_at", t2."id") < ($2, $3)
      ORDER BY t2."created_at" DESC, t2."id" DESC
      LIMIT $4) p2),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $5), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 time of me.posts(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $3 id of me.posts(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- $4 me.posts(first: literal 0): bigint 2
-- $5 the caller's key: bigint 22
-- check: me.posts(after: literal 1) is a cursor of list 49e347
-- expected bytes: 100 + [me.posts(first: literal 0)] × (50)
