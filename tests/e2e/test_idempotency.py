"""A mutation with an idempotency key is carried out once, however often its only caller sends it."""

import json
import uuid

from blog import Sql, codes, parsed, post_id, user_id
from writing import WritingTest, mutation, request

MADE = mutation("createPost", "{ id title identifier createdAt }", title="Once", content="x")
NAMED = """mutation A($title: String!) { createPost(title: $title, content: "x") { id title } }
    mutation B($title: String!) { createPost(title: $title, content: "x") { id title } }"""
KEYS = """SELECT (SELECT count(*) FROM saas_blog.tb_idempotency_key),
    (SELECT count(*) FROM saas_blog.tb_operator_idempotency_key)"""
AGE = "UPDATE saas_blog.{} SET created_at = now() - interval '{}'"


class IdempotencyTest(WritingTest):
    """Requests under keys, in one transaction of the session."""

    def once(self, key, token, text=MADE, *arguments, **named):
        """The answer, as it is written, to a request under a key."""
        return self.text(token, text, *arguments, extensions={"idempotencyKey": key}, **named)

    def made(self, *arguments, **named):
        """The answer to a request that is carried out: it makes exactly one entry in the log."""
        before = len(self.log())
        text = self.once(*arguments, **named)
        self.assertEqual(list(parsed(text)), ["data"], text)
        self.assertEqual(len(self.log()), before + 1)
        return text

    def repeated(self, *arguments, **named):
        """The answer to a request that writes nothing."""
        before = self.rows()
        text = self.once(*arguments, **named)
        self.assertEqual(self.rows(), before)
        return text

    def stored(self):
        """How many keys of users and of operators are stored."""
        return [int(count) for count in self.session.rows(KEYS)[0]]

    def conflicts(self, *arguments, **named):
        answer = parsed(self.repeated(*arguments, **named))
        error = self.check_error(answer, "CONFLICT")[0]
        self.assertEqual(error["message"], "This idempotency key was used for another request.")
        self.assertNotIn("field", error["extensions"])


class Repeats(IdempotencyTest):
    """The same request under the same key."""

    def test_a_repeat_has_the_same_bytes_and_writes_nothing(self):
        editor = self.demo["editor"]
        first = self.made("k", editor)
        for _ in range(3):
            self.assertEqual(self.repeated("k", editor), first)
        self.assertEqual(self.stored(), [1, 0])
        # Another token of the same user, and the row as it is not any more.
        other = self.blog.token("demo", "editor", jti="another")
        self.write(editor, "deletePost", id=parsed(first)["data"]["createPost"]["id"])
        self.assertEqual(self.repeated("k", other), first)

    def test_resolve_and_execute_give_the_same(self):
        for entry, other in (("execute", "resolve"), ("resolve", "execute")):
            first = self.made(entry, self.demo["editor"], entry=entry)
            self.assertEqual(self.repeated(entry, self.demo["editor"], entry=entry), first)
            self.assertEqual(parsed(self.repeated(entry, self.demo["editor"], entry=other)), parsed(first))
        self.assertEqual(list(parsed(self.repeated("execute", self.demo["editor"]))["data"]["createPost"])[1], "title")

    def test_several_fields_and_long_answers(self):
        text = """mutation ($c: String!) { a: createPost(title: "A", content: $c) { id content }
            b: createComment(postId: "%s", content: "\\u00e9\\ud83d\\ude00\\"\\\\") { id content } __typename }"""
        text, variables = text % post_id("demo", 3), {"c": '\U0001f600"\\\n' * 25_000}
        before = len(self.log())
        first = self.once("k", self.demo["editor"], text, variables)
        self.assertEqual(parsed(first)["data"]["a"]["content"], variables["c"])
        self.assertEqual(len(self.log()), before + 2)
        self.assertEqual(self.repeated("k", self.demo["editor"], text, variables), first)

    def test_no_variables_are_as_good_as_none(self):
        first = self.made("k", self.demo["editor"])
        for variables in ({}, None, Sql("'null'::jsonb")):
            self.assertEqual(self.repeated("k", self.demo["editor"], MADE, variables), first)

    def test_every_isolation_level(self):
        for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
            self.session.rows("ROLLBACK")
            self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
            first = self.made("k", self.demo["editor"])
            self.assertEqual(self.repeated("k", self.demo["editor"]), first)
            self.conflicts("k", self.demo["editor"], MADE + " ")

    def test_between_transactions_of_every_isolation_level(self):
        """Committed by one transaction, and found by a later one."""
        sent, texts = request(self.demo["writer"], MADE, extensions={"idempotencyKey": "levels"}), set()
        self.addCleanup(self.admin.rows, "DELETE FROM saas_blog.tb_idempotency_key")
        count = "SELECT count(*) FROM saas_blog.tb_audit_log"
        before = int(self.admin.value(count))
        for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
            with self.blog.session() as session:
                session.rows(f"BEGIN ISOLATION LEVEL {level}")
                texts.add(session.value(sent))
                session.rows("COMMIT")
        self.assertEqual((len(texts), int(self.admin.value(count))), (1, before + 1))

    def test_a_key_that_is_rolled_back_was_never_used(self):
        self.session.rows("SAVEPOINT cell")
        first = self.made("k", self.demo["editor"])
        self.session.rows("ROLLBACK TO SAVEPOINT cell")
        self.assertNotEqual(self.made("k", self.demo["editor"]), first)

    def test_after_24_hours_a_request_is_carried_out_again(self):
        operator = self.blog.operator()
        user = mutation("createUser", tenantId="demo", email="a@b", name="A")
        first, firsts = self.made("k", self.demo["editor"]), self.made("k", operator, user)
        for table in ("tb_idempotency_key", "tb_operator_idempotency_key"):
            self.session.rows(AGE.format(table, "23:59:59"))
        self.assertEqual(self.repeated("k", self.demo["editor"]), first)
        self.assertEqual(self.repeated("k", operator, user), firsts)
        for table in ("tb_idempotency_key", "tb_operator_idempotency_key"):
            self.session.rows(AGE.format(table, "24:00:00"))
        # Another request takes the key over as well.
        second = self.made("k", self.demo["editor"], MADE.replace("Once", "Later"))
        self.assertNotEqual(second, first)
        self.assertEqual(self.repeated("k", self.demo["editor"], MADE.replace("Once", "Later")), second)
        self.conflicts("k", self.demo["editor"])
        seconds = self.made("k", operator, user.replace("a@b", "c@d"))
        self.assertEqual(self.repeated("k", operator, user.replace("a@b", "c@d")), seconds)
        self.conflicts("k", operator, user)
        self.assertEqual(self.stored(), [1, 1])


