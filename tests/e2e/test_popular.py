"""popularPosts: which posts it gives in which order, and when the ranking that is kept for a tenant is used."""

import re
import unittest

from blog import TENANTS, BlogTest, codes, post_id, tenant_id
from workers import COMMENT, CREATE, DELETE, RESTORE, UPDATE

POPULAR = "query ($n: Int) { popularPosts(first: $n) { title } }"
# What each tenant's posts have of comments that count; ties go to the newest, and of those that share a date to the
# highest id.
FRESH = {4: 3, 2: 2, 9: 2, 7: 1}
FIRST = [4, 9, 2, 7]
# Posts without comments, the newest first.
REST = [3, 10, 6, 12, 5, 8, 1, 11]
RANKING = "SELECT xmin, computed_at FROM saas_blog.tb_popular_ranking"
COMMENTED = """INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content, created_at, deleted_at)
    SELECT fk_tenant, pk_post, fk_user, 'Popular', now() - interval '{age}', {deleted} FROM saas_blog.tb_post
    CROSS JOIN generate_series(1, {count}) WHERE id = '{id}'"""


class PopularTest(BlogTest):
    """Every test begins without a ranking, with comments that are an hour old; what it changes is put back."""

    def setUp(self):
        super().setUp()
        self.forget()
        for tenant in TENANTS:
            for post, count in FRESH.items():
                self.comment(post, count, tenant)
        self.addCleanup(self.clean)

    def clean(self):
        for table in ("comment", "post"):
            self.admin.rows(f"DELETE FROM saas_blog.tb_{table} WHERE created_at > now() - interval '90 days'")
        self.admin.rows("UPDATE saas_blog.tb_post SET deleted_at = NULL, published = true WHERE title ~ 'Post [1-9] '")
        self.forget()

    def forget(self):
        self.admin.rows("DELETE FROM saas_blog.tb_popular_ranking")
        self.admin.rows("DELETE FROM saas_blog.tb_popular_marker")

    def comment(self, post, count=1, tenant="demo", age="1 hour", deleted="NULL"):
        """Comments that somebody imports."""
        id = post_id(tenant, post)
        self.admin.rows(COMMENTED.format(age=age, deleted=deleted, count=count, id=id))

    def popular(self, first=6, session=None, token=None):
        """The posts of an answer: numbers of fixtures, titles of others."""
        return self.posts((session or self.session).ask(token or self.demo["reader"], POPULAR, {"n": first}))

    def posts(self, answer):
        self.assertNotIn("errors", answer)
        titles = [post["title"] for post in answer["data"]["popularPosts"]]
        found = [re.fullmatch(r"Post (\d+) of \w+", title) for title in titles]
        return [int(match[1]) if match else title for match, title in zip(found, titles)]

    def kept(self, tenant="demo"):
        """Which ranking is stored: no two are equal. None: there is none."""
        key = self.blog.key("tenant", tenant_id(tenant))
        rows = self.admin.rows(f"{RANKING} WHERE fk_tenant = {key}")
        return rows[0] if rows else None

    def write(self, query, session=None, user="admin", **variables):
        """The result of a mutation."""
        answer = (session or self.session).ask(self.demo[user], query, variables)
        self.assertEqual(codes(answer), [])
        return next(iter(answer["data"].values()))

    def expire(self, seconds=3600):
        self.admin.rows(f"UPDATE saas_blog.tb_popular_ranking SET computed_at = now() - interval '{seconds} seconds'")


