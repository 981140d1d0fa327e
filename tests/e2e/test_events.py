"""The events behind subscriptions: which transactions are told of, when the doorbell rings, who reads what."""

import unittest

from blog import PROXY, codes, post_id, tenant_id
from live import COMMENT, LiveTest, Listener

LEASES = "SELECT xmin, fk_subject, expires_at FROM saas_blog.tb_event_lease"


class Transactions(LiveTest):
    """Whatever the order in which transactions begin, write and end, each of their events is given once."""

    def test_a_transaction_that_commits_late(self):
        subscriber, early = self.subscriber(self.demo["reader"], 1), self.writer()
        self.comment(early, "late", 1)
        for number in range(3):
            self.comment(self.session, f"meanwhile {number}", 1)
            self.assertEqual(subscriber.contents(), [f"meanwhile {number}"])
        late = self.subscriber(self.demo["reader"], 1)
        early.rows("COMMIT")
        for one in (subscriber, late):
            self.assertEqual(one.contents(), ["late"])
            self.assertEqual(one.contents(), [])

    def test_subtransactions(self):
        subscriber, writer = self.subscriber(self.demo["reader"], 2), self.writer()
        self.comment(writer, "first", 2)
        writer.rows("SAVEPOINT one")
        self.comment(writer, "taken back", 2)
        writer.rows("SAVEPOINT two")
        self.comment(writer, "within what is taken back", 2)
        writer.rows("RELEASE two")
        writer.rows("ROLLBACK TO one")
        writer.rows("SAVEPOINT three")
        self.comment(writer, "kept", 2)
        writer.rows("RELEASE three")
        self.assertEqual(subscriber.contents(), [])
        writer.rows("COMMIT")
        self.assertEqual(subscriber.contents(), ["first", "kept"])

    def test_transactions_side_by_side(self):
        first, second = self.writer(), self.writer()
        both, each = (self.subscriber(self.demo["reader"], 3) for _ in range(2))
        for writer, content in ((first, "a"), (second, "b"), (first, "c"), (second, "d")):
            self.comment(writer, content, 3)
        second.rows("COMMIT")
        self.assertEqual(each.contents(), ["b", "d"])
        first.rows("COMMIT")
        self.assertEqual(each.contents(), ["a", "c"])
        self.assertEqual(both.contents(), ["a", "b", "c", "d"])

    def test_what_is_no_comment_in_the_end(self):
        subscriber, writer = self.subscriber(self.demo["reader"], 4), self.writer()
        events = self.retained()
        self.comment(writer, "rolled back", 4)
        writer.rows("ROLLBACK")
        dry = COMMENT.replace("($post", "Dry($post").replace("{ createComment", "@dryRun { createComment")
        variables = {"post": post_id("demo", 4), "content": "dry"}
        self.assertEqual(codes(self.session.ask(self.demo["writer"], dry, variables)), [])
        refused = self.session.ask(self.demo["writer"], COMMENT, {**variables, "content": ""})
        self.assertEqual(codes(refused), ["BAD_USER_INPUT"])
        self.admin.rows(f"""INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            SELECT fk_tenant, pk_post, fk_user, 'imported' FROM saas_blog.tb_post WHERE id = '{post_id("demo", 4)}'""")
        self.assertEqual(subscriber.contents(), [])
        self.assertEqual(self.retained(), events)


