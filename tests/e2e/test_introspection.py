"""What the API says of itself: to whom, together with what, and how much of it."""

import unittest

from blog import PROXY, codes, user_id
from test_answers import AnswerTest
from test_bad_input import LIMIT, VALIDATION, BadInputTest

NAMES = "{ __schema { queryType { name } types { name } } }"
KINDS = 'query ($name: String!, $all: Boolean) { __type(name: $name) { kind fields(includeDeprecated: $all) { name } } }'


class Introspection(AnswerTest):
    """Answers about the schema."""

    def test_nobody_needs_a_token(self):
        for entry in ("execute", "resolve"):
            answer = self.session.ask(None, NAMES, entry=entry)
            self.assertEqual(answer["data"]["__schema"]["queryType"], {"name": "Query"})
            names = [ty["name"] for ty in answer["data"]["__schema"]["types"]]
            self.assertLessEqual({"Query", "Node", "Post", "PostConnection", "ID", "__Type"}, set(names))
            self.assertEqual(len(names), len(set(names)))
            post = self.session.ask(None, KINDS, {"name": "Post"}, entry=entry)["data"]["__type"]
            self.assertEqual(post["kind"], "OBJECT")
            self.assertIn({"name": "commentCount"}, post["fields"])
            self.assertEqual(
                self.session.ask(None, KINDS, {"name": "post"}, entry=entry), {"data": {"__type": None}}
            )

    def test_a_token_that_is_refused_is_refused(self):
        self.check_error(self.session.ask("garbage", NAMES), "UNAUTHENTICATED")

    def test_data_needs_a_token_beside_it(self):
        for query in ("{ __schema { description } me { id } }", "{ ...F __typename } fragment F on Query { me { id } }"):
            self.check_error(self.session.ask(None, query), "UNAUTHENTICATED")

    def test_mixed_with_data_in_the_order_of_the_request(self):
        query = """query ($n: String!) { a: __type(name: $n) { name kind } me { id __typename }
            __schema { queryType { name } } b: __type(name: "Nope") { name }
            posts(first: 1) { nodes { __typename } } __typename }"""
        for name, kind in (("Post", "OBJECT"), ("Node", "INTERFACE"), ("ID", "SCALAR")):
            data = self.data("reader", query, {"n": name})
            self.assertEqual(list(data), ["a", "me", "__schema", "b", "posts", "__typename"])
            self.assertEqual(data["a"], {"name": name, "kind": kind})
            self.assertEqual(data["me"], {"id": user_id("demo", "reader"), "__typename": "User"})
            self.assertEqual((data["__schema"], data["b"]), ({"queryType": {"name": "Query"}}, None))
            self.assertEqual(data["posts"]["nodes"], [{"__typename": "Post"}])

    def test_the_sdl_says_the_same(self):
        sdl = self.session.value("SELECT graphql.schema()")
        types = self.data("reader", "{ __schema { types { name kind description fields { name } } } }")
        for ty in types["__schema"]["types"]:
            if ty["kind"] == "OBJECT" and not ty["name"].startswith("__"):
                self.assertIn(f"type {ty['name']} ", sdl)
                for field in ty["fields"]:
                    self.assertIn(f"\n  {field['name']}", sdl)

    def test_nothing_of_what_stands_behind(self):
        query = """{ __schema { directives { name description args { name } } types { name description
            fields { name description args { name description defaultValue } } enumValues { name } } } }"""
        text = self.session.text(None, query)
        self.assertNotRegex(text, r"tb_|pk_|fk_|read:|saas_blog|policy|\"(table|access|column|within)\"")


class Switch(BadInputTest):
    """`saas_blog.introspection` and the limits."""

    def setUp(self):
        super().setUp()
        self.ruled = self.blog.session(None)
        self.addCleanup(self.ruled.close)
        self.ruled.rows("SELECT saas_blog.tenant_pk()")

    def rule(self, setting):
        self.ruled.rows("RESET SESSION AUTHORIZATION")
        self.ruled.rows(setting)
        self.ruled.rows(f"SET SESSION AUTHORIZATION {PROXY}")

    def test_off_and_on_again(self):
        query = "{ me { id }\n  a: __type(name: $n) { name } __schema { description } }".replace("$n", '"Post"')
        for token in (self.token, None):
            for text, field, place in (
                (query, "__type", {"line": 2, "column": 3}),
                ("{ ...F } fragment F on Query { __schema { description } }", "__schema", {"line": 1, "column": 32}),
            ):
                asked = token or "me {" not in text
                self.rule("SET saas_blog.introspection = on")
                self.assertEqual(codes(self.ruled.ask(token, text)), [] if asked else ["UNAUTHENTICATED"])
                self.rule("SET saas_blog.introspection = off")
                (error,) = self.check_error(self.ruled.ask(token, text), VALIDATION)
                self.assertEqual(
                    error["message"],
                    f'GraphQL introspection has been disabled, but the requested query contained the field "{field}".',
                )
                self.assertEqual(error["locations"], [place])
        self.assertEqual(codes(self.ruled.ask(self.token, "{ __typename me { __typename id } }")), [])

    def test_its_depth_holds_for_plans_that_are_kept(self):
        query = "{ __schema { types { fields { name } } } me { posts { nodes { id } } } }"
        self.rule("SET saas_blog.max_depth = 4")
        for most, expected in ((4, []), (3, [LIMIT]), (15, [])):
            self.rule(f"SET saas_blog.max_introspection_depth = {most}")
            answer = self.ruled.ask(self.token, query)
            self.assertEqual(codes(answer), expected)
            if expected:
                extensions = {"code": LIMIT, "limit": "max_introspection_depth", "value": most}
                self.assertEqual(answer["errors"][0]["extensions"], extensions)

    def test_only_a_superuser_sets_it(self):
        self.refused(self.session, "SET saas_blog.introspection = off", "42501")
        self.refused(self.session, "SET saas_blog.max_introspection_depth = 60", "42501")

    def test_answers_that_would_be_huge(self):
        """Writing stops when the answer has no room, and no more memory than that was used."""
        most = 8 << 20
        for limit, value in (("max_aliases", 100000), ("max_fields", 100000), ("max_answer_bytes", most)):
            self.rule(f"SET saas_blog.{limit} = {value}")
        leaves = " ".join(f"c{n}: __typename" for n in range(3200))
        query = f"""{{ __schema {{ types {{ ...L fields {{ type {{ ...L ofType {{ ...L ofType {{ ...L }} }} }} }} }} }} }}
            fragment L on __Type {{ {leaves} }}"""
        before = self.ruled.memory("VmHWM")
        for _ in range(3):
            begun = self.ruled.work()
            (error,) = self.check_error(self.ruled.ask(None, query), LIMIT)
            self.assertEqual(error["extensions"], {"code": LIMIT, "limit": "max_answer_bytes", "value": most})
            self.assertLess(self.ruled.work() - begun, 2)
        self.assertLess(self.ruled.memory("VmHWM") - before, 50)

    def test_room_for_all_of_them_together(self):
        self.rule("SET saas_blog.max_answer_bytes = 40000")
        once = "__schema { types { fields { name description } } }"
        self.assertEqual(codes(self.ruled.ask(None, f"{{ {once} }}")), [])
        answer = self.ruled.ask(None, "{ " + " ".join(f"a{n}: {once}" for n in range(10)) + " }")
        self.assertEqual(
            answer["errors"][0]["extensions"], {"code": LIMIT, "limit": "max_answer_bytes", "value": 40000}
        )


if __name__ == "__main__":
    unittest.main()
