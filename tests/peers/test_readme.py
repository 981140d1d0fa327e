"""The proxy and the commands of the README, as they stand there."""

import http.client
import json
import os
import re
import select
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
README = (HERE.parent.parent / "README.md").read_text(encoding="utf-8")
DEADLINE = 60
JSON = {"Content-Type": "application/json"}
POST = 'mutation { createPost(title: "Of the README", content: "…", published: true) { id } }'
COMMENT = "mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) { id } }"
COMMENTS = "subscription ($post: ID!) { commentCreated(postId: $post) { content author { name } } }"


def block(language, after):
    """The first fenced block of that language behind a text."""
    return re.search(rf"```{language}\n(.*?)```", README[README.index(after):], re.S)[1]


def commands(console):
    """The commands of a block, without prompts and answers: those of a shell, each with what it is told (`> `)."""
    found = []
    for line in console.replace("\\\n", "").splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> "):
            found[-1][1].append(line[2:])
    return found


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Peer:
    """A server that answers GraphQL by HTTP."""

    def __init__(self, address):
        self.address = address

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=DEADLINE)

    def ask(self, query, tenant="demo", headers=JSON, **variables):
        connection = self.connect()
        token = {"Authorization": "Bearer " + os.environ[f"TOKEN_{tenant.upper()}"]} if tenant else {}
        connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), {**headers, **token})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return json.loads(body) if response.status == 200 else response.status

    def stream(self, query, extensions=None, **variables):
        """The events of a stream: pairs of id and data."""
        connection = self.connect()
        body = json.dumps({"query": query, "variables": variables, "extensions": extensions})
        headers = {**JSON, "Authorization": "Bearer " + os.environ["TOKEN_DEMO"]}
        connection.request("POST", "/graphql/stream", body, headers)
        response, event = connection.getresponse(), {}
        for line in response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line.strip() and event:
                if event["event"] == "complete":
                    return
                yield event.get("id"), json.loads(event["data"])
                event = {}


class Output:
    """A command of a shell, and what it prints."""

    def __init__(self, test, command, **variables):
        self.process = subprocess.Popen(
            ["bash", "-c", "exec " + command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=HERE, env={**os.environ, **variables},
        )
        test.addCleanup(self.end)
        self.text = ""

    def has(self, what, seconds):
        end = time.monotonic() + seconds
        while what not in self.text and time.monotonic() < end:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.1)
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if ready and not chunk:
                raise AssertionError(f"it ended: {self.text}")
            self.text += chunk.decode()
        return what in self.text

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()


class ProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
            script.write(block("python", "## Any proxy will do"))
        cls.addClassCleanup(os.unlink, script.name)
        process = subprocess.Popen(
            [sys.executable, script.name], env={**os.environ, "PORT": str(port)}, stderr=subprocess.DEVNULL
        )
        cls.addClassCleanup(process.wait, DEADLINE)
        cls.addClassCleanup(process.kill)
        cls.proxy = Peer(f"127.0.0.1:{port}")
        end = time.monotonic() + DEADLINE
        while not listens(port):
            assert process.poll() is None and time.monotonic() < end, "the proxy did not start"
            time.sleep(0.05)

    def comment(self, post, content):
        self.assertIn("data", self.proxy.ask(COMMENT, post=post, content=content))

    def test_it_answers_as_the_gateway_does(self):
        gateway = Peer(urlsplit(os.environ["GATEWAY_URL"]).netloc)
        for tenant in ("demo", "another", None):
            for query in ("{ me { name } posts(first: 3) { nodes { title } } }", "{ nothing }", "{ __typename }"):
                answer = self.proxy.ask(query, tenant)
                self.assertEqual(answer, gateway.ask(query, tenant))
        self.assertEqual(self.proxy.ask("{ __typename }", headers={"Content-Type": "text/plain"}), 415)

    def test_it_streams_comments_and_goes_on_from_a_cursor(self):
        post = self.proxy.ask(POST)["data"]["createPost"]["id"]
        # No stream has begun before its first event, and none can be lost behind a cursor.
        stream = self.proxy.stream(COMMENTS, post=post)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, self.proxy.address, post], stdin=subprocess.PIPE)
        self.addCleanup(writer.wait, DEADLINE)
        self.addCleanup(writer.kill)
        cursor, first = next(stream)
        self.assertEqual(first["data"]["commentCreated"]["content"], "Has it begun?")
        writer.communicate(b"enough", DEADLINE)
        stream.close()
        for content in ("one", "two"):
            self.comment(post, content)
        resumed = self.proxy.stream(COMMENTS, {"cursor": cursor}, post=post)
        said = [next(resumed)[1]["data"]["commentCreated"]]
        while said[-1]["content"] == "Has it begun?":
            said.append(next(resumed)[1]["data"]["commentCreated"])
        said.append(next(resumed)[1]["data"]["commentCreated"])
        self.comment(post, "three")
        said.append(next(resumed)[1]["data"]["commentCreated"])
        self.assertEqual([comment["content"] for comment in said[-3:]], ["one", "two", "three"])
        self.assertEqual(said[-1]["author"], {"name": "editor of demo"})

    def test_a_subscription_that_is_refused_is_completed(self):
        (only,) = self.proxy.stream("subscription { nothing }")
        self.assertEqual(only[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED")


# Comments until it is told that it is enough.
WRITER = f"""
import os, select, sys
sys.path.insert(0, {str(HERE)!r})
from test_readme import COMMENT, Peer
while not select.select([sys.stdin], [], [], 0.2)[0]:
    Peer(sys.argv[1]).ask(COMMENT, post=sys.argv[2], content="Has it begun?")
"""


class CommandsTest(unittest.TestCase):
    """What the README has one type in to see a subscription, with this gateway in place of the README's."""

    def setUp(self):
        self.gateway = Peer(urlsplit(os.environ["GATEWAY_URL"]).netloc)
        self.post = self.gateway.ask(POST)["data"]["createPost"]["id"]
        console = block("console", "### Subscriptions").replace("127.0.0.1:8000", self.gateway.address)
        self.curl, self.wscat = commands(console)

    def shows(self, output):
        """Comments on the post until the command shows one."""
        end = time.monotonic() + DEADLINE
        while not output.has("First!", 0.2):
            self.assertLess(time.monotonic(), end, output.text)
            self.gateway.ask(COMMENT, post=self.post, content="First!")

    def test_curl(self):
        self.shows(Output(self, self.curl[0], TOKEN=os.environ["TOKEN_DEMO"], POST=self.post))

    def test_wscat(self):
        # It ends at once where it has no terminal.
        output = Output(self, f"script -qfec {shlex.quote(self.wscat[0])} /dev/null")
        init, subscribe = self.wscat[1]
        self.assertTrue(output.has("Connected", DEADLINE), output.text)
        output.tell(init.replace("Bearer …", "Bearer " + os.environ["TOKEN_DEMO"]))
        self.assertTrue(output.has("connection_ack", DEADLINE), output.text)
        output.tell(subscribe.replace("…", self.post))
        self.shows(output)


if __name__ == "__main__":
    unittest.main()
