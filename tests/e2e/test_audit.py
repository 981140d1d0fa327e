"""The audit log: what a change writes, who may read it, and that nobody may change it."""

import re

from blog import INTEGER_KEY, UNKNOWN_ID, SqlError, codes, identifier, parsed, post_id, tenant_id, user_id
from writing import WritingTest

MOMENT = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
ENTRY = "{ id userId user { name } entityType entityId action changes createdAt }"
ENTRIES = "{ auditLogs(first: 100) { nodes %s totalCount } }" % ENTRY
# All that a session could change about how values are written.
STYLES = (
    "TimeZone = 'Asia/Kathmandu'",
    "DateStyle = 'German'",
    "IntervalStyle = 'sql_standard'",
    "bytea_output = 'escape'",
    "extra_float_digits = -15",
    "standard_conforming_strings = off",
    "xmlbinary = 'hex'",
    "lc_time = 'C'",
)


def created(**fields):
    """The changes of a new row."""
    return {name: {"old": None, "new": value} for name, value in fields.items()}


class Changes(WritingTest):
    """What each mutation leaves in the log, to the letter."""

    def last(self):
        return self.log()[-1]

    def test_creations(self):
        operator = self.blog.operator()
        tenant = self.write(operator, "createTenant", name="New", identifier="new", subscriptionTier="pro")["id"]
        changes = created(name="New", identifier="new", subscriptionTier="pro")
        expected = {
            "tenant": "new",
            "user": None,
            "entity": "tenant",
            "id": tenant,
            "action": "create",
            "changes": changes,
        }
        self.assertEqual(self.last(), expected)
        user = self.write(operator, "createUser", tenantId="new", email=" A@b.c ", name=" Ann ", role="editor")["id"]
        changes = created(email="A@b.c", name="Ann", role="editor", identifier="a")
        self.assertEqual(self.last(), {**expected, "entity": "user", "id": user, "changes": changes})
        post = self.write(self.demo["editor"], "createPost", title=" T ", content=" x ", published=True)["id"]
        changes = created(title="T", content=" x ", published=True, identifier="t")
        expected |= {"tenant": "demo", "user": "editor"}
        self.assertEqual(self.last(), {**expected, "entity": "post", "id": post, "changes": changes})
        comment = self.write(self.demo["editor"], "createComment", postId=post, content='"\\é\U0001f600')["id"]
        changes = created(content='"\\é\U0001f600')
        self.assertEqual(self.last(), {**expected, "entity": "comment", "id": comment, "changes": changes})

    def test_changes(self):
        post, user = post_id("demo", 3), user_id("demo", "reader")
        self.write(self.demo["admin"], "updatePost", id=post, title="New", content="Content 3 of demo", published=False)
        changes = {"title": {"old": "Post 3 of demo", "new": "New"}, "published": {"old": True, "new": False}}
        expected = {"tenant": "demo", "user": "admin", "entity": "post", "id": post, "action": "update"}
        self.assertEqual(self.last(), {**expected, "changes": changes})
        self.write(self.demo["admin"], "updatePost", id=post, content="")
        self.assertEqual(self.last()["changes"], {"content": {"old": "Content 3 of demo", "new": ""}})
        self.write(self.demo["admin"], "updateUser", id=user, role="editor", name="New")
        changes = {"role": {"old": "subscriber", "new": "editor"}, "name": {"old": "reader of demo", "new": "New"}}
        self.assertEqual(self.last(), {**expected, "entity": "user", "id": user, "changes": changes})

    def test_deletions_have_the_moment_that_the_answer_has(self):
        """In whatever way the session writes dates, and wherever it is."""
        post, comment = post_id("demo", 3), identifier("demo", 3, 78)
        for style in ("TimeZone = 'UTC'", *STYLES):
            with self.subTest(style=style):
                self.session.rows("SAVEPOINT cell")
                self.session.rows(f"SET LOCAL {style}")
                selection = "{ deletedAt updatedAt }"
                moment = self.write(self.demo["editor"], "deletePost", selection, id=post)["deletedAt"]
                self.assertRegex(moment, MOMENT)
                line = self.last()
                expected = ("delete", {"deletedAt": {"old": None, "new": moment}})
                self.assertEqual((line["action"], line["changes"]), expected)
                self.write(self.demo["editor"], "restorePost", id=post)
                line = self.last()
                expected = ("restore", {"deletedAt": {"old": moment, "new": None}})
                self.assertEqual((line["action"], line["changes"]), expected)
                self.write(self.demo["admin"], "deleteComment", id=comment)
                line = self.last()
                self.assertEqual((line["action"], list(line["changes"])), ("delete", ["deletedAt"]))
                self.assertRegex(line["changes"]["deletedAt"]["new"], MOMENT)
                self.session.rows("ROLLBACK TO SAVEPOINT cell")

    def test_no_integer_key_and_nothing_of_another_tenant(self):
        for tokens, name in ((self.demo, "demo"), (self.another, "another")):
            self.write(tokens["editor"], "createPost", title=f"T of {name}", content="x")
            self.write(tokens["admin"], "updatePost", id=post_id(name, 3), title=f"U of {name}")
            self.write(tokens["admin"], "deletePost", id=post_id(name, 3))
            self.write(self.blog.operator(), "createUser", tenantId=name, email=f"x@{name}", name=f"N of {name}")
        for tokens, name in ((self.demo, "demo"), (self.another, "another")):
            text = self.text(tokens["admin"], ENTRIES)
            answer = self.check_only(name, text)
            self.assertEqual(answer["data"]["auditLogs"]["totalCount"], 4)
            self.assertNotRegex(text, r"updatedAt|createdAt\\|fk|pk")
        stored = " ".join(self.session.column("SELECT changes FROM saas_blog.tb_audit_log"))
        self.assertIsNone(INTEGER_KEY.search(stored))


