"""Kept plans: they are bounded, survive changes of the tables under them, and leak nothing."""

import random
import threading
import unittest

from blog import POSTS, PROXY, TENANTS, BlogTest, Sql, call, codes, parsed, post_id, quoted
from test_alternation import SHAPES, variables

# Growth in MB that is none: the allocator's own, over thousands of calls.
NOISE = 1.5


class Plans(BlogTest):
    """One session, many requests."""

    def many(self, expression, count):
        """Calls as many times within one statement; `n` is the number of the call."""
        statement = f"SELECT count({expression}) FROM generate_series(1, {count}) AS n"
        self.assertEqual(self.session.value(statement, timeout=120), str(count))

    def growth(self, work, warm, count):
        """The backend's growth in MB over the second half of the work."""
        work(warm)
        before = self.session.memory()
        work(count)
        return self.session.memory() - before

    def test_memory_over_twenty_thousand_calls(self):
        page = "{ posts(first: 3) { nodes { title author { name } } } }"
        for entry, query in (
            ("execute", page),
            ("resolve", page),
            ("execute", "{ nothing }"),
            ("execute", "{ me { id } "),
        ):
            expression = call(self.demo["editor"], query, entry=entry)
            self.assertLess(self.growth(lambda count: self.many(expression, count), 1000, 5000), NOISE, (entry, query))

    def test_memory_over_calls_with_tokens_that_differ(self):
        """Tokens that were verified are remembered, and so are the refused ones not."""
        tokens = [quoted(self.blog.token("demo", "editor", nonce=n)) for n in range(200)]
        several, garbage = f"(ARRAY[{', '.join(tokens)}])[1 + n % 200]", "repeat('x', n % 500) || '.' || n || '.x'"
        for token in (several, garbage):
            expression = call(Sql(token), "{ me { name } }")
            self.assertLess(self.growth(lambda count: self.many(expression, count), 400, 2000), NOISE)

    def test_memory_over_statements(self):
        """Each in a transaction of its own, as a proxy sends them."""
        query = "query ($first: Int) { posts(first: $first) { nodes { title } } }"

        def work(count):
            for number in range(count):
                self.session.text(self.demo["editor"], query, {"first": number % 100})

        self.assertLess(self.growth(work, 100, 500), NOISE)

    def test_memory_over_errors_inside_statements(self):
        """An error rolls back a subtransaction: nothing of it may stay."""
        self.admin.rows(
            "CREATE FUNCTION public.fails() RETURNS boolean LANGUAGE sql AS 'SELECT 1 / (random() * 0)::int = 1'"
        )
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.fails()")
        self.admin.rows(
            "CREATE POLICY fails ON saas_blog.tb_post AS RESTRICTIVE TO saas_blog_exec USING (public.fails())"
        )
        self.addCleanup(self.admin.rows, "DROP POLICY fails ON saas_blog.tb_post")
        expression = call(self.demo["editor"], "{ posts { nodes { title } } }")
        self.assertEqual(codes(parsed(self.session.value(f"SELECT {expression}"))), ["INTERNAL_SERVER_ERROR"])
        self.assertLess(self.growth(lambda count: self.many(expression, count), 300, 1500), NOISE)

    def test_a_thousand_titles_and_ids_leave_one_plan(self):
        literal = """'{ post(id: "' || n || '") { id title }
            posts(tenantId: "demo", first: ' || n % 100 || ') { nodes { title } } }'"""
        in_variables = "jsonb_build_object('id', md5(n::text)::uuid, 'first', n % 100)"
        query = quoted(
            "query ($id: ID!, $first: Int) { post(id: $id) { title } posts(first: $first) { nodes { id } } }"
        )
        token = quoted(self.demo["editor"])
        for expression in (
            f"graphql.execute({literal}, NULL, {token})",
            f"graphql.execute({query}, {in_variables}, {token})",
        ):
            self.assertLess(self.growth(lambda count: self.many(expression, count), 100, 1000), NOISE)

    def test_a_thousand_shapes_leave_no_more_than_the_cache_takes(self):
        def work(first, count):
            shape = f"'{{ posts(first: 2) {{ nodes {{ a' || {first} + n || ': title }} }} }}'"
            self.many(f"graphql.execute({shape}, NULL, {quoted(self.demo['editor'])})", count)

        work(0, 600)
        before = self.session.memory()
        work(600, 900)
        self.assertLess(self.session.memory() - before, 4)

    def test_large_statements_do_not_fill_the_memory(self):
        """Some of the largest that the limits allow: what is kept is bounded by its size, too."""
        post = "id identifier title content published deletedAt createdAt updatedAt commentCount"
        user = "id identifier email name role createdAt"
        field = (
            f"posts(first: 1) {{ nodes {{ {post} author {{ {user} "
            f"posts(first: 1) {{ nodes {{ {post} author {{ {user} }} "
            f"comments(first: 1) {{ nodes {{ id postId userId author {{ {user} }} }} }} }} }} }} }} }}"
        )

        def work(letter, count):
            shape = " || ".join(f"' {letter}{root}x' || n || ': {field}'" for root in range(20))
            self.many(f"graphql.execute('{{' || {shape} || '}}', NULL, {quoted(self.demo['editor'])})", count)

        before = self.session.memory()
        work("a", 40)
        full = self.session.memory()
        self.assertGreater(full - before, 5)
        work("b", 40)
        self.assertLess(self.session.memory() - full, 20)
        self.assertLess(self.session.memory(), 150)

    def test_a_cache_of_none_and_of_one(self):
        chance = random.Random(2)
        requests = [
            (self.blog.token(tenant, user), query, variables(tenant, number))
            for tenant in TENANTS
            for user in ("admin", "reader")
            for query in SHAPES.values()
            for number in (0, 1)
        ]
        expected = {}
        for size in (256, 0, 1, 2):
            with self.blog.session(None) as session:
                session.rows("SELECT saas_blog.tenant_pk()")
                session.rows(f"SET saas_blog.plan_cache_size = {size}")
                session.rows(f"SET SESSION AUTHORIZATION {PROXY}")
                for place in chance.sample(range(len(requests)), 60) + list(range(30)):
                    found = session.text(*requests[place])
                    self.assertEqual(expected.setdefault(place, found), found)

    def test_changes_of_the_tables_between_calls(self):
        token, expected = self.demo["editor"], self.session.text(self.demo["editor"], POSTS)
        changes = (
            "ANALYZE",
            "ALTER TABLE saas_blog.tb_post ADD COLUMN more int DEFAULT 7",
            "ALTER TABLE saas_blog.tb_post DROP COLUMN more",
            "CREATE INDEX more ON saas_blog.tb_post (title)",
            "DROP INDEX saas_blog.more",
            "VACUUM FULL saas_blog.tb_post",
            "ALTER TABLE saas_blog.tb_comment ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE saas_blog.tb_user SET (fillfactor = 50)",
            "DROP INDEX saas_blog.tb_post_page",
            "CREATE INDEX tb_post_page ON saas_blog.tb_post (fk_tenant, created_at DESC, id DESC) "
            "WHERE deleted_at IS NULL",
            "REINDEX TABLE saas_blog.tb_comment",
            "ALTER ROLE saas_blog_exec SET work_mem = '1MB'",
            "ALTER ROLE saas_blog_exec RESET work_mem",
            "DROP POLICY post_read ON saas_blog.tb_post",
            self.policy("post_read"),
        )
        with self.blog.session() as other:
            for change in changes:
                self.admin.rows(change)
                for session in (self.session, other):
                    found = session.text(token, POSTS)
                    if change.startswith("DROP POLICY"):
                        self.assertEqual(found, '{"data":{"posts":{"nodes":[]}}}')
                    else:
                        self.assertEqual(found, expected, change)

    def policy(self, name):
        """What makes the policy once more."""
        table, role, condition = self.admin.rows(
            f"SELECT tablename, roles[1], qual FROM pg_policies WHERE policyname = '{name}'"
        )[0]
        return f"CREATE POLICY {name} ON saas_blog.{table} FOR SELECT TO {role} USING ({condition})"

    def test_eight_sessions_at_once(self):
        requests = [
            (self.blog.token(tenant, user), query, variables(tenant, 1))
            for tenant in TENANTS
            for user in ("admin", "editor", "reader")
            for query in SHAPES.values()
        ]
        expected, wrong = [self.session.text(*request) for request in requests], []

        def work(seed):
            chance = random.Random(seed)
            with self.blog.session() as session:
                for place in chance.choices(range(len(requests)), k=150):
                    if session.text(*requests[place]) != expected[place]:
                        wrong.append((seed, place))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        self.assertFalse(any(thread.is_alive() for thread in threads))
        self.assertEqual(wrong, [])

    def test_writers_while_a_session_reads(self):
        """All that one answer says is of one moment: what counts the rows and what lists them agree."""
        query = """{ a: posts(first: 100) { totalCount nodes { id } }
            b: posts(first: 100) { totalCount nodes { id commentCount } } }"""
        flip = """UPDATE saas_blog.tb_post SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END
            WHERE title LIKE 'Post 1_ of demo'"""
        self.addCleanup(
            self.admin.rows,
            "UPDATE saas_blog.tb_post SET deleted_at = CASE WHEN right(id::text, 12)::int >= 16 THEN now() END",
        )
        stop, counts = threading.Event(), set()

        def write():
            with self.blog.session(None) as session:
                while not stop.is_set():
                    session.rows(flip)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(150):
            data = self.session.ask(self.demo["admin"], query)["data"]
            self.assertEqual(data["a"]["nodes"], [{"id": node["id"]} for node in data["b"]["nodes"]])
            self.assertEqual(data["a"]["totalCount"], len(data["a"]["nodes"]))
            counts.add(data["a"]["totalCount"])
        stop.set()
        writer.join(timeout=30)
        self.assertGreater(len(counts), 1)

    def test_prepared_statements_and_cursors_of_the_caller(self):
        self.session.rows("PREPARE ask (text, jsonb, text) AS SELECT graphql.execute($1, $2, $3)")
        query = "query ($id: ID!) { post(id: $id) { title } }"
        for number in range(1, 13):
            for tenant in TENANTS * 2:
                token = quoted(self.blog.token(tenant, "reader"))
                arguments = f"{quoted(query)}, jsonb_build_object('id', '{post_id(tenant, number)}'), {token}"
                answer = parsed(self.session.value(f"EXECUTE ask({arguments})"))
                self.assertEqual(answer["data"]["post"]["title"], f"Post {number} of {tenant}")
        self.session.rows("DISCARD ALL")
        self.check_only("demo", self.session.text(self.demo["editor"], POSTS))


if __name__ == "__main__":
    unittest.main()
