SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"email":', CASE WHEN t1."pk_user" = $1 THEN coalesce(to_json(t1."email")::text, 'null') ELSE 'null' END,
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $2 AND t1."pk_user" = $1), 'null'),
'}}');

-- $1 the caller's key: bigint 22
-- $2 the tenant's key: bigint 11
-- expected bytes: 100
