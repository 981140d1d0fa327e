-- popular.sql: Query.popularPosts: the ranking of a tenant's posts, stored for saas_blog.popular_posts_ttl seconds, and
-- the markers by which whoever changes a post ends it. After the tables it reads and the mutations that set off its
-- trigger.
--
-- A ranking is stored with the snapshot that it was computed in. A transaction that changes a post leaves a row of its
-- own, a marker with its transaction id; a ranking is valid only while its snapshot had seen every marker that is
-- there. So nobody waits for anybody: a change that is rolled back leaves no marker, and one that is committed while a
-- ranking is computed has one that this ranking has not seen. Comments leave none: the age of a ranking bounds theirs.
-- What is stored are keys alone. The posts are read under the caller's policies each time.

CREATE TABLE saas_blog.tb_popular_ranking (
  fk_tenant bigint NOT NULL,
  posts bigint[] NOT NULL,
  counts bigint[] NOT NULL,
  snapshot pg_snapshot NOT NULL,
  seen_before xid8 NOT NULL GENERATED ALWAYS AS (pg_snapshot_xmin(snapshot)) STORED,
  computed_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (fk_tenant)
);
ALTER TABLE saas_blog.tb_popular_ranking OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_popular_ranking IS 'The most commented posts of a tenant when it was last asked for them';
COMMENT ON COLUMN saas_blog.tb_popular_ranking.posts IS 'Keys of published live posts, the most commented first';
COMMENT ON COLUMN saas_blog.tb_popular_ranking.counts IS 'How many comments each of them had in 30 days';
COMMENT ON COLUMN saas_blog.tb_popular_ranking.snapshot IS 'What the ranking has seen';
COMMENT ON COLUMN saas_blog.tb_popular_ranking.seen_before IS
  'It has seen all transactions before this one; a column, because row-level security keeps a function out of an index';
COMMENT ON COLUMN saas_blog.tb_popular_ranking.computed_at IS
  'When the transaction that computed it began: never later than what it has seen';

CREATE TABLE saas_blog.tb_popular_marker (
  fk_tenant bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),

  PRIMARY KEY (fk_tenant, xid)
);
ALTER TABLE saas_blog.tb_popular_marker OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_popular_marker IS 'Transactions that changed posts of a tenant: they end its ranking';

-- Transaction ids and snapshots mean nothing in another cluster: a restored database begins without rankings. An
-- upgrade by pg_upgrade keeps both, and the count of transactions with them.
SELECT pg_extension_config_dump('saas_blog.tb_popular_ranking', 'WHERE false');
SELECT pg_extension_config_dump('saas_blog.tb_popular_marker', 'WHERE false');

-- A ranking holds nothing that depends on the role of whoever computes it, but an operator, who sees no posts, must not
-- store that there are none. saas_blog_exec never chooses the id of a marker (grants.sql).
ALTER TABLE saas_blog.tb_popular_ranking ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_popular_marker ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON saas_blog.tb_popular_ranking AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_popular_marker AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY ranking_all ON saas_blog.tb_popular_ranking FOR ALL TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor', 'subscriber'))
  WITH CHECK (saas_blog.app_role() IN ('admin', 'editor', 'subscriber'));
CREATE POLICY marker_all ON saas_blog.tb_popular_marker FOR ALL TO saas_blog_exec USING (true) WITH CHECK (true);
CREATE POLICY ranking_prune ON saas_blog.tb_popular_ranking FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);
CREATE POLICY marker_prune ON saas_blog.tb_popular_marker FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);

-- One marker for all posts that a transaction changes.
CREATE FUNCTION saas_blog.mark_popular_posts()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO saas_blog.tb_popular_marker (fk_tenant) VALUES (NEW.fk_tenant) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
ALTER FUNCTION saas_blog.mark_popular_posts() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.mark_popular_posts() IS 'Ends the ranking of a tenant when the transaction commits';

-- As with the audit log, what a superuser writes without a context leaves none: an import pays nothing, and what it
-- changes shows once the ranking expires or is deleted.
CREATE TRIGGER mark_popular_posts AFTER INSERT OR UPDATE ON saas_blog.tb_post FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL) EXECUTE FUNCTION saas_blog.mark_popular_posts();

-- The stored ranking, if no post was changed since; expired: it is too old, which is no matter while another is
-- computed. Markers from before seen_before need not be looked at: ORDER BY has the planner read the end of the index,
-- where it would read the table in hope of an early hit.
CREATE FUNCTION saas_blog.stored_ranking(OUT posts bigint[], OUT expired boolean)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT r.posts, r.computed_at <= statement_timestamp()
                  - current_setting('saas_blog.popular_posts_ttl')::int * interval '1 second'
  INTO posts, expired
  FROM saas_blog.tb_popular_ranking AS r
  WHERE r.fk_tenant = saas_blog.tenant_pk()
    AND (SELECT m.xid FROM saas_blog.tb_popular_marker AS m
         WHERE m.fk_tenant = saas_blog.tenant_pk() AND m.xid >= r.seen_before
           AND NOT pg_visible_in_snapshot(m.xid, r.snapshot)
         ORDER BY m.xid DESC LIMIT 1) IS NULL;
