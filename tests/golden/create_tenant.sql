SELECT t0."pk_tenant", t0."pk_tenant"
FROM saas_blog."fn_create_tenant"("name" => $1, "identifier" => $2, "subscription_tier" => $3) t0;

-- $1 createTenant(name: literal 0): text "Demo Blog"
-- $2 createTenant(identifier: literal 1): text "demo"
-- $3 createTenant(subscriptionTier: default String("free")): text "free"

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1 AND t1."pk_tenant" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint null
-- $2 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.createTenant. Step 0 is null then.
-- expected bytes: 150
