SELECT concat('{"data":{"forward":', concat('{"pageInfo":{"hasPreviousPage":false}}'),
',"after":', concat('{"pageInfo":{"hasPreviousPage":', CASE WHEN EXISTS
(SELECT
  FROM saas_blog."tb_post" t3
  WHERE t3."fk_tenant" = $1 AND t3."deleted_at" IS NULL AND (t3."created_at", t3."id") >= ($2, $3)) THEN 'true' ELSE 'false' END,
'}}'),
',"before":', concat('{"pageInfo":{"hasPreviousPage":false}}'),
',"backward":',
(SELECT concat('{"pageInfo":{"hasPreviousPage":', CASE WHEN count(*) > $4 THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t5."created_at", t5."id", row_number() OVER (ORDER BY t5."created_at", t5."id") AS n
      FROM saas_blog."tb_post" t5
      WHERE t5."fk_tenant" = $1 AND t5."deleted_at" IS NULL
      ORDER BY t5."created_at", t5."id"
      LIMIT $4 + 1) p5
    ORDER BY p5."created_at" DESC, p5."id" DESC) p5),
',"backwardAfter":',
(SELECT concat('{"pageInfo":{"hasPreviousPage":', CASE WHEN (count(*) > $5) OR EXISTS
  (SELECT
    FROM saas_blog."tb_post" t7
    WHERE t7."fk_tenant" = $1 AND t7."deleted_at" IS NULL AND (t7."created_at", t7."id") >= ($6, $7)) THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t6."created_at", t6."id", row_number() OVER (ORDER BY t6."created_at", t6."id") AS n
      FROM saas_blog."tb_post" t6
      WHERE t6."fk_tenant" = $1 AND t6."deleted_at" IS NULL AND (t6."created_at", t6."id") < ($6, $7)
      ORDER BY t6."created_at", t6."id"
      LIMIT $5 + 1) p6
    ORDER BY p6."created_at" DESC, p6."id" DESC) p6),
',"backwardBefore":',
(SELECT concat('{"pageInfo":{"hasPreviousPage":', CASE WHEN count(*) > $8 THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT *
    FROM
    (SELECT t8."created_at", t8."id", row_number() OVER (ORDER BY t8."created_at", t8."id") AS n
      FROM saas_blog."tb_post" t8
      WHERE t8."fk_tenant" = $1 AND t8."deleted_at" IS NULL AND (t8."created_at", t8."id") > ($9, $10)
      ORDER BY t8."created_at", t8."id"
      LIMIT $8 + 1) p8
    ORDER BY p8."created_at" DESC, p8."id" DESC) p8),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 time of after(after: literal 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $3 id of after(after: literal 2): uuid 33333333-3333-3333-3333-333333333333
-- $4 backward(last: literal 5): bigint 2
-- $5 backwardAfter(last: literal 6): bigint 2
-- $6 time of backwardAfter(after: literal 7): timestamptz 2000-01-01 + 700000000000000 µs
-- $7 id of backwardAfter(after: literal 7): uuid 33333333-3333-3333-3333-333333333333
-- $8 backwardBefore(last: literal 8): bigint 2
-- $9 time of backwardBefore(before: literal 9): timestamptz 2000-01-01 + 700000000000000 µs
-- $10 id of backwardBefore(before: literal 9): uuid 33333333-3333-3333-3333-333333333333
-- check: after(after: literal 2) is a cursor of list faa4f2
-- check: before(before: literal 4) is a cursor of list faa4f2
-- check: backwardAfter(after: literal 7) is a cursor of list faa4f2
-- check: backwardBefore(before: literal 9) is a cursor of list faa4f2
-- expected bytes: 300 + [forward(first: literal 0)] × (0) + [after(first: literal 1)] × (0) + [before(first: literal 3)] × (0) + [backward(last: literal 5)] × (0) + [backwardAfter(last: literal 6)] × (0) + [backwardBefore(last: literal 8)] × (0)
