"""Requests that are repeated at the same time: one of them is carried out, and all have its answer."""

import random
import time
import unittest

from blog import BlogTest, SqlError, parsed, quoted
from workers import CREATE, everything, keyed, outcome, together, until_it_waits

CLIENTS = 8
POSTS = "SELECT count(*) FROM saas_blog.tb_post WHERE title = {}"
LOGGED = """SELECT count(*) FROM saas_blog.tb_audit_log AS a JOIN saas_blog.tb_post AS p ON p.id = a.entity_id
    WHERE p.title = {} AND a.action = 'create'"""
KEYS = "SELECT count(*) FROM saas_blog.tb_idempotency_key WHERE key = {}"


class Repeats(BlogTest):
    """One key in many sessions."""

    def counts(self, title, key):
        """How many posts of this title there are, entries of the audit log, and keys."""
        queries = (POSTS.format(quoted(title)), LOGGED.format(quoted(title)), KEYS.format(quoted(key)))
        return [int(self.admin.value(query)) for query in queries]

    def sent(self, session, title, key, token=None):
        """Sends a request, and does not wait for its answer."""
        session.send("SELECT " + keyed(token or self.demo["editor"], CREATE, {"title": title}, key))

    def settled(self, session):
        """The answer's text to a request that was sent."""
        answer = session.receive()[0][0]
        self.assertIsNone(outcome(parsed(answer)))
        return answer

    def several(self, count):
        """Sessions of the proxy's."""
        sessions = [self.blog.session() for _ in range(count)]
        for session in sessions:
            self.addCleanup(session.close)
        return sessions

    def test_1600_calls_with_50_keys(self):
        def work(session, number):
            order = [key for key in range(50) for _ in range(4)]
            random.Random(number).shuffle(order)
            requests = (keyed(self.demo["editor"], CREATE, {"title": f"Key {n}"}, f"k{n}") for n in order)
            return list(zip(order, (session.value(f"SELECT {request}") for request in requests)))

        answers = [pair for pairs in together(self.blog, CLIENTS, work) for pair in pairs]
        self.assertEqual(len(answers), 1600)
        self.assertEqual(len({key for key, _ in answers}), 50)
        # As many pairs as keys: all answers of a key are the same text.
        self.assertEqual(len(set(answers)), 50)
        self.assertEqual({outcome(parsed(answer)) for _, answer in set(answers)}, {None})
        self.assertEqual(len({parsed(answer)["data"]["createPost"]["id"] for _, answer in set(answers)}), 50)
        for n in range(50):
            self.assertEqual(self.counts(f"Key {n}", f"k{n}"), [1, 1, 1])

    def test_operators(self):
        """They have entered a tenant when the answer is kept, and none when it is looked for."""
        create = 'mutation { createUser(tenantId: "demo", email: "o@x.example", name: "o") { id identifier } }'
        request = "SELECT " + keyed(self.blog.operator(), create, None, "operator")
        answers = set(together(self.blog, CLIENTS, lambda session, _: session.value(request)))
        self.assertEqual(len(answers), 1)
        self.assertIsNone(outcome(parsed(answers.pop())))
        users = "SELECT count(*) FROM saas_blog.tb_user WHERE email = 'o@x.example'"
        self.assertEqual(self.admin.value(users), "1")

    def test_the_first_one_rolls_back(self):
        """Exactly one of those who waited carries it out."""
        waiting = self.several(4)
        self.session.rows("BEGIN")
        taken_back = self.session.value("SELECT " + keyed(self.demo["editor"], CREATE, {"title": "Undone"}, "undone"))
        for session in waiting:
            self.sent(session, "Undone", "undone")
        until_it_waits(self.admin, waiting[-1], count=4)
        self.session.rows("ROLLBACK")
        answers = {self.settled(session) for session in waiting}
        self.assertEqual(len(answers), 1)
        self.assertNotIn(taken_back, answers)
        self.assertEqual(self.counts("Undone", "undone"), [1, 1, 1])

    def test_the_first_one_fails(self):
        """An answer with errors is not kept: the next one is carried out."""
        (waiting,) = self.several(1)
        self.admin.rows("""CREATE FUNCTION public.fails_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock(4711);
            IF NEW.title = 'Fails' AND current_setting('app.user_id') LIKE '%2' AND pg_backend_pid() = %s THEN
              RAISE EXCEPTION 'not this time';
            END IF; RETURN NEW; END $$""".replace("%s", str(self.session.pid)))
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.fails_once() CASCADE")
        self.admin.rows(
            "CREATE TRIGGER fails BEFORE INSERT ON saas_blog.tb_post FOR EACH ROW EXECUTE FUNCTION public.fails_once()"
        )
        self.admin.rows("SELECT pg_advisory_lock(4711)")
        self.sent(self.session, "Fails", "fails")
        until_it_waits(self.admin, self.session)
        self.sent(waiting, "Fails", "fails")
        until_it_waits(self.admin, waiting, count=2)
        self.admin.rows("SELECT pg_advisory_unlock(4711)")
        first = parsed(self.session.receive()[0][0])
        self.check_error(first, "INTERNAL_SERVER_ERROR", executed=True)
        self.settled(waiting)
        self.assertEqual(self.counts("Fails", "fails"), [1, 1, 1])

    def test_one_who_waits_is_cancelled(self):
        cancelled, waiting = self.several(2)
        self.session.rows("BEGIN")
        self.sent(self.session, "Waited for", "waited")
        answer = self.settled(self.session)
        for session in (cancelled, waiting):
            self.sent(session, "Waited for", "waited")
        until_it_waits(self.admin, cancelled, count=2)
        before = everything(self.admin)
        self.admin.rows(f"SELECT pg_cancel_backend({cancelled.pid})")
        with self.assertRaises(SqlError) as caught:
            cancelled.receive()
        self.assertEqual(caught.exception.sqlstate, "57014")
        self.assertEqual(everything(self.admin), before)
        self.session.rows("COMMIT")
        self.assertEqual(self.settled(waiting), answer)
        self.sent(cancelled, "Waited for", "waited")
        self.assertEqual(self.settled(cancelled), answer)
        self.assertEqual(self.counts("Waited for", "waited"), [1, 1, 1])

    def test_one_who_waits_asks_for_something_else(self):
        (waiting,) = self.several(1)
        self.session.rows("BEGIN")
        self.sent(self.session, "This", "other")
        self.settled(self.session)
        self.sent(waiting, "That", "other")
        until_it_waits(self.admin, waiting)
        self.session.rows("COMMIT")
        self.check_error(parsed(waiting.receive()[0][0]), "CONFLICT")
        self.assertEqual((self.counts("This", "other"), self.counts("That", "other")), ([1, 1, 1], [0, 0, 1]))

    def test_others_with_the_same_key_do_not_wait(self):
        """Another tenant, another user, an operator: a key belongs to whoever gave it."""
        tokens = (self.another["editor"], self.demo["admin"], self.demo["writer"])
        self.session.rows("BEGIN")
        self.sent(self.session, "Whose", "shared")
        self.settled(self.session)
        for token, session in zip(tokens, self.several(3)):
            session.rows("SET statement_timeout = '5s'")
            begun = time.monotonic()
            # Another title, as the slug of the same one is what the tenant's other posts would wait for.
            self.sent(session, f"Whose {token[-8:]}", "shared", token)
            self.settled(session)
            self.assertLess(time.monotonic() - begun, 2)
        operator = 'mutation { createTenant(name: "Shared", identifier: "shared") { id } }'
        (session,) = self.several(1)
        session.rows("SET statement_timeout = '5s'")
        answer = session.value("SELECT " + keyed(self.blog.operator(), operator, None, "shared"))
        self.assertIsNone(outcome(parsed(answer)))
        self.session.rows("ROLLBACK")
        self.assertEqual(self.counts("Whose", "shared"), [0, 0, 3])

    def test_a_transaction_that_began_before(self):
        """It does not see the answer that is kept, and neither carries it out nor gives another."""
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            title, key = f"Began {level}", f"began-{level[0]}"
            (first,) = self.several(1)
            self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
            self.session.ask(self.demo["editor"], "{ me { id } }")
            self.sent(first, title, key)
            answer = self.settled(first)
            request = "SELECT " + keyed(self.demo["editor"], CREATE, {"title": title}, key)
            self.refused(self.session, request, "40001")
            self.session.rows("ROLLBACK")
            self.assertEqual(self.counts(title, key), [1, 1, 1])
            self.assertEqual(self.session.value(request), answer)

    def test_two_in_repeatable_read_that_began_together(self):
        (other,) = self.several(1)
        sessions = (self.session, other)
        for session in sessions:
            session.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
            session.ask(self.demo["editor"], "{ me { id } }")
        self.sent(self.session, "Both", "both")
        self.settled(self.session)
        self.sent(other, "Both", "both")
        until_it_waits(self.admin, other)
        self.session.rows("COMMIT")
        with self.assertRaises(SqlError) as caught:
            other.receive()
        self.assertEqual(caught.exception.sqlstate, "40001")
        other.rows("ROLLBACK")
        self.assertEqual(self.counts("Both", "both"), [1, 1, 1])

    def test_a_key_that_is_too_old_is_taken_by_one(self):
        """All find the old answer expired; one writes the new one, and the others have that."""
        self.sent(self.session, "Old", "old")
        old = self.settled(self.session)
        self.admin.rows(
            "UPDATE saas_blog.tb_idempotency_key SET created_at = now() - interval '25 hours' WHERE key = 'old'"
        )
        request = "SELECT " + keyed(self.demo["editor"], CREATE, {"title": "Old"}, "old")
        answers = set(together(self.blog, CLIENTS, lambda session, _: session.value(request)))
        self.assertEqual(len(answers), 1)
        self.assertNotIn(old, answers)
        self.assertEqual(self.counts("Old", "old"), [2, 2, 1])


if __name__ == "__main__":
    unittest.main()
