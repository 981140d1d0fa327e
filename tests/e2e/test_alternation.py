"""Attacks across tenants within one session: kept plans, cursors, and ids of the other tenant."""

import json
import random
import unittest

from blog import (
    INTEGER_KEY,
    INTERNALS,
    POSTS,
    ROLE_OF_USER,
    TENANTS,
    UNKNOWN_ID,
    USERS,
    BlogTest,
    codes,
    identifier,
    post_id,
    tenant_id,
    user_id,
)

# Requests that any role may send, with the variables that a tenant fills in.
SHAPES = {
    "me": "{ me { id name email role posts { nodes { title } } } tenant { id identifier name } }",
    "posts": POSTS,
    "page": """query ($first: Int!, $full: Boolean!) { posts(first: $first) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { cursor node { title ... @include(if: $full) { content author { name email } commentCount } } } } }""",
    "post": "query ($post: ID!) { post(id: $post) { title published comments { nodes { content author { name } } } } }",
    "draft": "query ($draft: ID!) { post(id: $draft) { title } }",
    "comments": "query ($post: ID!) { comments(postId: $post, last: 2) { nodes { content post { title } userId } } }",
    "user": "query ($user: ID!) { user(id: $user) { name email posts(first: 2) { nodes { title published } } } }",
    "byAuthor": "query ($user: ID!) { posts(authorId: $user, published: true) { totalCount nodes { title } } }",
    "tenant": "query ($tenant: ID!) { posts(tenantId: $tenant, limit: 3) { nodes { title } } }",
    "trash": "{ deletedPosts { totalCount nodes { title deletedAt } } }",
    "users": "{ users(first: 3) { nodes { name email } } }",
    "literal": "{ a: posts(first: 1) { nodes { title } } b: posts(first: 2) { nodes { title } } }",
}


def variables(tenant, number):
    """Values of the tenant for all variables of the shapes; a request takes those that it declares."""
    return {
        "post": post_id(tenant, number % 12 + 1),
        "draft": post_id(tenant, 13),
        "user": user_id(tenant, "editor"),
        "tenant": (tenant, tenant_id(tenant))[number % 2],
        "first": number % 5 + 1,
        "full": number % 3 == 0,
    }


class KeptPlans(BlogTest):
    """Statements that one caller has made the session keep, for the next one."""

    def callers(self):
        """Tenants and users, and for one user of each tenant fewer scopes."""
        for tenant in TENANTS:
            for user in ("admin", "editor", "writer", "reader"):
                yield tenant, user, {}
            yield tenant, "admin", {"scopes": ["read:posts"]}
            yield tenant, "reader", {"scopes": ["read:posts", "read:comments"]}

    def test_tenants_and_roles_that_alternate_in_one_session(self):
        requests = [
            (tenant, user, changed, shape, number)
            for tenant, user, changed in self.callers()
            for shape in SHAPES
            for number in (0, 1)
        ]
        answers = {}
        chance = random.Random(1)
        for tenant, user, changed, shape, number in chance.choices(requests, k=700):
            token = self.blog.token(tenant, user, **changed)
            request = (token, SHAPES[shape], variables(tenant, number))
            found = self.session.text(*request)
            key = (token, shape, number)
            if key not in answers:
                with self.blog.session() as fresh:
                    answers[key] = fresh.text(*request)
            self.assertEqual(found, answers[key], (tenant, user, changed, shape))
            self.assertNotIn("another" if tenant == "demo" else "demo", found)
            self.assertIsNone(INTEGER_KEY.search(found), found)
        self.assertGreater(sum('"data"' in answer for answer in answers.values()), 100)
        self.assertGreater(sum("FORBIDDEN" in answer for answer in answers.values()), 10)

    def test_a_plan_that_an_admin_has_made_for_a_subscriber(self):
        query = "{ posts(first: 100) { totalCount nodes { title published author { email } } } }"
        for user, count in (("admin", 15), ("reader", 12), ("editor", 15), ("silent", 12)) * 2:
            posts = self.session.ask(self.demo[user], query)["data"]["posts"]
            self.assertEqual((posts["totalCount"], len(posts["nodes"])), (count, count))
            emails = {node["author"]["email"] for node in posts["nodes"]}
            self.assertEqual(emails == {None}, ROLE_OF_USER[user] == "subscriber")

    def test_every_value_of_skip_and_include(self):
        query = """query ($a: Boolean!, $b: Boolean!, $c: Boolean = true) { posts(first: 1) { nodes {
            a: title @skip(if: $a) b: title @include(if: $b) ... @skip(if: $a) @include(if: $c) { c: title } id } } }"""
        for number in list(range(8)) * 3:
            a, b, c = (bool(number & bit) for bit in (1, 2, 4))
            for tenant in TENANTS:
                token = self.blog.token(tenant, "admin")
                answer = self.session.ask(token, query, {"a": a, "b": b, "c": c})
                keys = [key for key, there in (("a", not a), ("b", b), ("c", not a and c), ("id", True)) if there]
                self.assertEqual(list(answer["data"]["posts"]["nodes"][0]), keys)

    def test_values_are_checked_although_the_plan_is_kept(self):
        """The text is the same, so its statement is known: what is wrong is only the value."""
        query = """query ($first: Int, $after: String) {
            posts(tenantId: "demo", first: $first, after: $after) { nodes { id } } }"""
        for first, after, code in (
            (2, None, None),
            (-1, None, "BAD_USER_INPUT"),
            (101, None, "BAD_USER_INPUT"),
            (1, "garbage", "BAD_USER_INPUT"),
            (3, None, None),
        ):
            answer = self.session.ask(self.demo["reader"], query, {"first": first, "after": after})
            self.assertEqual(codes(answer), [code] if code else [])
        self.assertEqual(codes(self.session.ask(self.another["reader"], query, {"first": 2})), ["FORBIDDEN"])
        literal = "{ posts(first: %s) { nodes { id } } }"
        self.assertEqual(codes(self.session.ask(self.demo["reader"], literal % "1")), [])
        self.assertEqual(codes(self.session.ask(self.demo["reader"], literal % "101")), ["BAD_USER_INPUT"])
        self.assertEqual(codes(self.session.ask(self.demo["reader"], literal % "99999999999")), ["GRAPHQL_VALIDATION_FAILED"])


