"""saas_blog.maintain(): what has had its day goes, of every tenant, and nothing else."""

import json
import unittest

from blog import TENANTS, BlogTest, Sql, quoted

CREATE = 'mutation { createPost(title: "Kept", content: "") { id } }'
TENANT = 'mutation { createTenant(name: "Kept", identifier: "%s") { id } }'
ADMIN = "e2e_maintainer"


class Maintain(BlogTest):
    """Answers under idempotency keys are kept for 24 hours."""

    def keep(self, token, key, query=CREATE):
        extensions = quoted(json.dumps({"idempotencyKey": key}))
        answer = self.session.value(
            f"SELECT graphql.execute({quoted(query)}, jwt => {quoted(token)}, extensions => {extensions})"
        )
        self.assertNotIn("errors", json.loads(answer))

    def keys(self):
        tables = ("tb_idempotency_key", "tb_operator_idempotency_key")
        return sorted(key for table in tables for key in self.admin.column(f"SELECT key FROM saas_blog.{table}"))

    def test_what_is_old_goes_and_what_is_fresh_stays(self):
        operator = self.blog.operator()
        for number, tenant in enumerate(TENANTS):
            for age in ("old", "fresh"):
                self.keep(self.blog.token(tenant, "editor"), f"{age}-{tenant}")
                self.keep(operator, f"{age}-operator-{tenant}", TENANT % f"kept-{age}-{number}")
        for table in ("tb_idempotency_key", "tb_operator_idempotency_key"):
            self.admin.rows(
                f"UPDATE saas_blog.{table} SET created_at = now() - interval '24 hours' WHERE key LIKE 'old%'"
            )
        self.assertEqual(len(self.keys()), 8)
        self.admin.rows(f"CREATE ROLE {ADMIN} LOGIN IN ROLE saas_blog_admin")
        self.addCleanup(self.admin.rows, Sql(f"DROP ROLE {ADMIN}"))
        maintainer = self.blog.session(ADMIN)
        self.addCleanup(maintainer.close)
        maintainer.rows("SELECT saas_blog.maintain()")
        fresh = ["fresh-another", "fresh-demo", "fresh-operator-another", "fresh-operator-demo"]
        self.assertEqual(self.keys(), fresh)
        context = "SELECT saas_blog.tenant_pk(), saas_blog.app_role(), current_user"
        self.assertEqual(maintainer.rows(context), [[None, None, ADMIN]])
        # Without a context the owner of the tables sees nothing, and so removes nothing.
        maintainer.rows("SELECT saas_blog.maintain()")
        self.assertEqual(self.keys(), fresh)

    def test_it_is_for_admins_of_the_installation(self):
        self.refused(self.session, "SELECT saas_blog.maintain()", "42501")
        self.admin.rows("BEGIN READ ONLY")
        self.refused(self.admin, "SELECT saas_blog.maintain() FROM saas_blog.tb_tenant", "25006")
        self.admin.rows("ROLLBACK")


if __name__ == "__main__":
    unittest.main()
