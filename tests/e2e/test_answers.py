"""What the answers say, against plain SQL by a superuser."""

import json
import unittest

from blog import TENANTS, USERS, BlogTest, codes, post_id, quoted, user_id

# The guide's first query, but for its cursor.
GUIDE = """# Get tenant's published posts (with pagination)
query { posts(first: 20) { edges { node { id title author { name }
    comments(first: 5) { edges { node { content author { name } } } } } } pageInfo { hasNextPage endCursor } } }"""
SHOWN = {"admin": "true", "editor": "true", "writer": "true", "reader": "published", "silent": "published"}
LIVE = "deleted_at IS NULL"
NEWEST, OLDEST = "created_at DESC, id DESC", "created_at, id"


class AnswerTest(BlogTest):
    def listed(self, table, condition, order, tenant="demo"):
        """The ids of a tenant's rows in an order."""
        return self.admin.column(f"""SELECT id FROM saas_blog.tb_{table} WHERE fk_tenant =
            (SELECT pk_tenant FROM saas_blog.tb_tenant WHERE identifier = '{tenant}')
            AND {condition} ORDER BY {order}""")

    def data(self, user, query, variables=None, session=None, **named):
        """The data of an answer without errors."""
        token = self.demo[user] if user in USERS else user
        answer = (session or self.session).ask(token, query, variables, **named)
        self.assertEqual(list(answer), ["data"], answer)
        return answer["data"]


class Guide(AnswerTest):
    """The first thing that anybody tries."""

    def test_the_first_query_for_two_tenants(self):
        for tenant in TENANTS:
            for user in USERS:
                answer = self.check_only(tenant, self.session.text(self.blog.token(tenant, user), GUIDE))
                found = [edge["node"] for edge in answer["data"]["posts"]["edges"]]
                ids = self.listed("post", f"{LIVE} AND {SHOWN[user]}", NEWEST, tenant)
                self.assertEqual([node["id"] for node in found], ids)
                self.assertEqual(answer["data"]["posts"]["pageInfo"]["hasNextPage"], False)
                for node in found:
                    number = int(node["id"][-12:])
                    self.assertEqual(node["title"], f"Post {number} of {tenant}")
                    self.assertEqual(len(node["comments"]["edges"]), number % 4)

    def test_the_same_answer_from_both_entries_and_in_order(self):
        query = """{ tenant { name id } me { role posts(first: 2) { pageInfo { endCursor } nodes { title id } } id }
            x: __typename }"""
        for user in ("admin", "editor", "writer"):
            text = self.session.text(self.demo[user], query)
            jsonb = self.session.value(f"SELECT {quoted(text)}::jsonb")
            self.assertEqual(self.session.text(self.demo[user], query, entry="resolve"), jsonb)
            answer = json.loads(text, object_pairs_hook=list)
            self.assertEqual(answer[0][0], "data")
            names = [
                (key, [inner for inner, _ in value] if isinstance(value, list) else value)
                for key, value in answer[0][1]
            ]
            self.assertEqual(names, [("tenant", ["name", "id"]), ("me", ["role", "posts", "id"]), ("x", "Query")])
            self.assertNotIn("\n", text)

    def test_fragments_merge_where_they_stand_first(self):
        query = """{ ...B a: __typename ...A } fragment A on Query { me { name } a: __typename }
            fragment B on Query { me { id ...U } } fragment U on User { ... { role name } }"""
        text = self.session.text(self.demo["reader"], query)
        self.assertEqual(
            text,
            '{"data":{"me":{"id":"%s","role":"subscriber","name":"reader of demo"},"a":"Query"}}'
            % user_id("demo", "reader"),
        )


