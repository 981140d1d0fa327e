"""graphql-transport-ws: every word and every close code of the protocol."""

import contextlib
import json
import struct
import time
from random import Random

from blog import POSTS, post_id
from gateway import until
from clients import BINARY, CLOSE, COMMENT, CREATED, PING, PROTOCOL, TEXT, Closed, LiveTest, frame

DEMO = post_id("demo", 1)


class Handshake(LiveTest):
    def test_both_addresses_speak_the_protocol(self):
        for path in ("/graphql", "/ws"):
            socket = self.socket(path=path, protocol=f"other, {PROTOCOL}")
            self.assertEqual((socket.status, socket.headers["sec-websocket-protocol"]), (101, PROTOCOL))
            socket.init()

    def test_another_subprotocol_is_not_acceptable(self):
        for protocol in (None, "graphql-ws", f"{PROTOCOL}2"):
            socket = self.socket(protocol=protocol)
            self.assertNotIn("sec-websocket-protocol", socket.headers)
            self.assertEqual(socket.closed(), 4406, protocol)

    def test_what_is_no_websocket_is_told_so(self):
        for headers, status in (
            ({"Sec-WebSocket-Version": "8"}, 426), ({"Sec-WebSocket-Version": None}, 426),
            ({"Connection": "keep-alive"}, 426), ({"Sec-WebSocket-Key": None}, 400), ({"Sec-WebSocket-Key": "x"}, 400),
        ):
            self.assertEqual(self.socket(headers=headers).status, status, headers)
        self.assertEqual(self.gateway.send("GET", "/ws").status, 426)
        self.assertEqual(self.gateway.send("POST", "/ws", "{}").status, 426)

    def test_pages_of_other_origins_may_not_connect(self):
        own, named = ":".join(self.gateway.address), "https://blog.example"
        open_to_one = self.start("--cors-origin", named)
        for gateway, origin, status in (
            (self.gateway, f"http://{own}", 101), (self.gateway, named, 403), (self.gateway, "null", 403),
            (open_to_one, named, 101), (open_to_one, f"{named}.evil", 403), (open_to_one, f"http://{own}", 403),
        ):
            socket = self.socket(gateway=gateway, headers={"Origin": origin})
            self.assertEqual(socket.status, status, origin)


