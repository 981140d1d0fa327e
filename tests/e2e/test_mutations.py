"""What mutations do, one caller at a time: their answers, their order, and what is left when one of them fails."""

import time

from blog import UNKNOWN_ID, codes, parsed, post_id, tenant_id, user_id
from writing import WritingTest, mutation, request

DATE = r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
TWO_POSTS = """mutation { first: createPost(title: "First", content: "x") { id }
    second: createPost(title: %s, content: "x") { id } }"""


class Guide(WritingTest):
    """The guide's own requests, as it writes them."""

    def test_from_a_tenant_to_a_restored_post(self):
        operator = self.blog.operator()
        made = self.done(
            operator, 'mutation { createTenant(name: "Guide", identifier: "guide") { id identifier name } }'
        )
        tenant = made["createTenant"]
        self.assertEqual((tenant["identifier"], tenant["name"]), ("guide", "Guide"))
        text = """mutation { createUser(tenantId: "guide", email: "Ann@Guide.example", name: "Ann", role: "editor") {
            id email name role identifier } }"""
        user = self.done(operator, text)["createUser"]
        self.assertEqual(
            {**user, "id": ""},
            {"id": "", "email": "Ann@Guide.example", "name": "Ann", "role": "editor", "identifier": "ann"},
        )
        now = int(time.time())
        claims = {"user_id": user["id"], "tenant_id": tenant["id"], "role": "editor", "iat": now, "exp": now + 600}
        token = self.blog.sign(claims)
        text = """mutation { createPost(tenantId: "guide", title: "Hello, World!", content: "First", published: true) {
            id identifier title published author { name } } }"""
        post = self.done(token, text)["createPost"]
        expected = {"identifier": "hello-world", "title": "Hello, World!", "published": True, "author": {"name": "Ann"}}
        self.assertEqual({**expected, "id": post["id"]}, post)
        text = 'mutation { createPost(title: "Second", content: "x") { id title author { name } published } }'
        second = self.done(token, text)["createPost"]
        self.assertEqual((second["title"], second["author"], second["published"]), ("Second", {"name": "Ann"}, False))
        text = 'mutation { createComment(postId: %s, content: "Nice") { id content postId userId author { name } } }'
        comment = self.done(token, text % f'"{post["id"]}"')["createComment"]
        self.assertEqual((comment["postId"], comment["userId"], comment["content"]), (post["id"], user["id"], "Nice"))
        deleted = self.done(token, f'mutation {{ deletePost(id: "{post["id"]}") {{ id deletedAt }} }}')["deletePost"]
        self.assertEqual(deleted["id"], post["id"])
        self.assertRegex(deleted["deletedAt"], DATE)
        restored = self.done(token, f'mutation {{ restorePost(id: "{post["id"]}") {{ id deletedAt }} }}')["restorePost"]
        self.assertEqual(restored, {"id": post["id"], "deletedAt": None})
        seen = self.done(token, "{ posts { nodes { id comments { nodes { content } } } totalCount } }")["posts"]
        self.assertEqual([node["id"] for node in seen["nodes"]], sorted([post["id"], second["id"]], reverse=True))
        self.assertEqual(seen["totalCount"], 2)


