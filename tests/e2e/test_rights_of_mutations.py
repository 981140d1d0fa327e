"""Who may write what: role x scopes x mutation x whose row it is, each cell with the code that it gets.

The tables say what a caller may do as it is written for people, so they repeat nothing of the schema's bindings.
"""

import hashlib
import itertools
import uuid

from blog import UNKNOWN_ID, codes, tenant_id, user_id
from writing import WritingTest, mutation

OK = None
# Refused before anything is executed, or by the row that it is about.
BEFORE, ROW = ("FORBIDDEN", False), ("FORBIDDEN", True)
MISSING, WRONG = ("NOT_FOUND", True), ("BAD_USER_INPUT", True)
ANONYMOUS = ("UNAUTHENTICATED", False)

USERS = {"subscriber": "reader", "editor": "editor", "admin": "admin"}
SCOPES = {
    "write:tenants": ("createTenant",),
    "write:users": ("createUser", "updateUser"),
    "write:posts": ("createPost", "updatePost", "deletePost", "restorePost"),
    "write:comments": ("createComment", "deleteComment"),
}
READ = ["read:posts", "read:comments", "read:users", "read:audit", "read:tenants"]
SCOPE_OF = {field: scope for scope, fields in SCOPES.items() for field in fields}

# The mutations that a role may ask for at all.
MAY = {
    "subscriber": SCOPES["write:comments"],
    "editor": SCOPES["write:comments"] + SCOPES["write:posts"],
    "admin": SCOPES["write:comments"] + SCOPES["write:posts"] + SCOPES["write:users"],
    "operator": ("createTenant", "createUser"),
}

# What becomes of a row that the role may ask about: `mine`, `theirs` (another user's of the tenant) or nobody's that it
# knows.
NOBODY = ("foreign", "foreign deleted", "unknown", "no uuid")
STRANGE = dict.fromkeys(NOBODY, MISSING)
LIVE = ("mine", "my draft")
THEIRS = ("theirs", "their draft")
TRASH = ("my deleted", "their deleted")
POSTS = (*LIVE, *THEIRS, *TRASH, *NOBODY)
COMMENTS = ("mine", "theirs", "my deleted", "their deleted", "on deleted", "on a draft", *NOBODY)
TENANTS = ("none", "own", "own by name", "foreign", "foreign by name", "unknown", "no uuid")

CHANGE = {
    "editor": {**dict.fromkeys(LIVE, OK), **dict.fromkeys(THEIRS, ROW), **dict.fromkeys(TRASH, MISSING), **STRANGE},
    "admin": {**dict.fromkeys(LIVE + THEIRS, OK), **dict.fromkeys(TRASH, MISSING), **STRANGE},
}
RESTORE = {
    "editor": {**dict.fromkeys(LIVE + THEIRS, MISSING), "my deleted": OK, "their deleted": MISSING, **STRANGE},
    "admin": {**dict.fromkeys(LIVE + THEIRS, MISSING), **dict.fromkeys(TRASH, OK), **STRANGE},
}
COMMENT = {
    "subscriber": {"mine": OK, "my draft": MISSING, "theirs": OK, "their draft": MISSING},
    "editor": dict.fromkeys(LIVE + THEIRS, OK),
    "admin": dict.fromkeys(LIVE + THEIRS, OK),
}
GONE = {**dict.fromkeys(("my deleted", "their deleted", "on deleted"), MISSING), **STRANGE}
UNCOMMENT = {
    "subscriber": {"mine": OK, "theirs": ROW, "on a draft": MISSING, **GONE},
    "editor": {"mine": OK, "theirs": ROW, "on a draft": OK, **GONE},
    "admin": {"mine": OK, "theirs": OK, "on a draft": OK, **GONE},
}
OWN_TENANT = {name: OK if name in ("none", "own", "own by name") else BEFORE for name in TENANTS}
ANY_TENANT = {**dict.fromkeys(TENANTS, OK), "none": WRONG, "unknown": MISSING, "no uuid": MISSING}
ROWS = {
    "createTenant": {"operator": {"none": OK}},
    "createUser": {"admin": OWN_TENANT, "operator": ANY_TENANT},
    "updateUser": {"admin": {"mine": OK, "theirs": OK, **STRANGE}},
    "createPost": {"editor": OWN_TENANT, "admin": OWN_TENANT},
    "updatePost": CHANGE,
    "deletePost": CHANGE,
    "restorePost": RESTORE,
    "createComment": {role: {**cells, **dict.fromkeys(TRASH, MISSING), **STRANGE} for role, cells in COMMENT.items()},
    "deleteComment": UNCOMMENT,
}
# The rows that each mutation is tried with, whoever asks.
TRIED = {
    "createTenant": ("none",),
    "createUser": TENANTS,
    "updateUser": ("mine", "theirs", *NOBODY),
    "createPost": TENANTS,
    **dict.fromkeys(("updatePost", "deletePost", "restorePost", "createComment"), POSTS),
    "deleteComment": COMMENTS,
}
ARGUMENTS = {
    "createTenant": {"name": "New", "identifier": "new"},
    "createUser": {"email": "new@example.com", "name": "New"},
    "updateUser": {"name": "New"},
    "createPost": {"title": "New", "content": "New"},
    "updatePost": {"title": "New"},
    "createComment": {"content": "New"},
}
FIXTURES = """
WITH owner AS (SELECT t.identifier AS tenant, u.* FROM saas_blog.tb_user AS u
               JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = u.fk_tenant),
post AS (
  INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, identifier, title, published, deleted_at)
  SELECT o.fk_tenant, o.pk_user, md5(concat_ws(' ', o.tenant, o.identifier, 'post', s.state))::uuid,
         format('%s-%s', o.identifier, s.state), 'Post of ' || o.tenant, s.state <> 'draft',
         CASE s.state WHEN 'deleted' THEN now() END
  FROM owner AS o CROSS JOIN (VALUES ('live'), ('draft'), ('deleted')) AS s (state)
  RETURNING *)
INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, content, deleted_at)
SELECT o.fk_tenant, p.pk_post, o.pk_user, md5(concat_ws(' ', o.tenant, o.identifier, 'comment', s.state))::uuid,
       'Comment of ' || o.tenant, CASE s.state WHEN 'deleted' THEN now() END
FROM owner AS o
CROSS JOIN (VALUES ('live', 'live'), ('deleted', 'live'), ('on deleted', 'deleted'), ('on a draft', 'draft'))
  AS s (state, place)
JOIN post AS p ON p.fk_tenant = o.fk_tenant AND p.identifier = 'writer-' || s.place
"""


