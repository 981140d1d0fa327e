"""Subscriptions and the life of a server: a crash, a standby, and what becomes of it. Each has a cluster of its own."""

import os
import unittest

from blog import BlogTest, Session, parsed, post_id
from live import COMMENT, LiveTest, contents, following, subscribe
from servers import STANDBY_PORT, as_server, hot_standby, own_cluster

POST = {"post": post_id("demo", 1)}


class Crash(LiveTest):
    """A server that loses what its log has not: nobody but us writes it out, so that it would lose all."""

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "live-crash", "synchronous_commit=off", "wal_writer_delay=10s", "autovacuum=off")
        super().setUpClass()
        cls.admin.rows("CHECKPOINT")

    def crash(self):
        """Ends the server at once, and starts it again."""
        bin, data = os.environ["CLUSTER_BIN"], os.environ["CLUSTER_DATA"]
        as_server(f"{bin}/pg_ctl", "stop", "-m", "immediate", "-w", "-D", data)
        as_server(f"{bin}/pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", f"{data}/server.log")
        for session in self.blog.sessions:
            session.process.kill()
            session.process.wait(timeout=30)
        type(self).admin = self.blog.admin = self.blog.session(None)
        self.session = self.blog.session()

    def test_no_event_is_taken_for_one_that_was_seen(self):
        """Transactions that were rolled back are in no log, so that the next ones get their ids."""
        for _ in range(3):
            self.subscriber(self.demo["reader"], 1)
            writer = self.writer()
            self.comment(writer, "rolled back", 1)
            writer.rows("ROLLBACK")
            self.comment(self.session, "may be lost", 1)
            subscriber = self.subscriber(self.demo["reader"], 1)
            self.crash()
            subscriber.session = self.session
            for content in ("one", "two", "three"):
                self.comment(self.session, content, 1)
            self.assertEqual(subscriber.contents(), ["one", "two", "three"])

    def test_what_was_given_is_not_lost(self):
        for number in range(3):
            subscriber = self.subscriber(self.demo["reader"], 2)
            self.comment(self.session, f"given {number}", 2)
            self.assertEqual(subscriber.contents(), [f"given {number}"])
            self.crash()
            kept = self.admin.column("SELECT content FROM saas_blog.tb_comment WHERE content LIKE 'given%' ORDER BY 1")
            self.assertEqual(kept, [f"given {one}" for one in range(number + 1)])


@unittest.skipUnless("CLUSTER" in os.environ, "the script that starts clusters is not known")
class Promoted(BlogTest):
    """A standby has no subscriptions; once it is promoted its cursors are no longer those of the primary."""

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "live-standby", "max_prepared_transactions=5")
        super().setUpClass()
        cls.folder = hot_standby(cls)

    def both(self, session, cursor):
        """What both functions say."""
        token = self.demo["reader"]
        found = (subscribe(token, variables=POST, extensions={"cursor": cursor}), following(token, cursor, variables=POST))
        return [parsed(session.value(statement)) for statement in found]

    def test_a_standby_and_its_promotion(self):
        opened = parsed(self.session.value(subscribe(self.demo["reader"], variables=POST)))
        with Session(self.blog.name, environment={"PGHOST": self.folder, "PGPORT": STANDBY_PORT}) as standby:
            for answer in self.both(standby, opened["cursor"]):
                self.check_error(answer, "BAD_USER_INPUT")
                self.assertIn("standby", answer["errors"][0]["message"])
            self.assertEqual(standby.value("SELECT pg_promote()"), "t")
        with Session(self.blog.name, environment={"PGHOST": self.folder, "PGPORT": STANDBY_PORT}) as promoted:
            for answer in self.both(promoted, opened["cursor"]):
                self.check_error(answer, "BAD_USER_INPUT")
                self.assertIn("subscribe again", answer["errors"][0]["message"])
            new = parsed(promoted.value(subscribe(self.demo["reader"], variables=POST)))
            self.assertEqual(new["channel"], opened["channel"])
            self.assertEqual(parsed(promoted.value(following(self.demo["reader"], new["cursor"], variables=POST)))["results"], [])
        self.assertEqual([list(answer)[0] for answer in self.both(self.session, opened["cursor"])], ["channel", "cursor"])

    def test_a_transaction_that_is_prepared(self):
        """It can be where nobody listens, as PostgreSQL prepares none that notifies; its event comes when it is committed."""
        post = {"post": post_id("demo", 2)}
        with self.blog.session() as writer:
            writer.rows("BEGIN")
            written = writer.ask(self.demo["writer"], COMMENT, {**post, "content": "prepared"})
            self.assertNotIn("errors", written)
            writer.rows("PREPARE TRANSACTION 'live'")
        opened = parsed(self.session.value(subscribe(self.demo["reader"], variables=post)))
        first = parsed(self.session.value(following(self.demo["reader"], opened["cursor"], variables=post)))
        self.assertEqual(first["results"], [])
        self.admin.rows("COMMIT PREPARED 'live'")
        second = parsed(self.session.value(following(self.demo["reader"], first["cursor"], variables=post)))
        self.assertEqual([contents(result) for result in second["results"]], ["prepared"])


if __name__ == "__main__":
    unittest.main()
