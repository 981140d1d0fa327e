-- search_posts.sql: Query.searchPosts, bound to its function by @list in the schema. After search.sql, whose words it looks up.
--
-- It runs as saas_blog_exec in the context of a verified token, so row-level security decides what is found; it names the
-- tenant and leaves out drafts itself all the same.

-- The first 500 characters of what is asked, to the end of a word: each word costs time in every post that is ranked,
-- and thousands of them are deeper than the stack. It is also short enough for any of its words to be a word of a query.
-- What websearch_to_tsquery has no room for, as 33 dashes in a row, is asked for by its words. PARALLEL UNSAFE: an
-- EXCEPTION is a subtransaction, and there can be none in parallel mode.
CREATE FUNCTION saas_blog.search_query(config regconfig, query text)
RETURNS tsquery LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked text := left(query, 500);
BEGIN
  IF asked <> query THEN
    asked := regexp_replace(asked, '\s\S*$', '');
  END IF;
  asked := saas_blog.search_text(asked);
  RETURN websearch_to_tsquery(config, asked);
EXCEPTION WHEN internal_error OR program_limit_exceeded OR statement_too_complex THEN
  RETURN plainto_tsquery(config, asked);
END $$;
ALTER FUNCTION saas_blog.search_query(regconfig, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_query(regconfig, text) IS 'What a user types into a search box, as a query';

-- The index gives all posts of a word, in no order of use. So no more than the limit are taken from it; if there are
-- more, the newest of them are found by reading the posts from the newest on, which takes no index of words and is quick
-- for a word that is common. One that is common, but not of late, is the only one that all its posts are sorted for.
-- A query that only excludes words has no index either: it is answered from the newest posts, as many as the limit.
-- LIMIT 1 keeps the planner from reading all vectors first.
CREATE FUNCTION saas_blog.search_candidates(config text, wanted tsquery, drafts boolean)
RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  most bigint := current_setting('saas_blog.search_candidates')::bigint;
  indexed boolean := querytree(wanted) NOT IN ('', 'T');
  keys bigint[];
BEGIN
  IF indexed THEN
    keys := array(SELECT s.fk_post FROM saas_blog.tb_post_search AS s
                  WHERE s.fk_tenant = saas_blog.tenant_pk() AND s.config = search_candidates.config
                    AND s.vector OPERATOR(saas_blog.@@) wanted
                  LIMIT most + 1);
    IF cardinality(keys) <= most THEN
      RETURN keys;
    END IF;
  END IF;
  keys := array(
    SELECT p.pk_post
    FROM (SELECT newest.fk_tenant, newest.pk_post, newest.created_at, newest.id FROM saas_blog.tb_post AS newest
          WHERE newest.fk_tenant = saas_blog.tenant_pk() AND newest.deleted_at IS NULL AND (drafts OR newest.published)
          ORDER BY newest.created_at DESC, newest.id DESC LIMIT CASE WHEN indexed THEN most * 5 ELSE most END) AS p
    CROSS JOIN LATERAL (SELECT s.config, s.vector FROM saas_blog.tb_post_search AS s
                        WHERE s.fk_tenant = p.fk_tenant AND s.fk_post = p.pk_post LIMIT 1) AS s
    WHERE s.config = search_candidates.config AND s.vector @@ wanted
    ORDER BY p.created_at DESC, p.id DESC LIMIT most);
  IF cardinality(keys) = most OR NOT indexed THEN
    RETURN keys;
  END IF;
  RETURN array(
    SELECT p.pk_post FROM saas_blog.tb_post_search AS s
    JOIN saas_blog.tb_post AS p ON p.fk_tenant = s.fk_tenant AND p.pk_post = s.fk_post
    WHERE s.fk_tenant = saas_blog.tenant_pk() AND s.config = search_candidates.config
      AND s.vector OPERATOR(saas_blog.@@) wanted AND p.deleted_at IS NULL AND (drafts OR p.published)
    ORDER BY p.created_at DESC, p.id DESC LIMIT most);
END $$;
ALTER FUNCTION saas_blog.search_candidates(text, tsquery, boolean) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_candidates(text, tsquery, boolean) IS
  'Keys of posts to be ranked: all that match, or the newest saas_blog.search_candidates of them';

-- ts_headline takes minutes for some texts of 100 000 characters, so it is given 2 000 of the first 20 000: those with most
-- of the words, without the parts of words at both ends.
CREATE FUNCTION saas_blog.search_excerpt(config regconfig, content text, wanted tsquery)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF char_length(content) <= 2000 THEN
    RETURN saas_blog.search_text(content);
  END IF;
  RETURN (SELECT part.text
          FROM generate_series(1, least(char_length(content), 20000), 1800) AS place
          CROSS JOIN LATERAL substr(concat(' ', content, ' '), place, 2000) AS cut (text)
          CROSS JOIN LATERAL saas_blog.search_text(coalesce(substring(cut.text FROM '^\S*\s(.*)\s'), btrim(cut.text))) AS part (text)
          ORDER BY ts_rank(to_tsvector(config, part.text), wanted || wanted) DESC, place LIMIT 1);
END $$;
ALTER FUNCTION saas_blog.search_excerpt(regconfig, text, tsquery) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_excerpt(regconfig, text, tsquery) IS 'The part of a content that is best to show';

-- What ts_headline gives is no HTML that one may show: it is escaped here, and its marks are characters until then that
-- no stored text has. Without a match, which was in the title, it is the beginning of the content.
-- A language without blanks is one word to the parser, so the length is held as well.
CREATE FUNCTION saas_blog.search_highlight(config regconfig, content text, wanted tsquery)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  shown text := ts_headline(config, saas_blog.search_excerpt(config, content, wanted), wanted,
                            E'StartSel=\x01, StopSel=\x02, MaxWords=35, MinWords=15, ShortWord=3, MaxFragments=0');
BEGIN
  shown := translate(shown, E'\x04', '');
  IF char_length(shown) > 1000 THEN
    shown := substr(shown, greatest(strpos(shown, E'\x01') - 200, 1), 1000);
    IF shown ~ E'\x01[^\x02]*$' THEN
      shown := shown || E'\x02';
    END IF;
  END IF;
  shown := replace(replace(replace(shown, '&', '&amp;'), E'\x03', '&lt;'), '>', '&gt;');
  shown := replace(replace(shown, '"', '&quot;'), '''', '&#39;');
  RETURN replace(replace(shown, E'\x01', '<mark>'), E'\x02', '</mark>');
END $$;
ALTER FUNCTION saas_blog.search_highlight(regconfig, text, tsquery) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_highlight(regconfig, text, tsquery) IS
  'A fragment of the content as HTML: the matches in <mark>, all else as text';

-- A query or-ed with itself means the same, and is ranked by its words alone. Of one whose words are and-ed ts_rank
-- takes the distance of each two of them at each of their places, so that a post could be written that takes minutes.
CREATE FUNCTION saas_blog.fn_search_posts(query text, first bigint)
RETURNS TABLE (fk_tenant bigint, fk_post bigint, id uuid, title text, highlight text, rank real)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET client_min_messages = warning AS $$
DECLARE
  language text := saas_blog.search_config();
  wanted tsquery := saas_blog.search_query(language::regconfig, fn_search_posts.query);
  stored tsquery := saas_blog.tenant_query(saas_blog.tenant_pk(), wanted);
  drafts boolean := coalesce(saas_blog.app_role() IN ('admin', 'editor'), false);
  candidates bigint[];
BEGIN
  IF numnode(stored) = 0 THEN
    RETURN;
  END IF;
  candidates := saas_blog.search_candidates(language, stored, drafts);
  RETURN QUERY
  SELECT best.fk_tenant, best.pk_post, best.id, best.title,
         saas_blog.search_highlight(language::regconfig, best.content, wanted), best.rank
  FROM (SELECT p.fk_tenant, p.pk_post, p.id, p.title, p.content, p.created_at, ts_rank(s.vector, stored || stored) AS rank
        FROM unnest(candidates) AS c (key)
        JOIN saas_blog.tb_post AS p ON p.fk_tenant = saas_blog.tenant_pk() AND p.pk_post = c.key
        JOIN saas_blog.tb_post_search AS s ON s.fk_tenant = p.fk_tenant AND s.fk_post = p.pk_post
        WHERE p.deleted_at IS NULL AND (drafts OR p.published)
        ORDER BY 7 DESC, p.created_at DESC, p.id DESC LIMIT fn_search_posts.first) AS best
  ORDER BY best.rank DESC, best.created_at DESC, best.id DESC;
END $$;
ALTER FUNCTION saas_blog.fn_search_posts(text, bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_search_posts(text, bigint) IS 'Query.searchPosts';
