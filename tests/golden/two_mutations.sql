SELECT saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3)::saas_blog."tb_post";

-- $1 first(title: variable 0): text "Both"
-- $2 first(content: variable 0): text "Both"
-- $3 first(published: default Boolean(false)): boolean false

SELECT concat('{"id":"', t0."id",
'","posts":',
(SELECT count(*)
  FROM saas_blog."tb_comment" t1
  WHERE t1."fk_tenant" = $1 AND t1."fk_post" = t0."pk_post" AND t1."deleted_at" IS NULL),
'}')
FROM
(SELECT ($2).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 the row of tb_post that was written: what the statement before has given

SELECT concat('"Mutation"');


SELECT saas_blog."fn_create_post"("title" => $1, "content" => $2, "published" => $3)::saas_blog."tb_post";

-- $1 second(title: variable 0): text "Both"
-- $2 second(content: literal 0): text "other"
-- $3 second(published: default Boolean(false)): boolean false

SELECT concat('{"author":', coalesce((SELECT concat('{"posts":',
  (SELECT concat('{"nodes":[', saas_blog.join_items(concat('{"title":', to_json(p2."title"),
    '}'), 0, 1),
    ']}')
    FROM
    (SELECT t2."title"
      FROM saas_blog."tb_post" t2
      WHERE t2."fk_tenant" = $1 AND t2."fk_user" = t1."pk_user" AND t2."deleted_at" IS NULL
      ORDER BY t2."created_at" DESC, t2."id" DESC
      LIMIT $2) p2),
  '}')
  FROM saas_blog."tb_user" t1
  WHERE t1."fk_tenant" = $1 AND t1."pk_user" = t0."fk_user"), chr(26) || '0'),
'}')
FROM
(SELECT ($3).*) t0;

-- $1 the tenant's key: bigint 11
-- $2 second.author.posts(first: literal 1): bigint 2
-- $3 the row of tb_post that was written: what the statement before has given
-- gap 0: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 300 + [second.author.posts(first: literal 1)] × (50)
