"""Makes two tenants through the API as the guide's "Test the API" does, and then shows that they cannot see each other.

Ends with status 1 and says which step is wrong if an answer is not what the blog promises."""

import json
import sys
import textwrap

import client
from client import codes, psql
from steps import CREATE_COMMENT, CREATE_POST, GUIDE, Step, is_tenants, new_user, titles

OPERATOR = ("operator",)
POSTS = 'query { posts(tenantId: "%s", limit: 10) { nodes { id title } } }'


class Tour:
    """The tokens, what was made so far, and which steps went wrong."""

    def __init__(self):
        self.tokens = {"operator": client.sign("demo-operator", role="operator"), "garbage": "not.a.token"}
        self.ids, self.number, self.wrong = {}, 0, []

    def note(self, title, right):
        if not right:
            self.wrong.append(title)

    def begin(self):
        self.number += 1
        return self.number

    def step(self, *arguments, **named):
        """Runs a step and gives the data of its first answer."""
        step = Step(*arguments, **named)
        right, data = step.run(self.begin(), self.tokens)
        self.note(step.title, right)
        return data

    def made(self, name, *arguments, **named):
        """Runs a step whose only field makes something, and remembers its id."""
        data = self.step(*arguments, **named) or {}
        self.ids[name] = (next(iter(data.values()), None) or {}).get("id")

    def quietly(self, name, query, caller, variables=None):
        """Makes something without a step of its own."""
        answer = client.resolve(query, self.tokens[caller], variables)
        if "errors" in answer:
            sys.exit(f"{name}: {answer}")
        self.ids[name] = next(iter(answer["data"].values()))["id"]

    def sign_in(self, user, tenant, role, **named):
        """A token of a user that was made."""
        claims = {"user_id": self.ids[user], "tenant_id": self.ids[tenant], "role": role}
        return client.sign("demo-key", **claims, **named)


def create(tour):
    """The guide's requests, one by one."""
    tour.made("demo", "An operator creates a tenant",
              'mutation { createTenant(name: "Demo Blog", identifier: "demo") { id name } }', OPERATOR,
              lambda a: a["data"]["createTenant"]["name"] == "Demo Blog")
    tour.made("admin of demo", "… and its first user", new_user("demo", "admin@example.com", "Ada of Demo", "admin"), OPERATOR,
              lambda a: a["data"]["createUser"]["email"] == "admin@example.com" and a["data"]["createUser"]["role"] == "admin")
    tour.tokens["admin of demo"] = tour.sign_in("admin of demo", "demo", "admin")
    tour.made("hello", "The admin writes a post", """
              mutation {
                createPost(tenantId: "demo", title: "Hello World", content: "My first blog post!", published: true) {
                  id title published author { name }
                }
              }""", ("admin of demo",),
              lambda a: a["data"]["createPost"]["published"] and a["data"]["createPost"]["author"]["name"] == "Ada of Demo")
    tour.step("It is there", POSTS % "demo", ("admin of demo",), lambda a: titles(a) == ["Hello World"])
    tour.made("another", "A second tenant", 'mutation { createTenant(name: "Another Blog", identifier: "another") { id } }',
              OPERATOR, lambda a: a["data"]["createTenant"]["id"] != tour.ids["demo"])
    # An e-mail is unique within its tenant only.
    tour.quietly("admin of another", new_user("another", "admin@example.com", "Ann of Another", "admin"), "operator")
    tour.tokens["admin of another"] = tour.sign_in("admin of another", "another", "admin")
    tour.step("The second tenant has no posts, and the first cannot look", POSTS % "another",
              ("admin of another", "admin of demo"),
              lambda a, b: titles(a) == [] and codes(b) == ["FORBIDDEN"] and "data" not in b)


