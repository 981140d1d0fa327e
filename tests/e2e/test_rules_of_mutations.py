"""The rules that mutations keep: what is deleted is gone until it is restored, what is not given is left, who loses a
role loses its rights, and what is unique is unique in its tenant.
"""

import itertools
import unittest

from blog import UNKNOWN_ID, Blog, codes, identifier, post_id, psql, tenant_id, user_id
from writing import WritingTest, mutation

UPDATE = """mutation ($id: ID!, $title: String, $content: String, $published: Boolean, $if: DateTime) {
    updatePost(id: $id, title: $title, content: $content, published: $published, ifUpdatedAt: $if) {
        title content published updatedAt } }"""
# Everything that shows a post, or counts one, in its author's tenant.
VIEWS = """query ($post: ID!, $author: ID!, $comment: ID!, $before: String) {
    post(id: $post) { id } node(id: $post) { id } comment: node(id: $comment) { id }
    posts(first: 100) { totalCount nodes { id } edges { node { id } } }
    before: posts(last: 100, before: $before) { nodes { id } }
    user(id: $author) { posts(first: 100) { totalCount nodes { id } } }
    byAuthor: posts(authorId: $author) { totalCount }
    comments(postId: $post) { totalCount nodes { id } } deletedPosts(first: 100) { totalCount nodes { id } } }"""


class SoftDelete(WritingTest):
    """A deleted post is nowhere but in the trash, and comes back with its comments."""

    post, comment = post_id("demo", 3), identifier("demo", 3, 38)

    def seen(self, token):
        """In which fields the post or its comment are, and what they count."""
        variables = {"post": self.post, "author": user_id("demo", "editor"), "comment": self.comment}
        data = self.done(token, VIEWS, variables)
        places = {key: self.post in str(value) for key, value in data.items()}
        places["comment"], places["comments"] = data["comment"] is not None, len(data["comments"]["nodes"])
        counts = (data["posts"]["totalCount"], data["user"]["posts"]["totalCount"], data["byAuthor"]["totalCount"])
        return places, counts, data["comments"]["totalCount"], data["deletedPosts"]["totalCount"]

    def test_deleted_posts_vanish_and_restored_ones_are_back(self):
        admin = self.demo["admin"]
        live = dict.fromkeys(("post", "node", "posts", "before", "user", "comment"), True)
        live |= {"byAuthor": False, "comments": 3, "deletedPosts": False}
        gone = {key: 0 if key == "comments" else False for key in live}
        before = self.seen(admin)
        self.assertEqual(before, (live, (15, 5, 5), 3, 3))
        self.write(admin, "deletePost", id=self.post)
        self.assertEqual(self.seen(admin), ({**gone, "deletedPosts": True}, (14, 4, 4), 0, 4))
        self.refuses("NOT_FOUND", admin, mutation("deletePost", id=self.post))
        self.refuses("NOT_FOUND", admin, mutation("updatePost", id=self.post, title="x"))
        self.refuses("NOT_FOUND", admin, mutation("createComment", postId=self.post, content="x"))
        self.refuses("NOT_FOUND", admin, mutation("deleteComment", id=self.comment))
        self.write(admin, "restorePost", id=self.post)
        self.assertEqual(self.seen(admin), before)
        self.refuses("NOT_FOUND", admin, mutation("restorePost", id=self.post))

    def test_the_trash_is_the_authors_and_the_admins(self):
        self.write(self.demo["editor"], "deletePost", id=self.post)
        text = "{ deletedPosts(first: 100) { totalCount nodes { id } } }"
        for user, shown in (("editor", True), ("writer", False), ("admin", True)):
            self.assertEqual(self.post in str(self.done(self.demo[user], text)), shown, user)
        self.assertEqual(codes(self.ask(self.demo["reader"], text)), ["FORBIDDEN"])
        self.refuses("NOT_FOUND", self.demo["writer"], mutation("restorePost", id=self.post))
        self.write(self.demo["editor"], "restorePost", id=self.post)

    def test_the_root_row_is_shown_deleted_and_what_is_below_it_is_filtered(self):
        selection = "{ deletedAt author { posts(first: 100) { totalCount nodes { id } } } }"
        deleted = self.write(self.demo["editor"], "deletePost", selection, id=self.post)
        self.assertIsNotNone(deleted["deletedAt"])
        self.assertEqual(deleted["author"]["posts"]["totalCount"], 4)
        self.assertNotIn(self.post, str(deleted["author"]))
        selection = "{ id content post { commentCount comments { nodes { id } } } }"
        comment = identifier("demo", 3, 78)
        gone = self.write(self.demo["admin"], "deleteComment", selection, id=comment)
        self.assertEqual(
            (gone["id"], gone["post"]["commentCount"], len(gone["post"]["comments"]["nodes"])), (comment, 2, 2)
        )
        self.assertNotIn(comment, str(gone["post"]))
        self.refuses("NOT_FOUND", self.demo["admin"], mutation("deleteComment", id=comment))

    def test_a_deleted_comment_stays_deleted_when_its_post_comes_back(self):
        self.write(self.demo["admin"], "deleteComment", id=self.comment)
        for field in ("deletePost", "restorePost"):
            self.write(self.demo["admin"], field, id=self.post)
        places, _, count, _ = self.seen(self.demo["admin"])
        self.assertEqual((places["comment"], count), (False, 2))

    def test_delete_and_restore_move_updated_at(self):
        selection, moments = "{ updatedAt deletedAt }", []
        for field in ("deletePost", "restorePost"):
            moments.append(self.write(self.demo["admin"], field, selection, id=self.post))
        self.assertEqual(moments[0]["updatedAt"], moments[0]["deletedAt"])
        self.assertLess(moments[0]["updatedAt"], moments[1]["updatedAt"])

    def test_an_unpublished_post_takes_its_comments_from_subscribers(self):
        query = "query ($id: ID!) { post(id: $id) { id } comments(postId: $id) { totalCount } }"
        self.write(self.demo["editor"], "updatePost", id=self.post, published=False)
        seen = self.done(self.demo["reader"], query, {"id": self.post})
        self.assertEqual(seen, {"post": None, "comments": {"totalCount": 0}})
        self.refuses("NOT_FOUND", self.demo["reader"], mutation("createComment", postId=self.post, content="x"))
        self.write(self.demo["editor"], "updatePost", id=self.post, published=True)
        self.assertEqual(self.done(self.demo["reader"], query, {"id": self.post})["comments"]["totalCount"], 3)


