"""Where a mutation is called from, and what the session has set: its place in SQL is as it was, after each call."""

from blog import PROXY, UNKNOWN_ID, codes, parsed, post_id, quoted, user_id
from writing import WritingTest, mutation, request

SETTINGS = ("app.tenant_pk", "app.tenant_id", "app.user_pk", "app.user_id", "app.role")
PLACE = "SELECT current_user, session_user, current_setting('search_path'), current_setting('TimeZone'), " + ", ".join(
    f"current_setting('{name}')" for name in SETTINGS
)
CONTEXT = "SELECT " + ", ".join(
    f"saas_blog.{name}()" for name in ("tenant_pk", "tenant_id", "user_pk", "user_id", "app_role")
)
MADE = mutation("createPost", "{ identifier }", title="Many", content="x")


class Context(WritingTest):
    """After each call all is as it was."""

    def test_nothing_of_the_context_is_left(self):
        self.session.rows("SELECT saas_blog.tenant_pk()")
        self.session.rows(f"SET SESSION AUTHORIZATION {PROXY}")
        before = self.session.rows(PLACE)
        self.assertEqual((before[0][:2], before[0][4:]), ([PROXY] * 2, [""] * 5))
        operator, editor = self.blog.operator(), self.demo["editor"]
        post, user = {"title": "T", "content": "x"}, {"email": "c@d", "name": "C"}
        for token, text in (
            (operator, mutation("createTenant", name="T", identifier="t")),
            (operator, mutation("createUser", tenantId="another", **user)),
            (operator, mutation("createUser", tenantId="another", **user)),
            (operator, mutation("createTenant", name="", identifier="t2")),
            (operator, 'mutation @dryRun { createTenant(name: "D", identifier: "d") { id } }'),
            (editor, mutation("createPost", **post)),
            (editor, mutation("createPost", **{**post, "title": ""})),
            (editor, mutation("createPost", **post).replace("mutation", "mutation @dryRun")),
            (editor, mutation("deletePost", id=UNKNOWN_ID)),
            (None, mutation("createPost", **post)),
        ):
            for entry in ("execute", "resolve"):
                with self.subTest(text=text, entry=entry):
                    self.session.value(request(token, text, entry=entry))
                    self.assertEqual(self.session.rows(PLACE), before)
                    self.session.rows("RESET SESSION AUTHORIZATION")
                    self.assertEqual(self.session.rows(CONTEXT), [[None] * 5])
                    self.session.rows(f"SET SESSION AUTHORIZATION {PROXY}")

    def test_a_cursor_that_is_open_across_a_mutation_goes_on(self):
        self.session.rows("DECLARE c CURSOR FOR SELECT identifier FROM saas_blog.tb_tenant ORDER BY identifier")
        self.assertEqual(self.session.value("FETCH 1 FROM c"), "another")
        self.ask(self.demo["editor"], mutation("createPost", title="", content="x"))
        self.write(self.demo["editor"], "createPost", title="T", content="x")
        self.assertEqual(self.session.value("FETCH 1 FROM c"), "demo")

    def test_a_mutation_within_a_function_of_sql_and_its_savepoint(self):
        text = quoted(request(self.demo["editor"], mutation("createPost", title="In a block", content="x")))
        self.session.rows(
            f"""DO $$ BEGIN BEGIN EXECUTE {text}; RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END; END $$"""
        )
        count = "SELECT count(*) FROM saas_blog.tb_post WHERE title = 'In a block'"
        self.assertEqual(self.session.value(count), "0")
        self.session.rows(f"DO $$ BEGIN EXECUTE {text}; END $$")
        self.assertEqual(self.session.value(count), "1")


