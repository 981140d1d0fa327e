"""What clients are told when the database is slow, busy, away or refuses, and what becomes of its connections."""

import json
import os
import re
import time
import unittest

from blog import PROXY, Blog, psql
from gateway import JSON, RESPONSE, Gateway, GatewayTest, StandIn, headers_of, until
from servers import as_server, own_cluster

POSTS = "{ posts { nodes { id } } }"


class States(StandIn):
    def test_status_by_sqlstate(self):
        for state, status, code in (
            ("40001", 503, "SERVICE_UNAVAILABLE"), ("40P01", 503, "SERVICE_UNAVAILABLE"), ("53000", 503, "SERVICE_UNAVAILABLE"),
            ("53100", 503, "SERVICE_UNAVAILABLE"), ("53200", 503, "SERVICE_UNAVAILABLE"), ("53300", 503, "SERVICE_UNAVAILABLE"),
            ("55P03", 503, "SERVICE_UNAVAILABLE"), ("57014", 504, "TIMEOUT"), ("57P01", 503, "SERVICE_UNAVAILABLE"),
            ("22P02", 400, "BAD_USER_INPUT"), ("22P05", 400, "BAD_USER_INPUT"), ("22003", 400, "BAD_USER_INPUT"),
            ("54000", 400, "BAD_USER_INPUT"), ("54001", 400, "BAD_USER_INPUT"), ("42501", 500, "INTERNAL_SERVER_ERROR"),
            ("XX000", 500, "INTERNAL_SERVER_ERROR"), ("P0001", 500, "INTERNAL_SERVER_ERROR"),
        ):
            with self.subTest(state):
                answer = self.post(f"DO $$ BEGIN RAISE 'secret of the server' USING ERRCODE = '{state}'; END $$")
                self.assertEqual((answer.status, answer.codes(), answer.media()), (status, [code], RESPONSE))
                self.assertEqual(answer.headers["retry-after"], "1" if status == 503 else None)
                self.assertNotIn(b"secret", answer.body)
                self.assertNotIn("data", answer.json())
                self.assertEqual(self.post("SELECT to_json(1)").body, b"1", "the next request is answered")

    def test_nothing_is_an_error(self):
        answer = self.post("SELECT NULL")
        self.assertEqual((answer.status, answer.codes()), (500, ["INTERNAL_SERVER_ERROR"]))

    def test_arguments_are_what_was_sent(self):
        """Variables are not written again: their numbers and the order of their keys' digits stay."""
        arguments = "SELECT to_json(array[$1::text, $2, $3, $4::text])"
        body = {"query": arguments, "operationName": "It's \"quoted\" \\ $1", "extensions": {"a": "é"}}
        raw = json.dumps(body)[:-1] + ', "variables": {"n": 1.50000000000000000000000000000000001e0}}'
        answer = self.gateway.send("POST", "/graphql", raw, headers_of("to.ke'n", JSON, **{"Content-Type": JSON}))
        self.assertEqual(answer.json(), ['{"n": 1.50000000000000000000000000000000001}', "to.ke'n", body["operationName"],
                                         '{"a": "é"}'])

    def test_large_answers(self):
        answer = self.post("SELECT to_json(repeat('x', 30000000))")
        self.assertEqual((answer.status, len(answer.body)), (200, 30_000_002))

    def test_statements_are_prepared(self):
        """As many prepared statements as connections, however many requests."""
        for n in range(30):
            self.assertEqual(self.post(f"SELECT to_json({n})").body, str(n).encode())
        names = self.post("SELECT to_json(array_agg(statement)) FROM pg_prepared_statements").json()
        self.assertEqual(names, ["SELECT graphql.execute($1, $2, $3, $4, $5)"])


class Slow(GatewayTest):
    options = ("--pool-size", "2", "--request-timeout", "1")

    def test_a_statement_that_takes_too_long(self):
        self.lock()
        for accept in (JSON, RESPONSE):
            answer = self.post(POSTS, self.demo["editor"], accept)
            self.assertEqual((answer.status, answer.codes(), answer.media()), (504, ["TIMEOUT"], accept))
        self.blocked(0)

    def test_a_role_that_has_less_patience(self):
        psql("postgres", "-c", f"ALTER ROLE {PROXY} SET statement_timeout = '300ms'")
        self.addCleanup(psql, "postgres", "-c", f"ALTER ROLE {PROXY} RESET statement_timeout")
        gateway = self.start("--request-timeout", "30")
        self.lock()
        begun = time.monotonic()
        self.assertEqual(self.post(POSTS, self.demo["editor"], gateway=gateway).status, 504)
        self.assertLess(time.monotonic() - begun, 25)

    def test_all_connections_are_taken(self):
        gateway = self.start("--pool-size", "2", "--request-timeout", "60")
        holder = self.lock()
        body, headers = json.dumps({"query": POSTS}), headers_of(self.demo["editor"], JSON, **{"Content-Type": JSON})
        waiting = [gateway.begin("POST", "/graphql", body, headers) for _ in range(2)]
        self.blocked(2)
        for accept in (JSON, RESPONSE):
            answer = self.post(POSTS, self.demo["editor"], accept, gateway=gateway)
            self.assertEqual((answer.status, answer.codes()), (503, ["SERVICE_UNAVAILABLE"]))
            self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(gateway.send("GET", "/readyz").status, 503)
        self.assertEqual(gateway.send("GET", "/healthz").status, 200)
        holder.rows("ROLLBACK")
        for connection in waiting:
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
        self.assertEqual(self.post(POSTS, self.demo["editor"], gateway=gateway).status, 200)


