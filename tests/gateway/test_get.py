"""GET /graphql: queries in READ ONLY transactions, which caches may keep as long as they ask."""

import json
from urllib.parse import urlencode

from blog import POSTS
from gateway import JSON, RESPONSE, GatewayTest, StandIn, headers_of

CREATE = 'mutation { createPost(title: "By GET", content: "c") { id } }'


class Get(GatewayTest):
    def get(self, query=None, token=None, accept=RESPONSE, method="GET", more=None, **parameters):
        given = {"query": query, **parameters} if query is not None else parameters
        return self.gateway.send(method, f"/graphql?{urlencode(given)}", None, headers_of(token, accept, **(more or {})))

    def test_a_query_is_answered_as_by_post(self):
        answer = self.get(POSTS, self.demo["editor"])
        self.assertEqual((answer.status, answer.body), (200, self.post(POSTS, self.demo["editor"]).body))
        self.assertEqual(answer.headers["cache-control"], "private, no-cache")
        self.assertEqual(answer.headers["vary"], "Authorization, Accept")
        self.assertEqual(answer.media(), RESPONSE)

    def test_parameters_arrive(self):
        query = "query a($n: Int) { posts(first: $n) { nodes { id } } } query b { me { name } }"
        answer = self.get(query, self.demo["editor"], variables='{"n": 3}', operationName="a", extensions="{}")
        self.assertEqual(len(answer.json()["data"]["posts"]["nodes"]), 3)
        answer = self.get(query, self.demo["editor"], variables="", operationName="b", extensions="")
        self.assertEqual(answer.json()["data"]["me"]["name"], "editor of demo")
        answer = self.get("{ me { name } }", self.demo["editor"], variables="null", operationName="")
        self.assertEqual(answer.status, 200)

    def test_what_is_no_graphql_request(self):
        for parameters in (
            {}, {"variables": "{}"}, {"query": "{ a }", "variables": "x"}, {"query": "{ a }", "variables": "[]"},
            {"query": "{ a }", "variables": "1"}, {"query": "{ a }", "extensions": '"x"'},
        ):
            for accept in (JSON, RESPONSE):
                answer = self.get(accept=accept, **parameters)
                self.assertEqual((answer.status, answer.codes(), answer.media()), (400, ["BAD_REQUEST"], accept), parameters)
        answer = self.gateway.send("GET", "/graphql?query=a&query=b")
        self.assertEqual((answer.status, answer.codes()), (400, ["BAD_REQUEST"]))

    def test_an_answer_that_is_known_is_not_sent_again(self):
        first = self.get(POSTS, self.demo["editor"])
        tag = first.headers["etag"]
        for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = self.get(POSTS, self.demo["editor"], more={"If-None-Match": known})
            self.assertEqual((again.status, again.body, again.headers["etag"]), (304, b"", tag), known)
            self.assertEqual(again.headers["cache-control"], "private, no-cache")
            self.assertEqual(again.headers["vary"], "Authorization, Accept")
        self.assertEqual(self.get(POSTS, self.demo["editor"], more={"If-None-Match": '"other"'}).status, 200)
        # Another caller's answer has another tag, and a change gives another one.
        self.assertEqual(self.get(POSTS, self.another["editor"], more={"If-None-Match": tag}).status, 200)
        self.admin.rows("UPDATE saas_blog.tb_post SET title = title || '!' WHERE identifier = 'post-1-of-demo'")
        self.addCleanup(self.admin.rows, "UPDATE saas_blog.tb_post SET title = rtrim(title, '!')")
        changed = self.get(POSTS, self.demo["editor"], more={"If-None-Match": tag})
        self.assertEqual(changed.status, 200)
        self.assertNotEqual(changed.headers["etag"], tag)

    def test_what_is_refused_has_no_tag(self):
        refused = self.get(POSTS, None)
        self.assertEqual((refused.status, refused.headers["etag"]), (401, None))
        self.assertEqual(self.get(POSTS, None, more={"If-None-Match": "*"}).status, 401)
        self.assertEqual(refused.headers["cache-control"], "private, no-cache")

    def test_head_is_get_without_the_body(self):
        get, head = (self.get(POSTS, self.demo["editor"], method=method) for method in ("GET", "HEAD"))
        self.assertEqual((head.status, head.body, head.headers["etag"]), (200, b"", get.headers["etag"]))

    def test_a_mutation_by_get_is_refused_and_writes_nothing(self):
        count = "SELECT count(*) FROM saas_blog.tb_post"
        before = self.admin.value(count)
        for accept in (JSON, RESPONSE):
            answer = self.get(CREATE, self.demo["editor"], accept)
            self.assertEqual((answer.status, answer.codes()), (405, ["MUTATION_READ_ONLY"]))
            self.assertEqual((answer.headers["allow"], answer.headers["etag"]), ("POST", None))
        self.assertEqual(self.admin.value(count), before)
        self.assertEqual(self.post(CREATE, self.demo["editor"]).status, 200)
        self.assertNotEqual(self.admin.value(count), before)

    def test_a_page_of_another_origin_learns_nothing(self):
        """No Access-Control header is sent unless the gateway was told of the origin."""
        for answer in (self.get(POSTS, self.demo["editor"], more={"Origin": "https://evil.example"}),
                       self.gateway.send("OPTIONS", "/graphql", None, {"Origin": "https://evil.example",
                                                                       "Access-Control-Request-Method": "POST"})):
            self.assertFalse([name for name in answer.headers if name.lower().startswith("access-control")])

    def test_long_documents_fit_into_the_address(self):
        for padding, status in ((60_000, 200), (70_000, 414), (200_000, 431)):
            answer = self.gateway.send("GET", "/graphql?query={__typename" + "," * padding + "}")
            self.assertEqual(answer.status, status, padding)


class ReadOnly(StandIn):
    """What PostgreSQL says itself, below whatever the extension says."""

    def ask(self, query):
        return self.gateway.send("GET", f"/graphql?{urlencode({'query': query})}", None, {"Accept": JSON})

    def test_get_cannot_write(self):
        mode = "SELECT to_json(current_setting('transaction_read_only'))"
        self.assertEqual(self.ask(mode).body, b'"on"')
        self.assertEqual(self.post(mode).body, b'"off"')
        answer = self.ask("CREATE TABLE t AS SELECT 1")
        self.assertEqual(answer.status, 500)
        self.assertEqual(self.blog.session(None).value("SELECT to_regclass('t') IS NULL"), "t")

    def test_the_transaction_ends_whatever_happens(self):
        """An error within it leaves a connection that the next request can use."""
        for _ in range(20):
            self.assertEqual(self.ask("SELECT to_json(1/0)").status, 400)
            self.assertEqual(json.loads(self.ask("SELECT to_json(1)").body), 1)
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND application_name = 'saas-blog-gateway'"
        self.assertEqual(self.blog.session(None).value(idle), "0")
