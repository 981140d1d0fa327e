"""The functions that manage token keys, and who may call them."""

import json
import os
import unittest

from blog import KEYS, PROXY, BlogTest, SqlError, codes, psql, quoted

MANAGER = f"e2e_manager_{os.getpid()}"
PEM = (
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n"
)
X = (
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
    "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
)
SECRET = "thirty-two bytes that nobody knows"


def jwks(*kids):
    """A set with one Ed25519 key for each kid."""
    keys = [
        {"kty": "OKP", "crv": "Ed25519", "x": X[number % 3], "kid": kid, "use": "sig"}
        for number, kid in enumerate(kids)
    ]
    return quoted(json.dumps({"keys": keys})) + "::jsonb"


def add(kid, alg="HS256", key=SECRET, more=""):
    return f"SELECT saas_blog.add_jwt_key({quoted(kid)}, {quoted(alg)}, {quoted(key)}{more})"


class Keys(BlogTest):
    """A manager is a member of saas_blog_admin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql("postgres", script=f"CREATE ROLE {MANAGER} LOGIN; GRANT saas_blog_admin TO {MANAGER};")
        cls.addClassCleanup(psql, "postgres", "-c", f"DROP ROLE {MANAGER}")

    def setUp(self):
        super().setUp()
        self.manager = self.blog.session(MANAGER)
        self.addCleanup(self.manager.close)
        # What a test does to the keys is undone after it.
        self.admin.rows("CREATE TABLE public.keys AS SELECT * FROM saas_blog.tb_jwt_key")
        self.addCleanup(
            self.admin.rows,
            r"DELETE FROM saas_blog.tb_jwt_key \; INSERT INTO saas_blog.tb_jwt_key "
            r"SELECT * FROM public.keys \; DROP TABLE public.keys",
        )

    def kids(self):
        """All keys: kid, issuer, revoked or not."""
        rows = self.admin.rows(
            "SELECT kid, coalesce(issuer, ''), revoked_at IS NOT NULL FROM saas_blog.tb_jwt_key ORDER BY kid"
        )
        return {kid: (issuer, revoked == "t") for kid, issuer, revoked in rows}

    def test_who_may_call_what(self):
        calls = {
            "add": add("new"),
            "set": f"SELECT saas_blog.set_jwks({jwks('new-set')}, 'issuer')",
            "revoke": "SELECT saas_blog.revoke_jwt_key('new')",
            "doctor": "SELECT * FROM saas_blog.doctor()",
            "explain": "SELECT graphql.explain('{ me { id } }')",
            "sign": "SELECT saas_blog.sign_jwt('{}', 'e2e')",
            "read": "SELECT * FROM saas_blog.tb_jwt_key",
            "execute": "SELECT graphql.execute('{ me { id } }')",
            "schema": "SELECT graphql.schema()",
            "taken": "SELECT saas_blog.user_identifier_taken(1, 'x')",
        }
        for session, may in (
            (self.manager, {"add", "set", "revoke", "doctor", "explain"}),
            (self.session, {"execute", "schema"}),
        ):
            for name, statement in calls.items():
                if name in may:
                    session.rows(statement)
                else:
                    self.refused(session, statement, "42501")

    def test_nobody_but_the_owner_reads_keys(self):
        for role in ("saas_blog_exec", "saas_blog_audit", "saas_blog_api", "saas_blog_admin"):
            with self.blog.session(None) as session:
                session.rows(f"SET ROLE {role}")
                self.refused(session, "SELECT key FROM saas_blog.tb_jwt_key", "42501")
        self.admin.rows(f"GRANT SELECT ON saas_blog.tb_jwt_key TO {MANAGER}")
        self.admin.rows(f"CREATE POLICY careless ON saas_blog.tb_jwt_key TO {MANAGER} USING (true)")
        self.assertEqual(self.manager.rows("SELECT key FROM saas_blog.tb_jwt_key"), [])
        self.admin.rows("DROP POLICY careless ON saas_blog.tb_jwt_key")
        self.admin.rows(f"REVOKE ALL ON saas_blog.tb_jwt_key FROM {MANAGER}")

    def test_sign_jwt_is_for_the_owner_of_the_database(self):
        statement = "SELECT saas_blog.sign_jwt('{\"role\": \"admin\"}', 'e2e')"
        self.refused(self.manager, statement, "42501")
        self.admin.rows(f"ALTER DATABASE {self.blog.name} OWNER TO {MANAGER}")
        self.addCleanup(self.admin.rows, f"ALTER DATABASE {self.blog.name} OWNER TO CURRENT_USER")
        self.assertEqual(self.manager.value(statement), self.admin.value(statement))
        self.refused(self.manager, "SELECT key FROM saas_blog.tb_jwt_key", "42501")
        self.refused(self.session, statement, "42501")

    def test_sign_jwt_of_what_cannot_be_signed(self):
        self.admin.rows(add("public", "EdDSA", PEM))
        for arguments, state in (
            ("'{}', 'public'", "22023"),
            ("'{}', 'unknown'", "P0002"),
            ("'[]', 'e2e'", "22023"),
            ("NULL, 'e2e'", "22023"),
            ("'{}', NULL", "P0002"),
            ("jsonb_build_object('x', repeat('x', 9000)), 'e2e'", "22023"),
        ):
            self.refused(self.admin, f"SELECT saas_blog.sign_jwt({arguments})", state)

    def test_a_known_kid(self):
        for kid, secret in (("e2e", SECRET), ("e2e", KEYS["e2e"]), ("e2e-operator", SECRET)):
            for more in ("", ", 'issuer', 'audience'", ", operator => true"):
                self.refused(self.manager, add(kid, key=secret, more=more), "23505")
        self.assertEqual(codes(self.session.ask(self.demo["editor"], "{ me { id } }")), [])

    def test_keys_that_are_refused(self):
        before = self.kids()
        for kid, alg, key in (
            ("k", "HS256", "short"),
            ("k", "HS256", ""),
            ("k", "HS256", None),
            ("k", "HS256", "x" * 31),
            ("k", "HS256", PEM),
            ("k", "HS256", json.dumps({"kty": "oct", "k": "x" * 40})),
            ("k", "HS256", '"' + "x" * 40 + '"'),
            ("k", "none", SECRET),
            ("k", "HS1", SECRET),
            ("k", None, SECRET),
            ("k", "hs256", SECRET),
            ("", "HS256", SECRET),
            (None, "HS256", SECRET),
            ("k" * 129, "HS256", SECRET),
            ("k\n", "HS256", SECRET),
            ("k", "RS256", PEM),
            ("k", "EdDSA", SECRET),
            ("k", "ES256", PEM),
            ("k", "EdDSA", PEM.replace("PUBLIC", "PRIVATE")),
            ("k", "EdDSA", json.dumps({"kty": "OKP", "crv": "Ed25519", "x": X[0], "d": X[1]})),
            ("k", "EdDSA", json.dumps({"kty": "OKP", "crv": "Ed25519", "x": X[0], "kid": "other"})),
            ("k", "EdDSA", "x" * 20000),
        ):
            error = self.refused(self.manager, add(kid, alg, key), "22023")
            if key and len(key) > 8:
                self.assertNotIn(key, error.message)
        self.refused(self.manager, add("k", more=", ''"), "22023")
        self.refused(self.manager, add("k", more=", NULL, ''"), "22023")
        self.assertEqual(self.kids(), before)

    def test_a_refused_key_is_in_no_message(self):
        for secret in (PEM, "short but secret"):
            with self.assertRaises(SqlError):
                self.manager.rows(add("k", key=secret))
        with self.assertRaises(SqlError):
            self.manager.rows(add("e2e", key=SECRET))
        self.assertNotIn("but secret", self.manager.complaints())
        self.assertNotIn(SECRET, self.manager.complaints())
        self.assertNotIn("MCowBQ", self.manager.complaints())

    def test_revoke_of_an_unknown_key(self):
        for kid in ("'unknown'", "NULL", "''"):
            self.refused(self.manager, f"SELECT saas_blog.revoke_jwt_key({kid})", "P0002")

    def test_set_jwks_replaces_the_keys_of_its_issuer(self):
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('one', 'two')}, 'a')")
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('three')}, 'b', 'audience')")
        self.manager.rows("SELECT saas_blog.revoke_jwt_key('two')")
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('four', 'one')}, 'a')")
        self.assertEqual(
            self.kids(),
            {
                "e2e": ("", False),
                "e2e-operator": ("", False),
                "one": ("a", False),
                "two": ("a", True),
                "three": ("b", False),
                "four": ("a", False),
            },
        )
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('five')}, 'a')")
        self.assertEqual({kid for kid, (issuer, revoked) in self.kids().items() if issuer == "a"}, {"two", "five"})

    def test_set_jwks_that_is_refused_changes_nothing(self):
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('one', 'two')}, 'a')")
        self.manager.rows("SELECT saas_blog.revoke_jwt_key('two')")
        before = self.kids()
        for arguments, state in (
            (f"{jwks('new', 'two')}, 'a'", "23505"),
            (f"{jwks('new', 'e2e')}, 'a'", "23505"),
            (f"{jwks('one')}, 'b'", "23505"),
            (f"{jwks('new', 'new')}, 'a'", "22023"),
            (f"{jwks()}, 'a'", "22023"),
            ("NULL, 'a'", "22023"),
            ("'{}', 'a'", "22023"),
            ("'[]', 'a'", "22023"),
            (f"{jwks('')}, 'a'", "22023"),
            ("""'{"keys": [{"kty": "oct", "k": "eA", "kid": "k"}]}', 'a'""", "22023"),
            (f"{jwks('new')}, ''", "22023"),
        ):
            self.refused(self.manager, f"SELECT saas_blog.set_jwks({arguments})", state)
        self.assertEqual(self.kids(), before)

    def test_set_jwks_without_an_issuer_keeps_operators(self):
        self.manager.rows(f"SELECT saas_blog.set_jwks({jwks('new')})")
        self.assertEqual(set(self.kids()), {"e2e-operator", "new"})
        self.assertEqual(codes(self.session.ask(self.demo["editor"], "{ me { id } }")), ["UNAUTHENTICATED"])
        self.assertEqual(self.session.value("SELECT current_user"), PROXY)


if __name__ == "__main__":
    unittest.main()
