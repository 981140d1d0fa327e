SELECT concat('{"data":{"user":', coalesce((SELECT concat('{"id":"', t1."id",
  '","identifier":', to_json(t1."identifier"),
  ',"email":', CASE WHEN t1."pk_user" = $1 THEN coalesce(to_json(t1."email")::text, 'null') ELSE 'null' END,
  ',"name":', to_json(t1."name"),
  ',"role":', to_json(t1."role"),
  ',"createdAt":"', to_char(t1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  '"}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $2 AND t1."id" = $3), 'null'),
'}}');

-- $1 the caller's key: bigint 22
-- $2 the tenant's key: bigint 11
-- $3 user(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 350