class Protocol(LiveTest):
    def test_nobody_says_connection_init(self):
        begun = time.monotonic()
        self.assertEqual(self.socket().closed(), 4408)
        self.assertGreater(time.monotonic() - begun, 2, "a client on a slow line needs that")

    def test_pings_do_not_stand_for_connection_init(self):
        socket = self.socket()
        socket.send({"type": "ping"})
        self.assertEqual(socket.closed(), 4408)

    def test_connection_init_twice(self):
        socket = self.socket(self.demo["reader"])
        socket.send({"type": "connection_init"})
        self.assertEqual(socket.closed(), 4429)

    def test_subscribe_before_the_acknowledgement(self):
        socket = self.socket(headers={"Authorization": f"Bearer {self.demo['reader']}"})
        socket.ask("1", "{ __typename }")
        self.assertEqual(socket.closed(), 4401)

    def test_what_is_no_message(self):
        for opcode, payload in (
            (TEXT, b""), (TEXT, b"x"), (TEXT, b"[]"), (TEXT, b'{"type": "start"}'), (TEXT, b"\xff"), (BINARY, b"{}"),
            (TEXT, b'{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}'),
            (TEXT, b'{"type": "subscribe", "id": "1", "payload": {"query": 1}}'), (TEXT, b"[" * 100_000),
        ):
            socket = self.socket(self.demo["reader"])
            socket.raw(opcode, payload)
            self.assertEqual(socket.closed(), 4400, payload[:60])

    def test_what_is_no_frame(self):
        for sent in (
            frame(TEXT, b"{}", masked=False), frame(PING, b"", final=False), frame(PING, b"x" * 126), frame(3, b""), frame(0, b"x"),
            frame(TEXT, b"{", final=False) + frame(TEXT, b"}"), b"\xc1\x80\0\0\0\0",
        ):
            socket = self.socket(self.demo["reader"])
            socket.socket.sendall(sent)
            self.assertEqual(socket.closed(), 1002, sent[:4])

    def test_a_message_that_is_too_long(self):
        socket = self.socket(self.demo["reader"])
        head = struct.pack("!BBQ", 0x80 | TEXT, 0x80 | 127, 1 << 40)
        socket.socket.sendall(head + b"\0\0\0\0" + b"x" * 65536)
        self.assertEqual(socket.closed(), 1009)
        socket = self.socket(self.demo["reader"])
        for number in range(3):
            socket.raw(0 if number else TEXT, b"x" * 500_000, final=number == 2)
        self.assertEqual(socket.closed(), 1009)

    def test_an_id_that_is_taken(self):
        socket = self.socket(self.demo["reader"])
        socket.subscribe(DEMO, id="a")
        socket.ask("a", "{ __typename }")
        self.assertEqual(socket.closed(), 4409)

    def test_an_id_is_free_again_after_complete(self):
        socket = self.socket(self.demo["reader"])
        for _ in range(3):
            socket.subscribe(DEMO)
            socket.send({"id": "1", "type": "complete"})
        socket.subscribe(DEMO)
        content = self.comment(DEMO)
        self.assertEqual(socket.next()[0]["content"], content)
        socket.silent()

    def test_pings_and_pongs(self):
        socket = self.socket()
        for payload in ({}, {"payload": None}, {"payload": {"a": [1]}}):
            socket.send({"type": "ping", **payload})
            expected = {"payload": payload["payload"]} if payload.get("payload") else {}
            self.assertEqual(socket.receive(), {"type": "pong", **expected})
        socket.send({"type": "pong"})
        socket.send({"type": "pong", "payload": {}})
        socket.init().silent()

    def test_signs_that_nobody_reads_cost_no_memory(self):
        """A client that asks for a sign again and again, and reads none of them."""
        gateway = self.start()
        socket = self.socket(self.demo["reader"], gateway)
        before = gateway.memory()
        pings = frame(PING, b"x" * 125) * 1000
        for _ in range(1000):
            socket.socket.sendall(pings)
        self.assertLess(gateway.memory() - before, 32 << 20)
        self.assertEqual(gateway.send("GET", "/healthz").status, 200)

    def test_the_client_says_goodbye(self):
        socket = self.socket(self.demo["reader"])
        socket.subscribe(DEMO)
        socket.raw(CLOSE, struct.pack("!H", 1000))
        self.assertEqual(socket.closed(), 1000)
        until(lambda: self.metric("saas_blog_gateway_subscribers") == 0, "nobody is subscribed")

    def test_many_operations_are_refused_one_by_one(self):
        socket = self.socket(self.demo["reader"])
        for number in range(100):
            socket.subscribe(post_id("demo", number % 12 + 1), id=str(number))
        socket.ask("x", CREATED, {"post": DEMO})
        message = socket.receive()
        self.assertEqual((message["id"], message["type"]), ("x", "error"))
        self.assertEqual(message["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED")
        socket.send({"id": "7", "type": "complete"})
        socket.subscribe(DEMO, id="x")

    def test_noise_breaks_nothing(self):
        words = ("connection_init", "subscribe", "complete", "ping", "pong", "next", "", None, 1)
        for seed in range(300):
            with self.subTest(seed), self.socket() as socket:
                random = Random(seed)
                with contextlib.suppress(Closed, OSError):
                    if seed % 2:
                        socket.init(self.demo["reader"])
                    for _ in range(random.randint(1, 12)):
                        message = {"type": random.choice(words), "id": random.choice(words), "payload": random.choice((
                            {}, None, [], {"query": CREATED, "variables": {"post": DEMO}}, {"query": "{ me { id } }"},
                        ))}
                        payload = bytearray(json.dumps(message).encode())
                        if random.random() < 0.3:
                            payload[random.randrange(len(payload))] = random.randrange(256)
                        opcode = TEXT if random.random() < 0.8 else random.randrange(16)
                        sent = frame(opcode, bytes(payload), random.random() < 0.9, random.random() < 0.98)
                        socket.socket.sendall(sent if random.random() < 0.9 else random.randbytes(40))
        until(lambda: self.metric("saas_blog_gateway_websockets") == 0, "all are gone")
        self.assertEqual(self.metric("saas_blog_gateway_subscribers"), 0)
        self.assertNotIn("panicked", self.gateway.text())

    def test_the_process_ends(self):
        gateway = self.start()
        socket, stranger = self.socket(self.demo["reader"], gateway), self.socket(gateway=gateway)
        socket.subscribe(DEMO)
        gateway.process.terminate()
        self.assertEqual((socket.closed(), stranger.closed()), (1001, 1001))
        self.assertEqual(gateway.stop(), 0)


class Operations(LiveTest):
    def test_a_query_is_one_result(self):
        token = self.demo["editor"]
        socket = self.socket(token)
        socket.ask("1", POSTS)
        result, end = socket.receive(), socket.receive()
        self.assertEqual((result["id"], result["type"]), ("1", "next"))
        self.assertEqual(result["payload"], self.post(POSTS, token).json())
        self.assertEqual(end, {"id": "1", "type": "complete"})
        self.assertLessEqual(socket.frames.longest, 16384, "long texts come in parts")

    def test_a_mutation_is_carried_out_once(self):
        socket = self.socket(self.demo["reader"])
        socket.ask("1", COMMENT, {"post": DEMO, "content": "by a socket"})
        id = socket.receive()["payload"]["data"]["createComment"]["id"]
        self.assertEqual(socket.receive()["type"], "complete")
        count = "SELECT count(*) FROM saas_blog.tb_comment WHERE content = 'by a socket' AND id = '{}'"
        self.assertEqual(self.admin.value(count.format(id)), "1")

    def test_what_is_not_executed_is_an_error(self):
        for token, query, code in (
            (self.demo["reader"], "{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (self.demo["reader"], "{", "GRAPHQL_PARSE_FAILED"),
            (self.demo["reader"], "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (self.demo["reader"], "{ users { nodes { id } } }", "FORBIDDEN"),
            ("nonsense", "{ me { id } }", "UNAUTHENTICATED"),
            ("nonsense", CREATED.replace("$post: ID!", '$post: ID! = "a"'), "UNAUTHENTICATED"),
        ):
            socket = self.socket(token)
            socket.ask("1", query)
            message = socket.receive()
            self.assertEqual((message["id"], message["type"]), ("1", "error"), message)
            self.assertEqual(message["payload"][0]["extensions"]["code"], code)
            socket.silent()

    def test_requests_that_postgresql_refuses_hold_up_nobody(self):
        gateway = self.start("--pool-size", "2")
        strangers = [self.socket(gateway=gateway).init() for _ in range(10)]
        for stranger in strangers:
            for number in range(100):
                stranger.ask(str(number), f"subscription {{ a{id(stranger)}n{number} \0 }}")
            stranger.send({"type": "ping"})
        for stranger in strangers:
            # What was said before the ping is under way when it is answered.
            until(lambda: stranger.pump() or {"type": "pong"} in stranger.waiting, "a pong")
        socket = self.socket(self.demo["reader"], gateway)
        socket.ask("1", CREATED, {"post": DEMO})
        until(lambda: socket.pump() or "1" in socket.began, "it begins")
        for stranger in strangers:
            stranger.waiting.remove({"type": "pong"})
            self.assertEqual(stranger.receive()["payload"][0]["extensions"]["code"], "BAD_USER_INPUT")

    def test_an_error_of_the_execution_is_a_result(self):
        socket = self.socket(self.demo["reader"])
        socket.ask("1", COMMENT, {"post": post_id("another", 1), "content": "x"})
        message = socket.receive()
        self.assertEqual((message["type"], message["payload"]["data"]), ("next", None))
        self.assertEqual(socket.receive()["type"], "complete")

    def test_the_operation_is_chosen_by_its_name(self):
        document = f"query Who {{ me {{ name }} }} {CREATED.replace('subscription', 'subscription Created')}"
        socket = self.socket(self.demo["reader"])
        socket.ask("1", document, {"post": DEMO}, operationName="Who")
        self.assertEqual(socket.receive()["payload"]["data"]["me"]["name"], "reader of demo")
        self.assertEqual(socket.receive(), {"id": "1", "type": "complete"})
        socket.ask("1", document, {"post": DEMO}, operationName="Created")
        while "1" not in socket.began:
            socket.pump()
        content = self.comment(DEMO)
        self.assertEqual(socket.next()[0]["content"], content)

    def test_tokens_come_by_the_payload_or_the_request(self):
        token, query = self.demo["reader"], "{ me { name } }"
        bearer = f"Bearer {token}"
        for headers, payload in (
            ({}, {"Authorization": bearer}), ({}, {"authorization": bearer}), ({}, {"token": token}),
            ({}, {"headers": {"Authorization": bearer}}), ({"Authorization": bearer}, {}),
            ({"Authorization": "Bearer nonsense"}, {"Authorization": bearer}),
        ):
            socket = self.socket(headers=headers).init(**payload)
            socket.ask("1", query)
            self.assertEqual(socket.receive()["payload"]["data"]["me"]["name"], "reader of demo", (headers, payload))

    def test_without_a_token_the_schema_is_all(self):
        socket = self.socket().init()
        socket.ask("1", "{ __typename }")
        self.assertEqual(socket.receive()["payload"], {"data": {"__typename": "Query"}})
        socket.ask("2", CREATED, {"post": DEMO})
        self.assertEqual(socket.receive()["type"], "complete")
        self.assertEqual(socket.receive()["payload"][0]["extensions"]["code"], "UNAUTHENTICATED")

    def test_no_token_is_logged(self):
        token = self.blog.token("demo", "writer", jti=self.id())
        socket = self.socket(token)
        socket.subscribe(DEMO)
        socket.ask("2", "{ me { id } }")
        self.assertEqual(socket.receive()["type"], "next")
        self.assertNotIn(token.split(".")[1], self.gateway.text())

    def test_a_query_that_nobody_waits_for_any_more(self):
        lock = self.lock()
        socket = self.socket(self.demo["reader"])
        socket.ask("1", POSTS)
        self.blocked()
        socket.send({"id": "1", "type": "complete"})
        self.blocked(0)
        lock.rows("ROLLBACK")
        socket.silent()
        socket.ask("1", "{ __typename }")
        self.assertEqual(socket.receive()["payload"], {"data": {"__typename": "Query"}})
