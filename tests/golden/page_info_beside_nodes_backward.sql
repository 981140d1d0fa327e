SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"pageInfo":{"hasPreviousPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"startCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[1])::text, 'null'),
'}}}}')
FROM
(SELECT *
  FROM
  (SELECT t1."id", t1."created_at", row_number() OVER (ORDER BY t1."created_at", t1."id") AS n
    FROM saas_blog."tb_post" t1
    WHERE t1."fk_tenant" = $2 AND t1."deleted_at" IS NULL
    ORDER BY t1."created_at", t1."id"
    LIMIT $1 + 1) p1
  ORDER BY p1."created_at" DESC, p1."id" DESC) p1;

-- $1 posts(last: literal 0): bigint 2
-- $2 the tenant's key: bigint 11
-- expected bytes: 50 + [posts(last: literal 0)] × (50)
