SELECT t1."pk_post"
FROM saas_blog."tb_post" t1
WHERE t1."fk_tenant" = $1 AND t1."id" = $2 AND t1."deleted_at" IS NULL AND t1."published";

-- $1 the tenant's key: bigint 11
-- $2 new(postId: variable 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"data":{"new":{"id":"', t1."id",
'","content":', to_json(t1."content"),
',"author":', coalesce((SELECT concat('{"name":', to_json(t2."name"),
  '}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t1."fk_user"), chr(26) || '0'),
',"post":', coalesce((SELECT concat('{"title":', to_json(t3."title"),
  ',"comments":',
  (SELECT concat('{"totalCount":',
    (SELECT count(*)
      FROM saas_blog."tb_comment" t5
      WHERE t5."fk_tenant" = $1 AND t5."fk_post" = t3."pk_post" AND t5."deleted_at" IS NULL),
    ',"nodes":[', saas_blog.join_items(concat('{"id":"', p4."id",
    '"}'), 0, 1),
    ']}')
    FROM
    (SELECT t4."id"
      FROM saas_blog."tb_comment" t4
      WHERE t4."fk_tenant" = $1 AND t4."fk_post" = t3."pk_post" AND t4."deleted_at" IS NULL
      ORDER BY t4."created_at", t4."id"
      LIMIT $2) p4),
  '}')
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_post" = t1."fk_post"), chr(26) || '1'),
'}}}')
FROM saas_blog."tb_comment" t1
WHERE t1."fk_tenant" = $1 AND t1."pk_comment" = $3 AND t1."deleted_at" IS NULL;

-- $1 the tenant's key: bigint 11
-- $2 new.post.comments(first: literal 0): bigint 2
-- $3 the key of the row that the event is about: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Comment.author. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.post. Step 0 is null then.
-- expected bytes: 4350 + [new.post.comments(first: literal 0)] × (50)
