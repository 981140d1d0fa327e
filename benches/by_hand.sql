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
