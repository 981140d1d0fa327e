SELECT concat('{"data":{"tenants":{"nodes":[', saas_blog.join_items(concat('{"identifier":', to_json(p1."identifier"),
'}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"hasPreviousPage":', CASE WHEN EXISTS
(SELECT
  FROM saas_blog."tb_tenant" t2
  WHERE (t2."created_at", t2."id") >= ($2, $3)) THEN 'true' ELSE 'false' END,
'},"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_tenant" t3),
'}}}')
FROM
(SELECT t1."identifier", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_tenant" t1
  WHERE (t1."created_at", t1."id") < ($2, $3)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $1 + 1) p1;

-- $1 tenants(first: literal 0): bigint 3
-- $2 time of tenants(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $3 id of tenants(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- check: tenants(after: literal 1) is a cursor of list 4bc75f
-- expected bytes: 50 + [tenants(first: literal 0)] × (50)
