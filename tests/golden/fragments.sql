SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"id":"', t1."id",
  '","name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"posts":',
(SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p2."title"),
  ',"commentCount":',
  (SELECT count(*)
    FROM saas_blog."tb_comment" t3
    WHERE t3."fk_tenant" = $1 AND t3."fk_post" = p2."pk_post" AND t3."deleted_at" IS NULL),
  ',"author":', coalesce((SELECT concat('{"id":"', t4."id",
    '","name":', to_json(t4."name"),
    '}')
    FROM saas_blog."tb_user" t4
    WHERE t4."fk_tenant" = $1 AND t4."pk_user" = p2."fk_user"), chr(26) || '0'),
  '}'), 0, 1),
  ']}')
  FROM
  (SELECT t2."title", t2."pk_post", t2."fk_user"
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL
    ORDER BY t2."created_at" DESC, t2."id" DESC
    LIMIT $3) p2),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 200 + [default page size] × (250)
