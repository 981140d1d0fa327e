SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
',"comments":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p2."id",
  '"}'), 1, 2),
  '],"same":[', saas_blog.join_items(concat('{"id":"', p2."id",
  '"}'), 1, 3),
  ']}')
  FROM
  (SELECT t2."id"
    FROM saas_blog."tb_comment" t2
    WHERE t2."fk_tenant" = $1 AND t2."fk_post" = p1."pk_post" AND t2."deleted_at" IS NULL
    ORDER BY t2."created_at", t2."id"
    LIMIT $2) p2),
'}'), 0, 1),
'],"same":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
',"comments":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"id":"', p3."id",
  '"}'), 1, 5),
  '],"same":[', saas_blog.join_items(concat('{"id":"', p3."id",
  '"}'), 1, 6),
  ']}')
  FROM
  (SELECT t3."id"
    FROM saas_blog."tb_comment" t3
    WHERE t3."fk_tenant" = $1 AND t3."fk_post" = p1."pk_post" AND t3."deleted_at" IS NULL
    ORDER BY t3."created_at", t3."id"
    LIMIT $2) p3),
'}'), 0, 4),
']}}}')
FROM
(SELECT t1."title", t1."pk_post"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (200 + [default page size] × (100) + [default page size] × (100))
