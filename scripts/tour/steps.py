"""What the tour asks, and what must be true of the answers."""

from dataclasses import dataclass, field
from typing import Callable

import client
from client import codes

GUIDE = """
    query ($after: String) {
      posts(first: 2, after: $after) {
        edges { node { id title author { name } comments(first: 5) { edges { node { content author { name } } } } } }
        pageInfo { hasNextPage endCursor }
      }
    }"""
CREATE_POST = """
    mutation ($title: String!, $content: String!, $published: Boolean) {
      createPost(title: $title, content: $content, published: $published) { id title published author { name } }
    }"""
CREATE_COMMENT = """
    mutation ($post: ID!, $content: String!) {
      createComment(postId: $post, content: $content) { id content author { name } post { title commentCount } }
    }"""


def new_user(tenant, email, name, role):
    return f"""
    mutation {{
      createUser(tenantId: "{tenant}", email: "{email}", name: "{name}", role: "{role}") {{ id email role }}
    }}"""


@dataclass
class Step:
    """One request, sent by one or two callers, and what must be true of the answers."""

    title: str
    query: str
    callers: tuple
    expect: Callable
    variables: dict = field(default_factory=dict)
    extensions: dict = field(default_factory=dict)

    def run(self, number, tokens):
        """Whether the answers are right, and the data of the first."""
        print(f"\n── {number}. {self.title}\n")
        client.show(self.query)
        for name, value in (("variables", self.variables), ("extensions", self.extensions)):
            if value:
                print(f"  {name}: {client.pretty(value, 2 * client.WIDTH)}")
        answers = [client.resolve(self.query, tokens[who], self.variables, self.extensions) for who in self.callers]
        print()
        if len(answers) == 1:
            client.show(f"{self.callers[0]}:\n{client.pretty(answers[0], 2 * client.WIDTH)}")
        else:
            client.beside(*self.callers)
            client.beside("─" * client.WIDTH, "─" * client.WIDTH)
            client.beside(*map(client.pretty, answers))
        try:
            return bool(self.expect(*answers)), answers[0].get("data")
        except (KeyError, TypeError, IndexError):
            return False, None


def titles(answer):
    return [node["title"] for node in answer["data"]["posts"]["nodes"]]


def is_tenants(answer, tenant):
    """Everybody in the answer belongs to that tenant: their names say so."""
    edges = answer["data"]["posts"]["edges"]
    names = [edge["node"]["author"]["name"] for edge in edges]
    for edge in edges:
        names += [comment["node"]["author"]["name"] for comment in edge["node"]["comments"]["edges"]]
    return edges and all(f"of {tenant}" in name for name in names)
