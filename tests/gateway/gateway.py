"""What the tests of the gateway share: the program itself, requests to it, and what it logs."""

import http.client
import json
import os
import resource
import signal
import subprocess
import tempfile
import time
import unittest

from blog import PROXY, Blog, BlogTest, psql

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
# Long enough for a machine that has much else to do; nothing waits that long if all is well.
DEADLINE = 60
HARD_LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def until(condition, what):
    """Asks until it is so, and gives what the condition gave."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"in vain: {what}")


class Answer:
    """A response that has been read whole."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def codes(self):
        return [error["extensions"]["code"] for error in self.json()["errors"]]

    def media(self):
        return self.headers["content-type"].split(";")[0]


class Gateway:
    """A process of its own on a free port; `stop` ends it."""

    def __init__(self, database, *options, user=PROXY, environment=None, host=None, files=None):
        where = f"host={host or os.environ['PGHOST']} port={os.environ['PGPORT']} user={user} dbname={database}"
        variables = {"PATH": os.environ["PATH"], "DATABASE_URL": f"{where} password=hunter2secret", **(environment or {})}
        self.log = tempfile.NamedTemporaryFile("r+")
        self.process = subprocess.Popen(
            [os.environ["GATEWAY"], "--listen", "127.0.0.1:0", *options],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=variables,
            preexec_fn=files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, HARD_LIMIT))),
        )
        try:
            self.address = until(self.listening, "the gateway listens").rsplit(":", 1)
        except AssertionError:
            text = self.text()
            self.kill()
            raise AssertionError(text) from None

    def listening(self):
        if self.process.poll() is not None:
            raise AssertionError(self.text())
        return next((line["address"] for line in self.lines() if line.get("message") == "listening"), None)

    def text(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def lines(self):
        """What is logged, line by line; the last one may not be whole yet."""
        return [json.loads(line) for line in self.text().split("\n")[:-1]]

    def line(self, request_id):
        """The line of a request, which is written when its answer is."""

        def find():
            found = [line for line in self.lines() if line.get("span", {}).get("request_id") == request_id]
            return next((line for line in found if line["message"] == "answered"), None)

        return until(find, f"a line of {request_id}")

    def connect(self):
        return http.client.HTTPConnection(self.address[0], int(self.address[1]), timeout=DEADLINE)

    def send(self, method, path, body=None, headers=None):
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def begin(self, method, path, body=None, headers=None):
        """A request whose answer nobody reads yet."""
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        return connection

    def stop(self):
        """Asks it to end, and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def memory(self):
        """Bytes that the process has in memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self.log.close()


def headers_of(token=None, accept=None, **more):
    found = {"Authorization": f"Bearer {token}"} if token else {}
    return {**found, **({"Accept": accept} if accept else {}), **more}


class GatewayTest(BlogTest):
    """Tests that share one blog and one gateway."""

    options = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql("postgres", "-c", f"ALTER ROLE {PROXY} SET log_parameter_max_length = 0")
        cls.gateway = cls.start(*cls.options)

    @classmethod
    def start(cls, *options, **named):
        gateway = Gateway(cls.blog.name, *options, **named)
        cls.addClassCleanup(gateway.kill)
        return gateway

    def post(self, query, token=None, accept=JSON, variables=None, operation=None, extensions=None, gateway=None, **more):
        """A request as clients send it."""
        body = {"query": query, "variables": variables, "operationName": operation, "extensions": extensions}
        body = json.dumps({name: value for name, value in body.items() if value is not None})
        headers = headers_of(token, accept, **{"Content-Type": JSON, **more})
        return (gateway or self.gateway).send("POST", "/graphql", body, headers)

    def blocked(self, number=1):
        """Waits until so many of the gateway's statements wait for a lock."""
        count = f"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = '{PROXY}'"
        until(lambda: self.admin.value(count) == str(number), f"{number} blocked")

    def lock(self, table="tb_post"):
        """A session that keeps everybody from a table until it is rolled back."""
        session = self.blog.session(None)
        self.addCleanup(session.close)
        session.rows("BEGIN")
        session.rows(f"LOCK TABLE saas_blog.{table} IN ACCESS EXCLUSIVE MODE")
        return session


class StandIn(unittest.TestCase):
    """A database where `graphql.execute` does what its query says in SQL, for errors that are hard to bring about."""

    @classmethod
    def setUpClass(cls):
        cls.blog = Blog(fixtures=False)
        cls.addClassCleanup(cls.blog.close)
        psql(cls.blog.name, script="""
            CREATE SCHEMA graphql;
            CREATE FUNCTION graphql.execute(query text, variables jsonb DEFAULT NULL, jwt text DEFAULT NULL,
                "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL) RETURNS json LANGUAGE plpgsql AS $$
            DECLARE answer json;
            BEGIN
                EXECUTE query INTO answer USING variables, jwt, "operationName", extensions;
                RETURN answer;
            END $$""")
        cls.gateway = Gateway(cls.blog.name, user="postgres")
        cls.addClassCleanup(cls.gateway.kill)

    def post(self, query, **more):
        body = json.dumps({"query": query, **more})
        return self.gateway.send("POST", "/graphql", body, {"Content-Type": JSON, "Accept": RESPONSE})
