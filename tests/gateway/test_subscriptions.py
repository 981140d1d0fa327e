"""Subscriptions: who gets what, from where on, and until when."""

import time

from blog import PROXY, TENANTS, call, parsed, post_id, quoted
from gateway import until
from clients import CREATED, LiveTest

DEMO = post_id("demo", 1)
ANOTHER = post_id("another", 1)
# Half a megabyte for each comment of the greatest length.
LONG = "subscription ($post: ID!) { commentCreated(postId: $post) { id content %s } }" % " ".join(
    f"c{number}: content" for number in range(40)
)


class Delivery(LiveTest):
    def test_a_comment_is_delivered_by_socket_and_stream(self):
        socket, stream = self.socket(self.demo["reader"]), self.stream(self.demo["editor"], DEMO)
        socket.subscribe(DEMO)
        stream.begun()
        for _ in range(3):
            content = self.comment(DEMO)
            self.assertEqual((socket.next()[0]["content"], stream.next()[0]["content"]), (content, content))
        socket.silent()

    def test_nobody_else_gets_it(self):
        mine, other = self.socket(self.demo["reader"]), self.socket(self.another["reader"])
        mine.subscribe(DEMO)
        mine.subscribe(post_id("demo", 2), id="2")
        other.subscribe(ANOTHER)
        content = self.comment(ANOTHER)
        self.assertEqual(other.next()[0]["content"], content)
        content = self.comment(DEMO)
        self.assertEqual(mine.next()[0]["content"], content)
        mine.silent()
        other.silent()

    def test_what_the_caller_may_not_see_is_refused(self):
        socket = self.socket(self.demo["reader"])
        for number, post in enumerate((ANOTHER, post_id("demo", 13), post_id("demo", 16), "nothing")):
            socket.ask(str(number), CREATED, {"post": post})
            message = socket.receive()
            self.assertEqual((message["id"], message["type"]), (str(number), "error"))
            self.assertEqual(message["payload"][0]["extensions"]["code"], "NOT_FOUND")

    def test_one_connection_listens_for_all(self):
        for number in range(1, 13):
            for tenant, tokens in zip(TENANTS, (self.demo, self.another), strict=True):
                self.socket(tokens["reader"]).subscribe(post_id(tenant, number))
        self.assertEqual(len(self.listeners()), 1)

    def test_nobody_listens_for_nobody(self):
        with self.socket(self.demo["reader"]) as socket:
            socket.subscribe(DEMO)
            until(lambda: self.metric("saas_blog_gateway_subscribers"), "one is subscribed")
        until(lambda: self.metric("saas_blog_gateway_subscribers") == 0, "nobody is")
        last = "SELECT query FROM pg_stat_activity WHERE pid = ANY('{%s}')" % ",".join(self.listeners())
        until(lambda: self.admin.value(last).startswith("UNLISTEN"), "UNLISTEN")


