SELECT concat('{"data":{"auditLogs":{"edges":[', saas_blog.join_items(concat('{"cursor":"', encode((decode('37455a', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64'),
'","node":{"userId":', coalesce(to_json((SELECT t2."id"
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = p1."fk_user")::text)::text, 'null'),
',"user":', coalesce((SELECT concat('{"id":"', t3."id",
  '","name":', to_json(t3."name"),
  ',"email":', coalesce(to_json(t3."email")::text, 'null'),
  '}')
  FROM saas_blog."tb_user" t3
  WHERE t3."fk_tenant" = $1 AND t3."pk_user" = p1."fk_user"), 'null'),
'}}'), 0, 1),
']}}}')
FROM
(SELECT t1."created_at", t1."id", t1."fk_user"
  FROM saas_blog."tb_audit_log" t1
  WHERE t1."fk_tenant" = $1
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $2) p1;

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- expected bytes: 50 + [default page size] × (300)
