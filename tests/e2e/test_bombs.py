"""Requests that are cheap to send: nesting of every kind up to a million deep, a million of anything, fragments that
double, fields that overlap. Each is answered at once with a clear error, the backend's memory does not grow, a cancel
takes effect, and the server is the one from before. With the limits as they are, and as wide as they can be set."""

import json
import time
import unittest

from blog import Lost, Sql, SqlError, call, codes, quoted
from bombs import DEPTHS, MILLION, NESTED, WIDE, many, nested
from test_bad_input import BadInputTest

REFUSED = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "LIMIT_EXCEEDED",
    "BAD_USER_INPUT",
}
# What is as good as any other request once the limits let it through.
ANSWERED = {"overlapping fields", "introspection that multiplies"}


class BombTest(BadInputTest):
    """What each bomb is answered: an error of one of the expected kinds, after two seconds of work."""

    wide = False
    # How many MB a bomb may add to the backend's memory, beside the text of the bomb itself.
    growth = 50

    def setUp(self):
        super().setUp()
        self.slowest = (0, "")

    def bomb(self, name, query, variables=None, expected=REFUSED):
        begun = self.session.work()
        answer = self.session.ask(self.token, query, variables)
        taken = self.session.work() - begun
        self.slowest = max(self.slowest, (taken, name))
        self.assertLess(taken, 2, name)
        if self.wide and name in ANSWERED:
            return self.assertNotIn("errors", answer)
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
        self.assertLess(self.session.memory("VmHWM") - before, self.growth + 2 * 16, self.slowest)

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
            self.assertLess(self.session.memory("VmHWM") - before, self.growth + 2 * len(query) / 1e6, name)

    def test_what_means_nothing_is_skipped(self):
        """A million commas, comments or spaces: too many bytes, or none that count."""
        for unit in (",", "#\n", " ", "\ufeff", "\r\n"):
            begun = self.session.work()
            answer = self.session.ask(self.token, "{me{id" + unit * MILLION + "}}")
            self.assertLess(self.session.work() - begun, 2)
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
                self.assertLess(time.monotonic() - begun, 5, name)
        self.assertEqual(codes(self.session.ask(self.token, "{ me { id } }")), [])


class WideBombTest(BombTest):
    """The same with every limit as wide as it can be set."""

    wide = True
    growth = 400

    def setUp(self):
        super().setUp()
        # The superuser may set limits for a session of its own.
        self.session = self.blog.session(None)
        for limit, value in WIDE.items():
            self.session.rows(f"SET saas_blog.{limit} = {value}")


if __name__ == "__main__":
    unittest.main()
