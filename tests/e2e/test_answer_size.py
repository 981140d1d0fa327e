"""Answers that would be too large: refused before anything is read where that can be told, else while they are made."""

import time
import unittest

from blog import call, codes, parsed, post_id, quoted
from test_bad_input import LIMIT, BadInputTest

TITLES = "{{ posts(first: {}) {{ nodes {{ {} }} }} }}"


class Lists(BadInputTest):
    """An answer that is too long is refused while its lists are made, however they lie in it."""

    LARGE = "SELECT id FROM saas_blog.tb_post WHERE title LIKE 'Large%' LIMIT 1"
    CONTENTS = " ".join(f"c{n}: content" for n in range(49))

    def large(self, content, count=30):
        """Posts of the editor, newer than all others."""
        self.addCleanup(self.admin.rows, "DELETE FROM saas_blog.tb_post WHERE title LIKE 'Large%'")
        self.admin.rows(f"""INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title, content, published)
            SELECT fk_tenant, pk_user, 'Large ' || n, repeat({content}, 100000 / length({content})), true
            FROM saas_blog.tb_user, generate_series(1, {count}) AS n WHERE name = 'editor of demo'""")

    def check_memory(self, most, work, *arguments, **named):
        """What the work makes the backend's memory grow by at its peak, in MB."""
        before = self.session.memory("VmHWM")
        work(*arguments, **named)
        self.assertLess(self.session.memory("VmHWM") - before, most, arguments)

    def test_an_answer_that_is_too_large_is_not_made_first(self):
        """30 posts of 200 kB, 30 times each."""
        self.large("chr(9) || '\"é'")
        bomb = "{ posts(first: 30) { nodes { author { posts(first: 30) { nodes { content } } } } } }"
        self.check_memory(150, self.exceeds, "max_answer_bytes", 32 << 20, bomb, executed=True)

    def test_lists_of_every_shape(self):
        """Made and then refused, each was an answer of 150 to 400 MB."""
        self.large("chr(9) || '\"é'")
        lists = " ".join(f"l{n}: nodes {{ content }}" for n in range(40))
        deep = "nodes { content }"
        for _ in range(3):
            deep = f"nodes {{ a: content b: content c: author {{ posts(first: 6) {{ {deep} }} }} }}"
        for bomb in (
            "{ posts(first: 30) { edges { node { author { posts(first: 30) { edges { node { content } } } } } } } }",
            "{ me { posts(last: 30) { nodes { %s } pageInfo { hasPreviousPage } } } }" % self.CONTENTS,
            "{ posts(first: 30) { %s } }" % lists,
            "{ posts(first: 6) { %s } }" % deep,
            "{ %s }" % " ".join(f"p{n}: posts(first: 30) {{ nodes {{ content }} }}" for n in range(20)),
        ):
            self.session = self.with_settings(max_answer_bytes=8 << 20)
            self.check_memory(110, self.exceeds, "max_answer_bytes", 8 << 20, bomb, executed=True)

    def test_one_row_under_many_aliases(self):
        """The longest text there can be, 49 times: the longest that is made before anything counts it."""
        self.large("chr(128512)", 1)
        post = self.admin.value(self.LARGE)

        def answered():
            text = self.session.text(self.token, f'{{ post(id: "{post}") {{ {self.CONTENTS} }} }}')
            self.assertEqual(text.count("\U0001f600"), 49 * 100000)

        self.check_memory(250, answered)

    def test_the_limit_is_the_length_of_the_answer(self):
        session = self.with_settings()
        for query in (
            "{ me { id name } }",
            "{ posts(first: 3) { nodes { title } } }",
            "{ posts(first: 7) { totalCount pageInfo { hasNextPage } edges { node { comments { nodes { content } } } } } }",
            "{ posts(first: 5) { nodes { title author { posts { nodes { comments { edges { cursor } } } } } } } }",
            "{ a: posts { nodes { title } b: nodes { title } c: nodes { title } } d: posts { nodes { title } } }",
            "{ posts(after: null, first: 0) { nodes { id } } comments(postId: \"%s\") { nodes { id } } }" % post_id("demo", 4),
        ):
            for entry in ("execute", "resolve"):
                self.set_limits(session, max_answer_bytes=32 << 20)
                length = len(session.text(self.token, query).encode())
                for most, expected in ((length, []), (length - 1, [LIMIT]), (length // 2, [LIMIT]), (1, [LIMIT])):
                    self.set_limits(session, max_answer_bytes=most)
                    self.assertEqual(codes(session.ask(self.token, query, entry=entry)), expected, (query, most))

    def test_each_call_counts_for_itself(self):
        """Many calls in one statement, some of them refused."""
        large, small = (TITLES.format(first, "title content") for first in (10, 2))
        session = self.with_settings(max_answer_bytes=600)
        calls = f"SELECT graphql.execute(CASE WHEN n % 3 = 0 THEN {quoted(large)} ELSE {quoted(small)} END, NULL, "
        answers = session.column(calls + f"{quoted(self.token)}) FROM generate_series(1, 60) AS n")
        self.assertEqual([codes(parsed(answer)) for answer in answers], [[], [], [LIMIT]] * 20)

    def test_a_call_within_a_call_counts_for_itself(self):
        """A policy that a superuser has added may ask, too."""
        self.admin.rows(f"""CREATE FUNCTION public.asks() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
            RETURN graphql.execute('{{ users {{ nodes {{ id }} }} }}', NULL, {quoted(self.demo["admin"])})
                ->> 'errors' IS NULL; END $$""")
        self.admin.rows("""CREATE POLICY asks ON saas_blog.tb_post AS RESTRICTIVE FOR SELECT TO saas_blog_exec
            USING (public.asks())""")
        self.addCleanup(self.admin.rows, r"DROP POLICY asks ON saas_blog.tb_post\; DROP FUNCTION public.asks()")
        self.large("'x'", 40)
        bomb = TITLES.format(40, self.CONTENTS)
        self.check_memory(100, self.exceeds, "max_answer_bytes", 32 << 20, bomb, executed=True)

    def test_explain_counts_what_it_runs(self):
        session = self.blog.session(None)
        session.rows("SELECT saas_blog.tenant_pk()")
        session.rows("SET saas_blog.max_answer_bytes = 500")
        for query, analyze, expected in ((2, True, []), (100, False, []), (100, True, [LIMIT]), (2, True, [])):
            query = quoted(TITLES.format(query, "title content"))
            answer = session.value(f"SELECT graphql.explain({query}, NULL, {quoted(self.token)}, NULL, {analyze})")
            self.assertEqual(codes(parsed(answer)), expected)

    def test_nobody_else_has_the_aggregate(self):
        self.refused(self.session, "SELECT saas_blog.join_items('x', 0, 1)", "42501")
        for call in ("join_item(NULL, 'x', 0, 1)", "joined_items(NULL)"):
            self.refused(self.admin, f"SELECT saas_blog.{call}", "42883")
        values = "(VALUES (NULL), ('a'), (''), (NULL), ('b')) AS v (item)"
        for joined, expected in (("item", "a,,b"), ("NULL", None), ("repeat(item, 9999)", "a" * 9999 + ",," + "b" * 9999)):
            for level in (-1, 0, 31, 32, 2**31 - 1, "NULL"):
                call = f"SELECT saas_blog.join_items({joined}, {level}, 1) FROM {values}"
                self.assertEqual(self.admin.value(call), expected)
        running = "SELECT saas_blog.join_items(item, 0, 1) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM "
        self.assertEqual(self.admin.column(running + values), [None, "a", "a,", "", "b"])


class Cost(BadInputTest):
    """What is expected to be too large is refused before anything is read: a table that nobody may read tells."""

    CONTENTS = " ".join(f"c{n}: content" for n in range(50))

    def setUp(self):
        super().setUp()
        self.locker = self.blog.session(None)
        self.addCleanup(self.locker.close)
        self.lock()

    def lock(self):
        self.locker.rows("BEGIN")
        self.locker.rows("LOCK TABLE saas_blog.tb_post, saas_blog.tb_comment IN ACCESS EXCLUSIVE MODE")

    def test_fifty_aliases_of_a_long_text_on_a_full_page(self):
        below = f"comments(first: 99) {{ nodes {{ {self.CONTENTS} }} }}"
        for selections in (self.CONTENTS, below):
            self.exceeds("max_cost", 64 << 20, TITLES.format(100, selections))

    def test_three_levels_with_every_first_at_its_limit(self):
        query = TITLES.format(100, self.CONTENTS)
        for _ in range(2):
            query = TITLES.format(100, f"author {query}")
        self.exceeds("max_rows", 10000, query)

    def test_a_page_of_long_texts_is_read(self):
        comments = "comments(first: 100) { nodes { id content createdAt author { id name } } }"
        for query in (
            TITLES.format(100, "id title content createdAt author { id name }"),
            TITLES.format(90, f"id title content createdAt author {{ id name }} {comments}"),
        ):
            self.session.send("SELECT " + call(self.token, query))
            waiting = f"SELECT count(*) FROM pg_locks WHERE pid = {self.session.pid} AND NOT granted"
            deadline = time.monotonic() + 10
            while self.admin.value(waiting) == "0":
                self.assertLess(time.monotonic(), deadline)
            self.locker.rows("ROLLBACK")
            self.assertEqual(codes(parsed(self.session.receive()[0][0])), [])
            self.lock()


if __name__ == "__main__":
    unittest.main()
