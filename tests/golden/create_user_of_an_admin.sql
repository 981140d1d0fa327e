SELECT t0."fk_tenant", t0."pk_user"
FROM saas_blog."fn_create_user"("tenant_id" => $1, "email" => $2, "name" => $3, "identifier" => $4) t0;

-- $1 createUser(tenantId: variable 0): text "demo"
-- $2 createUser(email: literal 1): text "reader@example.com"
-- $3 createUser(name: variable 3): text "Reader"
-- $4 createUser(identifier: variable 2): text "a-reader"

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","email":', coalesce(to_json(t1."email")::text, 'null'),
  ',"posts":', concat('{"totalCount":',
  (SELECT count(*)
    FROM saas_blog."tb_post" t3
    WHERE t3."fk_tenant" = $1 AND t3."fk_user" = t1."pk_user" AND t3."deleted_at" IS NULL),
  '}'),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- check: createUser(tenantId: variable 0) names the caller's tenant
-- gap 0: Cannot return null for non-nullable field Mutation.createUser. Step 0 is null then.
-- expected bytes: 200 + [default page size] × (0)
