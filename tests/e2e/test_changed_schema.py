"""What a superuser changes under a session that has kept plans of mutations: functions, columns, and the whole extension."""

import unittest

from blog import HERE, Blog, post_id, psql
from writing import WritingTest, mutation

RESTORE = mutation("restorePost", "{ id title content }", id=post_id("demo", 18))
# What is no row of the table: values of a machine word, of a fixed length, of any length, and rows of something else.
BODIES = {
    "void": "SELECT",
    "integer": "SELECT 7",
    "boolean": "SELECT true",
    "uuid": "SELECT id",
    "interval": "SELECT interval '1 day'",
    "json": "SELECT '{}'::json",
    "saas_blog.tb_comment": "SELECT c FROM saas_blog.tb_comment AS c LIMIT 1",
    "saas_blog.v_post": "SELECT p FROM saas_blog.v_post AS p LIMIT 1",
}
NO_ROWS = ("SELECT NULL::saas_blog.tb_post", "SELECT p FROM saas_blog.tb_post AS p WHERE false")


class Functions(WritingTest):
    """A function of a mutation that keeps no promise is an internal error, and the server goes on."""

    def replace(self, returns, body):
        self.session.rows("DROP FUNCTION saas_blog.fn_restore_post(uuid)")
        self.session.rows(f"""CREATE FUNCTION saas_blog.fn_restore_post(id uuid) RETURNS {returns} LANGUAGE sql VOLATILE
            AS $f${body}$f$; GRANT EXECUTE ON FUNCTION saas_blog.fn_restore_post(uuid) TO saas_blog_exec""")

    def setUp(self):
        super().setUp()
        self.session.rows("ALTER EXTENSION saas_blog DROP FUNCTION saas_blog.fn_restore_post(uuid)")

    def test_one_that_gives_back_something_else(self):
        for returns, body in BODIES.items():
            with self.subTest(returns=returns):
                self.replace(returns, body)
                self.refuses("INTERNAL_SERVER_ERROR", self.demo["admin"], RESTORE)

    def test_one_that_gives_back_text(self):
        """PostgreSQL would read it as a row if it were one."""
        self.replace("text", "SELECT 'x'::text")
        self.refuses("BAD_USER_INPUT", self.demo["admin"], RESTORE)

    def test_one_that_gives_back_nothing(self):
        for body in NO_ROWS:
            with self.subTest(body=body):
                self.replace("saas_blog.tb_post", body)
                self.refuses("INTERNAL_SERVER_ERROR", self.demo["admin"], RESTORE)

    def test_one_that_is_gone(self):
        self.session.rows("DROP FUNCTION saas_blog.fn_restore_post(uuid)")
        self.refuses("INTERNAL_SERVER_ERROR", self.demo["admin"], RESTORE)


class Tables(unittest.TestCase):
    """A session asks the same before and after each change that another one makes."""

    def setUp(self):
        self.blog = Blog()
        self.addCleanup(self.blog.close)
        self.session = self.blog.session()

    def works(self):
        """Writes a post in each way that a plan is kept for."""
        token, content = self.blog.token("demo", "editor"), "x" * 20000
        text = """mutation ($content: String!) { createPost(title: "T", content: $content) { id title } }"""
        post = self.session.ask(token, text, {"content": content})["data"]["createPost"]
        for field, selection, arguments in (
            ("updatePost", "{ title content author { name } }", {"title": "U"}),
            ("deletePost", "{ title content author { name } }", {}),
            ("restorePost", "{ title content author { name } }", {}),
        ):
            answer = self.session.ask(token, mutation(field, selection, id=post["id"], **arguments))
            expected = {"title": "U", "content": content, "author": {"name": "editor of demo"}}
            self.assertEqual(answer, {"data": {field: expected}})

    def test_columns_that_come_and_go(self):
        self.works()
        for change in (
            "ADD COLUMN one text DEFAULT 'x', ADD COLUMN two integer",
            "DROP COLUMN one",
            "ADD COLUMN three numeric NOT NULL DEFAULT 7",
            "ALTER COLUMN two TYPE text",
            "DROP COLUMN two, DROP COLUMN three",
        ):
            with self.subTest(change=change):
                self.blog.admin.rows(f"ALTER TABLE saas_blog.tb_post {change}")
                self.works()

    def test_the_extension_is_made_again(self):
        """As a restore with --clean does under a proxy that stays connected."""
        self.works()
        self.blog.admin.rows("DROP EXTENSION saas_blog")
        psql(self.blog.name, "-f", str(HERE / "blog.sql"))
        self.works()