class Rules(AnswerTest):
    """Who sees what, and how values are written."""

    def test_drafts_trash_and_counts(self):
        query = """{ posts(first: 100) { nodes { id published commentCount deletedAt
            comments { totalCount nodes { author { name } } } } } }"""
        for user, numbers in (("admin", range(1, 16)), ("writer", range(1, 16)), ("reader", range(1, 13))):
            nodes = self.data(user, query)["posts"]["nodes"]
            self.assertEqual({node["id"] for node in nodes}, {post_id("demo", number) for number in numbers})
            for node in nodes:
                number = int(node["id"][-12:])
                self.assertEqual(
                    (node["published"], node["deletedAt"], node["commentCount"]), (number <= 12, None, number % 4)
                )
                self.assertEqual(node["comments"]["totalCount"], number % 4)
        trash = "{ deletedPosts { totalCount nodes { id deletedAt } } }"
        for user, numbers in (("admin", (16, 17, 18)), ("editor", (18,)), ("writer", (16,))):
            found = self.data(user, trash)["deletedPosts"]
            self.assertEqual({node["id"] for node in found["nodes"]}, {post_id("demo", number) for number in numbers})
            self.assertEqual(found["totalCount"], len(numbers))
            self.assertEqual({node["deletedAt"] for node in found["nodes"]}, {"2026-03-01T09:00:00.000000Z"})
        self.check_error(self.session.ask(self.demo["reader"], trash), "FORBIDDEN")

    def test_filters(self):
        query = """query ($p: Boolean, $a: ID) {
            posts(published: $p, authorId: $a) { totalCount nodes { published author { id } } } }"""
        for user, published, author, count in (
            ("admin", True, None, 12),
            ("admin", False, None, 3),
            ("admin", None, None, 15),
            ("reader", False, None, 0),
            ("reader", None, "editor", 4),
            ("admin", None, "editor", 5),
            ("admin", False, "admin", 1),
            ("admin", None, "silent", 0),
        ):
            found = self.data(user, query, {"p": published, "a": author and user_id("demo", author)})["posts"]
            self.assertEqual((found["totalCount"], len(found["nodes"])), (count, count), (user, published, author))
            if author:
                self.assertLessEqual({node["author"]["id"] for node in found["nodes"]}, {user_id("demo", author)})
        self.assertEqual(self.data("admin", query, {})["posts"]["totalCount"], 15)

    def test_emails(self):
        query = f"""{{ me {{ email }} user(id: "{user_id("demo", "writer")}") {{ email }}
            posts(first: 100) {{ nodes {{ author {{ id email }} }} }} }}"""
        for user in USERS:
            data = self.data(user, query)
            self.assertEqual(data["me"]["email"], "admin@example.com" if user == "admin" else f"{user}@demo.example")
            everybody = user in ("admin", "editor", "writer")
            self.assertEqual(data["user"]["email"], "writer@demo.example" if everybody else None)
            for node in data["posts"]["nodes"]:
                self.assertEqual(node["author"]["email"] is not None, everybody)
        self.check_error(self.session.ask(self.demo["editor"], "{ users { nodes { email } } }"), "FORBIDDEN")
        self.assertEqual(len(self.data("admin", "{ users { nodes { email } } }")["users"]["nodes"]), 5)

    def test_fields_of_the_operator(self):
        tenants = self.data(
            self.blog.operator(),
            "{ tenants { totalCount nodes { id identifier name subscriptionTier createdAt } } me { id } }",
        )
        self.assertEqual([node["identifier"] for node in tenants["tenants"]["nodes"]], ["demo", "another"])
        self.assertEqual(tenants["me"], None)
        for user in ("admin", "editor", "reader"):
            errors = self.check_error(
                self.session.ask(self.demo[user], "{ me { id } t: tenants { totalCount } }"), "FORBIDDEN"
            )
            self.assertEqual(errors[0]["path"], ["t"])

    def test_objects_within_objects(self):
        query = """query ($p: ID!) { comments(postId: $p) { nodes { id postId userId createdAt author { id name }
            post { id author { id } comments { nodes { id } } } } } }"""
        comments = self.data("reader", query, {"p": post_id("demo", 7)})["comments"]["nodes"]
        self.assertEqual(len(comments), 3)
        for comment in comments:
            self.assertEqual(comment["postId"], comment["post"]["id"])
            self.assertEqual(comment["userId"], comment["author"]["id"])
            self.assertEqual(
                [node["id"] for node in comment["post"]["comments"]["nodes"]], [other["id"] for other in comments]
            )

    def test_timestamps_whatever_the_session_is_set_to(self):
        dates = "createdAt updatedAt deletedAt"
        query = f'{{ post(id: "{post_id("demo", 2)}") {{ {dates} }} posts {{ pageInfo {{ endCursor }} }} }}'
        expected = self.data("admin", query)
        self.assertEqual(
            expected["post"],
            {"createdAt": "2026-02-04T09:00:00.000003Z", "updatedAt": "2026-02-20T09:00:00.000000Z", "deletedAt": None},
        )
        for settings in (
            ("TimeZone", "Asia/Tokyo"),
            ("TimeZone", "America/St_Johns"),
            ("DateStyle", "German"),
            ("DateStyle", "SQL, DMY"),
            ("IntervalStyle", "iso_8601"),
            ("bytea_output", "escape"),
            ("lc_time", "C.UTF-8"),
            ("TimeZone", "-13:37"),
        ):
            for fresh in (False, True):
                session = self.blog.session() if fresh else self.session
                session.rows("SET {} = '{}'".format(*settings))
                for entry in ("execute", "resolve"):
                    self.assertEqual(self.data("admin", query, session=session, entry=entry), expected, settings)

    def test_dates_at_the_ends(self):
        for date, written in (
            ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31 23:59:59.999999+00", "9999-12-31T23:59:59.999999Z"),
            ("1999-12-31 23:59:59.5+14", "1999-12-31T09:59:59.500000Z"),
        ):
            self.admin.rows("BEGIN")
            self.admin.rows(f"UPDATE saas_blog.tb_post SET created_at = '{date}' WHERE id = '{post_id('demo', 2)}'")
            field = "last" if date.startswith(("0001", "1999")) else "first"
            edge = self.admin.ask(
                self.demo["admin"], f"{{ posts({field}: 1) {{ edges {{ cursor node {{ id createdAt }} }} }} }}"
            )["data"]["posts"]["edges"][0]
            self.assertEqual((edge["node"]["id"], edge["node"]["createdAt"]), (post_id("demo", 2), written))
            place = f'{"before" if field == "last" else "after"}: "{edge["cursor"]}"'
            query = f"{{ posts({field}: 100, {place}) {{ nodes {{ id }} }} }}"
            self.assertEqual(len(self.admin.ask(self.demo["admin"], query)["data"]["posts"]["nodes"]), 14)
            self.admin.rows("ROLLBACK")


