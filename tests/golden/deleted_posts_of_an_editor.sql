SELECT concat('{"data":{"deletedPosts":{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
',"deletedAt":', coalesce(to_json(to_char(p1."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
'}'), 0, 1),
'],"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t2
  WHERE t2."fk_tenant" = $1 AND t2."fk_user" = $2 AND t2."deleted_at" IS NOT NULL),
'}}}')
FROM
(SELECT t1."title", t1."deleted_at"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."fk_user" = $2 AND t1."deleted_at" IS NOT NULL AND (t1."created_at", t1."id") < ($3, $4)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $5) p1;

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 time of deletedPosts(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $4 id of deletedPosts(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- $5 deletedPosts(first: literal 0): bigint 2
-- check: deletedPosts(after: literal 1) is a cursor of list 14ec1a
-- expected bytes: 50 + [deletedPosts(first: literal 0)] × (100)
