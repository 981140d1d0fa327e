"""graphql.subscribe and graphql.next: who may open what, what the answers look like, and what each event gives."""

import re
import unittest

from blog import PROXY, UNKNOWN_ID, SqlError, codes, parsed, post_id, user_id
from live import COMMENT, SUBSCRIPTION, LiveTest, following, subscribe

FIELD = "commentCreated(postId: $post) { id }"


class Subscribe(LiveTest):
    """One call after the other."""

    def test_a_comment_arrives(self):
        for user in ("admin", "editor", "writer", "reader", "silent"):
            subscriber = self.subscriber(self.demo[user], 1)
            self.assertEqual(subscriber.results(), [])
            id = self.comment(self.session, f"To {user}", 1)
            results = subscriber.results()
            expected = {"id": id, "content": f"To {user}", "author": {"name": "writer of demo"}}
            expected["post"] = {"id": post_id("demo", 1)}
            self.assertEqual([result["data"] for result in results], [{"commentCreated": expected}])
            self.assertEqual(subscriber.results(), [])

    def test_members_are_in_the_order_of_the_request(self):
        query = "subscription { new: commentCreated(postId: \"%s\") { content id __typename c: content } }"
        query %= post_id("demo", 2)
        opened = parsed(self.session.value(subscribe(self.demo["reader"], query)))
        self.assertEqual(list(opened), ["channel", "cursor"])
        id = self.comment(self.session, 'A "quoted"\n\\ tab\t', 2)
        text = self.session.value(following(self.demo["reader"], opened["cursor"], query))
        shown = r'"A \"quoted\"\n\\ tab\t"'
        data = f'{{"new":{{"content":{shown},"id":"{id}","__typename":"Comment","c":{shown}}}}}'
        cursor = parsed(text)["cursor"]
        expected = f'{{"cursor":"{cursor}","more":false,"results":[{{"cursor":"{cursor}","data":{data}}}]}}'
        self.assertEqual(text, expected)

    def test_channels_tell_nothing_and_are_told_apart(self):
        channels = {}
        for tenant, tokens in (("demo", self.demo), ("another", self.another)):
            for number in (1, 2):
                found = {self.subscriber(tokens[user], post_id(tenant, number)).channel for user in ("admin", "reader")}
                self.assertEqual(len(found), 1)
                channels[tenant, number] = found.pop()
        self.assertEqual(len(set(channels.values())), 4)
        for channel in channels.values():
            self.assertRegex(channel, re.compile(r"\Asaas_blog_[0-9a-f]{32}\Z"))

    def refused(self, code, *arguments, message=None, **named):
        """Both functions refuse it alike."""
        answers = [parsed(self.session.value(subscribe(*arguments, **named)))]
        cursor = self.subscriber(self.demo["reader"], 1).cursor
        named.pop("extensions", None)
        answers.append(parsed(self.session.value(following(arguments[0], cursor, *arguments[1:], **named))))
        for answer in answers:
            self.check_error(answer, code)
            self.assertEqual(answer, answers[0])
            if message:
                self.assertEqual(answer["errors"][0]["message"], message)
        return answers[0]["errors"][0]

    def test_who_may_subscribe(self):
        variables = {"post": post_id("demo", 1)}
        self.refused("UNAUTHENTICATED", None, variables=variables)
        self.refused("UNAUTHENTICATED", "garbage", variables=variables)
        self.refused("UNAUTHENTICATED", self.blog.token("demo", "reader", exp=1), variables=variables)
        self.refused("FORBIDDEN", self.blog.operator(), variables=variables)
        error = self.refused("FORBIDDEN", self.blog.token("demo", "admin", scopes=["read:posts"]), variables=variables)
        self.assertEqual(error["path"], ["commentCreated"])
        query = SUBSCRIPTION.replace("post { id }", "post { author { posts { totalCount } } }")
        token = self.blog.token("demo", "admin", scopes=["read:comments"])
        self.assertEqual(self.refused("FORBIDDEN", token, query, variables)["path"], ["commentCreated", "post"])
        self.subscriber(token, 1, query="subscription ($post: ID!) { %s }" % FIELD)

    def test_a_post_that_is_not_there_for_the_caller(self):
        missing = [UNKNOWN_ID, post_id("another", 1), post_id("demo", 16), post_id("demo", 18), "x", ""]
        for id in [*missing, post_id("demo", 13)]:
            error = self.refused("NOT_FOUND", self.demo["reader"], variables={"post": id}, message="There is no such post.")
            self.assertEqual((error["path"], error["locations"]), (["commentCreated"], [{"line": 2, "column": 5}]))
        for id in missing:
            self.refused("NOT_FOUND", self.demo["admin"], variables={"post": id}, message="There is no such post.")
        self.subscriber(self.demo["editor"], 13)

    def test_requests_that_are_no_subscription(self):
        token = self.demo["admin"]
        for query, word in (("{ me { id } }", "query"), ("mutation { deletePost(id: 1) { id } }", "mutation")):
            sentence = f"Only a subscription is opened with graphql.subscribe: a {word} goes to graphql.execute."
            self.refused("NOT_A_SUBSCRIPTION", token, query, message=sentence)
        self.refused("NOT_A_SUBSCRIPTION", token, f"{SUBSCRIPTION} query Q {{ me {{ id }} }}", operation="Q")
        self.refused("GRAPHQL_PARSE_FAILED", token, "subscription {")
        self.refused("BAD_USER_INPUT", token, None)
        self.refused("BAD_USER_INPUT", token, variables={})
        self.refused("OPERATION_RESOLUTION_FAILURE", token, operation="None", variables={"post": "x"})
        two = "subscription ($post: ID!) { a: %s b: %s }" % (FIELD, FIELD)
        self.refused("GRAPHQL_VALIDATION_FAILED", token, two, {"post": post_id("demo", 1)})
        self.refused("GRAPHQL_VALIDATION_FAILED", token, "subscription { __typename }")
        left_out = "subscription ($post: ID!, $out: Boolean!) { %s }" % FIELD.replace("{ id }", "@skip(if: $out) { id }")
        variables = {"post": post_id("demo", 1), "out": True}
        sentence = "A subscription needs a field: the only one is left out."
        self.refused("BAD_USER_INPUT", token, left_out, variables, message=sentence)
        null = "subscription ($post: ID = 1) { %s }" % FIELD
        self.refused("BAD_USER_INPUT", token, null, {"post": None})
        deep = "post { " + "author { posts { nodes { " * 4 + "id" + " }" * 13
        deep = "subscription ($post: ID!) { commentCreated(postId: $post) { %s } }" % deep
        self.refused("LIMIT_EXCEEDED", token, deep, {"post": post_id("demo", 1)})
        for entry in ("execute", "resolve"):
            answer = self.session.ask(token, SUBSCRIPTION, {"post": post_id("demo", 1)}, entry=entry)
            self.check_error(answer, "SUBSCRIPTION_OPERATION")

    def test_nothing_is_there_without_a_cursor(self):
        answer = parsed(self.session.value(following(self.demo["reader"], None, variables={"post": post_id("demo", 1)})))
        self.check_error(answer, "BAD_USER_INPUT")

    def test_an_event_whose_comment_is_gone_is_passed_over(self):
        subscriber = self.subscriber(self.demo["reader"], 3)
        ids = {content: self.comment(self.session, content, 3) for content in ("one", "two", "three", "four")}
        delete = "mutation ($id: ID!) { deleteComment(id: $id) { id } }"
        for content in ("two", "four"):
            self.assertEqual(codes(self.session.ask(self.demo["admin"], delete, {"id": ids[content]})), [])
        before = subscriber.cursor
        self.assertEqual(subscriber.contents(), ["one", "three"])
        self.assertNotEqual(subscriber.cursor, before)
        self.assertEqual(subscriber.contents(), [])

    def test_a_post_that_is_withdrawn_ends_the_subscription(self):
        update = "mutation ($id: ID!, $published: Boolean!) { updatePost(id: $id, published: $published) { id } }"
        reader, editor = (self.subscriber(self.demo[user], 4) for user in ("reader", "editor"))
        self.comment(self.session, "before", 4)
        for published in (False, True):
            variables = {"id": post_id("demo", 4), "published": published}
            self.assertEqual(codes(self.session.ask(self.demo["admin"], update, variables)), [])
            if not published:
                self.check_error(reader.ask(), "NOT_FOUND")
                self.assertEqual(editor.contents(), ["before"])
        # What has happened meanwhile is there once the post is.
        self.assertEqual(reader.contents(), ["before"])

    def test_rights_that_are_lost_meanwhile(self):
        self.admin.rows("SELECT saas_blog.add_jwt_key('live', 'HS256', 'a key that is revoked meanwhile!')")
        subscriber = self.subscriber(self.blog.sign(self.blog.claims("demo", "silent"), "live"), 5)
        kept = self.subscriber(self.demo["silent"], 5)
        self.comment(self.session, "new", 5)
        self.admin.rows("SELECT saas_blog.revoke_jwt_key('live')")
        self.check_error(subscriber.ask(), "UNAUTHENTICATED")
        self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'editor' WHERE id = '{user_id('demo', 'silent')}'")
        self.check_error(kept.ask(), "UNAUTHENTICATED")
        self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'subscriber' WHERE id = '{user_id('demo', 'silent')}'")
        self.assertEqual(kept.contents(), ["new"])

    def test_other_tenants_and_posts(self):
        subscriber = self.subscriber(self.another["admin"], post_id("another", 6))
        for post, tokens in ((post_id("demo", 6), self.demo), (post_id("another", 7), self.another)):
            self.comment(self.session, "elsewhere", post, tokens["writer"])
        self.assertEqual(subscriber.contents(), [])
        self.comment(self.session, "here", post_id("another", 6), self.another["reader"])
        self.assertEqual(subscriber.contents(), ["here"])

    def test_the_transaction_of_the_caller(self):
        """It may be any that has written nothing, and one that is READ ONLY."""
        # A first lease is written, so that READ ONLY has something to leave alone.
        self.subscriber(self.demo["reader"], 8)
        for mode in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "READ COMMITTED READ ONLY"):
            self.session.rows(f"BEGIN ISOLATION LEVEL {mode}")
            self.session.value("SELECT count(*) FROM pg_class")
            subscriber = self.subscriber(self.demo["reader"], 8)
            with self.blog.session() as other:
                self.comment(other, mode, 8)
            self.assertEqual(subscriber.contents(), [mode])
            self.assertEqual(subscriber.contents(), [])
            self.session.rows("COMMIT")
        subscriber = self.subscriber(self.demo["reader"], 8)
        self.session.rows("BEGIN")
        self.comment(self.session, "mine", 8)
        for answer in (subscriber.ask(), subscriber.open()):
            self.check_error(answer, "BAD_USER_INPUT")
            self.assertIn("written nothing", answer["errors"][0]["message"])
        self.session.rows("COMMIT")
        self.assertEqual(subscriber.contents(), ["mine"])

    def test_a_transaction_that_subscribes_and_then_writes(self):
        """The lease gives it an id, and the snapshots of the others do not tell it from a transaction that is over."""
        self.session.rows("BEGIN")
        subscriber = self.subscriber(self.demo["reader"], 9)
        # Later transactions end before this one.
        with self.blog.session() as other:
            self.comment(other, "other", 9)
            self.comment(self.session, "mine", 9)
            self.comment(other, "another", 9)
        self.assertEqual(subscriber.contents(), ["other", "another"])
        self.assertEqual(subscriber.contents(), [])
        self.session.rows("COMMIT")
        self.assertEqual(subscriber.contents(), ["mine"])

    def test_a_call_that_is_cancelled_on_its_way(self):
        """It leaves nothing behind, and nothing of what it had looked at counts as given."""
        subscriber = self.subscriber(self.demo["reader"], 10)
        for content in ("one", "two"):
            self.comment(self.session, content, 10)
        self.assertEqual(len(subscriber.batch(subscriber.cursor)["results"]), 2)
        self.session.rows("BEGIN")
        self.session.rows("SAVEPOINT before")
        with self.blog.session(None) as other:
            other.rows("BEGIN")
            other.rows("LOCK TABLE saas_blog.tb_comment")
            self.session.rows("SET LOCAL statement_timeout = '100ms'")
            self.refused_by_sql(subscriber.ask, "57014")
            other.rows("ROLLBACK")
        self.session.rows("ROLLBACK TO before")
        context = "SELECT current_user, current_setting('app.tenant_pk'), current_setting('app.role')"
        self.assertEqual(self.session.rows(context), [[PROXY, "", ""]])
        self.assertEqual(subscriber.contents(), ["one", "two"])
        self.session.rows("COMMIT")

    def refused_by_sql(self, work, sqlstate):
        with self.assertRaises(SqlError) as caught:
            work()
        self.assertEqual(caught.exception.sqlstate, sqlstate)

    def test_a_session_that_asks_for_long_does_not_grow(self):
        """Whether there is nothing new, something, or something that fails."""
        session = self.with_settings(max_answer_bytes=1_000)
        self.addCleanup(session.close)
        subscriber = self.subscriber(self.demo["reader"], 11, session=session)
        begin = subscriber.cursor
        for content in ("short", "too long" * 200, "short"):
            self.comment(self.session, content, 11)
        given = subscriber.batch()["results"]
        self.assertEqual([list(result)[1] for result in given], ["data", "errors", "data"])
        calls = [
            following(subscriber.token, cursor, subscriber.query, subscriber.variables).replace("SELECT", "PERFORM", 1)
            for cursor in (begin, subscriber.cursor)
        ]
        many = "DO $do$ BEGIN FOR n IN 1..%d LOOP " + "; ".join(calls) + "; END LOOP; END $do$"
        session.rows(many % 200)
        before = session.memory()
        for _ in range(2):
            session.rows(many % 2_000)
        self.assertLess(session.memory() - before, 1)


if __name__ == "__main__":
    unittest.main()
