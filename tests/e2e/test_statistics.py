"""`saas_blog.stat_operations` counts what was called, in a cluster that preloads the library, and nothing elsewhere."""

import contextlib
import json
import os
import signal
import subprocess
import time
import unittest

from blog import UNKNOWN_ID, Blog, BlogTest, Sql, call, parsed, post_id, psql, quoted
from servers import own_cluster

POST = "query Post($id: ID!) { post(id: $id) { title } }"
ME = "{ me { name } }"


def counted(session):
    """What is counted in the session's database, by operation and hash."""
    rows = [parsed(row) for row in session.column("SELECT to_jsonb(s) FROM saas_blog.stat_operations AS s")]
    found = {(row["operation_name"], row["document_hash"]): row for row in rows}
    assert len(found) == len(rows), rows
    return found


class Preloaded(BlogTest):
    """A cluster that preloads the library, and pg_stat_statements if it is installed."""

    @classmethod
    def setUpClass(cls):
        known = psql("postgres", "-c", "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
        libraries = "saas_blog,pg_stat_statements" if known == "1" else "saas_blog"
        settings = ("pg_stat_statements.track=all",) if known == "1" else ()
        own_cluster(cls, "statistics", f"shared_preload_libraries={libraries}", *settings)
        super().setUpClass()
        cls.has_pg_stat_statements = known == "1"

    def setUp(self):
        super().setUp()
        self.admin.rows("SELECT saas_blog.stat_reset()")
        self.assertEqual(counted(self.admin), {})

    def only(self):
        """The one row that there is."""
        rows = list(counted(self.admin).values())
        self.assertEqual(len(rows), 1, rows)
        return rows[0]

    def of(self, name):
        """The row of a named operation."""
        (row,) = (row for (operation, _), row in counted(self.admin).items() if operation == name)
        return row


class Counts(Preloaded):
    """What is counted of calls that come one after the other."""

    def test_equal_shapes_of_two_tenants_are_one(self):
        texts, begun = [], time.monotonic()
        for tenant in ("demo", "another"):
            for number in range(1, 8):
                space = " " * number
                query = f'query Post{space}{{ post(id: "{post_id(tenant, number)}"),{space}{{ title }} }} # {number}'
                text = self.session.text(self.blog.token(tenant, "reader"), query)
                self.assertIn(f"Post {number} of {tenant}", text)
                texts.append(text)
        elapsed = (time.monotonic() - begun) * 1000
        row = self.only()
        self.assertEqual(row["operation_name"], "Post")
        self.assertRegex(row["document_hash"], "^[0-9a-f]{32}$")
        self.assertEqual((row["calls"], row["errors"]), (14, {}))
        self.assertEqual(row["answer_bytes"], sum(len(text.encode()) for text in texts))
        # A shape is compiled once a session; the caller's role is the same.
        self.assertEqual(row["plan_cache_hits"], 13)
        self.assertLess(0, row["max_ms"])
        self.assertLessEqual(row["max_ms"], row["total_ms"])
        self.assertLessEqual(row["total_ms"], 14 * row["max_ms"])
        self.assertLess(row["total_ms"], elapsed)
        self.assertEqual((row["popular_hits"], row["popular_misses"]), (0, 0))

    def test_other_documents_and_other_names_are_others(self):
        both = "query A { me { id } } query B { me { name } }"
        for query, name in ((ME, None), ("{ me { id } }", None), (both, "A"), (both, "B"), (both, "B"), (both, "C")):
            self.session.ask(self.demo["admin"], query, operation=name)
        found = counted(self.admin)
        calls = {(name, row["calls"]) for (name, _), row in found.items()}
        self.assertEqual(calls, {(None, 1), ("A", 1), ("B", 2), ("C", 1)})
        self.assertEqual(len(found), 5)
        self.assertEqual(len({hash for _, hash in found}), 3)
        self.assertEqual(self.of("C")["errors"], {"OPERATION_RESOLUTION_FAILURE": 1})

    def test_a_name_is_the_same_whether_it_is_asked_for_or_not(self):
        for name in (None, "Post"):
            self.session.ask(self.demo["admin"], POST, {"id": UNKNOWN_ID}, name)
        self.assertEqual(self.only()["calls"], 2)

    def test_bytes_are_those_of_the_json_text_for_both_functions(self):
        text = self.session.text(self.demo["admin"], POST, {"id": post_id("demo", 1)})
        self.session.text(self.demo["admin"], POST, {"id": post_id("demo", 1)}, entry="resolve")
        self.assertEqual(self.only()["answer_bytes"], 2 * len(text.encode()))

    def test_errors_by_code(self):
        create = 'mutation Write($id: ID!) { createComment(postId: $id, content: "") { id } }'
        delete = "mutation Write($id: ID!) { deletePost(id: $id) { id } }"
        partial = 'query Partial($id: ID = "x") { post(id: $id) { id } me { id } }'
        cases = (
            ("admin", "query Wrong { nothing alsoNothing }", None, "GRAPHQL_VALIDATION_FAILED"),
            ("admin", delete, {"id": UNKNOWN_ID}, "NOT_FOUND"),
            ("admin", delete, {"id": UNKNOWN_ID}, "NOT_FOUND"),
            ("admin", delete, {"id": 1.5}, "BAD_USER_INPUT"),
            ("reader", delete, {"id": UNKNOWN_ID}, "FORBIDDEN"),
            ("reader", create, {"id": post_id("demo", 1)}, "BAD_USER_INPUT"),
            ("admin", partial, {"id": None}, "BAD_USER_INPUT"),
        )
        expected = {}
        for user, query, variables, code in cases:
            text = self.session.text(self.demo[user], query, variables)
            self.assertEqual({error["extensions"]["code"] for error in parsed(text)["errors"]}, {code}, text)
            calls, size, errors = expected.get(query, (0, 0, {}))
            expected[query] = (calls + 1, size + len(text.encode()), {**errors, code: errors.get(code, 0) + 1})
        found = [(row["calls"], row["answer_bytes"], row["errors"]) for row in counted(self.admin).values()]
        self.assertCountEqual(found, expected.values())

    def test_what_has_no_token_or_no_document_is_one(self):
        """Nobody can push entries out who cannot log in, nor by text that is no GraphQL."""
        cases = (
            (None, ME, "UNAUTHENTICATED"),
            ("garbage", "query Some { me { id } }", "UNAUTHENTICATED"),
            ("garbage", "query Other { me { name } }", "UNAUTHENTICATED"),
            (None, "query Other { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (None, "{ __typename }", None),
            (self.demo["admin"], "query Some { me {", "GRAPHQL_PARSE_FAILED"),
            (self.demo["admin"], "{ me { id } }" + " " * 70000, "LIMIT_EXCEEDED"),
            (self.demo["admin"], None, "BAD_USER_INPUT"),
        )
        size = sum(len(self.session.text(token, query).encode()) for token, query, _ in cases)
        row = self.only()
        self.assertEqual((row["operation_name"], row["document_hash"]), (None, None))
        self.assertEqual((row["calls"], row["answer_bytes"]), (len(cases), size))
        codes = [code for _, _, code in cases if code]
        self.assertEqual(row["errors"], {code: codes.count(code) for code in codes})

    def test_an_error_of_sql(self):
        self.session.rows("SET statement_timeout = '300ms'")
        with self.blog.session(None) as other:
            other.rows("BEGIN")
            other.rows("LOCK saas_blog.tb_post")
            expression = call(self.demo["admin"], POST, {"id": post_id("demo", 1)})
            self.refused(self.session, f"SELECT {expression}", "57014")
            row = self.only()
            self.assertEqual((row["calls"], row["errors"], row["answer_bytes"]), (1, {"RAISED": 1}, 0))
            self.assertGreater(row["max_ms"], 250)
        text = self.session.text(self.demo["admin"], POST, {"id": post_id("demo", 1)})
        row = self.only()
        self.assertEqual((row["calls"], row["errors"], row["answer_bytes"]), (2, {"RAISED": 1}, len(text)))

    def test_a_call_within_a_call(self):
        """Each counts for itself, whatever becomes of the inner one."""
        inner = [call(self.demo["admin"], query) for query in ("query In { me { name } }", "query Bad { nothing }")]
        explained = f"graphql.explain('query Shown {{ nothing }}', NULL, {quoted(self.demo['admin'])})"
        self.admin.rows(
            f"""CREATE FUNCTION public.asks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN
            PERFORM {inner[0]}; PERFORM {inner[1]}; PERFORM {explained}; RETURN NULL; END $f$"""
        )
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.asks() CASCADE")
        self.admin.rows("CREATE TRIGGER asks AFTER INSERT ON saas_blog.tb_comment EXECUTE FUNCTION public.asks()")
        query = 'mutation Out($id: ID!) { createComment(postId: $id, content: "x") { id } }'
        text = self.session.text(self.demo["admin"], query, {"id": post_id("demo", 1)})
        self.assertNotIn("errors", parsed(text))
        found = {name: (row["calls"], row["errors"]) for (name, _), row in counted(self.admin).items()}
        self.assertEqual(found, {"Out": (1, {}), "In": (1, {}), "Bad": (1, {"GRAPHQL_VALIDATION_FAILED": 1})})
        self.assertEqual(self.of("Out")["answer_bytes"], len(text))
        self.assertEqual(self.of("In")["answer_bytes"], len('{"data":{"me":{"name":"admin of demo"}}}'))
        self.assertGreater(self.of("Out")["total_ms"], self.of("In")["total_ms"] + self.of("Bad")["total_ms"])

    def test_rankings_that_are_there_and_those_that_are_not(self):
        query = "query Popular { popularPosts(first: 2) { title } }"
        # What is deleted ends the ranking of its tenant.
        for tenant, mutation, found in (
            ("demo", None, (0, 1)),
            ("demo", None, (1, 1)),
            ("another", None, (1, 2)),
            ("demo", None, (2, 2)),
            ("demo", "deletePost", (2, 3)),
            ("another", None, (3, 3)),
            ("demo", "restorePost", (3, 4)),
            ("demo", None, (4, 4)),
        ):
            if mutation:
                change = f"mutation Change($id: ID!) {{ {mutation}(id: $id) {{ id }} }}"
                self.assertNotIn("errors", self.session.ask(self.demo["admin"], change, {"id": post_id("demo", 1)}))
            self.session.ask(self.blog.token(tenant, "admin"), query)
            row = self.of("Popular")
            self.assertEqual((row["popular_hits"], row["popular_misses"]), found)

    def test_explain_is_not_counted(self):
        self.admin.value(f"SELECT graphql.explain({quoted(ME)}, NULL, {quoted(self.demo['admin'])}, NULL, true)")
        self.assertEqual(counted(self.admin), {})

    def test_nothing_that_a_request_says_is_in_it(self):
        secret = "s3cret-of-demo"
        query = f'query Q($t: String) {{ posts(tenantId: "{secret}", first: 4711) {{ totalCount }} }} # {secret}'
        self.session.text(self.demo["admin"], query, {"t": secret, secret: secret})
        self.session.text(self.demo["admin"], 'mutation M { createPost(title: "s3cret") { title content } }')
        text = json.dumps(list(counted(self.admin).values()))
        for word in ("s3cret", "4711", "demo", "posts", "totalCount", "tb_"):
            self.assertNotIn(word, text)

    def test_names_are_short_and_clean(self):
        for name, expected in (
            ("a" * 70, "a" * 63),
            ("x\n\x07\u0085 \u001b[31my", "x [31my"),
            ("é" * 40, "é" * 31),
            ("'; DROP TABLE x --", "'; DROP TABLE x --"),
        ):
            self.session.ask(self.demo["admin"], ME, operation=name)
            self.assertEqual(self.only()["operation_name"], expected)
            self.admin.rows("SELECT saas_blog.stat_reset()")

    def test_who_may_look(self):
        for statement in ("TABLE saas_blog.stat_operations", "SELECT saas_blog.stat_reset()"):
            self.refused(self.session, statement, "42501")
        self.refused(self.session, "SELECT * FROM saas_blog.read_statistics()", "42501")
        self.session.ask(self.demo["admin"], ME)
        with self.blog.session(None) as session:
            session.rows("SET ROLE saas_blog_admin")
            self.assertEqual(len(counted(session)), 1)
            session.rows("SELECT saas_blog.stat_reset()")
            self.assertEqual(counted(session), {})
            for role in ("saas_blog_exec", "saas_blog_api"):
                session.rows(f"SET ROLE {role}")
                self.refused(session, "TABLE saas_blog.stat_operations", "42501")
                self.refused(session, "SELECT saas_blog.stat_reset()", "42501")

    def test_a_database_has_its_own(self):
        self.session.ask(self.demo["admin"], ME)
        other = Blog()
        self.addCleanup(other.close)
        self.assertEqual(counted(other.admin), {})
        with other.session() as session:
            session.ask(other.token("demo", "admin"), ME)
        self.assertEqual(list(counted(other.admin)), list(counted(self.admin)))
        other.admin.rows("SELECT saas_blog.stat_reset()")
        self.assertEqual((len(counted(other.admin)), len(counted(self.admin))), (0, 1))

    def test_a_rolled_back_call_was_a_call(self):
        self.session.rows("BEGIN")
        self.session.ask(self.demo["admin"], ME)
        self.session.rows("ROLLBACK")
        self.assertEqual(self.only()["calls"], 1)


class Many(Preloaded):
    """Many operations, many sessions."""

    def calls(self, query, numbers):
        """The SQL of many calls; the query is SQL in which `n` is the number of the call."""
        return f"SELECT count({call(self.demo['admin'], Sql(query))}) FROM {numbers}"

    def at_once(self, statements):
        """Runs each statement in a session of its own, all at the same time."""
        sessions = [self.blog.session() for _ in statements]
        for session, statement in zip(sessions, statements):
            session.send(statement)
        results = [session.receive(timeout=120)[0][0] for session in sessions]
        for session in sessions:
            session.close()
        return results

    def names(self):
        return {name for name, _ in counted(self.admin)}

    def test_the_least_used_of_a_thousand_and_one_goes(self):
        query = "format('query O%s { me { id } }', n)"
        self.session.value(self.calls(query, "generate_series(0, 999) AS n"), timeout=120)
        twice = "generate_series(0, 999) AS n WHERE n NOT IN (7, 500)"
        self.session.value(self.calls(query, twice), timeout=120)
        self.assertEqual(len(self.names()), 1000)
        self.session.ask(self.demo["admin"], "query O1000 { me { id } }")
        self.assertEqual(self.names(), {f"O{n}" for n in range(1001)} - {"O7"})
        self.session.ask(self.demo["admin"], "query O1001 { me { id } }")
        self.assertEqual(self.names(), {f"O{n}" for n in range(1002)} - {"O7", "O500"})
        self.assertEqual(self.of("O1")["calls"], 2)

    def test_eight_sessions_are_counted_exactly(self):
        statement = self.calls(quoted(ME), "generate_series(1, 500) AS n")
        self.assertEqual(self.at_once([statement] * 8), ["500"] * 8)
        row = self.only()
        self.assertEqual((row["calls"], row["plan_cache_hits"]), (4000, 4000 - 8))
        self.assertEqual(row["answer_bytes"], 4000 * len('{"data":{"me":{"name":"admin of demo"}}}'))

    def test_eight_sessions_that_push_each_other_out(self):
        """Half of the calls are of one operation, which stays; no entry is there twice, and none is lost."""
        query = "CASE n % 2 WHEN 0 THEN 'query Hot { me { id } }' ELSE format('query O%s_%s { me { id } }', %s, n) END"
        statements = [
            self.calls(query.replace(", %s", f", {client}"), "generate_series(1, 600) AS n") for client in range(8)
        ]
        self.assertEqual(self.at_once(statements), ["600"] * 8)
        self.assertEqual(len(self.names()), 1000)
        self.assertEqual(self.of("Hot")["calls"], 8 * 300)
        self.assertEqual({row["calls"] for (name, _), row in counted(self.admin).items() if name != "Hot"}, {1})
        self.session.ask(self.demo["admin"], ME)
        self.assertEqual(len(self.names()), 1000)

    def test_equal_shapes_have_equal_sql(self):
        """So that pg_stat_statements groups them."""
        texts = set()
        for tenant in ("demo", "another"):
            for number in (1, 2):
                post = f'post(id: "{post_id(tenant, number)}") {{ title }}'
                query = f"{{ {post} posts(first: {number}) {{ totalCount }} }}"
                token = quoted(self.blog.token(tenant, "editor"))
                shown = self.admin.value(f"SELECT graphql.explain({quoted(query)}, NULL, {token})")
                texts.add(tuple(statement["sql"] for statement in parsed(shown)["statements"]))
        self.assertEqual(len(texts), 1)

    def test_pg_stat_statements_groups_equal_shapes(self):
        if not self.has_pg_stat_statements:
            self.skipTest("pg_stat_statements is not installed")
        self.admin.rows("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.admin.rows("SELECT pg_stat_statements_reset()")
        for tenant in ("demo", "another"):
            with self.blog.session() as session:
                for number in range(1, 6):
                    query = f'{{ post(id: "{post_id(tenant, number)}") {{ title }} }}'
                    session.text(self.blog.token(tenant, "editor"), query)
        rows = self.admin.rows(
            "SELECT calls, query FROM pg_stat_statements WHERE userid = 'saas_blog_exec'::regrole AND query ~ 'tb_post'"
        )
        self.assertEqual([calls for calls, _ in rows], ["10"], rows)
        self.assertNotIn("demo", rows[0][1])


class AfterACrash(unittest.TestCase):
    """One backend is killed, and the server starts anew."""

    def test_they_begin_anew(self):
        # What was committed is there after the crash.
        own_cluster(
            type(self), "statistics-crash", "shared_preload_libraries=saas_blog", "synchronous_commit=on"
        )
        self.addCleanup(self.doClassCleanups)
        blog = Blog()
        self.addCleanup(blog.close)
        token = blog.token("demo", "admin")
        with blog.session() as session:
            session.ask(token, ME)
            self.assertEqual(len(counted(blog.admin)), 1)
            os.kill(session.pid, signal.SIGKILL)
        admin = self.again(blog)
        self.assertEqual(counted(admin), {})
        with blog.session() as session:
            session.ask(token, ME)
        self.assertEqual([row["calls"] for row in counted(admin).values()], [1])

    def again(self, blog):
        """The superuser's session, as soon as the server takes one."""
        with contextlib.suppress(OSError):
            blog.admin.close()
        blog.sessions.remove(blog.admin)
        deadline = time.monotonic() + 60
        while subprocess.run(["psql", "-XqAt", "-d", blog.name, "-c", ""], stderr=subprocess.DEVNULL).returncode != 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        return blog.session(None)


class NotPreloaded(BlogTest):
    """The ordinary cluster."""

    def test_there_are_none(self):
        for query in (ME, "{ nothing }", "{"):
            self.session.ask(self.demo["admin"], query)
        self.assertEqual(counted(self.admin), {})
        self.admin.rows("SELECT saas_blog.stat_reset()")
        with self.blog.session(None, options="-c session_preload_libraries=saas_blog") as session:
            session.ask(self.demo["admin"], ME)
            self.assertEqual(counted(session), {})
            session.rows("SELECT saas_blog.stat_reset()")


if __name__ == "__main__":
    unittest.main()
