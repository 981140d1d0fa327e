SELECT concat('{"data":{"posts":', concat('{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t2
  WHERE t2."fk_tenant" = $1 AND t2."deleted_at" IS NULL AND t2."published"),
'}'),
',"me":', coalesce((SELECT concat('{"posts":', concat('{"totalCount":',
  (SELECT count(*)
    FROM saas_blog."tb_post" t5
    WHERE t5."fk_tenant" = $1 AND t5."fk_user" = t3."pk_user" AND t5."deleted_at" IS NULL AND t5."published"),
  '}'),
  '}')
  FROM saas_blog."tb_user" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_user" = $2), 'null'),
',"post":', coalesce((SELECT concat('{"id":"', t6."id",
  '"}')
  FROM saas_blog."tb_post" t6
  WHERE t6."fk_tenant" = $1 AND t6."id" = $3 AND t6."deleted_at" IS NULL AND t6."published"), 'null'),
',"comments":', concat('{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t9
  WHERE t9."fk_tenant" = $1 AND t9."fk_post" =
  (SELECT t10."pk_post"
    FROM saas_blog."tb_post" t10
    WHERE t10."fk_tenant" = $1 AND t10."id" = $4 AND t10."deleted_at" IS NULL AND t10."published") AND t9."deleted_at" IS NULL),
'}'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 post(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $4 comments(postId: literal 1): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 300 + [default page size] × (0) + [default page size] × (0) + [default page size] × (0)
