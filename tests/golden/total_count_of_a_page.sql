SELECT concat('{"data":{"posts":{"totalCount":',
(SELECT count(*)
  FROM saas_blog."tb_post" t2
  WHERE t2."fk_tenant" = $1 AND t2."published" = $2 AND t2."deleted_at" IS NULL),
'}}}');

-- $1 the tenant's key: bigint 11
-- $2 posts(published: Boolean(true)): boolean true
-- check: posts(after: literal 1) is a cursor of list faa4f2
-- expected bytes: 50 + [posts(first: literal 0)] × (0)
