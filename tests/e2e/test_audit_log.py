"""The audit log is written by what happens in a verified context, says what changed, and is never changed itself."""

import itertools
import json
import unittest

from blog import UNKNOWN_ID, BlogTest, post_id, tenant_id

ENTRIES = "SELECT action, changes FROM saas_blog.tb_audit_log ORDER BY created_at, pk_audit_log"
MODES = ("origin", "replica", "local")
ROLES = ("postgres", "saas_blog_owner", "saas_blog_exec", "saas_blog_audit", "saas_blog_api", "saas_blog_admin")
# Also those that would meet no row, and those that come by another way.
ATTACKS = (
    "UPDATE saas_blog.tb_audit_log SET changes = '{}'",
    "UPDATE saas_blog.tb_audit_log SET fk_user = 1 WHERE false",
    "DELETE FROM saas_blog.tb_audit_log",
    "DELETE FROM saas_blog.tb_audit_log WHERE false",
    "TRUNCATE saas_blog.tb_audit_log",
    "TRUNCATE saas_blog.tb_post, saas_blog.tb_comment, saas_blog.tb_audit_log CASCADE",
    "MERGE INTO saas_blog.tb_audit_log AS a USING (SELECT 1) AS b ON true WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM saas_blog.tb_audit_log RETURNING *) SELECT * FROM gone",
    "INSERT INTO saas_blog.tb_audit_log OVERRIDING SYSTEM VALUE SELECT * FROM saas_blog.tb_audit_log "
    "ON CONFLICT (fk_tenant, id) DO UPDATE SET action = 'create'",
)


class AuditLog(BlogTest):
    """A superuser sets the context and writes; row-level security is looked at in test_policies.py."""

    def enter(self):
        session = self.blog.session(None)
        self.addCleanup(session.close)
        session.rows("SELECT saas_blog.tenant_pk()")
        session.rows("BEGIN")
        session.rows(f"SET LOCAL app.tenant_pk = '{self.blog.key('tenant', tenant_id('demo'))}'")
        return session

    def test_nobody_changes_it(self):
        session = self.enter()
        session.rows(f"UPDATE saas_blog.tb_post SET title = 'Kept' WHERE id = '{post_id('demo', 1)}'")
        session.rows("COMMIT")
        kept = session.rows("SELECT t::text FROM saas_blog.tb_audit_log AS t")
        self.assertEqual(len(kept), 1)
        for mode, role, attack in itertools.product(MODES, ROLES, ATTACKS):
            with self.subTest(mode=mode, role=role, attack=attack):
                session.rows(f"SET session_replication_role = {mode}")
                session.rows(f"SET ROLE {role}")
                self.refused(session, attack, "42501")
                session.rows("RESET ROLE")
        self.assertEqual(session.rows("SELECT t::text FROM saas_blog.tb_audit_log AS t"), kept)

    def test_without_a_context_there_is_no_trace(self):
        self.admin.rows("BEGIN")
        before = self.admin.rows(ENTRIES)
        self.admin.rows("UPDATE saas_blog.tb_post SET title = 'Imported'")
        self.admin.rows("INSERT INTO saas_blog.tb_tenant (identifier, name) VALUES ('imported', 'Imported')")
        self.assertEqual(self.admin.rows(ENTRIES), before)
        self.admin.rows("ROLLBACK")

    def test_what_an_entry_says(self):
        session, id = self.enter(), post_id("demo", 2)
        before = len(session.rows(ENTRIES))
        for setting in ("TimeZone = 'Asia/Kathmandu'", "DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'"):
            session.rows(f"SET LOCAL {setting}")
        for change, expected in (
            ("title = 'A \"b\" \\ é'", {"title": {"old": "Post 2 of demo", "new": 'A "b" \\ é'}}),
            ("title = title, published = published", None),
            ("updated_at = '2030-01-01'", None),
            ("published = false", {"published": {"old": True, "new": False}}),
            ("deleted_at = '2026-11-23 10:15:00.1+00'", ("delete", None, "2026-11-23T10:15:00.100000Z")),
            ("deleted_at = '0001-01-01 00:00+00'",
             ("update", "2026-11-23T10:15:00.100000Z", "0001-01-01T00:00:00.000000Z")),
            ("deleted_at = NULL, content = ''", ("restore", "0001-01-01T00:00:00.000000Z", None)),
        ):  # fmt: skip
            with self.subTest(change=change):
                session.rows(f"UPDATE saas_blog.tb_post SET {change} WHERE id = '{id}'")
                found = session.rows(ENTRIES)[before:]
                before += len(found)
                self.assertEqual(len(found), 0 if expected is None else 1)
                if isinstance(expected, dict):
                    self.assertEqual((found[0][0], json.loads(found[0][1])), ("update", expected))
                elif expected:
                    action, old, new = expected
                    self.assertEqual(found[0][0], action)
                    self.assertEqual(json.loads(found[0][1])["deletedAt"], {"old": old, "new": new})

    def test_what_an_entry_of_a_new_row_says(self):
        session = self.enter()
        session.rows(
            f"INSERT INTO saas_blog.tb_user (id, fk_tenant, email, name) SELECT '{UNKNOWN_ID}', pk_tenant, 'new@x.y', 'N' "
            "FROM saas_blog.tb_tenant WHERE identifier = 'demo'"
        )
        fields = {"identifier": "new", "email": "new@x.y", "name": "N", "role": "subscriber"}
        found = session.rows(
            "SELECT entity_type, action, fk_user, fk_tenant, changes FROM saas_blog.tb_audit_log "
            f"WHERE entity_id = '{UNKNOWN_ID}'"
        )
        key = self.blog.key("tenant", tenant_id("demo"))
        self.assertEqual([row[:4] for row in found], [["user", "create", None, str(key)]])
        self.assertEqual(json.loads(found[0][4]), {name: {"old": None, "new": new} for name, new in fields.items()})


if __name__ == "__main__":
    unittest.main()
