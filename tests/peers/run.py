"""Starts a gateway on a database with two tenants, and runs the clients of others against it: node's, then Python's."""

import os
import subprocess
import sys
from pathlib import Path

from blog import PROXY, Blog
from gateway import Gateway

HERE = Path(__file__).resolve().parent


def environment(blog, gateway):
    """Where the gateway is and who asks; for the proxy of the README also the database."""
    found = {f"TOKEN_{tenant.upper()}": blog.token(tenant, "editor") for tenant in ("demo", "another")}
    database = f"host={os.environ['PGHOST']} port={os.environ['PGPORT']} user={PROXY} dbname={blog.name}"
    return {**os.environ, **found, "GATEWAY_URL": "http://" + ":".join(gateway.address), "DATABASE_URL": database}


def main(wanted):
    """The number of suites that failed, of those whose names have one of the wanted words."""
    scripts = [str(path) for path in sorted(HERE.glob("*.test.mjs"))]
    modules = [path.stem for path in sorted(HERE.glob("test_*.py"))]
    suites = [["node", "--test", "--test-reporter=spec", script] for script in scripts]
    suites += [[sys.executable, "-m", "unittest", "-v", module] for module in modules]
    chosen = [suite for suite in suites if not wanted or any(word in suite[-1] for word in wanted)]
    blog = Blog()
    try:
        gateway = Gateway(blog.name)
        try:
            variables = environment(blog, gateway)
            failed = [suite[-1] for suite in chosen if subprocess.run(suite, env=variables, cwd=HERE).returncode != 0]
        finally:
            gateway.stop()
        if failed:
            sys.stderr.write(gateway.text()[-4000:])
            sys.exit(f"failed: {', '.join(failed)}")
    finally:
        blog.close()


if __name__ == "__main__":
    main(sys.argv[1:])
