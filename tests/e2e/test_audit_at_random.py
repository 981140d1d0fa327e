"""A thousand mutations at random: the audit log has those that succeeded, in their order, and replaying it gives each
row as it is now.
"""

import random
from collections import Counter

from blog import PROXY, TENANTS, UNKNOWN_ID, USERS, BlogTest, codes, identifier, parsed, user_id
from writing import LOG, argument, request

MUTATIONS, SEED = 1000, 4
SELECTIONS = {
    "tenant": "{ id identifier name subscriptionTier }",
    "user": "{ id identifier email name role }",
    "post": "{ id identifier title content published }",
    "comment": "{ id content }",
}
MOMENT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# Each row's id and all of its fields that the log is to keep, by their names in GraphQL.
STATES = (
    "SELECT entity, id, fields FROM ("
    + " UNION ALL ".join(
        f"SELECT '{table}' AS entity, id, jsonb_build_object({fields}) AS fields FROM saas_blog.tb_{table}"
        for table, fields in {
            "tenant": "'identifier', identifier, 'name', name, 'subscriptionTier', subscription_tier",
            "user": "'identifier', identifier, 'email', email, 'name', name, 'role', role",
            "post": "'identifier', identifier, 'title', title, 'content', content, 'published', published, "
            "'deletedAt', " + MOMENT.format("deleted_at"),
            "comment": "'content', content, 'deletedAt', " + MOMENT.format("deleted_at"),
        }.items()
    )
    + ") AS states"
)
NOT_IN_THE_LOG_AS_NULL = {"post": {"deletedAt": None}, "comment": {"deletedAt": None}}


