SELECT concat('{"data":{"posts":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'","title":', to_json(p1."title"),
'}'), 0, 1),
'],"edges":[', saas_blog.join_items(concat('{"cursor":"', encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64'),
'","node":{"id":"', p1."id",
'","published":', CASE WHEN p1."published" THEN 'true' ELSE 'false' END,
'}}'), 0, 2),
']}}}')
FROM
(SELECT t1."id", t1."title", t1."created_at", t1."published"
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."deleted_at" IS NULL
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (250)
