"""Rows that constraints say are there and are not: null goes up to where it may be, and an error says so."""

import unittest

from blog import call, codes, parsed, post_id, user_id
from test_answers import AnswerTest

CODE = "INTERNAL_SERVER_ERROR"


class Missing(AnswerTest):
    """A superuser has deleted an author behind the back of the foreign keys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin.rows("SET session_replication_role = replica")
        cls.admin.rows(f"DELETE FROM saas_blog.tb_user WHERE id = '{user_id('demo', 'writer')}'")
        cls.admin.rows("RESET session_replication_role")
        cls.orphans = cls.admin.column("""SELECT id FROM saas_blog.tb_post AS p WHERE deleted_at IS NULL
            AND NOT EXISTS (SELECT FROM saas_blog.tb_user WHERE pk_user = p.fk_user) ORDER BY created_at DESC, id DESC""")

    def ask(self, query, variables=None, **named):
        """Data and errors of an answer that `execute` and `resolve` agree on."""
        answer = self.session.ask(self.demo["editor"], query, variables, **named)
        self.assertEqual(list(answer), ["errors", "data"])
        same = self.session.ask(self.demo["editor"], query, variables, entry="resolve", **named)
        self.assertEqual(same, answer)
        for error in answer["errors"]:
            self.assertEqual(error["extensions"], {"code": CODE})
        return answer["data"], [(error["message"], error["path"]) for error in answer["errors"]]

    @staticmethod
    def told(field, *path):
        return (f"Cannot return null for non-nullable field {field}.", list(path))

    def test_there_are_orphans(self):
        self.assertGreater(len(self.orphans), 2)

    def test_nothing_on_the_way_may_be_null(self):
        data, errors = self.ask("{ posts(first: 100) { nodes { id author { name } } } me { id } }")
        live = self.listed("post", "deleted_at IS NULL", "created_at DESC, id DESC")
        first = live.index(self.orphans[0])
        self.assertEqual((data, errors), (None, [self.told("Post.author", "posts", "nodes", first, "author")]))

    def test_the_nearest_that_may_be_null(self):
        query = """query ($id: ID!) { me { name } a: post(id: $id) {
            title author { name } more: author { id } } b: post(id: "x") { id } __typename }"""
        data, errors = self.ask(query, {"id": self.orphans[0]})
        me = {"name": "editor of demo"}
        self.assertEqual(data, {"me": me, "a": None, "b": None, "__typename": "Query"})
        self.assertEqual(list(data), ["me", "a", "b", "__typename"])
        self.assertEqual(errors, [self.told("Post.author", "a", "author")])

    def test_null_for_an_argument_by_way_of_a_variable_with_a_default(self):
        """The field alone fails, as in graphql-js; the others are answered."""
        query = """query ($id: ID = "x") { me { name } post(id: $id) { title }
            again: node(id: $id) { id } __type(name: "Post") { name } }"""
        answer = self.session.ask(self.demo["editor"], query, {"id": None})
        message = 'Argument "id" of non-null type "ID!" must not be null.'
        told = [(error["message"], error["path"], error["extensions"]["code"]) for error in answer["errors"]]
        self.assertEqual(told, [(message, ["post"], "BAD_USER_INPUT"), (message, ["again"], "BAD_USER_INPUT")])
        self.assertEqual(answer["errors"][0]["locations"], [{"line": 1, "column": 46}])
        data = {"me": {"name": "editor of demo"}, "post": None, "again": None, "__type": {"name": "Post"}}
        self.assertEqual(answer["data"], data)
        comments = "query ($id: ID = \"x\") { me { id } comments(postId: $id) { totalCount } }"
        answer = self.session.ask(self.demo["editor"], comments, {"id": None})
        self.assertEqual((answer["data"], answer["errors"][0]["path"]), (None, ["comments"]))

    def test_the_places_of_all_that_are_merged(self):
        query = "query ($id: ID!) { post(id: $id) { author { id } } post(id: $id) { id author { name } } }"
        answer = self.session.ask(self.demo["editor"], query, {"id": self.orphans[0]})
        self.assertEqual([place["column"] for place in answer["errors"][0]["locations"]], [36, 71])

    def test_the_place_in_the_text(self):
        query = "query ($id: ID!) { post(id: $id) { id\n  who: author { id } } }"
        answer = self.session.ask(self.demo["editor"], query, {"id": self.orphans[0]})
        self.assertEqual(answer["errors"][0]["locations"], [{"line": 2, "column": 3}])
        # The plan is kept, the text is another one.
        query = query.replace("\n  ", " # comment\n\n ")
        answer = self.session.ask(self.demo["editor"], query, {"id": self.orphans[0]})
        self.assertEqual(answer["errors"][0]["locations"], [{"line": 3, "column": 2}])

    def test_each_root_on_its_own(self):
        roots = " ".join(f'a{n}: post(id: "{id}") {{ author {{ name }} }}' for n, id in enumerate(self.orphans[:3]))
        good = f'good: node(id: "{post_id("demo", 3)}") {{ ... on Post {{ title author {{ name }} }} }}'
        data, errors = self.ask(f"{{ {roots} {good} }}")
        self.assertEqual([data[f"a{n}"] for n in range(3)], [None] * 3)
        self.assertEqual(data["good"]["title"], "Post 3 of demo")
        self.assertEqual(errors, [self.told("Post.author", f"a{n}", "author") for n in range(3)])

    def test_references_and_nodes(self):
        self.admin.rows("BEGIN")
        self.admin.rows("SET LOCAL session_replication_role = replica")
        self.admin.rows(f"DELETE FROM saas_blog.tb_user WHERE id = '{user_id('demo', 'reader')}'")
        comment = self.admin.value("""SELECT c.id FROM saas_blog.tb_comment AS c
            JOIN saas_blog.tb_post AS p ON p.pk_post = c.fk_post
            WHERE c.deleted_at IS NULL AND p.deleted_at IS NULL AND NOT EXISTS
                (SELECT FROM saas_blog.tb_user WHERE pk_user = c.fk_user) LIMIT 1""")
        query = "query ($id: ID!) { node(id: $id) { ... on Comment { content userId } } me { id } }"
        answer = parsed(self.admin.value("SELECT " + call(self.demo["editor"], query, {"id": comment})))
        self.admin.rows("ROLLBACK")
        self.assertEqual(answer["data"], {"node": None, "me": {"id": user_id("demo", "editor")}})
        error = answer["errors"][0]
        self.assertEqual((error["message"], error["path"]), self.told("Comment.userId", "node", "userId"))

    def test_no_more_errors_than_the_limit(self):
        roots = " ".join(f'a{n}: post(id: "{self.orphans[0]}") {{ author {{ name }} }}' for n in range(20))
        self.assertEqual(len(self.ask(f"{{ {roots} }}")[1]), 20)
        session = self.blog.session(None)
        session.rows("SELECT saas_blog.tenant_pk()")
        session.rows("SET saas_blog.max_errors = 3")
        answer = session.ask(self.demo["editor"], f"{{ {roots} }}")
        self.assertEqual((codes(answer), set(answer["data"].values())), ([CODE] * 3, {None}))
        session.close()


if __name__ == "__main__":
    unittest.main()