def fixture(*words):
    """The id of a row of FIXTURES."""
    return str(uuid.UUID(hashlib.md5(" ".join(words).encode()).hexdigest()))


def row_id(field, user, row):
    """The id that the mutation is given for this row; None gives no argument."""
    if row in ("unknown", "no uuid"):
        return UNKNOWN_ID if row == "unknown" else "no uuid"
    if field in ("createTenant", "createUser", "createPost"):
        named = {"own": tenant_id("demo"), "own by name": "demo", "foreign": tenant_id("another")}
        return {"none": None, **named, "foreign by name": "another"}[row]
    if field == "updateUser":
        of = {"mine": ("demo", user), "theirs": ("demo", "writer"), "foreign": ("another", "writer")}
        return user_id(*of.get(row, ("another", user)))
    kind = "comment" if field == "deleteComment" else "post"
    if row.startswith("foreign"):
        return fixture("another", user, kind, "deleted" if "deleted" in row else "live")
    owner = "writer" if row.startswith("their") else user
    state = row if row.startswith("on ") else (row.split(" ") + ["live"])[1]
    return fixture("demo", owner, kind, state)


def scope_sets(field):
    """Scope claims by name: only those without a claim, or with the right one, grant anything."""
    right = SCOPE_OF[field]
    others = [scope for scope in [*SCOPES, *READ] if scope != right]
    return {"no claim": None, "none": [], "the right one": [right], "all others": others}


class Rights(WritingTest):
    """One test a mutation; its cells are undone one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin.rows(FIXTURES)

    def token(self, role, scopes):
        changed = {} if scopes is None else {"scopes": scopes}
        if role == "operator":
            return self.blog.operator(**changed)
        return self.blog.token("demo", USERS[role], **changed) if role != "nobody" else None

    def expected(self, field, role, scopes, row):
        """The cell, by the tables above."""
        if role == "nobody":
            return ANONYMOUS
        if field not in MAY[role] or scopes in ("none", "all others"):
            return BEFORE
        return ROWS[field][role][row]

    def check(self, field):
        roles, scopes, rows = ("nobody", *MAY), scope_sets(field), TRIED[field]
        tokens = {cell: self.token(cell[0], scopes[cell[1]]) for cell in itertools.product(roles, scopes)}
        tried = 0
        for role, claim, row in itertools.product(roles, scopes, rows):
            with self.subTest(mutation=field, role=role, scopes=claim, row=row):
                self.session.rows("SAVEPOINT cell")
                self.check_cell(field, tokens[role, claim], role, row, self.expected(field, role, claim, row))
                tried += 1
            self.session.rows("ROLLBACK TO SAVEPOINT cell")
        self.assertEqual(tried, 5 * 4 * len(rows))

    def check_cell(self, field, token, role, row, expected):
        user = USERS.get(role, "reader")
        id = row_id(field, user, row)
        name = {"createComment": "postId"}.get(field, "tenantId" if field in ("createUser", "createPost") else "id")
        arguments = {**ARGUMENTS.get(field, {}), **({name: id} if id else {})}
        before, rows = len(self.log()), self.rows()
        answer = self.ask(token, mutation(field, **arguments))
        written = self.log()[before:]
        if expected is not OK:
            self.assertEqual(codes(answer), [expected[0]], answer)
            self.check_error(answer, expected[0], executed=expected[1])
            self.assertEqual((written, self.rows()), ([], rows))
            return
        self.assertEqual(list(answer), ["data"], answer)
        result = answer["data"][field]["id"]
        if name == "id" and id:
            self.assertEqual(result, id)
        entity = next(kind for kind in ("tenant", "user", "post", "comment") if kind in field.lower())
        tenant = "new" if field == "createTenant" else "another" if row.startswith("foreign") else "demo"
        log = [{name: line[name] for name in ("tenant", "user", "entity", "id", "action")} for line in written]
        who = None if role == "operator" else user
        action = field[: -len(entity)]
        self.assertEqual(log, [{"tenant": tenant, "user": who, "entity": entity, "id": result, "action": action}])
        self.assertNotEqual(self.rows(), rows)

    def test_every_cell_has_an_expectation(self):
        self.assertEqual(sorted(ROWS), sorted(SCOPE_OF))
        for field, roles in ROWS.items():
            self.assertEqual(sorted(roles), sorted(role for role in MAY if field in MAY[role]))
            for cells in roles.values():
                self.assertEqual(sorted(cells), sorted(TRIED[field]))


def _add_tests():
    for field in SCOPE_OF:
        setattr(Rights, f"test_{field}", lambda self, field=field: self.check(field))


_add_tests()