class Text(AnswerTest):
    """Text comes out as it went in, and the answer is JSON."""

    TEXTS = (
        "plain",
        "'single' \"double\" \\back\\slash\\\\",
        "line\nline\ttab",
        "é ü ß 漢字 שלום",
        "💥👩‍👩‍👧",
        '{"json": [1, null]}',
        "$1 $2 :x %s %n ${x}",
        "</script><b>&amp;",
        "\u2028\u2029\u200b\ufeff\ufffd\uffff",
        "x" * 200,
        "'; DROP TABLE tb_post; --",
        "\\u0041 \\n \\",
        "\U0010fffd",
        " ",
        "null",
    )

    def test_round_trip(self):
        id = post_id("demo", 5)
        query = f'{{ post(id: "{id}") {{ title content author {{ name }} }} }}'
        before = self.admin.rows(f"SELECT title, content FROM saas_blog.tb_post WHERE id = '{id}'")[0]
        update = "UPDATE saas_blog.tb_post SET title = {}, content = {} WHERE id = '" + id + "'"
        self.addCleanup(self.admin.rows, update.format(*map(quoted, before)))
        for text in self.TEXTS:
            self.admin.rows(update.format(quoted(text), quoted(text * 3)))
            for mode in ("on", "off"):
                self.session.rows(f"SET standard_conforming_strings = {mode}")
                for entry in ("execute", "resolve"):
                    post = self.data("reader", query, entry=entry)["post"]
                    self.assertEqual((post["title"], post["content"]), (text, text * 3))

    def test_strings_in_requests(self):
        """What a request says in a string names nothing here, and breaks nothing."""
        with self.blog.session() as fresh:
            fresh.rows("SET standard_conforming_strings = off")
            for session in (self.session, fresh):
                for text in self.TEXTS:
                    self.assertEqual(
                        self.data("reader", "query ($id: ID!) { post(id: $id) { id } }", {"id": text}, session),
                        {"post": None},
                    )
                    literal = json.dumps(text)
                    self.assertEqual(
                        self.data("reader", f"{{ post(id: {literal}) {{ id }} }}", session=session), {"post": None}
                    )
                    answer = session.ask(
                        self.demo["reader"], f"{{ posts(tenantId: {literal}, after: {literal}) {{ totalCount }} }}"
                    )
                    self.assertIn(codes(answer), (["FORBIDDEN"], ["BAD_USER_INPUT"]))


if __name__ == "__main__":
    unittest.main()
