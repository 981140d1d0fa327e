"""The second wall: row-level security by role, without any of our SQL in front of it.

A superuser sets the context and becomes `saas_blog_exec`, which is what compiled statements run as."""

import unittest

from blog import UNKNOWN_ID, BlogTest, identifier, post_id, tenant_id, user_id

COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM saas_blog.{name})" for name in (
    "tb_tenant", "tb_user", "tb_post", "tb_comment", "v_tenant", "v_user", "v_post", "v_comment"))  # fmt: skip
NOTHING = ["0"] * 8


class Policies(BlogTest):
    """What a test writes is in a transaction that is rolled back."""

    def done(self, session, statement):
        """How many rows a statement wrote, or the state of its error; it is undone."""
        session.rows("SAVEPOINT before")
        try:
            return len(session.rows(statement + " RETURNING 1"))
        except Exception as error:
            return error.sqlstate
        finally:
            session.rows("ROLLBACK TO before")

    def test_what_each_role_reads(self):
        for tenant in ("demo", "another"):
            for user in ("admin", "editor", "writer"):
                self.assertEqual(self.enter(tenant, user).rows(COUNTS), [["1", "5", "18", "45", "1", "5", "15", "24"]])
            # A subscriber reads no draft, and no comment on one.
            self.assertEqual(self.enter(tenant, "reader").rows(COUNTS), [["1", "5", "14", "33", "1", "5", "12", "18"]])

    def test_no_context_or_half_of_one(self):
        self.assertEqual(self.enter().rows(COUNTS), [NOTHING])
        self.assertEqual(self.enter(role="admin").rows(COUNTS), [NOTHING])
        self.assertEqual(self.enter(role="nothing").rows(COUNTS), [NOTHING])
        self.assertEqual(self.enter("demo").rows(COUNTS), [["1", "5", "0", "0", "1", "5", "0", "0"]])
        self.assertEqual(self.enter("demo", role="nothing").rows(COUNTS), [["1", "5", "0", "0", "1", "5", "0", "0"]])
        self.assertEqual(self.enter(role="operator").rows(COUNTS), [["2", "0", "0", "0", "2", "0", "0", "0"]])
        self.assertEqual(self.enter("demo", role="operator").rows(COUNTS), [["2", "0", "0", "0", "2", "0", "0", "0"]])

    def test_emails_in_views(self):
        for user, emails in (("admin", 5), ("editor", 5), ("reader", 1)):
            session = self.enter("demo", user)
            self.assertEqual(session.value("SELECT count(email) FROM saas_blog.v_user"), str(emails))
            self.assertEqual(session.value("SELECT count(data ->> 'email') FROM saas_blog.v_user"), str(emails))
            by_authors = "SELECT count(data #>> '{author,email}') FROM saas_blog.v_post"
            self.assertEqual(session.value(by_authors), "15" if emails == 5 else "0")

    def test_values_that_are_no_context(self):
        session = self.blog.session(None)
        for value in ("", " ", "x", "1; DROP", "99999999999999999999", "-1", "0x1", "1.0", tenant_id("demo"), "é"):
            for name in ("app.tenant_pk", "app.user_pk", "app.tenant_id", "app.user_id"):
                session.rows(f"SET {name} = '{value}'")
            session.rows("SET ROLE saas_blog_exec")
            found = session.rows(COUNTS)[0]
            self.assertEqual(found[1:4] + found[5:], NOTHING[2:])
            session.rows("RESET ROLE")

    def test_who_writes_posts(self):
        own = "INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title) SELECT {}, {}, 'New'"
        update = "UPDATE saas_blog.tb_post SET {} WHERE id = '{}'"
        tenant, other_tenant = (self.blog.key("tenant", tenant_id(name)) for name in ("demo", "another"))
        for user, insert, others in (("admin", 1, 1), ("editor", 1, 0), ("writer", 1, 0), ("reader", "42501", 0)):
            session, key = self.enter("demo", user), self.blog.key("user", user_id("demo", user))
            somebody = self.blog.key("user", user_id("demo", "silent"))
            foreign = self.blog.key("user", user_id("another", user))
            self.assertEqual(self.done(session, own.format(tenant, key)), insert)
            for tenant_key, user_key in ((tenant, somebody), (other_tenant, key), (other_tenant, foreign)):
                self.assertEqual(self.done(session, own.format(tenant_key, user_key)), "42501")
            # Posts 3, 1 and 2 are of the editor, the writer and the admin.
            mine = {"admin": 2, "editor": 3, "writer": 1, "reader": 3}[user]
            for change in ("title = 'Changed'", "deleted_at = now()", "published = false"):
                self.assertEqual(
                    self.done(session, update.format(change, post_id("demo", mine))), 0 if user == "reader" else 1
                )
                for number in {1, 2, 3} - {mine}:
                    self.assertEqual(self.done(session, update.format(change, post_id("demo", number))), others)
                self.assertEqual(self.done(session, update.format(change, post_id("another", mine))), 0)
            for column in ("fk_tenant", "fk_user", "id", "created_at", "identifier"):
                self.assertEqual(self.done(session, f"UPDATE saas_blog.tb_post SET {column} = {column}"), "42501")
            self.assertEqual(self.done(session, "DELETE FROM saas_blog.tb_post"), "42501")

    def test_who_writes_comments(self):
        insert = """INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            SELECT {}, {}, {}, 'New'"""
        tenant = self.blog.key("tenant", tenant_id("demo"))
        posts = {number: self.blog.key("post", post_id("demo", number)) for number in (1, 13, 16)}
        for user, on_draft in (("admin", 1), ("editor", 1), ("reader", "42501"), ("silent", "42501")):
            session, key = self.enter("demo", user), self.blog.key("user", user_id("demo", user))
            self.assertEqual(self.done(session, insert.format(tenant, posts[1], key)), 1)
            self.assertEqual(self.done(session, insert.format(tenant, posts[13], key)), on_draft)
            self.assertEqual(self.done(session, insert.format(tenant, posts[16], key)), "42501")
            for user_key in (self.blog.key("user", user_id("demo", "writer")), "NULL"):
                self.assertEqual(self.done(session, insert.format(tenant, posts[1], user_key)), "42501")
            foreign = self.blog.key("post", post_id("another", 1))
            self.assertEqual(self.done(session, insert.format(tenant, foreign, key)), "42501")
            # Also those on posts that have become drafts again.
            mine = int(self.admin.value(f"SELECT count(*) FROM saas_blog.tb_comment WHERE fk_user = {key}"))
            deleted = self.done(session, "UPDATE saas_blog.tb_comment SET deleted_at = now()")
            self.assertEqual(deleted, 45 if user == "admin" else mine)
            for column in ("fk_tenant", "fk_post", "fk_user", "id", "content", "created_at"):
                self.assertEqual(self.done(session, f"UPDATE saas_blog.tb_comment SET {column} = {column}"), "42501")
            self.assertEqual(self.done(session, "DELETE FROM saas_blog.tb_comment"), "42501")

    def test_who_writes_users_and_tenants(self):
        insert = "INSERT INTO saas_blog.tb_user (fk_tenant, email, name) SELECT {}, 'new@example.com', 'New'"
        tenant, other = (self.blog.key("tenant", tenant_id(name)) for name in ("demo", "another"))
        for user, may in (("admin", True), ("editor", False), ("reader", False)):
            session = self.enter("demo", user)
            self.assertEqual(self.done(session, insert.format(tenant)), 1 if may else "42501")
            self.assertEqual(self.done(session, insert.format(other)), "42501")
            self.assertEqual(self.done(session, "UPDATE saas_blog.tb_user SET role = 'admin'"), 5 if may else 0)
            self.assertEqual(self.done(session, "UPDATE saas_blog.tb_user SET email = 'x@y'"), "42501")
            new = "INSERT INTO saas_blog.tb_tenant (identifier, name) VALUES ('new', 'New')"
            self.assertEqual(self.done(session, new), "42501")
            self.assertEqual(self.done(session, "UPDATE saas_blog.tb_tenant SET name = 'Mine'"), "42501")
        operator = self.enter("demo", role="operator")
        self.assertEqual(self.done(operator, insert.format(tenant)), 1)
        self.assertEqual(self.done(operator, insert.format(other)), "42501")
        self.assertEqual(self.done(self.enter(role="operator"), insert.format(tenant)), "42501")

    def test_who_reads_and_writes_the_audit_log(self):
        key = self.blog.key("tenant", tenant_id("demo"))
        entry = f"""INSERT INTO saas_blog.tb_audit_log (fk_tenant, entity_type, entity_id, action, changes)
            SELECT {key}, 'post', '{UNKNOWN_ID}', 'update', '{{}}'"""
        update = f"UPDATE saas_blog.tb_post SET title = 'Changed' WHERE id = '{post_id('demo', 3)}'"
        count = "SELECT count(*) FROM saas_blog.tb_audit_log"
        for user, seen in (("admin", "1"), ("editor", "0")):
            session = self.enter("demo", user)
            session.rows(update)
            self.assertEqual(session.value(count), seen)
            self.assertEqual(self.done(session, entry), "42501")
            session.rows("RESET ROLE")
            session.rows(f"SET LOCAL app.tenant_pk = '{self.blog.key('tenant', tenant_id('another'))}'")
            session.rows("SET LOCAL app.role = 'admin'")
            session.rows("SET ROLE saas_blog_exec")
            self.assertEqual(session.value(count), "0")
            session.rows("ROLLBACK")
        # Nobody but the triggers: not even the owner of the log past the wall, nor the owner of the data at all.
        for role in ("saas_blog_owner", "saas_blog_audit"):
            session = self.enter("another", "admin")
            session.rows("RESET ROLE")
            session.rows(f"SET ROLE {role}")
            self.assertEqual(self.done(session, entry), "42501")

    def test_an_answer_is_recalled_by_whoever_got_it(self):
        remember = "SELECT saas_blog.remember({}, 'key', '\\x01', 'of {}')"
        recall = "SELECT saas_blog.recall({}, 'key', '\\x01')"
        callers = [(tenant, user, "NULL") for tenant in ("demo", "another") for user in ("editor", "writer")]
        callers += [(None, None, "'one'"), (None, None, "'two'")]
        for tenant, user, operator in callers:
            session = self.enter(tenant, user, role=None if user else "operator")
            self.assertIsNone(session.value(recall.format(operator)))
            session.rows(remember.format(operator, f"{tenant} {user}"))
            self.assertEqual(session.value(recall.format(operator)), f"of {tenant} {user}")
            self.assertEqual(self.done(session, "UPDATE saas_blog.tb_idempotency_key SET fk_user = 1"), "42501")
            self.assertEqual(self.done(session, "DELETE FROM saas_blog.tb_idempotency_key"), "42501")
            session.rows("COMMIT")
        rows = {}
        for tenant, user, operator in callers:
            session = self.enter(tenant, user, role=None if user else "operator")
            self.assertEqual(session.value(recall.format(operator)), f"of {tenant} {user}")
            self.refused(session, "SELECT saas_blog.recall({}, 'key', '\\x02')".format(operator), "SB409")
            session.rows("ROLLBACK")
            rows[tenant, user] = session.rows("SELECT * FROM saas_blog.tb_idempotency_key")
        self.assertEqual({caller: len(found) for caller, found in rows.items()},
                         {caller[:2]: 1 if caller[0] else 0 for caller in callers})  # fmt: skip
        # A tenant's user sees nothing of operators, and stores nothing among their answers.
        session = self.enter("demo", "admin")
        self.assertEqual(session.rows("SELECT * FROM saas_blog.tb_operator_idempotency_key"), [])
        self.refused(session, remember.format("'one'", "demo"), "42501")

    def test_a_key_of_another_tenant_is_no_row_to_hang_on(self):
        """The superuser, whom no policy stops, is stopped by the foreign keys."""
        other = self.blog.key("post", post_id("another", 1))
        tenant, user = self.blog.key("tenant", tenant_id("demo")), self.blog.key("user", user_id("demo", "reader"))
        statement = f"""INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            VALUES ({tenant}, {other}, {user}, 'x')"""
        self.refused(self.admin, statement, "23503")
        self.assertNotIn(UNKNOWN_ID, self.admin.column("SELECT id FROM saas_blog.tb_post"))

    def test_collisions_tell_nothing_of_another_tenant(self):
        """What another tenant has is free here: e-mails, identifiers and ids."""
        tenant = self.blog.key("tenant", tenant_id("demo"))
        session = self.enter("demo", "admin")
        for email in ("silent@another.example", "editor@another.example"):
            insert = f"INSERT INTO saas_blog.tb_user (fk_tenant, email, name) SELECT {tenant}, '{email}', 'New'"
            self.assertEqual(self.done(session, insert), 1)
        self.assertEqual(self.done(session, insert.replace("editor@another", "EDITOR@demo")), "23505")
        for table, kind, number in (("user", 1, 5), ("post", 2, 1), ("comment", 3, 19)):
            ids = [identifier(name, kind, number) for name in ("another", "demo")]
            self.admin.rows("BEGIN")
            update = f"UPDATE saas_blog.tb_{table} SET id = '{ids[0]}' WHERE id = '{ids[1]}' RETURNING id"
            self.assertEqual(self.admin.rows(update), [[ids[0]]])
            self.admin.rows("ROLLBACK")


if __name__ == "__main__":
    unittest.main()