class Doorbell(LiveTest):
    """NOTIFY where somebody listens, once a transaction and channel, with nothing in it."""

    def setUp(self):
        super().setUp()
        self.admin.rows("DELETE FROM saas_blog.tb_event_lease")

    def test_once_for_a_transaction_and_channel(self):
        one, two = (self.subscriber(self.demo["reader"], number) for number in (1, 2))
        listener = Listener(self, one.channel, two.channel)
        writer = self.writer()
        for number in range(3):
            self.comment(writer, "new", 1)
            writer.rows(f"SAVEPOINT s{number}")
            self.comment(writer, "new", 2)
        self.assertEqual(listener.heard(), [])
        writer.rows("COMMIT")
        self.assertEqual(sorted(listener.heard()), sorted([(one.channel, ""), (two.channel, "")]))
        self.comment(self.session, "new", 2)
        self.assertEqual(listener.heard(), [(two.channel, "")])
        writer.rows("BEGIN")
        self.comment(writer, "new", 1)
        writer.rows("ROLLBACK")
        self.assertEqual(listener.heard(), [])

    def test_not_without_a_lease(self):
        subscriber = self.subscriber(self.demo["reader"], 3)
        listener = Listener(self, subscriber.channel)
        for change, rings in (
            ("SELECT 1", True),
            ("UPDATE saas_blog.tb_event_lease SET expires_at = now() - interval '1 second'", False),
            ("DELETE FROM saas_blog.tb_event_lease", False),
        ):
            self.admin.rows(change)
            self.comment(self.session, "new", 3)
            self.assertEqual(listener.heard(), [(subscriber.channel, "")] if rings else [], change)
        # The next call finds all of them, and has the bell ring again.
        self.assertEqual(subscriber.contents(), ["new"] * 3)
        self.comment(self.session, "new", 3)
        self.assertEqual(listener.heard(), [(subscriber.channel, "")])

    def test_a_lease_is_renewed_once_half_of_it_is_over(self):
        subscriber = self.subscriber(self.demo["reader"], 4)
        first = self.admin.rows(LEASES)
        self.assertEqual(len(first), 1)
        subscriber.results()
        self.subscriber(self.demo["admin"], 4)
        self.assertEqual(self.admin.rows(LEASES), first)
        for left, renewed in (("151 seconds", False), ("149 seconds", True), ("-1 day", True)):
            self.admin.rows(f"UPDATE saas_blog.tb_event_lease SET expires_at = now() + interval '{left}'")
            before = self.admin.rows(LEASES)
            self.session.rows("BEGIN READ ONLY")
            subscriber.results()
            self.session.rows("COMMIT")
            self.assertEqual(self.admin.rows(LEASES), before)
            subscriber.results()
            self.assertEqual(self.admin.rows(LEASES) != before, renewed, left)
        remaining = self.admin.value("SELECT extract(epoch FROM expires_at - now()) FROM saas_blog.tb_event_lease")
        self.assertTrue(240 < float(remaining) <= 300, remaining)

    def test_nobody_waits_for_one_who_renews_a_lease(self):
        """A transaction that has renewed it and stays open, one that removes it, and one that sees an older lease."""
        subscriber = self.subscriber(self.demo["reader"], 5)
        over = "UPDATE saas_blog.tb_event_lease SET expires_at = now() - interval '2 days'"
        for statement in ("SELECT 1", "DELETE FROM saas_blog.tb_event_lease", over):
            self.admin.rows(over)
            idle, old = self.writer(), self.blog.session()
            old.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.rows("SELECT count(*) FROM pg_class")
            self.subscriber(self.demo["reader"], 5, session=idle)
            if statement != "SELECT 1":
                idle.rows("ROLLBACK")
                self.admin.rows("BEGIN")
                self.admin.rows(statement)
            self.session.rows("SET lock_timeout = '5s'")
            self.assertEqual(subscriber.contents(), [])
            self.subscriber(self.demo["silent"], 5)
            if statement != "SELECT 1":
                self.admin.rows("COMMIT")
            idle.rows("COMMIT")
            self.subscriber(self.demo["silent"], 5)
            self.subscriber(self.demo["silent"], 5, session=old)
            old.rows("COMMIT")
            old.close()

    def test_forged_notifications(self):
        """Anybody may ring; it tells nothing, and whoever asks then gets what is there."""
        subscriber = self.subscriber(self.demo["reader"], 6)
        listener = Listener(self, subscriber.channel)
        for payload in ("", "x" * 7_999, '{"data": {"commentCreated": {"id": "1"}}}'):
            self.session.rows(f"SELECT pg_notify('{subscriber.channel}', '{payload}')")
            self.assertEqual(len(listener.heard()), 1)
            self.assertEqual(subscriber.contents(), [])


class Cost(LiveTest):
    """A call reads what is new, whatever else there is."""

    def test_the_index_is_read_from_the_cursor_on(self):
        """Also if all events of the tenant are about one post, which a plan for any post would not expect."""
        tenant, post = self.blog.key("tenant", tenant_id("demo")), self.blog.key("post", post_id("demo", 1))
        index = self.admin.value("SELECT 'saas_blog.tb_event_new'::regclass::oid")
        read = f"SELECT pg_stat_get_xact_tuples_returned({index})"
        for subject in (f"{post} + n % 100", post):
            self.admin.rows("DELETE FROM saas_blog.tb_event")
            self.admin.rows(f"""INSERT INTO saas_blog.tb_event (fk_tenant, topic, fk_subject, fk_row, xid)
                SELECT {tenant}, 'comment_created', {subject}, n, (n % 500 + 3)::text::xid8
                FROM generate_series(1, 20000) AS n""")
            self.admin.rows("VACUUM ANALYZE saas_blog.tb_event")
            subscriber = self.subscriber(self.demo["reader"], 1)
            for number in range(3):
                self.comment(self.session, str(number), 1)
            self.session.rows("BEGIN")
            self.assertEqual(subscriber.contents(), ["0", "1", "2"])
            self.assertLess(int(self.session.value(read)), 20)
            self.assertGreater(int(self.session.value(f"SELECT pg_stat_get_xact_numscans({index})")), 0)
            self.session.rows("COMMIT")


