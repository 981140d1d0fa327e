"""Requests that are cheap to send: nesting of every kind up to a million deep, a million of anything, fragments that
double, fields that overlap. Each is answered at once with a clear error, the backend's memory does not grow, a cancel
takes effect, and the server is the one from before. With the limits as they are, and as wide as they can be set."""

import json
import time
import unittest

from blog import Lost, Sql, SqlError, call, codes, quoted
from test_bad_input import BadInputTest

REFUSED = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED", "BAD_USER_INPUT"}
DEPTHS = (100, 1_000, 10_000, 100_000, 1_000_000)
MILLION = 1_000_000
# Every limit that a request meets before it is answered, as wide as it goes.
WIDE = {
    "max_query_bytes": 16 << 20,
    "max_variables_bytes": 256 << 20,
    "max_tokens": 1 << 20,
    "max_nesting": 200,
    "max_depth": 64,
    "max_aliases": 1 << 30,
    "max_root_fields": 1000,
    "max_directives": 1 << 30,
    "max_fields": 100_000,
}
# Before, opening, inside, closing, behind.
NESTED = {
    "selections": ("{", "me{", "id", "}", "}"),
    "inline fragments": ("{me{", "...{", "id", "}", "}}"),
    "inline fragments on a type": ("{me{", "...on User{", "id", "}", "}}"),
    "lists": ("{posts(first:", "[", "1", "]", "){totalCount}}"),
    "objects": ("{posts(first:", "{a:", "1", "}", "){totalCount}}"),
    "lists in defaults": ("query($a:Int=", "[", "1", "]", "){posts(first:$a){totalCount}}"),
    "objects in defaults": ("query($a:Int=", "{a:", "1", "}", "){posts(first:$a){totalCount}}"),
    "types": ("query($a:", "[", "Int", "]", "){posts(first:$a){totalCount}}"),
    "directives' arguments": ("{me{id@skip(if:", "[", "true", "]", ")}}"),
    "directives on fields": ("{me{id", "@skip(if:", "true", ")", "}}"),
    "introspection": ("{__schema{types{", "ofType{", "name", "}", "}}}"),
    "type system": ("type A{a(b:Int=", "[", "1", "]", "):Int}"),
}


def nested(kind, depth, closed=True):
    before, opening, inside, closing, behind = NESTED[kind]
    return before + opening * depth + (inside + closing * depth + behind if closed else "")


def numbered(count, piece):
    return "".join(piece(number) for number in range(count))


def chained(count, spreads):
    """Fragments, each of which spreads the next one so many times."""
    step = lambda n: f"fragment F{n} on Query{{{f'...F{n + 1} ' * spreads}}}"
    return "{...F0}" + numbered(count, step) + f"fragment F{count} on Query{{me{{id}}}}"


