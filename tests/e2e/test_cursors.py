"""Cursors of subscriptions: they can stop between two events, and one that does not hold here and now is refused."""

import base64
import random
import unittest

from blog import Blog, Session, codes, parsed, post_id, psql
from live import LiveTest, Subscriber, contents, following, subscribe

AGAIN = "subscribe again"
NESTED = """subscription ($post: ID!) { commentCreated(postId: $post) {
    content post { comments(%s) { nodes { content } } } } }"""


class Batches(LiveTest):
    """A call gives as much as there is room for, and every result says where to go on behind it."""

    def comments(self, post, number, session=None, first=0):
        """Comments in transactions of their own."""
        for place in range(first, first + number):
            self.comment(session or self.session, str(place), post)

    def small(self, post, query=None, **settings):
        """A subscriber in whose session limits are changed."""
        session = self.with_settings(**settings)
        self.addCleanup(session.close)
        named = {"query": query} if query else {}
        return self.subscriber(self.demo["reader"], post, session=session, **named)

    def batches(self, subscriber):
        """The contents of each batch until there is no more."""
        found, more = [], True
        while more:
            answer = subscriber.batch()
            found.append([contents(result) for result in answer["results"]])
            more = answer["more"]
        return found

    def test_as_many_as_the_setting_says(self):
        subscriber = self.small(1, events_per_call=3)
        self.assertEqual(self.batches(subscriber), [[]])
        for number, expected in ((2, ["01"]), (3, ["012"]), (4, ["012", "3"]), (8, ["012", "345", "67"])):
            self.comments(1, number)
            self.assertEqual(self.batches(subscriber), [list(batch) for batch in expected])

    def test_what_is_passed_over_counts_too(self):
        """The work of a call is bounded, and the cursor moves over what is gone."""
        subscriber = self.small(2, events_per_call=2)
        self.comments(2, 5)
        self.admin.rows(f"""UPDATE saas_blog.tb_comment SET deleted_at = now() WHERE content IN ('0', '1', '2')
            AND fk_post = {self.blog.key("post", post_id("demo", 2))}""")
        self.assertEqual(self.batches(subscriber), [[], ["3"], ["4"]])

    def test_behind_every_result(self):
        for most in (500, 3):
            subscriber = self.small(3, events_per_call=most)
            self.comments(3, 7)
            first = subscriber.cursor
            results = subscriber.results()
            self.assertEqual([contents(result) for result in results], list("0123456"))
            for place, result in enumerate(results):
                rest = Subscriber(self, self.demo["reader"], post_id("demo", 3))
                opened = rest.open({"cursor": result["cursor"]})
                self.assertEqual(opened, {"channel": subscriber.channel, "cursor": result["cursor"]})
                rest.cursor = result["cursor"]
                self.assertEqual(rest.contents(), list("0123456"[place + 1 :]), place)
            rest.cursor = first
            self.assertEqual(rest.contents(), list("0123456"))

    def test_a_late_commit_while_a_batch_is_cut(self):
        """Its event has the least key of all, and comes when it is there."""
        subscriber, late = self.small(4, events_per_call=2), self.writer()
        self.comment(late, "late", 4)
        self.comments(4, 5)
        self.assertEqual([contents(result) for result in subscriber.batch()["results"]], ["0", "1"])
        late.rows("COMMIT")
        self.comments(4, 1, first=5)
        self.assertEqual(self.batches(subscriber), [["2", "3"], ["4", "late"], ["5"]])

    def test_answers_that_are_too_long_together(self):
        subscriber = self.small(5, max_answer_bytes=3_000)
        for letter in "abcde":
            self.comment(self.session, letter * 1_000, 5)
        self.comment(self.session, "f" * 4_000, 5)
        self.comment(self.session, "g", 5)
        sizes, failed = [], []
        more = True
        while more:
            answer = subscriber.batch()
            sizes.append(len(answer["results"]))
            failed += [result for result in answer["results"] if "errors" in result]
            more = answer["more"]
        self.assertEqual(sizes, [2, 2, 3])
        self.assertEqual(len(failed), 1)
        error = failed[0]["errors"][0]
        self.assertEqual(list(failed[0]), ["cursor", "errors", "data"])
        self.assertEqual(error["extensions"], {"code": "LIMIT_EXCEEDED", "limit": "max_answer_bytes", "value": 3_000})
        self.assertEqual((error["path"], failed[0]["data"]), (["commentCreated"], None))

    def test_a_list_that_is_too_long_alone(self):
        """The list ends the statement; the events behind it are given."""
        query = NESTED % "last: 3"
        subscriber = self.small(6, query, max_answer_bytes=3_000)
        self.comment(self.session, "a" * 2_000, 6)
        self.comment(self.session, "b", 6)
        self.comment(self.session, "c" * 1_500, 6)
        results = subscriber.results()
        self.assertEqual([codes(result) for result in results], [["LIMIT_EXCEEDED"]] * 3)
        for number in range(3):
            self.comment(self.session, str(number), 6)
        self.assertEqual(subscriber.contents(), list("012"))

    def test_the_limits_of_an_operation_are_those_of_a_call(self):
        query = NESTED % "first: 100"
        for limits, expected in (({"max_rows": 250}, ["01", "23", "4"]), ({"max_cost": 500_000}, list("01234"))):
            subscriber = self.small(7, query, **limits)
            self.comments(7, 5)
            self.assertEqual(self.batches(subscriber), [list(batch) for batch in expected])

    def test_a_missing_value_is_an_error_of_its_event(self):
        subscriber = self.subscriber(self.demo["admin"], 8)
        self.comments(8, 3)
        self.admin.rows("SET session_replication_role = replica")
        self.admin.rows(f"""UPDATE saas_blog.tb_comment SET fk_user = 1 WHERE content = '1'
            AND fk_post = {self.blog.key("post", post_id("demo", 8))}""")
        self.admin.rows("RESET session_replication_role")
        first, second, third = subscriber.results()
        self.assertEqual((contents(first), contents(third)), ("0", "2"))
        self.assertEqual((list(second), second["data"]), (["cursor", "errors", "data"], None))
        (error,) = second["errors"]
        self.assertEqual(error["path"], ["commentCreated", "author"])
        self.assertEqual(error["message"], "Cannot return null for non-nullable field Comment.author.")


