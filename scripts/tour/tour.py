"""Runs requests through psql as a proxy would, prints the answers of two callers side by side, and checks them.

Ends with status 1 and says which step is wrong if an answer is not what the blog promises."""

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import Callable

WIDTH = 60  # of each of the two columns
KEY = "demo-key"
TENANTS = {"demo": "d0000000-0000-4000-8000-000000000000", "another": "a0000000-0000-4000-8000-000000000000"}
USERS = {"admin": 1, "editor": 2, "subscriber": 3}


def psql(login, script, **variables):
    """What psql prints for a script, with `:'name'` for the variables, errors included."""
    options = [f"-v{name}={value}" for name, value in variables.items()]
    command = ["psql", "-XqAt", "-U", login, *options]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip()


def token(tenant, role, lifetime="10 minutes"):
    """A signed token of that tenant's user; the only thing that the tour does as a superuser."""
    user = f"{tenant[0]}1000000-0000-4000-8000-{USERS[role]:012}"
    claims = """jsonb_build_object('user_id', :'user', 'tenant_id', :'tenant', 'role', :'role',
        'iat', extract(epoch FROM now())::bigint, 'exp', extract(epoch FROM now() + :'lifetime'::interval)::bigint)"""
    sign = f"SELECT saas_blog.sign_jwt({claims}, '{KEY}')"
    return psql("postgres", sign, user=user, tenant=TENANTS[tenant], role=role, lifetime=lifetime)


def execute(query, variables, jwt):
    """The answer of `graphql.execute` to the proxy's login role."""
    script = "SELECT graphql.execute(:'query', nullif(:'variables', '')::jsonb, nullif(:'jwt', ''))"
    text = psql("demo_proxy", script, query=query, jwt=jwt, variables=json.dumps(variables) if variables else "")
    try:
        return json.loads(text)
    except ValueError:
        sys.exit(f"graphql.execute answered no JSON: {text}")


def codes(answer):
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


def titles(answer):
    return [node["title"] for node in answer["data"]["posts"]["nodes"]]


