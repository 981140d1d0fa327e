SELECT concat('{"data":{"tenant":', coalesce((SELECT concat('{"id":"', t1."id",
  '","identifier":', to_json(t1."identifier"),
  ',"name":', to_json(t1."name"),
  ',"createdAt":"', to_char(t1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  '","subscriptionTier":', to_json(t1."subscription_tier"),
  '}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- expected bytes: 300