def fill(tour):
    """More people, posts and comments, by the same requests."""
    people = {"demo": [("editor", "Eve"), ("subscriber", "Rob")], "another": [("editor", "Ed"), ("subscriber", "Ria")]}
    for tenant, users in people.items():
        for role, name in users:
            who = f"{role} of {tenant}"
            query = new_user(tenant, f"{role}@{tenant}.example", f"{name} of {tenant.title()}", role)
            tour.quietly(who, query, f"admin of {tenant}")
            tour.tokens[who] = tour.sign_in(who, tenant, role)
    posts = [("walls", "editor of demo", "Walls and Doors", "Why row-level security is a wall.", True),
             ("one", "admin of demo", "One Statement", "A GraphQL request is one SQL statement.", True),
             ("draft", "editor of demo", "Not Yet Ready", "Nobody but editors reads this.", False),
             ("hi", "editor of another", "Hello World", "The same identifier, another tenant.", True),
             ("secrets", "admin of another", "Our Own Secrets", "Not for the people of Demo.", True)]
    for name, author, title, content, published in posts:
        tour.quietly(name, CREATE_POST, author, {"title": title, "content": content, "published": published})
    for post, author, content in [("walls", "subscriber of demo", "Great post!"), ("hello", "subscriber of demo", "Welcome!"),
                                  ("hi", "subscriber of another", "Hello to you.")]:
        tour.quietly("comment", CREATE_COMMENT, author, {"post": tour.ids[post], "content": content})
    print(f"\n  … and {len(posts)} more posts, 4 more users and 3 comments by the same requests.")


def read(tour):
    demo, another = "editor of demo", "editor of another"
    tour.tokens["expired"] = tour.sign_in(demo, "demo", "editor", lifetime="-10 minutes")
    newest = client.resolve("{ posts(first: 1, published: true) { pageInfo { endCursor } } }", tour.tokens[demo])
    tour.step("The guide's first query, for two tenants", GUIDE, (demo, another),
              lambda a, b: is_tenants(a, "Demo") and is_tenants(b, "Another"))
    tour.step("The next page, by the cursor of the page before", GUIDE, (demo, "subscriber of demo"),
              lambda a, b: a == b and a["data"]["posts"]["edges"][0]["node"]["title"] == "Walls and Doors",
              variables={"after": newest["data"]["posts"]["pageInfo"]["endCursor"]})
    tour.step("Another tenant's post does not exist",
              "query ($id: ID!) { post(id: $id) { title content author { name } } }", (demo, another),
              lambda a, b: a["data"]["post"]["title"] == "Hello World" and b == {"data": {"post": None}},
              variables={"id": tour.ids["hello"]})
    tour.step("Drafts are for editors", "query { me { role } posts { nodes { title published } } }",
              (demo, "subscriber of demo"),
              lambda a, b: "Not Yet Ready" in titles(a) and titles(b) and "Not Yet Ready" not in titles(b))
    tour.step("An expired token, and garbage", "query { posts { nodes { title } } }", ("expired", "garbage"),
              lambda a, b: codes(a) == codes(b) == ["UNAUTHENTICATED"] and a == b)


def find(tour):
    demo, another = "editor of demo", "editor of another"
    tour.step("Search, with what was found in marks and everything else escaped",
              'query { searchPosts(query: "wall or statement") { title highlight rank } }', (demo, another),
              lambda a, b: {hit["title"] for hit in a["data"]["searchPosts"]} == {"Walls and Doors", "One Statement"}
              and all("<mark>" in hit["highlight"] for hit in a["data"]["searchPosts"])
              and b == {"data": {"searchPosts": []}})
    tour.step("The posts with the most comments", "query { popularPosts(first: 2) { title commentCount } }", (demo, another),
              lambda a, b: a["data"]["popularPosts"][0]["commentCount"] == 1
              and b["data"]["popularPosts"][0] == {"title": "Hello World", "commentCount": 1})


