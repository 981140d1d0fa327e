"""Subscriptions beside more transactions than a cursor has room for, while the ids of transactions begin a new round."""

import os
import random
import unittest

from blog import post_id, psql
from live import COMMENT, LONGEST, LiveTest, contents
from servers import as_server, own_cluster

# A cursor has room for fewer than 1 500 running transactions.
CROWD, COMMENTING = 1_600, 120
# Ids of transactions have 32 bits, of which a round ends in the middle of the crowd.
ROUND = 1 << 32
BEFORE = CROWD // 2
# Ids in a file of pg_xact, which has two bits for each.
IN_A_FILE = 1 << 20


def go_to(xid):
    """Restarts a fresh server, whose next transaction gets this id. What is frozen knows no ids."""
    bin, data = os.environ["CLUSTER_BIN"], os.environ["CLUSTER_DATA"]
    for database in ("template1", "postgres"):
        psql(database, "-c", "VACUUM FREEZE")
    as_server(f"{bin}/pg_ctl", "stop", "-m", "fast", "-w", "-D", data)
    as_server(f"{bin}/pg_resetwal", "-x", str(xid), data)
    as_server("truncate", "-s", str(IN_A_FILE // 4), f"{data}/pg_xact/{xid // IN_A_FILE:04X}")
    as_server(f"{bin}/pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", f"{data}/server.log")


class Reader:
    """A subscriber who now and then forgets what came behind some result."""

    def __init__(self, test, most, chance):
        self.chance, self.got, self.longest = chance, [], 0
        self.subscriber = test.subscriber(test.demo["reader"], 1, session=test.with_settings(events_per_call=most))

    def ask(self):
        answer = self.subscriber.batch()
        self.longest = max(self.longest, *(len(given["cursor"]) for given in (answer, *answer["results"])))
        results = answer["results"]
        if results and self.chance.random() < 0.3:
            results = results[: self.chance.randrange(len(results)) + 1]
            self.subscriber.cursor = results[-1]["cursor"]
        self.got += [contents(result) for result in results]
        return answer["more"] or len(results) < len(answer["results"])


class Crowd(LiveTest):
    """The crowd is of prepared transactions, which need no connection each."""

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "live-crowd", f"max_prepared_transactions={CROWD}", "autovacuum=off")
        go_to(ROUND - BEFORE)
        super().setUpClass()

    def prepare(self, session, number):
        """One transaction of the crowd; some comment."""
        session.rows("BEGIN")
        if number % (CROWD // COMMENTING) == 0:
            answer = session.ask(self.demo["writer"], COMMENT, {"post": post_id("demo", 1), "content": str(number)})
            self.assertNotIn("errors", answer)
        else:
            session.rows("SELECT pg_current_xact_id()")
        session.rows(f"PREPARE TRANSACTION 'crowd {number}'")

    def roll_back(self):
        """Ends what a test that fails leaves of the crowd."""
        for id in self.admin.column("SELECT gid FROM pg_prepared_xacts"):
            self.admin.rows(f"ROLLBACK PREPARED '{id}'")

    def test_each_event_exactly_once(self):
        chance = random.Random(6)
        readers = [Reader(self, most, chance) for most in (1, 500)]
        self.addCleanup(self.roll_back)
        # What has a notification cannot be prepared.
        self.admin.rows("DELETE FROM saas_blog.tb_event_lease")
        with self.blog.session(None) as session:
            for number in range(CROWD):
                self.prepare(session, number)
        # A snapshot ends behind the last transaction that is over.
        self.admin.rows("SELECT pg_current_xact_id()")
        began, _, running = self.admin.value("SELECT pg_current_snapshot()").split(":")
        running = [int(xid) for xid in running.split(",")]
        self.assertEqual(len(running), CROWD)
        self.assertTrue(int(began) < ROUND < running[-1], running[-1])
        readers += [Reader(self, most, chance) for most in (1, 3, 500)]
        committed = []
        for place, number in enumerate(chance.sample(range(CROWD), CROWD)):
            kept = chance.random() < 0.8
            self.admin.rows(f"{'COMMIT' if kept else 'ROLLBACK'} PREPARED 'crowd {number}'")
            if kept and number % (CROWD // COMMENTING) == 0:
                committed.append(str(number))
            if place % 8 == 0:
                chance.choice(readers).ask()
        for reader in readers:
            while reader.ask():
                pass
            self.assertEqual(sorted(reader.got), sorted(committed))
            self.assertEqual(reader.subscriber.results(), [])
        # They were on their way from a snapshot without room to another one.
        self.assertTrue(LONGEST * 0.9 < max(reader.longest for reader in readers) <= LONGEST)


if __name__ == "__main__":
    unittest.main()
