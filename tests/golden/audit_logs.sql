SELECT concat('{"data":{"auditLogs":{"nodes":[', saas_blog.join_items(concat('{"id":"', p1."id",
'","entityType":', to_json(p1."entity_type"),
',"entityId":"', p1."entity_id",
'","action":', to_json(p1."action"),
',"changes":', p1."changes",
',"createdAt":"', to_char(p1."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
'"}'), 0, 1) FILTER (WHERE p1.n <= $1),
'],"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_audit_log" t3
  WHERE t3."fk_tenant" = $2 AND t3."entity_type" = $3 AND t3."entity_id" = $4 AND t3."fk_user" =
  (SELECT t4."pk_user"
    FROM saas_blog."tb_user" t4
    WHERE t4."fk_tenant" = $2 AND t4."id" = $5)),
',"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
',"endCursor":', coalesce(to_json((array_agg(encode((decode('37455a', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')) FILTER (WHERE p1.n <= $1))[least(count(*), $1)::int4])::text, 'null'),
'}}}}')
FROM
(SELECT t1."id", t1."entity_type", t1."entity_id", t1."action", t1."changes", t1."created_at", row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
  FROM saas_blog."tb_audit_log" t1
  WHERE t1."fk_tenant" = $2 AND t1."entity_type" = $3 AND t1."entity_id" = $4 AND t1."fk_user" =
  (SELECT t2."pk_user"
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $2 AND t2."id" = $5)
  ORDER BY t1."created_at" DESC, t1."id" DESC
  LIMIT $1 + 1) p1;

-- $1 auditLogs(first: literal 3): bigint 5
-- $2 the tenant's key: bigint 11
-- $3 auditLogs(entityType: literal 0): text "post"
-- $4 auditLogs(entityId: literal 1): uuid 33333333-3333-4333-8333-333333333333
-- $5 auditLogs(userId: literal 2): uuid 22222222-2222-4222-8222-222222222222
-- expected bytes: 50 + [auditLogs(first: literal 3)] × (16250)
