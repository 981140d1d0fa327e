"""What bad input gets: a GraphQL error with the right code, at once. It never ends a backend or fills the memory."""

import random
import unittest

from blog import UNKNOWN_ID, BlogTest, Sql, SqlError, codes, parsed, post_id, quoted

PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
OPERATION, LIMIT, FORBIDDEN = "OPERATION_RESOLUTION_FAILURE", "LIMIT_EXCEEDED", "FORBIDDEN"
POST = "query ($id: ID!) { post(id: $id) { id } }"
PAGE = "query ($first: Int, $after: String) { posts(first: $first, after: $after) { nodes { id } } }"


class BadInputTest(BlogTest):
    """After each test the server is the one from before, and the session answers."""

    def setUp(self):
        super().setUp()
        self.token = self.demo["editor"]
        self.started = self.admin.value("SELECT pg_postmaster_start_time()")
        self.assertEqual(codes(self.session.ask(self.token, "{ me { id } }")), [])
        self.addCleanup(self.still_there)

    def still_there(self):
        self.assertEqual(self.admin.value("SELECT pg_postmaster_start_time()"), self.started)

    def bad(self, expected, query, variables=None, operation=None, token=None, entry="execute", executed=False):
        """The request has exactly one kind of error, after two seconds of work at most, and the session goes on.

        If its execution had begun, the answer says that there is no data.
        """
        begun = self.session.work()
        answer = self.session.ask(token or self.token, query, variables, operation, entry)
        self.assertLess(self.session.work() - begun, 2, str(query)[:80])
        self.assertEqual(set(codes(answer)), {expected}, (str(query)[:80], str(variables)[:80], str(answer)[:300]))
        self.assertEqual({**answer, "errors": []}, {"errors": [], "data": None} if executed else {"errors": []})
        self.assertLessEqual(len(answer["errors"]), 20)
        self.assertEqual(codes(self.session.ask(self.token, "{ me { id } }")), [])
        return answer["errors"]

    def exceeds(self, limit, value, query, variables=None, executed=False):
        (error,) = self.bad(LIMIT, query, variables, executed=executed)
        self.assertEqual(error["extensions"], {"code": LIMIT, "limit": limit, "value": value}, query[:80])


