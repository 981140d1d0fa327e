"""How long events are kept, what saas_blog.maintain() removes, and who is told that something is gone."""

import unittest

from blog import TENANTS, post_id
from live import LiveTest

AGE = """UPDATE saas_blog.tb_event SET created_at = now() - interval '{}' WHERE fk_row IN
    (SELECT pk_comment FROM saas_blog.tb_comment WHERE content LIKE '{}%')"""


class Retention(LiveTest):
    """Events are kept for a day."""

    def age(self, content, age="25 hours"):
        self.admin.rows(AGE.format(age, content))

    def maintain(self):
        self.admin.rows("SELECT saas_blog.maintain()")

    def kept(self):
        return self.admin.column("""SELECT c.content FROM saas_blog.tb_event AS e
            JOIN saas_blog.tb_comment AS c ON c.pk_comment = e.fk_row ORDER BY e.pk_event""")

    def setUp(self):
        super().setUp()
        self.admin.rows("DELETE FROM saas_blog.tb_event")
        self.admin.rows("DELETE FROM saas_blog.tb_event_pruned")

    def refused(self, subscriber, cursor=None):
        for answer in (subscriber.ask(cursor), subscriber.open({"cursor": cursor or subscriber.cursor})):
            self.check_error(answer, "BAD_USER_INPUT")
            self.assertIn("too old", answer["errors"][0]["message"])
            self.assertIn("subscribe again", answer["errors"][0]["message"])

    def test_what_is_a_day_old_goes(self):
        for tenant, tokens in (("demo", self.demo), ("another", self.another)):
            for content in (f"old in {tenant}", f"young in {tenant}", f"new in {tenant}"):
                self.comment(self.session, content, post_id(tenant, 1), tokens["writer"])
        self.age("old", "24 hours 1 second")
        self.age("young", "23 hours 59 minutes")
        self.maintain()
        self.assertEqual(self.kept(), [f"{age} in {tenant}" for tenant in ("demo", "another") for age in ("young", "new")])
        self.maintain()
        self.assertEqual(len(self.kept()), 4)
        self.age("", "25 hours")
        self.maintain()
        self.assertEqual(self.kept(), [])

    def test_a_clock_that_was_ahead_keeps_nothing_for_years(self):
        for content in ("ahead", "old", "new", "older"):
            self.comment(self.session, content, 1)
        for content, age in (("ahead", "-10 years"), ("old", "25 hours"), ("older", "30 hours")):
            self.age(content, age)
        self.maintain()
        # Behind one that is young nothing is looked for.
        self.assertEqual(self.kept(), ["ahead", "new", "older"])

    def test_only_whom_something_has_escaped_is_told(self):
        before = self.subscriber(self.demo["reader"], 1)
        other_tenant = self.subscriber(self.another["reader"], post_id("another", 1))
        self.comment(self.session, "old", 1)
        between = self.subscriber(self.demo["reader"], 1)
        results = self.subscriber(self.demo["reader"], 1)
        results.cursor = before.cursor
        (result,) = results.results()
        self.comment(self.session, "new", 1)
        self.age("old")
        self.maintain()
        self.refused(before)
        for cursor in (between.cursor, result["cursor"], results.cursor):
            self.assertEqual([r["data"]["commentCreated"]["content"] for r in between.batch(cursor)["results"]], ["new"])
        self.assertEqual(other_tenant.contents(), [])
        again = self.subscriber(self.demo["reader"], 1)
        self.assertEqual(again.contents(), [])

    def test_a_long_transaction_makes_nobody_s_cursor_old(self):
        """A cursor that lists it is good as long as nothing of it is gone."""
        long = self.writer()
        self.comment(long, "long", 2)
        subscriber = self.subscriber(self.demo["reader"], 2)
        self.comment(self.session, "old", 2)
        self.assertEqual(subscriber.contents(), ["old"])
        self.age("old")
        self.maintain()
        self.assertEqual(subscriber.contents(), [])
        idle = self.subscriber(self.demo["reader"], 2)
        long.rows("COMMIT")
        # Nothing of it is gone, but something as late is: only a cursor that knows of it is sure of that.
        self.assertEqual(self.subscriber(self.demo["reader"], 2).contents(), [])
        self.refused(idle)

    def test_what_a_long_transaction_has_written_before_all_that_is_removed(self):
        """Its event is as old as the one that goes, so it goes too, and whoever has not got it is told."""
        long = self.writer()
        self.comment(long, "old and long", 3)
        subscriber = self.subscriber(self.demo["reader"], 3)
        long.rows("COMMIT")
        self.age("old")
        self.maintain()
        self.refused(subscriber)

    def test_a_batch_that_is_cut_goes_on_while_nothing_is_gone(self):
        session = self.with_settings(events_per_call=1)
        self.addCleanup(session.close)
        subscriber = self.subscriber(self.demo["reader"], 4, session=session)
        for content in ("old", "new 1", "new 2"):
            self.comment(self.session, content, 4)
        first = subscriber.batch()
        self.assertTrue(first["more"])
        self.age("old")
        self.maintain()
        # It cannot be told whether the one that is gone was given; to say so once too often is safe.
        self.refused(subscriber)

    def test_leases_that_nobody_renews(self):
        for tenant, token in (("demo", self.demo["reader"]), ("another", self.another["reader"])):
            for number in (5, 6):
                self.subscriber(token, post_id(tenant, number))
        keys = [self.blog.key("post", post_id(tenant, 5)) for tenant in TENANTS]
        self.admin.rows(f"""UPDATE saas_blog.tb_event_lease SET expires_at = now() - interval '25 hours'
            WHERE fk_subject NOT IN ({", ".join(keys)})""")
        self.maintain()
        left = self.admin.column("SELECT fk_subject FROM saas_blog.tb_event_lease")
        self.assertEqual(sorted(left), sorted(keys))

    def test_nobody_who_renews_a_lease_keeps_maintain_waiting(self):
        """A transaction that has renewed a very old one, and stays open."""
        self.subscriber(self.demo["reader"], 7)
        self.admin.rows("UPDATE saas_blog.tb_event_lease SET expires_at = now() - interval '25 hours'")
        idle = self.writer()
        self.subscriber(self.demo["reader"], 7, session=idle)
        self.comment(self.session, "old", 7)
        self.age("old")
        self.admin.rows("SET lock_timeout = '5s'")
        self.addCleanup(self.admin.rows, "RESET lock_timeout")
        self.maintain()
        self.assertEqual(self.kept(), [])
        idle.rows("COMMIT")
        key = self.blog.key("post", post_id("demo", 7))
        left = f"SELECT count(*) FROM saas_blog.tb_event_lease WHERE fk_subject = {key} AND expires_at > now()"
        self.assertEqual(self.admin.value(left), "1")

    def test_the_setting(self):
        self.comment(self.session, "new", 6)
        subscriber = self.subscriber(self.demo["reader"], 6)
        with self.blog.session(None) as session:
            session.rows("SELECT saas_blog.tenant_pk()")
            session.rows("SET saas_blog.event_retention = 3600")
            self.age("new", "59 minutes")
            session.rows("SELECT saas_blog.maintain()")
            self.assertEqual(self.kept(), ["new"])
            self.age("new", "61 minutes")
            session.rows("SELECT saas_blog.maintain()")
        self.assertEqual(self.kept(), [])
        self.assertEqual(subscriber.contents(), [])


if __name__ == "__main__":
    unittest.main()