class Places(WritingTest):
    """A call anywhere in SQL is a call."""

    def setUp(self):
        super().setUp()
        self.session.rows(f"SET SESSION AUTHORIZATION {PROXY}")
        self.call = request(self.demo["editor"], MADE)

    def identifiers(self, rows):
        return [parsed(row)["data"]["createPost"]["identifier"] for row in rows]

    def test_once_a_row(self):
        made = self.session.column(f"{self.call} FROM generate_series(1, 3)")
        self.assertEqual(self.identifiers(made), ["many", "many-2", "many-3"])

    def test_once_a_row_that_is_fetched(self):
        self.session.rows(f"DECLARE c CURSOR FOR {self.call} FROM generate_series(1, 3)")
        made = self.session.column("FETCH 1 FROM c")
        self.session.rows("RESET SESSION AUTHORIZATION")
        count = "SELECT count(*) FROM saas_blog.tb_post WHERE title = 'Many'"
        self.assertEqual(self.session.value(count), "1")
        made += self.session.column("FETCH 1 FROM c")
        self.session.rows("CLOSE c")
        self.assertEqual((self.identifiers(made), self.session.value(count)), (["many", "many-2"], "2"))

    def test_a_failure_beside_a_success_in_one_statement(self):
        failing = request(self.demo["editor"], mutation("createPost", title="", content="x"))
        failed, made = self.session.rows(f"SELECT ({failing}), ({self.call})")[0]
        self.assertEqual((codes(parsed(failed)), self.identifiers([made])), (["BAD_USER_INPUT"], ["many"]))

    def test_within_statements_that_write(self):
        self.session.rows("CREATE TEMP TABLE answers (answer json)")
        made = self.session.column(f"WITH new AS (INSERT INTO answers {self.call} RETURNING answer) TABLE new")
        made += self.session.column("TABLE answers")
        self.assertEqual(self.identifiers(made), ["many", "many"])

    def test_within_a_function_that_is_said_to_be_stable(self):
        self.session.rows(f"""CREATE FUNCTION pg_temp.made() RETURNS json STABLE LANGUAGE plpgsql AS
            $f$ BEGIN RETURN ({self.call}); END $f$""")
        made = self.session.column("SELECT pg_temp.made() FROM generate_series(1, 2)")
        self.assertEqual(self.identifiers(made), ["many", "many-2"])

    def test_a_trigger_of_the_callers_own(self):
        self.session.rows("CREATE TEMP TABLE note (n int)")
        self.session.rows(f"""CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS
            $f$ BEGIN PERFORM ({self.call}); RETURN NEW; END $f$""")
        self.session.rows("CREATE TRIGGER t BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION pg_temp.note()")
        self.session.rows("INSERT INTO note VALUES (1), (2)")
        self.assertEqual(self.identifiers(self.session.column(self.call)), ["many-3"])


class Settings(WritingTest):
    """What a session may set changes nothing about what is written."""

    SETTINGS = (
        "plpgsql.extra_errors = 'all'",
        "plpgsql.print_strict_params = on",
        "transform_null_equals = on",
        "row_security = off",
        "array_nulls = off",
        "enable_indexscan = off",
        "enable_seqscan = off",
        "force_parallel_mode = on",
        "plan_cache_mode = force_custom_plan",
        "quote_all_identifiers = on",
        "search_path = pg_temp",
        "default_transaction_isolation = 'serializable'",
        "session_replication_role = 'local'",
        "session_replication_role = 'replica'",
    )

    def test_whatever_the_session_has_set(self):
        text = """mutation ($id: ID!, $user: ID!) {
            a: createPost(title: "A", content: "x") { identifier } b: updatePost(id: $id, title: "B") { title }
            c: createComment(postId: $id, content: "x") { post { commentCount } } d: deletePost(id: $id) { title }
            e: restorePost(id: $id) { commentCount } f: createUser(email: "A@b", name: "A") { identifier email }
            g: updateUser(id: $user, role: "editor") { role } }"""
        variables = {"id": post_id("demo", 3), "user": user_id("demo", "reader")}
        seen = set()
        for setting in ("TimeZone = 'UTC'", *self.SETTINGS):
            with self.subTest(setting=setting), self.blog.session(None) as self.session:
                self.session.rows("BEGIN")
                self.session.rows(f"SET LOCAL {setting}")
                seen.add(self.text(self.demo["admin"], text, variables, extensions={"idempotencyKey": "k"}))
                self.session.rows("RESET search_path")
                actions = ["create", "update", "create", "delete", "restore", "create", "update"]
                self.assertEqual([line["action"] for line in self.log()], actions)
        self.assertEqual(len(seen), 1, seen)

    def test_an_answer_that_is_too_long_is_taken_back(self):
        self.session.rows("SELECT saas_blog.tenant_pk()")
        self.session.rows("SET LOCAL saas_blog.max_answer_bytes = 1000")
        text = """mutation ($c: String!) { a: createPost(title: "A", content: $c) { content }
            b: createPost(title: "B", content: $c) { content } }"""
        for length, path in ((2000, "a"), (600, "b")):
            before = self.rows()
            answer = self.ask(self.demo["editor"], text, {"c": "x" * length}, extensions={"idempotencyKey": "k"})
            self.assertEqual(self.check_error(answer, "LIMIT_EXCEEDED", executed=True)[0]["path"], [path])
            self.assertEqual(self.rows(), before)
        self.assertEqual(list(self.done(self.demo["editor"], text, {"c": "x"})), ["a", "b"])

    def test_explain_carries_nothing_out(self):
        before = self.rows()
        for analyze in ("false", "true"):
            arguments = f"{quoted(MADE)}, NULL, {quoted(self.demo['editor'])}, NULL, {analyze}"
            explained = parsed(self.session.value(f"SELECT graphql.explain({arguments})"))
            self.assertEqual(self.rows(), before)
        self.assertIn("fn_create_post", explained["statements"][0]["sql"])
