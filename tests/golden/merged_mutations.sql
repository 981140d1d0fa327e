SELECT saas_blog."fn_delete_post"("id" => $1)::saas_blog."tb_post";

-- $1 deletePost(id: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"id":"', t0."id",
'","deletedAt":', coalesce(to_json(to_char(t0."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
',"author":', coalesce((SELECT concat('{"id":"', t1."id",
  '"}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = t0."fk_user"), chr(26) || '0'),
'}')
FROM
(SELECT ($2).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the row of tb_post that was written: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 250
