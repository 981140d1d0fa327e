"""Connections that misbehave, pages of other origins, and the page that the gateway has itself."""

import json
import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from blog import Blog
from gateway import JSON, Gateway, GatewayTest, headers_of
from servers import own_cluster

TYPENAME = json.dumps({"query": "{ __typename }"})
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


class Connections(GatewayTest):
    options = ("--request-timeout", "1", "--idle-timeout", "3")

    def socket(self):
        connection = socket.create_connection((self.gateway.address[0], int(self.gateway.address[1])), timeout=60)
        self.addCleanup(connection.close)
        return connection

    def status(self, connection):
        return int(connection.makefile("rb").readline().split()[1])

    def test_a_body_that_never_ends_coming(self):
        connection = self.socket()
        connection.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
        self.assertEqual(self.status(connection), 408)

    def test_a_header_that_never_ends_coming(self):
        """Nor does the next request on a connection that is kept."""
        for sent in (b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
            connection = self.socket()
            connection.sendall(sent)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
            self.assertLessEqual(answer.count(b"HTTP/1.1"), 1)

    def test_odd_targets(self):
        """Whatever is asked for, it has an answer with an id, and is none of the gateway's errors."""
        for line in (b"GET //", b"GET /%00", b"GET /graphql/", b"GET /graphql//ui", b"GET /../graphql", b"OPTIONS *", b"GET /a?b#c",
                     b"GET http://x/healthz", b"CONNECT x:1", b"GET /graphql/ui/%ff", b"GET /%2e%2e/%2e%2e/etc/passwd", b"POST /healthz"):
            connection = self.socket()
            connection.sendall(line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
            status = int(answer.split()[1])
            self.assertIn(status, (200, 400, 404, 405), line)
            if status != 400:
                self.assertIn(b"x-request-id: ", answer, line)

    def test_huge_headers(self):
        for headers in (b"X-Long: " + b"x" * 200_000, b"\r\n".join(b"X-%d: 1" % n for n in range(200))):
            connection = self.socket()
            try:
                connection.sendall(b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n")
                self.assertEqual(self.status(connection), 431)
            except (BrokenPipeError, ConnectionResetError):
                pass  # It is closed before all is read.
        self.assertEqual(self.gateway.send("GET", "/healthz").status, 200)

    def test_no_http(self):
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, b"\0" * 1000, b"GET\r\n\r\n", b"\r\n" * 1000):
            connection = self.socket()
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            self.assertIn(connection.recv(4096)[:12], (b"", b"HTTP/1.1 400"))
        self.assertEqual(self.gateway.send("GET", "/healthz").status, 200)

    def test_smuggling(self):
        """Two lengths, or a length and chunks: whatever a proxy made of it, there is no second request in it."""
        inner = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for framing in (b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: 5\r\nTransfer-Encoding: chunked",
                        b"Transfer-Encoding: chunked, identity", b"Content-Length: +5"):
            connection = self.socket()
            connection.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + framing + b"\r\n\r\n0\r\n\r\n" + inner)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            self.assertLessEqual(answer.count(b"HTTP/1.1 "), 1, framing)

    def test_more_connections_than_files_at_first(self):
        """Many systems allow a process few files unless it asks for more."""
        gateway = self.start(files=128)
        held = [socket.create_connection((gateway.address[0], int(gateway.address[1])), timeout=60) for _ in range(300)]
        for connection in held:
            self.addCleanup(connection.close)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual({self.status(connection) for connection in held}, {200})


class Origins(GatewayTest):
    options = ("--cors-origin", "https://blog.example,https://other.example:8443")

    def ask(self, origin, method="POST"):
        return self.gateway.send("OPTIONS", "/graphql", None, {"Origin": origin, "Access-Control-Request-Method": method,
                                                              "Access-Control-Request-Headers": "authorization,content-type"})

    def test_origins_that_were_named(self):
        for origin in ("https://blog.example", "https://other.example:8443"):
            asked = self.ask(origin)
            self.assertEqual((asked.status, asked.headers["access-control-allow-origin"]), (200, origin))
            self.assertIn("authorization", asked.headers["access-control-allow-headers"])
            self.assertIn("POST", asked.headers["access-control-allow-methods"])
            answer = self.gateway.send("POST", "/graphql", TYPENAME, {"Origin": origin, "Content-Type": JSON})
            self.assertEqual((answer.status, answer.headers["access-control-allow-origin"]), (200, origin))
            self.assertIn("origin", answer.headers["vary"].lower())
            self.assertIsNone(answer.headers["access-control-allow-credentials"])

    def test_origins_that_were_not(self):
        for origin in ("https://evil.example", "https://blog.example.evil.example", "http://blog.example", "null"):
            self.assertIsNone(self.ask(origin).headers["access-control-allow-origin"])
            answer = self.gateway.send("POST", "/graphql", TYPENAME, {"Origin": origin, "Content-Type": JSON})
            self.assertIsNone(answer.headers["access-control-allow-origin"])

    def test_caches_tell_answers_apart(self):
        answer = self.gateway.send("GET", "/graphql?query={__typename}", None, {"Origin": "https://blog.example"})
        vary = ", ".join(answer.headers.get_all("vary")).lower()
        for name in ("authorization", "accept", "origin"):
            self.assertIn(name, vary)


class Page(GatewayTest):
    def test_a_browser_gets_a_page(self):
        answer = self.gateway.send("GET", "/graphql", None, {"Accept": BROWSER})
        if answer.status == 404:
            self.assertIn(b"scripts/build-gateway", answer.body)
            self.skipTest("this gateway was built without GraphiQL")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.check_policy(answer)
        for name in [part.split('"')[0] for part in answer.body.decode().split('="graphql/ui/')[1:]]:
            for encoding in ("gzip", "identity"):
                file = self.gateway.send("GET", f"/graphql/ui/{name}", None, {"Accept-Encoding": encoding})
                self.assertEqual((file.status, file.headers["x-content-type-options"]), (200, "nosniff"))
                self.check_policy(file)
                known = {"If-None-Match": file.headers["etag"], "Accept-Encoding": encoding}
                self.assertEqual(self.gateway.send("GET", f"/graphql/ui/{name}", None, known).status, 304)

    def check_policy(self, answer):
        policy = answer.headers["content-security-policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("script-src 'self';", policy)
        self.assertIn("frame-ancestors 'none'", policy)

    def test_files_that_are_not_there(self):
        for path in ("/graphql/ui/nothing.js", "/graphql/ui/..%2f..%2fCargo.toml", "/graphql/ui/../../../etc/passwd", "/graphql/ui/"):
            self.assertEqual(self.gateway.send("GET", path).status, 404, path)


class Encrypted(unittest.TestCase):
    """TLS to the database."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.key, cls.certificate = Path(folder.name, "key.pem"), Path(folder.name, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", cls.key, "-out", cls.certificate], check=True, capture_output=True)
        own_cluster(cls, "gateway-tls", "listen_addresses=127.0.0.1")
        data = Path(os.environ["CLUSTER_DATA"])
        for source, name in ((cls.key, "server.key"), (cls.certificate, "server.crt")):
            target = data / name
            target.write_bytes(source.read_bytes())
            os.chown(target, data.stat().st_uid, data.stat().st_gid)
            target.chmod(0o600)
        cls.blog = Blog()
        cls.addClassCleanup(cls.blog.close)
        cls.blog.admin.rows("ALTER SYSTEM SET ssl = on")
        cls.blog.admin.rows("SELECT pg_reload_conf()")

    def check(self, mode, host, status, encrypted=None, authority=True):
        options = ("--database-ca", str(self.certificate)) if authority else ()
        environment = {"DATABASE_URL": f"host={host} port={os.environ['PGPORT']} user=postgres dbname={self.blog.name} {mode}"}
        gateway = Gateway(self.blog.name, *options, environment=environment)
        self.addCleanup(gateway.kill)
        self.assertEqual(gateway.send("GET", "/readyz").status, status, gateway.text())
        if encrypted is not None:
            query = """SELECT bool_and(ssl)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE application_name = 'saas-blog-gateway'"""
            self.assertEqual(self.blog.admin.value(query), encrypted)
        gateway.stop()

    def test_modes(self):
        self.check("sslmode=require", "localhost", 200, "true")
        self.check("sslmode=verify-full", "localhost", 200, "true")
        self.check("", "localhost", 200, "true", authority=False)
        self.check("sslmode=prefer", "127.0.0.1", 200, "true", authority=False)
        self.check("sslmode=disable", "localhost", 200, "false")
        # Another name than the certificate's, and a certificate that nobody vouches for.
        self.check("sslmode=require", "127.0.0.1", 503)
        self.check("sslmode=require", "localhost", 503, authority=False)
