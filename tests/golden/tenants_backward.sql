SELECT concat('{"data":{"tenants":{"edges":[', saas_blog.join_items(concat('{"cursor":"', encode((decode('4bc75f', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64'),
'","node":{"id":"', p1."id",
'"}}'), 0, 1),
']}}}')
FROM
(SELECT *
  FROM
  (SELECT t1."created_at", t1."id"
    FROM saas_blog."tb_tenant" t1
    ORDER BY t1."created_at", t1."id"
    LIMIT $1) p1
  ORDER BY p1."created_at" DESC, p1."id" DESC) p1;

-- $1 tenants(last: literal 0): bigint 3
-- expected bytes: 50 + [tenants(last: literal 0)] × (100)