class Chooser:
    """Chooses mutations at random; it knows the ids that there are, and how many kinds there are."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.posts = {name: [identifier(name, 2, n) for n in range(1, 19)] for name in TENANTS}
        self.comments = {
            name: [identifier(name, 3, n * 10 + 9 - k) for n in range(1, 19) for k in range(n % 4 + 1)]
            for name in TENANTS
        }
        self.made = 0

    def text(self):
        """A title or name: one of a few, or one that is refused."""
        return self.random.choice(["One", "Two", " One ", "Three", "Vier \U0001f600"] * 3 + ["", "x" * 400, "a\x01"])

    def row(self, ids, tenant):
        """A row of the tenant, or rarely one that is not."""
        other = next(name for name in TENANTS if name != tenant)
        return self.random.choice([self.random.choice(ids[tenant])] * 12 + [self.random.choice(ids[other]), UNKNOWN_ID])

    def new(self):
        self.made += 1
        return f"new-{self.made}" if self.random.random() < 0.9 else "taken"

    def mutation(self, tenant, operator):
        """A field, the kind of its row, and its arguments."""
        choose = self.random.choice
        if operator:
            if self.random.random() < 0.3:
                return "createTenant", "tenant", {"name": self.text(), "identifier": self.new()}
            name = choose([*TENANTS] * 5 + [None, "no tenant"])
            return "createUser", "user", {"tenantId": name, "email": f"{self.new()}@x", "name": self.text()}
        field = choose(
            ["createPost", "updatePost", "updatePost", "deletePost", "restorePost", "createComment", "deleteComment"]
            * 2
            + ["updateUser", "createUser"]
        )
        if field == "createPost":
            return field, "post", {"title": self.text(), "content": self.text(), "published": choose([True, False])}
        if field == "createUser":
            return field, "user", {"email": f"{self.new()}@x", "name": self.text(), "role": choose(["editor", "owner"])}
        if field == "updateUser":
            id = user_id(choose([tenant] * 8 + [*TENANTS]), choose(["silent", "writer", "admin"]))
            return (
                field,
                "user",
                {"id": id, "name": choose([None, self.text()]), "role": choose([None, "editor", "subscriber"])},
            )
        if field == "createComment":
            return field, "comment", {"postId": self.row(self.posts, tenant), "content": self.text()}
        if field == "deleteComment":
            return field, "comment", {"id": self.row(self.comments, tenant)}
        arguments = {"id": self.row(self.posts, tenant)}
        if field == "updatePost":
            arguments |= {"title": choose([None, self.text()]), "content": choose([None, self.text()])}
            arguments |= {"published": choose([None, True, False])}
            if self.random.random() < 0.1:
                arguments["ifUpdatedAt"] = "2026-02-20T09:00:00Z"
        return field, "post", arguments


class AtRandom(BlogTest):
    """The run, and then the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = {id: (entity, parsed(fields)) for entity, id, fields in cls.admin.rows(STATES)}
        # What the client has seen of each row last.
        cls.known = {id: fields for id, (_, fields) in cls.before.items()}
        cls.roles = {(tenant, user): "editor" if user == "writer" else None for tenant in TENANTS for user in USERS}
        cls.expected, cls.outcomes, cls.chooser = [], Counter(), Chooser(SEED)
        with cls.blog.session(PROXY) as session:
            while sum(cls.outcomes.values()) < MUTATIONS:
                cls.step(session)

    @classmethod
    def step(cls, session):
        """One operation of one to three mutations; some are tried only, and some are sent twice under a key."""
        choose = cls.chooser.random
        tenant, user = choose.choice(TENANTS), choose.choice(["admin", "admin", "editor", "writer", "reader", None])
        fields = [cls.chooser.mutation(tenant, user is None) for _ in range(choose.choice([1, 1, 1, 2, 3]))]
        dry, key = choose.random() < 0.1, choose.random() < 0.1
        text = "mutation" + (" @dryRun" if dry else "") + " {"
        for at, (field, entity, arguments) in enumerate(fields):
            given = ", ".join(f"{name}: {argument(value)}" for name, value in arguments.items())
            text += f" m{at}: {field}({given}) {SELECTIONS[entity]}"
        extensions = {"idempotencyKey": f"key-{len(cls.expected)}-{choose.random()}"} if key else None
        sent = request(cls.token(tenant, user), text + " }", extensions=extensions)
        answer = parsed(session.value(sent))
        if key and not dry and "errors" not in answer and parsed(session.value(sent)) != answer:
            raise AssertionError(f"a repeat has another answer: {text}")
        for code in codes(answer):
            cls.outcomes[code] += 1
        if "errors" not in answer:
            for at, (field, entity, arguments) in enumerate(fields):
                cls.outcomes["dry" if dry else field] += 1
                if not dry:
                    cls.note(tenant, user, field, entity, arguments, answer["data"][f"m{at}"])

    @classmethod
    def token(cls, tenant, user):
        if user is None:
            return cls.blog.operator()
        role = cls.roles[tenant, user]
        return cls.blog.token(tenant, user, **({"role": role} if role else {}))

    @classmethod
    def note(cls, tenant, user, field, entity, arguments, row):
        """What the log is to say of a mutation that has succeeded."""
        before, id = cls.known.get(row["id"]), row.pop("id")
        if before is not None and field.startswith("update") and {**before, **row} == before:
            return
        cls.known[id] = {**(before or {}), **row}
        if field == "createTenant":
            tenant = row["identifier"]
        elif user is None:
            tenant = arguments["tenantId"]
        if field == "updateUser" and id in (user_id(tenant, "writer"),):
            cls.roles[tenant, "writer"] = row["role"]
        if field in ("createPost", "createComment"):
            (cls.chooser.posts if entity == "post" else cls.chooser.comments)[tenant].append(id)
        action = field[: -len(entity)]
        cls.expected.append({"tenant": tenant, "user": user, "entity": entity, "id": id, "action": action})

    def entries(self):
        return [parsed(row) for row in self.admin.column(LOG)]

    def test_the_run_has_all_kinds_of_outcomes(self):
        kinds = (
            "createPost",
            "updatePost",
            "deletePost",
            "restorePost",
            "createComment",
            "deleteComment",
            "createUser",
        )
        for outcome in (
            *kinds,
            "updateUser",
            "createTenant",
            "dry",
            "NOT_FOUND",
            "BAD_USER_INPUT",
            "FORBIDDEN",
            "CONFLICT",
        ):
            self.assertGreaterEqual(self.outcomes[outcome], 5, self.outcomes)
        self.assertEqual(self.outcomes["INTERNAL_SERVER_ERROR"] + self.outcomes["UNAUTHENTICATED"], 0)

    def test_the_log_has_what_succeeded_in_its_order(self):
        found = [{name: value for name, value in entry.items() if name != "changes"} for entry in self.entries()]
        self.assertEqual(len(found), len(self.expected))
        for number, (entry, expected) in enumerate(zip(found, self.expected)):
            self.assertEqual(entry, expected, number)

    def test_replaying_the_changes_gives_the_rows(self):
        rows = {id: (entity, dict(fields)) for id, (entity, fields) in self.before.items()}
        for entry in self.entries():
            if entry["action"] == "create":
                self.assertNotIn(entry["id"], rows)
            default = (entry["entity"], dict(NOT_IN_THE_LOG_AS_NULL.get(entry["entity"], {})))
            _, fields = rows.setdefault(entry["id"], default)
            self.assertTrue(entry["changes"])
            for name, change in entry["changes"].items():
                self.assertEqual(sorted(change), ["new", "old"])
                self.assertNotEqual(change["old"], change["new"])
                self.assertEqual(fields.get(name), change["old"], entry)
                fields[name] = change["new"]
        now = {id: (entity, parsed(fields)) for entity, id, fields in self.admin.rows(STATES)}
        self.assertEqual(rows, now)

    def test_a_client_reads_the_same_log(self):
        """All pages of auditLogs of each tenant, newest first."""
        text = (
            "query ($after: String) { auditLogs(first: 100, after: $after) { "
            "nodes { entityType entityId action user { id } } pageInfo { hasNextPage endCursor } totalCount } }"
        )
        for tenant in TENANTS:
            token, nodes, after = self.blog.token(tenant, "admin"), [], None
            while True:
                page = self.session.ask(token, text, {"after": after})["data"]["auditLogs"]
                nodes, after = nodes + page["nodes"], page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
            found = [
                (node["entityType"], node["entityId"], node["action"], (node["user"] or {}).get("id")) for node in nodes
            ]
            expected = [
                (line["entity"], line["id"], line["action"], line["user"] and user_id(tenant, line["user"]))
                for line in self.expected
                if line["tenant"] == tenant
            ]
            self.assertEqual(found[::-1], expected)
            self.assertEqual(page["totalCount"], len(expected))
