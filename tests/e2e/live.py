"""What the tests of subscriptions share: a subscriber, whoever comments, and a connection that listens."""

import re
import time

from blog import BlogTest, as_json, codes, parsed, post_id, quoted

SUBSCRIPTION = """subscription New($post: ID!) {
    commentCreated(postId: $post) { id content author { name } post { id } } }"""
COMMENT = """mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) { id } }"""
HEARD = re.compile(r'Asynchronous notification "(.*?)"(?: with payload "(.*?)")? received')
# A cursor has at most this many characters.
LONGEST = 4096


def subscribe(token, query=SUBSCRIPTION, variables=None, operation=None, extensions=None):
    """The SQL that opens a subscription."""
    arguments = (quoted(query), as_json(variables), quoted(token), quoted(operation), as_json(extensions))
    return f"SELECT graphql.subscribe({', '.join(arguments)})"


def following(token, cursor, query=SUBSCRIPTION, variables=None, operation=None):
    """The SQL that asks for what is behind a cursor."""
    arguments = (quoted(query), as_json(variables), quoted(token), quoted(operation), quoted(cursor))
    return f"SELECT graphql.next({', '.join(arguments)})"


class Subscriber:
    """A subscription, as a gateway keeps it: asks by one session, and goes on from the cursor that it has."""

    def __init__(self, test, token, post, session=None, query=SUBSCRIPTION):
        self.test, self.token, self.query, self.variables = test, token, query, {"post": post}
        self.session = session or test.session
        opened = self.open()
        test.assertEqual(list(opened), ["channel", "cursor"], opened)
        self.channel, self.cursor = opened["channel"], opened["cursor"]

    def open(self, extensions=None):
        """The answer of graphql.subscribe."""
        return parsed(self.session.value(subscribe(self.token, self.query, self.variables, extensions=extensions)))

    def ask(self, cursor=None):
        """The answer of graphql.next, behind the subscriber's own cursor or another one."""
        return parsed(
            self.session.value(following(self.token, cursor or self.cursor, self.query, self.variables))
        )

    def batch(self, cursor=None):
        """A good answer of graphql.next; the subscriber goes on behind it, unless the cursor is another one."""
        answer = self.ask(cursor)
        self.test.assertEqual(list(answer), ["cursor", "more", "results"], answer)
        for given in (answer, *answer["results"]):
            self.test.assertLessEqual(len(given["cursor"]), LONGEST)
        if cursor is None:
            self.cursor = answer["cursor"]
        return answer

    def results(self):
        """All results up to now."""
        found, more = [], True
        while more:
            answer = self.batch()
            found, more = found + answer["results"], answer["more"]
        return found

    def contents(self):
        """What all new comments say."""
        return [contents(result) for result in self.results()]


def contents(result):
    """What the comment of a result says."""
    assert list(result) == ["cursor", "data"], result
    return result["data"]["commentCreated"]["content"]


class LiveTest(BlogTest):
    """Tests that commit comments; each uses posts of its own."""

    def subscriber(self, token, post, **named):
        """A new subscription of the token's user to a post, by a number of demo's or by its id."""
        return Subscriber(self, token, post if isinstance(post, str) else post_id("demo", post), **named)

    def comment(self, session, content, post, token=None):
        """Comments on a post; gives the comment's id."""
        id = post if isinstance(post, str) else post_id("demo", post)
        answer = session.ask(token or self.demo["writer"], COMMENT, {"post": id, "content": content})
        self.assertEqual(codes(answer), [], answer)
        return answer["data"]["createComment"]["id"]

    def writer(self):
        """A session that has begun a transaction."""
        session = self.blog.session()
        self.addCleanup(session.close)
        session.rows("BEGIN")
        return session

    def retained(self, session=None):
        """How many events there are."""
        return int((session or self.admin).value("SELECT count(*) FROM saas_blog.tb_event"))


class Listener:
    """A connection that listens on channels, as a gateway has one."""

    END = "e2e_end"

    def __init__(self, test, *channels):
        self.admin, self.session = test.admin, test.blog.session()
        test.addCleanup(self.session.close)
        for channel in (self.END, *channels):
            self.session.rows(f'LISTEN "{channel}"')

    def heard(self):
        """The notifications of all transactions that are committed by now: channels with payloads, in their order."""
        self.admin.rows(f"NOTIFY {self.END}")
        found, deadline = [], time.monotonic() + 60
        while not found or found[-1] != (self.END, ""):
            assert time.monotonic() < deadline, found
            # psql prints a notification behind the rows of the statement that it came with.
            found += HEARD.findall(self.session.value("SELECT 'rows'"))
        return found[:-1]
