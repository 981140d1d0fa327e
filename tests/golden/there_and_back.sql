SELECT concat('{"data":{"me":', coalesce((SELECT concat('{"posts":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"author":', coalesce((SELECT concat('{"posts":',
      (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"comments":',
        (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"post":', coalesce((SELECT concat('{"author":', coalesce((SELECT concat('{"id":"', t7."id",
              '"}')
              FROM saas_blog."tb_user" t7
              WHERE t7."fk_tenant" = $1 AND t7."pk_user" = t6."fk_user"), chr(26) || '2'),
            '}')
            FROM saas_blog."tb_post" t6
            WHERE t6."fk_tenant" = $1 AND t6."pk_post" = p5."fk_post"), chr(26) || '1'),
          '}'), 2, 3),
          ']}')
          FROM
          (SELECT t5."fk_post"
            FROM saas_blog."tb_comment" t5
            WHERE t5."fk_tenant" = $1 AND t5."fk_post" = p4."pk_post" AND t5."deleted_at" IS NULL
            ORDER BY t5."created_at", t5."id"
            LIMIT $2) p5),
        '}'), 1, 2),
        ']}')
        FROM
        (SELECT t4."pk_post"
          FROM saas_blog."tb_post" t4
          WHERE t4."fk_tenant" = $1 AND t4."fk_user" = t3."pk_user" AND t4."deleted_at" IS NULL
          ORDER BY t4."created_at" DESC, t4."id" DESC
          LIMIT $2) p4),
      '}')
      FROM saas_blog."tb_user" t3
      WHERE t3."fk_tenant" = $1 AND t3."pk_user" = p2."fk_user"), chr(26) || '0'),
    '}'), 0, 1),
    ']}')
    FROM
    (SELECT t2."fk_user"
      FROM saas_blog."tb_post" t2
      WHERE t2."fk_tenant" = $1 AND t2."fk_user" = t1."pk_user" AND t2."deleted_at" IS NULL
      ORDER BY t2."created_at" DESC, t2."id" DESC
      LIMIT $2) p2),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = $3), 'null'),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 default page size: bigint 20
-- $3 the caller's key: bigint 22
-- gap 0: Cannot return null for non-nullable field Post.author. Step 1 is null then.
-- gap 1: Cannot return null for non-nullable field Comment.post. Step 1 is null then.
-- gap 2: Cannot return null for non-nullable field Post.author. Step 1 is null then.
-- expected bytes: 100 + [default page size] × (100 + [default page size] × (50 + [default page size] × (150)))