def many():
    """A million of anything, and the ways to multiply."""
    inner = numbered(100, lambda n: f"k{n}:title ")
    cycle = numbered(10_000, lambda n: f"fragment F{n} on Query{{...F{(n + 1) % 10_000}}}")
    return {
        "aliases": "{me{" + "a:id " * MILLION + "}}",
        "different aliases": "{me{" + numbered(100_000, lambda n: f"a{n}:id ") + "}}",
        "directives": "{me{id" + "@skip(if:true)" * (MILLION // 10) + "}}",
        "unknown directives": "{me{id" + "@a " * MILLION + "}}",
        "a megabyte in a string": '{post(id:"' + "x" * MILLION + '"){a}}',
        "a megabyte in a name": "{" + "x" * MILLION + "}",
        "a megabyte in a number": "{posts(first:" + "9" * MILLION + "){totalCount}}",
        "unknown arguments": "{post(" + numbered(50_000, lambda n: f"a{n}:1 ") + "){id}}",
        "unknown fields": "{me{" + numbered(90_000, lambda n: f"f{n} ") + "}}",
        "variables": "query(" + numbered(50_000, lambda n: f"$v{n}:Int ") + "){me{id}}",
        "operations": numbered(50_000, lambda n: f"query Q{n}{{me{{id}}}}"),
        "operations that share a fragment": numbered(20_000, lambda n: f"query Q{n}{{...F}}")
        + "fragment F on Query{" + "me{id}" * 5_000 + "}",
        "fragments that double": chained(950, 2),
        "fragments that double within the nesting": chained(90, 2),
        "chained fragments": chained(10_000, 1),
        "fragments in a circle": "{...F0}" + cycle,
        "fragments that spread all others": "{...F0}"
        + numbered(150, lambda n: f"fragment F{n} on Query{{{numbered(149 - n, lambda m: f'...F{n + 1 + m} ')}__typename}}"),
        "overlapping fields": "{" + numbered(200, lambda n: f"posts(first:1){{nodes{{{inner}}}}}") + "}",
        "overlapping fields that conflict": "{" + numbered(200, lambda n: f"posts(first:{n}){{nodes{{{inner}}}}}") + "}",
        "conflicts deep below": "{" + numbered(300, lambda n: "me{posts{nodes{author{posts{nodes{" + f"a:{('id', 'title')[n % 2]}" + "}}}}}}") + "}",
        "introspection that multiplies": "{__schema{types{"
        + numbered(16, lambda a: f"a{a}:fields{{type{{" + numbered(16, lambda b: f"b{b}:fields{{name description args{{name description}}}}") + "}}") + "}}}",
    }


class BombTest(BadInputTest):
    """What each bomb is answered: an error of one of the expected kinds, within two seconds."""

    wide = False

    def setUp(self):
        super().setUp()
        if self.wide:
            self.widen(self.session)
        self.slowest = (0, "")

    def widen(self, session):
        """The superuser may set limits for a session of its own, which then takes the proxy's role."""
        session.rows("RESET ROLE")
        for limit, value in WIDE.items():
            session.rows(f"SET saas_blog.{limit} = {value}")

    def bomb(self, name, query, variables=None, expected=REFUSED):
        begun = time.monotonic()
        answer = self.session.ask(self.token, query, variables)
        taken = time.monotonic() - begun
        self.slowest = max(self.slowest, (taken, name))
        self.assertLess(taken, 2, name)
        self.assertEqual(len(set(codes(answer))), 1, (name, str(answer)[:300]))
        self.assertLessEqual(set(codes(answer)), expected, name)
        self.assertLessEqual(len(answer["errors"]), 20)
        self.assertLess(len(json.dumps(answer)), 100_000, name)

    def test_nesting_of_every_kind(self):
        self.session.ask(self.token, nested("selections", 90))
        before = self.session.memory("VmHWM")
        for kind in NESTED:
            for depth in DEPTHS:
                for closed in (True, False):
                    self.bomb(f"{kind}, {depth} deep", nested(kind, depth, closed))
        # What psql sends is in the backend's memory too: up to 16 MB, twice.
        self.assertLess(self.session.memory("VmHWM") - before, 50 + 2 * 16, self.slowest)

    def test_variables_within_each_other(self):
        query = "query($a:Int){posts(first:$a){totalCount}}"
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            # PostgreSQL itself refuses to read JSON that is nested deeper than its stack (54001).
            for depth in (100, 1_000, 5_000):
                text = '{"a":' + opening * depth + "1" + closing * depth + "}"
                self.bomb(f"variables, {depth} deep", query, Sql(quoted(text) + "::jsonb"))
            with self.assertRaises(SqlError):
                text = '{"a":' + opening * MILLION + "1" + closing * MILLION + "}"
                self.session.rows(f"SELECT {call(self.token, query, Sql(quoted(text) + '::jsonb'))}")

    def test_a_million_of_anything(self):
        bombs = many()
        self.session.ask(self.token, bombs["fragments that double"])
        for name, query in bombs.items():
            before = self.session.memory("VmHWM")
            self.bomb(name, query)
            self.assertLess(self.session.memory("VmHWM") - before, 50 + 2 * len(query) / 1e6, name)

    def test_what_means_nothing_is_skipped(self):
        """A million commas, comments or spaces: too many bytes, or none that count."""
        for unit in (",", "#\n", " ", "\ufeff", "\r\n"):
            begun = time.monotonic()
            answer = self.session.ask(self.token, "{me{id" + unit * MILLION + "}}")
            self.assertLess(time.monotonic() - begun, 2)
            self.assertEqual(codes(answer), [] if self.wide else ["LIMIT_EXCEEDED"])

    def test_a_cancel_takes_effect(self):
        for name, query in [*many().items(), *((kind, nested(kind, MILLION)) for kind in NESTED)]:
            with self.subTest(name):
                self.session.send("SELECT " + call(self.token, query))
                time.sleep(0.02)
                begun = time.monotonic()
                self.admin.rows(f"SELECT pg_cancel_backend({self.session.pid})")
                try:
                    self.session.receive(timeout=10)
                except SqlError as error:
                    self.assertEqual(error.sqlstate, "57014")
                except Lost:
                    self.fail(f"{name}: the backend is gone")
                self.assertLess(time.monotonic() - begun, 2, name)
        self.assertEqual(codes(self.session.ask(self.token, "{ me { id } }")), [])


class WideBombTest(BombTest):
    """The same with every limit as wide as it can be set."""

    wide = True

    def setUp(self):
        BadInputTest.setUp(self)
        self.session = self.blog.session(None)
        self.widen(self.session)
        self.slowest = (0, "")


if __name__ == "__main__":
    unittest.main()
