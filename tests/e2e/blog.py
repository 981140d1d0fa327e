"""What the end-to-end tests share: a fresh database with the extension and two tenants, tokens, and sessions of psql.

The server is the one that the environment names (PGHOST, PGPORT, PGUSER: a superuser), as `scripts/cluster` writes it.
"""

import itertools
import json
import os
import re
import select
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TENANTS = ("demo", "another")
ROLES = ("admin", "editor", "subscriber")
# Users by number, the same in both tenants.
USERS = {"admin": 1, "editor": 2, "writer": 3, "reader": 4, "silent": 5}
USER_OF_ROLE = {"admin": "admin", "editor": "editor", "subscriber": "reader"}
ROLE_OF_USER = {
    "admin": "admin",
    "editor": "editor",
    "writer": "editor",
    "reader": "subscriber",
    "silent": "subscriber",
}
# The login role of a proxy, which may call the API and nothing else.
PROXY = f"e2e_proxy_{os.getpid()}"
KEYS = {"e2e": "a secret of the end-to-end tests", "e2e-operator": "operators of the end-to-end tests"}
# An integer key of a fixture, whichever table it is of (blog.sql).
INTEGER_KEY = re.compile(r"77[1-4]000\d\d\d")
UNKNOWN_ID = "e9999999-0000-4000-8000-000000000000"
# No message of ours names what stands behind the API.
INTERNALS = re.compile(
    r"tb_|pk_|fk_|v_post|v_user|saas_blog|relation|constraint|policy|row-level|column|SPI|plan|panic"
)

MARK = "<<e2e>>"
NULL = "\x1a"
POSTS = """{ posts(first: 100) { nodes { id title content author { id name email }
    comments(first: 50) { nodes { content } } } } }"""


class Sql(str):
    """Text that stands for an argument as SQL, where other text is quoted."""


class SqlError(Exception):
    """An error that a statement raised."""

    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate}: {message}")
        self.sqlstate, self.message = sqlstate, message


class Lost(Exception):
    """The backend is gone."""


def quoted(value):
    """An SQL literal that means the same whatever standard_conforming_strings is."""
    if value is None:
        return "NULL"
    if isinstance(value, Sql):
        return value
    text = value.replace("'", "''")
    return "E'" + text.replace("\\", "\\\\") + "'" if "\\" in text else f"'{text}'"


def as_json(value):
    """A value as an SQL argument of type jsonb; `Sql` stays as it is."""
    if value is None or isinstance(value, Sql):
        return quoted(value)
    return quoted(json.dumps(value)) + "::jsonb"


def call(token, query, variables=None, operation=None, entry="execute"):
    """The SQL of a request."""
    arguments = [quoted(query), as_json(variables), quoted(token), quoted(operation)]
    return f"graphql.{entry}({', '.join(arguments)})"