END $$;
ALTER FUNCTION saas_blog.stored_ranking() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.stored_ranking() IS 'The stored ranking of the tenant, NULL if a post was changed since';

-- Posts without a comment come after all others, the newest first; they are looked for only if there is room for them.
-- The same for every role that may ask: it is of published posts only, and whoever sees a post sees its comments.
-- Of the posts that have comments it reads a thousand first, and those that have as many as the last of them; all only
-- if too few of these are published and live.
CREATE FUNCTION saas_blog.popular_ranking(OUT posts bigint[], OUT counts bigint[])
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  most bigint;
BEGIN
  FOREACH most IN ARRAY ARRAY[1000, 9223372036854775807] LOOP
    WITH commented AS MATERIALIZED (
      SELECT c.fk_post, count(*) AS number FROM saas_blog.tb_comment AS c
      WHERE c.fk_tenant = saas_blog.tenant_pk() AND c.deleted_at IS NULL AND c.created_at > now() - interval '30 days'
      GROUP BY c.fk_post),
    ranked AS MATERIALIZED (
      SELECT p.pk_post, n.number, p.created_at, p.id
      FROM (SELECT * FROM commented ORDER BY number DESC FETCH FIRST (most) ROWS WITH TIES) AS n
      JOIN saas_blog.tb_post AS p ON p.fk_tenant = saas_blog.tenant_pk() AND p.pk_post = n.fk_post
      WHERE p.published AND p.deleted_at IS NULL
      ORDER BY n.number DESC, p.created_at DESC, p.id DESC LIMIT 200),
    newest AS (
      SELECT p.pk_post, 0 AS number, p.created_at, p.id FROM saas_blog.tb_post AS p
      WHERE p.fk_tenant = saas_blog.tenant_pk() AND p.published AND p.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM commented AS n WHERE n.fk_post = p.pk_post)
        AND (SELECT count(*) FROM ranked) < 200
      ORDER BY p.created_at DESC, p.id DESC LIMIT 200)
    SELECT coalesce(array_agg(x.pk_post), '{}'), coalesce(array_agg(x.number), '{}') INTO posts, counts
    FROM (SELECT * FROM ranked UNION ALL SELECT * FROM newest
          ORDER BY number DESC, created_at DESC, id DESC LIMIT 200) AS x
    WHERE (SELECT count(*) FROM ranked) = 200 OR most > 1000 OR (SELECT count(*) FROM commented) <= 1000;
    EXIT WHEN posts <> '{}';
  END LOOP;
END $$;
ALTER FUNCTION saas_blog.popular_ranking() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.popular_ranking() IS
  'Computes the 200 most commented posts of the tenant, by live comments of the last 30 days';

