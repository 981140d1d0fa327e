"""Valid requests that nobody has written: made at random from the schema that the server itself prints."""

import json
import random
import re
import unittest

from blog import INTEGER_KEY, TENANTS, BlogTest, call, codes, post_id, quoted, tenant_id, user_id

FIELD = re.compile(r"^  (\w+)(?:\(([^)]*)\))?: ([\w!\[\]]+)$", re.MULTILINE)
TYPE = re.compile(r"^(?:type|interface) (\w+)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
IMPLEMENTS = re.compile(r"^type (\w+) implements ([\w &]+) \{", re.MULTILINE)
ROLES = {"admin": "admin", "editor": "editor", "writer": "editor", "reader": "subscriber"}


def schema(sdl):
    """Types by name: their fields by name, each with the arguments and the name of its type."""
    sdl = re.sub(r'""".*?"""', "", sdl, flags=re.DOTALL)
    sdl = re.sub(r"\(([^)]*)\)", lambda found: "(" + ", ".join(re.findall(r"\w+: [\w!\[\]]+", found[1])) + ")", sdl)
    found = {}
    for name, body in TYPE.findall(sdl):
        fields = {
            field: (dict(re.findall(r"(\w+): ([\w!\[\]]+)", arguments)), re.sub(r"\W", "", ty))
            for field, arguments, ty in FIELD.findall(body)
        }
        found[name] = fields
    return found


def implementers(sdl):
    """The objects of each interface."""
    found = {}
    for name, interfaces in IMPLEMENTS.findall(sdl):
        for interface in interfaces.split(" & "):
            found.setdefault(interface, []).append(name)
    return found


class Maker:
    """Makes one request, with the variables that it declares."""

    def __init__(self, types, objects, chance, tenant):
        self.types, self.objects, self.chance, self.tenant = types, objects, chance, tenant
        self.variables, self.declared, self.fragments, self.number = {}, [], [], 0

    def name(self, letter):
        self.number += 1
        return f"{letter}{self.number}"

    def value(self, argument, ty):
        """A literal or a variable of an argument."""
        users, posts = [user_id(self.tenant, name) for name in ROLES], [
            post_id(self.tenant, number) for number in range(1, 19)
        ]
        value = {
            "first": self.chance.randint(0, 4),
            "last": self.chance.randint(0, 4),
            "limit": 3,
            "published": self.chance.random() < 0.5,
            "postId": self.chance.choice(posts),
            "authorId": self.chance.choice(users),
            "userId": self.chance.choice(users),
            "entityType": self.chance.choice(("user", "post", "comment", "none")),
            "entityId": self.chance.choice(users + posts),
            "query": self.chance.choice(("post", "content or title", '"post 1" -draft', "", '"(&')),
            "tenantId": self.tenant,
            "id": self.chance.choice(users + posts + [tenant_id(self.tenant)]),
            "if": self.chance.random() < 0.5,
        }[argument]
        if self.chance.random() < 0.5:
            return json.dumps(value)
        name = self.name("v")
        self.declared.append(f"${name}: {ty}")
        self.variables[name] = value
        return f"${name}"

    def arguments(self, declared):
        names = [
            name
            for name, ty in declared.items()
            if name not in ("after", "before") and (ty.endswith("!") or self.chance.random() < 0.3)
        ]
        sizes = [name for name in names if name in ("first", "last", "limit")]
        names = [name for name in names if name not in sizes[1:]]
        return f"({', '.join(f'{name}: {self.value(name, declared[name])}' for name in names)})" if names else ""

    def field(self, ty, depth):
        leaves = [name for name, (_, inner) in self.types[ty].items() if inner not in self.types]
        names = [name for name in self.types[ty] if depth > 0 or name in leaves] or ["__typename"]
        name = self.chance.choice([*names, "__typename"])
        declared, inner = self.types[ty].get(name, ({}, "String"))
        # Leaves without an alias merge; all else might be two fields of one key that differ, as a user's id, which a log
        # entry may lack and a comment may not.
        differs = inner in self.types or name == "userId"
        alias = f"{self.name('a')}: " if differs or self.chance.random() < 0.3 else ""
        switch = ""
        if alias and self.chance.random() < 0.2:
            switch = f" @{self.chance.choice(('skip', 'include'))}(if: {self.value('if', 'Boolean!')})"
        selected = self.selection(inner, depth - 1) if inner in self.types else ""
        return f"{alias}{name}{self.arguments(declared)}{switch}{selected}"

    def selection(self, ty, depth):
        parts = []
        for _ in range(self.chance.randint(1, 4)):
            kind = self.chance.random()
            # Most of an interface's fields are those of its objects.
            inner = self.chance.choice(self.objects.get(ty, [ty]))
            if kind < (0.3 if ty in self.objects else 0.8):
                parts.append(self.field(ty, depth))
            elif kind < 0.9:
                parts.append(f"... on {inner}{self.selection(inner, depth)}")
            else:
                name = self.name("F")
                self.fragments.append(f"fragment {name} on {inner}{self.selection(inner, depth)}")
                parts.append(f"...{name}")
        return " { " + " ".join(parts) + " }"

    def request(self):
        body = self.selection("Query", self.chance.randint(2, 5))
        head = f"query Q({', '.join(self.declared)})" if self.declared else "query Q"
        return " ".join([head + body, *self.fragments]), self.variables


class Random(BlogTest):
    """None of the answers is an internal error, and none has anything of another tenant."""

    def test_requests_made_from_the_schema(self):
        sdl = self.session.value("SELECT graphql.schema()")
        types, objects = schema(sdl), implementers(sdl)
        self.assertEqual(set(objects["Node"]), {"Tenant", "User", "Post", "Comment", "AuditLog"})
        self.assertEqual(set(types) & {"Query", "Post", "PostConnection"}, {"Query", "Post", "PostConnection"})
        for parts in ("tenants", "users", "deletedPosts"):
            self.assertIn(parts, types["Query"])
        chance, seen = random.Random(3), {}
        for _ in range(500):
            tenant, user = chance.choice(TENANTS), chance.choice(list(ROLES))
            query, variables = Maker(types, objects, chance, tenant).request()
            token = self.blog.token(tenant, user)
            text = self.session.text(token, query, variables)
            with self.subTest(query=query, variables=variables, user=user):
                self.assertNotIn("another" if tenant == "demo" else "demo", text)
                self.assertIsNone(INTEGER_KEY.search(text), text)
                answer = self.session.ask(token, query, variables, "Q", entry="resolve")
                code = (codes(answer) or ["data"])[0]
                self.assertIn(code, ("data", "FORBIDDEN", "LIMIT_EXCEEDED"), answer)
                self.assertEqual(code == "data", text.startswith('{"data":'))
                if code == "data":
                    again = call(token, query, variables, "Q", "resolve")
                    self.assertEqual(self.admin.value(f"SELECT {quoted(text)}::jsonb = {again}"), "t")
            seen[code] = seen.get(code, 0) + 1
        self.assertGreater(seen["data"], 200, seen)


if __name__ == "__main__":
    unittest.main()
