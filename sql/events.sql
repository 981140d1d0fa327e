-- events.sql: what subscriptions are told by: the events, who listens, and the names of the channels. After the tables whose
-- triggers write events.
--
-- NOTIFY is a doorbell and not a mailbox: it has no privileges, and whoever does not listen misses it. The truth is the row
-- of an event, written in the transaction of the change with the id of that transaction. graphql.next reads the events
-- that its cursor, a snapshot, has not seen (src/events).
-- A new subscription is a trigger here and a field of Subscription in blog.graphql.

CREATE TABLE saas_blog.tb_event (
  fk_tenant bigint NOT NULL,
  pk_event bigint GENERATED ALWAYS AS IDENTITY,
  topic text COLLATE "C" NOT NULL,
  fk_subject bigint NOT NULL,
  fk_row bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

  PRIMARY KEY (fk_tenant, pk_event)
);
ALTER TABLE saas_blog.tb_event OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_event IS 'What has happened of late, for subscriptions; no foreign keys, as a row lives for a day';
COMMENT ON COLUMN saas_blog.tb_event.topic IS 'What kind of event: that of @event in the schema';
COMMENT ON COLUMN saas_blog.tb_event.fk_subject IS 'Key of the row that a subscriber names, such as the post; 0: the tenant';
COMMENT ON COLUMN saas_blog.tb_event.fk_row IS 'Key of the row that subscribers are shown, such as the comment';
COMMENT ON COLUMN saas_blog.tb_event.xid IS 'The transaction that wrote it';

-- By the transaction, not by the key: all that a cursor has seen lies before the first transaction that ran then.
CREATE INDEX tb_event_new ON saas_blog.tb_event (fk_tenant, topic, fk_subject, xid);
COMMENT ON INDEX saas_blog.tb_event_new IS 'graphql.next';

CREATE TABLE saas_blog.tb_event_pruned (
  fk_tenant bigint NOT NULL,
  xid xid8 NOT NULL,

  PRIMARY KEY (fk_tenant)
);
ALTER TABLE saas_blog.tb_event_pruned OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_event_pruned IS
  'The last transaction of which maintain() has removed events: a cursor that has not seen it is refused';

-- A lease, and not the fact, that somebody listens: nobody tells when a subscriber goes. Unlogged: after a crash each is
-- written again by the next call of graphql.next.
CREATE UNLOGGED TABLE saas_blog.tb_event_lease (
  fk_tenant bigint NOT NULL,
  topic text COLLATE "C" NOT NULL,
  fk_subject bigint NOT NULL,
  expires_at timestamptz NOT NULL,

  PRIMARY KEY (fk_tenant, topic, fk_subject)
);
ALTER TABLE saas_blog.tb_event_lease OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_event_lease IS 'Which events are waited for: for others nobody is notified';

-- One row: what makes the names of channels tell nothing, to anybody who can LISTEN or NOTIFY.
CREATE TABLE saas_blog.tb_event_secret (
  secret bytea NOT NULL,

  CONSTRAINT tb_event_secret_length CHECK (length(secret) = 32)
);
ALTER TABLE saas_blog.tb_event_secret OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_event_secret IS 'The secret of the names of channels; only functions of the owner read it';

