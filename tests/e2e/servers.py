"""What the tests share that start a server of their own, beside the one that `scripts/cluster` has started."""

import os
import subprocess
import unittest
from unittest import mock


def as_server(*command):
    """Runs a program of the server's; as the user postgres where we are root, which PostgreSQL refuses to be."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*prefix, *command], capture_output=True, text=True, timeout=120, cwd="/", stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stdout}{done.stderr}")


def own_cluster(test, name, *settings):
    """A cluster of this name for all tests of a class, whose sessions are all in it."""
    if "CLUSTER" not in os.environ:
        raise unittest.SkipTest("the script that starts clusters is not known")
    script = os.environ["CLUSTER"]
    folder = os.path.join(os.path.dirname(script), "..", "target", "clusters", name)
    # What a server inherits it keeps open, so its output goes nowhere.
    subprocess.run([script, "start", name, *settings], check=True, timeout=120, stdout=subprocess.DEVNULL)
    test.addClassCleanup(subprocess.run, [script, "stop", name], check=True, timeout=120, stdout=subprocess.DEVNULL)
    printed = subprocess.run(
        ["bash", "-c", '. "$0"; env -0', f"{folder}/env"], check=True, capture_output=True, text=True, timeout=60
    )
    found = dict(line.split("=", 1) for line in printed.stdout.split("\0") if line)
    wanted = {key: value for key, value in found.items() if key.startswith(("PG", "CLUSTER_"))}
    patch = mock.patch.dict(os.environ, wanted)
    patch.start()
    test.addClassCleanup(patch.stop)
