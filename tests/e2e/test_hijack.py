"""Attacks by objects with names that our SQL uses, which a caller has put in its own way."""

import unittest

from blog import POSTS, PROXY, BlogTest, Sql, call, psql, tenant_id

# What compiled SQL, the login and the functions of the extension call.
FUNCTIONS = (
    "concat(VARIADIC text[])",
    "concat(text)",
    "to_json(text)",
    "to_json(uuid)",
    "to_char(timestamp, text)",
    "encode(bytea, text)",
    "decode(text, text)",
    "timestamptz_send(timestamptz)",
    "uuid_send(uuid)",
    "tenant_pk()",
    "tenant_id()",
    "user_pk()",
    "app_role()",
    "now()",
    "current_setting(text, boolean)",
    "timezone(text, timestamptz)",
    "lower(text)",
    "row_number()",
    "hashtext(text)",
    "array_agg(text)",
)
OPERATORS = (
    ("=", "bigint", "bigint"),
    ("=", "uuid", "uuid"),
    ("=", "text", "text"),
    ("||", "bytea", "bytea"),
    ("+", "bigint", "integer"),
    ("<=", "bigint", "bigint"),
    (">", "bigint", "bigint"),
)
TABLES = ("tb_tenant", "tb_user", "tb_post", "tb_comment", "tb_jwt_key", "pg_class", "pg_roles")
TYPES = ("text", "int4", "int8", "uuid", "jsonb", "bytea")


