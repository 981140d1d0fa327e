SELECT concat('{"data":{"node":', coalesce((SELECT concat('{"__typename":"Tenant","id":"', t1."id",
  '"}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1 AND t1."id" = $2),
(SELECT concat('{"__typename":"User","id":"', t2."id",
  '"}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."id" = $2),
(SELECT concat('{"__typename":"Post","id":"', t3."id",
  '","title":', to_json(t3."title"),
  ',"author":', coalesce((SELECT concat('{"name":', to_json(t4."name"),
    '}')
    FROM saas_blog."tb_user" t4
    WHERE t4."fk_tenant" = $1 AND t4."pk_user" = t3."fk_user"), chr(26) || '0'),
  '}')
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."id" = $2 AND t3."deleted_at" IS NULL AND t3."published"),
(SELECT concat('{"__typename":"Comment","id":"', t5."id",
  '","content":', to_json(t5."content"),
  ',"post":', coalesce((SELECT concat('{"title":', to_json(t7."title"),
    '}')
    FROM saas_blog."tb_post" t7
    WHERE t7."fk_tenant" = $1 AND t7."pk_post" = t5."fk_post"), chr(26) || '1'),
  '}')
  FROM saas_blog."tb_comment" t5
  WHERE t5."fk_tenant" = $1 AND t5."id" = $2 AND t5."deleted_at" IS NULL AND EXISTS
  (SELECT
    FROM saas_blog."tb_post" t6
    WHERE t6."fk_tenant" = $1 AND t6."pk_post" = t5."fk_post" AND t6."deleted_at" IS NULL AND t6."published")), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 node(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- gap 0: Cannot return null for non-nullable field Post.author. Step 1 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.post. Step 1 is null then.
-- expected bytes: 4500
