SELECT concat('{"data":{"who":', coalesce((SELECT concat('{"is":', to_json(t1."name"),
  ',"is2":', to_json(t1."name"),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $2), 'null'),
',"mine":', coalesce((SELECT concat('{"posts":',
  (SELECT concat('{"all":',
    (SELECT count(*)
      FROM saas_blog."tb_post" t4
      WHERE t4."fk_tenant" = $1 AND t4."fk_user" = t2."pk_user" AND t4."deleted_at" IS NULL),
    ',"n":[', saas_blog.join_items(concat('{"t":', to_json(p3."title"),
    ',"a":', coalesce((SELECT concat('{"n":', to_json(t5."name"),
      '}')
      FROM saas_blog."tb_user" t5
      WHERE t5."fk_tenant" = $1 AND t5."pk_user" = p3."fk_user"), chr(26) || '0'),
    '}'), 0, 1) FILTER (WHERE p3.n <= $3),
    '],"p":{"more":', CASE WHEN count(*) > $3 THEN 'true' ELSE 'false' END,
    '},"e":[', saas_blog.join_items(concat('{"c":"', encode((decode('49e347', 'hex') || timestamptz_send(p3."created_at")) || uuid_send(p3."id"), 'base64'),
    '","n":{"t":', to_json(p3."title"),
    '}}'), 0, 2) FILTER (WHERE p3.n <= $3),
    ']}')
    FROM
    (SELECT t3."title", t3."fk_user", t3."created_at", t3."id", row_number() OVER (ORDER BY t3."created_at" DESC, t3."id" DESC) AS n
      FROM saas_blog."tb_post" t3
      WHERE t3."fk_tenant" = $1 AND t3."fk_user" = t2."pk_user" AND t3."deleted_at" IS NULL
      ORDER BY t3."created_at" DESC, t3."id" DESC
      LIMIT $3 + 1) p3),
  '}')
  FROM saas_blog."tb_user" t2
  WHERE t2."fk_tenant" = $1 AND t2."pk_user" = $2), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 the caller's key: bigint 22
-- $3 default page size: bigint 20
-- gap 0: Cannot return null for non-nullable field Post.author. Step 1 is null then.
-- expected bytes: 250 + [default page size] × (250)
