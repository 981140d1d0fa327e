SELECT concat('{"data":{"searchPosts":',
(SELECT concat('[', saas_blog.join_items(concat('{"id":"', p1."id",
  '","title":', to_json(p1."title"),
  ',"highlight":', to_json(p1."highlight"),
  ',"rank":', p1."rank",
  ',"post":', coalesce((SELECT concat('{"author":', coalesce((SELECT concat('{"name":', to_json(t3."name"),
      '}')
      FROM saas_blog."tb_user" t3
      WHERE t3."fk_tenant" = $1 AND t3."pk_user" = t2."fk_user"), chr(26) || '1'),
    ',"commentCount":',
    (SELECT count(*)
      FROM saas_blog."tb_comment" t4
      WHERE t4."fk_tenant" = $1 AND t4."fk_post" = t2."pk_post" AND t4."deleted_at" IS NULL),
    '}')
    FROM saas_blog."tb_post" t2
    WHERE t2."fk_tenant" = $1 AND t2."pk_post" = p1."fk_post"), chr(26) || '0'),
  '}'), 0, 1),
  ']')
  FROM saas_blog."fn_search_posts"("query" => $2, "first" => $3) p1),
'}}');

-- $1 the tenant's key: bigint 11
-- $2 searchPosts(query: literal 0): text "rows and walls"
-- $3 searchPosts(first: default Int(10)): bigint 10
-- gap 0: Cannot return null for non-nullable field PostSearchResult.post. Step 0 is null then.
-- gap 1: Cannot return null for non-nullable field Post.author. Step 0 is null then.
-- expected bytes: 50 + [searchPosts(first: default Int(10))] × (850)
