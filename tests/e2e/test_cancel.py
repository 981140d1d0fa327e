"""A mutation that is cut off writes nothing, whatever cuts it off, and the session goes on as if it had not been sent."""

import random
import threading
import unittest

from blog import PROXY, BlogTest, Lost, SqlError, call, codes, parsed, post_id, quoted
from workers import (
    COMMENT,
    CREATE,
    DELETE,
    UPDATE,
    audited,
    everything,
    keyed,
    new_post,
    outcome,
    until_it_waits,
)

CONTEXT = ("app.tenant_id", "app.tenant_pk", "app.user_id", "app.user_pk", "app.role")
STATE = "SELECT current_user, current_setting('search_path'), " + ", ".join(
    f"current_setting('{name}', true)" for name in CONTEXT
)
# The second root field is the one that waits: what the first has written goes too.
TWO = """mutation ($title: String!, $id: ID!) {
    createPost(title: $title, content: "c") { id } updatePost(id: $id, title: $title) { id } }"""


class CutOff(BlogTest):
    """A post that somebody else has locked."""

    def setUp(self):
        super().setUp()
        self.locked = post_id("demo", 2)
        self.locker = self.blog.session(None)
        self.addCleanup(self.locker.close)
        self.session.ask(self.demo["admin"], "{ me { id } }")
        self.state = self.session.rows(STATE)
        self.assertEqual(self.state[0][0], PROXY)
        self.assertEqual(self.state[0][2:], [""] * len(CONTEXT))
        self.before = everything(self.admin)
        self.lock()

    def lock(self):
        self.locker.rows("BEGIN")
        self.locker.rows(f"SELECT FROM saas_blog.tb_post WHERE id = {quoted(self.locked)} FOR UPDATE")

    def request(self, key="cut-off"):
        return "SELECT " + keyed(self.demo["admin"], TWO, {"title": "Cut off", "id": self.locked}, key)

    def nothing_was_written(self):
        """And the session is as it was."""
        self.assertEqual(self.session.rows(STATE), self.state)
        self.assertEqual(everything(self.admin), self.before)

    def works(self):
        """The same request, now that nobody is in its way, is carried out."""
        self.locker.rows("ROLLBACK")
        self.assertIsNone(outcome(parsed(self.session.value(self.request()))))
        self.assertEqual(self.session.rows(STATE), self.state)
        after = everything(self.admin)
        self.assertEqual([int(now) - int(then) for now, then in zip(after[:6], self.before)], [1, 0, 0, 0, 2, 1])
        self.admin.rows("DELETE FROM saas_blog.tb_idempotency_key")
        self.admin.rows(f"UPDATE saas_blog.tb_post SET title = 'Post 2 of demo' WHERE id = {quoted(self.locked)}")

    def test_statement_timeout(self):
        self.session.rows("SET statement_timeout = '100ms'")
        self.refused(self.session, self.request(), "57014")
        self.session.rows("SET statement_timeout = 0")
        self.nothing_was_written()
        self.works()

    def test_statement_timeout_inside_a_transaction(self):
        """The transaction is aborted, and goes on from the savepoint with all that was before it."""
        self.session.rows("BEGIN")
        self.session.ask(self.demo["admin"], CREATE, {"title": "Before"})
        self.session.rows("SAVEPOINT here")
        self.session.rows("SET statement_timeout = '100ms'")
        self.refused(self.session, self.request(), "57014")
        self.session.rows("ROLLBACK TO here")
        self.session.rows("SET statement_timeout = 0")
        self.assertEqual(self.session.rows(STATE), self.state)
        self.session.rows("COMMIT")
        after = everything(self.admin)
        self.assertEqual([int(now) - int(then) for now, then in zip(after[:6], self.before)], [1, 0, 0, 0, 1, 0])
        self.before = after
        self.works()

    def test_a_cancel_that_plpgsql_catches(self):
        """Role, context and rows are put back before the handler runs."""
        self.session.rows(f"""CREATE FUNCTION pg_temp.catches() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN
              {self.request().replace("SELECT", "PERFORM", 1)};
              RETURN 'not cancelled';
            EXCEPTION WHEN query_canceled THEN
              RETURN concat_ws('|', current_user, {", ".join(f"current_setting('{name}')" for name in CONTEXT)});
            END $f$""")
        self.session.rows("SET statement_timeout = '100ms'")
        self.assertEqual(self.session.value("SELECT pg_temp.catches()"), PROXY + "|" * len(CONTEXT))
        self.session.rows("SET statement_timeout = 0")
        self.nothing_was_written()
        self.works()

    def test_cancelled_by_another_session(self):
        for where in ("", "BEGIN"):
            self.session.rows(where or "SELECT")
            self.session.send(self.request())
            until_it_waits(self.admin, self.session)
            self.admin.rows(f"SELECT pg_cancel_backend({self.session.pid})")
            with self.assertRaises(SqlError) as caught:
                self.session.receive()
            self.assertEqual(caught.exception.sqlstate, "57014")
            self.session.rows("ROLLBACK" if where else "SELECT")
            self.nothing_was_written()
        self.works()

    def test_terminated_by_another_session(self):
        with self.blog.session() as victim:
            victim.send(self.request())
            until_it_waits(self.admin, victim)
            started = self.admin.value("SELECT pg_postmaster_start_time()")
            self.admin.rows(f"SELECT pg_terminate_backend({victim.pid})")
            with self.assertRaises(Lost):
                victim.receive()
        self.nothing_was_written()
        self.assertEqual(self.admin.value("SELECT pg_postmaster_start_time()"), started)
        self.works()

    def test_cancelled_at_any_moment(self):
        """Cancels that come at random find every stage of a mutation: either all of it is there, or nothing."""
        self.locker.rows("ROLLBACK")
        stop = threading.Event()
        done = {"written": 0, "cancelled": 0}
        with self.blog.session(None) as canceller:

            def cancel():
                while not stop.wait(random.uniform(0, 0.01)):
                    canceller.rows(f"SELECT pg_cancel_backend({self.session.pid})")

            thread = threading.Thread(target=cancel)
            thread.start()
            try:
                for n in range(600):
                    # Every third one fails by itself, after it has written something.
                    variables = {"title": f"Any {n}", "id": post_id("another", 1)}
                    request = keyed(self.demo["admin"], TWO if n % 3 == 0 else CREATE, variables, f"any-{n}")
                    try:
                        answer = parsed(self.session.value(f"SELECT {request}"))
                        self.assertEqual(outcome(answer), "NOT_FOUND" if n % 3 == 0 else None)
                        done["written"] += n % 3 != 0
                    except SqlError as error:
                        self.assertEqual(error.sqlstate, "57014")
                        done["cancelled"] += 1
            finally:
                stop.set()
                thread.join()
        self.assertGreater(min(done.values()), 0, done)
        self.assertEqual(self.session.rows(STATE), self.state)
        after = everything(self.admin)
        grown = [int(now) - int(then) for now, then in zip(after[:6], self.before)]
        self.assertEqual(grown, [done["written"], 0, 0, 0, done["written"], done["written"]])
        self.admin.rows("DELETE FROM saas_blog.tb_idempotency_key")