class Requests(BadInputTest):
    """Texts and variables that mean nothing."""

    def test_no_request(self):
        for entry in ("execute", "resolve"):
            self.bad(INPUT, None, entry=entry)
            for query in (
                "",
                " ",
                "\n\t,,,",
                "# only a comment",
                "\ufeff",
                "{",
                "}",
                "{}",
                "query",
                "{ a b: }",
                '"',
                '"""',
                "{ a(b: 01) }",
                "{ me { id } } }",
                "fragment",
                "\x07",
                "{ me \x00 }".replace("\x00", "\x01"),
                "é",
                "{ me { id } } 💥",
                "query Q",
            ):
                self.bad(PARSE, query, entry=entry)
        self.assertEqual(
            parsed(self.session.value("SELECT graphql.execute()"))["errors"][0]["extensions"]["code"], INPUT
        )

    def test_no_such_operation(self):
        several = "query A { me { id } } query B { tenant { id } }"
        self.assertEqual(self.session.ask(self.token, several, operation="B")["data"].keys(), {"tenant"})
        for query, operation in (
            (several, None),
            (several, "C"),
            (several, ""),
            ("{ me { id } }", "A"),
            (several, "A\x01"),
            ("fragment F on Query { me { id } }", None),
            (several, "x" * 60000),
        ):
            if "fragment" in query:
                self.assertIn(codes(self.session.ask(self.token, query))[0], (OPERATION, VALIDATION))
            else:
                self.bad(OPERATION, query, operation=operation)

    def test_fields_that_are_not_there(self):
        for query in (
            "{ nothing }",
            "{ me }",
            "{ me { id { id } } }",
            "{ me { tenant } }",
            "{ post { id } }",
            "{ post(id: 1, x: 2) { id } }",
            '{ posts(first: "1") { nodes { id } } }',
            "{ posts(first: 1.5) { nodes { id } } }",
            "{ ...F }",
            "{ me { ...on Post { id } } }",
            "{ me { id @skip } }",
            "{ me @nothing { id } }",
            "query ($x: Nothing) { me { id } }",
            "query ($x: Post) { me { id } }",
            "{ post(id: $x) { id } }",
            "{ me { id: name id } }",
            "{ a: post(id: 1) { id } a: post(id: 2) { id } }",
            "type T { a: Int }",
        ):
            self.bad(VALIDATION, query)

    def test_operations_of_other_kinds(self):
        self.bad("SUBSCRIPTION_OPERATION", "subscription { commentCreated(postId: 1) { id } }")

    def test_paging_arguments(self):
        for arguments in (
            "first: -1",
            "first: 101",
            "last: -1",
            "last: 101",
            "limit: 101",
            "first: 1, last: 1",
            "first: 1, limit: 1",
            "last: 1, limit: 1",
            'after: ""',
            'after: "x"',
            'before: "cursor123"',
            'after: "\\u0000"',
            f'after: "{UNKNOWN_ID}"',
            'after: "AAAA"',
        ):
            self.bad(INPUT, f"{{ posts({arguments}) {{ nodes {{ id }} }} }}")
            self.bad(INPUT, f"{{ posts({arguments}) {{ totalCount }} }}")
        for number in ("2147483648", "-2147483649", "9999999999999999999999999"):
            self.bad(VALIDATION, f"{{ posts(first: {number}) {{ totalCount }} }}")
        for variables in (
            {"first": -1},
            {"first": 101},
            {"first": 1.5},
            {"first": "1"},
            {"first": True},
            {"first": [1]},
            {"first": {}},
            {"first": 2**31},
            {"first": 10**30},
            {"first": -(2**31) - 1},
            {"after": "x"},
            {"after": 1},
            {"after": ""},
            {"after": ["x"]},
        ):
            self.bad(INPUT, PAGE, variables)
        self.assertEqual(codes(self.session.ask(self.token, PAGE, {"first": 0})), [])
        self.assertEqual(codes(self.session.ask(self.token, PAGE, {"first": None, "after": None, "more": 1})), [])

    def test_cursors_of_other_lists(self):
        lists = {"posts": "posts", "comments": f'comments(postId: "{post_id("demo", 3)}")', "trash": "deletedPosts"}
        cursor = {}
        for name in ("posts", "comments", "trash"):
            answer = self.session.ask(self.demo["admin"], f"{{ x: {lists[name]} {{ pageInfo {{ endCursor }} }} }}")
            cursor[name] = answer["data"]["x"]["pageInfo"]["endCursor"]
        self.assertEqual(len(set(cursor.values())), 3)
        self.bad(INPUT, PAGE, {"after": cursor["comments"]})
        self.bad(INPUT, PAGE, {"after": cursor["trash"]})
        self.bad(INPUT, PAGE, {"after": cursor["posts"].lower()})
        self.bad(INPUT, PAGE, {"after": cursor["posts"] + "="})
        self.assertEqual(codes(self.session.ask(self.token, PAGE, {"after": cursor["posts"]})), [])

    def test_ids_that_are_none(self):
        for id in (
            UNKNOWN_ID,
            "x",
            "",
            "1",
            1,
            10**18,
            UNKNOWN_ID.replace("-", ""),
            "{" + UNKNOWN_ID + "}",
            UNKNOWN_ID + " ",
            "x" * 50000,
            "' OR true --",
            "\\",
            "\x07",
            "\u202e",
            "💥",
            "%",
            UNKNOWN_ID.upper(),
        ):
            for entry in ("execute", "resolve"):
                self.assertEqual(
                    self.session.ask(self.token, POST, {"id": id}, entry=entry), {"data": {"post": None}}, id
                )
        for id in (None, True, [], {}, 1.5, ["x", "y"]):
            self.bad(INPUT, POST, {"id": id})
        self.bad(INPUT, POST)
        for literal in (r'"\u0000"', r'"\u{1F600}"', '""" "x" \\ """', "7", "-7", "99999999999999999999999999999999"):
            self.assertEqual(
                self.session.ask(self.token, f"{{ post(id: {literal}) {{ id }} }}"), {"data": {"post": None}}, literal
            )

    def test_variables_that_are_no_object(self):
        for variables in ([], "text", 1, 0.5, True, [{}], "", [[[]]]):
            self.bad(INPUT, "{ me { id } }", variables)
        self.assertEqual(codes(self.session.ask(self.token, "{ me { id } }", Sql("'null'::jsonb"))), [])
        for text in ("'{'", "'{\"a\": 1e400000}'", '\'{"a": "\\u0000"}\''):
            with self.assertRaises(SqlError) as caught:
                self.session.text(self.token, "{ me { id } }", Sql(f"{text}::jsonb"))
            self.assertIn(caught.exception.sqlstate, ("22P02", "22003", "22P05"))

    def test_numbers_that_are_too_long(self):
        for number in (
            "1e400",
            "-1e400",
            "1e131071",
            "1e-16383",
            "1" * 500,
            "0." + "1" * 500,
            "123456789012345678901234567890",
            "1e309",
        ):
            variables = Sql(f"""'{{"first": {number}}}'::jsonb""")
            self.bad(INPUT, PAGE, variables)
        for number in ("123456789012345678901234567890", "1e300"):
            answer = self.session.ask(self.token, POST, Sql(f"""'{{"id": {number}}}'::jsonb"""))
            self.assertIn(answer.get("data", {"post": None}), ({"post": None},))

    def test_variables_that_print_as_a_gigabyte(self):
        before = self.session.memory("VmHWM")
        many = """('{{"v": [1' || repeat(',{}', 60000) || ']}}')::jsonb"""
        for number in ("1e131071", "1e-16383"):
            for query in (PAGE, "{ me { id } }", "query ($v: [Int]) { me { id } }"):
                answer = self.session.ask(self.token, query, Sql(many.format(number)))
                self.assertIn(codes(answer), (["BAD_USER_INPUT"], ["LIMIT_EXCEEDED"], [VALIDATION]))
        self.assertLess(self.session.memory("VmHWM") - before, 50)

    def test_variables_that_are_large_or_deep(self):
        self.exceeds("max_variables_bytes", 1 << 20, PAGE, Sql("jsonb_build_object('first', repeat('x', 2000000))"))
        self.exceeds(
            "max_variables_bytes",
            1 << 20,
            PAGE,
            Sql("(SELECT jsonb_object_agg(n, n) FROM generate_series(1, 200000) AS n)"),
        )
        for depth in (200, 5000):
            self.exceeds(
                "max_nesting", 100, PAGE, Sql(f"(repeat('{{\"a\":', {depth}) || '1' || repeat('}}', {depth}))::jsonb")
            )
            self.exceeds(
                "max_nesting",
                100,
                PAGE,
                Sql(f"('{{\"a\":' || repeat('[', {depth}) || repeat(']', {depth}) || '}}')::jsonb"),
            )

    def test_control_characters_anywhere(self):
        for code in (*range(1, 32), 127, 133, 155):
            character = chr(code)
            answers = (
                self.session.ask(self.token, f"{{ me {character} {{ id }} }}"),
                self.session.ask(self.token, POST, {"id": character}),
                self.session.ask(self.token, f'{{ post(id: "{character}") {{ id }} }}'),
                self.session.ask(self.token, PAGE, {"after": character}),
                self.session.ask(self.token, f'{{ posts(tenantId: "\\u{code:04x}") {{ totalCount }} }}'),
                self.session.ask(self.token, "query A { me { id } }", operation=character),
            )
            for answer, may in zip(
                answers, ((PARSE, None), (None,), (PARSE, None), (INPUT,), (FORBIDDEN,), (OPERATION,))
            ):
                self.assertIn((codes(answer) or [None])[0], may, (code, answer))
                for error in answer.get("errors", []):
                    self.assertFalse([c for c in error["message"] if c < " " or "\x7f" <= c < "\xa0"], error)


