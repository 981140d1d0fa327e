"""A restored database goes on where the dumped one was: what was written is there once, and the next mutation works."""

import subprocess
import unittest

from blog import Blog, BlogTest, codes, parsed, psql
from workers import COMMENT, CREATE, DELETE, RESTORE, UPDATE, audited, keyed, outcome

USER = 'mutation { createUser(email: "new@example.com", name: "New") { id identifier email } }'
TENANT = 'mutation { createTenant(name: "New", identifier: "new") { id identifier } }'
LOG = """{ auditLogs(first: 100) { totalCount nodes { id userId entityType entityId action changes createdAt
    user { name } } } }"""
# Each with a key of its own.
WRITTEN = (
    ("editor", CREATE, {"title": "Written\t'\\N"}),
    ("admin", CREATE, {"title": "Written\t'\\N"}),
    ("admin", USER, None),
)


def pipe(dump, restore):
    """What a dump writes goes into a restore."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-ec", f"{dump} | {restore}"], capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class Restored(BlogTest):
    """Each test restores the same dump into a fresh database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = cls.blog.operator()
        with cls.blog.session() as session:
            cls.requests = [
                keyed(cls.demo[user], query, variables, f"key-{n}")
                for n, (user, query, variables) in enumerate(WRITTEN)
            ]
            cls.requests.append(keyed(cls.operator, TENANT, None, "key"))
            cls.answers = [session.value(f"SELECT {request}") for request in cls.requests]
            cls.post = parsed(cls.answers[0])["data"]["createPost"]["id"]
            changes = (
                (UPDATE, {"id": cls.post, "title": "Updated"}),
                (DELETE, {"id": cls.post}),
                (RESTORE, {"id": cls.post}),
                (COMMENT, {"post": cls.post, "content": "Commented"}),
            )
            failed = [outcome(session.ask(cls.demo["editor"], *change)) for change in changes]
            assert [*failed, *map(outcome, map(parsed, cls.answers))] == [None] * 8

    def setUp(self):
        super().setUp()
        self.restored = Blog(fixtures=False)
        self.addCleanup(self.restored.close)

    def rows(self, session):
        """All rows of all tables that are dumped, and where the sequences are."""
        names = session.column(
            """SELECT relname FROM pg_class WHERE relnamespace = 'saas_blog'::regnamespace AND relkind IN ('r', 'S')
            AND relname !~ '^tb_(popular|event)'"""
        )
        columns = {name: "last_value, is_called" if name.endswith("_seq") else "*" for name in names}
        return {name: sorted(map(repr, session.rows(f"SELECT {columns[name]} FROM saas_blog.{name}"))) for name in names}

    def check_restored(self):
        admin, proxy = self.restored.session(None), self.restored.session()
        before = self.rows(self.admin)
        self.assertEqual(len(before["tb_audit_log"]), 8)
        self.assertEqual(len(before["tb_idempotency_key"] + before["tb_operator_idempotency_key"]), 4)
        self.assertEqual(self.rows(admin), before)
        for token in (self.demo["admin"], self.another["admin"]):
            self.assertEqual(proxy.text(token, LOG), self.session.text(token, LOG))
        self.check_keys(admin, proxy)
        self.check_next(admin, proxy)

    def check_keys(self, admin, proxy):
        """What is sent again is remembered, and nothing is written."""
        before = self.rows(admin)
        for request, answer in zip(self.requests, self.answers):
            self.assertEqual(proxy.value(f"SELECT {request}"), answer)
        other = keyed(self.demo["editor"], CREATE, {"title": "Another"}, "key-0")
        self.check_error(parsed(proxy.value(f"SELECT {other}")), "CONFLICT")
        self.assertEqual(self.rows(admin), before)

    def check_next(self, admin, proxy):
        """The next rows have the next keys, and each has its entry of the audit log."""
        before = {name: len(rows) for name, rows in self.rows(admin).items()}
        post = proxy.ask(self.demo["editor"], CREATE, {"title": "Written\t'\\N"})["data"]["createPost"]
        self.assertEqual(post["identifier"], "written-n-3")
        asked = (
            (self.demo["editor"], UPDATE, {"id": self.post, "content": "After"}),
            (self.demo["reader"], COMMENT, {"post": post["id"], "content": "After"}),
            (self.demo["admin"], USER.replace("new@", "after@"), None),
            (self.operator, TENANT.replace("new", "after"), None),
        )
        for token, query, variables in asked:
            self.assertIsNone(outcome(proxy.ask(token, query, variables)))
        self.check_error(proxy.ask(self.demo["admin"], USER), "CONFLICT", executed=True)
        after = {name: len(rows) for name, rows in self.rows(admin).items()}
        grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        rows = {"tb_comment": 1, "tb_post": 1, "tb_post_search": 1, "tb_tenant": 1, "tb_user": 1}
        self.assertEqual(grown, {"tb_audit_log": 5, **rows})
        actions = [action for action, _ in audited(admin, self.post)]
        self.assertEqual(actions, ["create", "update", "delete", "restore", "update"])

    def test_plain(self):
        pipe(f"pg_dump {self.blog.name}", f"psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        self.check_restored()

    def test_inserts(self):
        pipe(f"pg_dump --inserts {self.blog.name}", f"psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        self.check_restored()

    def test_custom_format(self):
        pipe(f"pg_dump -Fc {self.blog.name}", f"pg_restore --exit-on-error -d {self.restored.name}")
        self.check_restored()

    def test_in_one_transaction(self):
        pipe(f"pg_dump -Fc {self.blog.name}", f"pg_restore --single-transaction -d {self.restored.name}")
        self.check_restored()

    def test_data_only(self):
        psql(self.restored.name, "-c", "CREATE EXTENSION saas_blog")
        pipe(f"pg_dump --data-only {self.blog.name}", f"psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        self.check_restored()

    def test_data_only_with_triggers_disabled(self):
        """The restore enables all triggers like any other afterwards: that of the audit log must be told apart again."""
        psql(self.restored.name, "-c", "CREATE EXTENSION saas_blog")
        pipe(
            f"pg_dump --data-only --disable-triggers {self.blog.name}",
            f"psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}",
        )
        psql(self.restored.name, "-c", "SELECT saas_blog.reindex_search()")
        self.check_restored()
        admin = self.restored.session(None)
        for statement in ("DELETE FROM", "TRUNCATE", "UPDATE"):
            change = " SET action = 'x'" if statement == "UPDATE" else ""
            self.refused(admin, f"{statement} saas_blog.tb_audit_log{change}", "42501")
        told = admin.value("SELECT detail FROM saas_blog.doctor() WHERE check_name = 'triggers_are_enabled'")
        self.assertIn("audit_is_kept on tb_audit_log", told)
        admin.rows("ALTER TABLE saas_blog.tb_audit_log ENABLE ALWAYS TRIGGER audit_is_kept")
        admin.rows("SET session_replication_role = replica")
        self.refused(admin, "DELETE FROM saas_blog.tb_audit_log", "42501")

    def test_over_itself(self):
        """A restore over data that is there fails as a whole, and changes nothing."""
        before = self.rows(self.admin)
        with self.assertRaises(AssertionError):
            pipe(
                f"pg_dump --data-only -Fc {self.blog.name}", f"pg_restore --single-transaction -d {self.blog.name}"
            )
        self.assertEqual(self.rows(self.admin), before)

    def test_a_restored_key_is_not_the_key_of_another_tenant(self):
        pipe(f"pg_dump {self.blog.name}", f"psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        proxy = self.restored.session()
        answer = parsed(proxy.value("SELECT " + keyed(self.another["editor"], CREATE, {"title": "Mine"}, "key-0")))
        self.assertEqual(codes(answer), [])
        self.assertEqual(answer["data"]["createPost"]["title"], "Mine")


if __name__ == "__main__":
    unittest.main()