class Abandoned(GatewayTest):
    """Clients that go away before they are answered."""

    options = ("--pool-size", "1", "--request-timeout", "60")

    def abandon(self, query):
        holder = self.lock()
        body, headers = json.dumps({"query": query}), headers_of(self.demo["editor"], JSON, **{"Content-Type": JSON})
        connection = self.gateway.begin("POST", "/graphql", body, headers)
        self.blocked()
        connection.close()
        return holder

    def gone(self):
        """How many clients went away, by the metrics."""
        found = re.search(r'route="/graphql",status="499"} (\d+)', self.gateway.send("GET", "/metrics").body.decode())
        return int(found[1]) if found else 0

    def test_a_query_is_cancelled(self):
        before = self.gone()
        for _ in range(3):
            holder = self.abandon(POSTS)
            self.blocked(0)
            holder.rows("ROLLBACK")
            self.assertEqual(self.post(POSTS, self.demo["editor"]).status, 200)
        until(lambda: self.gone() == before + 3, "three clients went away")

    def test_a_mutation_is_carried_out(self):
        holder = self.abandon('mutation { createPost(title: "Abandoned", content: "c") { id } }')
        # Longer than it takes to give a query up.
        self.assertEqual(self.post(POSTS, self.demo["editor"]).status, 503)
        self.blocked()
        holder.rows("ROLLBACK")
        count = "SELECT count(*) FROM saas_blog.tb_post WHERE identifier = 'abandoned'"
        until(lambda: self.admin.value(count) == "1", "the post")
        self.assertEqual(self.post(POSTS, self.demo["editor"]).status, 200)


class Away(unittest.TestCase):
    """A server that stops, and comes back."""

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "gateway-away")
        cls.blog = Blog()
        cls.addClassCleanup(cls.blog.close)

    def ask(self, gateway):
        body = json.dumps({"query": POSTS})
        return gateway.send("POST", "/graphql", body, headers_of(self.token, JSON, **{"Content-Type": JSON}))

    def test_the_server_restarts(self):
        self.token = self.blog.token("demo", "editor")
        gateway = Gateway(self.blog.name)
        self.addCleanup(gateway.kill)
        self.assertEqual(self.ask(gateway).status, 200)
        pg_ctl, data = f"{os.environ['CLUSTER_BIN']}/pg_ctl", os.environ["CLUSTER_DATA"]
        as_server(pg_ctl, "stop", "-D", data, "-m", "fast", "-w")
        answer = self.ask(gateway)
        self.assertEqual((answer.status, answer.codes(), answer.headers["retry-after"]), (503, ["SERVICE_UNAVAILABLE"], "1"))
        self.assertEqual(gateway.send("GET", "/readyz").status, 503)
        self.assertEqual(gateway.send("GET", "/healthz").status, 200)
        late = Gateway(self.blog.name)
        self.addCleanup(late.kill)
        self.assertEqual(late.send("GET", "/readyz").status, 503)
        as_server(pg_ctl, "start", "-D", data, "-l", f"{data}/server.log", "-w")
        for each in (gateway, late):
            until(lambda each=each: each.send("GET", "/readyz").status == 200, "the gateway is ready again")
            self.assertEqual(self.ask(each).status, 200)
        self.blog.admin = self.blog.session(None)

    def test_nobody_may_call(self):
        """A login that is no member of saas_blog_api, and one that does not exist."""
        psql("postgres", "-c", "CREATE ROLE stranger LOGIN")
        for user, status in (("stranger", 500), ("nobody_at_all", 503)):
            gateway = Gateway(self.blog.name, user=user)
            self.addCleanup(gateway.kill)
            self.token = None
            self.assertEqual(self.ask(gateway).status, status, user)
            self.assertEqual(gateway.send("GET", "/readyz").status, 503)
