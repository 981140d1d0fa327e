"""What mutations take: each rule at its boundary, with a sentence for people and the argument that is to blame."""

from blog import INTEGER_KEY, INTERNALS, UNKNOWN_ID, codes, identifier, post_id, user_id
from writing import WritingTest, mutation

WIDE = "\U0001f600"
SPACES = " \t\n\x0b\x0c\r\x85\xa0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
# Every C0 and C1 control character and DEL, but for NUL, tab and newline.
CONTROLS = [chr(c) for c in [*range(1, 9), *range(11, 32), *range(127, 160)]]
EMAILS = ("a@b", "first.last+tag@sub.example.org", "Ünï@例え.jp", "o'brien@x.org", "a" * 252 + "@b", '"a\\"@c')
NO_EMAILS = (
    "",
    " ",
    "a",
    "a@",
    "@b",
    "a@b@c",
    "a b@c",
    "a@b c",
    "a\t@b",
    "a@b\x01",
    "a" * 253 + "@b",
    "a\u2028@b",
    "a\n@b",
)
IDENTIFIERS = ("a", "0", "a-b-c", "x" * 63, "2026-11-23", "a" * 31 + "-" + "b" * 31)
NO_IDENTIFIERS = ("", " ", "A", "ä", "-", "a-", "-a", "a--b", "a_b", "a b", "a.b", "x" * 64, "a\nb", "a\x01")
INJECTIONS = (
    "'; DROP TABLE saas_blog.tb_post; --",
    "$1 $2 $$ $body$ %s %I %L {0} \\",
    "\\' OR 1=1 --",
    '"); SELECT pg_sleep(9); --',
    "E'\\x00'::bytea",
    "${jndi:x} <script>alert(1)</script> </json>",
    '{"a": [1, "b"]}',
    "null",
)


class InputTest(WritingTest):
    """Each test tries texts in arguments."""

    def setUp(self):
        super().setUp()
        self.operator = self.blog.operator()
        demo = self.demo["admin"]
        post, user = {"title": "T", "content": "x"}, {"email": "new@example.com", "name": "N"}
        # Field, whose token, and arguments that are taken as they are.
        self.good = {
            "createTenant": (self.operator, {"name": "N", "identifier": "new"}),
            "createUser": (demo, user),
            "updateUser": (demo, {"id": user_id("demo", "reader"), "name": "N"}),
            "createPost": (demo, post),
            "updatePost": (demo, {"id": post_id("demo", 3), **post}),
            "createComment": (demo, {"postId": post_id("demo", 3), "content": "x"}),
        }

    def attempt(self, field, selection, values, in_variables=False):
        """The answer with these arguments instead of the good ones, as literals or in variables."""
        token, arguments = self.good[field]
        arguments = {**arguments, **values}
        if not in_variables:
            return self.ask(token, mutation(field, selection, **arguments))
        types = {"id": "ID!", "postId": "ID!"}
        required = {
            "name": "String!",
            "title": "String!",
            "content": "String!",
            "email": "String!",
            "identifier": "String!",
        }
        declared = ", ".join(f"${name}: {types.get(name, required.get(name, 'String'))}" for name in arguments)
        given = ", ".join(f"{name}: ${name}" for name in arguments)
        return self.ask(token, f"mutation ({declared}) {{ {field}({given}) {selection} }}", arguments)

    def takes(self, field, name, text, becomes=None, shown=None):
        """The text is taken, and is then what it is or becomes."""
        for in_variables in (False, True):
            with self.subTest(field=field, argument=name, text=text[:40], in_variables=in_variables):
                self.session.rows("SAVEPOINT cell")
                answer = self.attempt(field, f"{{ value: {shown or name} }}", {name: text}, in_variables)
                self.session.rows("ROLLBACK TO SAVEPOINT cell")
                self.assertEqual(answer, {"data": {field: {"value": text if becomes is None else becomes}}})

    def blames(self, field, name, text, code="BAD_USER_INPUT", executed=True, variables=(False, True)):
        """The text is refused, the argument blamed, and nothing written."""
        for in_variables in variables:
            with self.subTest(field=field, argument=name, text=text[:40], in_variables=in_variables):
                self.session.rows("SAVEPOINT cell")
                before = self.rows()
                answer = self.attempt(field, "{ id }", {name: text}, in_variables)
                self.assertEqual(self.rows(), before)
                self.session.rows("ROLLBACK TO SAVEPOINT cell")
                error = self.check_error(answer, code, executed=executed)[0]
                self.assertEqual((error["extensions"]["field"], error["path"]), (name, [field]), error)
                self.assertRegex(error["message"], r"^[A-Z].*\.$")
                self.assertNotIn(text if len(text) > 10 else "\x00", error["message"])


