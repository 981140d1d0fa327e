-- search.sql: the words of posts, kept by triggers for full-text search, and the index over them. After the mutations,
-- which set off the triggers. search_posts.sql asks.
--
-- Two things let the index be used under row-level security. PostgreSQL reads an index for a condition before the wall
-- only if the operator is LEAKPROOF, and pg_catalog's @@ is not: @@ of saas_blog is the same function, marked so. It may
-- be: ts_match_vq raises nothing that depends on a vector, and gives back nothing but its result.
-- And every word is stored behind the key of its tenant, `5:word`. So a tenant has entries of its own in the index:
-- what a search costs comes of the tenant's own posts. What is left to be measured of others is how much all of them have
-- written of late (the list below), the logarithm of all their words (the depth of the tree), and the server's cache;
-- never one word of theirs.
-- A leak would take both walls: a caller who writes another tenant's key in front of a word, which no function here
-- lets it do, still has every row that the index finds checked by the wall of tb_post_search and of tb_post.
--
-- The vectors have a table of their own: in tb_post each mutation would carry them in its row, and the audit log too.

CREATE TABLE saas_blog.tb_search_config (
  is_set boolean NOT NULL DEFAULT true,
  config text COLLATE "C" NOT NULL,

  PRIMARY KEY (is_set),
  CONSTRAINT tb_search_config_one_row CHECK (is_set)
);
ALTER TABLE saas_blog.tb_search_config OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_search_config IS
  'The text-search configuration of this database; no row: pg_catalog.english';
COMMENT ON COLUMN saas_blog.tb_search_config.config IS
  'Schema and name. No regconfig: pg_upgrade refuses a database with such a column';

CREATE TABLE saas_blog.tb_post_search (
  fk_tenant bigint NOT NULL,
  fk_post bigint NOT NULL,
  config text COLLATE "C" NOT NULL,
  vector tsvector NOT NULL,

  PRIMARY KEY (fk_tenant, fk_post),
  FOREIGN KEY (fk_tenant, fk_post) REFERENCES saas_blog.tb_post (fk_tenant, pk_post) ON DELETE CASCADE
) WITH (toast_tuple_target = 8160);
ALTER TABLE saas_blog.tb_post_search OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_post_search IS
  'The words of each post. Not in a dump: a restore writes it anew, by the trigger on tb_post';
COMMENT ON COLUMN saas_blog.tb_post_search.config IS 'What the vector was made with; only those in force are searched';
COMMENT ON COLUMN saas_blog.tb_post_search.vector IS
  'Title with weight A, content with weight B; the key of the tenant and a colon before each word. In the row if it '
  'has room there: ranking reads thousands';

SELECT pg_extension_config_dump('saas_blog.tb_search_config', '');

-- eqsel takes each vector for the only one of its kind, so that the plan is made for few rows: else a small tenant's
-- plan, which is kept, would read all posts of a big one.
CREATE FUNCTION saas_blog.search_matches(vector tsvector, wanted tsquery)
RETURNS boolean LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF AS 'ts_match_vq';
ALTER FUNCTION saas_blog.search_matches(tsvector, tsquery) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_matches(tsvector, tsquery) IS 'The operator @@ of this schema';

CREATE OPERATOR saas_blog.@@ (FUNCTION = saas_blog.search_matches, LEFTARG = tsvector, RIGHTARG = tsquery,
                              RESTRICT = eqsel, JOIN = contjoinsel);
ALTER OPERATOR saas_blog.@@ (tsvector, tsquery) OWNER TO saas_blog_owner;
COMMENT ON OPERATOR saas_blog.@@ (tsvector, tsquery) IS 'Text search that an index is used for under row-level security';

CREATE OPERATOR CLASS saas_blog.search_ops FOR TYPE tsvector USING gin AS
  OPERATOR 1 saas_blog.@@ (tsvector, tsquery),
  FUNCTION 1 gin_cmp_tslexeme(text, text),
  FUNCTION 2 gin_extract_tsvector(tsvector, internal, internal),
  FUNCTION 3 gin_extract_tsquery(tsvector, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 gin_tsquery_consistent(internal, smallint, tsvector, integer, internal, internal, internal, internal),
  FUNCTION 5 gin_cmp_prefix(text, text, smallint, internal),
  FUNCTION 6 gin_tsquery_triconsistent(internal, smallint, tsvector, integer, internal, internal, internal),
  STORAGE text;
ALTER OPERATOR CLASS saas_blog.search_ops USING gin OWNER TO saas_blog_owner;
ALTER OPERATOR FAMILY saas_blog.search_ops USING gin OWNER TO saas_blog_owner;

-- A new post's words wait in a list, which makes an insert three times as fast as one that puts each of them where it
-- belongs. All searches read the list, whoever's posts are on it, so it is short: about a hundred posts.
CREATE INDEX tb_post_search_words ON saas_blog.tb_post_search USING gin (vector saas_blog.search_ops)
  WITH (fastupdate = on, gin_pending_list_limit = 512);
COMMENT ON INDEX saas_blog.tb_post_search_words IS 'Query.searchPosts';

-- A vector is read with the post that it is of. The owner rebuilds, for reindex_search(), which enters each tenant as an
-- operator does; an operator's own requests run as saas_blog_exec, so they see no post.
ALTER TABLE saas_blog.tb_search_config ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_post_search ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON saas_blog.tb_search_config AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (current_user IN ('saas_blog_owner', 'saas_blog_exec'))
  WITH CHECK (current_user IN ('saas_blog_owner', 'saas_blog_exec'));
CREATE POLICY wall ON saas_blog.tb_post_search AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY search_config_read ON saas_blog.tb_search_config FOR SELECT TO saas_blog_exec USING (true);
CREATE POLICY search_config_set ON saas_blog.tb_search_config FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (saas_blog.app_role() = 'operator');
CREATE POLICY post_search_read ON saas_blog.tb_post_search FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor')
         OR EXISTS (SELECT FROM saas_blog.tb_post AS post
                    WHERE post.fk_tenant = tb_post_search.fk_tenant AND post.pk_post = tb_post_search.fk_post));
