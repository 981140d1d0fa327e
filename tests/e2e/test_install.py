"""Attacks on whoever installs the extension: what was there before it, and what cannot work."""

import os
import unittest

from blog import Blog, SqlError, psql
from test_hijack import OPERATORS

OWNER = f"e2e_owner_{os.getpid()}"
ROLES = ("saas_blog_owner", "saas_blog_exec", "saas_blog_audit", "saas_blog_api", "saas_blog_admin")


class Install(unittest.TestCase):
    """A database without the extension, which belongs to somebody who is no superuser."""

    def setUp(self):
        self.blog = Blog(fixtures=False)
        self.addCleanup(self.blog.close)
        self.admin = self.blog.session(None)

    def refused(self, statement, sqlstate, session=None):
        with self.assertRaises(SqlError) as caught:
            (session or self.admin).rows(statement)
        self.assertEqual(caught.exception.sqlstate, sqlstate)

    def owner(self):
        """A session of the database's owner."""
        psql("postgres", "-c", f"CREATE ROLE {OWNER} LOGIN")
        self.addCleanup(psql, "postgres", "-c", f"DROP ROLE {OWNER}")
        self.addCleanup(psql, self.blog.name, "-c", f"REASSIGN OWNED BY {OWNER} TO CURRENT_USER")
        self.admin.rows(f"ALTER DATABASE {self.blog.name} OWNER TO {OWNER}")
        return self.blog.session(OWNER)

    def works(self):
        self.assertEqual(self.admin.rows("SELECT check_name, detail FROM saas_blog.doctor() WHERE status <> 'ok'"), [])

    def test_in_any_schema_and_twice(self):
        self.admin.rows("CREATE SCHEMA elsewhere")
        self.admin.rows("CREATE EXTENSION saas_blog SCHEMA elsewhere")
        self.works()
        self.assertEqual(
            self.admin.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'elsewhere'::regnamespace"), "0"
        )
        self.refused("CREATE EXTENSION saas_blog", "42710")
        self.admin.rows("DROP EXTENSION saas_blog")
        self.assertEqual(
            self.admin.value("SELECT count(*) FROM pg_namespace WHERE nspname IN ('saas_blog', 'graphql')"), "0"
        )
        self.admin.rows("CREATE EXTENSION saas_blog")
        self.works()

    def test_by_somebody_who_is_no_superuser(self):
        self.refused("CREATE EXTENSION saas_blog", "42501", self.owner())

    def test_a_schema_or_a_type_that_somebody_made_before(self):
        for schema in ("saas_blog", "graphql"):
            self.admin.rows(f"CREATE SCHEMA {schema}")
            self.refused("CREATE EXTENSION saas_blog", "42P06")
            self.admin.rows(f"DROP SCHEMA {schema}")
        self.admin.rows("CREATE EXTENSION saas_blog")

    def test_roles_that_somebody_gave_power_before(self):
        for role in ROLES:
            for change in ("LOGIN", "SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION", "INHERIT"):
                with self.subTest(role=role, change=change):
                    self.after(f"ALTER ROLE {role} {change}")
        self.admin.rows("CREATE EXTENSION saas_blog")
        self.works()

    def test_roles_that_somebody_is_a_member_of(self):
        for role in ROLES[:3]:
            self.after(f"GRANT {role} TO saas_blog_api")
            self.after(rf"CREATE ROLE e2e_intruder LOGIN \; GRANT {role} TO e2e_intruder")
        for role in ROLES:
            self.after(f"GRANT pg_read_all_data TO {role}")

    def after(self, change):
        """The extension is refused after the change, which is taken back."""
        self.admin.rows("BEGIN")
        self.admin.rows(change)
        self.refused("CREATE EXTENSION saas_blog", "55000")
        self.admin.rows("ROLLBACK")

    def test_objects_that_the_owner_put_into_the_path_of_the_installer(self):
        owner = self.owner()
        body = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$"
        owner.rows("CREATE SCHEMA attack")
        for schema in ("attack", "public"):
            for number, (operator, left, right) in enumerate(OPERATORS):
                owner.rows(f"CREATE FUNCTION {schema}.o{number}({left}, {right}) RETURNS boolean {body}")
                owner.rows(
                    f"CREATE OPERATOR {schema}.{operator} "
                    f"(FUNCTION = {schema}.o{number}, LEFTARG = {left}, RIGHTARG = {right})"
                )
            for function in (
                "format(text, text)",
                "format(text, text, text)",
                "current_database()",
                "gen_random_uuid()",
                "now()",
                "pg_extension_config_dump(regclass, text)",
                "char_length(text)",
                "lower(text)",
            ):
                owner.rows(f"CREATE FUNCTION {schema}.{function} RETURNS text {body}")
        owner.rows(f"ALTER DATABASE {self.blog.name} SET search_path = attack, public, pg_catalog")
        with self.blog.session(None) as superuser:
            self.refused("SELECT 'a'::text = 'a'::text", "P0001", superuser)
            before = superuser.complaints()
            superuser.rows("CREATE EXTENSION saas_blog")
            self.assertEqual(
                superuser.rows("SELECT FROM saas_blog.doctor() WHERE (status OPERATOR(pg_catalog.<>) 'ok')"), []
            )
            superuser.rows("INSERT INTO saas_blog.tb_tenant (identifier, name) VALUES ('t', 'T')")
            superuser.rows(
                "INSERT INTO saas_blog.tb_user (fk_tenant, email, name) "
                "SELECT pk_tenant, 'a@b', 'A' FROM saas_blog.tb_tenant"
            )
            superuser.rows(
                "INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title) "
                "SELECT fk_tenant, pk_user, 'T' FROM saas_blog.tb_user"
            )
            superuser.rows("SELECT saas_blog.add_jwt_key('k', 'HS256', 'a secret of the test of installing')")
            superuser.rows("SELECT saas_blog.revoke_jwt_key('k')")
            self.assertEqual(superuser.complaints(), before)
        self.assertEqual(
            self.admin.value(
                "SELECT count(*) FROM pg_depend WHERE refobjid = 'attack'::regnamespace AND deptype = 'n' "
                "AND objid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'saas_blog'::regnamespace)"
            ),
            "0",
        )

    def test_a_database_that_is_not_utf8(self):
        name = f"{self.blog.name}_ascii"
        psql("postgres", "-c", f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        self.addCleanup(psql, "postgres", "-c", f"DROP DATABASE {name}")
        with self.assertRaisesRegex(AssertionError, "UTF8"):
            psql(name, "-c", "CREATE EXTENSION saas_blog")


if __name__ == "__main__":
    unittest.main()