class Lengths(InputTest):
    """From the first to the last character, of whatever width."""

    def test_names_and_titles(self):
        for field, name, most in (
            ("createTenant", "name", 100),
            ("createUser", "name", 100),
            ("updateUser", "name", 100),
            ("createPost", "title", 200),
            ("updatePost", "title", 200),
        ):
            for character in ("x", "é", WIDE, "[", "-"):
                self.takes(field, name, character)
                self.takes(field, name, character * most)
                self.blames(field, name, character * (most + 1))
            # Of a title of any length a slug would be made.
            for length in (254, 255, 300, 301, 5000):
                self.blames(field, name, "x" * length)
            self.takes(field, name, SPACES + "x" * most + SPACES, becomes="x" * most)
            for nothing in ("", " ", SPACES):
                self.blames(field, name, nothing)

    def test_a_title_of_nearly_a_megabyte(self):
        for character in ("x", "[", "x-", WIDE):
            self.blames("createPost", "title", character * (900_000 // len(character.encode())), variables=(True,))

    def test_sixteen_kilobytes_of_brackets(self):
        for bracket in ("[", "{", "(", "}])", '{"a":'):
            self.blames("createPost", "title", bracket * (16_384 // len(bracket)))
            self.takes("createPost", "content", bracket * (16_384 // len(bracket)))

    def test_contents(self):
        for field in ("createPost", "updatePost"):
            self.takes(field, "content", "")
        for field, most, small in (
            ("createPost", 100_000, 0),
            ("updatePost", 100_000, 0),
            ("createComment", 10_000, 1),
        ):
            for character in ("x", "é", WIDE, "\n", " ", '"', "\\"):
                self.takes_long(field, character * most)
                self.blames(field, "content", character * (most + 1), variables=(True,))
            if small:
                self.blames(field, "content", "")

    def takes_long(self, field, text):
        self.session.rows("SAVEPOINT cell")
        answer = self.attempt(field, "{ content }", {"content": text}, in_variables=True)
        self.session.rows("ROLLBACK TO SAVEPOINT cell")
        self.assertEqual(answer, {"data": {field: {"content": text}}})


class Forms(InputTest):
    """E-mails, identifiers, roles and tiers."""

    def test_emails(self):
        for email in EMAILS:
            self.takes("createUser", "email", email)
        self.takes("createUser", "email", f"{SPACES}Name@Example.com{SPACES}", becomes="Name@Example.com")
        for email in (*NO_EMAILS, "x" * 301 + "@b", "x" * 60_000 + "@b"):
            self.blames("createUser", "email", email)

    def test_identifiers(self):
        for field in ("createTenant", "createUser", "createPost"):
            for text in IDENTIFIERS:
                self.takes(field, "identifier", text)
                self.takes(field, "identifier", f"\u3000{text}\n", becomes=text)
            for text in (*NO_IDENTIFIERS, "x" * 60_000):
                self.blames(field, "identifier", text)

    def test_an_identifier_that_is_not_given_is_made(self):
        for field, name, text, made in (
            ("createPost", "title", "Hello, World!", "hello-world"),
            ("createPost", "title", "--- 1 + 1 = 2 ---", "1-1-2"),
            ("createPost", "title", "x" * 200, "x" * 200),
            ("createPost", "title", "Post 3 of demo", "post-3-of-demo-2"),
            ("createUser", "email", "First.Last+tag@x", "first-last-tag"),
            ("createUser", "email", "admin@x", "admin-2"),
        ):
            self.takes(field, name, text, becomes=made, shown="identifier")
        for field, name, text in (("createPost", "title", WIDE), ("createUser", "email", "例え@x")):
            made = self.attempt(field, "{ id identifier }", {name: text})["data"][field]
            self.assertEqual(made["identifier"], made["id"])

    def test_roles_and_tiers(self):
        for field, name, known in (
            ("createUser", "role", ("admin", "editor", "subscriber")),
            ("updateUser", "role", ("admin", "editor", "subscriber")),
            ("createTenant", "subscriptionTier", ("free", "pro", "enterprise")),
        ):
            for text in known:
                self.takes(field, name, text)
            for text in ("", "Admin", " free", "operator", "owner", "admin\n", "x" * 10_000, *INJECTIONS[:1]):
                self.blames(field, name, text)

    def test_what_is_null_is_not_given(self):
        for field, name, default in (
            ("createUser", "role", "subscriber"),
            ("createTenant", "subscriptionTier", "free"),
        ):
            self.assertEqual(self.attempt(field, f"{{ {name} }}", {name: None})["data"][field], {name: default})
        made = self.attempt("createPost", "{ published identifier }", {"published": None, "identifier": None})
        self.assertEqual(made["data"]["createPost"], {"published": False, "identifier": "t"})


class Characters(InputTest):
    """Control characters are no text, and all else is kept as it is."""

    names = (
        ("createTenant", "name"),
        ("createUser", "name"),
        ("updateUser", "name"),
        ("createPost", "title"),
        ("createPost", "content"),
        ("updatePost", "title"),
        ("updatePost", "content"),
        ("createComment", "content"),
    )

    def test_control_characters(self):
        for field, name in self.names:
            for character in CONTROLS:
                self.blames(field, name, f"a{character}b", variables=(False,))
            self.blames(field, name, "a\x1bb", variables=(True,))
            self.takes(field, name, "a\tb\nc")

    def test_a_line_ends_without_a_carriage_return(self):
        for field, name in self.names:
            self.blames(field, name, "a\r\nb")

    def test_nul(self):
        """A variable cannot hold it, because jsonb cannot."""
        texts = [*self.names, ("createUser", "email"), ("createUser", "role"), ("createPost", "identifier")]
        for field, name in (*texts, ("createTenant", "subscriptionTier"), ("createTenant", "identifier")):
            for text in ("\x00", "a\x00b", "a\x00"):
                self.blames(field, name, text, executed=False, variables=(False,))

    def test_ids_that_are_none(self):
        for text in (
            "\x00",
            "",
            "7",
            "null",
            "d2000000000040008000000000000003",
            "{%s}" % post_id("demo", 3),
            "x" * 50_000,
        ):
            self.refuses("NOT_FOUND", self.demo["admin"], mutation("deletePost", id=text))
        self.refuses("NOT_FOUND", self.demo["admin"], "mutation { deletePost(id: 7730000001) { id } }")
        self.refuses("NOT_FOUND", self.operator, mutation("createUser", tenantId="x" * 9999, email="a@b", name="A"))
        # A tenant's token names its own tenant and no other, however it is written.
        for text in ("", "Demo", "demo ", "\x00", "another", "d0000000000040008000000000000000"):
            text = mutation("createPost", tenantId=text, title="T", content="x")
            self.refuses("FORBIDDEN", self.demo["admin"], text, executed=False)

    def test_injections_are_texts(self):
        for text in INJECTIONS:
            for field, name in self.names:
                self.takes(field, name, text)
            for field, name in (("createUser", "role"), ("createPost", "identifier"), ("createTenant", "identifier")):
                if text != "null" or name == "role":
                    self.blames(field, name, text)
            email = f"{text}@example.com"
            if "@" not in text and " " not in text:
                self.takes("createUser", "email", email)
            else:
                self.blames("createUser", "email", email)
            self.refuses("NOT_FOUND", self.demo["admin"], mutation("deleteComment", id=text))

    def test_text_is_kept_byte_by_byte(self):
        for text in (
            "e\u0301 é",
            "\u202e abc \u2066",
            "\ufffd\ufffe\uffff",
            "a\u200bb",
            f"{WIDE}\u200d{WIDE}",
            '"\\/\\u0000',
        ):
            for field in ("createPost", "createComment"):
                self.takes(field, "content", f" {text} ")


class OtherTenants(InputTest):
    """A row of another tenant answers as one that does not exist, to the byte."""

    def test_the_same_bytes_but_for_the_id(self):
        numbers = {"post": (2, 3), "deleted post": (2, 18), "comment": (3, 38), "user": (1, 1)}
        fields = {
            "updatePost": "post",
            "deletePost": "post",
            "restorePost": "deleted post",
            "createComment": "post",
            "deleteComment": "comment",
            "updateUser": "user",
        }
        for field, kind in fields.items():
            for user in ("admin", "editor", "reader"):
                answers = set()
                for id in (identifier("another", *numbers[kind]), UNKNOWN_ID, "no uuid"):
                    arguments = {
                        **self.good.get(field, (None, {}))[1],
                        "postId" if field == "createComment" else "id": id,
                    }
                    text = mutation(field, **arguments)
                    written = self.text(self.demo[user], text)
                    self.assertNotIn('data":{', written)
                    self.assertIsNone(INTEGER_KEY.search(written))
                    answers.add(written.replace(id, "ID"))
                self.assertEqual(len(answers), 1, answers)

    def test_unique_texts_of_another_tenant_are_free(self):
        made = mutation("createPost", "{ identifier }", title="Only there", content="x", identifier="only-there")
        self.done(self.another["admin"], made)
        self.assertEqual(self.done(self.demo["admin"], made), {"createPost": {"identifier": "only-there"}})


class Dates(InputTest):
    """ifUpdatedAt is a date-time or BAD_USER_INPUT, and never an internal error."""

    def test_dates_that_are_none_and_dates_at_the_edges(self):
        text = """mutation ($if: DateTime) { updatePost(id: "%s", title: "T", ifUpdatedAt: $if) { id } }""" % post_id(
            "demo", 3
        )
        none = (
            "0000-01-01T00:00:00Z",
            "2026-02-20T23:59:60Z",
            "2026-02-30T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "now",
            "2026-02-20T09:00:00+16:00",
            "2026-02-20T09:00:00+24:00",
            "infinity",
            "-infinity",
            "",
            "2026-02-20",
            "epoch",
            "2026-02-20T24:00:00Z",
            "2026-02-20T09:00:00.1234567890Z",
            "-0001-01-01T00:00:00Z",
            "2026-02-20T09:00:00",
        )
        for date in none:
            self.assertEqual(codes(self.ask(self.demo["admin"], text, {"if": date})), ["BAD_USER_INPUT"], date)
            literal = mutation("updatePost", id=post_id("demo", 3), title="T", ifUpdatedAt=date)
            self.assertEqual(codes(self.ask(self.demo["admin"], literal)), ["GRAPHQL_VALIDATION_FAILED"], date)
        for date in (
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+15:59",
            "9999-12-31T23:59:59.999999999-15:59",
            "9999-12-31T23:59:59Z",
            "2024-02-29T00:00:00-15:59",
            "2026-02-20T09:00:00.000000900Z",
        ):
            self.refuses("CONFLICT", self.demo["admin"], text, {"if": date}, field="ifUpdatedAt")

    def test_no_sentence_names_what_stands_behind(self):
        """The sentences are those of the schema's own rules: each is checked, provoked by a test or not."""
        comments = self.session.column("""SELECT d.description FROM pg_description AS d
            WHERE d.classoid = 'pg_constraint'::regclass
              AND d.objoid IN (SELECT oid FROM pg_constraint WHERE connamespace = 'saas_blog'::regnamespace)""")
        self.assertGreater(len(comments), 15)
        for comment in comments:
            self.assertRegex(comment, r"^[a-zA-Z]+: [A-Z][^:]*\.$")
            self.assertIsNone(INTERNALS.search(comment), comment)
