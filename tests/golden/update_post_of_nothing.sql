SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_update_post"("id" => $1) t0;

-- $1 updatePost(id: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '"}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.updatePost. Step 0 is null then.
-- expected bytes: 100
