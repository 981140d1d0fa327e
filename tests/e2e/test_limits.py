"""Bombs: requests that are small to send and would be large to answer. Each is stopped by a limit, by its name."""

import unittest

from blog import codes, post_id
from bombs import relations
from test_bad_input import INPUT, LIMIT, PARSE, VALIDATION, BadInputTest

TITLES = "{{ posts(first: {}) {{ nodes {{ {} }} }} }}"


class Brackets(BadInputTest):
    """Brackets within each other: what a recursive parser dies of."""

    BOMBS = (
        "{{ a(b: {0}",
        "{{ post(id: {0}) {{ id }} }}",
        "{0}",
        "query ($x: {0}Int{1}) {{ me {{ id }} }}",
        "{{ me @skip(if: {0}1{1}) {{ id }} }}",
        "query ($x: Int = {0}{1}) {{ me {{ id }} }}",
        "{{ me {{ id }} }} {0}",
        "# {0}\n{0}",
        "{{ post(id: {0}{1}) {{ id }} }}",
    )

    def test_brackets_of_every_kind(self):
        for depth in (90, 99, 100, 101, 1000, 10000, 60000):
            for opening, closing in ("[]", "{}", "()"):
                for bomb in self.BOMBS:
                    query = bomb.format(opening * depth, closing * depth)
                    if len(query) > 65536:
                        self.exceeds("max_query_bytes", 65536, query)
                    elif depth > 100:
                        self.exceeds("max_nesting", 100, query)
                    else:
                        self.assertLessEqual(
                            set(codes(self.session.ask(self.token, query))), {PARSE, VALIDATION, LIMIT}, query
                        )

    def test_16_kilobytes_of_brackets_in_an_argument(self):
        self.exceeds("max_nesting", 100, "{ posts(first: " + "[" * 16384 + ") { nodes { id } } }")

    def test_selections_within_each_other(self):
        for depth, closing in ((98, ""), (50, "}"), (13, "}"), (1000, "}"), (10000, "")):
            for step in ("{posts{nodes", "{author", "{...on Query", "{... @skip(if:false)", "{a:me"):
                answer = self.session.ask(self.token, step * depth + "{id}" + closing * depth)
                self.assertNotEqual(codes(answer), [])
                self.assertLessEqual(set(codes(answer)), {PARSE, VALIDATION, LIMIT})

    def test_a_megabyte_of_anything(self):
        for text in (
            "{",
            "[",
            "a ",
            "{me{id}}",
            '"',
            "#",
            "\ufeff",
            "...F",
            "$a:",
            "@a",
            "0",
            "\\",
            "é",
            '"""',
            "fragment F on T{a}",
        ):
            self.exceeds("max_query_bytes", 65536, text * (1_000_000 // len(text)))
        self.exceeds("max_query_bytes", 65536, '{ post(id: "' + "x" * 1_000_000 + '") { id } }')

    def test_64_kilobytes_of_anything(self):
        for text in (
            "a ",
            "{me{id}}",
            '"',
            "#",
            "\ufeff",
            "...F ",
            "$a:",
            "@a",
            "0 ",
            "\\",
            "é",
            '"""',
            "fragment F on T{a}",
            "!",
            "=",
            "-",
            "1e",
            "\\u",
            '"\\u0041" ',
            "'",
            "...",
            '"""a"""',
            "query a{a}",
        ):
            answer = self.session.ask(self.token, text * (65536 // len(text.encode())))
            self.assertLessEqual(set(codes(answer)), {PARSE, VALIDATION, LIMIT}, text)
            self.assertNotEqual(codes(answer), [])


class Expansion(BadInputTest):
    """What is short in the text and long once it is expanded."""

    def test_fragments_that_double(self):
        for width in (2, 10):
            count = 60000 // (20 + 8 * width)
            chain = "".join(f"fragment f{n} on Query{{{f'...f{n + 1} ' * width}}}" for n in range(count))
            bomb = f"{{...f0}} {chain} fragment f{count} on Query{{me{{id}}}}"[:65536]
            error = self.bad(LIMIT, bomb)[0]["extensions"]
            self.assertIn(error["limit"], ("max_nesting", "max_tokens", "max_fields"))
        chain = "".join(f"fragment f{n} on Query{{a{n}:me{{id}}...f{n + 1} ...f{n + 1}}}" for n in range(40))
        self.assertEqual(
            codes(self.session.ask(self.token, f"{{...f0}} {chain} fragment f40 on Query{{me{{id}}}}")), [LIMIT]
        )

    def test_a_chain_of_a_thousand_fragments(self):
        """Each spreads the next one: who recurses over them must not run out of stack."""
        for parts in ("me{id} ...f%d", "...f%d", "...on Query{...f%d}"):
            chain = "".join(f"fragment f{n} on Query{{{parts % (n + 1)}}}" for n in range(900))
            answer = self.session.ask(self.token, f"{{...f0}} {chain} fragment f900 on Query{{me{{id}}}}")
            self.assertEqual(codes(answer), [LIMIT])

    def test_fragments_that_spread_themselves(self):
        for query in (
            "{...A} fragment A on Query{...A}",
            "{...A} fragment A on Query{...B} fragment B on Query{me{id} ...A}",
            "{me{id}} fragment A on User{posts{nodes{author{...A}}}}",
        ):
            self.bad(VALIDATION, query)

    def test_aliases_fields_directives_and_roots(self):
        self.exceeds("max_aliases", 50, TITLES.format(1, " ".join(f"a{n}: id" for n in range(51))))
        self.exceeds("max_relations", 200, relations(20))
        self.exceeds("max_root_fields", 20, "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(21)) + " }")
        self.exceeds("max_directives", 50, TITLES.format(1, "id @skip(if: false) " * 51))
        self.exceeds("max_depth", 12, "{" + "posts{nodes{author{" * 4 + "id" + "}}}" * 4 + "}")
        self.exceeds("max_introspection_depth", 15, "{__schema{types" + "{ofType" * 13 + "{name}" + "}" * 15)
        self.exceeds("max_tokens", 10000, TITLES.format(1, "id " * 10000))
        self.exceeds("max_fields", 5000, TITLES.format(1, "id " * 5001))
        self.assertEqual(codes(self.session.ask(self.token, TITLES.format(1, "id " * 4000))), [])
        self.exceeds("max_query_bytes", 65536, TITLES.format(1, " ".join(f"a{n}: id" for n in range(100000))))

    def test_fields_of_one_key_that_differ(self):
        """Comparing each with each would be quadratic."""
        conflict = " ".join(f"a: comments(first: {n}) {{ totalCount }}" for n in range(1, 1000))
        self.assertLessEqual(set(codes(self.session.ask(self.token, TITLES.format(1, conflict)))), {VALIDATION, LIMIT})
        same = TITLES.format(1, "a: id " * 3300)
        self.exceeds("max_aliases", 50, same)

    def test_many_faults_in_one_request(self):
        """Each is found, twenty are told, and finding their places is no quadratic work."""
        for piece, tokens in (("x ", 1), ("id(a:1) ", 6), ("id @x ", 3), ("...F ", 2), ("me{id} ", 4), ("id{x} ", 4)):
            errors = self.bad(VALIDATION, TITLES.format(1, piece * min(4900, 9900 // tokens)))
            self.assertEqual(len(errors), 20, piece)

    def test_rows_and_cost(self):
        self.exceeds("max_rows", 10000, "{posts(first:100){nodes{author{posts(first:100){nodes{id}}}}}}")
        self.exceeds(
            "max_cost",
            64 << 20,
            "{"
            + " ".join(
                f"a{n}: posts(first: 99) {{ nodes {{ author {{ posts(first: 99) {{ nodes {{ id {more} }} }} " "} } }"
                for n, more in ((0, "a: content b: content"),)
            )
            + "}",
        )
        several = (
            "{"
            + " ".join(
                f"a{n}: posts(first: 60) {{ nodes {{ comments(first: 20) {{ nodes {{ id }} }} }} }}" for n in range(8)
            )
            + "}"
        )
        self.exceeds("max_rows", 10000, several)
        query = "query ($a: Int, $b: Int) { posts(first: $a) { nodes { comments(first: $b) { nodes { id } } } } }"
        for a, b, expected in (
            (20, 20, []),
            (100, 100, [LIMIT]),
            (99, 100, []),
            (100, 99, []),
            (2**31 - 1, 2**31 - 1, [INPUT]),
            (1, 1, []),
        ):
            self.assertEqual(codes(self.session.ask(self.token, query, {"a": a, "b": b})), expected, (a, b))


class Answers(BadInputTest):
    """The size of the answer itself."""

    def test_64_response_keys_on_one_object(self):
        """`concat` takes a hundred arguments, and a key with its value are two."""
        session = self.with_settings(max_aliases=5000, max_relations=10000)
        for count in (44, 45, 46, 50, 64, 89, 90, 91, 100, 1000, 3000):
            fields = ("id", "title", "published", "createdAt", "deletedAt", "commentCount", "__typename")
            keys = {f"k{n}": fields[n % len(fields)] for n in range(count)}
            query = "query ($id: ID!) { post(id: $id) { %s } }" % " ".join(
                f"{key}: {field}" for key, field in keys.items()
            )
            post = session.ask(self.token, query, {"id": post_id("demo", 3)})["data"]["post"]
            self.assertEqual(list(post), list(keys))
            self.assertEqual(
                (post["k0"], post["k1"], post["k2"], post["k5"]), (post_id("demo", 3), "Post 3 of demo", True, 3)
            )

    def test_an_answer_that_is_too_large(self):
        session = self.with_settings(max_answer_bytes=500)
        for entry in ("execute", "resolve"):
            self.assertEqual(codes(session.ask(self.token, TITLES.format(5, "title"), entry=entry)), [])
            answer = session.ask(self.token, TITLES.format(100, "title content"), entry=entry)
            self.assertEqual(
                answer["errors"][0]["extensions"], {"code": LIMIT, "limit": "max_answer_bytes", "value": 500}
            )
            (error,) = self.check_error(answer, LIMIT, executed=True)
            self.assertEqual(error["path"], ["posts"])
            both = "{ me { id } " + TITLES.format(100, "title content").lstrip("{")
            (error,) = self.check_error(session.ask(self.token, both, entry=entry), LIMIT, executed=True)
            self.assertNotIn("path", error)

    def test_a_name_of_an_operation_that_no_query_can_hold(self):
        (error,) = self.bad(LIMIT, "{ me { id } }", operation="x" * 65537)
        self.assertEqual(error["extensions"]["limit"], "max_query_bytes")

    def test_relations_and_nesting_of_plans_that_are_kept(self):
        session = self.blog.session(None)
        chain = "{me{...A}} " + " ".join(f"fragment {a} on User{{...{b}}}" for a, b in ("AB", "BC", "CD")) + " fragment D on User{id}"
        for query in (chain, relations(2)):
            self.assertEqual(codes(session.ask(self.token, query)), [])
        for limit, value, query in (("max_nesting", 5, chain), ("max_relations", 20, relations(2))):
            session.rows(f"SET saas_blog.{limit} = {value}")
            (error,) = session.ask(self.token, query)["errors"]
            self.assertEqual(error["extensions"], {"code": LIMIT, "limit": limit, "value": value})
            session.rows(f"RESET saas_blog.{limit}")

    def test_limits_hold_for_plans_that_are_kept(self):
        query = TITLES.format(100, "title content")
        session = self.with_settings(max_rows=10000)
        self.assertEqual(codes(session.ask(self.token, query)), [])
        session.rows("RESET SESSION AUTHORIZATION")
        for setting, value in (
            ("max_query_bytes", 10),
            ("max_tokens", 3),
            ("max_nesting", 2),
            ("max_depth", 1),
            ("max_rows", 99),
            ("max_cost", 1000),
            ("max_page_size", 99),
            ("max_answer_bytes", 100),
            ("max_fields", 2),
        ):
            session.rows(f"SET saas_blog.{setting} = {value}")
            answer = session.ask(self.token, query)
            expected = (
                {"code": LIMIT, "limit": setting, "value": value} if setting != "max_page_size" else {"code": INPUT}
            )
            self.assertEqual(answer["errors"][0]["extensions"], expected)
            session.rows(f"RESET saas_blog.{setting}")
            self.assertEqual(codes(session.ask(self.token, query)), [])


if __name__ == "__main__":
    unittest.main()
