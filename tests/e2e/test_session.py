"""A call leaves no trace: role, context and settings are those from before, however it ends."""

import os
import re
import threading
import time
import unittest
from pathlib import Path

from blog import POSTS, PROXY, UNKNOWN_ID, Blog, BlogTest, Lost, call, codes, quoted

CONTEXT = ("app.tenant_id", "app.tenant_pk", "app.user_id", "app.user_pk", "app.role")
SETTINGS = {
    "search_path": '"x, y", public',
    "TimeZone": "Asia/Tokyo",
    "DateStyle": "German, DMY",
    "row_security": "on",
    "jit": "on",
    "plan_cache_mode": "auto",
    "statement_timeout": "0",
    "client_min_messages": "notice",
    "default_transaction_read_only": "off",
    "lock_timeout": "0",
}
STATE = "SELECT current_user, session_user, current_setting('role'), " + ", ".join(
    f"current_setting('{name}', true)" for name in (*SETTINGS, *CONTEXT)
)
# The longest of all statements, once the policy `slow` is there: each row takes a moment.
SLOW = "{ posts(first: 100) { nodes { title comments { nodes { content } } } } }"


class SessionTest(BlogTest):
    """A session with settings that are unlike ours."""

    def setUp(self):
        super().setUp()
        for name, value in SETTINGS.items():
            self.session.rows(f"SET {name} = '{value}'")
        self.session.rows("SET search_path = 'x, y', public")
        self.session.ask(self.demo["reader"], "{ me { id } }")
        self.before = self.state()
        self.assertEqual(self.before[:2], [PROXY, PROXY])
        self.assertEqual(self.before[3], SETTINGS["search_path"])

    def state(self):
        """Who the session is, its settings, and its context, which is empty."""
        state = self.session.rows(STATE)[0]
        self.assertEqual(state[-len(CONTEXT) :], [""] * len(CONTEXT))
        return state

    def unchanged(self):
        self.assertEqual(self.state(), self.before)


