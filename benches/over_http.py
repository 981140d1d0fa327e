"""Measures the gateway against direct connections to the same database, and prints a table with limits.

Before anything is measured, both ways must give the same bytes. Status 0 when everything ran, whatever the figures are;
with --strict, 1 if one is beyond its limit."""

import argparse
import json
import os
import re
import statistics
import sys
from pathlib import Path

import bench
import subscribers
from blog import Blog
from gateway import Gateway  # of tests/gateway

CLIENTS = 8
IDLE = 10_000
# The guide's first query, for the first page.
QUERY = bench.GUIDE.replace(', after: "cursor123"', "")


def lua(text):
    """A string as Lua writes it; JSON's escapes of what is in a request and a token mean the same there."""
    return json.dumps(text)


class Http:
    """The query by POST, over connections that are kept."""

    def __init__(self, gateway, token):
        self.gateway, self.token = gateway, token
        self.body = json.dumps({"query": QUERY})
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def answer(self):
        return self.gateway.send("POST", "/graphql", self.body, self.headers).body.decode()

    def measure(self, folder, seconds):
        """Requests a second."""
        lines = [f"wrk.headers[{lua(name)}] = {lua(value)}" for name, value in self.headers.items()]
        script = folder / "request.lua"
        script.write_text("\n".join([f'wrk.method, wrk.body = "POST", {lua(self.body)}', *lines]))
        url = f"http://{':'.join(self.gateway.address)}/graphql"
        out = bench.run(["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-s", str(script), url])
        if "Non-2xx" in out or "Socket errors" in out:
            sys.exit(f"requests failed:\n{out}")
        return float(re.search(r"Requests/sec: +([\d.]+)", out)[1])


class Direct(bench.Side):
    """The same by SQL, over as many connections."""

    def __init__(self, token):
        super().__init__(bench.EXECUTE, "bench_proxy", clients=CLIENTS, query=QUERY, token=token)

    def throughput(self, folder, seconds):
        """Calls a second."""
        return CLIENTS * 1e6 / self.measure(folder / "script.sql", seconds)


def throughput(asked):
    """The share of direct calls that HTTP reaches: the median of rounds in which both were measured."""
    token = bench.editor("small-50")["token"]
    gateway = Gateway(os.environ["PGDATABASE"], "--pool-size", str(CLIENTS), user="bench_proxy")
    try:
        http, direct, folder = Http(gateway, token), Direct(token), Path(os.environ["BENCH_DIR"])
        if http.answer() != direct.answer() or "errors" in http.answer():
            sys.exit(f"HTTP and SQL differ:\n{http.answer()[:2000]}\n{direct.answer()[:2000]}")
        http.measure(folder, 1), direct.throughput(folder, 1)  # warms both
        rounds = [(http.measure(folder, asked.seconds), direct.throughput(folder, asked.seconds)) for _ in range(asked.rounds)]
    finally:
        gateway.stop()
    size = len(direct.answer().encode())
    print(f"Requests a second: {statistics.median(ours for ours, _ in rounds):.0f} over HTTP, "
          f"{statistics.median(theirs for _, theirs in rounds):.0f} directly ({size:,} bytes each).")
    return statistics.median(ours / theirs for ours, theirs in rounds)


def waiting():
    """The median time to delivery in milliseconds, and the memory of idle subscribers in megabytes."""
    blog = Blog()
    try:
        delivery = max(subscribers.latency(blog, 100, 50, shared) for shared in (True, False))
        return delivery, subscribers.memory(blog, IDLE)
    finally:
        blog.close()


def table(share, delivery, memory):
    """Prints what was measured; whether anything is beyond its limit."""
    rows = [
        (f"The guide's first query over HTTP ÷ `graphql.execute`, {CLIENTS} connections", f"{share:.2f}", "≥ 0.60", share >= 0.6),
        ("From the commit of a comment to its delivery, 100 subscribers, median", f"{delivery:.1f} ms", "< 20 ms", delivery < 20),
        (f"Memory of the gateway, {IDLE:,} idle WebSocket subscribers", f"{memory:.0f} MB", "< 300 MB", memory < 300),
    ]
    print("\n| the gateway | measured | limit | |\n| --- | --- | --- | --- |")
    for name, measured, limit, held in rows:
        print(f"| {name} | {measured} | {limit} | {'' if held else '**beyond**'} |")
    return not all(held for *_, held in rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--seconds", type=int, default=2, help="of each run")
    arguments.add_argument("--strict", action="store_true", help="status 1 if a figure is beyond its limit")
    asked = arguments.parse_args()
    beyond = table(throughput(asked), *waiting())
    sys.exit(1 if beyond and asked.strict else 0)


if __name__ == "__main__":
    main()
