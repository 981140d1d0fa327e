"""What the tests share that start a server of their own, beside the one that `scripts/cluster` has started."""

import os
import pwd
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

# The port of a standby, which is only the name of a socket in its folder.
STANDBY_PORT = "6543"


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


def hot_standby(test):
    """A standby of the server that the environment names, for all tests of a class; gives its folder."""
    folder = tempfile.mkdtemp(prefix="saas_blog.standby.")
    test.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    bin, data = os.environ["CLUSTER_BIN"], f"{folder}/data"
    as_server(f"{bin}/pg_basebackup", "-D", data, "-R", "-c", "fast", "-X", "stream", "--no-sync")
    options = f"-c unix_socket_directories={folder} -c port={STANDBY_PORT} -c listen_addresses="
    as_server(f"{bin}/pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", f"{folder}/log", "-o", options)
    test.addClassCleanup(as_server, f"{bin}/pg_ctl", "stop", "-m", "immediate", "-w", "-D", data)
    return folder
