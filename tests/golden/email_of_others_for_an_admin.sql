SELECT concat('{"data":{"users":{"nodes":[', saas_blog.join_items(concat('{"email":', coalesce(to_json(p1."email")::text, 'null'),
'}'), 0, 1),
']}}}')
FROM
(SELECT t1."email"
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (50)