class Others(IdempotencyTest):
    """Another request, and another caller."""

    def test_another_body_is_a_conflict(self):
        editor, variables = self.demo["editor"], {"title": "T", "n": None}
        first = self.made("k", editor, NAMED, variables, "A")
        self.conflicts("k", editor, NAMED + " ", variables, "A")
        self.conflicts("k", editor, NAMED, {"title": "U"}, "A")
        self.conflicts("k", editor, NAMED, {"title": "T"}, "A")
        self.conflicts("k", editor, NAMED, variables, "B")
        self.conflicts("k", editor, mutation("deletePost", id=post_id("demo", 3)))
        self.assertEqual(self.repeated("k", editor, NAMED, {"n": None, "title": "T"}, "A"), first)

    def test_a_name_that_says_nothing_new_is_another_body(self):
        text = MADE.replace("mutation {", "mutation A {")
        first = self.made("k", self.demo["editor"], text)
        self.conflicts("k", self.demo["editor"], text, None, "A")
        self.assertEqual(self.repeated("k", self.demo["editor"], text), first)

    def test_a_key_is_its_users_and_its_tenants(self):
        callers = [self.demo["editor"], self.demo["writer"], self.demo["admin"], self.another["editor"]]
        answers = {self.made("k", token) for token in callers}
        self.assertEqual((len(answers), self.stored()), (4, [4, 0]))
        self.assertEqual({self.repeated("k", token) for token in callers}, answers)

    def test_a_key_is_its_operators(self):
        """By the key that signs the token, and the user that it names."""
        self.session.rows(
            "SELECT saas_blog.add_jwt_key('second', 'HS256', 'the second secret of all operators', operator => true)"
        )
        claims = Sql("""(SELECT jsonb_build_object('role', 'operator', 'iat', extract(epoch FROM now())::bigint,
            'exp', extract(epoch FROM now())::bigint + 3600))""")
        second = self.session.value(f"SELECT saas_blog.sign_jwt({claims}, 'second')")
        named = [self.blog.operator(sub=str(uuid.UUID(int=n, version=4))) for n in (1, 2)]
        operators, answers = [self.blog.operator(), second, *named], []
        for number, token in enumerate(operators):
            text = mutation("createUser", tenantId="demo", email=f"{number}@x", name="A")
            answers.append((token, text, self.made("k", token, text)))
        self.assertEqual(self.stored(), [0, 4])
        for token, text, answer in answers:
            self.assertEqual(self.repeated("k", token, text), answer)
            self.conflicts("k", token, text + " ")

    def test_an_operators_repeat_after_it_has_entered_a_tenant(self):
        """createTenant and createUser leave the operator in a tenant: the key is the operator's all the same."""
        text = """mutation { createTenant(name: "T", identifier: "t") { id }
            createUser(tenantId: "another", email: "a@b", name: "A") { id email } }"""
        before = len(self.log())
        first = self.once("k", self.blog.operator(), text)
        self.assertEqual(len(self.log()), before + 2)
        self.assertEqual(self.repeated("k", self.blog.operator(jti="2"), text), first)
        self.assertEqual(self.stored(), [0, 1])

    def test_who_may_not_any_more_gets_no_answer(self):
        self.made("k", self.demo["editor"])
        for scopes in ([], ["read:posts"], ["write:comments"]):
            token = self.blog.token("demo", "editor", scopes=scopes)
            self.check_error(parsed(self.repeated("k", token)), "FORBIDDEN")
        demoted = self.blog.token("demo", "editor", role="subscriber")
        change = "UPDATE saas_blog.tb_user SET role = '{}' WHERE id = '{}'"
        self.session.rows(change.format("subscriber", user_id("demo", "editor")))
        self.check_error(parsed(self.repeated("k", self.demo["editor"])), "UNAUTHENTICATED")
        self.check_error(parsed(self.repeated("k", demoted)), "FORBIDDEN")
        self.check_error(parsed(self.repeated("k", None)), "UNAUTHENTICATED")
        self.session.rows(change.format("editor", user_id("demo", "editor")))
        self.session.rows("SELECT saas_blog.revoke_jwt_key('e2e')")
        self.check_error(parsed(self.repeated("k", self.demo["editor"])), "UNAUTHENTICATED")

    def test_a_token_that_sees_less_is_not_shown_the_answer_of_one_that_sees_more(self):
        """Without read:users the e-mail of the post's author would be null."""
        text = """mutation { createComment(postId: "%s", content: "x") { post { author { email } } } }"""
        text, scopes = text % post_id("demo", 1), ["write:comments", "read:posts"]
        more = self.blog.token("demo", "editor", scopes=[*scopes, "read:users"])
        less = self.blog.token("demo", "editor", scopes=scopes)
        first = self.made("k", more, text)
        self.assertIn("writer@demo.example", first)
        self.conflicts("k", less, text)
        self.assertNotIn("writer@demo.example", self.made("l", less, text))
        again = self.blog.token("demo", "editor", scopes=["read:users", "unknown", *scopes], jti="2")
        self.assertEqual(self.repeated("k", again, text), first)
        # A draft that a subscriber does not see, in the answer that it had as an editor.
        change = "UPDATE saas_blog.tb_user SET role = 'subscriber' WHERE id = '{}'"
        self.session.rows(change.format(user_id("demo", "editor")))
        demoted = self.blog.token("demo", "editor", role="subscriber", scopes=[*scopes, "read:users"])
        self.conflicts("k", demoted, text)

    def test_nobody_reads_the_keys(self):
        """They are no field, and as the role of compiled SQL each caller sees its own."""
        self.made("k", self.demo["editor"])
        self.made("l", self.demo["admin"])
        key = {user: self.blog.key("user", user_id("demo", user)) for user in ("editor", "admin")}
        tenants = dict(self.session.rows("SELECT identifier, pk_tenant FROM saas_blog.tb_tenant"))
        self.session.rows("SET LOCAL app.role = 'admin'")
        for tenant, user, seen in (("demo", "editor", ["k"]), ("demo", "admin", ["l"]), ("another", "editor", [])):
            self.session.rows(f"SET LOCAL app.tenant_pk = '{tenants[tenant]}'")
            self.session.rows(f"SET LOCAL app.user_pk = '{key[user]}'")
            self.session.rows("SET LOCAL ROLE saas_blog_exec")
            self.assertEqual(self.session.column("SELECT key FROM saas_blog.tb_idempotency_key"), seen)
            self.assertEqual(self.session.column("SELECT key FROM saas_blog.tb_operator_idempotency_key"), [])
            self.session.rows("RESET ROLE")