class Updates(WritingTest):
    """updatePost changes what is given, and says no when the post has moved on."""

    post = post_id("demo", 3)

    def update(self, **given):
        return self.done(self.demo["editor"], UPDATE, {"id": self.post, **given})["updatePost"]

    def test_only_what_is_given_changes(self):
        now = {"title": "Post 3 of demo", "content": "Content 3 of demo", "published": True}
        values = {"title": "T", "content": "", "published": False}
        for given in itertools.product((False, True, None), repeat=3):
            arguments = {name: values[name] if how else None for name, how in zip(values, given) if how is not False}
            with self.subTest(arguments=arguments):
                self.session.rows("SAVEPOINT cell")
                wanted = now | {name: value for name, value in arguments.items() if value is not None}
                answer = self.update(**arguments)
                answer.pop("updatedAt")
                self.assertEqual(answer, wanted)
                log = [list(line["changes"]) for line in self.log()]
                changed = sorted(name for name in now if wanted[name] != now[name])
                self.assertEqual([sorted(names) for names in log], [changed] if changed else [])
                self.session.rows("ROLLBACK TO SAVEPOINT cell")

    def test_an_update_that_changes_nothing_writes_nothing(self):
        before = self.rows()
        same = {"title": "Post 3 of demo", "content": "Content 3 of demo", "published": True}
        for given in ({}, same, {"title": "  Post 3 of demo\t"}, {"title": None}):
            self.assertEqual(self.update(**given)["updatedAt"], "2026-02-20T09:00:00.000000Z")
        self.write(
            self.demo["admin"], "updateUser", id=user_id("demo", "reader"), name=" reader of demo ", role="subscriber"
        )
        self.write(self.demo["admin"], "updateUser", id=user_id("demo", "reader"))
        self.assertEqual(self.rows(), before)

    def test_updated_at_grows_even_if_the_clock_was_behind(self):
        moments = [self.update(title=f"T{n}")["updatedAt"] for n in range(5)]
        self.assertEqual(moments, sorted(set(moments)))
        future = "2199-12-31 23:59:59.999999+00"
        self.session.rows(f"UPDATE saas_blog.tb_post SET updated_at = '{future}' WHERE id = '{self.post}'")
        self.assertEqual(self.update(title="later")["updatedAt"], "2200-01-01T00:00:00.000000Z")
        deleted = self.write(self.demo["editor"], "deletePost", "{ updatedAt deletedAt }", id=self.post)
        self.assertEqual(deleted, dict.fromkeys(("updatedAt", "deletedAt"), "2200-01-01T00:00:00.000001Z"))
        restored = self.write(self.demo["editor"], "restorePost", "{ updatedAt }", id=self.post)
        self.assertEqual(restored, {"updatedAt": "2200-01-01T00:00:00.000002Z"})

    def test_if_updated_at_is_a_moment_and_not_a_text(self):
        self.session.rows(
            f"UPDATE saas_blog.tb_post SET updated_at = '2026-02-20 09:00:00.123456+00' WHERE id = '{self.post}'"
        )
        for zone in ("UTC", "America/New_York", "Asia/Kathmandu"):
            self.session.rows(f"SET LOCAL TimeZone = '{zone}'")
            self.session.rows("SET LOCAL DateStyle = 'SQL, DMY'")
            for same in (
                "2026-02-20T09:00:00.123456Z",
                "2026-02-20T09:00:00.123456000Z",
                "2026-02-20T10:00:00.123456+01:00",
                "2026-02-20T14:45:00.123456+05:45",
                "2026-02-19T17:01:00.123456-15:59",
                "2026-02-20T09:00:00.123456-00:00",
            ):
                with self.subTest(same=same, zone=zone):
                    self.session.rows("SAVEPOINT cell")
                    self.assertEqual(self.update(**{"if": same, "title": "New"})["title"], "New")
                    self.session.rows("ROLLBACK TO SAVEPOINT cell")
            for stale in (
                "2026-02-20T09:00:00.123455Z",
                "2026-02-20T09:00:00.123457Z",
                "2026-02-20T09:00:00Z",
                "2026-02-20T09:00:00.123456+01:00",
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999999-15:59",
                "0001-01-01T00:00:00+15:59",
            ):
                with self.subTest(stale=stale, zone=zone):
                    variables = {"id": self.post, "title": "New", "if": stale}
                    self.refuses("CONFLICT", self.demo["editor"], UPDATE, variables, field="ifUpdatedAt")
        # Nothing is to be written, but what the client thinks is wrong all the same.
        variables = {"id": self.post, "title": "Post 3 of demo", "if": "2026-02-20T09:00:00Z"}
        self.refuses("CONFLICT", self.demo["editor"], UPDATE, variables, field="ifUpdatedAt")

    def test_the_answer_is_what_the_next_update_needs(self):
        moment = self.update(title="1")["updatedAt"]
        following = self.update(title="2", **{"if": moment})["updatedAt"]
        self.refuses(
            "CONFLICT", self.demo["editor"], UPDATE, {"id": self.post, "title": "3", "if": moment}, field="ifUpdatedAt"
        )
        self.update(title="3", **{"if": following})

    def test_another_authors_post_is_forbidden_whatever_it_was_updated_at(self):
        variables = {"id": post_id("demo", 1), "title": "New", "if": "2026-01-01T00:00:00Z"}
        self.refuses("FORBIDDEN", self.demo["editor"], UPDATE, variables)