class AfterACall(SessionTest):
    """The ends that need nothing but a request."""

    REQUESTS = {
        "success": ("editor", POSTS, None),
        "parse": ("editor", "{ posts {", None),
        "validation": ("editor", "{ nothing }", None),
        "input": ("editor", "query ($first: Int!) { posts(first: $first) { nodes { id } } }", {"first": -1}),
        "forbidden": ("reader", "{ users { totalCount } }", None),
        "tenant": ("reader", '{ posts(tenantId: "another") { totalCount } }', None),
        "limit": ("editor", "{ posts(first: 100) { nodes { author { posts(first: 100) { nodes { id } } } } } }", None),
        "operation": ("editor", "query A { me { id } } query B { me { id } }", None),
        "token": (None, "{ me { id } }", None),
    }

    def test_after_success_and_after_every_error(self):
        found = set()
        for user, query, variables in self.REQUESTS.values():
            for entry in ("execute", "resolve"):
                token = self.demo[user] if user else "garbage"
                found.update(codes(self.session.ask(token, query, variables, entry=entry)))
                self.unchanged()
        self.assertEqual(
            found,
            {
                "GRAPHQL_PARSE_FAILED",
                "GRAPHQL_VALIDATION_FAILED",
                "BAD_USER_INPUT",
                "FORBIDDEN",
                "LIMIT_EXCEEDED",
                "OPERATION_RESOLUTION_FAILURE",
                "UNAUTHENTICATED",
            },
        )

    def test_in_an_explicit_transaction(self):
        self.session.rows("BEGIN")
        for user, query, variables in self.REQUESTS.values():
            self.session.ask(self.demo[user] if user else "garbage", query, variables)
            self.unchanged()
        self.session.rows("SAVEPOINT here")
        self.session.ask(self.demo["admin"], POSTS)
        self.refused(self.session, "SELECT 1 / 0", "22012")
        self.session.rows("ROLLBACK TO here")
        self.unchanged()
        self.refused(self.session, f"SELECT {call(self.demo['admin'], POSTS)}, 1 / (random() * 0)::int", "22012")
        self.session.rows("ROLLBACK")
        self.unchanged()

    def test_settings_of_the_transaction_stay(self):
        self.session.rows("BEGIN")
        self.session.rows("SET LOCAL row_security = off")
        self.session.rows("SET jit = off")
        inside = self.state()
        self.session.ask(self.demo["admin"], POSTS)
        self.assertEqual(self.state(), inside)
        self.session.rows("ROLLBACK")
        self.unchanged()

    def test_within_one_statement_and_between_the_rows_of_a_cursor(self):
        """A call's context is over before the next expression of the same row is looked at."""
        inside = "current_setting('app.tenant_pk') || current_setting('app.role') || current_user"
        calls = [call(tokens["admin"], "{ me { id } }") for tokens in (self.demo, self.another)]
        one = f"SELECT {calls[0]}, {inside}, {calls[1]}, {inside}"
        row = self.session.rows(one)[0]
        self.assertEqual((row[1], row[3]), (PROXY, PROXY))
        self.session.rows("BEGIN")
        several = call(self.demo["admin"], "{ me { name } }").replace(quoted(self.demo["admin"]), "token")
        tokens = f"(VALUES (1, {quoted(self.demo['admin'])}), (2, {quoted(self.another['admin'])})) AS t (n, token)"
        self.session.rows(f"DECLARE c CURSOR FOR SELECT {several} FROM {tokens} ORDER BY n")
        for tenant in ("demo", "another"):
            self.check_only(tenant, self.session.value("FETCH c"))
            self.unchanged()

    def test_inside_plpgsql_that_catches_errors(self):
        self.session.rows(f"""CREATE FUNCTION pg_temp.catches(token text) RETURNS text LANGUAGE plpgsql AS $$
            DECLARE answer json; BEGIN
              BEGIN
                answer := graphql.execute('{POSTS}', NULL, token);
                PERFORM 1 / 0;
              EXCEPTION WHEN division_by_zero THEN NULL; END;
              RETURN concat_ws('|', current_user, current_setting('app.tenant_pk'), current_setting('app.role'),
                               length(answer::text));
            END $$""")
        user, pk, role, length = self.session.value(f"SELECT pg_temp.catches({quoted(self.demo['admin'])})").split("|")
        self.assertEqual((user, pk, role), (PROXY, "", ""))
        self.assertGreater(int(length), 1000)
        self.unchanged()

    def test_inside_a_security_definer_function_of_somebody_else(self):
        self.admin.rows(f"""CREATE FUNCTION public.definer(token text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
            AS $$ BEGIN
              PERFORM graphql.execute('{POSTS}', NULL, token);
              RETURN current_user || current_setting('app.role');
            END $$""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.definer(text)")
        self.assertEqual(
            self.session.value(f"SELECT public.definer({quoted(self.demo['admin'])})"),
            self.admin.value("SELECT current_user"),
        )
        self.unchanged()

    def test_a_token_of_the_transaction_before_means_nothing(self):
        for _ in range(2):
            self.session.ask(self.demo["admin"], POSTS)
            self.assertEqual(codes(self.session.ask(None, POSTS)), ["UNAUTHENTICATED"])


class Cancelled(SessionTest):
    """The ends that come from outside, while a statement runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin.rows("""CREATE FUNCTION public.slow() RETURNS boolean LANGUAGE plpgsql VOLATILE
            AS 'BEGIN PERFORM pg_sleep(0.02); RETURN true; END'""")

    def slowly(self):
        """Until the test ends each post takes its time."""
        self.admin.rows(
            "CREATE POLICY slow ON saas_blog.tb_post AS RESTRICTIVE TO saas_blog_exec USING (public.slow())"
        )
        self.addCleanup(self.admin.rows, "DROP POLICY slow ON saas_blog.tb_post")

    def works(self):
        """The session is as it was, and answers."""
        self.unchanged()
        self.check_only("another", self.session.text(self.another["reader"], POSTS))
        self.unchanged()

    def test_statement_timeout(self):
        self.slowly()
        for transaction in (False, True):
            if transaction:
                self.session.rows("BEGIN")
            self.session.rows("SET statement_timeout = '100ms'")
            begun = time.monotonic()
            self.refused(self.session, "SELECT " + call(self.demo["admin"], SLOW), "57014")
            self.assertLess(time.monotonic() - begun, 2)
            self.session.rows("ROLLBACK" if transaction else "SELECT")
            self.session.rows("SET statement_timeout = 0")
            self.works()

    def test_statement_timeout_that_plpgsql_catches(self):
        self.slowly()
        self.session.rows(f"""CREATE FUNCTION pg_temp.catches(token text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
              PERFORM graphql.execute('{SLOW}', NULL, token);
              RETURN 'not cancelled';
            EXCEPTION WHEN query_canceled THEN
              RETURN concat_ws('|', current_user, current_setting('app.tenant_pk'), current_setting('app.role'),
                               current_setting('row_security'));
            END $$""")
        self.session.rows("SET statement_timeout = '100ms'")
        found = self.session.value(f"SELECT pg_temp.catches({quoted(self.demo['admin'])})")
        self.assertEqual(found, f"{PROXY}|||on")
        self.session.rows("SET statement_timeout = 0")
        self.works()

    def test_cancel_by_another_session(self):
        self.slowly()
        cancel = threading.Timer(0.2, self.admin.rows, (f"SELECT pg_cancel_backend({self.session.pid})",))
        cancel.start()
        self.addCleanup(cancel.join)
        self.refused(self.session, "SELECT " + call(self.demo["admin"], SLOW), "57014")
        cancel.join()
        self.works()

    def in_the_log(self, *texts):
        """A line of the server's log has all of the texts."""
        log = Path(os.environ.get("CLUSTER_DATA", "/nowhere"), "server.log")
        if log.exists():
            lines = log.read_text(errors="replace").splitlines()
            self.assertTrue(any(all(text in line for text in texts) for line in lines), texts)

    def test_terminated_by_another_session(self):
        """The others go on, and the server did not restart."""
        started = self.admin.value("SELECT pg_postmaster_start_time()")
        self.slowly()
        victim = self.blog.session()
        victim.send("SELECT " + call(self.demo["admin"], SLOW))
        time.sleep(0.1)
        self.admin.rows(f"SELECT pg_terminate_backend({victim.pid})")
        with self.assertRaises(Lost):
            victim.receive()
        self.works()
        self.assertEqual(self.admin.value("SELECT pg_postmaster_start_time()"), started)

    def test_lock_timeout(self):
        with self.blog.session(None) as locker:
            locker.rows("BEGIN")
            locker.rows("LOCK saas_blog.tb_post IN ACCESS EXCLUSIVE MODE")
            self.session.rows("SET lock_timeout = '50ms'")
            self.refused(self.session, "SELECT " + call(self.demo["admin"], SLOW), "55P03")
            locker.rows("ROLLBACK")
        self.session.rows("SET lock_timeout = '0'")
        self.unchanged()
        self.works()

    def test_error_inside_the_statement(self):
        """What no request can cause: it is masked, and the transaction around it goes on."""
        self.admin.rows("""CREATE FUNCTION public.fails() RETURNS boolean LANGUAGE plpgsql
            AS 'BEGIN RAISE EXCEPTION ''the secret of tb_post''; END'""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.fails()")
        self.admin.rows(
            "CREATE POLICY fails ON saas_blog.tb_post AS RESTRICTIVE TO saas_blog_exec USING (public.fails())"
        )
        self.addCleanup(self.admin.rows, "DROP POLICY fails ON saas_blog.tb_post")
        self.session.rows("SET client_min_messages = debug1")
        self.session.rows("BEGIN")
        for entry in ("execute", "resolve"):
            answer = self.session.ask(self.demo["admin"], SLOW, entry=entry)
            error = self.check_error(answer, "INTERNAL_SERVER_ERROR", executed=True)[0]
            self.assertEqual(error["path"], ["posts"])
            self.in_the_log(re.search(r"[0-9a-f]{16}", error["message"])[0], "the secret of tb_post")
            self.assertEqual(self.session.value("SELECT current_user"), PROXY)
        self.session.rows("COMMIT")
        self.session.rows("SET client_min_messages = notice")
        self.unchanged()
        self.assertNotRegex(self.session.complaints(), "secret|WARNING")


class NothingButReads(SessionTest):
    """A query writes nothing."""

    def test_a_query_burns_no_transaction_id(self):
        self.session.rows("BEGIN")
        for user, query, variables in AfterACall.REQUESTS.values():
            for entry in ("execute", "resolve"):
                self.session.ask(self.demo[user] if user else "garbage", query, variables, entry=entry)
        self.assertIsNone(self.session.value("SELECT pg_current_xact_id_if_assigned()"))
        self.session.rows("COMMIT")

    def test_read_only_and_isolation_levels(self):
        expected = self.session.text(self.demo["editor"], POSTS)
        for mode in (
            "READ ONLY",
            "ISOLATION LEVEL REPEATABLE READ",
            "ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
        ):
            self.session.rows(f"BEGIN {mode}")
            self.assertEqual(self.session.text(self.demo["editor"], POSTS), expected)
            self.unchanged_but_read_only()
            self.session.rows("COMMIT")

    def unchanged_but_read_only(self):
        self.assertEqual(self.state(), self.before)

    def test_repeatable_read_sees_one_snapshot(self):
        query = f'{{ post(id: "{UNKNOWN_ID}") {{ id }} posts {{ totalCount }} }}'
        counts = []
        self.session.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
        counts.append(self.session.ask(self.demo["editor"], query)["data"]["posts"]["totalCount"])
        self.admin.rows("UPDATE saas_blog.tb_post SET deleted_at = now() WHERE title = 'Post 1 of demo'")
        self.addCleanup(
            self.admin.rows, "UPDATE saas_blog.tb_post SET deleted_at = NULL WHERE title = 'Post 1 of demo'"
        )
        for end in ("COMMIT", "SELECT"):
            counts.append(self.session.ask(self.demo["editor"], query)["data"]["posts"]["totalCount"])
            self.session.rows(end)
        self.assertEqual(counts, [15, 15, 14])

    def test_a_call_sees_what_its_own_transaction_did(self):
        with self.blog.session(None) as session:
            session.rows("BEGIN")
            session.rows("UPDATE saas_blog.tb_post SET title = 'Retitled' WHERE title = 'Post 2 of demo'")
            self.assertIn("Retitled", session.text(self.demo["editor"], POSTS))
            session.rows("ROLLBACK")
            self.assertNotIn("Retitled", session.text(self.demo["editor"], POSTS))


class Extension(unittest.TestCase):
    """The extension goes and comes while a session is open."""

    def test_drop_and_create_in_an_open_session(self):
        blog = Blog()
        self.addCleanup(blog.close)
        session, query = blog.session(), "{ posts { totalCount } }"
        for _ in range(2):
            self.assertEqual(session.ask(blog.token("demo", "editor"), query)["data"]["posts"]["totalCount"], 15)
            blog.admin.rows("DROP EXTENSION saas_blog CASCADE")
            with self.assertRaises(Exception) as caught:
                session.ask(blog.token("demo", "editor"), query)
            self.assertIn(caught.exception.sqlstate, ("3F000", "42883"))
            blog.admin.rows("DROP SCHEMA IF EXISTS graphql, saas_blog")
            blog.admin.rows(r"\i blog.sql")
            self.assertEqual(session.ask(blog.token("another", "reader"), query)["data"]["posts"]["totalCount"], 12)


if __name__ == "__main__":
    unittest.main()