-- One expression, which nothing interrupts between lock and unlock.
CREATE FUNCTION saas_blog.ranking_lock_is_free(lock bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE WHEN pg_try_advisory_lock_shared(lock) THEN pg_advisory_unlock_shared(lock) ELSE false END;
END $$;
ALTER FUNCTION saas_blog.ranking_lock_is_free(bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.ranking_lock_is_free(bigint) IS 'Whether no other session has this advisory lock';

-- Run before the statement that reads the posts. True: a valid ranking is there; false: there was none. One transaction
-- at a time computes and stores. It keeps its lock until it ends, so whoever finds it taken does not wait for that: the
-- ranking that has only expired is good enough then. Where there is none, another one holds a second lock while it
-- computes, and one who needs the same ranking waits as long, at most five seconds, and a quarter of a second more for
-- the commit; a transaction that is idle costs others that quarter, and then they compute for themselves. Stored is
-- only what is committed with a snapshot that was taken after the lock, before the transaction had an id: else a
-- snapshot would claim to have seen a change that the transaction makes later, or one whose marker is pruned.
CREATE FUNCTION saas_blog.fill_popular_posts()
RETURNS boolean LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lock text := 'saas_blog.popular_posts ' || saas_blog.tenant_pk();
  stored record;
  ranking record;
  patience timestamptz;
  latest timestamptz;
BEGIN
  stored := saas_blog.stored_ranking();
  IF NOT stored.expired THEN
    RETURN true;
  END IF;
  IF current_setting('transaction_read_only')::boolean
     OR current_setting('transaction_isolation') <> 'read committed' OR pg_current_xact_id_if_assigned() IS NOT NULL
     OR current_setting('saas_blog.popular_posts_ttl')::int = 0 THEN
    RETURN false;
  END IF;

  patience := clock_timestamp() + interval '250 milliseconds';
  latest := clock_timestamp() + interval '5 seconds';
  WHILE NOT pg_try_advisory_xact_lock(hashtextextended(lock, 0)) LOOP
    IF NOT saas_blog.ranking_lock_is_free(hashtextextended(lock, 1)) THEN
      patience := least(clock_timestamp() + interval '250 milliseconds', latest);
    END IF;
    IF stored.expired OR clock_timestamp() > patience THEN
      RETURN false;
    END IF;
    PERFORM pg_sleep(0.005);
    stored := saas_blog.stored_ranking();
    IF NOT stored.expired THEN
      RETURN true;
    END IF;
  END LOOP;
  -- The one who had the lock may have stored a ranking since.
  stored := saas_blog.stored_ranking();
  IF NOT stored.expired THEN
    RETURN true;
  END IF;

  -- The second lock ends with a subtransaction, which is why it is undone; variables are not.
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(lock, 1));
    SELECT r.posts, r.counts, pg_current_snapshot() AS snapshot INTO ranking FROM saas_blog.popular_ranking() AS r;
    RAISE EXCEPTION USING ERRCODE = 'SB000';
  EXCEPTION WHEN SQLSTATE 'SB000' THEN
    NULL;
  END;
  INSERT INTO saas_blog.tb_popular_ranking (fk_tenant, posts, counts, snapshot)
  VALUES (saas_blog.tenant_pk(), ranking.posts, ranking.counts, ranking.snapshot)
  ON CONFLICT ON CONSTRAINT tb_popular_ranking_pkey
  DO UPDATE SET posts = excluded.posts, counts = excluded.counts, snapshot = excluded.snapshot, computed_at = now();
  RETURN false;
END $$;
ALTER FUNCTION saas_blog.fill_popular_posts() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fill_popular_posts() IS
  'Stores a ranking for Query.popularPosts if there is no valid one; true if there is';

-- Writes nothing, and so works on a standby and in a READ ONLY transaction: without a ranking that can be used it
-- computes one for itself. Posts of the ranking that are no longer published and live leave their places to the next.
CREATE FUNCTION saas_blog.fn_popular_posts(first bigint)
RETURNS SETOF saas_blog.tb_post LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER ROWS 10
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lock bigint := hashtextextended('saas_blog.popular_posts ' || saas_blog.tenant_pk(), 0);
  ranking record;
BEGIN
  ranking := saas_blog.stored_ranking();
  IF ranking.posts IS NULL OR ranking.expired AND saas_blog.ranking_lock_is_free(lock) THEN
    ranking := saas_blog.popular_ranking();
  END IF;
  RETURN QUERY
    SELECT p.* FROM unnest(ranking.posts) WITH ORDINALITY AS r (pk_post, place)
    JOIN saas_blog.tb_post AS p ON p.fk_tenant = saas_blog.tenant_pk() AND p.pk_post = r.pk_post
    WHERE p.published AND p.deleted_at IS NULL
    ORDER BY r.place LIMIT fn_popular_posts.first;
END $$;
ALTER FUNCTION saas_blog.fn_popular_posts(bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.fn_popular_posts(bigint) IS 'Query.popularPosts';

-- A marker that the stored ranking has seen says nothing any more, as a later ranking has seen more. Those it has not
-- seen go with it once it has expired, under the lock, so that no ranking is being computed that has not seen them
-- either; in READ COMMITTED, so that one that was stored just before is seen.
CREATE FUNCTION saas_blog.prune_popular_posts()
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM saas_blog.tb_popular_marker AS m USING saas_blog.tb_popular_ranking AS r
  WHERE m.fk_tenant = saas_blog.tenant_pk() AND r.fk_tenant = m.fk_tenant AND pg_visible_in_snapshot(m.xid, r.snapshot);
  IF current_setting('transaction_isolation') = 'read committed'
     AND EXISTS (SELECT FROM saas_blog.tb_popular_marker AS m WHERE m.fk_tenant = saas_blog.tenant_pk())
     AND pg_try_advisory_xact_lock(hashtextextended('saas_blog.popular_posts ' || saas_blog.tenant_pk(), 0)) THEN
    DELETE FROM saas_blog.tb_popular_ranking AS r
    WHERE r.fk_tenant = saas_blog.tenant_pk()
      AND r.computed_at <= now() - current_setting('saas_blog.popular_posts_ttl')::int * interval '1 second';
    DELETE FROM saas_blog.tb_popular_marker AS m
    WHERE m.fk_tenant = saas_blog.tenant_pk()
      AND NOT EXISTS (SELECT FROM saas_blog.tb_popular_ranking AS r WHERE r.fk_tenant = m.fk_tenant);
  END IF;
END $$;
ALTER FUNCTION saas_blog.prune_popular_posts() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.prune_popular_posts() IS
  'For prune(): removes the markers of the entered tenant that end no ranking any more';
