SELECT concat('{"data":{"forward":',
(SELECT concat('{"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $1 THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT row_number() OVER (ORDER BY t1."created_at" DESC, t1."id" DESC) AS n
    FROM saas_blog."tb_post" t1
    WHERE t1."fk_tenant" = $2 AND t1."deleted_at" IS NULL
    ORDER BY t1."created_at" DESC, t1."id" DESC
    LIMIT $1 + 1) p1),
',"after":',
(SELECT concat('{"pageInfo":{"hasNextPage":', CASE WHEN count(*) > $3 THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT row_number() OVER (ORDER BY t2."created_at" DESC, t2."id" DESC) AS n
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $2 AND t2."deleted_at" IS NULL AND (t2."created_at", t2."id") < ($4, $5)
    ORDER BY t2."created_at" DESC, t2."id" DESC
    LIMIT $3 + 1) p2),
',"before":',
(SELECT concat('{"pageInfo":{"hasNextPage":', CASE WHEN (count(*) > $6) OR EXISTS
  (SELECT
    FROM saas_blog."tb_post" t4
    WHERE t4."fk_tenant" = $2 AND t4."deleted_at" IS NULL AND (t4."created_at", t4."id") <= ($7, $8)) THEN 'true' ELSE 'false' END,
  '}}')
  FROM
  (SELECT row_number() OVER (ORDER BY t3."created_at" DESC, t3."id" DESC) AS n
    FROM saas_blog."tb_post" t3
    WHERE t3."fk_tenant" = $2 AND t3."deleted_at" IS NULL AND (t3."created_at", t3."id") > ($7, $8)
    ORDER BY t3."created_at" DESC, t3."id" DESC
    LIMIT $6 + 1) p3),
',"backward":', concat('{"pageInfo":{"hasNextPage":false}}'),
',"backwardAfter":', concat('{"pageInfo":{"hasNextPage":false}}'),
',"backwardBefore":', concat('{"pageInfo":{"hasNextPage":', CASE WHEN EXISTS
(SELECT
  FROM saas_blog."tb_post" t8
  WHERE t8."fk_tenant" = $2 AND t8."deleted_at" IS NULL AND (t8."created_at", t8."id") <= ($9, $10)) THEN 'true' ELSE 'false' END,
'}}'),
'}}');

-- $1 forward(first: literal 0): bigint 2
-- $2 the tenant's key: bigint 11
-- $3 after(first: literal 1): bigint 2
-- $4 time of after(after: literal 2): timestamptz 2000-01-01 + 700000000000000 µs
-- $5 id of after(after: literal 2): uuid 33333333-3333-3333-3333-333333333333
-- $6 before(first: literal 3): bigint 2
-- $7 time of before(before: literal 4): timestamptz 2000-01-01 + 700000000000000 µs
-- $8 id of before(before: literal 4): uuid 33333333-3333-3333-3333-333333333333
-- $9 time of backwardBefore(before: literal 9): timestamptz 2000-01-01 + 700000000000000 µs
-- $10 id of backwardBefore(before: literal 9): uuid 33333333-3333-3333-3333-333333333333
-- check: after(after: literal 2) is a cursor of list faa4f2
-- check: before(before: literal 4) is a cursor of list faa4f2
-- check: backwardAfter(after: literal 7) is a cursor of list faa4f2
-- check: backwardBefore(before: literal 9) is a cursor of list faa4f2
-- expected bytes: 300 + [forward(first: literal 0)] × (0) + [after(first: literal 1)] × (0) + [before(first: literal 3)] × (0) + [backward(last: literal 5)] × (0) + [backwardAfter(last: literal 6)] × (0) + [backwardBefore(last: literal 8)] × (0)
