SELECT t0."fk_tenant", t0."pk_user"
FROM saas_blog."fn_update_user"("id" => $1, "role" => $2) t0;

-- $1 updateUser(id: variable 0): uuid 33333333-3333-4333-8333-333333333333
-- $2 updateUser(role: variable 2): text "editor"

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","name":', to_json(t1."name"),
  ',"role":', to_json(t1."role"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.updateUser. Step 0 is null then.
-- expected bytes: 200
