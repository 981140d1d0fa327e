-- What the extension is measured against, in a schema of its own; the statements are in page.sql, me.sql and search.sql.
--
-- By hand: createComment and createPost as a PL/pgSQL function each, for whoever the context names, with the answer of
-- createComment { id content author { name } } and createPost { id title author { name } } as text. They run as the
-- compiled mutations do, under the same policies, and the tables' triggers write the audit row for both.
CREATE SCHEMA bench;

CREATE FUNCTION bench.create_comment(post uuid, said text) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made saas_blog.tb_comment;
BEGIN
  INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
  SELECT p.fk_tenant, p.pk_post, saas_blog.user_pk(), said FROM saas_blog.tb_post AS p
  WHERE p.fk_tenant = saas_blog.tenant_pk() AND p.id = post AND p.deleted_at IS NULL
  RETURNING * INTO made;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such post.';
  END IF;
  RETURN (SELECT concat('{"data":{"createComment":{"id":"', made.id, '","content":', to_json(made.content),
                        ',"author":{"name":', to_json(u.name), '}}}}')
          FROM saas_blog.tb_user AS u WHERE u.fk_tenant = made.fk_tenant AND u.pk_user = made.fk_user);
END $$;

CREATE FUNCTION bench.create_post(name text, said text) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made saas_blog.tb_post;
BEGIN
  INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title, content, published)
  VALUES (saas_blog.tenant_pk(), saas_blog.user_pk(), btrim(name), said, true)
  RETURNING * INTO made;
  RETURN (SELECT concat('{"data":{"createPost":{"id":"', made.id, '","title":', to_json(made.title),
                        ',"author":{"name":', to_json(u.name), '}}}}')
          FROM saas_blog.tb_user AS u WHERE u.fk_tenant = made.fk_tenant AND u.pk_user = made.fk_user);
END $$;

GRANT USAGE ON SCHEMA bench TO saas_blog_exec;

-- What searchPosts would be by hand: the words of each post as to_tsvector gives them, an index with PostgreSQL's own
-- operators, and the wall and policy of saas_blog.tb_post_search. Of the tenant `big` alone, so that by hand nothing is
-- read that another tenant has in the index.
CREATE TABLE bench.post_search (
  fk_tenant bigint NOT NULL,
  fk_post bigint NOT NULL,
  vector tsvector NOT NULL
);
INSERT INTO bench.post_search (fk_tenant, fk_post, vector)
SELECT p.fk_tenant, p.pk_post, text.vector
FROM saas_blog.tb_post p
JOIN (SELECT fk_tenant, title, content,
             setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', content), 'B') AS vector
      FROM (SELECT DISTINCT fk_tenant, title, content FROM saas_blog.tb_post
            WHERE fk_tenant = (SELECT pk_tenant FROM saas_blog.tb_tenant WHERE identifier = 'big')) x) text
USING (fk_tenant, title, content);
ALTER TABLE bench.post_search ADD PRIMARY KEY (fk_tenant, fk_post);
CREATE INDEX post_search_words ON bench.post_search USING gin (vector);
ALTER TABLE bench.post_search ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON bench.post_search AS RESTRICTIVE FOR ALL TO PUBLIC USING (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY post_search_read ON bench.post_search FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor')
         OR EXISTS (SELECT FROM saas_blog.tb_post AS post
                    WHERE post.fk_tenant = post_search.fk_tenant AND post.pk_post = post_search.fk_post));
GRANT SELECT ON bench.post_search TO saas_blog_exec;
VACUUM (ANALYZE) bench.post_search;
