SELECT concat('{"data":{"node":', coalesce((SELECT concat('{"__typename":"Tenant"}')
  FROM saas_blog."tb_tenant" t1
  WHERE t1."pk_tenant" = $1 AND t1."id" = $2),
(SELECT concat('{"__typename":"User"}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."id" = $2),
(SELECT concat('{"__typename":"Post"}')
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."id" = $2 AND t3."deleted_at" IS NULL),
(SELECT concat('{"__typename":"Comment"}')
  FROM saas_blog."tb_comment" t4
  WHERE t4."fk_tenant" = $1 AND t4."id" = $2 AND t4."deleted_at" IS NULL AND EXISTS
  (SELECT
    FROM saas_blog."tb_post" t5
    WHERE t5."fk_tenant" = $1 AND t5."pk_post" = t4."fk_post" AND t5."deleted_at" IS NULL)),
(SELECT concat('{"__typename":"AuditLog","action":', to_json(t6."action"),
  ',"changes":', t6."changes",
  ',"user":', coalesce((SELECT concat('{"name":', to_json(t7."name"),
    '}')
    FROM saas_blog."tb_user" t7
    WHERE t7."fk_tenant" = $1 AND t7."pk_user" = t6."fk_user"), 'null'),
  '}')
  FROM saas_blog."tb_audit_log" t6
  WHERE t6."fk_tenant" = $1 AND t6."id" = $2), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 node(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- expected bytes: 16200