def parsed(text):
    """The JSON value of a text; an object with the same key twice is an error."""

    def unique(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError(f"a key is there twice: {[key for key, _ in pairs]}")
        return found

    return json.loads(text, object_pairs_hook=unique)


def codes(answer):
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


def identifier(tenant, kind, number):
    """The id of a fixture: kind 1 is a user, 2 a post, 3 a comment; see blog.sql."""
    return f"{tenant[0]}{kind}000000-0000-4000-8000-{number:012}"


def tenant_id(tenant):
    return identifier(tenant, 0, 0)


def user_id(tenant, name):
    return identifier(tenant, 1, USERS[name])


def post_id(tenant, number):
    return identifier(tenant, 2, number)


class Session:
    """One psql, and so one backend, for as many statements as are wanted."""

    def __init__(self, database, user=None, options=None, environment=None):
        variables = {**os.environ, "PGDATABASE": database, **(environment or {})}
        variables.pop("PGOPTIONS", None)
        variables.update({"PGUSER": user} if user else {}, **({"PGOPTIONS": options} if options else {}))
        self.stderr = tempfile.TemporaryFile()
        arguments = ["-XqAt", "-P", f"null={NULL}", "-F", "\x1f", "-R", "\x1e", "-v", "VERBOSITY=verbose"]
        self.process = subprocess.Popen(
            ["psql", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, env=variables
        )
        self.pid = int(self.value("SELECT pg_backend_pid()"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)
        self.stderr.close()

    def send(self, statement):
        """Sends one statement; `receive` has what becomes of it."""
        self.process.stdin.write(
            f"{statement}\n;\n\\echo {MARK} :ERROR :SQLSTATE :LAST_ERROR_MESSAGE {MARK}\n".encode()
        )
        self.process.stdin.flush()

    def receive(self, timeout=60):
        """The rows of the statement that was sent: lists of text, None for null."""
        output, deadline = bytearray(), time.monotonic() + timeout
        while not output.endswith(f" {MARK}\n".encode()):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 1 << 20) if ready else None
            if not chunk:
                self.process.kill()
                raise Lost(self.complaints()) if ready else TimeoutError(f"no answer within {timeout} s")
            output += chunk
        rows, _, end = output.decode().rpartition(f" {MARK}\n")[0].rpartition(f"{MARK} ")
        failed, sqlstate, message = (end.split(" ", 2) + [""])[:3]
        if failed == "true":
            raise SqlError(sqlstate, message)
        rows = rows[:-1].split("\x1e") if rows else []
        return [[None if value == NULL else value for value in row.split("\x1f")] for row in rows]

    def rows(self, statement, timeout=60):
        """The rows that a statement gives."""
        self.send(statement)
        return self.receive(timeout)

    def value(self, statement, timeout=60):
        """The first value of the first row."""
        return self.rows(statement, timeout)[0][0]

    def column(self, statement):
        """The first values of all rows."""
        return [row[0] for row in self.rows(statement)]

    def text(self, token, query, variables=None, operation=None, entry="execute"):
        """The answer to a request, as it is written."""
        return self.value("SELECT " + call(token, query, variables, operation, entry))

    def ask(self, *arguments, **named):
        """The answer to a request."""
        return parsed(self.text(*arguments, **named))

    def complaints(self):
        """All that psql has written to its standard error so far: notices, and errors with their details."""
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace")

    def memory(self, which="RssAnon"):
        """The backend's own memory in MB; `VmHWM` is the most that it ever had."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{which}:\s+(\d+) kB$", status, re.MULTILINE)[1]) / 1024

    def work(self):
        """The seconds that the backend has computed so far, however much else the machine has to do."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def psql(database, *arguments, script=None):
    """What psql prints; an error in the script is one of the test."""
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"psql: {done.stderr}")
    return done.stdout.strip()


class Blog:
    """A database of its own, which `close` drops."""

    numbers = itertools.count(1)

    def __init__(self, fixtures=True, options=""):
        self.name = f"e2e_{os.getpid()}_{next(self.numbers)}"
        self.tokens, self.sessions = {}, []
        psql("postgres", "-c", f"CREATE DATABASE {self.name} {options}")
        if fixtures:
            psql(self.name, "-f", str(HERE / "blog.sql"))
            psql(
                "postgres",
                script=f"""
                DO $$ BEGIN CREATE ROLE {PROXY} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                GRANT saas_blog_api TO {PROXY};""",
            )
            self.admin = self.session(None)

    def close(self):
        for session in self.sessions:
            if session.process.poll() is None:
                session.close()
        psql("postgres", "-c", f"DROP DATABASE {self.name} WITH (FORCE)")

    def session(self, user=PROXY, **named):
        """A fresh backend; without another user it is the proxy's, and None is the superuser's."""
        session = Session(self.name, user, **named)
        self.sessions.append(session)
        return session

    def sign(self, claims, kid="e2e"):
        """A token with these claims as they are."""
        return self.admin.value(f"SELECT saas_blog.sign_jwt({as_json(claims)}, {quoted(kid)})")

    def claims(self, tenant, user, **changed):
        """The claims of a user for an hour; a value of None leaves the claim out."""
        now = int(time.time())
        claims = {"user_id": user_id(tenant, user), "tenant_id": tenant_id(tenant), "role": ROLE_OF_USER[user]}
        claims |= {"iat": now, "exp": now + 3600, **changed}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, tenant, user, **changed):
        """A good token of a fixture's user, unless the changes make it a bad one."""
        key = (tenant, user, repr(changed))
        if key not in self.tokens:
            self.tokens[key] = self.sign(self.claims(tenant, user, **changed))
        return self.tokens[key]

    def operator(self, **changed):
        """A token of an operator."""
        now = int(time.time())
        return self.sign({"role": "operator", "iat": now, "exp": now + 3600, **changed}, "e2e-operator")

    def key(self, table, id):
        """The internal key of a row."""
        return self.admin.value(f"SELECT pk_{table} FROM saas_blog.tb_{table} WHERE id = {quoted(id)}")


