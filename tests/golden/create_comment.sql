SELECT saas_blog."fn_create_comment"("post_id" => $1, "content" => $2)::saas_blog."tb_comment";

-- $1 createComment(postId: literal 0): uuid null
-- $2 createComment(content: literal 1): text "Great post!"

SELECT concat('{"id":"', t0."id",
'","content":', to_json(t0."content"),
',"author":', coalesce((SELECT concat('{"name":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = t0."fk_user"), chr(26) || '0'),
'}')
FROM
(SELECT ($2).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the row of tb_comment that was written: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- expected bytes: 4200
