"""What the tests of subscriptions share: a WebSocket client and a reader of event streams of our own, which do what no
well-behaved client does, and tests that have both.
"""

import base64
import hashlib
import json
import os
import select
import socket
import struct
import time

from blog import post_id, quoted
from gateway import DEADLINE, JSON, Gateway, GatewayTest, until

PROTOCOL = "graphql-transport-ws"
CREATED = "subscription ($post: ID!) { commentCreated(postId: $post) { id content } }"
COMMENT = "mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) { id } }"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The gateway has ended the connection; None if it did so without a word."""

    def __init__(self, code=None, reason=None):
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


def frame(opcode, payload, final=True, masked=True):
    """A frame as a client sends it (RFC 6455, 5.2); the mask is zero, which is one like any other."""
    length, mask = len(payload), 0x80 if masked else 0
    head = bytes([opcode | (0x80 if final else 0)])
    if length < 126:
        head += bytes([mask | length])
    elif length < 1 << 16:
        head += bytes([mask | 126]) + struct.pack("!H", length)
    else:
        head += bytes([mask | 127]) + struct.pack("!Q", length)
    return head + (b"\0\0\0\0" if masked else b"") + payload


class Frames:
    """Takes bytes and gives messages, whose frames are put together."""

    def __init__(self):
        self.bytes, self.parts, self.longest = bytearray(), [], 0

    def feed(self, data):
        self.bytes += data
        found = []
        while (message := self.next()) is not None:
            found.append(message)
        return found

    def next(self):
        while len(self.bytes) >= 2:
            length, offset = self.bytes[1] & 0x7F, 2
            if length >= 126:
                size, form = (2, "!H") if length == 126 else (8, "!Q")
                if len(self.bytes) < 2 + size:
                    return None
                length, offset = struct.unpack_from(form, self.bytes, 2)[0], 2 + size
            if len(self.bytes) < offset + length:
                return None
            first, payload = self.bytes[0], bytes(self.bytes[offset:offset + length])
            del self.bytes[:offset + length]
            self.longest = max(self.longest, length)
            if first & 0x0F >= CLOSE:
                return first & 0x0F, payload
            self.parts.append((first & 0x0F, payload))
            if first & 0x80:
                parts, self.parts = self.parts, []
                return parts[0][0], b"".join(part for _, part in parts)
        return None


class WebSocket:
    """One connection. `receive` gives messages; pings of WebSocket itself are answered, the protocol's are not."""

    def __init__(self, address, path="/graphql", protocol=PROTOCOL, headers=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect((address[0], int(address[1])))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {
            "Host": ":".join(address), "Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket",
            "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
            **({"Sec-WebSocket-Protocol": protocol} if protocol else {}), **(headers or {}),
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            head += byte
        first, *rest = head.decode().strip().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in rest)
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        expected = base64.b64encode(digest).decode().lower()
        if self.status == 101 and self.headers.get("sec-websocket-accept") != expected:
            raise AssertionError("this is no answer to the key")
        self.frames, self.waiting, self.began = Frames(), [], {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, message):
        self.raw(TEXT, json.dumps(message).encode())

    def raw(self, opcode, payload, **named):
        self.socket.sendall(frame(opcode, payload, **named))

    def pump(self):
        """Reads what there is, and waits for something if there is nothing."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise Closed
        for opcode, payload in self.frames.feed(data):
            if opcode == PING:
                self.raw(PONG, payload)
            elif opcode == CLOSE:
                raise Closed(struct.unpack("!H", payload[:2])[0], payload[2:].decode())
            elif opcode == TEXT:
                self.take(json.loads(payload))

    def take(self, message):
        """That a subscription has begun is told by a ping, which is no news for most tests."""
        if message["type"] == "ping" and "cursors" in message.get("payload", {}):
            self.began |= message["payload"]["cursors"]
        else:
            self.waiting.append(message)

    def receive(self):
        """The next message."""
        while not self.waiting:
            self.pump()
        return self.waiting.pop(0)

    def closed(self):
        """The code with which the gateway ends the connection, whatever comes before."""
        try:
            while True:
                self.pump()
        except Closed as closed:
            return closed.code

    def init(self, token=None, **payload):
        if token:
            payload["Authorization"] = f"Bearer {token}"
        self.send({"type": "connection_init", "payload": payload})
        message = self.receive()
        if message != {"type": "connection_ack"}:
            raise AssertionError(message)
        return self

    def ask(self, id, query, variables=None, **more):
        self.send({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables, **more}})

    def subscribe(self, post, id="1", cursor=None, query=CREATED):
        """Subscribes to the comments on a post, and waits until it has begun; the cursor from which."""
        self.ask(id, query, {"post": post}, extensions={"cursor": cursor} if cursor else None)
        self.began.pop(id, None)
        while id not in self.began:
            if self.waiting and self.waiting[-1]["type"] == "error":
                raise AssertionError(self.waiting)
            self.pump()
        return self.began[id]

    def next(self, id="1"):
        """The next message, which is an event: its comment, and the cursor behind it."""
        message = self.receive()
        if (message["type"], message["id"]) != ("next", id) or "errors" in message["payload"]:
            raise AssertionError(message)
        return message["payload"]["data"]["commentCreated"], message["payload"]["extensions"]["cursor"]

    def silent(self):
        """All that was sent before the answer to a ping has come: nothing."""
        self.send({"type": "ping"})
        message = self.receive()
        if message != {"type": "pong"}:
            raise AssertionError(message)


class Stream:
    """One stream of events."""

    def __init__(self, gateway, method="POST", path="/graphql/stream", body=None, headers=None, receive_buffer=None):
        self.connection = gateway.connect()
        if receive_buffer:
            self.connection.connect()
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.connection.request(method, path, json.dumps(body) if body else None, headers or {})
        self.response = self.connection.getresponse()

    def close(self):
        self.response.close()
        self.connection.close()

    def line(self):
        return self.response.readline().decode()

    def begun(self):
        """Waits until a subscription has begun; the cursor from which."""
        while not (line := self.line()).startswith("id: "):
            if not line or line.startswith("event"):
                raise AssertionError(line)
        return line[4:].strip()

    def event(self):
        """The next event: its fields. Empty: the stream has ended."""
        fields = {}
        while line := self.line():
            name, _, value = line.rstrip("\n").partition(":")
            if not line.strip():
                return fields
            if name:
                fields[name] = fields.get(name, "") + value.removeprefix(" ")
        return fields

    def next(self):
        """The next event's comment, and the cursor behind it."""
        fields = self.event()
        if fields.get("event") != "next":
            raise AssertionError(fields)
        return json.loads(fields["data"])["data"]["commentCreated"], fields["id"]


class LiveTest(GatewayTest):
    """Tests of subscriptions. What no bell tells of comes too late for all of them."""

    options = ("--poll-seconds", "600")

    def setUp(self):
        super().setUp()
        self.numbers = iter(range(1, 1 << 20))

    def socket(self, token=None, gateway=None, **named):
        """A connection; with a token, one that has been acknowledged."""
        found = WebSocket((gateway or self.gateway).address, **named)
        self.addCleanup(found.socket.close)
        return found.init(token) if token else found

    def stream(self, token, post=None, cursor=None, gateway=None, body=None, receive_buffer=None, **headers):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON, "Accept": "text/event-stream", **headers}
        if cursor:
            headers["Last-Event-ID"] = cursor
        body = body or {"query": CREATED, "variables": {"post": post}}
        found = Stream(gateway or self.gateway, body=body, headers=headers, receive_buffer=receive_buffer)
        self.addCleanup(found.close)
        return found

    def comment(self, post, token=None, content=None, gateway=None):
        """Somebody comments; the comment's text."""
        content = content or f"{self.id()} {next(self.numbers)}"
        token = token or (self.demo if post.startswith("d") else self.another)["reader"]
        answer = self.post(COMMENT, token, variables={"post": post, "content": content}, gateway=gateway)
        self.assertNotIn("errors", answer.json())
        return content

    def metric(self, name, gateway=None):
        """A number of /metrics; 0 if it has not been counted yet."""
        text = (gateway or self.gateway).send("GET", "/metrics").body.decode()
        found = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.split(" ")[0].split("{")[0] == name]
        return sum(float(number) for number in found)

    def listeners(self):
        """The backends that listen."""
        return self.admin.column(
            """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
               AND (application_name = 'saas-blog-gateway listener' OR query ~* '^ *listen')"""
        )


def readable(sockets, timeout):
    """Those of many sockets that have something to read; `select` itself takes no more than a thousand."""
    poll = select.poll()
    by_number = {found.fileno(): found for found in sockets}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(timeout * 1000)]
