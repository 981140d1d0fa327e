SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3) t0;

-- $1 first(title: variable 0): text "Both"
-- $2 first(content: variable 0): text "Both"
-- $3 first(published: default Boolean(false)): boolean false

SELECT concat(coalesce((SELECT concat('{"id":"', t1."id",
  '","posts":',
  (SELECT count(*)
    FROM saas_blog."tb_comment" t2
    WHERE t2."fk_tenant" = $1 AND t2."fk_post" = t1."pk_post" AND t2."deleted_at" IS NULL),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = $2), chr(26) || '0'));

-- $1 the tenant's key: bigint 11
-- $2 the key of the row that was written: bigint null

SELECT concat('"Mutation"');


SELECT t0."fk_tenant", t0."pk_post"
FROM saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3) t0;

-- $1 second(title: variable 0): text "Both"
-- $2 second(content: literal 0): text "other"
-- $3 second(published: default Boolean(false)): boolean false

SELECT concat(coalesce((SELECT concat('{"author":', coalesce((SELECT concat('{"posts":',
    (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p3."title"),
      '}'), 0, 1),
      ']}')
      FROM
      (SELECT t3."title"
        FROM saas_blog."tb_post" t3
        WHERE t3."fk_tenant" = $1 AND t3."fk_user" = t2."pk_user" AND t3."deleted_at" IS NULL
        ORDER BY t3."created_at" DESC, t3."id" DESC
        LIMIT $2) p3),
    '}')
    FROM saas_blog."tb_user" t2
    WHERE t2."fk_tenant" = $1 AND t2."pk_user" = t1."fk_user"), chr(26) || '2'),
  '}')
  FROM saas_blog."tb_post" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_post" = $3), chr(26) || '1'));

-- $1 the tenant's key: bigint 11
-- $2 second.author.posts(first: literal 1): bigint 2
-- $3 the key of the row that was written: bigint null
-- gap 0: Cannot return null for non-nullable field Mutation.createPost. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Mutation.createPost. Step 0 is null then.
-- gap 2: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 300 + [second.author.posts(first: literal 1)] × (50)
