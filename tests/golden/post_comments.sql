SELECT concat('{"data":{"post":', coalesce((SELECT concat('{"comments":',
  (SELECT concat('{"edges":[', saas_blog.join_items(concat('{"cursor":"', encode((decode('764a3d', 'hex') || timestamptz_send(p2."created_at")) || uuid_send(p2."id"), 'base64'),
    '","node":{"content":', to_json(p2."content"),
    '}}'), 0, 1),
    '],"totalCount":',
    (SELECT count(*)
      FROM saas_blog."tb_comment" t3
      WHERE t3."fk_tenant" = $1 AND t3."fk_post" = t1."pk_post" AND t3."deleted_at" IS NULL),
    '}')
    FROM
    (SELECT t2."created_at", t2."id", t2."content"
      FROM saas_blog."tb_comment" t2
      WHERE t2."fk_tenant" = $1 AND t2."fk_post" = t1."pk_post" AND t2."deleted_at" IS NULL AND (t2."created_at", t2."id") > ($2, $3)
      ORDER BY t2."created_at", t2."id"
      LIMIT $4) p2),
  ',"commentCount":',
  (SELECT count(*)
    FROM saas_blog."tb_comment" t4
    WHERE t4."fk_tenant" = $1 AND t4."fk_post" = t1."pk_post" AND t4."deleted_at" IS NULL),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."id" = $5 AND t1."deleted_at" IS NULL), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 time of post.comments(after: literal 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $3 id of post.comments(after: literal 2): uuid 33333333-3333-3333-3333-333333333333
-- $4 post.comments(first: literal 1): bigint 5
-- $5 post(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- check: post.comments(after: literal 2) is a cursor of list 764a3d
-- expected bytes: 150 + [post.comments(first: literal 1)] × (4050)
