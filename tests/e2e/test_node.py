"""`node(id:)`: whatever has an id, for who may find it, by one statement."""

import itertools
import unittest

from blog import ROLES, UNKNOWN_ID, USER_OF_ROLE, identifier, post_id, tenant_id, user_id
from test_answers import AnswerTest

NODE = """query ($id: ID!) { node(id: $id) { __typename id ... on Post { title } ... on User { name }
    ... on Comment { content post { id } } ... on Tenant { identifier } } }"""


def comment_id(tenant, post, number):
    """The id of a comment on a post, number 0 being the deleted one; see blog.sql."""
    return identifier(tenant, 3, post * 10 + 9 - number)


class Node(AnswerTest):
    """What is found, and what is null."""

    def node(self, user, id, query=NODE, **named):
        return self.data(user, query, {"id": id}, **named)["node"]

    def test_each_type(self):
        for entry in ("execute", "resolve"):
            for user in ("admin", "editor", "reader"):
                for id, wanted in (
                    (post_id("demo", 2), {"__typename": "Post", "title": "Post 2 of demo"}),
                    (user_id("demo", "silent"), {"__typename": "User", "name": "silent of demo"}),
                    (tenant_id("demo"), {"__typename": "Tenant", "identifier": "demo"}),
                    (
                        comment_id("demo", 3, 2),
                        {
                            "__typename": "Comment",
                            "content": "Comment 2 on Post 3 of demo",
                            "post": {"id": post_id("demo", 3)},
                        },
                    ),
                ):
                    self.assertEqual(self.node(user, id, entry=entry), {**wanted, "id": id})

    def test_what_is_not_there(self):
        for id in (
            UNKNOWN_ID,
            "",
            "1",
            "x" * 1000,
            post_id("demo", 2)[:-1],
            post_id("demo", 2) + "0",
            "{" + post_id("demo", 2) + "}",
            post_id("demo", 2).replace("-", ""),
            "' OR true --",
            post_id("demo", 16),
            post_id("demo", 18),
            comment_id("demo", 3, 0),
            comment_id("demo", 17, 1),
        ):
            for user in ("admin", "reader"):
                self.assertIsNone(self.node(user, id), id)

    def test_other_tenants(self):
        ids = [tenant_id("another"), *(user_id("another", user) for user in USER_OF_ROLE.values())]
        ids += [post_id("another", number) for number in (1, 2, 13, 16)] + [comment_id("another", 3, 1)]
        for user, id in itertools.product(("admin", "editor", "reader"), ids):
            self.assertIsNone(self.node(user, id), id)
        # The same ids are there for their own tenant.
        found = [self.node(self.another["admin"], id) is not None for id in ids]
        self.assertEqual(found.count(False), 1)

    def test_drafts_and_comments_on_them(self):
        draft, live, trashed = (post_id("demo", number) for number in (13, 2, 17))
        comments = [comment_id("demo", number, 1) for number in (13, 2, 17)]
        for user, sees_drafts in (("admin", True), ("editor", True), ("reader", False), ("silent", False)):
            for ids in ((draft, live, trashed), comments):
                found = [self.node(user, id) is not None for id in ids]
                self.assertEqual(found, [sees_drafts, True, False], (user, ids))

    def test_a_deleted_post_is_told_by_none_of_its_comments(self):
        self.admin.rows("BEGIN")
        id = comment_id("demo", 3, 1)
        self.assertEqual(self.admin.ask(self.demo["reader"], NODE, {"id": id})["data"]["node"]["id"], id)
        self.admin.rows(f"UPDATE saas_blog.tb_post SET deleted_at = now() WHERE id = '{post_id('demo', 3)}'")
        self.assertEqual(self.admin.ask(self.demo["reader"], NODE, {"id": id}), {"data": {"node": None}})
        self.admin.rows("ROLLBACK")

    def test_scopes(self):
        rows = (
            (post_id("demo", 2), "read:posts"),
            (comment_id("demo", 3, 1), "read:comments"),
            (user_id("demo", "silent"), "read:users"),
            (user_id("demo", "admin"), "read:users"),
        )
        query = NODE.replace("post { id }", "")
        for scopes in ([], ["read:posts"], ["read:comments", "read:users"], ["read:posts", "read:users"]):
            token = self.blog.token("demo", "admin", scopes=scopes)
            for id, scope in rows:
                self.assertEqual(self.node(token, id, query) is not None, scope in scopes, (scopes, id))
            self.assertEqual(self.node(token, tenant_id("demo"), query)["identifier"], "demo")
        # A field inside of what is looked for is refused, as everywhere; inside of what is not, it is not.
        token = self.blog.token("demo", "admin", scopes=["read:comments"])
        (error,) = self.check_error(self.session.ask(token, NODE, {"id": UNKNOWN_ID}), "FORBIDDEN")
        self.assertEqual(error["path"], ["node", "post"])
        inside = "query ($id: ID!) { node(id: $id) { ... on User { posts { totalCount } } id } }"
        self.assertEqual(self.node(token, comment_id("demo", 3, 1), inside), {"id": comment_id("demo", 3, 1)})

    def test_an_operator_may_not_ask(self):
        operator = self.blog.operator()
        for id in (post_id("demo", 2), user_id("demo", "admin"), tenant_id("demo"), UNKNOWN_ID):
            (error,) = self.check_error(self.session.ask(operator, NODE, {"id": id}), "FORBIDDEN")
            self.assertEqual(error["path"], ["node"])

    def test_fragments_aliases_and_types_that_nothing_is_asked_of(self):
        query = """query ($p: ID!, $u: ID!) {
            post: node(id: $p) { ...P } again: node(id: $p) { ... on Node { key: id } type: __typename }
            user: node(id: $u) { ...P } both: node(id: $u) { ...P ...U }
            none: node(id: $u) { id @skip(if: true) } }
            fragment P on Post { title author { name } }
            fragment U on Node { ... on User { name me: id } ...P }"""
        data = self.data("reader", query, {"p": post_id("demo", 2), "u": user_id("demo", "reader")})
        self.assertEqual(list(data), ["post", "again", "user", "both", "none"])
        self.assertEqual(data["post"]["title"], "Post 2 of demo")
        self.assertEqual(data["again"], {"key": post_id("demo", 2), "type": "Post"})
        self.assertEqual(data["both"], {"name": "reader of demo", "me": user_id("demo", "reader")})
        self.assertEqual((data["user"], data["none"]), (None, None))

    def test_an_email_is_shown_as_elsewhere(self):
        query = "query ($id: ID!) { node(id: $id) { ... on User { email } } }"
        for role in ROLES:
            for user in ("reader", "writer"):
                asks = USER_OF_ROLE[role]
                shown = role != "subscriber" or user == asks
                wanted = {"email": f"{user}@demo.example" if shown else None}
                self.assertEqual(self.node(asks, user_id("demo", user), query), wanted)


if __name__ == "__main__":
    unittest.main()
