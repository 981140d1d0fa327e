SELECT t0."fk_tenant", t0."pk_comment"
FROM saas_blog."fn_create_comment"("post_id" => $1, "content" => $2) t0;

-- $1 createComment(postId: literal 0): uuid null
-- $2 createComment(content: literal 1): text "Great post!"

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","content":', to_json(t1."content"),
  ',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
    '}')
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t1."fk_user"), chr(26) || '1'),
  '}')
  FROM saas_blog."tb_comment" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_comment" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.createComment. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- expected bytes: 4200
