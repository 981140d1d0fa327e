SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[least(count(*), $1)::int4])::text, 'null'),
'}}}}')
FROM
(SELECT t1."id", t1."created_at", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $2 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $1 + 1) p1;

-- $1 posts(first: literal 0): bigint 2
-- $2 the tenant's key: bigint 11
-- expected bytes: 50 + [posts(first: literal 0)] × (50)