class TakenBack(BlogTest):
    """Savepoints and transactions around a mutation that succeeded."""

    def test_a_savepoint(self):
        """Rows, audit and key go; the key is new again, for others too."""
        request = "SELECT " + keyed(self.demo["admin"], CREATE, {"title": "Undone"}, "undone")
        before = everything(self.admin)
        self.session.rows("BEGIN")
        self.session.rows("SAVEPOINT here")
        first = self.session.value(request)
        self.assertEqual(self.session.value(request), first)
        self.session.rows("ROLLBACK TO here")
        self.assertEqual(everything(self.admin), before)
        with self.blog.session() as other:
            other.rows("SET statement_timeout = '5s'")
            second = other.value(request)
        self.assertNotEqual(second, first)
        self.assertEqual(self.session.value(request), second)
        self.session.rows("COMMIT")
        rows = "SELECT count(*) FROM saas_blog.tb_post WHERE title = 'Undone'"
        self.assertEqual(self.admin.value(rows), "1")

    def test_a_failed_mutation_leaves_the_transaction_as_it_was(self):
        self.session.rows("BEGIN")
        made = new_post(self.session, self.demo["editor"], "Kept")
        for request, variables, code in (
            (TWO, {"title": "Not kept", "id": post_id("another", 1)}, "NOT_FOUND"),
            (CREATE, {"title": ""}, "BAD_USER_INPUT"),
            (CREATE, {"title": "x", "identifier": "kept"}, "CONFLICT"),
            (DELETE, {"id": post_id("demo", 3)}, None),
            (DELETE, {"id": post_id("demo", 3)}, "NOT_FOUND"),
        ):
            self.assertEqual(outcome(self.session.ask(self.demo["admin"], request, variables)), code)
        kept = self.session.ask(self.demo["admin"], f'{{ post(id: "{made}") {{ title }} }}')
        self.assertEqual(kept["data"], {"post": {"title": "Kept"}})
        self.session.rows("COMMIT")
        self.assertEqual([action for action, _ in audited(self.admin, made)], ["create"])
        logged = "SELECT count(*) FROM saas_blog.tb_audit_log WHERE changes::text LIKE '%Not kept%'"
        self.assertEqual(self.admin.value(logged), "0")


