"""What the tests of mutations share: a session that is always within a transaction, which nothing survives."""

import json

from blog import PROXY, BlogTest, as_json, codes, parsed, quoted

TABLES = (
    "tb_tenant",
    "tb_user",
    "tb_post",
    "tb_comment",
    "tb_audit_log",
    "tb_idempotency_key",
    "tb_operator_idempotency_key",
)
# All that the tables hold, as one number, and where: a row that is written again as it was is written, too.
ALL_ROWS = "SELECT md5(string_agg(line, '|' ORDER BY line)) FROM ({}) AS lines".format(
    " UNION ALL ".join(
        f"SELECT '{table}' || v.ctid || v.*::text AS line FROM saas_blog.{table} AS v" for table in TABLES
    )
)
# One line a row of the audit log, as a client would name things, in the order of the changes.
LOG = """SELECT jsonb_build_object('tenant', t.identifier, 'user', u.identifier, 'entity', l.entity_type,
        'id', l.entity_id, 'action', l.action, 'changes', l.changes)
    FROM saas_blog.tb_audit_log AS l
    JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = l.fk_tenant
    LEFT JOIN saas_blog.tb_user AS u ON u.fk_tenant = l.fk_tenant AND u.pk_user = l.fk_user
    ORDER BY l.pk_audit_log"""


def request(token, query, variables=None, operation=None, extensions=None, entry="execute"):
    """The SQL of a request with all five arguments."""
    arguments = [quoted(query), as_json(variables), quoted(token), quoted(operation), as_json(extensions)]
    return f"SELECT graphql.{entry}({', '.join(arguments)})"


def argument(value):
    """A value as GraphQL writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {argument(item)}" for name, item in value.items()) + "}"
    return json.dumps(value)


def mutation(field, selection="{ id }", **arguments):
    """A mutation of one root field with these arguments as literals."""
    given = ", ".join(f"{name}: {argument(value)}" for name, value in arguments.items())
    return f"mutation {{ {field}({given}) {selection} }}"


class WritingTest(BlogTest):
    """Tests that write in a transaction of a superuser's session, which asks as the proxy. It is rolled back."""

    def setUp(self):
        self.session = self.blog.session(None)
        self.addCleanup(self.session.close)
        self.session.rows("BEGIN")
        self.addCleanup(self.session.rows, "ROLLBACK")

    def text(self, *arguments, **named):
        """The answer to a request of the proxy's, as it is written."""
        self.session.rows(f"SET SESSION AUTHORIZATION {PROXY}")
        answer = self.session.value(request(*arguments, **named))
        self.session.rows("RESET SESSION AUTHORIZATION")
        return answer

    def ask(self, *arguments, **named):
        """The answer to a request of the proxy's."""
        return parsed(self.text(*arguments, **named))

    def done(self, *arguments, **named):
        """The data of a request that succeeds."""
        answer = self.ask(*arguments, **named)
        self.assertEqual(list(answer), ["data"], answer)
        return answer["data"]

    def write(self, token, field, selection="{ id }", **arguments):
        """The result of a mutation that succeeds."""
        return self.done(token, mutation(field, selection, **arguments))[field]

    def rows(self):
        """All that the tables hold, as one number."""
        return self.session.value(ALL_ROWS)

    def log(self):
        """The audit log."""
        return [parsed(row) for row in self.session.column(LOG)]

    def refuses(self, code, *arguments, field=None, executed=True, **named):
        """The request fails with this one code, blames this argument, and writes nothing."""
        before = self.rows()
        answer = self.ask(*arguments, **named)
        self.assertEqual(codes(answer), [code], answer)
        error = self.check_error(answer, code, executed=executed)[0]
        self.assertEqual(error["extensions"].get("field"), field, error)
        self.assertEqual(self.rows(), before, answer)
        return error
