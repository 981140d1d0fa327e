-- By hand: the answer of { posts(first: 20) { nodes { id title content author { id name } comments(first: 5) { nodes {
-- id content author { name } } } } pageInfo { hasNextPage } } } for an editor of the tenant with the key :tenant.
SELECT concat('{"data":{"posts":{"nodes":[', string_agg(x, ','), '],"pageInfo":{"hasNextPage":',
    CASE WHEN EXISTS (SELECT 1 FROM saas_blog.tb_post WHERE fk_tenant = :tenant AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC OFFSET 20) THEN 'true' ELSE 'false' END, '}}}}')
FROM (
    SELECT concat('{"id":"', p.id, '","title":', to_json(p.title), ',"content":', to_json(p.content), ',"author":',
        (SELECT concat('{"id":"', u.id, '","name":', to_json(u.name), '}')
            FROM saas_blog.tb_user u WHERE u.fk_tenant = :tenant AND u.pk_user = p.fk_user),
        ',"comments":{"nodes":[',
        (SELECT string_agg(x, ',') FROM (
            SELECT concat('{"id":"', c.id, '","content":', to_json(c.content), ',"author":{"name":',
                (SELECT to_json(u.name) FROM saas_blog.tb_user u WHERE u.fk_tenant = :tenant AND u.pk_user = c.fk_user), '}}') AS x
            FROM saas_blog.tb_comment c
            WHERE c.fk_tenant = :tenant AND c.fk_post = p.pk_post AND c.deleted_at IS NULL
            ORDER BY c.created_at, c.id LIMIT 5) y),
        ']}}') AS x
    FROM saas_blog.tb_post p
    WHERE p.fk_tenant = :tenant AND p.deleted_at IS NULL
    ORDER BY p.created_at DESC, p.id DESC LIMIT 20) z