class Reading(WritingTest):
    """auditLogs, node, and who may ask."""

    def setUp(self):
        super().setUp()
        admin, editor = self.demo["admin"], self.demo["editor"]
        self.post = self.write(editor, "createPost", title="T", content="x")["id"]
        self.comment = self.write(self.demo["reader"], "createComment", postId=post_id("demo", 3), content="y")["id"]
        self.write(admin, "updatePost", id=self.post, title="U")
        self.write(admin, "updateUser", id=user_id("demo", "silent"), name="Loud")
        self.user = self.write(self.blog.operator(), "createUser", tenantId="demo", email="a@b", name="A")["id"]
        self.write(editor, "deletePost", id=self.post)
        self.write(self.another["admin"], "createPost", title="Of another", content="z")

    def found(self, **arguments):
        """Entities and actions of the log under these filters, newest first."""
        text = """query ($entityType: String, $entityId: ID, $userId: ID) {
            auditLogs(entityType: $entityType, entityId: $entityId, userId: $userId) {
                totalCount nodes { entityType action } } }"""
        found = self.done(self.demo["admin"], text, arguments)["auditLogs"]
        self.assertEqual(found["totalCount"], len(found["nodes"]))
        return [f"{node['entityType']} {node['action']}" for node in found["nodes"]]

    def test_filters(self):
        everything = ["post delete", "user create", "user update", "post update", "comment create", "post create"]
        self.assertEqual(self.found(), everything)
        for kind in ("post", "user", "comment", "tenant", "Post", "", "tb_post", "' OR true --"):
            self.assertEqual(self.found(entityType=kind), [line for line in everything if line.split()[0] == kind])
        self.assertEqual(self.found(entityId=self.post), ["post delete", "post update", "post create"])
        self.assertEqual(self.found(entityId=self.post, entityType="user"), [])
        self.assertEqual(self.found(userId=user_id("demo", "editor")), ["post delete", "post create"])
        self.assertEqual(self.found(userId=user_id("demo", "admin"), entityType="post"), ["post update"])
        self.assertEqual(self.found(entityId=None, userId=None, entityType=None), everything)
        for id in (UNKNOWN_ID, "no uuid", user_id("another", "admin"), tenant_id("another"), ""):
            self.assertEqual((self.found(userId=id), self.found(entityId=id)), ([], []))

    def test_who_made_the_change(self):
        nodes = self.done(self.demo["admin"], ENTRIES)["auditLogs"]["nodes"]
        names = ["editor of demo", None, "admin of demo", "admin of demo", "reader of demo", "editor of demo"]
        self.assertEqual([node["user"] and node["user"]["name"] for node in nodes], names)
        ids = [name and user_id("demo", name.split()[0]) for name in names]
        self.assertEqual([node["userId"] for node in nodes], ids)
        self.assertTrue(all(MOMENT.match(node["createdAt"]) for node in nodes))

    def pages(self, size, arguments):
        """The ids of all pages, one after the other, forward or backward."""
        text = f"""query ($cursor: String) {{ auditLogs({arguments}) {{
            edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
        forward, ids, cursor = "first" in arguments, [], None
        for _ in range(10):
            found = self.done(self.demo["admin"], text, {"cursor": cursor})["auditLogs"]
            page = [edge["node"]["id"] for edge in found["edges"]]
            self.assertLessEqual(len(page), size)
            ids = ids + page if forward else page + ids
            info = found["pageInfo"]
            cursor = info["endCursor" if forward else "startCursor"]
            if not info["hasNextPage" if forward else "hasPreviousPage"]:
                return ids
        raise AssertionError("the pages do not end")

    def test_pages_in_both_directions(self):
        """All entries of one transaction, whose order is that of the changes."""
        everything = [node["id"] for node in self.done(self.demo["admin"], ENTRIES)["auditLogs"]["nodes"]]
        self.assertEqual(len(set(everything)), 6)
        for size in (1, 2, 4, 6, 7):
            self.assertEqual(self.pages(size, f"first: {size}, after: $cursor"), everything)
            self.assertEqual(self.pages(size, f"last: {size}, before: $cursor"), everything)
        posts = self.pages(1, f'first: 1, after: $cursor, entityType: "post", entityId: "{self.post}"')
        self.assertEqual(len(posts), 3)

    def test_a_cursor_of_another_list_is_none(self):
        cursor = self.done(self.demo["admin"], "{ posts(first: 1) { edges { cursor } } }")["posts"]["edges"][0][
            "cursor"
        ]
        text = "query ($c: String) { auditLogs(after: $c) { nodes { id } } }"
        self.assertEqual(codes(self.ask(self.demo["admin"], text, {"c": cursor})), ["BAD_USER_INPUT"])

    def test_admins_with_the_scope_and_nobody_else(self):
        entry = self.done(self.demo["admin"], ENTRIES)["auditLogs"]["nodes"][0]
        node = "query ($id: ID!) { node(id: $id) { __typename id ... on AuditLog { action user { name } } } }"
        for scopes, allowed in (
            (None, True),
            (["read:audit"], True),
            ([], False),
            (["read:posts", "read:users"], False),
        ):
            for user in ("admin", "editor", "reader"):
                token = self.blog.token("demo", user, **({} if scopes is None else {"scopes": scopes}))
                may = allowed and user == "admin"
                with self.subTest(scopes=scopes, user=user):
                    answer = self.ask(token, ENTRIES)
                    self.assertEqual(codes(answer), [] if may else ["FORBIDDEN"])
                    found = self.ask(token, node, {"id": entry["id"]})
                    if may:
                        expected = {"__typename": "AuditLog", "id": entry["id"], "action": entry["action"]}
                        self.assertEqual(found["data"]["node"], {**expected, "user": entry["user"]})
                    else:
                        self.assertIn(found.get("data"), ({"node": None}, None))
        for token in (self.blog.operator(), self.blog.operator(scopes=["read:audit"])):
            self.assertEqual(codes(self.ask(token, ENTRIES)), ["FORBIDDEN"])
        self.assertEqual(codes(self.ask(None, ENTRIES)), ["UNAUTHENTICATED"])
        text = "query ($id: ID!) { node(id: $id) { id } }"
        for token in (self.another["admin"], self.demo["editor"]):
            self.assertEqual(self.done(token, text, {"id": entry["id"]}), {"node": None})

    def test_the_policies_show_it_to_admins_of_the_tenant_alone(self):
        """Beneath the API: as the role of compiled SQL."""
        tenants = dict(self.session.rows("SELECT identifier, pk_tenant FROM saas_blog.tb_tenant"))
        for tenant, role, seen in (
            ("demo", "admin", "6"),
            ("another", "admin", "1"),
            ("demo", "editor", "0"),
            ("demo", "subscriber", "0"),
            ("demo", "operator", "0"),
            ("demo", "", "0"),
        ):
            self.session.rows(f"SET LOCAL app.tenant_pk = '{tenants[tenant]}'")
            self.session.rows(f"SET LOCAL app.role = '{role}'")
            self.session.rows("SET LOCAL ROLE saas_blog_exec")
            self.assertEqual(self.session.value("SELECT count(*) FROM saas_blog.tb_audit_log"), seen, (tenant, role))
            self.session.rows("RESET ROLE")


class Guard(WritingTest):
    """Rows are added by the trigger alone, and neither changed nor removed by anybody."""

    TABLE = "saas_blog.tb_audit_log"
    ROLES = (
        "saas_blog_exec",
        "saas_blog_owner",
        "saas_blog_audit",
        "saas_blog_api",
        "saas_blog_admin",
        "pg_write_all_data",
        "postgres",
    )
    CHANGES = (
        "UPDATE {} SET action = 'x'",
        "UPDATE {} SET action = 'x' WHERE false",
        "UPDATE ONLY {} SET changes = '{{}}' WHERE pk_audit_log = 1",
        "DELETE FROM {}",
        "DELETE FROM {} WHERE false",
        "WITH gone AS (DELETE FROM {} RETURNING 1) SELECT count(*) FROM gone",
        "TRUNCATE {}",
        "TRUNCATE saas_blog.tb_tenant, {} CASCADE",
        "MERGE INTO {} AS l USING (VALUES (1)) AS v (n) ON true WHEN MATCHED THEN DELETE",
        "MERGE INTO {} AS l USING (VALUES (1)) AS v (n) ON true WHEN MATCHED THEN UPDATE SET action = 'x'",
        """INSERT INTO {} (pk_audit_log, fk_tenant, entity_type, entity_id, action, changes) OVERRIDING SYSTEM VALUE
           SELECT pk_audit_log, fk_tenant, 'x', entity_id, 'x', '{{}}' FROM {}
           ON CONFLICT (fk_tenant, pk_audit_log) DO UPDATE SET action = 'x'""",
    )

    def setUp(self):
        super().setUp()
        self.write(self.demo["editor"], "createPost", title="T", content="x")
        self.before = self.rows()

    def attempt(self, statement, *settings):
        """The SQLSTATE of a statement under these settings, and nothing of it stays.

        A superuser meets the guard itself.
        """
        self.session.rows("SAVEPOINT cell")
        for setting in settings:
            self.session.rows(f"SET LOCAL {setting}")
        error = None
        try:
            self.session.rows(statement)
        except SqlError as caught:
            error = caught.sqlstate
            if "ROLE postgres" in settings:
                self.assertIn("append-only", caught.message)
        self.session.rows("ROLLBACK TO SAVEPOINT cell")
        self.assertEqual(self.rows(), self.before)
        return error

    def test_nobody_changes_or_removes_a_row(self):
        for role in self.ROLES:
            for replication in ("origin", "replica", "local"):
                for statement in self.CHANGES:
                    with self.subTest(role=role, replication=replication, statement=statement):
                        settings = (f"session_replication_role = {replication}", f"ROLE {role}")
                        self.assertEqual(self.attempt(statement.format(*[self.TABLE] * 2), *settings), "42501")

    def test_nor_in_the_context_of_an_admin(self):
        """A superuser that forges the context, so that the walls show the rows."""
        key = self.blog.key("tenant", tenant_id("demo"))
        settings = (f"app.tenant_pk = '{key}'", "app.role = 'admin'")
        for role in self.ROLES:
            for statement in self.CHANGES:
                with self.subTest(role=role, statement=statement):
                    error = self.attempt(statement.format(*[self.TABLE] * 2), *settings, f"ROLE {role}")
                    self.assertEqual(error, "42501")

    def test_nobody_but_the_trigger_adds_a_row(self):
        key = self.blog.key("tenant", tenant_id("demo"))
        row = f"""INSERT INTO {self.TABLE} (fk_tenant, entity_type, entity_id, action, changes)
            VALUES ({key}, 'post', '{UNKNOWN_ID}', 'delete', '{{}}')"""
        context = (f"app.tenant_pk = '{key}'", "app.role = 'admin'")
        for role in (role for role in self.ROLES if role != "postgres"):
            with self.subTest(role=role):
                self.assertEqual(self.attempt(row, f"ROLE {role}"), "42501")
                if role != "saas_blog_audit":
                    self.assertEqual(self.attempt(row, *context, f"ROLE {role}"), "42501")
        for role in ("saas_blog_exec", "saas_blog_owner", "saas_blog_api", "saas_blog_admin"):
            self.assertEqual(self.attempt("SELECT saas_blog.audit_row()", f"ROLE {role}"), "42501")

    def test_the_owner_of_the_data_cannot_lift_the_guard(self):
        for role in ("saas_blog_owner", "saas_blog_exec", "saas_blog_admin"):
            for statement in (
                "ALTER TABLE {} DISABLE TRIGGER ALL",
                "ALTER TABLE {} DISABLE TRIGGER audit_is_kept",
                "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
                "DROP TRIGGER audit_is_kept ON {}",
                "DROP TABLE {}",
                "CREATE RULE r AS ON INSERT TO {} DO INSTEAD NOTHING",
                "CREATE OR REPLACE FUNCTION saas_blog.audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            ):
                with self.subTest(role=role, statement=statement):
                    # The owner of the schema may drop a table in it, but this one belongs to the extension.
                    expected = "2BP01" if role == "saas_blog_owner" and statement.startswith("DROP TABLE") else "42501"
                    self.assertEqual(self.attempt(statement.format(self.TABLE), f"ROLE {role}"), expected)


class Restored(WritingTest):
    """Without a verified context nothing is written: a restore would double the log."""

    def test_a_superusers_own_writes_leave_no_row(self):
        self.session.rows(f"UPDATE saas_blog.tb_post SET title = 'by hand' WHERE id = '{post_id('demo', 3)}'")
        self.assertEqual(self.log(), [])
        self.write(self.demo["editor"], "updatePost", id=post_id("demo", 3), title="by the API")
        self.assertEqual(self.log()[0]["changes"], {"title": {"old": "by hand", "new": "by the API"}})
        self.session.rows(f"UPDATE saas_blog.tb_post SET title = 'by hand' WHERE id = '{post_id('demo', 3)}'")
        self.assertEqual(len(self.log()), 1)
        self.assertEqual(parsed(self.text(self.demo["admin"], ENTRIES))["data"]["auditLogs"]["totalCount"], 1)