class NotStored(IdempotencyTest):
    """What leaves no key behind."""

    def test_a_failing_request_can_be_repeated(self):
        text = mutation("createPost", title="T", content="x", identifier="taken")
        self.done(self.demo["admin"], text)
        for _ in range(2):
            answer = parsed(self.repeated("k", self.demo["editor"], text))
            self.assertEqual(codes(answer), ["CONFLICT"])
            self.assertEqual(answer["errors"][0]["extensions"]["field"], "identifier")
        for wrong in (
            MADE.replace("Once", ""),
            MADE.replace("title", "titel", 1),
            "mutation {",
            MADE.replace("Once", "\\u0000"),
        ):
            self.assertEqual(list(parsed(self.repeated("k", self.demo["editor"], wrong)))[0], "errors")
        self.assertEqual(self.stored(), [0, 0])
        self.session.rows("UPDATE saas_blog.tb_post SET identifier = 'free' WHERE identifier = 'taken'")
        first = self.made("k", self.demo["editor"], text)
        self.assertEqual(self.repeated("k", self.demo["editor"], text), first)

    def test_a_dry_run_ignores_the_key(self):
        dry = MADE.replace("mutation", "mutation @dryRun")
        answers = {self.repeated("k", self.demo["editor"], dry) for _ in range(2)}
        self.assertEqual((len(answers), self.stored()), (2, [0, 0]))
        first = self.made("k", self.demo["editor"])
        self.assertEqual(list(parsed(self.repeated("k", self.demo["editor"], dry))), ["data"])
        self.assertEqual(self.repeated("k", self.demo["editor"]), first)

    def test_a_query_ignores_the_key(self):
        text = "{ posts(first: 1) { totalCount } me { name } }"
        first = self.repeated("k", self.demo["editor"], text)
        self.made("k", self.demo["editor"])
        second = self.repeated("k", self.demo["editor"], text)
        self.assertNotEqual(parsed(first)["data"]["posts"], parsed(second)["data"]["posts"])
        self.assertEqual(self.stored(), [1, 0])

    def test_without_a_key_each_request_is_carried_out(self):
        before = len(self.log())
        for extensions in (None, {}, {"idempotencyKey": None}, {"other": "k"}, Sql("'null'::jsonb")):
            self.done(self.demo["editor"], MADE, extensions=extensions)
        self.assertEqual((len(self.log()), self.stored()), (before + 5, [0, 0]))

    def test_nobody_has_no_keys(self):
        """A request that asks for nothing but __typename needs no token."""
        for _ in range(2):
            answer = parsed(self.repeated("k", None, "mutation { __typename }"))
            self.assertEqual(answer, {"data": {"__typename": "Mutation"}})

    def test_a_read_only_transaction_repeats_nothing(self):
        self.made("k", self.demo["editor"])
        self.session.rows("SET TRANSACTION READ ONLY")
        self.check_error(parsed(self.repeated("k", self.demo["editor"])), "MUTATION_READ_ONLY")