class Rights(LiveTest):
    """Row-level security on events, as it holds without any of our SQL in front of it."""

    def test_who_reads_events(self):
        for tenant, tokens in (("demo", self.demo), ("another", self.another)):
            for number in (1, 2):
                self.comment(self.session, "new", post_id(tenant, number), tokens["writer"])
        count = "SELECT count(*) FROM saas_blog.tb_event"
        for tenant in ("demo", "another"):
            for user in ("admin", "editor", "reader"):
                self.assertEqual(self.retained(self.enter(tenant, user)), 2)
        for tenant, role in ((None, None), (None, "admin"), ("demo", None), ("demo", "operator"), (None, "operator")):
            self.assertEqual(self.enter(tenant, role=role).value(count), "0")
        for role in (PROXY, "saas_blog_api", "saas_blog_admin", "saas_blog_audit"):
            session = self.enter("demo", "admin")
            session.rows("RESET ROLE")
            session.rows(f"SET ROLE {role}")
            self.refused(session, count, "42501")
        # The owner of the tables: nothing of a tenant's, but in an operator's name to prune it.
        for role, seen in (("admin", "0"), ("operator", "2")):
            session = self.enter("demo", role=role)
            session.rows("RESET ROLE")
            session.rows("SET ROLE saas_blog_owner")
            self.assertEqual(session.value(count), seen)

    def test_nobody_writes_events_but_the_trigger(self):
        key = self.blog.key("tenant", tenant_id("demo"))
        insert = f"INSERT INTO saas_blog.tb_event (fk_tenant, topic, fk_subject, fk_row{{}}) SELECT {key}, 'x', 1, 1{{}}"
        plain, forged = insert.format("", ""), insert.format(", xid", ", '3'::xid8")
        for user in ("admin", "editor", "reader"):
            for statement in (plain, "DELETE FROM saas_blog.tb_event", "UPDATE saas_blog.tb_event SET topic = 'x'"):
                session = self.enter("demo", user)
                self.refused(session, statement, "42501")
        session = self.enter("demo", "admin")
        session.rows("RESET ROLE")
        session.rows("SET ROLE saas_blog_owner")
        session.rows("SAVEPOINT before")
        session.rows(plain)
        self.refused(session, forged, "42501")
        session.rows("ROLLBACK TO before")
        other = self.blog.key("tenant", tenant_id("another"))
        self.refused(session, plain.replace(str(key), str(other)), "42501")

    def test_what_is_the_owners_alone(self):
        for statement in (
            "SELECT * FROM saas_blog.tb_event_secret",
            "SELECT * FROM saas_blog.tb_event_lease",
            "SELECT * FROM saas_blog.tb_event_pruned",
            "SELECT saas_blog.event_channel('comment_created', 1)",
            "SELECT saas_blog.prune_events()",
        ):
            for role in ("saas_blog_exec", "saas_blog_api", "saas_blog_admin", PROXY):
                session = self.enter("demo", "admin")
                session.rows("RESET ROLE")
                session.rows(f"SET ROLE {role}")
                self.refused(session, statement, "42501")
        for function in ("event_source", "lease_events"):
            self.refused(self.session, f"SELECT saas_blog.{function}('comment_created', 1)", "42501")

    def test_two_databases_have_two_secrets(self):
        subscriber = self.subscriber(self.demo["reader"], 1)
        secret = self.admin.value("SELECT secret FROM saas_blog.tb_event_secret")
        self.admin.rows("BEGIN")
        self.admin.rows("UPDATE saas_blog.tb_event_secret SET secret = sha256('another')")
        self.admin.rows("SELECT saas_blog.tenant_pk()")
        self.admin.rows(f"SET LOCAL app.tenant_pk = '{self.blog.key('tenant', tenant_id('demo'))}'")
        key = self.blog.key("post", post_id("demo", 1))
        other = self.admin.value(f"SELECT saas_blog.event_channel('comment_created', {key})")
        self.admin.rows("ROLLBACK")
        self.assertNotEqual(other, subscriber.channel)
        self.assertEqual(len(secret), 2 + 64)


if __name__ == "__main__":
    unittest.main()
