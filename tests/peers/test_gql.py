"""The client `gql` from PyPI: query, mutation, and subscription by WebSocket."""

import asyncio
import os
import unittest

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["GATEWAY_URL"] + "/graphql"
AUTHORIZATION = {"Authorization": "Bearer " + os.environ["TOKEN_DEMO"]}
DEADLINE = 60

POST = 'mutation ($title: String!) { createPost(title: $title, content: "…", published: true) { id title } }'
READ = "query ($post: ID!) { post(id: $post) { title comments { nodes { content author { name } } } } }"
COMMENT = "mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) { content } }"
COMMENTS = "subscription ($post: ID!) { commentCreated(postId: $post) { content author { name } } }"


def asked(document, **variables):
    return GraphQLRequest(document, variable_values=variables)


def http():
    """With the schema, by which gql itself validates what it sends."""
    return Client(transport=AIOHTTPTransport(URL, headers=AUTHORIZATION), fetch_schema_from_transport=True)


def socket():
    transport = WebsocketsTransport(
        URL.replace("http", "ws"), init_payload=AUTHORIZATION, subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    )
    return Client(transport=transport)


class GqlTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_query_and_a_mutation(self):
        async with http() as session:
            made = await session.execute(asked(POST, title="From Python"))
            post = made["createPost"]["id"]
            await session.execute(asked(COMMENT, post=post, content="Great post!"))
            found = await session.execute(asked(READ, post=post))
        self.assertEqual(found["post"]["title"], "From Python")
        self.assertEqual([node["content"] for node in found["post"]["comments"]["nodes"]], ["Great post!"])

    async def test_a_query_and_a_mutation_by_websocket(self):
        async with socket() as session:
            made = await session.execute(asked(POST, title="By WebSocket"))
            found = await session.execute(asked(READ, post=made["createPost"]["id"]))
        self.assertEqual(found, {"post": {"title": "By WebSocket", "comments": {"nodes": []}}})

    async def test_an_error_has_its_code(self):
        async with http() as session:
            with self.assertRaises(TransportQueryError) as caught:
                await session.execute(asked(COMMENT, post="none", content="!"))
        self.assertEqual(caught.exception.errors[0]["extensions"]["code"], "NOT_FOUND")

    async def test_a_subscription(self):
        async with http() as session, socket() as live:
            post = (await session.execute(asked(POST, title="Watched")))["createPost"]["id"]
            heard = asyncio.Queue()
            listening = asyncio.create_task(self.listen(live, post, heard))
            # Nobody is told that a subscription has begun, so the first comment that arrives tells it.
            while heard.empty():
                await session.execute(asked(COMMENT, post=post, content="Has it begun?"))
                await asyncio.wait([listening], timeout=0.2)
                if listening.done():
                    listening.result()
            for content in ("one", "two"):
                await session.execute(asked(COMMENT, post=post, content=content))
            while (first := await asyncio.wait_for(heard.get(), DEADLINE)) == "Has it begun?":
                pass
            self.assertEqual([first, await asyncio.wait_for(heard.get(), DEADLINE)], ["one", "two"])
            listening.cancel()

    @staticmethod
    async def listen(session, post, heard):
        async for result in session.subscribe(asked(COMMENTS, post=post)):
            heard.put_nowait(result["commentCreated"]["content"])


if __name__ == "__main__":
    unittest.main()
