"""Attacks on the context and on the walls by somebody who can log in and write SQL.

The attacker may read all tables and views, and a careless policy opens the tables to it: the wall alone is left.
"""

import os
import unittest

from blog import POSTS, PROXY, BlogTest, psql, tenant_id, user_id

READER = f"e2e_reader_{os.getpid()}"
TABLES = ("tb_tenant", "tb_user", "tb_post", "tb_comment")
RELATIONS = (*TABLES, "v_tenant", "v_user", "v_post", "v_comment")
INTERNAL_ROLES = ("saas_blog_owner", "saas_blog_exec", "saas_blog_audit")
GRANTS = f"""
    CREATE ROLE {READER} LOGIN;
    GRANT USAGE ON SCHEMA saas_blog TO {READER};
    GRANT SELECT ON {", ".join(f"saas_blog.{name}" for name in RELATIONS)} TO {READER};
    GRANT CREATE ON SCHEMA public TO {READER}, {PROXY};
    """ + "".join(
    f"CREATE POLICY careless ON saas_blog.{name} TO {READER} USING (true) WITH CHECK (true);" for name in TABLES
)


class IsolationTest(BlogTest):
    """What the reader is granted, and the context that it would like to have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql(cls.blog.name, script=GRANTS)
        cls.addClassCleanup(psql, "postgres", "-c", f"DROP ROLE {READER}")
        cls.addClassCleanup(cls.admin.rows, f"DROP OWNED BY {READER}")
        cls.wanted = {
            "app.tenant_id": tenant_id("demo"),
            "app.tenant_pk": cls.blog.key("tenant", tenant_id("demo")),
            "app.user_id": user_id("demo", "admin"),
            "app.user_pk": cls.blog.key("user", user_id("demo", "admin")),
            "app.role": "admin",
        }

    def setUp(self):
        super().setUp()
        self.reader = self.blog.session(READER)
        self.addCleanup(self.reader.close)

    def seen(self, session):
        """How many rows each relation shows."""
        return [int(session.value(f"SELECT count(*) FROM saas_blog.{name}")) for name in RELATIONS]

    def sees_nothing(self, session):
        self.assertEqual(self.seen(session), [0] * len(RELATIONS))

    def forge(self, session, command="SET"):
        """Sets the context while the library is not loaded, when PostgreSQL does not know it yet."""
        for name, value in self.wanted.items():
            session.rows(f"{command} {name} = '{value}'")
            self.assertEqual(session.value(f"SHOW {name}"), value)


class ForgedSettings(IsolationTest):
    """The context by every way to set a setting."""

    def test_the_attacks_below_would_show_rows(self):
        """A superuser's context is what the attacker wants: the reader sees the tenant's rows in it."""
        with self.blog.session(None) as session:
            session.rows("SELECT saas_blog.tenant_pk()")
            self.forge(session)
            session.rows(f"SET SESSION AUTHORIZATION {READER}")
            self.assertEqual(self.seen(session)[:4], [1, 5, 18, 45])

    def test_set_before_the_library_is_loaded(self):
        self.forge(self.reader)
        self.sees_nothing(self.reader)
        for name in self.wanted:
            self.assertEqual(self.reader.value(f"SHOW {name}"), "")

    def test_set_after_the_library_is_loaded(self):
        self.sees_nothing(self.reader)
        for name, value in self.wanted.items():
            for statement in (
                f"SET {name} = '{value}'",
                f"SET SESSION {name} = '{value}'",
                f"SELECT set_config('{name}', '{value}', false)",
                f"RESET {name}",
            ):
                self.refused(self.reader, statement, "42501")
        self.sees_nothing(self.reader)

    def test_set_local_in_a_transaction(self):
        self.reader.rows("BEGIN")
        self.forge(self.reader, "SET LOCAL")
        self.sees_nothing(self.reader)
        self.reader.rows("COMMIT")
        self.sees_nothing(self.reader)

    def test_set_config_in_the_statement_that_reads(self):
        forged = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in self.wanted.items())
        statement = f"WITH f AS MATERIALIZED (SELECT {forged}) SELECT count(*) FROM f, saas_blog.tb_post"
        self.refused(self.reader, statement, "42501")
        self.sees_nothing(self.reader)

    def test_savepoints_around_the_loading_of_the_library(self):
        for back in ("ROLLBACK TO inner_one", "ROLLBACK TO outer_one", "RELEASE inner_one", "ROLLBACK", "COMMIT"):
            with self.subTest(back), self.blog.session(READER) as session:
                self.forge(session)
                session.rows("BEGIN")
                self.forge(session, "SET LOCAL")
                session.rows("SAVEPOINT outer_one")
                self.forge(session)
                session.rows("SAVEPOINT inner_one")
                self.forge(session, "SET LOCAL")
                self.sees_nothing(session)
                session.rows(back)
                self.sees_nothing(session)
                session.rows("END")
                self.sees_nothing(session)
                session.rows("RESET ALL")
                self.sees_nothing(session)

    def test_pgoptions(self):
        options = " ".join(f"-c {name}={value}" for name, value in self.wanted.items())
        with self.blog.session(READER, options=options) as session:
            self.assertEqual(session.value("SHOW app.tenant_pk"), self.wanted["app.tenant_pk"])
            self.sees_nothing(session)
            session.rows("RESET ALL")
            self.sees_nothing(session)

    def test_alter_role_and_database_set(self):
        database = self.blog.name
        for loaded in (False, True):
            for name, value in self.wanted.items():
                setting = f"SET {name} = '{value}'"
                for target in (
                    f"ROLE {READER}",
                    f"ROLE {READER} IN DATABASE {database}",
                    f"DATABASE {database}",
                    "ROLE ALL",
                ):
                    self.refused(self.reader, f"ALTER {target} {setting}", "42501")
            if not loaded:
                self.sees_nothing(self.reader)

    def test_alter_database_set_by_its_owner(self):
        self.admin.rows(f"ALTER DATABASE {self.blog.name} OWNER TO {READER}")
        self.addCleanup(self.admin.rows, f"ALTER DATABASE {self.blog.name} OWNER TO CURRENT_USER")
        for name, value in self.wanted.items():
            self.refused(self.reader, f"ALTER DATABASE {self.blog.name} SET {name} = '{value}'", "42501")
        self.sees_nothing(self.reader)

    def test_function_set_clause(self):
        body = "RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM saas_blog.tb_post'"
        name, value = "app.tenant_pk", self.wanted["app.tenant_pk"]
        self.forge(self.reader)
        for clause in (f"SET {name} = '{value}'", f"SET {name} FROM CURRENT"):
            self.refused(self.reader, f"CREATE FUNCTION pg_temp.forge() {body} {clause}", "42501")
        self.sees_nothing(self.reader)
        self.refused(self.reader, f"CREATE FUNCTION pg_temp.forge() {body} SET {name} = '{value}'", "42501")

    def test_function_set_clause_of_a_superuser(self):
        value = self.wanted["app.tenant_pk"]
        self.admin.rows(f"""CREATE FUNCTION public.forge() RETURNS bigint LANGUAGE plpgsql SET app.tenant_pk = '{value}'
            AS 'BEGIN RETURN (SELECT count(*) FROM saas_blog.tb_post); END'""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.forge()")
        self.assertEqual(self.admin.value("SELECT public.forge()"), "36")
        self.assertEqual(self.reader.value("SELECT public.forge()"), "0")
        self.refused(self.reader, "SELECT public.forge()", "42501")
        self.sees_nothing(self.reader)

    def test_limits_that_are_raised_before_the_library_is_loaded(self):
        self.session.rows("SET saas_blog.max_depth = 60")
        answer = self.session.ask(
            self.demo["editor"],
            "{posts{nodes{author{posts{nodes{author{posts{nodes{author{posts" "{nodes{author{id}}}}}}}}}}}}}",
        )
        self.assertEqual(
            answer["errors"][0]["extensions"], {"code": "LIMIT_EXCEEDED", "limit": "max_depth", "value": 12}
        )
        self.refused(self.session, "SET saas_blog.max_depth = 60", "42501")