class Ranking(PopularTest):
    """The posts and their order."""

    def test_the_most_commented_and_then_the_newest(self):
        for tokens in (self.demo, self.another):
            for user in tokens:
                self.forget()
                self.assertEqual(self.popular(100, token=tokens[user]), FIRST + REST)
                self.assertEqual(self.popular(100, token=tokens[user]), FIRST + REST)
        self.assertEqual(self.popular(0), [])
        self.assertEqual(self.popular(1), [4])
        answer = self.session.ask(self.demo["reader"], "{ popularPosts { title } }")
        self.assertEqual(self.posts(answer), (FIRST + REST)[:10])
        self.check_error(self.session.ask(self.demo["reader"], POPULAR, {"n": 101}), "BAD_USER_INPUT")
        self.check_error(self.session.ask(self.demo["reader"], POPULAR, {"n": -1}), "BAD_USER_INPUT")

    def test_comments_that_do_not_count(self):
        """Those older than 30 days, deleted ones, and all on posts that are no candidates."""
        self.comment(1, 9, age="30 days 1 second")
        self.comment(3, 9, deleted="now()")
        for post in (13, 14, 15, 16, 17, 18):
            self.comment(post, 9)
        self.comment(5, 9, tenant="another")
        for user in self.demo:
            self.forget()
            self.assertEqual(self.popular(100, token=self.demo[user]), FIRST + REST)
        self.comment(1, 4, age="29 days 23 hours 59 minutes")
        self.forget()
        self.assertEqual(self.popular(2), [1, 4])

    def test_a_post_that_is_gone_leaves_its_place(self):
        """A superuser's change ends no ranking: a valid one is not believed either."""
        self.popular()
        before = self.kept()
        self.admin.rows(f"UPDATE saas_blog.tb_post SET published = false WHERE id = '{post_id('demo', 4)}'")
        self.admin.rows(f"UPDATE saas_blog.tb_post SET deleted_at = now() WHERE id = '{post_id('demo', 2)}'")
        for user in self.demo:
            self.assertEqual(self.popular(3, token=self.demo[user]), [9, 7, 3])
        self.assertEqual(self.kept(), before)
        self.forget()
        for user in self.demo:
            self.assertEqual(self.popular(3, token=self.demo[user]), [9, 7, 3])

    def test_a_ranking_of_many(self):
        """Two hundred are kept, also if the first thousands of commented posts are drafts."""
        self.admin.rows("BEGIN")
        self.addCleanup(self.admin.rows, "ROLLBACK")
        self.admin.rows("""INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, identifier, title, published, created_at)
            SELECT u.fk_tenant, u.pk_user, 'many-' || n, 'Many ' || n, n > 1500,
                '2026-05-01 09:00+00'::timestamptz + n % 2 * interval '1 day'
            FROM generate_series(1, 1900) AS n, saas_blog.tb_user AS u WHERE u.name = 'editor of demo'""")
        self.admin.rows("""INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            SELECT p.fk_tenant, p.pk_post, p.fk_user, 'c' FROM saas_blog.tb_post AS p
            CROSS JOIN generate_series(1, CASE WHEN p.published THEN 3 ELSE 4 END) WHERE p.title LIKE 'Many%'""")
        expected = self.admin.column("""SELECT p.title FROM saas_blog.tb_post AS p
            JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = p.fk_tenant AND t.identifier = 'demo'
            WHERE p.published AND p.deleted_at IS NULL ORDER BY (
                SELECT count(*) FROM saas_blog.tb_comment AS c WHERE c.fk_post = p.pk_post AND c.deleted_at IS NULL
                AND c.created_at > now() - interval '30 days') DESC, p.created_at DESC, p.id DESC LIMIT 100""")
        for user in ("admin", "reader"):
            answer = self.admin.ask(self.demo[user], POPULAR, {"n": 100})
            self.assertEqual([post["title"] for post in answer["data"]["popularPosts"]], expected)
        # This transaction has written: it stores nothing.
        self.assertEqual(self.admin.rows(RANKING), [])
        self.admin.rows("SET LOCAL app.role = 'admin'")
        self.admin.rows(f"SET LOCAL app.tenant_pk = {self.blog.key('tenant', tenant_id('demo'))}")
        found = self.admin.rows(
            "SELECT cardinality(posts), cardinality(counts), counts[1], counts[200] FROM saas_blog.popular_ranking()"
        )
        self.assertEqual(found, [["200", "200", "3", "3"]])

    def test_a_tenant_without_posts(self):
        self.admin.rows("BEGIN")
        self.addCleanup(self.admin.rows, "ROLLBACK")
        self.admin.rows("UPDATE saas_blog.tb_post SET published = false")
        self.assertEqual(self.admin.ask(self.demo["admin"], POPULAR, {"n": 9}), {"data": {"popularPosts": []}})

    def test_who_writes_rankings_and_markers(self):
        """The compiled statements' role, for its own tenant, while it is of a role that sees posts.

        The transaction of a marker is not its choice."""
        demo, another = (self.blog.key("tenant", tenant_id(name)) for name in TENANTS)
        ranking = """INSERT INTO saas_blog.tb_popular_ranking (fk_tenant, posts, counts, snapshot)
            VALUES ({}, '{{}}', '{{}}', '1:1:')"""
        refused = (
            ranking.format(another),
            f"INSERT INTO saas_blog.tb_popular_marker (fk_tenant) VALUES ({another})",
            f"INSERT INTO saas_blog.tb_popular_marker (fk_tenant, xid) VALUES ({demo}, '9')",
            "UPDATE saas_blog.tb_popular_marker SET xid = '9'",
            "DELETE FROM saas_blog.tb_popular_marker",
            "DELETE FROM saas_blog.tb_popular_ranking",
        )
        session = self.blog.session(None)
        self.addCleanup(session.close)
        session.rows("SELECT saas_blog.tenant_pk()")
        for role, allowed in (("subscriber", True), ("operator", False), ("", False)):
            for statement in ("BEGIN", f"SET LOCAL app.role = '{role}'", f"SET LOCAL app.tenant_pk = {demo}",
                              "SET LOCAL ROLE saas_blog_exec", "SAVEPOINT here"):  # fmt: skip
                session.rows(statement)
            for statement in refused:
                self.refused(session, statement, "42501")
                session.rows("ROLLBACK TO here")
            if allowed:
                session.rows(ranking.format(demo))
            else:
                self.refused(session, ranking.format(demo), "42501")
            session.rows("ROLLBACK")


