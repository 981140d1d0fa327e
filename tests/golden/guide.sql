SELECT concat('{"data":{"posts":{"edges":[', saas_blog.join_items(concat('{"node":{"id":"', p1."id",
'","title":', to_json(p1."title"),
',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
  '}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = p1."fk_user"), chr(26) || '0'),
',"comments":',
(SELECT concat('{"edges":[', saas_blog.join_items(concat('{"node":{"content":', to_json(p3."content"),
  ',"author":', coalesce((SELECT concat('{"name":', to_json(t4."name"),
    '}')
    FROM saas_blog."tb_user" t4
    WHERE t4."fk_tenant" = $1 AND t4."pk_user" = p3."fk_user"), chr(26) || '1'),
  '}}'), 1, 2),
  ']}')
  FROM
  (SELECT t3."content", t3."fk_user"
    FROM saas_blog."tb_comment" t3
    WHERE t3."fk_tenant" = $1 AND t3."fk_post" = p1."pk_post" AND t3."deleted_at" IS NULL
    ORDER BY t3."created_at", t3."id"
    LIMIT $2) p3),
'}}'), 0, 1) FILTER (WHERE p1.n <= $3),
'],"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $3 THEN 'true' ELSE 'false' END,
',"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $3))[least(count(*), $3)::int4])::text, 'null'),
'}}}}')
FROM
(SELECT t1."id", t1."title", t1."fk_user", t1."pk_post", t1."created_at", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL AND (t1."created_at", t1."id") < ($4, $5)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $3 + 1) p1;

-- $1 the tenant's key: bigint 11
-- $2 posts.edges.node.comments(first: literal 2): bigint 5
-- $3 posts(first: literal 0): bigint 20
-- $4 time of posts(after: literal 1): timestamptz 2000-01-01 + 700000000000000 µs
-- $5 id of posts(after: literal 1): uuid 33333333-3333-3333-3333-333333333333
-- check: posts(after: literal 1) is a cursor of list faa4f2
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- expected bytes: 50 + [posts(first: literal 0)] × (250 + [posts.edges.node.comments(first: literal 2)] × (4100))