class Refused(LiveTest):
    """A text that is no cursor of this subscription is never more than that."""

    def answers(self, cursor, post=1, token=None):
        """What both functions say of a cursor."""
        token, variables = token or self.demo["reader"], {"post": post_id("demo", post)}
        next = self.session.value(following(token, cursor, variables=variables))
        opened = self.session.value(subscribe(token, variables=variables, extensions={"cursor": cursor}))
        return [parsed(next), parsed(opened)]

    def check_refused(self, *arguments, **named):
        for answer in self.answers(*arguments, **named):
            self.check_error(answer, "BAD_USER_INPUT")
            self.assertIn(AGAIN, answer["errors"][0]["message"])

    def test_of_another_subscription(self):
        cursor = self.subscriber(self.demo["reader"], 1).cursor
        self.check_refused(cursor, post=2)
        other = self.subscriber(self.another["reader"], post_id("another", 1)).cursor
        self.check_refused(other)
        # Another selection and another user of the tenant: it is the same subscription.
        for answer in self.answers(cursor, token=self.demo["admin"]):
            self.assertEqual(codes(answer), [])

    def test_of_another_database(self):
        other = Blog()
        self.addCleanup(other.close)
        with other.session() as session:
            variables = {"post": post_id("demo", 1)}
            opened = parsed(session.value(subscribe(other.token("demo", "reader"), variables=variables)))
        self.check_refused(opened["cursor"])

    def test_of_a_copy_of_the_database(self):
        """It has the same secret, and transactions of its own."""
        cursor = self.subscriber(self.demo["reader"], 1).cursor
        copy = f"{self.blog.name}_copy"
        self.session.close()
        for session in self.blog.sessions:
            if session.process.poll() is None and session is not self.admin:
                session.close()
        self.admin.close()
        try:
            psql("postgres", "-c", f"CREATE DATABASE {copy} TEMPLATE {self.blog.name}")
        finally:
            type(self).admin = self.blog.admin = self.blog.session(None)
            self.session = self.blog.session()
        self.addCleanup(psql, "postgres", "-c", f"DROP DATABASE {copy} WITH (FORCE)")
        with Session(copy) as session:
            variables = {"post": post_id("demo", 1)}
            answer = parsed(session.value(following(self.demo["reader"], cursor, variables=variables)))
        self.check_error(answer, "BAD_USER_INPUT")

    def test_garbage(self):
        texts = ["", " ", "x", "=", "\\", "é", "null", "A" * 43, "A" * 4_096, "A" * 4_097, "A" * 100_000, "AQ", "{}"]
        for text in texts:
            self.check_refused(text)
        for value in (7, True, [], {}):
            opened = self.session.value(
                subscribe(self.demo["reader"], variables={"post": post_id("demo", 1)}, extensions={"cursor": value})
            )
            self.check_error(parsed(opened), "BAD_USER_INPUT")

    def test_bytes_that_are_changed(self):
        """Some of it is a cursor too, of another moment; nothing of it does harm."""
        subscriber = self.subscriber(self.demo["reader"], 3)
        for number in range(3):
            self.comment(self.session, str(number), 3)
        self.admin.rows("SELECT pg_current_xact_id()")
        cursors = [subscriber.cursor, *(result["cursor"] for result in subscriber.results())]
        chance, outcomes = random.Random(7), set()
        for _ in range(1_500):
            data = bytearray(base64.urlsafe_b64decode(chance.choice(cursors) + "=="))
            for _ in range(chance.choice((1, 1, 1, 2, 5))):
                # Most changes are behind what says where the cursor holds.
                place = chance.randrange(25, len(data)) if chance.random() < 0.9 else chance.randrange(len(data))
                change = chance.randrange(4)
                if change == 0:
                    data[place] = chance.randrange(256)
                elif change == 1:
                    data[place:place] = chance.randbytes(chance.randrange(1, 6))
                elif change == 2 and len(data) > 27:
                    del data[place]
                else:
                    data[place] ^= 1 << chance.randrange(8)
            text = base64.urlsafe_b64encode(data).decode().rstrip("=")
            for answer in self.answers(text, post=3):
                outcome = codes(answer)
                self.assertIn(outcome, ([], ["BAD_USER_INPUT"]), (text, answer))
                outcomes.add(tuple(outcome))
                for result in answer.get("results", []):
                    self.assertIn(contents(result), "012")
        self.assertEqual(outcomes, {(), ("BAD_USER_INPUT",)})

    def test_of_the_future(self):
        """Such a cursor would take what is not there yet for seen."""
        subscriber = self.subscriber(self.demo["reader"], 4)
        data = base64.urlsafe_b64decode(subscriber.cursor + "==")
        forged = data[:25] + bytes([0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        self.check_refused(base64.urlsafe_b64encode(forged).decode().rstrip("="), post=4)


if __name__ == "__main__":
    unittest.main()