class Roles(IsolationTest):
    """The roles of the extension, and those that are granted too much."""

    def test_set_role_to_an_internal_role(self):
        for session in (self.session, self.reader):
            for role in (*INTERNAL_ROLES, "saas_blog_admin"):
                for statement in (
                    f"SET ROLE {role}",
                    f"SET LOCAL ROLE {role}",
                    f"SET SESSION AUTHORIZATION {role}",
                    f"SELECT set_config('role', '{role}', false)",
                    f"GRANT {role} TO {READER}",
                    f"ALTER ROLE {role} LOGIN",
                    f"REASSIGN OWNED BY {role} TO CURRENT_USER",
                ):
                    self.refused(session, statement, "42501")
        for role in INTERNAL_ROLES:
            self.refused(
                self.session,
                f"CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SET role = {role} AS 'SELECT 1'",
                "42501",
            )

    def test_set_role_after_a_call_in_the_same_transaction(self):
        self.session.rows("BEGIN")
        self.check_only("demo", self.session.text(self.demo["admin"], POSTS))
        self.assertEqual(self.session.value("SELECT current_user"), PROXY)
        self.refused(self.session, "SET ROLE saas_blog_exec", "42501")

    def test_the_proxy_reads_no_table(self):
        for name in (*RELATIONS, "tb_jwt_key"):
            self.refused(self.session, f"SELECT FROM saas_blog.{name}", "42501")
        self.refused(self.session, "SELECT saas_blog.tenant_pk()", "42501")

    def test_direct_select_grant(self):
        self.sees_nothing(self.reader)
        for name in TABLES:
            self.assertEqual(self.reader.rows(f"COPY saas_blog.{name} TO STDOUT"), [])
        self.refused(self.reader, "SELECT FROM saas_blog.tb_jwt_key", "42501")

    def test_direct_write_grant(self):
        self.admin.rows(f"GRANT INSERT, UPDATE, DELETE ON saas_blog.tb_post TO {READER}")
        self.assertEqual(self.reader.rows("UPDATE saas_blog.tb_post SET title = 'defaced' RETURNING id"), [])
        self.assertEqual(self.reader.rows("DELETE FROM saas_blog.tb_post RETURNING id"), [])
        insert = (
            "INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title) VALUES ({app.tenant_pk}, {app.user_pk}, 'x')"
        )
        insert = insert.replace("{app.tenant_pk}", self.wanted["app.tenant_pk"])
        self.refused(self.reader, insert.replace("{app.user_pk}", self.wanted["app.user_pk"]), "42501")
        self.refused(self.reader, "TRUNCATE saas_blog.tb_post", "42501")
        self.assertEqual(self.admin.value("SELECT count(*) FROM saas_blog.tb_post WHERE title ~ 'Post'"), "36")

    def test_row_security_off(self):
        self.reader.rows("SET row_security = off")
        for name in RELATIONS:
            self.refused(self.reader, f"SELECT FROM saas_blog.{name}", "42501")
        answer = self.session.text(self.demo["editor"], POSTS)
        self.session.rows("SET row_security = off")
        self.assertEqual(self.session.text(self.demo["editor"], POSTS), answer)
        self.assertEqual(self.session.value("SHOW row_security"), "off")

    def test_statistics_of_columns(self):
        self.admin.rows("ANALYZE saas_blog.tb_user")
        statistics = "SELECT count(*) FROM pg_stats WHERE schemaname = 'saas_blog'"
        self.assertNotEqual(self.admin.value(statistics), "0")
        self.assertEqual(self.reader.value(statistics), "0")

    def test_owner_without_context(self):
        with self.blog.session(None) as session:
            session.rows("SET ROLE saas_blog_owner")
            self.sees_nothing(session)
            for name in TABLES:
                self.assertEqual(session.rows(f"DELETE FROM saas_blog.{name} RETURNING id"), [])

    def test_leaky_function_in_a_condition(self):
        self.admin.rows("""CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
            AS 'BEGIN RAISE NOTICE ''leaked %'', $1; RETURN true; END'""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.leak(text)")
        with self.blog.session(None) as session:
            session.rows("SELECT saas_blog.tenant_pk()")
            self.forge(session)
            session.rows("SET ROLE saas_blog_exec")
            for relation, column in (
                ("tb_post", "title"),
                ("v_post", "content"),
                ("tb_user", "name"),
                ("v_comment", "content"),
                ("tb_tenant", "name"),
                ("v_tenant", "name"),
            ):
                session.rows(f"SELECT id FROM saas_blog.{relation} WHERE public.leak({column})")
            leaked = session.complaints()
        self.assertIn("leaked Content 1 of demo", leaked)
        self.assertIn("leaked Blog of demo", leaked)
        self.assertNotIn("of another", leaked)


PARALLEL = (
    "max_parallel_workers_per_gather = 2",
    "parallel_setup_cost = 0",
    "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0",
    "force_parallel_mode = on",
    "parallel_leader_participation = off",
)


class ParallelWorkers(IsolationTest):
    """A worker has nobody's statics: the context must reach it as a setting."""

    def parallel(self, session):
        for setting in PARALLEL:
            session.rows(f"SET {setting}")

    def test_forced_parallel_workers_see_the_context_only(self):
        with self.blog.session(None) as session:
            session.rows("SELECT saas_blog.tenant_pk()")
            self.forge(session)
            self.parallel(session)
            session.rows("SET ROLE saas_blog_exec")
            for name, count in (("tb_user", "5"), ("tb_post", "18"), ("v_user", "5"), ("v_post", "15")):
                select = f"SELECT count(*), string_agg(DISTINCT fk_tenant::text, ',') FROM saas_blog.{name}"
                plan = "\n".join(session.column(f"EXPLAIN (ANALYZE, COSTS off, TIMING off) {select}"))
                self.assertRegex(plan, r"Gather[^$]*Workers Launched: [12]")
                self.assertEqual(session.rows(select), [[count, self.wanted["app.tenant_pk"]]])

    def test_forged_context_in_parallel_workers(self):
        self.forge(self.reader)
        self.parallel(self.reader)
        self.sees_nothing(self.reader)

    def test_calls_with_forced_parallel_workers(self):
        before = self.session.text(self.demo["editor"], POSTS)
        self.parallel(self.session)
        with self.blog.session() as fresh:
            self.parallel(fresh)
            for session in (self.session, fresh):
                self.assertEqual(session.text(self.demo["editor"], POSTS), before)
                self.check_only("another", session.text(self.another["editor"], POSTS))


if __name__ == "__main__":
    unittest.main()