class Hijack(BlogTest):
    """The attacker is a proxy's role that may create objects; whatever of its own is run tells so and raises."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql(
            cls.blog.name,
            script=f"""
            GRANT CREATE ON SCHEMA public TO {PROXY};
            GRANT CREATE ON DATABASE {cls.blog.name} TO {PROXY};""",
        )

    def body(self, name):
        """A function's body that tells who runs it, and then stops the statement with an error of its own."""
        return f"""LANGUAGE plpgsql AS $$ BEGIN
            RAISE WARNING 'hijacked {name} as %', current_user;
            RAISE EXCEPTION 'hijacked' USING ERRCODE = 'HV000'; END $$"""

    def plant(self, session, schema):
        """Functions, operators and an aggregate of our names in a schema."""
        for function in FUNCTIONS:
            result = "bigint" if function in ("tenant_pk()", "user_pk()") else "text"
            session.rows(f"CREATE FUNCTION {schema}.{function} RETURNS {result} {self.body(function.split('(')[0])}")
        for number, (operator, left, right) in enumerate(OPERATORS):
            session.rows(
                f"CREATE FUNCTION {schema}.operator{number}({left}, {right}) RETURNS boolean {self.body(operator)}"
            )
            session.rows(
                f"CREATE OPERATOR {schema}.{operator} "
                f"(FUNCTION = {schema}.operator{number}, LEFTARG = {left}, RIGHTARG = {right})"
            )
        session.rows(f"CREATE FUNCTION {schema}.step(text, text, text) RETURNS text {self.body('string_agg')}")
        session.rows(f"CREATE AGGREGATE {schema}.string_agg(text, text) (SFUNC = {schema}.step, STYPE = text)")

    def is_hijacked(self, session):
        """What was planted is called where the path leads to it: the attack is not a blunt one."""
        self.refused(session, "SELECT concat('a'::text)", "HV000")
        self.refused(session, "SELECT 'a'::text = 'a'::text", "HV000")
        self.assertIn("hijacked", session.complaints())

    def answers_are_ours(self, session):
        calls = len(session.complaints())
        for entry in ("execute", "resolve"):
            for tenant, tokens in (("demo", self.demo), ("another", self.another)):
                self.check_only(tenant, session.text(tokens["editor"], POSTS, entry=entry))
                self.assertIn(
                    "cursor",
                    session.text(
                        tokens["reader"],
                        """{ posts(last: 2) { totalCount edges { cursor node {
                    createdAt published } } pageInfo { hasPreviousPage endCursor } } me { createdAt } }""",
                        entry=entry,
                    ),
                )
        self.assertEqual(session.complaints()[calls:], "")

    def test_objects_of_our_names_in_a_schema_of_the_path(self):
        self.session.rows("CREATE SCHEMA attack")
        self.session.rows("GRANT USAGE ON SCHEMA attack TO PUBLIC")
        self.addCleanup(self.admin.rows, "DROP SCHEMA attack CASCADE")
        self.plant(self.session, "attack")
        with self.blog.session() as fresh:
            for session in (self.session, fresh):
                session.rows("SET search_path = attack, pg_catalog, graphql")
                self.is_hijacked(session)
                self.answers_are_ours(session)

    def test_tables_and_types_in_pg_temp(self):
        for name in TABLES:
            self.session.rows(f"CREATE TEMPORARY TABLE {name} (pk_tenant bigint, id uuid, identifier text, kid text)")
            self.session.rows(f"INSERT INTO pg_temp.{name} VALUES (1, gen_random_uuid(), 'forged', 'e2e')")
        for name in TYPES:
            self.session.rows(f"CREATE DOMAIN pg_temp.{name} AS pg_catalog.bool")
        self.plant_in_temp()
        for path in ("pg_temp, pg_catalog", "pg_temp, public", "pg_catalog"):
            self.session.rows(f"SET search_path = {path}")
            self.answers_are_ours(self.session)

    def plant_in_temp(self):
        """pg_temp has relations and types; functions in it are found only by those who name it."""
        for function in ("concat(pg_catalog.text)", "to_json(pg_catalog.text)"):
            self.session.rows(f"CREATE FUNCTION pg_temp.{function} RETURNS pg_catalog.text {self.body(function)}")

    def test_our_schemas_cannot_be_written(self):
        for schema in ("graphql", "saas_blog"):
            for statement in (
                f"CREATE TABLE {schema}.t (a int)",
                f"CREATE FUNCTION {schema}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                f"CREATE VIEW {schema}.v AS SELECT 1",
                f"DROP SCHEMA {schema} CASCADE",
                f"ALTER SCHEMA {schema} RENAME TO x",
                f"ALTER SCHEMA {schema} OWNER TO {PROXY}",
            ):
                self.refused(self.session, statement, "42501")
        for statement in (
            "ALTER FUNCTION graphql.execute(text, jsonb, text, text, jsonb) SECURITY INVOKER",
            "DROP FUNCTION graphql.execute(text, jsonb, text, text, jsonb)",
            "DROP EXTENSION saas_blog",
            "GRANT EXECUTE ON FUNCTION saas_blog.sign_jwt(jsonb, text) TO PUBLIC",
            "CREATE POLICY mine ON saas_blog.tb_post USING (true)",
            "ALTER TABLE saas_blog.tb_post DISABLE TRIGGER ALL",
            "CREATE TRIGGER t BEFORE INSERT ON saas_blog.tb_post EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "ALTER EXTENSION saas_blog DROP TABLE saas_blog.tb_post",
            "COMMENT ON EXTENSION saas_blog IS 'mine'",
        ):
            self.refused(self.session, statement, "42501")

    def test_functions_of_the_context_in_c_by_somebody_else(self):
        statement = (
            "CREATE FUNCTION public.mine() RETURNS bigint LANGUAGE {} AS '$libdir/saas_blog', 'tenant_pk_wrapper'"
        )
        self.refused(self.session, statement.format("c"), "42501")
        self.refused(self.session, "LOAD 'saas_blog'", "42501")

    def test_a_forged_planner_does_not_change_the_answer(self):
        """Settings that anybody may make: they change plans, and never what is seen."""
        expected = [self.session.text(tokens["editor"], POSTS) for tokens in (self.demo, self.another)]
        for settings in (
            ("plan_cache_mode = force_custom_plan",),
            ("plan_cache_mode = force_generic_plan",),
            ("enable_indexscan = off", "enable_bitmapscan = off", "enable_indexonlyscan = off"),
            ("enable_seqscan = off", "enable_sort = off", "enable_nestloop = off"),
            ("jit = on", "jit_above_cost = 0"),
            ("work_mem = '64kB'",),
            ("standard_conforming_strings = off",),
            ("transform_null_equals = on",),
            ("from_collapse_limit = 1", "join_collapse_limit = 1"),
            ("constraint_exclusion = on",),
            ("default_transaction_isolation = 'serializable'",),
            ("bytea_output = 'escape'",),
            ("quote_all_identifiers = on",),
            ("extra_float_digits = -15",),
            ("IntervalStyle = 'sql_standard'",),
        ):
            with self.blog.session() as session:
                for setting in settings:
                    session.rows(f"SET {setting}")
                for _ in range(2):
                    found = [session.text(tokens["editor"], POSTS) for tokens in (self.demo, self.another)]
                    self.assertEqual(found, expected, settings)

    def test_integer_keys_in_plans_that_the_server_prints(self):
        """Anybody may have the plans of their session sent to them: a generic plan has no values in it."""
        key = int(self.blog.key("tenant", tenant_id("demo")))
        printed = " ".join(str(byte if byte < 128 else byte - 256) for byte in key.to_bytes(8, "little"))
        for mode in ("auto", "force_custom_plan", "force_generic_plan"):
            with self.blog.session() as session:
                for setting in (
                    "debug_print_plan = on",
                    "debug_print_parse = on",
                    "client_min_messages = log",
                    f"plan_cache_mode = {mode}",
                ):
                    session.rows(f"SET {setting}")
                session.rows(f"SELECT {key}::bigint")
                self.assertIn(printed, session.complaints())
                before = len(session.complaints())
                session.text(self.demo["reader"], POSTS)
                shown = session.complaints()[before:]
                self.assertIn(":constvalue", shown)
                self.assertNotIn(printed, shown)
                self.assertEqual(session.value("SHOW plan_cache_mode"), mode)

    def test_a_view_and_a_rule_of_the_attacker_on_the_api(self):
        """A call through the attacker's view has the token that is in the view, and nothing of the caller's own."""
        self.session.rows(
            f"CREATE VIEW public.trap AS SELECT {call(self.demo['reader'], '{ me { name } }')} AS answer, "
            "current_setting('app.tenant_pk', true) AS pk, current_user AS who"
        )
        self.addCleanup(self.admin.rows, "DROP VIEW public.trap")
        self.assertEqual(
            self.admin.rows("SELECT answer::jsonb #>> '{data,me,name}', pk, who FROM public.trap"),
            [["reader of demo", "", self.admin.value("SELECT current_user")]],
        )

    def test_arguments_that_call_us_again(self):
        """The inner call is over before the outer one begins."""
        inner = f"({call(self.another['admin'], '{ me { name } }')} #>> '{{data,me,name}}')"
        outer = "SELECT " + call(self.demo["admin"], "{ me { name } }", Sql(f"jsonb_build_object('x', {inner})"))
        self.check_only("demo", self.session.value(outer))


if __name__ == "__main__":
    unittest.main()