class Cursors(LiveTest):
    def test_each_cursor_goes_on_behind_its_event(self):
        socket = self.socket(self.demo["reader"])
        cursors = [socket.subscribe(DEMO)]
        contents = [self.comment(DEMO) for _ in range(5)]
        for content in contents:
            found, cursor = socket.next()
            self.assertEqual(found["content"], content)
            cursors.append(cursor)
        for number, cursor in enumerate(cursors):
            again, stream = self.socket(self.demo["reader"]), self.stream(self.demo["reader"], DEMO, cursor)
            again.subscribe(DEMO, cursor=cursor)
            for content in contents[number:]:
                self.assertEqual((again.next()[0]["content"], stream.next()[0]["content"]), (content, content))
            again.silent()

    def test_another_process_goes_on(self):
        socket = self.socket(self.demo["reader"])
        cursor = socket.subscribe(DEMO)
        content = self.comment(DEMO)
        again = self.socket(self.demo["reader"], self.start(*self.options))
        again.subscribe(DEMO, cursor=cursor)
        self.assertEqual(again.next()[0]["content"], content)

    def test_what_is_no_cursor_is_refused(self):
        socket = self.socket(self.demo["reader"])
        for cursor in ("x", "", "A" * 5000, "é", 1, {}):
            socket.ask("1", CREATED, {"post": DEMO}, extensions={"cursor": cursor})
            message = socket.receive()
            self.assertEqual(message["type"], "error", cursor)
            self.assertEqual(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT", cursor)

    def test_whoever_resumes_far_behind_gets_all_of_it(self):
        socket = self.socket(self.demo["reader"])
        cursor = socket.subscribe(DEMO)
        author = quoted(self.demo["reader"])
        query = quoted('mutation ($p: ID!, $c: String!) { createComment(postId: $p, content: $c) { id } }')
        self.admin.rows(f"""SELECT graphql.execute({query}, jsonb_build_object('p', '{DEMO}', 'c', 'far ' || n), {author})
            FROM generate_series(1, 1200) AS n""")
        again = self.socket(self.demo["editor"])
        again.subscribe(DEMO, cursor=cursor)
        self.assertEqual([again.next()[0]["content"] for _ in range(1200)], [f"far {n}" for n in range(1, 1201)])
        again.silent()


class Ends(LiveTest):
    options = ("--poll-seconds", "1")

    def ended(self, socket, code):
        message = socket.receive()
        self.assertEqual((message["id"], message["type"]), ("1", "error"), message)
        self.assertEqual(message["payload"][0]["extensions"]["code"], code)
        socket.silent()

    def test_a_token_that_expires(self):
        token = self.blog.token("demo", "reader", exp=int(time.time()) + 2)
        socket, stream = self.socket(token), self.stream(token, DEMO)
        socket.subscribe(DEMO)
        stream.begun()
        self.ended(socket, "UNAUTHENTICATED")
        self.assertIn("UNAUTHENTICATED", stream.event()["data"])
        self.assertEqual(stream.event()["event"], "complete")
        self.assertEqual(stream.event(), {})

    def test_a_key_that_is_revoked(self):
        self.admin.rows("SELECT saas_blog.add_jwt_key('soon', 'HS256', 'a secret that will not be for long')")
        socket = self.socket(self.blog.sign(self.blog.claims("demo", "reader"), "soon"))
        socket.subscribe(DEMO)
        other = self.socket(self.demo["reader"])
        other.subscribe(DEMO)
        self.admin.rows("SELECT saas_blog.revoke_jwt_key('soon')")
        self.ended(socket, "UNAUTHENTICATED")
        content = self.comment(DEMO)
        self.assertEqual(other.next()[0]["content"], content)
        socket.silent()


class Bells(LiveTest):
    def test_forged_notifications_deliver_nothing(self):
        channels = []
        sockets = []
        for tokens, post in ((self.demo, DEMO), (self.another, ANOTHER)):
            socket = self.socket(tokens["reader"])
            socket.subscribe(post)
            sockets.append(socket)
            arguments = call(tokens["reader"], CREATED, {"post": post}, entry="subscribe")
            channels.append(parsed(self.session.value("SELECT " + arguments))["channel"])
        forger = self.blog.session(PROXY)
        for channel in (*channels, "other", 'x"; DROP TABLE y; --'):
            for payload in ("", "random", "x" * 7999, '{"data": {"commentCreated": {"id": "1"}}}', channels[1]):
                forger.rows(f"SELECT pg_notify({quoted(channel)}, {quoted(payload)})")
        for number in range(2000):
            forger.rows(f"NOTIFY {channels[0]}, '{number}'")
        for socket, post in zip(sockets, (DEMO, ANOTHER), strict=True):
            content = self.comment(post)
            self.assertEqual(socket.next()[0]["content"], content)
            socket.silent()

    def test_the_listening_connection_is_made_again(self):
        socket = self.socket(self.demo["reader"])
        socket.subscribe(DEMO)
        for count in range(5):
            before = self.metric("saas_blog_gateway_listener_reconnects_total")
            (pid,) = until(self.listeners, "somebody listens")
            self.admin.rows(f"SELECT pg_terminate_backend({pid})")
            # Nobody hears the bell of this one.
            content = self.comment(DEMO)
            self.assertEqual(socket.next()[0]["content"], content)
            until(lambda: self.metric("saas_blog_gateway_listener_reconnects_total") > before, "it was counted")
            until(lambda: self.listeners() not in ([], [pid]), "somebody listens again")
        self.assertEqual(len(self.listeners()), 1)
        socket.silent()


class Slow(LiveTest):
    def test_a_stream_that_nobody_reads_ends(self):
        body = {"query": LONG, "variables": {"post": DEMO}}
        stream = self.stream(self.demo["editor"], body=body, receive_buffer=4096)
        cursor = stream.begun()
        contents = [self.comment(DEMO, content=f"{number} ".ljust(9_000, "x")) for number in range(40)]
        until(lambda: self.metric("saas_blog_gateway_slow_clients_total"), "it is given up")
        until(lambda: self.metric("saas_blog_gateway_streams") == 0, "its connection is ended")
        self.assertEqual(self.metric("saas_blog_gateway_subscribers"), 0)
        again = self.stream(self.demo["editor"], cursor=cursor, body=body)
        self.assertEqual([again.next()[0]["content"] for _ in contents], contents)

    def test_who_does_not_read_is_left_and_can_come_back(self):
        before = self.metric("saas_blog_gateway_slow_clients_total")
        quick = self.socket(self.demo["editor"])
        quick.subscribe(DEMO, query=LONG)
        slow = self.socket(receive_buffer=4096)
        slow.init(self.demo["editor"])
        cursor = slow.subscribe(DEMO, query=LONG)
        contents = [f"{number} ".ljust(9_000, "x") for number in range(40)]
        for content in contents:
            self.comment(DEMO, content=content)
            self.assertEqual(quick.next()[0]["content"], content)
        until(lambda: self.metric("saas_blog_gateway_slow_clients_total") > before, "it is given up")
        self.assertEqual(slow.closed(), 1013)
        found = []
        for message in slow.waiting:
            found.append(message["payload"]["data"]["commentCreated"]["content"])
            cursor = message["payload"]["extensions"]["cursor"]
        self.assertLess(len(found), len(contents))
        again = self.socket(self.demo["editor"])
        again.subscribe(DEMO, cursor=cursor, query=LONG)
        while len(found) < len(contents):
            found.append(again.next()[0]["content"])
        self.assertEqual(found, contents)
        again.silent()
        quick.silent()
