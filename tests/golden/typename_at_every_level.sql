SELECT concat('{"data":{"__typename":"Query","me":', coalesce((SELECT concat('{"__typename":"User"}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"posts":',
(SELECT concat('{"__typename":"PostConnection","nodes":[', saas_blog.join_items(concat('{"__typename":"Post"}'), 0, 1) FILTER (WHERE p2.n <= $3),
  '],"edges":[', saas_blog.join_items(concat('{"__typename":"PostEdge","node":{"__typename":"Post","author":', coalesce((SELECT concat('{"__typename":"User"}')
    FROM saas_blog."tb_user" t3
    WHERE t3."fk_tenant" = $1 AND t3."pk_user" = p2."fk_user"), chr(26) || '0'),
  ',"comments":',
  (SELECT concat('{"__typename":"CommentConnection","nodes":[', saas_blog.join_items(concat('{"__typename":"Comment"}'), 1, 3),
    ']}')
    FROM
    (SELECT
      FROM saas_blog."tb_comment" t4
      WHERE t4."fk_tenant" = $1 AND t4."fk_post" = p2."pk_post" AND t4."deleted_at" IS NULL
      ORDER BY t4."created_at", t4."id"
      LIMIT $3) p4),
  '}}'), 0, 2) FILTER (WHERE p2.n <= $3),
  '],"pageInfo":{"__typename":"PageInfo","hasNextPage":', CASE WHEN count(*) > $3 THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT t2."fk_user", t2."pk_post", row_number() OVER (ORDER BY t2."created_at" DESC, t2."id" DESC) AS n
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL
    ORDER BY t2."created_at" DESC, t2."id" DESC
    LIMIT $3 + 1) p2),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 100 + [default page size] × (100 + [default page size] × (0))
