SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"posts":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p2."title"),
    '}'), 0, 1) FILTER (WHERE p2.n <= $1),
    '],"pageInfo":{"hasPreviousPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
    '}}')
    FROM
    (SELECT *
      FROM
      (SELECT t2."title", t2."created_at", t2."id", row_number() OVER (ORDER BY t2."created_at", t2."id") AS n
        FROM saas_blog."tb_post" t2
        WHERE t2."fk_tenant" = $2 AND t2."fk_user" = t1."pk_user" AND t2."deleted_at" IS NULL
        ORDER BY t2."created_at", t2."id"
        LIMIT $1 + 1) p2
      ORDER BY p2."created_at" DESC, p2."id" DESC) p2),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $2 AND t1."pk_user" = $3), 'null'),
'}}');

-- $1 me.posts(last: literal 0): bigint 2
-- $2 the tenant's key: bigint 11
-- $3 the caller's key: bigint 22
-- expected bytes: 100 + [me.posts(last: literal 0)] × (50)
