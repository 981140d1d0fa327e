"""A hot standby answers as its primary does. It is made of the cluster that `scripts/cluster` has started."""

import os
import time
import unittest

from blog import POSTS, TENANTS, USERS, BlogTest, codes, parsed, post_id, user_id
from servers import STANDBY_PORT, hot_standby
from workers import COMMENT, CREATE, DELETE, RESTORE, ROLE, UPDATE, keyed, outcome


@unittest.skipUnless("CLUSTER_BIN" in os.environ, "the programs of the server are not known")
class Standby(BlogTest):
    """One standby for all tests, in a folder that is removed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = hot_standby(cls)

    def setUp(self):
        super().setUp()
        self.standby = self.blog.session(environment={"PGHOST": self.folder, "PGPORT": STANDBY_PORT})
        self.addCleanup(self.standby.close)

    def caught_up(self):
        """Waits until the standby has replayed what the primary has written."""
        target = self.admin.value("SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + 30
        while self.standby.value(f"SELECT pg_last_wal_replay_lsn() >= '{target}'") == "f":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_answers_of_a_hot_standby(self):
        self.assertEqual(self.standby.value("SELECT pg_is_in_recovery()"), "t")
        for tenant in TENANTS:
            for user in USERS:
                token = self.blog.token(tenant, user)
                for entry in ("execute", "resolve"):
                    self.assertEqual(
                        self.standby.text(token, POSTS, entry=entry), self.session.text(token, POSTS, entry=entry)
                    )
                self.check_only(tenant, self.standby.text(token, POSTS))
        self.check_error(self.standby.ask("garbage", POSTS), "UNAUTHENTICATED")
        self.check_error(self.standby.ask(self.demo["reader"], "{ users { totalCount } }"), "FORBIDDEN")

    def test_nothing_is_written_on_a_hot_standby(self):
        """Whatever the mutation is, and also if its answer is known by its idempotency key; the audit log is read."""
        operator, known = self.blog.operator(), (CREATE, {"title": "Known"}, "known")
        self.assertIsNone(outcome(parsed(self.session.value("SELECT " + keyed(self.demo["admin"], *known)))))
        id = post_id("demo", 1)
        requests = (
            (operator, 'mutation { createTenant(name: "n", identifier: "n") { id } }', None),
            (operator, 'mutation { createUser(tenantId: "demo", email: "n@n", name: "n") { id } }', None),
            (self.demo["admin"], CREATE, {"title": "New"}),
            (self.demo["admin"], UPDATE, {"id": id, "title": "New"}),
            (self.demo["admin"], DELETE, {"id": id}),
            (self.demo["admin"], RESTORE, {"id": id}),
            (self.demo["admin"], ROLE, {"id": user_id("demo", "reader"), "role": "editor"}),
            (self.demo["reader"], COMMENT, {"post": id, "content": "New"}),
            (self.demo["admin"], f'mutation {{ deleteComment(id: "{id}") {{ id }} }}', None),
            (self.demo["admin"], "mutation @dryRun { createPost(title: \"d\", content: \"\") { id } }", None),
            (self.demo["admin"], "mutation { __typename }", None),
        )
        self.caught_up()
        answers = [
            self.standby.ask(token, query, variables, entry=entry)
            for token, query, variables in requests
            for entry in ("execute", "resolve")
        ]
        answers += [parsed(self.standby.value("SELECT " + keyed(self.demo["admin"], *known)))]
        for answer in answers:
            self.check_error(answer, "MUTATION_READ_ONLY")
        self.check_error(self.standby.ask(self.demo["reader"], CREATE, {"title": "New"}), "FORBIDDEN")
        log = "{ auditLogs { totalCount nodes { id action changes user { name } } } }"
        expected = self.session.text(self.demo["admin"], log)
        self.assertGreaterEqual(parsed(expected)["data"]["auditLogs"]["totalCount"], 1)
        self.assertEqual(self.standby.text(self.demo["admin"], log), expected)

    def test_popular_posts(self):
        """A standby uses a ranking as long as the primary would, and computes one for itself when there is none."""
        query, reader = "{ popularPosts(first: 3) { title } }", self.demo["reader"]
        kept = "SELECT xmin, * FROM saas_blog.tb_popular_ranking"
        cold = self.standby.ask(reader, query)
        self.assertEqual(self.admin.rows(kept), [])
        self.assertEqual(self.session.ask(reader, query), cold)
        before = self.admin.rows(kept)
        self.assertEqual(len(before), 1)
        # Comments that the ranking does not know tell whether it was used.
        title = cold["data"]["popularPosts"][2]["title"]
        self.admin.rows(f"""INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            SELECT fk_tenant, pk_post, fk_user, 'New' FROM saas_blog.tb_post WHERE title = '{title}'""")
        self.caught_up()
        self.assertEqual(self.standby.ask(reader, query), cold)
        answer = self.session.ask(self.demo["admin"], CREATE, {"title": "New"})
        self.caught_up()
        titles = [post["title"] for post in self.standby.ask(reader, query)["data"]["popularPosts"]]
        self.assertEqual(titles[:2], [title, "New"])
        self.assertEqual(self.admin.rows(kept), before)
        self.session.ask(self.demo["admin"], DELETE, {"id": answer["data"]["createPost"]["id"]})
        self.admin.rows("DELETE FROM saas_blog.tb_comment WHERE content = 'New'")

    def test_a_key_revoked_on_the_primary(self):
        self.admin.rows("SELECT saas_blog.add_jwt_key('standby', 'HS256', 'a key that is revoked on the primary')")
        token = self.blog.sign(self.blog.claims("demo", "editor"), "standby")
        self.caught_up()
        self.assertEqual(codes(self.standby.ask(token, "{ me { id } }")), [])
        self.admin.rows("SELECT saas_blog.revoke_jwt_key('standby')")
        self.caught_up()
        self.assertEqual(codes(self.standby.ask(token, "{ me { id } }")), ["UNAUTHENTICATED"])

    def test_doctor_on_a_standby(self):
        with self.blog.session(None, environment={"PGHOST": self.folder, "PGPORT": STANDBY_PORT}) as session:
            self.assertEqual(session.rows("SELECT check_name FROM saas_blog.doctor() WHERE status <> 'ok'"), [])


if __name__ == "__main__":
    unittest.main()