class Answers(WritingTest):
    """The selection on a result is answered like a query."""

    def test_the_selection_sees_the_new_row_and_all_around_it(self):
        post = post_id("demo", 3)
        selection = """{ id content createdAt author { id email posts(first: 1) { totalCount nodes { title } } }
            post { id commentCount comments(last: 1) {
                totalCount nodes { id content } pageInfo { hasPreviousPage } } } }"""
        made = self.write(self.demo["editor"], "createComment", selection, postId=post, content="The fourth")
        self.assertRegex(made["createdAt"], DATE)
        self.assertEqual(made["author"]["id"], user_id("demo", "editor"))
        self.assertEqual(made["author"]["email"], "editor@demo.example")
        self.assertEqual(made["author"]["posts"]["totalCount"], 5)
        comments = made["post"].pop("comments")
        self.assertEqual(made["post"], {"id": post, "commentCount": 4})
        self.assertEqual(comments["nodes"], [{"id": made["id"], "content": "The fourth"}])
        self.assertEqual((comments["totalCount"], comments["pageInfo"]), (4, {"hasPreviousPage": True}))

    def test_a_new_post_is_among_its_authors_posts_and_its_pages_go_on(self):
        selection = """{ id author { posts(first: 1) { nodes { id } pageInfo { endCursor hasNextPage } } } }"""
        made = self.write(self.demo["editor"], "createPost", selection, title="New", content="x")
        page = made["author"]["posts"]
        self.assertEqual(page["nodes"], [{"id": made["id"]}])
        self.assertTrue(page["pageInfo"]["hasNextPage"])
        query = """query ($id: ID!, $after: String) { user(id: $id) { posts(first: 1, after: $after) {
            nodes { title } pageInfo { hasPreviousPage } } } }"""
        after = {"id": user_id("demo", "editor"), "after": page["pageInfo"]["endCursor"]}
        found = self.done(self.demo["admin"], query, after)["user"]["posts"]
        self.assertTrue(found["pageInfo"]["hasPreviousPage"])
        self.assertIn(" of demo", found["nodes"][0]["title"])

    def test_execute_keeps_the_order_of_the_request_and_resolve_gives_the_same(self):
        text = "mutation { %s }" % " ".join(
            f'{key}: updatePost(id: "{post_id("demo", 3)}", title: "Same") {{ title id }}' for key in ("zz", "b", "aaa")
        )
        self.done(self.demo["admin"], text)
        written = self.text(self.demo["admin"], text)
        self.assertEqual(list(parsed(written)["data"]), ["zz", "b", "aaa"])
        self.assertEqual(list(parsed(written)["data"]["zz"]), ["title", "id"])
        self.assertEqual(parsed(written), self.ask(self.demo["admin"], text, entry="resolve"))

    def test_typename_fragments_and_switches(self):
        text = """mutation M($no: Boolean!, $title: String!) { __typename
            made: createPost(title: $title, content: "x") { ...P }
            left: createPost(title: "y", content: "y") @skip(if: $no) { id } }
            fragment P on Post { __typename title ... on Node { id } ... @include(if: $no) { content } }"""
        before = len(self.log())
        made = self.done(self.demo["editor"], text, {"no": True, "title": "T"})
        self.assertEqual(list(made), ["__typename", "made"])
        self.assertEqual(made["__typename"], "Mutation")
        self.assertEqual(list(made["made"]), ["__typename", "title", "id", "content"])
        self.assertEqual(len(self.log()), before + 1)

    def test_one_response_key_is_one_call(self):
        text = """mutation { createPost(title: "Once", content: "x") { id }
            createPost(title: "Once", content: "x") { title } }"""
        before = len(self.log())
        self.assertEqual(list(self.done(self.demo["editor"], text)["createPost"]), ["id", "title"])
        self.assertEqual(len(self.log()), before + 1)

    def test_kept_plans_know_which_arguments_are_given(self):
        """One text with its variables absent, null and given, in every order, on one session."""
        text = """mutation ($id: ID!, $title: String, $content: String, $published: Boolean) {
            updatePost(id: $id, title: $title, content: $content, published: $published) {
                title content published } }"""
        now = {"title": "Post 3 of demo", "content": "Content 3 of demo", "published": True}
        for given in (
            {},
            {"title": "A"},
            {"title": None, "content": "B"},
            {"published": False},
            {"title": "C", "content": None, "published": None},
            {"content": "D", "published": True},
            {"title": "E", "content": "F", "published": False},
            {},
        ):
            now |= {name: value for name, value in given.items() if value is not None}
            answer = self.done(self.demo["admin"], text, {"id": post_id("demo", 3), **given})
            self.assertEqual(answer["updatePost"], now, given)