def pretty(value, indent=0, used=0):
    """JSON over several lines; what fits on the rest of its line, after `used` columns, stays on it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, (dict, list)) or used + len(flat) < WIDTH:
        return flat
    if isinstance(value, dict):
        keys = {key: f"{json.dumps(key)}: " for key in value}
        items = [keys[key] + pretty(item, indent + 2, indent + 2 + len(keys[key])) for key, item in value.items()]
        begin, end = "{", "}"
    else:
        begin, items, end = "[", [pretty(item, indent + 2, indent + 2) for item in value], "]"
    return begin + ",".join(f"\n{' ' * (indent + 2)}{item}" for item in items) + f"\n{' ' * indent}{end}"


def columns(left, right):
    """Two texts beside each other; lines that are too long go on below."""

    def wrapped(text):
        for line in text.split("\n"):
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent, drop_whitespace=False) or [""]

    one, two = list(wrapped(left)), list(wrapped(right))
    for i in range(max(len(one), len(two))):
        a, b = one[i] if i < len(one) else "", two[i] if i < len(two) else ""
        print(f"  {a:<{WIDTH}} │ {b}".rstrip())


@dataclass
class Step:
    """One request, sent with two tokens, and what must be true of both answers."""

    title: str
    query: str
    callers: tuple
    expect: Callable
    variables: dict = field(default_factory=dict)

    def run(self, number, tokens):
        print(f"\n── {number}. {self.title}\n")
        print(textwrap.indent(textwrap.dedent(self.query).strip(), "  "))
        if self.variables:
            print(f"  variables: {json.dumps(self.variables)}")
        answers = [execute(self.query, self.variables, tokens[who]) for who in self.callers]
        print()
        columns(*self.callers)
        columns("─" * WIDTH, "─" * WIDTH)
        columns(*map(pretty, answers))
        try:
            return bool(self.expect(*answers))
        except (KeyError, TypeError, IndexError):
            return False


GUIDE = """
    query ($after: String) {
      posts(first: 2, after: $after) {
        edges { node { id title author { name } comments(first: 5) { edges { node { content author { name } } } } } }
        pageInfo { hasNextPage endCursor }
      }
    }"""


def is_tenants(answer, name, post_prefix):
    """Everything in the answer belongs to that tenant: its ids and its authors say so."""
    edges = answer["data"]["posts"]["edges"]
    authors = [edge["node"]["author"]["name"] for edge in edges]
    for edge in edges:
        authors += [comment["node"]["author"]["name"] for comment in edge["node"]["comments"]["edges"]]
    return edges and all(edge["node"]["id"].startswith(post_prefix) for edge in edges) and all(name in a for a in authors)


def steps(cursor):
    """The tour; `cursor` stands behind the newest published post of Demo."""
    demo, another = "editor of demo", "editor of another"
    return [
        Step("The guide's first query, for two tenants", GUIDE, (demo, another),
             lambda a, b: is_tenants(a, "of Demo", "d2") and is_tenants(b, "of Another", "a2")),
        Step("The next page, by the cursor of the page before", GUIDE, (demo, "subscriber of demo"),
             lambda a, b: a == b and a["data"]["posts"]["edges"][0]["node"]["title"] == "Walls and Doors",
             {"after": cursor}),
        Step("A tenant named in the request never widens a token",
             'query { posts(tenantId: "demo", limit: 10) { nodes { id title } } }', (demo, another),
             lambda a, b: len(titles(a)) == 4 and codes(b) == ["FORBIDDEN"] and "data" not in b),
        Step("Another tenant's post does not exist",
             'query { post(id: "d2000000-0000-4000-8000-000000000001") { title content author { name } } }',
             (demo, another),
             lambda a, b: a["data"]["post"]["title"] == "Hello World" and b == {"data": {"post": None}}),
        Step("Drafts are for editors", "query { me { role } posts { nodes { title published } } }",
             (demo, "subscriber of demo"),
             lambda a, b: "Not Yet Ready" in titles(a) and titles(b) and "Not Yet Ready" not in titles(b)),
        Step("An expired token, and garbage", "query { posts { nodes { title } } }", ("expired", "garbage"),
             lambda a, b: codes(a) == codes(b) == ["UNAUTHENTICATED"] and a == b),
    ]


def forged(number):
    """A login with SELECT on the table forges the context by SET: the wall still shows it nothing."""
    print(f"\n── {number}. The context cannot be forged, even with SELECT on the table\n")
    script = f"SET app.tenant_id = '{TENANTS['demo']}';\nSET app.tenant_pk = 1;\nSELECT count(*) FROM saas_blog.tb_post;"
    answer = psql("demo_reporter", script)
    print(textwrap.indent(f"{script}\n\n{answer}", "  "))
    return "0" in answer.split("\n")


def scans(plan):
    """Every scan of a plan, the parts of it included."""
    if "Relation Name" in plan:
        yield f"{plan['Node Type']} on {plan['Relation Name']} {plan.get('Index Name', '')}".strip()
    for part in plan.get("Plans", []):
        yield from scans(part)


def explained(number, jwt):
    print(f"\n── {number}. The guide's first query is one SQL statement (graphql.explain)\n")
    script = "SELECT graphql.explain(:'query', NULL, :'jwt')"
    text = psql("demo_operator", script, query=GUIDE, jwt=jwt)
    try:
        statements = json.loads(text)["statements"]
        plan = statements[0]["plan"]
        plan = plan[0] if isinstance(plan, list) else plan
    except (ValueError, KeyError, IndexError):
        print(text)
        return False
    print(textwrap.indent("\n".join(textwrap.wrap(statements[0]["sql"], 2 * WIDTH)), "  "))
    print("\n  " + "\n  ".join(scans(plan["Plan"])))
    print("  (PostgreSQL reads a handful of rows as a whole; with many it uses the indexes, as `make bench` shows.)")
    return len(statements) == 1


def healthy(number):
    print(f"\n── {number}. Every invariant of the security model holds (saas_blog.doctor())\n")
    text = psql("demo_operator", "SELECT status, check_name FROM saas_blog.doctor()")
    print(textwrap.indent(text.replace("|", "  "), "  "))
    return bool(text) and all(line.startswith("ok|") for line in text.split("\n"))


def main():
    tokens = {f"{role} of {tenant}": token(tenant, role) for tenant in TENANTS for role in USERS}
    tokens |= {"expired": token("demo", "editor", "-10 minutes"), "garbage": "not.a.token"}
    newest = execute("{ posts(first: 1, published: true) { pageInfo { endCursor } } }", {}, tokens["editor of demo"])
    requests = steps(newest["data"]["posts"]["pageInfo"]["endCursor"]) if "data" in newest else sys.exit(str(newest))
    results = [(step.title, step.run(number, tokens)) for number, step in enumerate(requests, 1)]
    results.append(("forged context", forged(len(results) + 1)))
    results.append(("explain", explained(len(results) + 1, tokens["admin of demo"])))
    results.append(("doctor", healthy(len(results) + 1)))
    wrong = [title for title, right in results if not right]
    print(f"\n{len(results) - len(wrong)} of {len(results)} steps answered as they must.")
    if wrong:
        sys.exit("Wrong answer in: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
