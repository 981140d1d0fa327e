-- By hand: the answer of { searchPosts(query: :asked, first: 10) { id title highlight rank } } for an editor of the tenant
-- with the key :tenant, over bench.post_search.
WITH asked AS MATERIALIZED (SELECT websearch_to_tsquery('english', :asked) AS wanted)
SELECT concat('{"data":{"searchPosts":[', string_agg(concat('{"id":"', best.id, '","title":', to_json(best.title), ',"highlight":',
        to_json(replace(replace(replace(replace(replace(replace(replace(
            ts_headline('english', best.content, (SELECT wanted FROM asked),
                        E'StartSel=\x01, StopSel=\x02, MaxWords=35, MinWords=15, ShortWord=3, MaxFragments=0'),
            '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;'),
            E'\x01', '<mark>'), E'\x02', '</mark>')),
        ',"rank":', to_json(best.rank), '}'), ',' ORDER BY best.rank DESC, best.created_at DESC, best.id DESC), ']}}')
FROM (
    SELECT p.id, p.title, p.content, p.created_at, ts_rank(s.vector, (SELECT wanted FROM asked)) AS rank
    FROM bench.post_search s JOIN saas_blog.tb_post p ON p.fk_tenant = s.fk_tenant AND p.pk_post = s.fk_post
    WHERE s.fk_tenant = :tenant AND s.vector @@ (SELECT wanted FROM asked) AND p.deleted_at IS NULL
    ORDER BY rank DESC, p.created_at DESC, p.id DESC LIMIT 10) best