class Order(WritingTest):
    """Several root fields: in their order, and all or nothing."""

    def test_each_field_sees_what_the_ones_before_have_written(self):
        post = post_id("demo", 3)
        text = """mutation ($id: ID!) { a: createComment(postId: $id, content: "1") { post { commentCount } }
            b: createComment(postId: $id, content: "2") { post { commentCount } } c: deletePost(id: $id) { deletedAt }
            d: restorePost(id: $id) { deletedAt commentCount } e: updatePost(id: $id, title: "Renamed") { title }
            f: createPost(title: "Renamed", content: "x") { identifier author { posts { totalCount } } } }"""
        done = self.done(self.demo["admin"], text, {"id": post})
        self.assertEqual((done["a"], done["b"]), ({"post": {"commentCount": 4}}, {"post": {"commentCount": 5}}))
        self.assertRegex(done["c"]["deletedAt"], DATE)
        self.assertEqual((done["d"], done["e"]), ({"deletedAt": None, "commentCount": 5}, {"title": "Renamed"}))
        self.assertEqual(done["f"], {"identifier": "renamed", "author": {"posts": {"totalCount": 6}}})
        actions = [line["action"] for line in self.log()]
        self.assertEqual(actions, ["create", "create", "delete", "restore", "update", "create"])

    def test_the_same_mutation_twice(self):
        text = """mutation { a: createPost(title: "Twin", content: "x") { id identifier }
            b: createPost(title: "Twin", content: "x") { id identifier } }"""
        done = self.done(self.demo["editor"], text)
        self.assertEqual((done["a"]["identifier"], done["b"]["identifier"]), ("twin", "twin-2"))
        self.assertNotEqual(done["a"]["id"], done["b"]["id"])

    def test_comments_of_one_operation_stay_in_order(self):
        post, words = post_id("demo", 9), [str(number) for number in range(15)]
        made = " ".join(f'm{word}: createComment(postId: "{post}", content: "{word}") {{ id }}' for word in words)
        self.done(self.demo["reader"], f"mutation {{ {made} }}")
        found = self.done(self.demo["reader"], f'{{ comments(postId: "{post}", last: 15) {{ nodes {{ content }} }} }}')
        self.assertEqual([node["content"] for node in found["comments"]["nodes"]], words)

    def test_a_failure_takes_back_what_was_before_it_and_stops(self):
        text = """mutation {
            a: createPost(title: "A", content: "x") { id }
            b: deletePost(id: "%s") { id }
            c: createPost(title: "", content: "x") { id }
        }""" % post_id("demo", 1)
        before = self.rows()
        answer = self.ask(self.demo["editor"], text)
        self.assertEqual(self.rows(), before)
        self.assertEqual(list(answer), ["errors", "data"])
        error = self.check_error(answer, "FORBIDDEN", executed=True)[0]
        self.assertEqual((error["path"], error["locations"]), (["b"], [{"line": 3, "column": 13}]))

    def test_a_forbidden_field_stops_all_before_anything_runs(self):
        text = 'mutation { a: createPost(title: "A", content: "x") { id } b: updateUser(id: "x", name: "y") { id } }'
        error = self.refuses("FORBIDDEN", self.demo["editor"], text, executed=False)
        self.assertEqual(error["path"], ["b"])

    def test_a_failing_operation_leaves_the_callers_transaction_as_it_was(self):
        self.session.rows("CREATE TEMP TABLE note (n int)")
        self.session.rows("INSERT INTO note VALUES (1)")
        kept = self.write(self.demo["editor"], "createPost", title="Kept", content="x")["id"]
        before = self.rows()
        answer = self.ask(self.demo["editor"], TWO_POSTS % '"\\u0001"')
        self.assertEqual(codes(answer), ["BAD_USER_INPUT"])
        self.assertEqual(answer["errors"][0]["path"], ["second"])
        self.assertEqual(self.rows(), before)
        self.session.rows("INSERT INTO note VALUES (2)")
        self.done(self.demo["editor"], TWO_POSTS % '"Second"')
        self.assertEqual(self.session.column("SELECT n FROM note ORDER BY n"), ["1", "2"])
        query = "query ($id: ID!) { post(id: $id) { title } }"
        self.assertEqual(self.done(self.demo["editor"], query, {"id": kept}), {"post": {"title": "Kept"}})

    def test_what_is_around_a_failing_operation_is_committed(self):
        """Really committed: another session sees it, and nothing of the operation that failed."""
        self.addCleanup(self.admin.rows, "DROP TABLE IF EXISTS public.note")
        with self.blog.session(None) as session:
            session.rows("CREATE TABLE public.note (n int)")
            posts = int(self.admin.value("SELECT count(*) FROM saas_blog.tb_post"))
            session.rows("BEGIN")
            session.rows("INSERT INTO public.note VALUES (1)")
            failed = parsed(session.value(request(self.demo["editor"], TWO_POSTS % '""')))
            session.rows("INSERT INTO public.note VALUES (2)")
            done = parsed(session.value(request(self.demo["editor"], mutation("deletePost", id=post_id("demo", 6)))))
            session.rows("COMMIT")
        self.assertEqual((codes(failed), codes(done)), (["BAD_USER_INPUT"], []))
        self.assertEqual(self.admin.column("SELECT n FROM public.note ORDER BY n"), ["1", "2"])
        self.assertEqual(int(self.admin.value("SELECT count(*) FROM saas_blog.tb_post")), posts)
        self.assertEqual(
            codes(self.ask(self.demo["editor"], mutation("deletePost", id=post_id("demo", 6)))), ["NOT_FOUND"]
        )
        self.assertEqual(
            codes(
                parsed(self.admin.value(request(self.demo["editor"], mutation("restorePost", id=post_id("demo", 6)))))
            ),
            [],
        )


