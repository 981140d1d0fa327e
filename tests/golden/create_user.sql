SELECT saas_blog."fn_create_user"("tenant_id" => $1, "email" => $2, "name" => $3, "role" => $4)::saas_blog."tb_user";

-- $1 createUser(tenantId: literal 0): text "demo"
-- $2 createUser(email: literal 1): text "admin@example.com"
-- $3 createUser(name: literal 2): text "Admin User"
-- $4 createUser(role: literal 3): text "admin"

SELECT concat('{"id":"', t0."id",
'","email":', coalesce(to_json(t0."email")::text, 'null'),
',"role":', to_json(t0."role"),
'}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_user that was written: what the statement before has given
-- check: createUser(tenantId: literal 0) names the caller's tenant
-- expected bytes: 200