CREATE POLICY post_search_insert ON saas_blog.tb_post_search FOR INSERT TO saas_blog_exec
  WITH CHECK (saas_blog.app_role() IN ('admin', 'editor'));
CREATE POLICY post_search_update ON saas_blog.tb_post_search FOR UPDATE TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor')) WITH CHECK (saas_blog.app_role() IN ('admin', 'editor'));
CREATE POLICY post_search_reindex ON saas_blog.tb_post_search FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (saas_blog.app_role() = 'operator');
CREATE POLICY post_reindex ON saas_blog.tb_post FOR SELECT TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator');
CREATE POLICY post_reindex_lock ON saas_blog.tb_post FOR UPDATE TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);

-- Of a configuration that was dropped all that is known is its name: English then, until another one is set.
CREATE FUNCTION saas_blog.search_config()
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text := (SELECT c.config FROM saas_blog.tb_search_config AS c);
BEGIN
  IF name IS NOT NULL AND EXISTS (SELECT FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace
             WHERE format('%I.%I', n.nspname, c.cfgname) = name) THEN
    RETURN name;
  END IF;
  RETURN 'pg_catalog.english';
END $$;
ALTER FUNCTION saas_blog.search_config() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_config() IS 'The text-search configuration in force, with its schema';

-- The parser would take `a < b, c > d` for a tag, and tags are neither found nor shown; and it looks at a run of digits
-- and dots once for each of them, 25 s for 100 000. So a `<` and the end of each 200 characters without a blank are
-- characters to it that no stored text has.
CREATE FUNCTION saas_blog.search_text(stored text) RETURNS text
LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'search_text_wrapper';
ALTER FUNCTION saas_blog.search_text(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_text(text) IS 'A text as PostgreSQL''s parser is given it';

CREATE FUNCTION saas_blog.tenant_vector(tenant bigint, vector tsvector) RETURNS tsvector
LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'tenant_vector_wrapper';
ALTER FUNCTION saas_blog.tenant_vector(bigint, tsvector) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.tenant_vector(bigint, tsvector) IS 'A vector with the tenant before each word';

CREATE FUNCTION saas_blog.tenant_query(tenant bigint, wanted tsquery)
RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN regexp_replace(wanted::text, '''((?:[^'']|'''')*)''', concat('''', tenant, ':\1'''), 'g')::tsquery;
END $$;
ALTER FUNCTION saas_blog.tenant_query(bigint, tsquery) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.tenant_query(bigint, tsquery) IS 'A query with the tenant before each word';

-- A word of 2 kB or more, and more words than 1 MB, are too much for a vector. A post that has that keeps what is
-- before, of its first 20 000 characters: words in up to 500 bytes.
CREATE FUNCTION saas_blog.search_vector(tenant bigint, config regconfig, title text, content text)
RETURNS tsvector LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
  shorter text;
BEGIN
  RETURN saas_blog.tenant_vector(tenant,
    setweight(to_tsvector(config, saas_blog.search_text(title)), 'A') ||
    setweight(to_tsvector(config, saas_blog.search_text(content)), 'B'));
EXCEPTION WHEN program_limit_exceeded THEN
  shorter := (SELECT string_agg(word, ' ' ORDER BY number)
              FROM regexp_split_to_table(left(content, 20000), '\s+') WITH ORDINALITY AS words (word, number)
              WHERE octet_length(word) <= 500);
  RETURN saas_blog.tenant_vector(tenant,
    setweight(to_tsvector(config, saas_blog.search_text(title)), 'A') ||
    setweight(to_tsvector(config, saas_blog.search_text(coalesce(shorter, ''))), 'B'));
END $$;
ALTER FUNCTION saas_blog.search_vector(bigint, regconfig, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_vector(bigint, regconfig, text, text) IS 'The words of a post, as they are stored';

-- Without a verified context too: a restore is searchable, and so is what a superuser imports.
CREATE FUNCTION saas_blog.index_post()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  language text := saas_blog.search_config();
  words tsvector := saas_blog.search_vector(NEW.fk_tenant, language::regconfig, NEW.title, NEW.content);
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE saas_blog.tb_post_search AS s SET config = language, vector = words
    WHERE s.fk_tenant = NEW.fk_tenant AND s.fk_post = NEW.pk_post;
    IF FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO saas_blog.tb_post_search (fk_tenant, fk_post, config, vector)
  VALUES (NEW.fk_tenant, NEW.pk_post, language, words);
  RETURN NULL;
END $$;
ALTER FUNCTION saas_blog.index_post() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.index_post() IS 'Keeps the words of a post as they are written';

CREATE TRIGGER search_new AFTER INSERT ON saas_blog.tb_post FOR EACH ROW EXECUTE FUNCTION saas_blog.index_post();
CREATE TRIGGER search_changed AFTER UPDATE OF title, content ON saas_blog.tb_post FOR EACH ROW
  WHEN ((OLD.title, OLD.content) IS DISTINCT FROM (NEW.title, NEW.content))
  EXECUTE FUNCTION saas_blog.index_post();

-- reindex_search() enters each tenant as an operator does, and calls reindex_tenant() in it. What is right already is not
-- written again. A superuser, whom no wall stops, does it for all tenants at once. FOR SHARE: whoever is changing a post is
-- waited for, and its words are those of the post as it then is; those of the post as it was would undo the new ones.
CREATE FUNCTION saas_blog.reindex_tenant()
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  language text := saas_blog.search_config();
  walled boolean := row_security_active('saas_blog.tb_post');
BEGIN
  INSERT INTO saas_blog.tb_post_search AS s (fk_tenant, fk_post, config, vector)
  SELECT p.fk_tenant, p.pk_post, language,
         saas_blog.search_vector(p.fk_tenant, language::regconfig, p.title, p.content)
  FROM saas_blog.tb_post AS p
  WHERE p.fk_tenant = saas_blog.tenant_pk() OR NOT walled
  FOR SHARE OF p
  ON CONFLICT ON CONSTRAINT tb_post_search_pkey DO UPDATE SET config = excluded.config, vector = excluded.vector
  WHERE (s.config, s.vector) IS DISTINCT FROM (excluded.config, excluded.vector);
END $$;
ALTER FUNCTION saas_blog.reindex_tenant() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.reindex_tenant() IS 'For reindex_search(): writes the words of the entered tenant''s posts anew';

CREATE FUNCTION saas_blog.set_search_config(config text)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted regconfig := set_search_config.config::regconfig;
  name text;
  usable boolean;
BEGIN
  SELECT format('%I.%I', n.nspname, c.cfgname),
         has_schema_privilege('saas_blog_exec', n.oid, 'USAGE') AND n.nspname !~ '^pg_temp_' INTO name, usable
  FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace WHERE c.oid = wanted;
  IF NOT usable THEN
    RAISE EXCEPTION 'posts cannot be searched with %', name USING ERRCODE = 'insufficient_privilege',
      HINT = 'GRANT USAGE ON SCHEMA … TO saas_blog_owner, saas_blog_exec: both read it. It cannot be temporary.';
  END IF;
  INSERT INTO saas_blog.tb_search_config (config) VALUES (name)
  ON CONFLICT ON CONSTRAINT tb_search_config_pkey DO UPDATE SET config = excluded.config;
END $$;
ALTER FUNCTION saas_blog.set_search_config(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.set_search_config(text) IS 'For reindex_search(): sets the text-search configuration';

-- One transaction: nobody searches with one configuration what was made with another. A post that is written meanwhile may
-- still be made with the old one; it is not found until the next call, or its next change.
CREATE FUNCTION saas_blog.reindex_search(config text DEFAULT NULL)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'reindex_search_wrapper';
ALTER FUNCTION saas_blog.reindex_search(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.reindex_search(text) IS
  'Writes the words of all posts anew, with this text-search configuration from now on if one is named: after a change '
  'of the configuration''s dictionaries, and after a restore with --disable-triggers';

-- A restore that brings its configuration after its posts, and a superuser who writes the setting, rebuild at once.
CREATE FUNCTION saas_blog.search_config_is_changed()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT row_security_active('saas_blog.tb_post') THEN
    PERFORM saas_blog.reindex_tenant();
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION saas_blog.search_config_is_changed() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.search_config_is_changed() IS 'Rebuilds, where no wall is in the way, what is searched';

CREATE TRIGGER search_config_is_changed AFTER INSERT OR UPDATE OR DELETE ON saas_blog.tb_search_config FOR EACH STATEMENT
  EXECUTE FUNCTION saas_blog.search_config_is_changed();
