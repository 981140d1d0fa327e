SELECT concat('{"data":{"post":', coalesce((SELECT concat('{"author":', coalesce((SELECT concat('{"id":"', t2."id",
    '","name":', to_json(t2."name"),
    '}')
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t1."fk_user"), chr(26) || '0'),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."id" = $2 AND t1."deleted_at" IS NULL), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 post(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- gap 0: Cannot return null for non-nullable field Post.author. Step 1 is null then.
-- expected bytes: 200
