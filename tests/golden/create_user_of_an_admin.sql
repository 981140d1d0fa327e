SELECT saas_blog."fn_create_user"("tenant_id" => $1, "email" => $2, "name" => $3, "identifier" => $4)::saas_blog."tb_user";

-- $1 createUser(tenantId: variable 0): text "demo"
-- $2 createUser(email: literal 1): text "reader@example.com"
-- $3 createUser(name: variable 3): text "Reader"
-- $4 createUser(identifier: variable 2): text "a-reader"

SELECT concat('{"id":"', t0."id",
'","email":', coalesce(to_json(t0."email")::text, 'null'),
',"posts":', concat('{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t2
  WHERE t2."fk_tenant" = $1 AND t2."fk_user" = t0."pk_user" AND t2."deleted_at" IS NULL),
'}'),
'}')
FROM
(SELECT ($2).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the row of tb_user that was written: what the statement before has given
-- check: createUser(tenantId: variable 0) names the caller's tenant
-- expected bytes: 200 + [default page size] × (0)
