"""What those who run the gateway rely on: health, metrics, logs, its end, its options."""

import json
import os
import re
import socket
import subprocess
import unittest
from pathlib import Path

from blog import PROXY
from gateway import DEADLINE, JSON, RESPONSE, GatewayTest, headers_of, until

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
# A line of Prometheus' text format, version 0.0.4.
SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="[^"\\]*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN)')
POSTS = "{ posts { nodes { id } } }"


class Operations(GatewayTest):
    options = ("--log-level", "debug")

    def samples(self):
        answer = self.gateway.send("GET", "/metrics")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        found = {}
        for line in answer.body.decode().split("\n"):
            if line and not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                self.assertNotIn((name, labels), found)
                found[name, labels] = float(value)
        return found

    def test_health(self):
        for path in ("/healthz", "/readyz"):
            answer = self.gateway.send("GET", path)
            self.assertEqual((answer.status, answer.body), (200, b"ok\n"))
        self.assertEqual(self.gateway.send("GET", "/").headers["location"], "graphql")
        self.assertEqual(self.gateway.send("GET", "/nothing/here").status, 404)

    def test_metrics(self):
        key = ("saas_blog_gateway_requests_total", '{method="POST",route="/graphql",status="401"}')
        count = ("saas_blog_gateway_request_seconds_count", '{route="/graphql"}')
        before = self.samples()
        self.assertEqual(self.post(POSTS, accept=RESPONSE).status, 401)
        after = until(lambda: self.samples() if self.samples().get(key) != before.get(key) else None, "it is counted")
        self.assertEqual(after[key], before.get(key, 0) + 1)
        self.assertGreater(after[count], before.get(count, 0))
        buckets = [value for (name, labels), value in after.items()
                   if name == "saas_blog_gateway_request_seconds_bucket" and '"/graphql"' in labels]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], after[count])
        self.assertEqual(after["saas_blog_gateway_pool_connections", '{state="max"}'], 8)

    def test_strangers_cannot_make_the_metrics_grow(self):
        self.gateway.send("GET", "/nothing")
        before = len(until(lambda: self.samples(), "samples"))
        for n in range(20):
            self.gateway.send(f"METHOD{n}", f"/nothing/{n}")
            self.gateway.send("GET", f"/nothing/{n}")
        self.assertLessEqual(len(self.samples()), before + 2)

    def test_a_request_has_an_id(self):
        given = self.post("{ __typename }", **{"X-Request-Id": "from-the-proxy.1"})
        self.assertEqual(given.headers["x-request-id"], "from-the-proxy.1")
        ids = {self.post("{ __typename }", **more).headers["x-request-id"] for more in ({}, {}, {"X-Request-Id": "{}\" x"})}
        self.assertEqual(len(ids), 3)
        for id in ids:
            self.assertRegex(id, r"^[0-9a-f]{32}$")

    def test_a_line_of_the_log(self):
        id = self.post(POSTS, accept=RESPONSE, traceparent=TRACEPARENT).headers["x-request-id"]
        line = self.gateway.line(id)
        self.assertEqual((line["method"], line["route"], line["status"]), ("POST", "/graphql", 401))
        self.assertEqual(line["span"]["traceparent"], TRACEPARENT)
        self.assertGreater(line["milliseconds"], 0)
        id = self.post("{ __typename }", traceparent="00-garbage").headers["x-request-id"]
        self.assertEqual(self.gateway.line(id)["span"]["traceparent"], "")

    def test_an_error_of_the_database_has_the_id_of_its_request(self):
        self.set_timeout("200ms")
        self.lock()
        gateway = self.start()
        id = self.post(POSTS, self.demo["editor"], gateway=gateway).headers["x-request-id"]
        gateway.line(id)
        cause = [line for line in gateway.lines() if line.get("span", {}).get("request_id") == id and line["level"] == "WARN"]
        self.assertEqual(len(cause), 1)
        self.assertIn("statement timeout", cause[0]["cause"])

    def set_timeout(self, value):
        self.admin.rows(f"ALTER ROLE {PROXY} SET statement_timeout = '{value}'")
        self.addCleanup(self.admin.rows, f"ALTER ROLE {PROXY} RESET statement_timeout")

    def test_no_log_has_a_secret(self):
        """Neither the gateway's at its most talkative, nor the server's, which logs every statement here."""
        token = self.blog.sign(self.blog.claims("demo", "editor", jti="logged-nowhere"))
        body = json.dumps({"query": POSTS, "variables": {"secret": "open-sesame"}})
        for headers in (headers_of(token, JSON, **{"Content-Type": JSON}), headers_of(f"{token}x", RESPONSE, **{"Content-Type": JSON})):
            self.gateway.send("POST", "/graphql", body, headers)
        self.gateway.send("POST", "/graphql", '{"query": "{ a }", "variables": {"secret": "open-sesame\\u0000"}}', headers)
        id = self.gateway.send("GET", "/graphql?query={posts{nodes{id}}}&variables={\"secret\":\"open-sesame\"}".replace('"', "%22"),
                               None, headers_of(token, JSON)).headers["x-request-id"]
        self.gateway.line(id)
        log = self.gateway.text()
        for secret in (token, token.split(".")[2], "open-sesame", "hunter2secret"):
            self.assertFalse(secret in log, f"{secret} is in the gateway's log")
        server = Path(os.environ["CLUSTER_DATA"], "server.log").read_text(encoding="utf-8", errors="replace")
        self.assertTrue("graphql.execute($1" in server, "the server logs its statements")
        self.assertFalse(token.split(".")[2] in server, "the token is in the server's log")

    def test_options_by_the_environment(self):
        gateway = self.start(environment={"POOL_SIZE": "3", "CORS_ORIGIN": ""})
        self.assertIn(b'{state="max"} 3', gateway.send("GET", "/metrics").body)

    def test_the_end(self):
        """Asked to end it takes no more connections, but answers what it has begun, and then ends well."""
        gateway = self.start("--request-timeout", "60")
        idle = gateway.connect()
        idle.connect()
        holder = self.lock()
        body, headers = json.dumps({"query": POSTS}), headers_of(self.demo["editor"], JSON, **{"Content-Type": JSON})
        waiting = gateway.begin("POST", "/graphql", body, headers)
        self.blocked()
        gateway.process.terminate()

        def refused():
            try:
                with socket.create_connection((gateway.address[0], int(gateway.address[1])), timeout=DEADLINE):
                    return False
            except ConnectionError:
                return True

        until(refused, "nobody is let in")
        self.assertIsNone(gateway.process.poll())
        holder.rows("ROLLBACK")
        answer = waiting.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn("posts", json.loads(answer.read())["data"])
        self.assertEqual(gateway.process.wait(DEADLINE), 0)
        idle.close()
        waiting.close()

    def test_what_hangs_does_not_hold_up_the_end(self):
        gateway = self.start("--request-timeout", "1")
        with socket.create_connection((gateway.address[0], int(gateway.address[1]))) as slow:
            slow.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
            gateway.send("GET", "/healthz")
            self.assertEqual(gateway.stop(), 0)