def change(tour):
    hello = {"id": tour.ids["hello"]}
    tour.step("A comment, and one on a post of another tenant", CREATE_COMMENT, ("subscriber of demo", "subscriber of another"),
              lambda a, b: a["data"]["createComment"]["post"]["commentCount"] == 2 and codes(b) == ["NOT_FOUND"],
              variables={"post": tour.ids["hello"], "content": "I read it twice."})
    tour.step("An editor changes own posts only", 'mutation ($id: ID!) { updatePost(id: $id, title: "Mine") { title } }',
              (demo := "editor of demo",), lambda a: codes(a) == ["FORBIDDEN"] and a["data"] is None, variables=hello)
    tour.step("A request that is sent twice is carried out once",
              'mutation { createPost(title: "Once", content: "Only.") { id identifier } }', (demo, demo),
              lambda a, b: a == b, extensions={"idempotencyKey": "tour-1"})
    tour.step("Deleted is in the trash", "mutation ($id: ID!) { deletePost(id: $id) { id deletedAt } }", ("admin of demo",),
              lambda a: a["data"]["deletePost"]["deletedAt"], variables=hello)
    tour.step("… and comes back with its comments",
              "mutation ($id: ID!) { restorePost(id: $id) { id deletedAt commentCount } }", ("admin of demo",),
              lambda a: a["data"]["restorePost"] == {**hello, "deletedAt": None, "commentCount": 2}, variables=hello)
    tour.step("All of it is in the audit log, of its tenant",
              "query ($id: ID!) { auditLogs(entityId: $id) { nodes { action changes user { name } } } }",
              ("admin of demo", "admin of another"),
              lambda a, b: [node["action"] for node in a["data"]["auditLogs"]["nodes"]] == ["restore", "delete", "create"]
              and b == {"data": {"auditLogs": {"nodes": []}}}, variables=hello)


def forged(tour):
    """A login with SELECT on the table forges the context by SET: the wall still shows it nothing."""
    print(f"\n── {tour.begin()}. The context cannot be forged, even with SELECT on the table\n")
    script = f"SET app.tenant_id = '{tour.ids['demo']}';\nSET app.tenant_pk = 1;\nSELECT count(*) FROM saas_blog.tb_post;"
    answer = psql("demo_reporter", script)
    client.show(f"{script}\n\n{answer}")
    tour.note("forged context", "0" in answer.split("\n"))


def scans(plan):
    """Every scan of a plan, the parts of it included."""
    if "Relation Name" in plan:
        yield f"{plan['Node Type']} on {plan['Relation Name']} {plan.get('Index Name', '')}".strip()
    for part in plan.get("Plans", []):
        yield from scans(part)


def explained(tour):
    print(f"\n── {tour.begin()}. The guide's first query is one SQL statement (graphql.explain)\n")
    script = "SELECT graphql.explain(:'query', NULL, :'jwt')"
    text = psql("demo_operator", script, query=GUIDE, jwt=tour.tokens["admin of demo"])
    try:
        statements = json.loads(text)["statements"]
        plan = statements[0]["plan"]
        plan = plan[0] if isinstance(plan, list) else plan
    except (ValueError, KeyError, IndexError):
        print(text)
        return tour.note("explain", False)
    client.show("\n".join(textwrap.wrap(statements[0]["sql"], 2 * client.WIDTH)))
    print("\n  " + "\n  ".join(scans(plan["Plan"])))
    print("  (PostgreSQL reads a handful of rows as a whole; with many it uses the indexes, as `make bench` shows.)")
    return tour.note("explain", len(statements) == 1)


def healthy(tour):
    print(f"\n── {tour.begin()}. Every invariant of the security model holds (saas_blog.doctor())\n")
    text = psql("demo_operator", "SELECT status, check_name FROM saas_blog.doctor()")
    client.show(text.replace("|", "  "))
    tour.note("doctor", bool(text) and all(line.startswith("ok|") for line in text.split("\n")))


def main():
    tour = Tour()
    for part in (create, fill, read, find, change, forged, explained, healthy):
        part(tour)
    print(f"\n{tour.number - len(tour.wrong)} of {tour.number} steps answered as they must.")
    if tour.wrong:
        sys.exit("Wrong answer in: " + "; ".join(tour.wrong))


if __name__ == "__main__":
    main()