class Forms(IdempotencyTest):
    """What a key looks like."""

    def test_keys(self):
        keys = ("a", "x" * 128, "!~", "'; DROP TABLE x; --".replace(" ", "_"), "%s$1\\", str(uuid.uuid4()), '{"a":1}')
        answers = {self.made(key, self.demo["editor"]) for key in keys}
        self.assertEqual((len(answers), self.stored()), (len(keys), [len(keys), 0]))
        self.assertEqual({self.repeated(key, self.demo["editor"]) for key in keys}, answers)

    def test_no_keys(self):
        for key in (
            "",
            "x" * 129,
            "a b",
            " a",
            "a\n",
            "\t",
            "\x7f",
            "é",
            "\U0001f600",
            7,
            1.5,
            True,
            [],
            ["a"],
            {"a": "b"},
        ):
            for entry in ("execute", "resolve"):
                with self.subTest(key=key, entry=entry):
                    answer = parsed(self.repeated(key, self.demo["editor"], entry=entry))
                    self.check_error(answer, "BAD_USER_INPUT")

    def test_extensions_are_an_object(self):
        for extensions in ("k", 7, ["idempotencyKey"], [], True):
            text = Sql(f"'{json.dumps(extensions)}'::jsonb")
            answer = self.ask(self.demo["editor"], MADE, extensions=text)
            self.check_error(answer, "BAD_USER_INPUT")
        self.assertEqual(self.stored(), [0, 0])

    def test_keys_are_told_apart_by_case(self):
        self.assertNotEqual(self.made("Key", self.demo["editor"]), self.made("key", self.demo["editor"]))