class Fuzz(BadInputTest):
    """Requests that nobody has thought of; the seed is fixed, so that a failure can be repeated."""

    QUERY = """query Q($first: Int = 3, $id: ID!, $on: Boolean!) {
        posts(first: $first, after: null, tenantId: "demo") { edges { cursor node { ...F title @include(if: $on) } }
        pageInfo { endCursor } } post(id: $id) { ... on Post { c: comments(last: 2) { nodes { content } } } } }
        fragment F on Post { id author { name } content }"""
    PIECES = (
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "...",
        ":",
        "$",
        "@",
        "!",
        "=",
        "|",
        "&",
        '"',
        '"""',
        "#",
        ",",
        "\\",
        "\\u",
        "on",
        "null",
        "true",
        "query",
        "fragment",
        "0",
        "-1",
        "1e9",
        "99999999999",
        "é",
        "\x00",
        "\x7f",
        "'",
        "$1",
        "--",
        "first",
        "id",
        "F",
        "posts",
        " ",
    )

    def test_mutations_of_a_good_request(self):
        chance, seen = random.Random(7), {}
        variables = {"id": post_id("demo", 1), "on": True}
        self.assertEqual(codes(self.session.ask(self.token, self.QUERY, variables)), [])
        for _ in range(1500):
            query = self.QUERY
            for _ in range(chance.randint(1, 3)):
                at, end = sorted(chance.choices(range(len(query)), k=2))
                end = at + (end - at) % 9
                query = query[:at] + chance.choice(("", chance.choice(self.PIECES), query[at:end] * 2)) + query[end:]
            answer = self.session.ask(self.token, query.replace("\x00", "\x01"), variables)
            for code in codes(answer) or [None]:
                seen[code] = seen.get(code, 0) + 1
                self.assertNotIn(code, ("INTERNAL_SERVER_ERROR", "UNAUTHENTICATED"), query)
        self.assertGreater(min(seen.get(code, 0) for code in (None, PARSE, VALIDATION)), 20, seen)

    def test_variables_of_every_kind(self):
        chance = random.Random(8)

        def value(depth):
            kinds = (None, True, False, 0, -1, 2, 1.5, 10**12, 1e300, "", "x", "demo", UNKNOWN_ID, "\x07", "💥")
            kind = chance.randint(0, 5 if depth < 4 else 3)
            if kind == 4:
                return [value(depth + 1) for _ in range(chance.randint(0, 4))]
            return {chance.choice("abc"): value(depth + 1) for _ in range(3)} if kind == 5 else chance.choice(kinds)

        for _ in range(800):
            variables = {"id": value(0), "first": value(0), "on": value(0)} if chance.random() < 0.9 else value(0)
            answer = self.session.ask(self.token, self.QUERY, variables)
            self.assertLessEqual(set(codes(answer)), {INPUT}, (variables, answer))

    def test_bytes_that_are_no_text(self):
        """PostgreSQL refuses them before it calls us; what it lets through is text."""
        for size in (1, 10, 1000):
            literal = f"convert_from(decode('{'ff' * size}', 'hex'), 'UTF8')"
            self.refused(self.session, f"SELECT graphql.execute({literal})", "22021")
        self.assertEqual(
            set(codes(parsed(self.session.value(f"SELECT graphql.execute({quoted('�' * 1000)})")))), {PARSE}
        )


if __name__ == "__main__":
    unittest.main()
