"""Every list in every page size, forward and backward, against one naive list. Many rows share a creation date."""

import unittest

from blog import post_id, tenant_id, user_id
from test_answers import LIVE, NEWEST, OLDEST, SHOWN, AnswerTest

INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
PARTS = "nodes { id } edges { cursor node { id } } totalCount " + INFO
# Forward or not: a page's size, the cursor it begins at, the one the next begins at, and whether there is a next.
STEPS = {
    True: ("first", "after", "endCursor", "hasNextPage"),
    False: ("last", "before", "startCursor", "hasPreviousPage"),
}


class Paging(AnswerTest):
    """A list is a field, its other arguments, who asks, and the ids in order."""

    def page(self, token, field, arguments):
        """The connection that a field gives, however deep it lies."""
        part = f"({', '.join(arguments)}) {{ {PARTS} }}" if arguments else f" {{ {PARTS} }}"
        page = self.data(token, f"{{ {field.replace('%s', part)} }}")
        while "pageInfo" not in page:
            page = next(iter(page.values()))
        return page

    def walk(self, token, field, arguments, order, size, forward):
        """Goes through a list page by page; each page must say what lies before and behind it."""
        first, after, end, more = STEPS[forward]
        found, cursor = [], None
        while True:
            place = [f"{first}: {size}", *([f'{after}: "{cursor}"'] if cursor else [])]
            page = self.page(token, field, [*arguments, *place])
            ids, info = [node["id"] for node in page["nodes"]], page["pageInfo"]
            cursors = [edge["cursor"] for edge in page["edges"]] or [None]
            found = found + ids if forward else ids + found
            at = len(found) - len(ids) if forward else len(order) - len(found)
            self.assertEqual(ids, order[at : at + size] if forward else order[at : at + len(ids)])
            self.assertEqual([edge["node"]["id"] for edge in page["edges"]], ids)
            self.assertEqual((info["startCursor"], info["endCursor"]), (cursors[0], cursors[-1]))
            self.assertEqual((info["hasPreviousPage"], info["hasNextPage"]), (at > 0, at + len(ids) < len(order)))
            self.assertEqual(page["totalCount"], len(order))
            if not info[more]:
                break
            self.assertEqual(len(ids), size)
            cursor = info[end]
        self.assertEqual(found, order)

    def lists(self):
        """All lists, and how long each is."""
        editor, post = user_id("demo", "editor"), post_id("demo", 3)
        own = f"fk_user = {self.blog.key('user', editor)}"
        on_post = f"{LIVE} AND fk_post = {self.blog.key('post', post)}"

        def posts(condition):
            return self.listed("post", condition, NEWEST)

        comments = self.listed("comment", on_post, OLDEST)
        tenants = self.admin.column(f"SELECT id FROM saas_blog.tb_tenant ORDER BY {NEWEST}")
        by_editor = [f'authorId: "{editor}"', "published: true"]
        return (
            ("posts%s", [], "admin", posts(f"{LIVE} AND {SHOWN['admin']}"), 15),
            ("posts%s", [], "reader", posts(f"{LIVE} AND {SHOWN['reader']}"), 12),
            ("posts%s", ["published: false"], "editor", posts(f"{LIVE} AND NOT published"), 3),
            ("posts%s", by_editor, "admin", posts(f"{LIVE} AND published AND {own}"), 4),
            (f'user(id: "{editor}") {{ posts%s }}', [], "admin", posts(f"{LIVE} AND {own}"), 5),
            ("deletedPosts%s", [], "admin", posts("deleted_at IS NOT NULL"), 3),
            ("deletedPosts%s", [], "editor", posts(f"deleted_at IS NOT NULL AND {own}"), 1),
            ("users%s", [], "admin", self.listed("user", "true", NEWEST), 5),
            ("comments%s", [f'postId: "{post}"'], "reader", comments, 3),
            (f'post(id: "{post}") {{ comments%s }}', [], "reader", comments, 3),
            ("comments%s", [f'postId: "{post_id("demo", 4)}"'], "reader", [], 0),
            ("tenants%s", [], self.blog.operator(), tenants, 2),
        )

    def test_no_row_is_lost_or_doubled(self):
        for field, arguments, who, order, length in self.lists():
            self.assertEqual(len(order), length, field)
            for size in range(1, length + 2):
                for forward in STEPS:
                    with self.subTest(field=field, size=size, forward=forward):
                        self.walk(who, field, arguments, order, size, forward)

    def test_after_and_before_together(self):
        query = """query ($f: Int, $l: Int, $a: String, $b: String) {
            posts(first: $f, last: $l, after: $a, before: $b) { nodes { id } %s } }"""
        query = query % "pageInfo { hasNextPage hasPreviousPage }"
        order = self.listed("post", LIVE, NEWEST)
        edges = self.data("admin", "{ posts(first: 100) { edges { cursor node { id } } } }")["posts"]["edges"]
        cursors = [edge["cursor"] for edge in edges]
        for after in (None, 0, 4, 14):
            for before in (None, 0, 5, 9, 14):
                start, end = (0 if after is None else after + 1), (15 if before is None else before)
                between = order[start:end] if start < end else []
                for name, size in (("f", 2), ("f", 100), ("l", 2), ("l", 100), ("f", 0), ("l", 0)):
                    variables = {
                        "a": None if after is None else cursors[after],
                        "b": None if before is None else cursors[before],
                        name: size,
                    }
                    page = self.data("admin", query, variables)["posts"]
                    expected = (
                        (between[:size] if name == "f" else between[max(0, len(between) - size) :]) if size else []
                    )
                    self.assertEqual([node["id"] for node in page["nodes"]], expected, variables)
                    info = page["pageInfo"]
                    if name == "f":
                        beyond = size < len(between) or before is not None
                        self.assertEqual(
                            (info["hasNextPage"], info["hasPreviousPage"]),
                            (beyond, after is not None),
                            (after, before, name, size),
                        )
                    else:
                        beyond = size < len(between) or after is not None
                        self.assertEqual(
                            (info["hasPreviousPage"], info["hasNextPage"]),
                            (beyond, before is not None),
                            (after, before, name, size),
                        )

    def test_default_page_is_twenty_and_limit_is_first(self):
        self.admin.rows("""INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title, published)
            SELECT fk_tenant, pk_user, 'More ' || n, true
            FROM saas_blog.tb_user, generate_series(1, 10) AS n WHERE name = 'writer of demo'""")
        self.addCleanup(self.admin.rows, "DELETE FROM saas_blog.tb_post WHERE title LIKE 'More%'")
        posts = self.data("admin", "{ posts { totalCount nodes { id } pageInfo { hasNextPage } } }")["posts"]
        self.assertEqual((posts["totalCount"], len(posts["nodes"]), posts["pageInfo"]["hasNextPage"]), (25, 20, True))
        self.assertEqual(
            self.data("admin", '{ posts(tenantId: "demo", limit: 7) { nodes { id } } }')["posts"]["nodes"],
            posts["nodes"][:7],
        )
        self.assertEqual(
            len(
                self.data("admin", f'{{ posts(tenantId: "{tenant_id("demo").upper()}") {{ nodes {{ id }} }} }}')[
                    "posts"
                ]["nodes"]
            ),
            20,
        )


if __name__ == "__main__":
    unittest.main()
