SELECT saas_blog."fn_create_tenant"("name" => $1, "identifier" => $2, "subscription_tier" => $3)::saas_blog."tb_tenant";

-- $1 createTenant(name: literal 0): text "Demo Blog"
-- $2 createTenant(identifier: literal 1): text "demo"
-- $3 createTenant(subscriptionTier: default String("free")): text "free"

SELECT concat('{"id":"', t0."id",
'","name":', to_json(t0."name"),
'}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_tenant that was written: what the statement before has given
-- expected bytes: 150
