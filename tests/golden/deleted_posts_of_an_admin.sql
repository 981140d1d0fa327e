SELECT concat('{"data":{"deletedPosts":{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p1."title"),
',"deletedAt":', coalesce(to_json(to_char(p1."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
  '}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = p1."fk_user"), chr(26) || '0'),
'}'), 0, 1),
'],"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."deleted_at" IS NOT NULL),
'}}}')
FROM
(SELECT t1."title", t1."deleted_at", t1."fk_user"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NOT NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 50 + [default page size] × (200)
