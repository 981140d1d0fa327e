"""/graphql/stream: graphql-sse's distinct connections mode."""

import json
from urllib.parse import urlencode

from blog import POSTS, post_id
from gateway import JSON, headers_of, until
from clients import COMMENT, CREATED, LiveTest, Stream

DEMO = post_id("demo", 1)
EVENTS = "text/event-stream"


class Streams(LiveTest):
    def events(self, stream):
        """All events until the stream ends: their names, and their data as JSON if they have any."""
        found = []
        while fields := stream.event():
            found.append((fields["event"], json.loads(fields["data"]) if fields["data"] else None))
        return found

    def test_it_looks_like_a_stream(self):
        stream = self.stream(self.demo["reader"], DEMO)
        self.assertEqual(stream.response.status, 200)
        self.assertEqual(stream.response.getheader("content-type"), "text/event-stream; charset=utf-8")
        self.assertEqual(stream.response.getheader("cache-control"), "no-store")
        self.assertEqual(stream.line(), ":\n")
        stream.begun()
        self.assertEqual(stream.line(), ":\n", "a comment after a while, and nothing else")

    def test_a_query_is_one_event(self):
        token = self.demo["editor"]
        for method in ("GET", "POST"):
            path, body = "/graphql/stream", {"query": POSTS}
            if method == "GET":
                path, body = f"{path}?{urlencode(body)}", None
            stream = Stream(self.gateway, method, path, body, headers_of(token, EVENTS, **{"Content-Type": JSON}))
            self.addCleanup(stream.close)
            expected = [("next", self.post(POSTS, token).json()), ("complete", None)]
            self.assertEqual(self.events(stream), expected, method)

    def test_a_mutation_comes_by_post_alone(self):
        body = {"query": COMMENT, "variables": {"post": DEMO, "content": "by a stream"}}
        (name, answer), end = self.events(self.stream(self.demo["reader"], body=body))
        self.assertEqual((name, end), ("next", ("complete", None)))
        self.assertEqual(list(answer["data"]), ["createComment"])
        query = urlencode({**body, "variables": json.dumps(body["variables"])})
        stream = Stream(self.gateway, "GET", f"/graphql/stream?{query}", headers=headers_of(self.demo["reader"], EVENTS))
        self.addCleanup(stream.close)
        (name, answer), end = self.events(stream)
        self.assertEqual((name, end), ("next", ("complete", None)))
        self.assertEqual([error["extensions"]["code"] for error in answer["errors"]], ["MUTATION_READ_ONLY"])
        count = "SELECT count(*) FROM saas_blog.tb_comment WHERE content = 'by a stream'"
        self.assertEqual(self.admin.value(count), "1")

    def test_a_subscription_by_get(self):
        query = urlencode({"query": CREATED, "variables": json.dumps({"post": DEMO})})
        stream = Stream(self.gateway, "GET", f"/graphql/stream?{query}", headers=headers_of(self.demo["reader"], EVENTS))
        self.addCleanup(stream.close)
        stream.begun()
        content = self.comment(DEMO)
        self.assertEqual(stream.next()[0]["content"], content)

    def test_it_goes_on_by_the_last_event_or_the_extensions(self):
        stream = self.stream(self.demo["reader"], DEMO)
        first = stream.begun()
        contents = [self.comment(DEMO) for _ in range(3)]
        (_, second), *_ = (stream.next() for _ in contents)
        body = {"query": CREATED, "variables": {"post": DEMO}, "extensions": {"cursor": first}}
        for cursor, missing in ((None, 0), (second, 1)):
            again = self.stream(self.demo["reader"], cursor=cursor, body=body)
            for content in contents[missing:]:
                self.assertEqual(again.next()[0]["content"], content)

    def test_what_is_not_executed_is_an_event(self):
        for token, body, code in (
            (self.demo["reader"], {"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
            (self.demo["reader"], {"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
            ("nonsense", {"query": "{ me { id } }"}, "UNAUTHENTICATED"),
            ("nonsense", {"query": CREATED, "variables": {"post": DEMO}}, "UNAUTHENTICATED"),
        ):
            (name, answer), end = self.events(self.stream(token, body=body))
            self.assertEqual((name, end), ("next", ("complete", None)))
            self.assertEqual(answer["errors"][0]["extensions"]["code"], code)

    def test_a_document_with_a_subscription_that_is_not_meant(self):
        document = f"query Who {{ me {{ name }} }} {CREATED.replace('subscription', 'subscription Created')}"
        stream = self.stream(self.demo["reader"], body={"query": document, "operationName": "Who"})
        self.assertEqual(self.events(stream), [("next", {"data": {"me": {"name": "reader of demo"}}}), ("complete", None)])

    def test_what_is_no_request(self):
        body = json.dumps({"query": "{ __typename }"})
        for method, path, body, headers, status in (
            ("POST", "", body, {"Accept": JSON, "Content-Type": JSON}, 406),
            ("POST", "", body, {"Accept": EVENTS, "Content-Type": "text/plain"}, 415),
            ("POST", "", "{", {"Accept": EVENTS, "Content-Type": JSON}, 400),
            ("POST", "", f"[{body}]", {"Accept": EVENTS, "Content-Type": JSON}, 400),
            ("POST", "", " " * (1 << 20) + body, {"Accept": EVENTS, "Content-Type": JSON}, 413),
            ("GET", "?variables={}", None, {"Accept": EVENTS}, 400),
            ("PUT", "", None, {"Accept": EVENTS}, 405), ("DELETE", "", None, {"Accept": EVENTS}, 405),
        ):
            answer = self.gateway.send(method, "/graphql/stream" + path, body, headers)
            self.assertEqual(answer.status, status, (method, body and body[:20], headers))

    def test_a_client_that_goes_is_forgotten(self):
        stream = self.stream(self.demo["reader"], DEMO)
        stream.begun()
        until(lambda: self.metric("saas_blog_gateway_subscribers") == 1, "one is subscribed")
        self.assertEqual(self.metric("saas_blog_gateway_streams"), 1)
        stream.close()
        until(lambda: self.metric("saas_blog_gateway_subscribers") == 0, "nobody is")

    def test_the_process_ends(self):
        gateway = self.start()
        stream = self.stream(self.demo["reader"], DEMO, gateway=gateway)
        cursor = stream.begun()
        gateway.process.terminate()
        self.assertEqual(stream.event(), {}, "it is cut off, so that clients come back")
        self.assertEqual(gateway.stop(), 0)
        content = self.comment(DEMO)
        self.assertEqual(self.stream(self.demo["reader"], DEMO, cursor).next()[0]["content"], content)
