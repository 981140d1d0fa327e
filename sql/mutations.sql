-- mutations.sql: the functions of the fields of Mutation, each bound to its field by @call in the schema. After the
-- triggers that they set off.
--
-- They run as saas_blog_exec in the context of a verified token, so row-level security decides what they see and write;
-- they name the tenant themselves all the same. Each gives back the row as it was written.
-- What a client did wrong has a code of its own: SB400 bad input, SB403 forbidden, SB404 not found, SB409 a conflict.
-- MESSAGE is for people, COLUMN names the argument that is to blame. Rules of a single value are constraints of the
-- tables, whose comments say `argument: Sentence.`; another tenant's row answers as one that does not exist.

-- White space is what Unicode calls so, whatever the locale, and the byte order mark.
CREATE FUNCTION saas_blog.trimmed(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN btrim(value, E'\t\n\x0b\x0c\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009'
                      '\u200a\u2028\u2029\u202f\u205f\u3000\ufeff');
END $$;
ALTER FUNCTION saas_blog.trimmed(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.trimmed(text) IS 'A text that names something, without the space around it';

-- The rule of those that a client gives: those that are made from a title or an e-mail may be longer.
CREATE FUNCTION saas_blog.given_identifier(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  identifier text := saas_blog.trimmed(value);
BEGIN
  IF char_length(identifier) > 63 OR identifier !~ '^[a-z0-9]+(-[a-z0-9]+)*$' THEN
    RAISE EXCEPTION USING ERRCODE = 'SB400', COLUMN = 'identifier', MESSAGE =
      'An identifier is made of lower-case letters, digits and single dashes between them, up to 63 characters.';
  END IF;
  RETURN identifier;
END $$;
ALTER FUNCTION saas_blog.given_identifier(text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.given_identifier(text) IS 'An identifier that a client gives, if it is one';

-- The key is drawn first, so that the tenant is entered before its row is audited.
CREATE FUNCTION saas_blog.fn_create_tenant(name text, identifier text, subscription_tier text DEFAULT 'free')
RETURNS saas_blog.tb_tenant LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  key bigint := nextval('saas_blog.tb_tenant_pk_tenant_seq');
  tenant saas_blog.tb_tenant;
BEGIN
  PERFORM saas_blog.enter_tenant(key);
  INSERT INTO saas_blog.tb_tenant (pk_tenant, identifier, name, subscription_tier) OVERRIDING SYSTEM VALUE
  VALUES (key, saas_blog.trimmed(fn_create_tenant.identifier), saas_blog.trimmed(fn_create_tenant.name),
          fn_create_tenant.subscription_tier)
  RETURNING * INTO tenant;
  RETURN tenant;
END $$;
ALTER FUNCTION saas_blog.fn_create_tenant(text, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_create_tenant(text, text, text) IS 'Mutation.createTenant';

-- A tenant's identifier may look like a UUID: the tenant that has it as id goes first.
-- A taken identifier is left to ON CONFLICT DO NOTHING, which raises 40001 in REPEATABLE READ where the row that has it
-- is not to be seen: one that is made could not avoid it then, and a client who named none would be told of a conflict.
CREATE FUNCTION saas_blog.fn_create_user(email text, name text, role text DEFAULT 'subscriber',
                                         identifier text DEFAULT NULL, tenant_id text DEFAULT NULL)
RETURNS saas_blog.tb_user LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked uuid := CASE WHEN fn_create_user.tenant_id ~* '^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$'
                     THEN fn_create_user.tenant_id::uuid END;
  tenant bigint := saas_blog.tenant_pk();
  made saas_blog.tb_user;
BEGIN
  IF saas_blog.app_role() = 'operator' THEN
    IF fn_create_user.tenant_id IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'SB400', COLUMN = 'tenantId',
        MESSAGE = 'An operator must say which tenant the user belongs to.';
    END IF;
    SELECT t.pk_tenant INTO tenant FROM saas_blog.tb_tenant AS t
    WHERE t.id = asked OR t.identifier = fn_create_user.tenant_id
    ORDER BY t.id = asked DESC NULLS LAST LIMIT 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION USING ERRCODE = 'SB404', MESSAGE = 'There is no such tenant.';
    END IF;
    PERFORM saas_blog.enter_tenant(tenant);
  END IF;
  INSERT INTO saas_blog.tb_user (fk_tenant, email, name, role, identifier)
  VALUES (tenant, saas_blog.trimmed(fn_create_user.email), saas_blog.trimmed(fn_create_user.name),
          fn_create_user.role, saas_blog.given_identifier(fn_create_user.identifier))
  ON CONFLICT ON CONSTRAINT tb_user_fk_tenant_identifier_key DO NOTHING
  RETURNING * INTO made;
  IF NOT FOUND THEN
    RAISE unique_violation USING SCHEMA = 'saas_blog', CONSTRAINT = 'tb_user_fk_tenant_identifier_key';
  END IF;
  RETURN made;
END $$;
ALTER FUNCTION saas_blog.fn_create_user(text, text, text, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_create_user(text, text, text, text, text) IS 'Mutation.createUser';

-- Whoever takes a role away locks the tenant's admins first, all in the same order: of two admins who demote each other
-- the second one waits, and finds that it is the last.
CREATE FUNCTION saas_blog.fn_update_user(id uuid, name text DEFAULT NULL, role text DEFAULT NULL)
RETURNS saas_blog.tb_user LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before saas_blog.tb_user;
  after saas_blog.tb_user;
BEGIN
  IF fn_update_user.role <> 'admin' THEN
    PERFORM FROM saas_blog.tb_user AS u
    WHERE u.fk_tenant = saas_blog.tenant_pk() AND (u.role = 'admin' OR u.id = fn_update_user.id)
    ORDER BY u.pk_user FOR NO KEY UPDATE;
  END IF;
  SELECT u.* INTO before FROM saas_blog.tb_user AS u
  WHERE u.fk_tenant = saas_blog.tenant_pk() AND u.id = fn_update_user.id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'SB404', MESSAGE = 'There is no such user.';
  END IF;

  name := coalesce(saas_blog.trimmed(name), before.name);
  role := coalesce(role, before.role);
  IF (name, role) IS NOT DISTINCT FROM (before.name, before.role) THEN
    RETURN before;
  END IF;
  UPDATE saas_blog.tb_user AS u SET name = fn_update_user.name, role = fn_update_user.role
  WHERE u.fk_tenant = before.fk_tenant AND u.pk_user = before.pk_user
  RETURNING u.* INTO after;
  IF before.role = 'admin' AND after.role <> 'admin'
     AND NOT EXISTS (SELECT FROM saas_blog.tb_user AS u WHERE u.fk_tenant = before.fk_tenant AND u.role = 'admin') THEN
    RAISE EXCEPTION USING ERRCODE = 'SB409', COLUMN = 'role',
      MESSAGE = 'This is the last admin of the tenant: make somebody else an admin first.';
  END IF;
  RETURN after;
END $$;
ALTER FUNCTION saas_blog.fn_update_user(uuid, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_update_user(uuid, text, text) IS 'Mutation.updateUser';

-- A tenant's token cannot name another tenant, so tenant_id says nothing that is not known.
CREATE FUNCTION saas_blog.fn_create_post(title text, content text, published boolean DEFAULT false,
                                         identifier text DEFAULT NULL, tenant_id text DEFAULT NULL)
RETURNS saas_blog.tb_post LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  post saas_blog.tb_post;
BEGIN
  INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, identifier, title, content, published)
  VALUES (saas_blog.tenant_pk(), saas_blog.user_pk(), saas_blog.given_identifier(fn_create_post.identifier),
          saas_blog.trimmed(fn_create_post.title), fn_create_post.content, fn_create_post.published)
  ON CONFLICT ON CONSTRAINT tb_post_fk_tenant_identifier_key DO NOTHING
  RETURNING * INTO post;
  IF NOT FOUND THEN
    RAISE unique_violation USING SCHEMA = 'saas_blog', CONSTRAINT = 'tb_post_fk_tenant_identifier_key';
  END IF;
  RETURN post;
END $$;
ALTER FUNCTION saas_blog.fn_create_post(text, text, boolean, text, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_create_post(text, text, boolean, text, text) IS 'Mutation.createPost';

-- Locking a row takes the right to update it, so the lock itself finds no post that the caller may not change. A live
-- one that can be read is another's then; one in the trash is in the trash of its author and of admins only.
CREATE FUNCTION saas_blog.post_to_change(id uuid, deleted boolean)
RETURNS saas_blog.tb_post LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  post saas_blog.tb_post;
BEGIN
  SELECT p.* INTO post FROM saas_blog.tb_post AS p
  WHERE p.fk_tenant = saas_blog.tenant_pk() AND p.id = post_to_change.id
    AND (p.deleted_at IS NOT NULL) = post_to_change.deleted
  FOR NO KEY UPDATE;
  IF FOUND THEN
    RETURN post;
  END IF;
  IF NOT post_to_change.deleted AND saas_blog.app_role() <> 'admin'
     AND EXISTS (SELECT FROM saas_blog.tb_post AS p
                 WHERE p.fk_tenant = saas_blog.tenant_pk() AND p.id = post_to_change.id AND p.deleted_at IS NULL
                   AND p.fk_user <> saas_blog.user_pk()) THEN
    RAISE EXCEPTION USING ERRCODE = 'SB403', MESSAGE = 'You may change your own posts only.';
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'SB404', MESSAGE =
    CASE WHEN post_to_change.deleted THEN 'There is no such post in the trash.' ELSE 'There is no such post.' END;
END $$;
ALTER FUNCTION saas_blog.post_to_change(uuid, boolean) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.post_to_change(uuid, boolean) IS
  'The post, live or deleted, locked until the transaction ends, if the caller may change it';

-- updated_at grows with every change, even if the clock was put back: it is what ifUpdatedAt compares.
CREATE FUNCTION saas_blog.fn_update_post(id uuid, title text DEFAULT NULL, content text DEFAULT NULL,
                                         published boolean DEFAULT NULL, if_updated_at timestamptz DEFAULT NULL)
RETURNS saas_blog.tb_post LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  post saas_blog.tb_post := saas_blog.post_to_change(fn_update_post.id, false);
BEGIN
  IF fn_update_post.if_updated_at <> post.updated_at THEN
    RAISE EXCEPTION USING ERRCODE = 'SB409', COLUMN = 'ifUpdatedAt',
      MESSAGE = 'The post has been changed since: read it again.';
  END IF;
  title := coalesce(saas_blog.trimmed(title), post.title);
  content := coalesce(content, post.content);
  published := coalesce(published, post.published);
  IF (title, content, published) IS DISTINCT FROM (post.title, post.content, post.published) THEN
    UPDATE saas_blog.tb_post AS p
    SET title = fn_update_post.title, content = fn_update_post.content, published = fn_update_post.published,
        updated_at = greatest(clock_timestamp(), p.updated_at + interval '1 microsecond')
    WHERE p.fk_tenant = post.fk_tenant AND p.pk_post = post.pk_post
    RETURNING p.* INTO post;
  END IF;
  RETURN post;
END $$;
ALTER FUNCTION saas_blog.fn_update_post(uuid, text, text, boolean, timestamptz) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_update_post(uuid, text, text, boolean, timestamptz) IS 'Mutation.updatePost';

CREATE FUNCTION saas_blog.fn_delete_post(id uuid)
RETURNS saas_blog.tb_post LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  post saas_blog.tb_post := saas_blog.post_to_change(fn_delete_post.id, false);
  moment timestamptz := greatest(clock_timestamp(), post.updated_at + interval '1 microsecond');
BEGIN
  UPDATE saas_blog.tb_post AS p SET deleted_at = moment, updated_at = moment
  WHERE p.fk_tenant = post.fk_tenant AND p.pk_post = post.pk_post
  RETURNING p.* INTO post;
  RETURN post;
END $$;
ALTER FUNCTION saas_blog.fn_delete_post(uuid) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_delete_post(uuid) IS 'Mutation.deletePost';

CREATE FUNCTION saas_blog.fn_restore_post(id uuid)
RETURNS saas_blog.tb_post LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  post saas_blog.tb_post := saas_blog.post_to_change(fn_restore_post.id, true);
BEGIN
  UPDATE saas_blog.tb_post AS p
  SET deleted_at = NULL, updated_at = greatest(clock_timestamp(), p.updated_at + interval '1 microsecond')
  WHERE p.fk_tenant = post.fk_tenant AND p.pk_post = post.pk_post
  RETURNING p.* INTO post;
  RETURN post;
END $$;
ALTER FUNCTION saas_blog.fn_restore_post(uuid) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_restore_post(uuid) IS 'Mutation.restorePost';

-- The post is read under the caller's policies, so a comment finds no post that the caller cannot see. If the post is
-- deleted at the same moment the comment is hidden with it.
CREATE FUNCTION saas_blog.fn_create_comment(post_id uuid, content text)
RETURNS saas_blog.tb_comment LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  comment saas_blog.tb_comment;
BEGIN
  INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
  SELECT p.fk_tenant, p.pk_post, saas_blog.user_pk(), fn_create_comment.content FROM saas_blog.tb_post AS p
  WHERE p.fk_tenant = saas_blog.tenant_pk() AND p.id = fn_create_comment.post_id AND p.deleted_at IS NULL
  RETURNING * INTO comment;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'SB404', MESSAGE = 'There is no such post.';
  END IF;
  RETURN comment;
END $$;
ALTER FUNCTION saas_blog.fn_create_comment(uuid, text) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_create_comment(uuid, text) IS 'Mutation.createComment';

CREATE FUNCTION saas_blog.fn_delete_comment(id uuid)
RETURNS saas_blog.tb_comment LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  comment saas_blog.tb_comment;
BEGIN
  UPDATE saas_blog.tb_comment AS c SET deleted_at = clock_timestamp()
  WHERE c.fk_tenant = saas_blog.tenant_pk() AND c.id = fn_delete_comment.id AND c.deleted_at IS NULL
    AND EXISTS (SELECT FROM saas_blog.tb_post AS p
                WHERE p.fk_tenant = c.fk_tenant AND p.pk_post = c.fk_post AND p.deleted_at IS NULL)
  RETURNING c.* INTO comment;
  IF FOUND THEN
    RETURN comment;
  END IF;
  IF saas_blog.app_role() <> 'admin'
     AND EXISTS (SELECT FROM saas_blog.v_comment AS c
                 WHERE c.fk_tenant = saas_blog.tenant_pk() AND c.id = fn_delete_comment.id
                   AND c.fk_user <> saas_blog.user_pk()) THEN
    RAISE EXCEPTION USING ERRCODE = 'SB403', MESSAGE = 'You may remove your own comments only.';
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'SB404', MESSAGE = 'There is no such comment.';
END $$;
ALTER FUNCTION saas_blog.fn_delete_comment(uuid) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_delete_comment(uuid) IS 'Mutation.deleteComment';
