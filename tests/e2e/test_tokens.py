"""Attacks with tokens. A refused token has one answer, whatever is wrong with it."""

import base64
import hashlib
import hmac
import json
import time
import unittest

from blog import KEYS, POSTS, UNKNOWN_ID, BlogTest, Sql, call, codes, quoted, tenant_id, user_id

ME = "{ me { id } }"


def encoded(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(claims, secret=KEYS["e2e"], digest=hashlib.sha256, signature=None, **header):
    """A token made by hand; what the header names replaces our own, None leaves it out."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "e2e", **header}
    message = f"{encoded({k: v for k, v in header.items() if v is not None})}.{encoded(claims)}"
    made = hmac.new(secret.encode(), message.encode(), digest).digest() if signature is None else signature
    return f"{message}.{encoded(made)}"


class TokenTest(BlogTest):
    """A session in which the good token was verified before."""

    def setUp(self):
        super().setUp()
        self.good = self.demo["editor"]
        self.assertEqual(self.session.ask(self.good, ME), {"data": {"me": {"id": user_id("demo", "editor")}}})
        self.message = self.session.text(None, ME)

    def unauthenticated(self, token, session=None, query=ME):
        """The answer is that of no token at all, in the session and in a fresh one."""
        self.assertEqual((session or self.session).text(token, query), self.message, str(token)[:80])
        with self.blog.session() as fresh:
            self.assertEqual(fresh.text(token, query), self.message, str(token)[:80])
        self.check_error(json.loads(self.message), "UNAUTHENTICATED")


class Refused(TokenTest):
    """Tokens that are no good, or are no longer."""

    def test_the_forger_of_this_file_makes_good_tokens(self):
        claims = self.blog.claims("demo", "editor")
        self.assertEqual(codes(self.session.ask(forged(claims), ME)), [])
        self.assertEqual(codes(self.session.ask(forged({**claims, "exp": claims["iat"] + 86400}), ME)), [])
        del claims["user_id"]
        self.assertEqual(codes(self.session.ask(forged({**claims, "sub": user_id("demo", "editor")}), ME)), [])

    def test_signatures(self):
        claims = self.blog.claims("demo", "admin")
        head, body, signature = self.good.split(".")
        for token in (
            forged(claims, secret="another secret of thirty-two bytes"),
            forged(claims, signature=b""),
            forged(claims, signature=b"0" * 32),
            forged(claims, alg="none", signature=b""),
            forged(claims, alg="none"),
            forged(claims, alg="HS512"),
            forged(claims, alg="HS512", digest=hashlib.sha512),
            forged(claims, alg="RS256"),
            f"{head}.{encoded(claims)}.{signature}",
            f"{head}.{body}.",
            f"{head}.{body}",
            f"{head}.{body}.{signature}.",
            f"{head}.{body}.{signature}=",
            f"{head}.{body}.{signature[:-2]}",
            f"{head}.{body}.{'A' * 43}",
        ):
            self.unauthenticated(token)

    def test_headers(self):
        claims = self.blog.claims("demo", "editor")
        for header in (
            {"kid": None},
            {"kid": ""},
            {"kid": "unknown"},
            {"kid": 1},
            {"kid": "e2e\0"},
            {"kid": "e2e' OR true --"},
            {"kid": "x" * 4000},
            {"crit": ["exp"]},
            {"alg": None},
            {"alg": "hs256"},
            {"typ": "JWE"},
        ):
            self.unauthenticated(forged(claims, **header))
        jwk = {"kty": "oct", "k": encoded(b"a key that the attacker brings along")}
        self.unauthenticated(forged(claims, secret="a key that the attacker brings along", jwk=jwk))

    def test_times(self):
        now = int(time.time())
        for changed in (
            {"exp": now - 10},
            {"exp": None},
            {"exp": now + 86400 + 60, "iat": now},
            {"exp": str(now + 60)},
            {"exp": 253402300799},
            {"exp": 1e400},
            {"exp": -1},
            {"nbf": now + 3600},
            {"iat": now + 3600},
            {"nbf": "x"},
        ):
            self.unauthenticated(forged(self.blog.claims("demo", "editor", **changed)))
        self.assertEqual(codes(self.session.ask(forged(self.blog.claims("demo", "editor", nbf=now - 60)), ME)), [])

    def test_a_token_that_expires_in_an_open_session(self):
        """The leeway is five seconds: what has one more to live is good, and a moment later refused."""
        token = self.blog.token("demo", "editor", exp=int(time.time()) - 3, iat=None)
        self.assertEqual(codes(self.session.ask(token, ME)), [])
        time.sleep(3)
        self.unauthenticated(token)

    def test_users(self):
        """Claims that the table of users does not bear out."""
        for changed in (
            {"user_id": UNKNOWN_ID},
            {"user_id": user_id("another", "editor")},
            {"tenant_id": UNKNOWN_ID},
            {"tenant_id": tenant_id("another")},
            {"role": "admin"},
            {"role": "subscriber"},
            {"role": "operator"},
            {"role": "Editor"},
            {"role": None},
            {"tenant_id": None},
            {"user_id": None},
            {"tenant_id": "demo"},
            {"user_id": "x' OR true --"},
            {"user_id": 7},
            {"sub": user_id("demo", "admin")},
            {"user_id": user_id("demo", "editor").replace("-", "")},
            {"tenant_id": [tenant_id("demo")]},
            {"scopes": "read:posts"},
            {"scopes": [1]},
            {"scope": ["read:posts"]},
            {"aud": "somebody else"},
        ):
            self.unauthenticated(forged(self.blog.claims("demo", "editor", **changed)))

    def test_garbage(self):
        for token in (
            "",
            " ",
            ".",
            "..",
            "a.b.c",
            "null",
            "Bearer " + self.good,
            self.good + " ",
            "\n" + self.good,
            "é.é.é",
            "{}",
            f"{encoded([])}.{encoded([])}.{encoded(b'x')}",
            "\x07",
            Sql("repeat('x', 20000000)"),
            Sql(f"repeat('x', 8193 - {len(self.good)}) || {quoted(self.good)}"),
            Sql("repeat('.', 8000)"),
            Sql(f"{quoted(self.good)} || repeat('A', 20000000)"),
            Sql("''"),
            Sql("NULL"),
        ):
            self.unauthenticated(token)

    def test_a_token_of_20_megabytes_costs_nothing(self):
        before = self.session.memory("VmHWM")
        self.session.text(Sql("repeat('x', 20000000)"), ME)
        self.assertLess(self.session.memory("VmHWM") - before, 100)
        self.assertLess(self.session.memory() - before, 50)

    def test_without_a_token_only_the_schema_can_be_asked(self):
        self.assertEqual(self.session.ask(None, "{ __typename }"), {"data": {"__typename": "Query"}})
        for query in (
            ME,
            POSTS,
            "{ __typename me { id } }",
            "{ ...F } fragment F on Query { tenant { id } }",
            "query ($x: Boolean = true) { me @skip(if: $x) { id } }",
        ):
            self.unauthenticated(None, query=query)
        self.unauthenticated("garbage", query="{ __typename }")

    def test_the_reason_is_in_no_message_to_the_client(self):
        for level in ("debug5", "debug1", "log"):
            with self.blog.session() as session:
                session.rows(f"SET client_min_messages = {level}")
                session.text(self.blog.token("demo", "editor", exp=1), ME)
                self.assertNotRegex(session.complaints(), "expired|refused|saas_blog: ")


class Changed(TokenTest):
    """What changes between two calls of a session that has verified the token before."""

    def test_user_deleted_or_role_changed_or_moved(self):
        self.admin.rows("BEGIN")
        self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'subscriber' WHERE id = '{user_id('demo', 'editor')}'")
        self.assertEqual(codes(self.session.ask(self.good, ME)), [])
        self.admin.rows("COMMIT")
        self.addCleanup(
            self.admin.rows, f"UPDATE saas_blog.tb_user SET role = 'editor' WHERE id = '{user_id('demo', 'editor')}'"
        )
        self.unauthenticated(self.good)
        now_subscriber = self.blog.token("demo", "editor", role="subscriber")
        self.assertEqual(codes(self.session.ask(now_subscriber, ME)), [])
        silent = self.demo["silent"]
        self.assertEqual(codes(self.session.ask(silent, ME)), [])
        moved = "UPDATE saas_blog.tb_user SET id = '{1}' WHERE id = '{0}' AND identifier = 'silent'"
        self.admin.rows(moved.format(user_id("demo", "silent"), UNKNOWN_ID))
        self.addCleanup(self.admin.rows, moved.format(UNKNOWN_ID, user_id("demo", "silent")))
        self.unauthenticated(silent)

    def test_key_revoked_in_an_open_session_and_never_added_again(self):
        secret = "a key that is going to be revoked"
        add = f"SELECT saas_blog.add_jwt_key('revoked', 'HS256', {quoted(secret)})"
        self.admin.rows(add)
        token = self.blog.sign(self.blog.claims("demo", "editor"), "revoked")
        for _ in range(2):
            self.assertEqual(codes(self.session.ask(token, ME)), [])
        self.session.rows("PREPARE again AS SELECT " + call(token, ME))
        self.session.rows("EXECUTE again")
        self.admin.rows("SELECT saas_blog.revoke_jwt_key('revoked')")
        self.unauthenticated(token)
        self.assertEqual(self.session.value("EXECUTE again"), self.message)
        self.refused(self.admin, add, "23505")
        self.refused(self.admin, add.replace(secret, "another secret, but the kid is gone"), "23505")
        self.refused(self.admin, "SELECT saas_blog.sign_jwt('{}', 'revoked')", "P0002")
        revoked = "SELECT revoked_at FROM saas_blog.tb_jwt_key WHERE kid = 'revoked'"
        first = self.admin.value(revoked)
        self.admin.rows("SELECT saas_blog.revoke_jwt_key('revoked')")
        self.assertEqual(self.admin.value(revoked), first)
        self.unauthenticated(token)

    def test_key_revoked_behind_the_snapshot_of_an_open_transaction(self):
        self.admin.rows("SELECT saas_blog.add_jwt_key('behind', 'HS256', 'a key that the snapshot still shows')")
        token = self.blog.sign(self.blog.claims("demo", "editor"), "behind")
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
            self.addCleanup(self.session.rows, "ROLLBACK")
            self.assertEqual(self.session.ask(token, ME).get("errors", []) == [], level == "REPEATABLE READ")
            self.admin.rows("SELECT saas_blog.revoke_jwt_key('behind')")
            self.unauthenticated(token)
            self.session.rows("ROLLBACK")

    def test_key_whose_secret_or_algorithm_was_replaced(self):
        self.admin.rows("SELECT saas_blog.add_jwt_key('replaced', 'HS256', 'the first secret of the replaced key')")
        token = self.blog.sign(self.blog.claims("demo", "editor"), "replaced")
        self.assertEqual(codes(self.session.ask(token, ME)), [])
        for change in (
            "alg = 'HS384'",
            "alg = 'HS256', key = 'the second secret of the replaced key'",
            "key = 'the first secret of the replaced key', issuer = 'somebody'",
            "issuer = NULL, audience = 'us'",
            "audience = NULL, operator = true",
        ):
            self.admin.rows(f"UPDATE saas_blog.tb_jwt_key SET {change} WHERE kid = 'replaced'")
            self.unauthenticated(token)
        self.admin.rows("UPDATE saas_blog.tb_jwt_key SET operator = false WHERE kid = 'replaced'")
        self.assertEqual(codes(self.session.ask(token, ME)), [])

    def test_settings_of_the_installation(self):
        """A superuser's limit on the age of tokens holds for tokens that were verified before, too."""
        self.admin.rows(f"ALTER DATABASE {self.blog.name} SET saas_blog.token_max_age = 60")
        self.addCleanup(self.admin.rows, f"ALTER DATABASE {self.blog.name} RESET saas_blog.token_max_age")
        with self.blog.session() as fresh:
            self.assertEqual(fresh.text(self.good, ME), self.message)


class Operators(TokenTest):
    """Operator's tokens and tenants' tokens, each signed by the key of the other."""

    def test_keys_that_sign_for_the_others(self):
        claims, operator = self.blog.claims("demo", "admin"), {"role": "operator", "exp": int(time.time()) + 600}
        self.assertEqual(codes(self.session.ask(self.blog.operator(), "{ tenants { totalCount } }")), [])
        for claims, kid in (
            (claims, "e2e-operator"),
            (operator, "e2e"),
            ({**claims, "role": "operator"}, "e2e-operator"),
            ({**operator, "tenant_id": tenant_id("demo")}, "e2e-operator"),
            ({**operator, "role": "admin"}, "e2e-operator"),
        ):
            self.unauthenticated(self.blog.sign(claims, kid))

    def test_an_operator_reads_no_content(self):
        operator = self.blog.operator()
        for query in (
            "{ posts { totalCount } }",
            f'{{ user(id: "{user_id("demo", "admin")}") {{ email }} }}',
            "{ users { totalCount } }",
            "{ deletedPosts { totalCount } }",
            f'{{ comments(postId: "{UNKNOWN_ID}") {{ totalCount }} }}',
            f'{{ post(id: "{UNKNOWN_ID}") {{ id }} }}',
        ):
            self.check_error(self.session.ask(operator, query), "FORBIDDEN")
        self.assertEqual(
            self.session.ask(operator, "{ me { id } tenant { id } }"), {"data": {"me": None, "tenant": None}}
        )


class Scopes(TokenTest):
    """Absent: all of the role. Empty: none."""

    FIELDS = {
        "read:posts": "{ posts { totalCount } }",
        "read:users": "{ users { totalCount } }",
        "read:comments": "{ posts { nodes { commentCount } } }",
    }

    def test_scopes_of_a_token(self):
        for claim, may in (
            ({}, set(self.FIELDS)),
            ({"scopes": []}, set()),
            ({"scope": ""}, set()),
            ({"scopes": ["read:posts"]}, {"read:posts"}),
            ({"scope": "read:users read:nothing"}, {"read:users"}),
            ({"scopes": ["read:comments", "read:posts"]}, {"read:posts", "read:comments"}),
            ({"scopes": ["READ:POSTS"]}, set()),
        ):
            token = self.blog.token("demo", "admin", **claim)
            for scope, query in self.FIELDS.items():
                answer = self.session.ask(token, query)
                self.assertEqual(codes(answer), [] if scope in may else ["FORBIDDEN"], (claim, scope))
                if scope not in may:
                    self.assertTrue(answer["errors"][0]["path"])
            self.assertEqual(codes(self.session.ask(token, "{ me { id } tenant { id } __typename }")), [])

    def test_emails_need_the_scope(self):
        query = "{ me { email } posts(first: 100) { nodes { author { id email } } } }"
        for scopes, others in ((None, True), (["read:posts"], False), (["read:posts", "read:users"], True)):
            data = self.session.ask(self.blog.token("demo", "admin", scopes=scopes), query)["data"]
            self.assertEqual(data["me"]["email"], "admin@example.com")
            for node in data["posts"]["nodes"]:
                own = node["author"]["id"] == user_id("demo", "admin")
                self.assertEqual(node["author"]["email"] is not None, own or others)


class Headers(TokenTest):
    """The token in the setting of a proxy such as PostgREST."""

    def headers(self, value):
        self.session.rows(f"SET request.headers = {quoted(value)}")

    def test_bearer_token_from_the_headers(self):
        for name, scheme in (("authorization", "Bearer"), ("Authorization", "bearer"), ("AUTHORIZATION", "BEARER")):
            self.headers(json.dumps({name: f"{scheme} {self.good}", "x": "y"}))
            self.assertEqual(codes(self.session.ask(None, ME)), [])
            self.assertEqual(self.session.ask(self.demo["reader"], ME)["data"]["me"]["id"], user_id("demo", "reader"))
            self.assertEqual(self.session.text("", ME), self.message)
        self.headers("")
        self.assertEqual(self.session.text(None, ME), self.message)

    def test_headers_that_are_refused(self):
        bearer = f"Bearer {self.good}"
        twice = f'{{"authorization": "{bearer}", "Authorization": "{bearer}"}}'
        for value in (
            "garbage",
            "[]",
            "null",
            json.dumps({"authorization": f"Basic {self.good}"}),
            json.dumps({"authorization": self.good}),
            json.dumps({"authorization": [bearer]}),
            json.dumps({"x-authorization": bearer}),
            twice,
            '{"authorization": null}',
            json.dumps({"cookie": f"token={self.good}"}),
            "[" * 100000,
            '{"a":' * 20000,
            json.dumps({"authorization": "Bearer"}),
        ):
            self.headers(value)
            self.assertEqual(self.session.text(None, ME), self.message, value[:60])

    def test_never_from_the_claims_of_a_proxy(self):
        claims = json.dumps(self.blog.claims("demo", "admin"))
        for setting in ("request.jwt.claims", "request.jwt", "jwt.claims", "request.jwt.claim.user_id"):
            self.session.rows(f"SET {setting} = {quoted(claims)}")
        self.session.rows(f"SET request.jwt = {quoted(self.good)}")
        self.session.rows("SET request.jwt.claim.sub = " + quoted(user_id("demo", "admin")))
        self.assertEqual(self.session.text(None, ME), self.message)


if __name__ == "__main__":
    unittest.main()
