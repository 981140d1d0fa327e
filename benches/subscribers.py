"""Measures subscriptions: the time from a commit to its delivery, and the memory of subscribers who wait.

over_http.py takes the figures from here; each is printed as well.
"""

import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "tests" / folder) for folder in ("e2e", "gateway")]

from blog import as_json, call, post_id  # noqa: E402
from gateway import Gateway  # noqa: E402
from clients import COMMENT, CREATED, WebSocket, readable  # noqa: E402


def megabytes(gateway):
    """The resident memory of the gateway."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def tokens(blog, count):
    """So many tokens, no two of them equal."""
    claims = as_json(blog.claims("demo", "reader"))
    return blog.admin.column(
        f"SELECT saas_blog.sign_jwt({claims} || jsonb_build_object('jti', n), 'e2e') FROM generate_series(1, {count}) AS n"
    )


def subscribed(gateway, pairs):
    """A socket for each pair of a token and a post, whose subscription has begun."""
    sockets = []
    for begin in range(0, len(pairs), 100):
        some = []
        for token, post in pairs[begin:begin + 100]:
            socket = WebSocket(gateway.address, receive_buffer=4096)
            socket.init(token).ask("1", CREATED, {"post": post})
            some.append(socket)
        for socket in some:
            while "1" not in socket.began:
                socket.pump()
        sockets += some
    return sockets


def memory(blog, count):
    """What idle subscribers need, each with a token of its own."""
    gateway = Gateway(blog.name)
    before = megabytes(gateway)
    begun = time.monotonic()
    sockets = subscribed(gateway, [(token, post_id("demo", n % 12 + 1)) for n, token in enumerate(tokens(blog, count))])
    opened = megabytes(gateway)
    print(f"{count} subscribers, opened in {time.monotonic() - begun:.1f} s: {opened:.1f} MB; before {before:.1f} MB")
    time.sleep(20)
    polled = megabytes(gateway)
    print(f"after everybody was looked at once more: {polled:.1f} MB")
    for socket in sockets:
        socket.socket.close()
    gateway.kill()
    return max(opened, polled)


def latency(blog, count, rounds, shared):
    """Milliseconds from the commit of a comment to its delivery at each subscriber."""
    gateway = Gateway(blog.name)
    each = [blog.token("demo", "reader")] * count if shared else tokens(blog, count)
    post = post_id("demo", 1)
    sockets = subscribed(gateway, [(token, post) for token in each])
    writer, token = blog.session(None), blog.token("demo", "editor")
    times = []
    for number in range(rounds):
        writer.value("SELECT " + call(token, COMMENT, {"post": post, "content": f"round {number}"}))
        committed = time.monotonic()
        waiting = {socket.socket: socket for socket in sockets}
        while waiting:
            for found in readable(waiting, 60):
                waiting.pop(found).next()
                times.append((time.monotonic() - committed) * 1000)
    gateway.kill()
    quantiles = statistics.quantiles(times, n=100)
    kind = "one token" if shared else "a token each"
    print(
        f"commit to delivery, {count} subscribers with {kind}, {rounds} comments: median {statistics.median(times):.1f} ms,"
        f" 95 % {quantiles[94]:.1f} ms, most {max(times):.1f} ms"
    )
    return statistics.median(times)
