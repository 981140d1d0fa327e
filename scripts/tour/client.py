"""Sends requests through psql as a proxy would, and prints what was asked and what is answered."""

import json
import subprocess
import sys
import textwrap

WIDTH = 60  # of each of two columns


def psql(login, script, **variables):
    """What psql prints for a script, with `:'name'` for the variables, errors included."""
    options = [f"-v{name}={value}" for name, value in variables.items()]
    command = ["psql", "-XqAt", "-U", login, *options]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip()


def sign(key, lifetime="10 minutes", **claims):
    """A signed token; the only thing that the tour does as a superuser."""
    times = """jsonb_build_object('iat', extract(epoch FROM now())::bigint,
        'exp', extract(epoch FROM now() + :'lifetime'::interval)::bigint)"""
    script = f"SELECT saas_blog.sign_jwt(:'claims'::jsonb || {times}, :'key')"
    return psql("postgres", script, claims=json.dumps(claims), key=key, lifetime=lifetime)


def resolve(query, jwt, variables=None, extensions=None):
    """The answer of `graphql.resolve` to the proxy's login role."""
    script = """SELECT graphql.resolve(:'query', nullif(:'variables', '')::jsonb, nullif(:'jwt', ''),
        extensions => nullif(:'extensions', '')::jsonb)"""
    given = {"variables": json.dumps(variables) if variables else "", "extensions": json.dumps(extensions) if extensions else ""}
    text = psql("demo_proxy", script, query=query, jwt=jwt, **given)
    try:
        return json.loads(text)
    except ValueError:
        sys.exit(f"graphql.resolve answered no JSON: {text}")


def codes(answer):
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


def pretty(value, width=WIDTH, indent=0, used=0):
    """JSON over several lines; what fits on the rest of its line, after `used` columns, stays on it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, (dict, list)) or used + len(flat) < width:
        return flat
    deeper = indent + 2
    if isinstance(value, dict):
        keys = {key: f"{json.dumps(key)}: " for key in value}
        items = [keys[key] + pretty(item, width, deeper, deeper + len(keys[key])) for key, item in value.items()]
        begin, end = "{", "}"
    else:
        begin, items, end = "[", [pretty(item, width, deeper, deeper) for item in value], "]"
    return begin + ",".join(f"\n{' ' * deeper}{item}" for item in items) + f"\n{' ' * indent}{end}"


def beside(left, right):
    """Two texts beside each other; lines that are too long go on below."""

    def wrapped(text):
        for line in text.split("\n"):
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent, drop_whitespace=False) or [""]

    one, two = list(wrapped(left)), list(wrapped(right))
    for i in range(max(len(one), len(two))):
        a, b = one[i] if i < len(one) else "", two[i] if i < len(two) else ""
        print(f"  {a:<{WIDTH}} │ {b}".rstrip())


def show(text, indent="  "):
    print(textwrap.indent(textwrap.dedent(text).strip(), indent))
