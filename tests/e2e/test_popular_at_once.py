"""popularPosts of many at the same time: who computes a ranking, who waits and for how long, and who writes nothing."""

import time
import unittest

from blog import call, parsed, post_id
from test_popular import FIRST, POPULAR, REST, PopularTest
from workers import COMMENT, CREATE, DELETE, until_it_waits

EXPECTED = (FIRST + REST)[:6]
CLIENTS = 32


class AtOnce(PopularTest):
    """Sessions that meet. A ranking is computed for as long as a superuser keeps others from the comments."""

    def ask_from(self, session, n=6):
        session.send("SELECT " + call(self.demo["reader"], POPULAR, {"n": n}))

    def answered(self, session):
        return self.posts(parsed(session.receive()[0][0]))

    def hold_comments(self):
        """A session that keeps everybody from computing a ranking until it ends its transaction."""
        holder = self.blog.session(None)
        self.addCleanup(holder.close)
        holder.rows("BEGIN")
        holder.rows("LOCK TABLE saas_blog.tb_comment IN ACCESS EXCLUSIVE MODE")
        return holder

    def opened(self, begin=None):
        session = self.blog.session()
        self.addCleanup(session.close)
        if begin:
            session.rows(begin)
        return session

    def quickly(self, work, seconds):
        """What some work gives, which must not take longer than this."""
        begun = time.monotonic()
        result = work()
        self.assertLess(time.monotonic() - begun, seconds)
        return result

    def computed(self):
        """How often a ranking was computed, by sessions that have ended."""
        self.admin.rows("SELECT pg_stat_clear_snapshot()")
        return int(self.admin.value("""SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions
            WHERE schemaname = 'saas_blog' AND funcname = 'popular_ranking'"""))

    def computing(self):
        """The only session that computes; others sleep."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            waiting = self.admin.column("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            found = [session for session in self.blog.sessions if str(session.pid) in waiting]
            if found:
                self.assertEqual(len(found), 1)
                return found[0]
            time.sleep(0.01)
        self.fail("nobody computes")

    def test_many_on_a_cold_cache_compute_once(self):
        self.admin.rows(f"ALTER DATABASE {self.blog.name} SET track_functions = 'all'")
        self.addCleanup(self.admin.rows, f"ALTER DATABASE {self.blog.name} RESET track_functions")
        for round in range(2):
            before = self.computed()
            sessions = [self.blog.session() for _ in range(CLIENTS)]
            for session in sessions:
                session.ask(self.demo["reader"], "{ me { id } }")
            holder = self.hold_comments()
            for session in sessions:
                self.ask_from(session)
            self.assertIn(self.computing(), sessions)
            time.sleep(0.5)
            holder.rows("ROLLBACK")
            for session in sessions:
                self.assertEqual(self.answered(session), EXPECTED)
                session.close()
            self.assertEqual(self.computed(), before + 1)
            # Again, from a ranking that a mutation has ended.
            self.write(DELETE, id=self.write(CREATE, title="New")["id"])

    def test_a_mutation_that_commits_while_a_ranking_is_computed(self):
        reader = self.opened()
        holder = self.hold_comments()
        self.ask_from(reader)
        until_it_waits(self.admin, reader)
        self.write(CREATE, title="New")
        holder.rows("ROLLBACK")
        # The ranking that it has just stored is not good for its own statement either.
        self.assertEqual(self.answered(reader), [*FIRST, "New", 3])
        stale = self.kept()
        self.assertIsNotNone(stale)
        self.assertEqual(self.popular(), [*FIRST, "New", 3])
        self.assertNotEqual(self.kept(), stale)

    def test_a_mutation_that_commits_after_a_ranking_was_stored(self):
        """It had written before, so its id is older than the snapshot."""
        writer = self.opened("BEGIN")
        self.write(CREATE, writer, title="New")
        self.write(CREATE, self.opened(), title="Committed")
        self.assertEqual(self.popular(), [*FIRST, "Committed", 3])
        stale = self.kept()
        self.assertEqual(self.popular(), [*FIRST, "Committed", 3])
        self.assertEqual(self.kept(), stale)
        writer.rows("COMMIT")
        self.assertEqual(set(self.popular()[4:]), {"New", "Committed"})
        self.assertNotEqual(self.kept(), stale)

    def test_a_transaction_that_has_written_stores_nothing(self):
        """Its snapshot would claim to have seen what it changes later, once others have ended after it."""
        writer = self.opened("BEGIN")
        self.write(COMMENT, writer, post=post_id("demo", 5), content="New")
        self.write(CREATE, title="Other")
        self.assertEqual(self.popular(session=writer), [*FIRST, 5, "Other"])
        self.assertIsNone(self.kept())
        self.write(CREATE, writer, title="New")
        writer.rows("COMMIT")
        self.assertIsNone(self.kept())
        self.assertEqual(set(self.popular(7)[5:]), {"Other", "New"})

    def test_an_idle_transaction_on_a_cold_cache(self):
        idle = self.opened("BEGIN")
        self.assertEqual(self.popular(session=idle), EXPECTED)
        self.assertIsNone(self.kept())
        for _ in range(2):
            self.assertEqual(self.quickly(self.popular, 2), EXPECTED)
        post = self.quickly(lambda: self.write(CREATE, title="New"), 1)
        self.assertEqual(self.quickly(self.popular, 2), [*FIRST, "New", 3])
        self.assertIsNone(self.kept())
        # What it has stored is as old as it is.
        idle.rows("COMMIT")
        stale = self.kept()
        self.assertIsNotNone(stale)
        self.assertEqual(self.popular(), [*FIRST, "New", 3])
        self.assertNotEqual(self.kept(), stale)
        self.write(DELETE, id=post["id"])

    def test_an_idle_transaction_on_an_expired_ranking(self):
        """The old one is good enough for all others, at once."""
        self.popular()
        self.expire()
        self.comment(12, 8)
        idle = self.opened("BEGIN")
        self.assertEqual(self.popular(session=idle), [12, *FIRST, 3])
        for begin in (None, "BEGIN", "BEGIN READ ONLY"):
            session = self.opened(begin)
            self.assertEqual(self.quickly(lambda: self.popular(session=session), 0.5), EXPECTED)
        idle.rows("COMMIT")
        self.assertEqual(self.popular(), [12, *FIRST, 3])

    def test_one_who_is_cancelled_leaves_the_work_to_others(self):
        reader = self.opened()
        holder = self.hold_comments()
        self.ask_from(reader)
        until_it_waits(self.admin, reader)
        self.admin.rows(f"SELECT pg_cancel_backend({reader.pid})")
        with self.assertRaisesRegex(Exception, "57014"):
            reader.receive()
        holder.rows("ROLLBACK")
        self.assertEqual(self.quickly(self.popular, 2), EXPECTED)
        self.assertIsNotNone(self.kept())
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        self.assertEqual(self.admin.value(locks), "0")

    def test_one_who_computes_for_very_long(self):
        """The others wait for five seconds, and then compute for themselves."""
        reader = self.opened()
        holder = self.hold_comments()
        self.ask_from(reader)
        until_it_waits(self.admin, reader)
        other = self.opened()
        self.ask_from(other)
        time.sleep(3)
        self.assertEqual(self.computing(), reader)
        until_it_waits(self.admin, other, 2)
        holder.rows("ROLLBACK")
        self.assertEqual([self.answered(session) for session in (reader, other)], [EXPECTED, EXPECTED])

    def test_a_read_only_transaction(self):
        """It computes for itself and has written nothing; it uses what others have stored."""
        reader = self.opened("BEGIN READ ONLY")
        self.assertEqual(self.popular(session=reader), EXPECTED)
        self.assertIsNone(reader.value("SELECT pg_current_xact_id_if_assigned()"))
        self.assertIsNone(self.kept())
        self.popular()
        self.comment(12, 8)
        self.assertEqual(self.popular(session=reader), EXPECTED)
        self.expire()
        self.assertEqual(self.popular(session=reader), [12, *FIRST, 3])
        self.write(CREATE, title="New")
        self.assertEqual(self.popular(session=reader), [12, *FIRST, "New"])
        reader.rows("COMMIT")

    def test_a_repeatable_read_transaction(self):
        """It sees what was when it began, stores nothing, and is never told to try again."""
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            self.forget()
            reader = self.opened(f"BEGIN ISOLATION LEVEL {level}")
            self.assertEqual(self.popular(session=reader), EXPECTED)
            self.assertIsNone(self.kept())
            post = self.write(CREATE, title="New")
            self.assertEqual(self.popular(), [*FIRST, "New", 3])
            kept = self.kept()
            self.assertEqual(self.popular(session=reader), EXPECTED)
            self.assertEqual(self.kept(), kept)
            reader.rows("COMMIT")
            self.assertEqual(self.popular(session=reader), [*FIRST, "New", 3])
            self.assertEqual(self.kept(), kept)
            self.write(DELETE, id=post["id"])


if __name__ == "__main__":
    unittest.main()