class Nested(BlogTest):
    """A mutation that is within something else, or has something else within."""

    def test_another_call_within_a_mutation(self):
        """A trigger of the installation's owner asks as somebody else: the outer call goes on as who it was."""
        inner = call(self.another["admin"], CREATE, {"title": "Inner of another"})
        failing = call(self.another["reader"], CREATE, {"title": "Refused"})
        query = call(self.another["editor"], "{ me { name } posts { totalCount } }")
        garbage = call("garbage", "{ me { name } }")
        self.admin.rows(f"""CREATE FUNCTION public.calls() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$
            DECLARE context text := concat_ws('|', current_setting('app.tenant_pk'), current_setting('app.user_pk'),
                                              current_setting('app.role'), current_user);
            BEGIN
              IF NEW.title LIKE 'Inner%' THEN RETURN NEW; END IF;
              PERFORM {inner}, {failing}, {query}, {garbage};
              IF context <> concat_ws('|', current_setting('app.tenant_pk'), current_setting('app.user_pk'),
                                      current_setting('app.role'), current_user) THEN
                RAISE EXCEPTION 'the context is another';
              END IF;
              RETURN NEW;
            END $f$""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.calls() CASCADE")
        self.admin.rows(
            "CREATE TRIGGER a_calls BEFORE INSERT ON saas_blog.tb_post FOR EACH ROW EXECUTE FUNCTION public.calls()"
        )
        post = new_post(self.session, self.demo["editor"], "Outer of demo")
        rows = self.admin.rows("""SELECT t.identifier, u.name, p.title, a.fk_tenant = p.fk_tenant, a.fk_user = p.fk_user
            FROM saas_blog.tb_post AS p JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = p.fk_tenant
            JOIN saas_blog.tb_user AS u ON u.pk_user = p.fk_user
            JOIN saas_blog.tb_audit_log AS a ON a.entity_id = p.id
            WHERE p.title IN ('Outer of demo', 'Inner of another', 'Refused') ORDER BY 1""")
        self.assertEqual(
            rows,
            [
                ["another", "admin of another", "Inner of another", "t", "t"],
                ["demo", "editor of demo", "Outer of demo", "t", "t"],
            ],
        )
        # An error of the outer call is its own, and takes the inner call's rows with it.
        before = everything(self.admin)
        failed = self.session.ask(self.demo["editor"], CREATE, {"title": "Outer", "identifier": "outer-of-demo"})
        self.assertEqual(codes(failed), ["CONFLICT"])
        self.assertEqual(failed["errors"][0]["path"], ["createPost"])
        self.assertEqual(everything(self.admin), before)
        self.assertIsNone(outcome(self.session.ask(self.demo["editor"], f'{{ post(id: "{post}") {{ title }} }}')))

    def test_in_a_parallel_worker(self):
        """A function that only says that it is safe there fails, and nothing is written."""
        request = call(self.demo["admin"], CREATE, {"title": "Parallel"})
        session = self.blog.session(None)
        self.addCleanup(session.close)
        session.rows(f"""CREATE FUNCTION public.lies(integer) RETURNS text LANGUAGE plpgsql PARALLEL SAFE
            AS $f$ BEGIN RETURN {request}; END $f$""")
        self.addCleanup(session.rows, "DROP FUNCTION public.lies(integer)")
        before = everything(self.admin)
        for name in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            session.rows(f"SET {name} = 0")
        statement = "SELECT max(public.lies(1)) FROM pg_class"
        self.assertIn("Parallel Seq Scan", str(session.rows(f"EXPLAIN {statement}")))
        self.refused(session, statement, "25000")
        self.assertEqual(everything(self.admin), before)
        self.assertIn(session.value("SELECT current_setting('app.role', true)"), (None, ""))
        self.assertIsNone(outcome(session.ask(self.demo["admin"], CREATE, {"title": "Afterwards"})))


class Memory(BlogTest):
    """Thousands of mutations in one session."""

    def requests(self, n):
        """Some succeed, some fail at each stage."""
        id = post_id("demo", 1)
        return (
            call(self.demo["admin"], CREATE, {"title": f"Memory {n}"}),
            call(self.demo["admin"], UPDATE, {"id": id, "content": f"{n} " * 500}),
            keyed(self.demo["reader"], COMMENT, {"post": id, "content": f"c{n}"}, f"memory-{n // 2}"),
            call(self.demo["admin"], CREATE, {"title": ""}),
            call(self.demo["admin"], TWO, {"title": f"Memory {n}", "id": post_id("another", 1)}),
            call(self.demo["admin"], CREATE, {"title": "x", "identifier": "editor"}),
        )

    def test_3000_mutations(self):
        self.session.rows("\\o /dev/null")

        def work(numbers):
            for n in numbers:
                self.session.rows("SELECT " + ", ".join(self.requests(n)))
            return self.session.memory()

        begun = work(range(100))
        ended = work(range(100, 600))
        self.assertLess(ended - begun, 1.5)

    def test_1000_mutations_in_one_transaction(self):
        """Each has a subtransaction, and what it needed is freed at its end."""
        self.session.rows("BEGIN")
        begun = None
        for n in range(200):
            self.session.rows("SELECT " + ", ".join(self.requests(n)))
            begun = begun or (n == 40 and self.session.memory())
        ended = self.session.memory()
        self.session.rows("ROLLBACK")
        self.assertLess(ended - begun, 2)


if __name__ == "__main__":
    unittest.main()
