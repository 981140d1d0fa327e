"""POST /graphql: what is taken, in which media type and with which status it is answered."""

import json
from urllib.parse import urlencode

from blog import POSTS, post_id
from gateway import JSON, RESPONSE, GatewayTest, headers_of

TYPENAME = "{ __typename }"


class Post(GatewayTest):
    def raw(self, body, **headers):
        return self.gateway.send("POST", "/graphql", body, {"Content-Type": JSON, "Accept": RESPONSE, **headers})

    def test_the_bytes_are_those_of_the_extension(self):
        expected = self.session.value(f"SELECT graphql.execute('{POSTS}', jwt => '{self.demo['editor']}')")
        for accept in (JSON, RESPONSE):
            answer = self.post(POSTS, self.demo["editor"], accept)
            self.assertEqual((answer.status, answer.body), (200, expected.encode()))
            self.assertEqual(answer.headers["content-type"], f"{accept}; charset=utf-8")
            self.assertEqual(answer.headers["content-length"], str(len(answer.body)))
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")

    def test_tenants_get_their_own(self):
        for tenant, tokens in (("demo", self.demo), ("another", self.another)):
            self.check_only(tenant, self.post(POSTS, tokens["editor"]).body.decode())

    def test_status_by_code(self):
        editor = self.demo["editor"]
        for query, token, variables, status, code in (
            (POSTS, None, None, 401, "UNAUTHENTICATED"),
            (POSTS, "not.a.token", None, 401, "UNAUTHENTICATED"),
            (TYPENAME, "not.a.token", None, 401, "UNAUTHENTICATED"),
            ("{ users { nodes { id } } }", editor, None, 403, "FORBIDDEN"),
            ("{ posts(tenantId: \"another\") { nodes { id } } }", editor, None, 403, "FORBIDDEN"),
            ("{", editor, None, 400, "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", editor, None, 400, "GRAPHQL_VALIDATION_FAILED"),
            ("query ($id: ID!) { post(id: $id) { id } }", editor, {}, 400, "BAD_USER_INPUT"),
            ("{ posts(first: 101) { nodes { id } } }", editor, None, 400, "BAD_USER_INPUT"),
            ("query a { me { id } } query b { me { id } }", editor, None, 400, "OPERATION_RESOLUTION_FAILURE"),
            (f"{{ {' '.join(f'a{n}: me {{ id }}' for n in range(60))} }}", editor, None, 400, "LIMIT_EXCEEDED"),
        ):
            with self.subTest(query[:60], token=bool(token)):
                answer = self.post(query, token, RESPONSE, variables)
                self.assertEqual((answer.status, answer.codes()), (status, [code]))
                self.assertEqual(answer.headers["www-authenticate"], "Bearer" if status == 401 else None)
                self.assertNotIn("data", answer.json())
                as_json = self.post(query, token, JSON, variables)
                self.assertEqual((as_json.status, as_json.codes()), (200, [code]))

    def test_a_subscription_is_no_operation_for_this_address(self):
        schema = self.session.value("SELECT graphql.schema()")
        if "type Subscription" not in schema:
            self.skipTest("the installed extension has no subscriptions")
        query = f'subscription {{ commentCreated(postId: "{post_id("demo", 1)}") {{ id }} }}'
        by_get = self.gateway.send("GET", f"/graphql?{urlencode({'query': query})}", None, headers_of(self.demo["editor"], RESPONSE))
        for answer in (self.post(query, self.demo["editor"], RESPONSE), by_get):
            self.assertEqual((answer.status, answer.codes()), (400, ["SUBSCRIPTION_OPERATION"]))

    def test_once_execution_has_begun_the_status_is_200(self):
        mutation = f'mutation {{ deletePost(id: "{post_id("another", 1)}") {{ id }} }}'
        answer = self.post(mutation, self.demo["editor"], RESPONSE)
        self.assertEqual((answer.status, answer.codes(), answer.json()["data"]), (200, ["NOT_FOUND"], None))

    def test_variables_operation_name_and_extensions_arrive(self):
        query = "query a($n: Int) { posts(first: $n) { nodes { id } } } query b { me { name } }"
        answer = self.post(query, self.demo["editor"], variables={"n": 3}, operation="a")
        self.assertEqual(len(answer.json()["data"]["posts"]["nodes"]), 3)
        answer = self.post(query, self.demo["editor"], operation="b")
        self.assertEqual(answer.json(), {"data": {"me": {"name": "editor of demo"}}})
        create = 'mutation { createPost(title: "Once", content: "c") { id } }'
        key = {"idempotencyKey": "tests-gateway-1"}
        first, second = (self.post(create, self.demo["editor"], extensions=key) for _ in range(2))
        self.assertIn("createPost", first.json()["data"])
        self.assertEqual(first.body, second.body)

    def test_null_is_as_good_as_nothing(self):
        for name in ("variables", "operationName", "extensions"):
            answer = self.raw(json.dumps({"query": TYPENAME, name: None}))
            self.assertEqual((answer.status, answer.body), (200, b'{"data":{"__typename":"Query"}}'))

    def test_what_is_no_graphql_request(self):
        for body in (
            b"", b"x", b"{", b"null", b"1", b'"{ __typename }"', b"{}", b'{"query": null}', b'{"query": 1}', b'{"query": {}}',
            b'{"query": "{ a }", "variables": 1}', b'{"query": "{ a }", "variables": []}', b'{"query": "{ a }", "variables": "{}"}',
            b'{"query": "{ a }", "extensions": "x"}', b'{"query": "{ a }", "extensions": [1]}',
            b'{"query": "{ a }", "operationName": 1}', b'{"query": "{ a }", "query": "{ b }"}', b'{"query": "{ a }"} x',
            b'{"query": "\xff"}', b'{"query": "\\ud800"}', "\ufeff{}".encode(), b'{"query": "{ a }", "variables": {"a": 01}}',
        ):
            for accept in (JSON, RESPONSE):
                with self.subTest(body, accept=accept):
                    answer = self.raw(body, Accept=accept)
                    self.assertEqual((answer.status, answer.codes(), answer.media()), (400, ["BAD_REQUEST"], accept))

    def test_batches_are_refused_by_their_name(self):
        for body in ('[{"query": "{ __typename }"}]', " \n[]", "[1]"):
            answer = self.raw(body)
            self.assertEqual((answer.status, answer.codes()), (400, ["BAD_REQUEST"]))
            self.assertIn("Batches", answer.json()["errors"][0]["message"])

    def test_json_that_postgresql_refuses(self):
        deep = "[" * 50_000 + "]" * 50_000
        for variables in ('{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": 1e999999}', f'{{"a": {deep}}}'):
            for accept in (JSON, RESPONSE):
                with self.subTest(variables[:30], accept=accept):
                    answer = self.raw(f'{{"query": "{TYPENAME}", "variables": {variables}}}', Accept=accept)
                    self.assertEqual((answer.status, answer.codes(), answer.media()), (400, ["BAD_USER_INPUT"], accept))
        answer = self.raw('{"query": "{ a \\u0000 }"}')
        self.assertEqual((answer.status, answer.codes()), (400, ["BAD_USER_INPUT"]))

    def test_media_types_of_requests(self):
        """What a page of another origin can send without asking is not taken."""
        body = json.dumps({"query": TYPENAME})
        for given, status in (
            ("application/json", 200), ("Application/JSON", 200), ("application/json; charset=utf-8", 200),
            ('application/json;charset="UTF-8"', 200), ("application/json; charset=latin1", 415), ("text/plain", 415),
            ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415), ("", 415),
            ("application/graphql", 415), ("application/jsonp", 415), ("text/plain; application/json", 415),
        ):
            with self.subTest(given):
                self.assertEqual(self.raw(body, **{"Content-Type": given}).status, status)
        connection = self.gateway.connect()
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/graphql")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        self.assertEqual(connection.getresponse().status, 415)
        self.assertEqual(self.raw(body, **{"Content-Encoding": "gzip"}).status, 415)
        self.assertEqual(self.raw(body, **{"Content-Encoding": "identity"}).status, 200)

    def test_media_types_of_answers(self):
        for accept, expected in (
            ("*/*", JSON), ("application/*", JSON), (JSON, JSON), (RESPONSE, RESPONSE), (f"{RESPONSE}, {JSON}", RESPONSE),
            (f"{RESPONSE};q=0.1, {JSON}", JSON), (f"{RESPONSE}, {JSON};q=0.9", RESPONSE), (f"text/html, {JSON}", JSON),
        ):
            answer = self.raw(json.dumps({"query": TYPENAME}), Accept=accept)
            self.assertEqual((answer.status, answer.media()), (200, expected), accept)
        for accept in ("text/html", "image/png", f"{JSON};q=0", f"{JSON}; charset=utf-16"):
            answer = self.raw(json.dumps({"query": TYPENAME}), Accept=accept)
            self.assertEqual((answer.status, answer.codes()), (406, ["NOT_ACCEPTABLE"]), accept)

    def test_bodies_are_limited(self):
        for size, status in ((1 << 20, 200), ((1 << 20) + 1, 413), (6 << 20, 413)):
            body = json.dumps({"query": TYPENAME, "padding": ""})
            body = body.replace('""', '"' + "x" * (size - len(body)) + '"')
            self.assertEqual(len(body), size)
            self.assertEqual(self.raw(body).status, status)
            # In chunks, so that the length is not known before.
            connection = self.gateway.connect()
            self.addCleanup(connection.close)
            pieces = (body[i : i + 65536].encode() for i in range(0, size, 65536))
            connection.request("POST", "/graphql", pieces, {"Content-Type": JSON}, encode_chunked=True)
            self.assertEqual(connection.getresponse().status, status)

    def test_tokens(self):
        editor, query = self.demo["editor"], "{ me { name } }"
        body = json.dumps({"query": query})
        for given, status in (
            (f"Bearer {editor}", 200), (f"bearer {editor}", 200), (f"BEARER  {editor} ", 200), ("Bearer", 401),
            (editor, 401), (f"Basic {editor}", 401), (f"Bearer{editor}", 401), ("Bearer \xe4", 401),
            ("Bearer " + "x" * 20_000, 401),
        ):
            with self.subTest(given[:20]):
                self.assertEqual(self.raw(body, Authorization=given).status, status)
        # Neither the body nor the query string have tokens: both are in too many logs.
        self.assertEqual(self.raw(json.dumps({"query": query, "jwt": editor})).status, 401)
        self.assertEqual(self.gateway.send("POST", f"/graphql?jwt={editor}", body, headers_of(**{"Content-Type": JSON})).codes(),
                         ["UNAUTHENTICATED"])

    def test_two_tokens_are_none(self):
        connection = self.gateway.connect()
        self.addCleanup(connection.close)
        body = json.dumps({"query": "{ me { name } }"}).encode()
        connection.putrequest("POST", "/graphql")
        for name, value in (("Content-Type", JSON), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        for who in ("editor", "admin"):
            connection.putheader("Authorization", f"Bearer {self.demo[who]}")
        connection.endheaders(body)
        self.assertEqual(connection.getresponse().status, 400)

    def test_other_methods(self):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"):
            answer = self.gateway.send(method, "/graphql")
            self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, POST"), method)

    def test_a_connection_is_used_again(self):
        connection = self.gateway.connect()
        self.addCleanup(connection.close)
        for n in range(50):
            query = f"{{ posts(first: {n % 7}) {{ nodes {{ id }} }} }}"
            connection.request("POST", "/graphql", json.dumps({"query": query}),
                               headers_of(self.demo["editor"], **{"Content-Type": JSON}))
            response = connection.getresponse()
            self.assertEqual(len(json.loads(response.read())["data"]["posts"]["nodes"]), n % 7)
