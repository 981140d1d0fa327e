"""Validation where it runs: a sample of the operations that graphql-js has judged, sent to graphql.resolve."""

import json
import unittest
from pathlib import Path

from blog import BlogTest, codes

OPERATIONS = Path(__file__).resolve().parent.parent / "validation" / "operations.jsonl"
REFUSED = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


def sample(operations, count):
    return operations[:: max(1, len(operations) // count)][:count]


def line(error):
    """An error as the file has it."""
    places = ", ".join(f"{place['line']}:{place['column']}" for place in error.get("locations", []))
    return f"{places}: {error['message']}"


class Operations(BlogTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        operations = [json.loads(text) for text in OPERATIONS.read_text().splitlines()]
        cls.valid = sample([one for one in operations if one["valid"]], 100)
        cls.invalid = sample([one for one in operations if not one["valid"]], 100)

    def ask(self, operation):
        arguments = self.demo["admin"], operation["query"], operation.get("variables"), operation.get("operationName")
        return self.session.ask(*arguments, entry="resolve")

    def test_operations_that_graphql_js_refuses(self):
        self.assertEqual(len(self.invalid), 100)
        same = 0
        for operation in self.invalid:
            answer = self.ask(operation)
            self.assertEqual(len(REFUSED.intersection(codes(answer))), 1, operation)
            self.assertEqual(list(answer), ["errors"])
            said = operation.get("errors", [operation.get("syntax")])
            same += [line(error) for error in answer["errors"]][: len(said)] == said
        # Documents that break several rules may differ in what is said of the others.
        self.assertGreaterEqual(same, 95)

    def test_operations_that_graphql_js_accepts(self):
        """They are answered, or fail for what validation does not ask: roles, values, limits, a missing variable."""
        self.assertEqual(len(self.valid), 100)
        answered = 0
        for again in range(2):
            for operation in self.valid:
                answer = self.ask(operation)
                self.assertFalse(REFUSED.intersection(codes(answer)), (again, operation, answer))
                self.assertNotIn("INTERNAL_SERVER_ERROR", codes(answer), operation)
                answered += "errors" not in answer
        # Most mutations name a row that is not there.
        self.assertGreaterEqual(answered, 80)


if __name__ == "__main__":
    unittest.main()