class Cache(PopularTest):
    """When a ranking is computed anew."""

    def check_hit(self, expected):
        """A ranking is there and is used, though there are comments that it does not know."""
        before = self.kept()
        self.assertIsNotNone(before)
        self.comment(12, 8)
        self.assertEqual(self.popular(), expected)
        self.assertEqual(self.kept(), before)
        key = self.blog.key("post", post_id("demo", 12))
        self.admin.rows(f"DELETE FROM saas_blog.tb_comment WHERE content = 'Popular' AND fk_post = {key}")

    def check_miss(self, expected):
        """The ranking is computed anew, and then used."""
        before = self.kept()
        self.assertEqual(self.popular(), expected)
        self.assertNotEqual(self.kept(), before)
        self.check_hit(expected)

    def test_a_hit_and_what_does_not_end_it(self):
        expected = (FIRST + REST)[:6]
        self.check_miss(expected)
        before = self.kept()
        # Comments, mutations that change nothing or fail, other tenants, and other sessions' questions.
        comment = self.write(COMMENT, user="reader", post=post_id("demo", 8), content="New")
        self.write("mutation ($id: ID!) { deleteComment(id: $id) { id } }", user="reader", id=comment["id"])
        self.write(UPDATE, id=post_id("demo", 8), title="Post 8 of demo")
        answer = self.session.ask(self.demo["reader"], UPDATE, {"id": post_id("demo", 8), "title": "New"})
        self.assertEqual(codes(answer), ["FORBIDDEN"])
        answer = self.session.ask(self.demo["admin"], UPDATE, {"id": post_id("another", 8), "title": "New"})
        self.assertEqual(codes(answer), ["NOT_FOUND"])
        answer = self.session.ask(self.another["admin"], CREATE, {"title": "New"})
        self.assertEqual(codes(answer), [])
        for user in self.demo:
            with self.blog.session() as session:
                self.assertEqual(self.popular(session=session, token=self.demo[user]), expected)
        self.check_hit(expected)
        self.assertEqual(self.kept(), before)

    def test_each_mutation_of_a_post(self):
        self.check_miss([*FIRST, 3, 10])
        post = self.write(CREATE, title="New")
        self.check_miss([*FIRST, "New", 3])
        self.write(UPDATE, id=post["id"], title="Newer")
        self.check_miss([*FIRST, "Newer", 3])
        self.write(UPDATE, id=post["id"], published=False)
        self.check_miss([*FIRST, 3, 10])
        self.write(UPDATE, id=post["id"], published=True)
        self.check_miss([*FIRST, "Newer", 3])
        self.write(DELETE, id=post["id"])
        self.check_miss([*FIRST, 3, 10])
        self.write(RESTORE, id=post["id"])
        self.check_miss([*FIRST, "Newer", 3])

    def test_expiry(self):
        self.check_miss([4, 9, 2, 7, 3, 10])
        self.expire(3590)
        self.check_hit([4, 9, 2, 7, 3, 10])
        self.expire()
        self.comment(12, 8)
        self.check_miss([12, 4, 9, 2, 7, 3])

    def test_the_setting(self):
        self.popular()
        self.expire(100)
        before = self.kept()
        for seconds, same in ((101, True), (99, False), (0, True)):
            session = self.with_settings(popular_posts_ttl=seconds)
            before = self.kept()
            self.assertEqual(self.popular(session=session), (FIRST + REST)[:6])
            self.assertEqual(self.kept() == before, same, seconds)
        # With 0 nothing is kept, and what is kept is not used.
        self.comment(12, 8)
        self.assertEqual(self.popular(session=session), [12, 4, 9, 2, 7, 3])
        self.assertEqual(self.kept(), before)

    def test_what_is_rolled_back(self):
        self.check_miss([4, 9, 2, 7, 3, 10])
        before = self.kept()
        with self.blog.session() as session:
            session.rows("BEGIN")
            self.write(CREATE, session, title="New")
            # Its own change is there for itself, and nobody else is told.
            self.assertEqual(self.popular(session=session), [4, 9, 2, 7, "New", 3])
            self.check_hit([4, 9, 2, 7, 3, 10])
            session.rows("ROLLBACK")
            session.rows("BEGIN")
            session.rows("SAVEPOINT here")
            self.write(DELETE, session, id=post_id("demo", 4))
            self.assertEqual(self.popular(session=session), [9, 2, 7, 3, 10, 6])
            session.rows("ROLLBACK TO here")
            self.assertEqual(self.popular(session=session), [4, 9, 2, 7, 3, 10])
            session.rows("COMMIT")
        self.check_hit([4, 9, 2, 7, 3, 10])
        self.assertEqual(self.kept(), before)
        self.assertEqual(self.admin.rows("SELECT * FROM saas_blog.tb_popular_marker"), [])

    def test_many_posts_of_one_transaction(self):
        self.popular()
        with self.blog.session() as session:
            session.rows("BEGIN")
            for number in range(3):
                self.write(CREATE, session, title=f"New {number}")
            session.rows("COMMIT")
        self.assertEqual(self.admin.value("SELECT count(*) FROM saas_blog.tb_popular_marker"), "1")
        self.assertEqual(set(self.popular(7)[4:]), {"New 0", "New 1", "New 2"})

    def test_maintain_removes_what_has_been_seen(self):
        """And no ranking that has ended becomes valid by it."""
        markers = "SELECT count(*) FROM saas_blog.tb_popular_marker"
        self.write(CREATE, title="New")
        self.check_miss([*FIRST, "New", 3])
        self.admin.rows("SELECT saas_blog.maintain()")
        self.assertEqual(self.admin.value(markers), "0")
        self.check_hit([*FIRST, "New", 3])
        self.write(CREATE, title="Newer")
        before = self.kept()
        self.admin.rows("SELECT saas_blog.maintain()")
        self.assertEqual((self.admin.value(markers), self.kept()), ("1", before))
        self.check_miss([*FIRST, "Newer", "New"])
        # Nobody has asked for longer than a ranking is good: both go.
        self.write(CREATE, title="Newest")
        self.expire()
        self.admin.rows("SELECT saas_blog.maintain()")
        self.assertEqual((self.admin.value(markers), self.kept()), ("0", None))
        self.check_miss([*FIRST, "Newest", "Newer"])


if __name__ == "__main__":
    unittest.main()