class Options(unittest.TestCase):
    def run_it(self, *options, **environment):
        return subprocess.run([os.environ["GATEWAY"], *options], env=environment, capture_output=True, text=True, timeout=DEADLINE)

    def test_help(self):
        done = self.run_it("--help", DATABASE_URL="postgresql://u:hunter2secret@h/d")
        self.assertEqual(done.returncode, 0)
        for option in ("listen", "database-url", "database-password-file", "database-ca", "pool-size", "poll-seconds",
                       "request-timeout", "idle-timeout", "cors-origin", "log-level"):
            self.assertIn(f"--{option} ", done.stdout)
            self.assertIn(option.upper().replace("-", "_"), done.stdout)
        self.assertNotIn("hunter2secret", done.stdout)

    def test_wrong_options(self):
        good = {"DATABASE_URL": "host=/nowhere user=u"}
        for options, environment, words in (
            ((), {}, "--database-url"), (("--pool-size", "0"), good, "pool-size"), (("--listen", "x"), good, "listen"),
            ((), {"DATABASE_URL": "postgresql://u:hunter2secret@h:x/d"}, "--database-url"),
            ((), {"DATABASE_URL": "hunter2secret"}, "--database-url"),
            ((), {"DATABASE_URL": "postgresql:///blog"}, "names no host"), ((), {"DATABASE_URL": ""}, "names no host"),
            ((), {**good, "DATABASE_PASSWORD_FILE": "/nowhere/at/all"}, "--database-password-file"),
            ((), {**good, "DATABASE_CA": "/nowhere/at/all"}, "--database-ca"),
            ((), {**good, "LISTEN": "127.0.0.1:0", "CORS_ORIGIN": "a\nb"}, "cors-origin"),
            ((), {**good, "LISTEN": "127.0.0.1:0", "CORS_ORIGIN": "https://a.example,https://blog.example/"}, "no origin"),
        ):
            with self.subTest(options=options, **environment):
                done = self.run_it(*options, **environment)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(words, done.stderr)
                self.assertNotIn("hunter2secret", done.stderr + done.stdout)
