SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"author":', coalesce((SELECT concat('{"email":', CASE WHEN t2."pk_user" = $1 THEN coalesce(to_json(t2."email")::text, 'null') ELSE 'null' END,
  '}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $2 AND t2."pk_user" = p1."fk_user"), chr(26) || '0'),
'}'), 0, 1),
']}}}')
FROM
(SELECT t1."fk_user"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $2 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $3) p1;

-- $1 the caller's key: bigint 22
-- $2 the tenant's key: bigint 11
-- $3 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 50 + [default page size] × (100)