class Users(WritingTest):
    """Roles and e-mails."""

    def role(self, token, name, role, selection="{ role }"):
        return mutation("updateUser", selection, id=user_id("demo", name), role=role)

    def test_the_last_admin_stays_one(self):
        admin = self.demo["admin"]
        for role in ("editor", "subscriber"):
            self.refuses("CONFLICT", admin, self.role(admin, "admin", role), field="role")
        self.write(admin, "updateUser", "{ role }", id=user_id("demo", "admin"), role="admin", name="Renamed")
        self.done(admin, self.role(admin, "writer", "admin"))
        self.done(admin, self.role(admin, "admin", "editor"))
        self.assertEqual(codes(self.ask(admin, "{ me { id } }")), ["UNAUTHENTICATED"])
        writer = self.blog.token("demo", "writer", role="admin")
        self.refuses("CONFLICT", writer, self.role(writer, "writer", "editor"), field="role")
        # Admins of another tenant do not count.
        self.assertEqual(self.done(self.another["admin"], "{ me { role } }"), {"me": {"role": "admin"}})

    def test_two_admins_who_take_the_role_away_in_one_operation(self):
        change = '{}: updateUser(id: "{}", role: "{}") {{ id }}'
        steps = (("a", "writer", "admin"), ("b", "writer", "editor"), ("c", "admin", "editor"))
        text = " ".join(change.format(key, user_id("demo", name), role) for key, name, role in steps)
        text = f"mutation {{ {text} }}"
        error = self.refuses("CONFLICT", self.demo["admin"], text, field="role")
        self.assertEqual(error["path"], ["c"])

    def test_a_role_counts_at_once(self):
        """In a session that knows the token already: what it has kept is not asked."""
        reader, promoted = self.demo["reader"], self.blog.token("demo", "reader", role="editor")
        made = mutation("createPost", title="T", content="x")
        me = "{ me { role } }"
        self.assertEqual(self.done(reader, me), {"me": {"role": "subscriber"}})
        self.assertEqual(codes(self.ask(promoted, me)), ["UNAUTHENTICATED"])
        self.done(self.demo["admin"], self.role(None, "reader", "editor"))
        self.refuses("UNAUTHENTICATED", reader, made, executed=False)
        self.assertEqual(codes(self.ask(reader, me)), ["UNAUTHENTICATED"])
        self.assertEqual(self.done(promoted, me), {"me": {"role": "editor"}})
        self.done(promoted, made)
        self.done(self.demo["admin"], self.role(None, "reader", "subscriber"))
        self.refuses("UNAUTHENTICATED", promoted, made, executed=False)
        self.assertEqual(self.done(reader, me), {"me": {"role": "subscriber"}})

    def test_an_email_is_unique_in_its_tenant_in_whatever_case(self):
        for taken in ("admin@example.com", "ADMIN@Example.COM", " admin@example.com\n"):
            text = mutation("createUser", email=taken, name="Again", identifier="again")
            error = self.refuses("CONFLICT", self.demo["admin"], text, field="email")
            self.assertEqual(error["message"], "A user with this email already exists in this tenant.")
            text = mutation("createUser", tenantId="demo", email=taken, name="Again")
            self.refuses("CONFLICT", self.blog.operator(), text, field="email")
        made = self.write(self.demo["admin"], "createUser", "{ email }", email="reader@another.example", name="Same")
        self.assertEqual(made, {"email": "reader@another.example"})

    def test_an_identifier_is_unique_in_its_tenant(self):
        given = {"createPost": {"title": "T", "content": "x"}, "createUser": {"email": "a@b", "name": "A"}}
        for field, arguments in given.items():
            text = mutation(field, **arguments, identifier="taken")
            self.done(self.demo["admin"], text)
            self.refuses("CONFLICT", self.demo["admin"], text.replace("a@b", "c@d"), field="identifier")
            self.done(self.another["admin"], text)
        text = mutation("createTenant", name="Demo", identifier="demo")
        self.refuses("CONFLICT", self.blog.operator(), text, field="identifier")

    def test_who_may_see_the_email_of_a_new_user(self):
        text = mutation("createUser", "{ email }", email="a@b", name="A")
        self.assertEqual(self.done(self.demo["admin"], text), {"createUser": {"email": "a@b"}})
        scoped = self.blog.token("demo", "admin", scopes=["write:users"])
        text = text.replace("a@b", "c@d")
        self.assertEqual(self.done(scoped, text), {"createUser": {"email": None}})
        text = mutation("createUser", "{ email }", tenantId=tenant_id("demo"), email="e@f", name="E")
        self.assertEqual(self.done(self.blog.operator(), text), {"createUser": {"email": "e@f"}})

    def test_another_tenants_user_is_unknown(self):
        for id in (user_id("another", "reader"), UNKNOWN_ID, "7"):
            self.refuses("NOT_FOUND", self.demo["admin"], mutation("updateUser", id=id, role="editor"))


class Turkish(unittest.TestCase):
    """A database whose locale has another lower case for I than the rest of the world."""

    OPTIONS = "LOCALE_PROVIDER icu ICU_LOCALE 'tr' TEMPLATE template0"

    def setUp(self):
        if psql("postgres", "-c", "SELECT count(*) FROM pg_collation WHERE collname = 'tr-x-icu'") == "0":
            self.skipTest("this PostgreSQL has no ICU")
        self.blog = Blog(options=self.OPTIONS)
        self.addCleanup(self.blog.close)

    def test_an_email_is_unique_in_whatever_case(self):
        session, token = self.blog.session(), self.blog.token("demo", "admin")
        self.assertNotEqual(self.blog.admin.value("SELECT lower('I')"), "i")
        for email, code in (
            ("ADMIN@EXAMPLE.COM", "CONFLICT"),
            ("Admin@Example.Com", "CONFLICT"),
            ("ÉCOLE@x", None),
            ("école@x", "CONFLICT"),
        ):
            answer = session.ask(token, mutation("createUser", email=email, name="Again"))
            self.assertEqual(codes(answer), [code] if code else [], email)