class BlogTest(unittest.TestCase):
    """Tests that share one blog; those that change it put it back."""

    @classmethod
    def setUpClass(cls):
        cls.blog = Blog()
        cls.addClassCleanup(cls.blog.close)
        cls.admin = cls.blog.admin
        cls.demo, cls.another = ({user: cls.blog.token(tenant, user) for user in USERS} for tenant in TENANTS)

    def setUp(self):
        self.session = self.blog.session()
        self.addCleanup(self.session.close)

    def with_settings(self, **settings):
        """A proxy's session in which a superuser has changed limits."""
        session = self.blog.session(None)
        self.set_limits(session, **settings)
        return session

    def set_limits(self, session, **settings):
        """Makes the session the superuser's own for as long as it takes to change its limits."""
        session.rows("RESET SESSION AUTHORIZATION")
        session.rows("SELECT saas_blog.tenant_pk()")
        for name, value in settings.items():
            session.rows(f"SET saas_blog.{name} = {value}")
        session.rows(f"SET SESSION AUTHORIZATION {PROXY}")

    def enter(self, tenant=None, user=None, role=None):
        """A superuser's session that became `saas_blog_exec` in the context of a user and began a transaction.

        What is left out is empty.
        """
        session = self.blog.session(None)
        self.addCleanup(session.close)
        session.rows("SELECT saas_blog.tenant_pk()")
        context = {"app.role": role or ROLE_OF_USER.get(user, "")}
        if tenant:
            context["app.tenant_id"] = tenant_id(tenant)
            context["app.tenant_pk"] = self.blog.key("tenant", tenant_id(tenant))
        if user:
            context["app.user_id"] = user_id(tenant, user)
            context["app.user_pk"] = self.blog.key("user", user_id(tenant, user))
        for name, value in context.items():
            session.rows(f"SET {name} = '{value}'")
        session.rows("SET ROLE saas_blog_exec")
        session.rows("BEGIN")
        return session

    def refused(self, session, statement, *sqlstates):
        """The statement fails with one of these states."""
        with self.assertRaises(SqlError) as caught:
            session.rows(statement)
        self.assertIn(caught.exception.sqlstate, sqlstates)
        return caught.exception

    def check_only(self, tenant, text):
        """There is something of the tenant in an answer, nothing of another, and no integer key."""
        answer = parsed(text)
        self.assertNotIn("errors", answer)
        for other in TENANTS:
            (self.assertIn if other == tenant else self.assertNotIn)(f" of {other}", text)
        self.assertIsNone(INTEGER_KEY.search(text), text)
        return answer

    def check_error(self, answer, *expected, executed=False):
        """The answer has exactly these error codes, no data, and messages that tell nothing of what stands behind.

        If the execution had begun it says that there is no data.
        """
        self.assertEqual(codes(answer), list(expected))
        self.assertEqual({**answer, "errors": []}, {"errors": [], "data": None} if executed else {"errors": []})
        for error in answer["errors"]:
            self.assertIsNone(INTERNALS.search(error["message"]), error)
        return answer["errors"]
