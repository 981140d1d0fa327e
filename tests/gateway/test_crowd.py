"""Five hundred subscribers, while all that can be ended and started again is: everybody gets each event once."""

import contextlib
import json
import os
import subprocess
import threading
import time
import warnings
from collections import Counter

from blog import TENANTS, Lost, SqlError, call, identifier, quoted, user_id
from gateway import DEADLINE, until
from clients import COMMENT, CREATED, Closed, LiveTest, WebSocket, readable
from servers import own_cluster

SUBSCRIBERS, POSTS, COMMENTS, WRITERS = 500, 50, 5000, 8
PATIENCE = 5 * DEADLINE


class Subscriber:
    """One client, which comes back from its last cursor whenever it is left."""

    def __init__(self, tenant, token, post):
        self.tenant, self.token, self.post = tenant, token, post
        self.cursor, self.contents, self.socket = None, [], None

    def connect(self, gateway):
        self.socket = WebSocket(gateway.address)
        self.socket.init(self.token)
        more = {"extensions": {"cursor": self.cursor}} if self.cursor else {}
        self.socket.ask("1", CREATED, {"post": self.post}, **more)

    def begin(self):
        while "1" not in self.socket.began:
            self.socket.pump()
        self.cursor = self.cursor or self.socket.began["1"]

    def read(self):
        """Takes what has come; raises if that was the end of the connection."""
        try:
            self.socket.pump()
        finally:
            for message in self.socket.waiting:
                if message["type"] != "next" or "errors" in message["payload"]:
                    raise AssertionError(message)
                self.contents.append(message["payload"]["data"]["commentCreated"]["content"])
                self.cursor = message["payload"]["extensions"]["cursor"]
            self.socket.waiting.clear()


class Writer(threading.Thread):
    """Comments on one post after the other, whatever happens to its connection."""

    def __init__(self, test, number):
        super().__init__(daemon=True)
        self.test, self.number, self.session, self.failure = test, number, None, None

    def run(self):
        try:
            for number in range(self.number, COMMENTS, WRITERS):
                with self.test.allowed:
                    self.test.allowed.wait_for(lambda number=number: number < self.test.limit, PATIENCE)
                self.write(number)
        except Exception as failure:
            self.failure = failure

    def write(self, number):
        """One comment, once: whether the last try has arrived is looked up."""
        subscriber = self.test.crowd[number % POSTS]
        token = self.test.tokens[subscriber.tenant]["reader"]
        content = f"{number} of {subscriber.tenant}"
        request = call(token, COMMENT, {"post": subscriber.post, "content": content})
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.session = self.session or self.test.blog.session(None)
                if self.session.value(f"SELECT count(*) FROM saas_blog.tb_comment WHERE content = {quoted(content)}") == "0":
                    answer = json.loads(self.session.value(f"SELECT {request}"))
                    self.test.assertNotIn("errors", answer)
                with self.test.allowed:
                    self.test.written += 1
                return
            except (Lost, SqlError, OSError):
                with contextlib.suppress(OSError, AttributeError):
                    self.session.close()
                self.session = None
                time.sleep(0.1)
        raise AssertionError(f"{content} was not written")


class Crowd(LiveTest):
    options = ()

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "crowd", "max_connections=60")
        super().setUpClass()
        cls.tokens = dict(zip(TENANTS, (cls.demo, cls.another), strict=True))
        cls.admin.rows(f"""
            INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, id, title, content, published)
            SELECT fk_tenant, pk_user, (left(id::text, 1) || '5000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
                'Crowd ' || n, 'Crowd', true
            FROM saas_blog.tb_user, generate_series(0, {POSTS - 1}) AS n
            WHERE id IN ('{user_id('demo', 'editor')}', '{user_id('another', 'editor')}')""")

    def test_everybody_gets_each_event_once(self):
        self.written, self.limit, self.allowed = 0, 500, threading.Condition()
        users = list(self.demo)
        # A session that cannot be opened, while the server is restarted, leaves its psql to the collector.
        warnings.filterwarnings("ignore", category=ResourceWarning)
        posts = [(TENANTS[number % 2], number) for number in range(POSTS)]
        self.crowd = [
            Subscriber(tenant, self.tokens[tenant][users[number // POSTS % len(users)]], identifier(tenant, 5, post))
            for number in range(SUBSCRIBERS) for tenant, post in [posts[number % POSTS]]
        ]
        self.addCleanup(lambda: [subscriber.socket.socket.close() for subscriber in self.crowd])
        self.join(self.gateway)
        writers = [Writer(self, number) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        self.disturb()
        self.pump(lambda: all(not writer.is_alive() for writer in writers), "all is written")
        self.assertEqual([writer.failure for writer in writers], [None] * WRITERS)

        expected = [Counter() for _ in range(POSTS)]
        for number in range(COMMENTS):
            expected[number % POSTS][f"{number} of {posts[number % POSTS][0]}"] += 1
        wanted = [sum(expected[number % POSTS].values()) for number in range(SUBSCRIBERS)]
        self.pump(lambda: all(len(s.contents) >= count for s, count in zip(self.crowd, wanted)), "all is delivered")
        for number, subscriber in enumerate(self.crowd):
            subscriber.socket.silent()
            self.assertEqual(Counter(subscriber.contents), expected[number % POSTS], (number, subscriber.post))
        self.admin = self.blog.session(None)
        self.assertEqual(len(self.listeners()), 1)

    def disturb(self):
        """At certain numbers of comments something is ended and started again, while the next ones are written."""
        steps = {
            500: self.hang_up, 1000: self.hang_up, 1500: self.kill_gateway, 2000: self.hang_up, 2500: self.hang_up,
            3200: self.restart_server, 4200: self.hang_up,
        }
        for count, limit in zip(steps, [*list(steps)[1:], COMMENTS], strict=True):
            self.pump(lambda count=count: self.written >= count, f"{count} are written")
            self.allow(limit)
            steps[count]()

    def allow(self, limit):
        """The writers may go on to this number."""
        with self.allowed:
            self.limit = limit
            self.allowed.notify_all()

    def hang_up(self):
        """The listening backend is terminated."""
        end = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'saas-blog-gateway listener'"""
        with self.blog.session(None) as session:
            self.assertEqual(until(lambda: session.column(end), "somebody listens"), ["t"])

    def kill_gateway(self):
        self.gateway.kill()
        for subscriber in self.crowd:
            with self.assertRaises((Closed, ConnectionError)):
                while True:
                    subscriber.read()
            subscriber.socket.socket.close()
        type(self).gateway = self.start()
        self.join(self.gateway)

    def restart_server(self):
        subprocess.run([os.environ["CLUSTER"], "restart", "crowd"], check=True, timeout=DEADLINE, stdout=subprocess.DEVNULL)

    def join(self, gateway):
        """Everybody connects, and then begins."""
        for subscriber in self.crowd:
            subscriber.connect(gateway)
        for subscriber in self.crowd:
            subscriber.begin()

    def pump(self, condition, what):
        """Reads all that comes until the condition holds."""
        by_socket = {subscriber.socket.socket: subscriber for subscriber in self.crowd}
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, f"in vain: {what}; {self.gateway.text()[-2000:]}")
            for found in readable(by_socket, 0.1):
                by_socket[found].read()
