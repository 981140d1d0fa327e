SELECT t1."pk_post"
FROM saas_blog."tb_post" t1
WHERE t1."fk_tenant" = $1 AND t1."id" = $2 AND t1."deleted_at" IS NULL;

-- $1 the tenant's key: bigint 11
-- $2 commentCreated(postId: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"data":{"commentCreated":{"__typename":"Comment","createdAt":"', to_char(t1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
'"}}}')
FROM saas_blog."tb_comment" t1
WHERE t1."fk_tenant" = $1 AND t1."pk_comment" = $2 AND t1."deleted_at" IS NULL;

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that the event is about: what the statement before has given
-- expected bytes: 100