# A field, the kind of fixture whose id it takes, and a number of one that is there.
BY_ID = (
    ("post(id: $id) { id title content comments { nodes { content } } }", 2, 1),
    ("user(id: $id) { id name email posts { nodes { title } } }", 1, USERS["editor"]),
    ("comments(postId: $id) { totalCount nodes { content } pageInfo { hasNextPage startCursor } }", 2, 1),
    ("posts(authorId: $id) { totalCount nodes { title } pageInfo { hasPreviousPage endCursor } }", 1, USERS["editor"]),
    ("posts(tenantId: $id) { nodes { title } }", 0, 0),
)


class ForeignIds(BlogTest):
    """What exists in another tenant answers exactly as what exists nowhere."""

    def test_ids_of_another_tenant(self):
        for field, kind, number in BY_ID:
            query = f"query ($id: ID!) {{ {field} }}"
            foreign, unknown, own = identifier("another", kind, number), UNKNOWN_ID, identifier("demo", kind, number)
            self.assertIn("of demo", self.session.text(self.demo["admin"], query, {"id": own}))
            for user in USERS:
                expected = self.session.text(self.demo[user], query, {"id": unknown})
                self.assertEqual(self.session.text(self.demo[user], query, {"id": foreign}), expected, field)
                literal = "{ %s }" % field.replace("$id", '"%s"')
                self.assertEqual(
                    *(self.session.text(self.demo[user], literal % id) for id in (foreign, unknown)), field
                )

    def test_identifier_of_another_tenant(self):
        query = "query ($id: ID!) { posts(tenantId: $id) { nodes { title } } }"
        answers = {self.session.text(self.demo["admin"], query, {"id": name}) for name in ("another", "nobody", "")}
        self.assertEqual(len(answers), 1)
        self.check_error(json.loads(answers.pop()), "FORBIDDEN")

    def test_drafts_and_trash_by_id_for_those_who_may_not_see_them(self):
        for number, who in ((13, {"admin", "editor", "writer"}), (16, set()), (18, set())):
            for user in USERS:
                answer = self.session.ask(
                    self.demo[user],
                    "query ($id: ID!) { post(id: $id) { id } comments(postId: $id) " "{ totalCount nodes { id } } }",
                    {"id": post_id("demo", number)},
                )["data"]
                self.assertEqual(answer["post"] is not None, user in who)
                self.assertEqual(answer["comments"]["totalCount"] > 0, user in who)

    def test_cursors_of_another_tenant(self):
        """A cursor is a place in a list, not a right: it never shows a row of the tenant that it comes from."""
        query = """query ($c: String) {
            posts(first: 3, after: $c) { nodes { title } pageInfo { hasPreviousPage endCursor } } }"""
        cursor = None
        for _ in range(5):
            page = self.session.ask(self.another["admin"], query, {"c": cursor})["data"]["posts"]
            cursor = page["pageInfo"]["endCursor"]
            found = self.session.text(self.demo["reader"], query, {"c": cursor})
            self.assertNotIn("of another", found)
            self.assertNotIn("errors", found)

    def test_a_cursor_names_no_internal_key(self):
        query = "{ posts(first: 100) { edges { cursor node { id createdAt } } } }"
        for edge in self.session.ask(self.demo["admin"], query)["data"]["posts"]["edges"]:
            row = f"""SELECT substr(decode('{edge["cursor"]}', 'base64'), 4)
                = timestamptz_send('{edge["node"]["createdAt"]}') || uuid_send('{edge["node"]["id"]}')"""
            self.assertEqual(self.admin.value(row), "t")

    def test_error_messages_name_nothing_of_the_inside(self):
        requests = [
            (self.demo["reader"], "{ deletedPosts { totalCount } users { totalCount } tenants { totalCount } }"),
            (self.demo["reader"], '{ posts(after: "x") { nodes { id } } }'),
            ("x.y.z", "{ me { id } }"),
            (None, "{ me { id } }"),
            (self.demo["admin"], "{ posts { nodes { fk_tenant pk_post tb_post } } }"),
            (self.demo["admin"], '{ posts(tenantId: "another") { totalCount } }'),
            (self.demo["admin"], 'mutation { createPost(title: "x") { id } }'),
            (self.demo["admin"], "{"),
            (self.demo["admin"], "subscription { commentCreated(postId: 1) { id } }"),
        ]
        for token, query in requests:
            answer = self.session.ask(token, query)
            self.assertNotEqual(codes(answer), [])
            for error in answer["errors"]:
                message = error["message"]
                for quoted_by_the_client in ("fk_tenant", "pk_post", "tb_post"):
                    message = message.replace(f'"{quoted_by_the_client}"', "")
                self.assertIsNone(INTERNALS.search(message), message)
                self.assertNotIn("another", message)


if __name__ == "__main__":
    unittest.main()
