SELECT concat('{"data":{"users":{"nodes":[', saas_blog.join_items(concat('{"name":', to_json(p1."name"),
',"email":', coalesce(to_json(p1."email")::text, 'null'),
'}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"endCursor":', coalesce(to_json((array_agg(encode((decode('30e2ac', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[least(count(*), $1)::int4])::text, 'null'),
'},"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $2),
'}}}')
FROM
(SELECT t1."name", t1."email", t1."created_at", t1."id", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $2 AND (t1."created_at", t1."id") < ($3, $4)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $1 + 1) p1;

-- $1 users(first: literal 0): bigint 3
-- $2 the tenant's key: bigint 11
-- $3 time of users(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $4 id of users(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- check: users(after: literal 1) is a cursor of list 30e2ac
-- expected bytes: 50 + [users(first: literal 0)] × (100)
