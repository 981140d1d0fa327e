SELECT concat('{"data":{"forward":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p1."created_at")) || uuid_send(p1."id"), 'base64')))[least(count(*), $1)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT t1."created_at", t1."id"
    FROM saas_blog."tb_post" t1
    WHERE t1."fk_tenant" = $2 AND t1."deleted_at" IS NULL
    ORDER BY t1."created_at" DESC, t1."id" DESC
    LIMIT $1) p1),
',"after":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p2."created_at")) || uuid_send(p2."id"), 'base64')))[least(count(*), $3)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT t2."created_at", t2."id"
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $2 AND t2."deleted_at" IS NULL AND (t2."created_at", t2."id") < ($4, $5)
    ORDER BY t2."created_at" DESC, t2."id" DESC
    LIMIT $3) p2),
',"before":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p3."created_at")) || uuid_send(p3."id"), 'base64')))[least(count(*), $6)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT t3."created_at", t3."id"
    FROM saas_blog."tb_post" t3
    WHERE t3."fk_tenant" = $2 AND t3."deleted_at" IS NULL AND (t3."created_at", t3."id") > ($7, $8)
    ORDER BY t3."created_at" DESC, t3."id" DESC
    LIMIT $6) p3),
',"backward":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p4."created_at")) || uuid_send(p4."id"), 'base64')))[least(count(*), $9)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t4."created_at", t4."id"
      FROM saas_blog."tb_post" t4
      WHERE t4."fk_tenant" = $2 AND t4."deleted_at" IS NULL
      ORDER BY t4."created_at", t4."id"
      LIMIT $9) p4
    ORDER BY p4."created_at" DESC, p4."id" DESC) p4),
',"backwardAfter":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p5."created_at")) || uuid_send(p5."id"), 'base64')))[least(count(*), $10)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t5."created_at", t5."id"
      FROM saas_blog."tb_post" t5
      WHERE t5."fk_tenant" = $2 AND t5."deleted_at" IS NULL AND (t5."created_at", t5."id") < ($11, $12)
      ORDER BY t5."created_at", t5."id"
      LIMIT $10) p5
    ORDER BY p5."created_at" DESC, p5."id" DESC) p5),
',"backwardBefore":',
(SELECT concat('{"pageInfo":{"endCursor":', coalesce(to_json((array_agg(encode((decode('faa4f2', 'hex') || timestamptz_send(p6."created_at")) || uuid_send(p6."id"), 'base64')))[least(count(*), $13)::int4])::text, 'null'),
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t6."created_at", t6."id"
      FROM saas_blog."tb_post" t6
      WHERE t6."fk_tenant" = $2 AND t6."deleted_at" IS NULL AND (t6."created_at", t6."id") > ($14, $15)
      ORDER BY t6."created_at", t6."id"
      LIMIT $13) p6
    ORDER BY p6."created_at" DESC, p6."id" DESC) p6),
'}}');

-- $1 forward(first: literal 0): bigint 2
-- $2 the tenant's key: bigint 11
-- $3 after(first: literal 1): bigint 2
-- $4 time of after(after: literal 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $5 id of after(after: literal 2): uuid 33333333-3333-3333-3333-333333333333
-- $6 before(first: literal 3): bigint 2
-- $7 time of before(before: literal 4): timestamptz 2000-01-01 + 700000000000000 µs
-- $8 id of before(before: literal 4): uuid 33333333-3333-3333-3333-333333333333
-- $9 backward(last: literal 5): bigint 2
-- $10 backwardAfter(last: literal 6): bigint 2
-- $11 time of backwardAfter(after: literal 7): timestamptz 2000-01-01 + 700000000000000 µs
-- $12 id of backwardAfter(after: literal 7): uuid 33333333-3333-3333-3333-333333333333
-- $13 backwardBefore(last: literal 8): bigint 2
-- $14 time of backwardBefore(before: literal 9): timestamptz 2000-01-01 + 700000000000000 µs
-- $15 id of backwardBefore(before: literal 9): uuid 33333333-3333-3333-3333-333333333333
-- check: after(after: literal 2) is a cursor of list faa4f2
-- check: before(before: literal 4) is a cursor of list faa4f2
-- check: backwardAfter(after: literal 7) is a cursor of list faa4f2
-- check: backwardBefore(before: literal 9) is a cursor of list faa4f2
-- expected bytes: 300 + [forward(first: literal 0)] × (0) + [after(first: literal 1)] × (0) + [before(first: literal 3)] × (0) + [backward(last: literal 5)] × (0) + [backwardAfter(last: literal 6)] × (0) + [backwardBefore(last: literal 8)] × (0)
