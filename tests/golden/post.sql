SELECT concat('{"data":{"post":', coalesce((SELECT concat('{"id":"', t1."id",
  '","identifier":', to_json(t1."identifier"),
  ',"title":', to_json(t1."title"),
  ',"content":', to_json(t1."content"),
  ',"published":', CASE WHEN t1."published" THEN 'true' ELSE 'false' END,
  ',"deletedAt":', coalesce(to_json(to_char(t1."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
  ',"createdAt":"', to_char(t1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  '","updatedAt":"', to_char(t1."updated_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  '"}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."id" = $2 AND t1."deleted_at" IS NULL), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 post(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 16400
