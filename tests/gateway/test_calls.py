"""When graphql.next is called, and how often: against stand-ins in SQL that count, fail and ring no bell."""

from blog import psql
from gateway import Gateway, StandIn, until
from clients import WebSocket

SUBSCRIPTION = "subscription { commentCreated }"


class Calls(StandIn):
    """Events are rows of a table; a cursor is the last one's number. `state` says what is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql(cls.blog.name, script="""
            CREATE TABLE events (number bigint GENERATED ALWAYS AS IDENTITY, post text);
            CREATE TABLE state (key text PRIMARY KEY, value text);
            CREATE SEQUENCE subscribed; CREATE SEQUENCE asked;
            CREATE FUNCTION graphql.subscribe(query text, variables jsonb, jwt text, "operationName" text, extensions jsonb)
            RETURNS json LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM nextval('subscribed');
                RETURN json_build_object('channel', 'channel of ' || coalesce(variables ->> 'post', ''),
                    'cursor', coalesce(extensions ->> 'cursor', (SELECT coalesce(max(number), 0) FROM events)::text));
            END $$;
            CREATE FUNCTION graphql.next(query text, variables jsonb, jwt text, "operationName" text, cursor text)
            RETURNS json LANGUAGE plpgsql AS $$
            DECLARE failure text := (SELECT value FROM state WHERE key = 'failure'); found json; last text;
            BEGIN
                PERFORM nextval('asked');
                IF failure IS NOT NULL THEN RAISE EXCEPTION 'stand-in' USING ERRCODE = failure; END IF;
                SELECT json_agg(json_build_object('cursor', number::text, 'data', json_build_object('commentCreated',
                    json_build_object('content', number::text))) ORDER BY number), max(number)::text
                INTO found, last FROM (SELECT * FROM events AS e
                    WHERE e.number > next.cursor::bigint AND e.post IS NOT DISTINCT FROM variables ->> 'post'
                    ORDER BY number LIMIT 10) AS e;
                RETURN json_build_object('cursor', coalesce(last, cursor), 'more', coalesce(json_array_length(found), 0) = 10,
                    'results', coalesce(found, '[]'));
            END $$;""")
        cls.admin = cls.blog.session(None)
        cls.gateway.kill()

    def start(self, *options):
        gateway = Gateway(self.blog.name, *options, user="postgres")
        self.addCleanup(gateway.kill)
        return gateway

    def socket(self, gateway, post="p", count=1):
        """A connection with subscriptions to a post, which have begun."""
        socket = WebSocket(gateway.address)
        self.addCleanup(socket.socket.close)
        socket.init()
        for number in range(1, count + 1):
            socket.subscribe(post, id=str(number), query=SUBSCRIPTION)
        return socket

    def counted(self, name):
        return int(self.admin.value(f"SELECT last_value - (NOT is_called)::int FROM {name}"))

    def event(self, post="p", bell=True):
        """Something happens; its number."""
        ring = f"SELECT pg_notify('channel of {post}', '')" if bell else "SELECT"
        self.admin.rows("BEGIN")
        number = self.admin.value(f"INSERT INTO events (post) VALUES ('{post}') RETURNING number")
        self.admin.rows(ring)
        self.admin.rows("COMMIT")
        return number

    def idle(self, gateway, socket):
        """Waits until a bell has been answered; how often graphql.next had been called by then."""
        number = self.event()
        self.assertEqual(socket.next()[0]["content"], number)
        return self.counted("asked")

    def test_equal_subscribers_share_their_calls(self):
        gateway = self.start("--poll-seconds", "600")
        subscribed = self.counted("subscribed")
        sockets = [self.socket(gateway) for _ in range(50)]
        self.assertEqual(self.counted("subscribed") - subscribed, 1)
        asked = self.counted("asked")
        for _ in range(3):
            number = self.event()
            for socket in sockets:
                self.assertEqual(socket.next()[0]["content"], number)
        # One for each event; none of the other 49.
        self.assertEqual(self.counted("asked") - asked, 3)

    def test_many_bells_are_few_calls(self):
        gateway = self.start("--poll-seconds", "600")
        socket = self.socket(gateway)
        asked = self.idle(gateway, socket)
        self.admin.rows("SELECT pg_notify('channel of p', n::text) FROM generate_series(1, 5000) AS n")
        self.assertLess(self.idle(gateway, socket) - asked, 1000)

    def test_another_channels_bell_is_not_heard(self):
        gateway = self.start("--poll-seconds", "600")
        socket, other = self.socket(gateway), self.socket(gateway, "q")
        asked = self.idle(gateway, socket)
        for _ in range(20):
            number = self.event("q")
            self.assertEqual(other.next()[0]["content"], number)
        self.assertEqual(self.counted("asked") - asked, 20)
        socket.silent()

    def test_an_event_without_a_bell_is_found_by_looking(self):
        gateway = self.start("--poll-seconds", "1")
        socket = self.socket(gateway)
        for _ in range(3):
            number = self.event(bell=False)
            self.assertEqual(socket.next()[0]["content"], number)

    def test_what_does_not_fit_into_a_batch_comes_at_once(self):
        gateway = self.start("--poll-seconds", "600")
        socket = self.socket(gateway)
        numbers = self.admin.column("INSERT INTO events (post) SELECT 'p' FROM generate_series(1, 95) RETURNING number")
        last = self.event()
        self.assertEqual([socket.next()[0]["content"] for _ in range(96)], [*numbers, last])
        socket.silent()

    def test_a_failure_that_passes_loses_nothing(self):
        gateway = self.start("--poll-seconds", "1")
        for state in ("40001", "57014", "53300", "57P01", "XX000"):
            with self.subTest(state):
                socket = self.socket(gateway)
                asked = self.counted("asked")
                self.admin.rows(f"INSERT INTO state VALUES ('failure', '{state}')")
                number = self.event()
                until(lambda: self.counted("asked") >= asked + 2, "it is tried again")
                self.admin.rows("DELETE FROM state")
                self.assertEqual(socket.next()[0]["content"], number)
                socket.silent()

    def test_a_failure_that_does_not_pass_ends_it(self):
        gateway = self.start("--poll-seconds", "1")
        for state, code in (("22P02", "BAD_USER_INPUT"), ("42883", "INTERNAL_SERVER_ERROR")):
            with self.subTest(state):
                socket = self.socket(gateway)
                self.admin.rows(f"INSERT INTO state VALUES ('failure', '{state}')")
                message = socket.receive()
                self.admin.rows("DELETE FROM state")
                self.assertEqual(message["type"], "error")
                self.assertEqual(message["payload"][0]["extensions"]["code"], code)
                self.assertNotIn("stand-in", str(message))

    def test_one_client_has_many(self):
        gateway = self.start("--poll-seconds", "600")
        socket = self.socket(gateway, count=100)
        number = self.event()
        found = [socket.receive() for _ in range(100)]
        self.assertEqual(sorted(int(message["id"]) for message in found), list(range(1, 101)))
        self.assertEqual({message["payload"]["data"]["commentCreated"]["content"] for message in found}, {number})
        socket.silent()
