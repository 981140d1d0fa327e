SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_delete_post"("id" => $1) t0;

-- $1 deletePost(id: literal 0): uuid null

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","deletedAt":', coalesce(to_json(to_char(t1."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.deletePost. Step 0 is null then.
-- expected bytes: 150