class NothingWritten(WritingTest):
    """READ ONLY transactions and @dryRun."""

    def test_a_read_only_transaction_takes_no_mutation(self):
        made = mutation("createPost", title="T", content="x")
        self.session.rows("SET TRANSACTION READ ONLY")
        for text in (made, made.replace("mutation", "mutation @dryRun"), "mutation { __typename }"):
            for extensions in (None, {"idempotencyKey": "k"}):
                with self.subTest(text=text, extensions=extensions):
                    answer = self.ask(self.demo["editor"], text, extensions=extensions)
                    self.check_error(answer, "MUTATION_READ_ONLY")
        self.assertEqual(self.done(self.demo["editor"], "{ me { name } }"), {"me": {"name": "editor of demo"}})
        # What is wrong with the request comes first.
        self.check_error(self.ask(self.demo["reader"], made), "FORBIDDEN")

    def test_a_dry_run_answers_like_the_real_one_and_writes_nothing(self):
        text = """mutation M%s {
            a: createPost(title: "Dry", content: "x") { title identifier author { posts { totalCount } } }
            b: createComment(postId: "%s", content: "y") { content post { commentCount } }
            c: deletePost(id: "%s") { title author { posts { totalCount } } } }"""
        text = text % ("%s", post_id("demo", 9), post_id("demo", 12))
        before = self.rows()
        for key in (None, {"idempotencyKey": "dry"}):
            dry = self.done(self.demo["editor"], text % " @dryRun", extensions=key)
            self.assertEqual(self.rows(), before)
        self.assertEqual(dry["a"]["author"]["posts"]["totalCount"], 6)
        self.assertEqual(self.done(self.demo["editor"], text % ""), dry)
        self.assertNotEqual(self.rows(), before)

    def test_a_dry_run_fails_like_the_real_one(self):
        for arguments, code, field in (
            ({"title": ""}, "BAD_USER_INPUT", "title"),
            ({"id": UNKNOWN_ID}, "NOT_FOUND", None),
        ):
            text = mutation("updatePost", **{"id": post_id("demo", 3), **arguments})
            real = self.refuses(code, self.demo["editor"], text, field=field)
            dry = self.refuses(code, self.demo["editor"], text.replace("mutation ", "mutation  @dryRun "), field=field)
            self.assertEqual(dry["message"], real["message"])

    def test_a_dry_run_of_an_operator(self):
        text = """mutation @dryRun { createTenant(name: "D", identifier: "dry") { identifier }
            createUser(tenantId: "dry", email: "a@b", name: "A") { email } }"""
        before = self.rows()
        done = self.done(self.blog.operator(), text)
        self.assertEqual(done, {"createTenant": {"identifier": "dry"}, "createUser": {"email": "a@b"}})
        self.assertEqual(self.rows(), before)


class Operators(WritingTest):
    """Operators create, and read nothing of a tenant but what they have just made."""

    def test_users_of_two_tenants_in_one_operation(self):
        text = """mutation ($uuid: ID) {
            a: createUser(tenantId: "demo", email: "x@y.example", name: "A") { id email identifier }
            b: createUser(tenantId: $uuid, email: "X@y.example", name: "B", role: "admin") { id email identifier } }"""
        done = self.done(self.blog.operator(), text, {"uuid": tenant_id("another")})
        self.assertEqual((done["a"]["email"], done["b"]["email"]), ("x@y.example", "X@y.example"))
        self.assertEqual((done["a"]["identifier"], done["b"]["identifier"]), ("x", "x"))
        log = [(line["tenant"], line["user"], line["id"]) for line in self.log()]
        self.assertEqual(log, [("demo", None, done["a"]["id"]), ("another", None, done["b"]["id"])])

    def test_an_identifier_that_is_taken_by_a_user_it_cannot_see(self):
        made = self.write(
            self.blog.operator(), "createUser", "{ identifier }", tenantId="demo", email="reader@y", name="R"
        )
        self.assertEqual(made, {"identifier": "reader-2"})

    def test_nothing_of_the_tenant_is_readable_through_the_new_user(self):
        for selection, field in (("{ id posts { totalCount } }", "posts"), ("{ posts { nodes { id } } }", "posts")):
            text = mutation("createUser", selection, tenantId="demo", email="x@y", name="A")
            error = self.refuses("FORBIDDEN", self.blog.operator(), text, executed=False)
            self.assertEqual(error["path"], ["createUser", field])

    def test_the_policies_show_an_operator_in_a_tenant_what_it_has_just_made(self):
        """Beneath the API, where no field would show it more: as the role of compiled SQL, in the context of createUser."""
        made = self.write(self.blog.operator(), "createUser", tenantId="demo", email="x@y", name="A")["id"]
        key = self.session.value("SELECT pk_tenant FROM saas_blog.tb_tenant WHERE identifier = 'demo'")
        self.session.rows("SET LOCAL app.role = 'operator'")
        self.session.rows(f"SET LOCAL app.tenant_pk = '{key}'")
        self.session.rows("SET LOCAL ROLE saas_blog_exec")
        self.assertEqual(self.session.column("SELECT id FROM saas_blog.tb_user"), [made])
        for table in ("tb_post", "tb_comment", "tb_audit_log", "tb_idempotency_key"):
            self.assertEqual(self.session.value(f"SELECT count(*) FROM saas_blog.{table}"), "0", table)
