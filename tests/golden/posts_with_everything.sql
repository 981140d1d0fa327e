SELECT concat('{"data":{"posts":{"edges":[', saas_blog.join_items(concat('{"cursor":"', encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64'),
'","node":{"id":"', p1."id",
'"}}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
'}'), 0, 2) FILTER (WHERE p1.n <= $1),
'],"pageInfo":{"hasNextPage":', CASE WHEN (count(*) > $1) OR EXISTS
(SELECT
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $2 AND t3."published" = $3 AND t3."fk_user" =
  (SELECT t4."pk_user"
    FROM saas_blog."tb_user" t4
    WHERE t4."fk_tenant" = $2 AND t4."id" = $4) AND t3."deleted_at" IS NULL AND t3."published" AND (t3."created_at", t3."id") <= ($5, $6)) THEN 'true' ELSE 'false' END,
',"hasPreviousPage":', CASE WHEN EXISTS
(SELECT
  FROM saas_blog."tb_post" t5
  WHERE t5."fk_tenant" = $2 AND t5."published" = $3 AND t5."fk_user" =
  (SELECT t6."pk_user"
    FROM saas_blog."tb_user" t6
    WHERE t6."fk_tenant" = $2 AND t6."id" = $4) AND t5."deleted_at" IS NULL AND t5."published" AND (t5."created_at", t5."id") >= ($7, $8)) THEN 'true' ELSE 'false' END,
',"startCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[1])::text, 'null'),
',"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[least(count(*), $1)::int4])::text, 'null'),
'},"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t7
  WHERE t7."fk_tenant" = $2 AND t7."published" = $3 AND t7."fk_user" =
  (SELECT t8."pk_user"
    FROM saas_blog."tb_user" t8
    WHERE t8."fk_tenant" = $2 AND t8."id" = $4) AND t7."deleted_at" IS NULL AND t7."published"),
'}}}')
FROM
(SELECT t1."created_at", t1."id", t1."title", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $2 AND t1."published" = $3 AND t1."fk_user" =
  (SELECT t2."pk_user"
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $2 AND t2."id" = $4) AND t1."deleted_at" IS NULL AND t1."published" AND (t1."created_at", t1."id") < ($7, $8) AND (t1."created_at", t1."id") > ($5, $6)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $1 + 1) p1;

-- $1 posts(first: variable 0): bigint 7
-- $2 the tenant's key: bigint 11
-- $3 posts(published: variable 4): boolean true
-- $4 posts(authorId: variable 5): uuid 33333333-3333-4333-8333-333333333333
-- $5 time of posts(before: variable 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $6 id of posts(before: variable 2): uuid 33333333-3333-3333-3333-333333333333
-- $7 time of posts(after: variable 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $8 id of posts(after: variable 1): uuid 33333333-3333-3333-3333-333333333333
-- check: posts(tenantId: variable 3) names the caller's tenant
-- check: posts(after: variable 1) is a cursor of list faa4f2
-- check: posts(before: variable 2) is a cursor of list faa4f2
-- expected bytes: 50 + [posts(first: variable 0)] × (150)
