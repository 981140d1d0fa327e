SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'"}'), 0, 1),
']}}}')
FROM
(SELECT *
  FROM
  (SELECT t1."id", t1."created_at"
    FROM saas_blog."tb_post" t1
    WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL AND (t1."created_at", t1."id") < ($2, $3)
    ORDER BY t1."created_at", t1."id"
    LIMIT $4) p1
  ORDER BY p1."created_at" DESC, p1."id" DESC) p1;

-- $1 the tenant's key: bigint 11
-- $2 time of posts(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $3 id of posts(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- $4 posts(last: literal 0): bigint 5
-- check: posts(after: literal 1) is a cursor of list faa4f2
-- expected bytes: 50 + [posts(last: literal 0)] × (50)