-- Two random UUIDs have 244 bits that nobody knows.
INSERT INTO saas_blog.tb_event_secret (secret)
SELECT decode(replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex');

-- None of these is dumped: transaction ids mean nothing in another cluster, and a restored database has a secret of its own.

-- Events are written by the trigger alone, in the name of the transaction that it runs in. Nobody else but the functions of
-- the owner reads leases, the secret, and what is pruned.
ALTER TABLE saas_blog.tb_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_event_pruned ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_event_lease ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE saas_blog.tb_event_secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON saas_blog.tb_event AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_event_pruned AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_event_lease AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (fk_tenant = saas_blog.tenant_pk()) WITH CHECK (fk_tenant = saas_blog.tenant_pk());
CREATE POLICY wall ON saas_blog.tb_event_secret AS RESTRICTIVE FOR ALL TO PUBLIC
  USING (current_user = 'saas_blog_owner') WITH CHECK (current_user = 'saas_blog_owner');
CREATE POLICY event_read ON saas_blog.tb_event FOR SELECT TO saas_blog_exec
  USING (saas_blog.app_role() IN ('admin', 'editor', 'subscriber'));
CREATE POLICY event_insert ON saas_blog.tb_event FOR INSERT TO saas_blog_owner
  WITH CHECK (xid = pg_current_xact_id());
CREATE POLICY event_prune ON saas_blog.tb_event FOR ALL TO saas_blog_owner
  USING (saas_blog.app_role() = 'operator') WITH CHECK (false);
CREATE POLICY event_pruned_all ON saas_blog.tb_event_pruned FOR ALL TO saas_blog_owner USING (true) WITH CHECK (true);
CREATE POLICY event_lease_all ON saas_blog.tb_event_lease FOR ALL TO saas_blog_owner USING (true) WITH CHECK (true);
CREATE POLICY event_secret_read ON saas_blog.tb_event_secret FOR SELECT TO saas_blog_owner USING (true);

CREATE FUNCTION saas_blog.event_channel(topic text, subject bigint)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN 'saas_blog_' || left(encode(sha256(
    (SELECT s.secret FROM saas_blog.tb_event_secret AS s)
    || convert_to(concat_ws(' ', saas_blog.tenant_pk(), event_channel.subject, event_channel.topic), 'UTF8')), 'hex'), 32);
END $$;
ALTER FUNCTION saas_blog.event_channel(text, bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.event_channel(text, bigint) IS 'The channel on which the tenant''s events of a kind are told';

-- NOTIFY takes a lock over all databases when it commits, so that durable commits of several sessions come one after the other.
-- So nobody is notified where nobody listens. A transaction that has looked for the lease before it was committed does not
-- ring, but its event is there for the next call of graphql.next, which every subscriber makes each quarter of a minute or so.
-- PostgreSQL folds the equal notifications of a transaction into one.
CREATE FUNCTION saas_blog.write_event()
RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  written jsonb := to_jsonb(NEW);
  subject bigint := coalesce((written ->> TG_ARGV[2])::bigint, 0);
BEGIN
  INSERT INTO saas_blog.tb_event (fk_tenant, topic, fk_subject, fk_row)
  VALUES (NEW.fk_tenant, TG_ARGV[0], subject, (written ->> TG_ARGV[1])::bigint);
  IF EXISTS (SELECT FROM saas_blog.tb_event_lease AS l
             WHERE l.fk_tenant = NEW.fk_tenant AND l.topic = TG_ARGV[0] AND l.fk_subject = subject
               AND l.expires_at > clock_timestamp()) THEN
    PERFORM pg_notify(saas_blog.event_channel(TG_ARGV[0], subject), '');
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION saas_blog.write_event() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.write_event() IS
  'Writes an event; the arguments of the trigger are the topic, the column of the row''s key and that of the subject''s, if any';

-- Without a verified context there is nobody to tell: a restore or an import writes no events.
CREATE TRIGGER comment_created AFTER INSERT ON saas_blog.tb_comment FOR EACH ROW
  WHEN (saas_blog.tenant_pk() IS NOT NULL)
  EXECUTE FUNCTION saas_blog.write_event('comment_created', 'pk_comment', 'fk_post');

-- What graphql.subscribe and graphql.next need to know beside the events. The lease is good while half of it is left.
CREATE FUNCTION saas_blog.event_source(topic text, subject bigint, OUT channel text, OUT leased boolean, OUT pruned text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  channel := saas_blog.event_channel(event_source.topic, event_source.subject);
  leased := EXISTS (SELECT FROM saas_blog.tb_event_lease AS l
                    WHERE l.fk_tenant = saas_blog.tenant_pk() AND l.topic = event_source.topic
                      AND l.fk_subject = event_source.subject
                      AND l.expires_at > clock_timestamp() + interval '150 seconds');
  pruned := (SELECT p.xid FROM saas_blog.tb_event_pruned AS p WHERE p.fk_tenant = saas_blog.tenant_pk());
END $$;
ALTER FUNCTION saas_blog.event_source(text, bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.event_source(text, bigint) IS
  'The channel of a subscription, whether its lease is good for a while, and up to which transaction events are gone';

-- Whoever finds another one at it leaves it to that one: a transaction that stays open after it has renewed a lease must not
-- keep others waiting, and what they miss by that is a doorbell. So all locks are tried, and a row that a transaction in
-- REPEATABLE READ cannot lock, because somebody has renewed it since, is as good as renewed.
CREATE FUNCTION saas_blog.lease_events(topic text, subject bigint)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant bigint := saas_blog.tenant_pk();
  lock text := format('saas_blog.event_lease %s %s %s', tenant, lease_events.subject, lease_events.topic);
  until timestamptz := clock_timestamp() + interval '5 minutes';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(lock, 0)) THEN
    RETURN;
  END IF;
  PERFORM FROM saas_blog.tb_event_lease AS l
  WHERE l.fk_tenant = tenant AND l.topic = lease_events.topic AND l.fk_subject = lease_events.subject
  FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    UPDATE saas_blog.tb_event_lease AS l SET expires_at = until
    WHERE l.fk_tenant = tenant AND l.topic = lease_events.topic AND l.fk_subject = lease_events.subject;
  ELSIF NOT EXISTS (SELECT FROM saas_blog.tb_event_lease AS l
                    WHERE l.fk_tenant = tenant AND l.topic = lease_events.topic
                      AND l.fk_subject = lease_events.subject) THEN
    INSERT INTO saas_blog.tb_event_lease (fk_tenant, topic, fk_subject, expires_at)
    VALUES (tenant, lease_events.topic, lease_events.subject, until) ON CONFLICT DO NOTHING;
  END IF;
EXCEPTION WHEN serialization_failure THEN
  NULL;
END $$;
ALTER FUNCTION saas_blog.lease_events(text, bigint) OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.lease_events(text, bigint) IS 'Has a subscription''s channel notified for five minutes more';

-- The events that are old enough lie before the first that is not, in the order of their keys. One of the future, from a clock
-- that was ahead, is no mark. They are removed under a lock of their tenant's row: the transaction that is noted is then the
-- last of all that were removed.
CREATE FUNCTION saas_blog.prune_events()
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant bigint := saas_blog.tenant_pk();
  oldest timestamptz := now() - current_setting('saas_blog.event_retention')::int * interval '1 second';
  fresh bigint;
  last xid8;
BEGIN
  SELECT e.pk_event INTO fresh FROM saas_blog.tb_event AS e
  WHERE e.fk_tenant = tenant AND e.created_at > oldest AND e.created_at <= now() ORDER BY e.fk_tenant, e.pk_event LIMIT 1;
  WITH gone AS (
    DELETE FROM saas_blog.tb_event AS e
    WHERE e.fk_tenant = tenant AND e.pk_event < coalesce(fresh, 9223372036854775807) AND e.created_at <= oldest
    RETURNING e.xid)
  SELECT max(g.xid) INTO last FROM gone AS g;
  IF last IS NOT NULL THEN
    INSERT INTO saas_blog.tb_event_pruned AS p (fk_tenant, xid) VALUES (tenant, last)
    ON CONFLICT ON CONSTRAINT tb_event_pruned_pkey DO UPDATE SET xid = excluded.xid WHERE p.xid < excluded.xid;
  END IF;
  -- One that is being renewed stays, without waiting for the transaction that does it.
  WITH over AS (
    SELECT l.topic, l.fk_subject FROM saas_blog.tb_event_lease AS l
    WHERE l.fk_tenant = tenant AND l.expires_at < now() - interval '1 day' FOR UPDATE SKIP LOCKED)
  DELETE FROM saas_blog.tb_event_lease AS l USING over AS o
  WHERE l.fk_tenant = tenant AND l.topic = o.topic AND l.fk_subject = o.fk_subject;
END $$;
ALTER FUNCTION saas_blog.prune_events() OWNER TO saas_blog_owner;
COMMENT ON FUNCTION saas_blog.prune_events() IS
  'For prune(): removes the events of the entered tenant that have had their day, and notes how far';
