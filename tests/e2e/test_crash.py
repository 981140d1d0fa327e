"""The server dies under four writers: what was acknowledged is there once, and so is what was sent again with its key."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
import unittest
import uuid
from pathlib import Path

from blog import PROXY, Blog, Lost, Session, SqlError, parsed, post_id, quoted
from servers import as_server, own_cluster
from workers import COMMENT, CREATE, UPDATE, keyed, outcome

WRITERS = 4
# With which states a connection ends when the server dies: psql's own, and admin_shutdown to cannot_connect_now.
STATES = ("", "57P01", "57P02", "57P03")
ERRORS = (Lost, OSError, SqlError)


def gone(error):
    """Whether the error is that of a server that is dead, or not back yet."""
    return not isinstance(error, SqlError) or error.sqlstate in STATES


class Writer(threading.Thread):
    """Sends one request after the other, each with a key and a text of its own, and again until it is answered."""

    def __init__(self, blog, number):
        super().__init__()
        self.blog, self.number = blog, number
        self.token = blog.token("demo", "admin")
        self.post = post_id("demo", number + 1)
        self.acknowledged, self.repeated, self.failure = {}, set(), None
        self.session, self.going = Session(blog.name, PROXY), True

    def run(self):
        try:
            while self.going:
                self.carry_out(*self.request())
        except BaseException as failure:  # The test tells of it.
            self.failure = failure

    def request(self):
        """Some request; its key stands in what it writes."""
        key = uuid.uuid4().hex
        kinds = (
            ("post", CREATE, {"title": key}),
            ("comment", COMMENT, {"post": self.post, "content": key}),
            ("update", UPDATE, {"id": self.post, "content": key}),
        )
        return key, *random.choice(kinds)

    def carry_out(self, key, kind, query, variables):
        """Sends it until there is an answer."""
        sql = "SELECT " + keyed(self.token, query, variables, key)
        while key not in self.acknowledged:
            try:
                self.acknowledged[key] = (kind, sql, self.session.value(sql))
            except ERRORS as error:
                if not gone(error):
                    raise
                self.repeated.add(key)
                self.reconnect()

    def reconnect(self):
        """A new session, as soon as the server takes one; it may be about to go, too."""
        self.leave()
        deadline = time.monotonic() + 60
        probe = ["psql", "-XqAt", "-d", self.blog.name, "-c", ""]
        while time.monotonic() < deadline:
            if subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0:
                try:
                    self.session = Session(self.blog.name, PROXY)
                    return
                except ERRORS as error:
                    if not gone(error):
                        raise
            time.sleep(0.05)
        raise TimeoutError("the server is not back")

    def leave(self):
        """Ends the session, dead or alive."""
        with contextlib.suppress(OSError):
            self.session.close()


class Crash(unittest.TestCase):
    """A cluster whose commits are durable."""

    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "crash", "synchronous_commit=on", "fsync=on", "full_page_writes=on")
        cls.data, cls.bin = os.environ["CLUSTER_DATA"], os.environ["CLUSTER_BIN"]

    def setUp(self):
        self.blog = Blog()
        self.addCleanup(self.blog.close)
        self.writers = [Writer(self.blog, number) for number in range(WRITERS)]
        for writer in self.writers:
            writer.start()
        self.addCleanup(self.stop)
        self.written()

    def stop(self):
        """Lets the writers end what they are at."""
        for writer in self.writers:
            writer.going = False
        for writer in self.writers:
            writer.join(timeout=90)
            writer.leave()

    def written(self):
        """Waits until every writer has got on."""
        before, deadline = [len(writer.acknowledged) for writer in self.writers], time.monotonic() + 60
        while any(len(writer.acknowledged) < count + 50 for writer, count in zip(self.writers, before)):
            self.assertEqual([writer.failure for writer in self.writers], [None] * WRITERS)
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def postmaster(self):
        return int((Path(self.data) / "postmaster.pid").read_text().splitlines()[0])

    def pg_ctl(self, action, *options):
        as_server(f"{self.bin}/pg_ctl", action, "-D", self.data, "-w", "-t", "60", *options)

    def kill(self, pid):
        """Kills a backend of this very database."""
        if self.blog.name in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)

    def ended(self):
        """All requests are answered, some of them only when they were sent again."""
        self.stop()
        for writer in self.writers:
            self.assertFalse(writer.is_alive())
            self.assertIsNone(writer.failure)
        self.assertTrue(any(writer.repeated for writer in self.writers), "nobody noticed")
        self.blog.admin = self.blog.session(None)
        return {key: done for writer in self.writers for key, done in writer.acknowledged.items()}

    def check_written(self, done):
        """Each request has written its row once, with one entry of the audit log, and nobody else has written any."""
        admin, wanted = self.blog.admin, {"post": [], "comment": [], "update": []}
        for key, (kind, _, answer) in done.items():
            self.assertIsNone(outcome(parsed(answer)), answer)
            wanted[kind].append(key)
        written = {
            "post": "SELECT title FROM saas_blog.tb_post WHERE created_at > now() - interval '1 hour'",
            "comment": "SELECT content FROM saas_blog.tb_comment WHERE created_at > now() - interval '1 hour'",
        }
        for kind, query in written.items():
            self.assertEqual(sorted(admin.column(query)), sorted(wanted[kind]))
        field = "changes -> CASE entity_type || action WHEN 'postcreate' THEN 'title' ELSE 'content' END ->> 'new'"
        logged = admin.column(f"SELECT {field} FROM saas_blog.tb_audit_log")
        self.assertEqual(sorted(logged), sorted(done))
        self.assertEqual(sorted(admin.column("SELECT key FROM saas_blog.tb_idempotency_key")), sorted(done))
        for writer in self.writers:
            current = f"SELECT content FROM saas_blog.tb_post WHERE id = {quoted(writer.post)}"
            updates = [key for key, (kind, _, _) in writer.acknowledged.items() if kind == "update"]
            self.assertEqual(admin.value(current), updates[-1])

    def check_repeats(self, done):
        """Sent again, a request has the answer that it had, and nothing is written."""
        counts = "SELECT (SELECT count(*) FROM saas_blog.tb_audit_log), (SELECT count(*) FROM saas_blog.tb_post)"
        before = self.blog.admin.rows(counts)
        again = {key for writer in self.writers for key in writer.repeated}
        for key in [*again, *random.sample(sorted(done), 50)]:
            _, sql, answer = done[key]
            self.assertEqual(self.blog.admin.value(sql), answer)
        self.assertEqual(self.blog.admin.rows(counts), before)

    def test_a_backend_is_killed(self):
        """The others are thrown out, and the same postmaster is back at once."""
        postmaster = self.postmaster()
        for _ in range(2):
            for writer in self.writers:
                self.kill(writer.session.pid)
                self.written()
        done = self.ended()
        self.assertEqual(self.postmaster(), postmaster)
        self.check_written(done)
        self.check_repeats(done)

    def test_an_immediate_stop(self):
        for _ in range(4):
            self.pg_ctl("stop", "-m", "immediate")
            self.pg_ctl("start", "-l", f"{self.data}/server.log")
            self.written()
        done = self.ended()
        self.check_written(done)
        self.check_repeats(done)


if __name__ == "__main__":
    unittest.main()
