"""How long requests take that mean harm, with the limits as they are and as wide as they can be set."""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from bombs import DEPTHS, NESTED, WIDE, many, nested  # noqa: E402

SHOWN = 5


def times(bombs, token, options):
    """The milliseconds that each request takes, in one session that knows none of them."""
    script = ["\\timing on"]
    for name, query in bombs.items():
        quoted = name.replace("'", "''")
        script.append(f"\\echo '{quoted}'\nSELECT left(graphql.execute($bomb${query}$bomb$, NULL, '{token}')::text, 1);")
    done = subprocess.run(["psql", "-XqAt", "-U", "postgres"], input="\n".join(script), capture_output=True, text=True,
                          timeout=600, check=True, env={**os.environ, "PGOPTIONS": options})
    found = re.findall(r"^(.+)\n\{\nTime: ([\d.]+) ms", done.stdout, re.MULTILINE)
    if len(found) != len(bombs):
        sys.exit(f"{len(found)} of {len(bombs)} bombs were answered:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return sorted(((float(time), name) for name, time in found), reverse=True)


def report(token):
    """Prints the slowest; what psql takes to send a bomb is in it."""
    deep = {f"{kind} {depth:,} deep": nested(kind, depth) for kind in NESTED for depth in DEPTHS}
    bombs = {**deep, **many()}
    wide = " ".join(f"-c saas_blog.{limit}={value}" for limit, value in WIDE.items())
    for limits, options in (("default limits", ""), ("all limits as wide as they go", wide)):
        found = times(bombs, token, options)
        slowest = ", ".join(f"{name} {time:.0f}" for time, name in found[:SHOWN])
        print(f"\n{len(found)} hostile requests, {limits}, in ms: {slowest}.")
