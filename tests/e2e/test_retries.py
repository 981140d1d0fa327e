"""What a caller has to try again: serialization failures and deadlocks raise, and nothing stays of the request."""

import threading
import unittest

from blog import BlogTest, SqlError, call, identifier, parsed, post_id, user_id
from workers import (
    COMMENT,
    CREATE,
    DELETE,
    RESTORE,
    ROLE,
    UPDATE,
    everything,
    new_post,
    outcome,
    together,
    until_it_waits,
)

LEVELS = ("REPEATABLE READ", "SERIALIZABLE")
USER = 'mutation ($email: String!) { createUser(email: $email, name: "New") { id identifier } }'
DELETE_COMMENT = "mutation ($id: ID!) { deleteComment(id: $id) { id } }"
READ = "{ posts(first: 100) { totalCount nodes { id title } } users { totalCount } }"


class Serialization(BlogTest):
    """Transactions that see what was when they began."""

    def begun(self, level):
        """The session is in a transaction that has read the blog."""
        self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
        self.assertIsNone(outcome(self.session.ask(self.demo["admin"], READ)))

    def ended(self):
        """The transaction is over, and the session has neither a context nor another role."""
        self.session.rows("ROLLBACK")
        state = self.session.rows(
            "SELECT current_user = session_user, current_setting('app.tenant_pk'), current_setting('app.role')"
        )
        self.assertEqual(state, [["t", "", ""]])

    def test_each_kind_of_change(self):
        """Of two transactions that want the same row the second one fails."""
        comment = identifier("demo", 3, 18)
        requests = (
            (UPDATE, {"id": post_id("demo", 5), "title": "Mine"}),
            (DELETE, {"id": post_id("demo", 6)}),
            (RESTORE, {"id": post_id("demo", 16)}),
            (ROLE, {"id": user_id("demo", "silent"), "role": "editor"}),
            (DELETE_COMMENT, {"id": comment}),
        )
        table = {ROLE: ("tb_user", "name"), DELETE_COMMENT: ("tb_comment", "content")}
        for level in LEVELS:
            for request, variables in requests:
                with self.subTest(level=level, request=request):
                    self.begun(level)
                    name, column = table.get(request, ("tb_post", "title"))
                    id = variables["id"]
                    self.admin.rows(f"UPDATE saas_blog.{name} SET {column} = {column} || '.' WHERE id = '{id}'")
                    before = everything(self.admin)
                    try:
                        self.refused(self.session, "SELECT " + call(self.demo["admin"], request, variables), "40001")
                    finally:
                        self.ended()
                    self.assertEqual(everything(self.admin), before)

    def overtaken(self, level, request, variables):
        """After somebody else's request of the same kind it raises 40001, and nothing stays of it."""
        self.begun(level)
        with self.blog.session() as session:
            self.assertIsNone(outcome(session.ask(self.demo["admin"], request, variables)))
        before = everything(self.admin)
        self.refused(self.session, "SELECT " + call(self.demo["admin"], request, variables), "40001")
        self.ended()
        self.assertEqual(everything(self.admin), before)

    def test_two_admins_who_demote_each_other(self):
        """Each sees two admins for as long as its transaction lasts: the second one must not believe it."""
        self.admin.rows("UPDATE saas_blog.tb_user SET role = 'admin' WHERE name = 'silent of another'")
        mine, theirs = self.another["admin"], self.blog.token("another", "silent", role="admin")
        for level in LEVELS:
            self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
            self.session.ask(mine, READ)
            with self.blog.session() as session:
                demoted = {"id": user_id("another", "admin"), "role": "editor"}
                self.assertIsNone(outcome(session.ask(theirs, ROLE, demoted)))
            # Who is asked as an admin is none any more; that is of this very moment, also in this transaction.
            self.assertEqual(outcome(self.session.ask(mine, READ)), "UNAUTHENTICATED")
            self.ended()
            self.admin.rows("UPDATE saas_blog.tb_user SET role = 'admin' WHERE name = 'admin of another'")
            self.session.rows(f"BEGIN ISOLATION LEVEL {level}")
            self.session.ask(mine, READ)
            self.admin.rows("UPDATE saas_blog.tb_user SET name = name || '.' WHERE name = 'admin of another'")
            victim = {"id": user_id("another", "silent"), "role": "editor"}
            self.refused(self.session, "SELECT " + call(mine, ROLE, victim), "40001")
            self.ended()
            self.admin.rows("UPDATE saas_blog.tb_user SET name = 'admin of another' WHERE name = 'admin of another.'")

    def test_an_identifier_that_is_made_of_the_same_text(self):
        """The other one is not to be seen, so it cannot be avoided; nobody is told of a conflict who named nothing."""
        for level in LEVELS:
            for request, variables, field in (
                (CREATE, {"title": "Made"}, "createPost"),
                (USER, {"email": f"made@{level[0]}.example"}, "createUser"),
            ):
                with self.subTest(level=level, request=field):
                    self.overtaken(level, request, variables)
            self.assertIsNone(outcome(self.session.ask(self.demo["admin"], CREATE, {"title": "Made"})))

    def test_an_identifier_that_is_named(self):
        """Tried again it is a conflict, so nobody tries for ever."""
        for level in LEVELS:
            variables = {"title": "Named", "identifier": "named-" + level[0].lower()}
            self.overtaken(level, CREATE, variables)
            self.begun(level)
            self.check_error(self.session.ask(self.demo["admin"], CREATE, variables), "CONFLICT", executed=True)
            self.ended()

    def test_two_that_write_what_the_other_has_read(self):
        """Only one of them succeeds; the other one fails in the call or at the end of its transaction."""
        ended = []

        def work(session, number):
            session.rows("BEGIN ISOLATION LEVEL SERIALIZABLE")
            count = session.ask(self.demo["admin"], READ)["data"]["posts"]["totalCount"]
            both.wait(timeout=60)
            try:
                answer = session.ask(self.demo["admin"], CREATE, {"title": f"{turn} {number} after {count}"})
                self.assertIsNone(outcome(answer))
                session.rows("COMMIT")
                ended.append("written")
            except SqlError as error:
                session.rows("ROLLBACK")
                ended.append(error.sqlstate)

        before = int(everything(self.admin)[0])
        for turn in range(5):
            both = threading.Barrier(2)
            together(self.blog, 2, work)
        self.assertEqual(set(ended), {"written", "40001"})
        self.assertEqual(int(everything(self.admin)[0]) - before, ended.count("written"))
        self.assertGreaterEqual(ended.count("written"), 5)

    def test_a_comment_in_repeatable_read_is_on_the_post_that_was_seen(self):
        """The post is withdrawn meanwhile, which the transaction does not see: its snapshot is all there is for it."""
        post = new_post(self.session, self.demo["editor"], "Seen")
        self.session.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self.session.ask(self.demo["reader"], "{ me { id } }")
        with self.blog.session() as session:
            session.ask(self.demo["editor"], UPDATE, {"id": post, "published": False})
        answer = self.session.ask(self.demo["reader"], COMMENT, {"post": post, "content": "c"})
        self.assertEqual(answer["data"]["createComment"]["post"]["id"], post)
        self.session.rows("COMMIT")


class Deadlocks(BlogTest):
    """Those who lock two posts in opposite order."""

    def setUp(self):
        super().setUp()
        self.posts = [new_post(self.session, self.demo["admin"], f"Locked {n}") for n in range(3)]

    def titles(self):
        return [self.admin.value(f"SELECT title FROM saas_blog.tb_post WHERE id = '{id}'") for id in self.posts]

    def settled(self, sessions):
        """The title of the session that was answered; the other one was chosen to fail."""
        found = {}
        for title, session in sessions.items():
            try:
                found[title] = outcome(parsed(session.receive()[0][0]))
            except SqlError as error:
                found[title] = error.sqlstate
        self.assertEqual(sorted(found.values(), key=str), ["40P01", None])
        return next(title for title, code in found.items() if code is None)

    def test_two_transactions(self):
        with self.blog.session() as other:
            sessions = {"first": self.session, "second": other}
            updates = [(title, *pair) for title, pair in zip(sessions, ((0, 1), (1, 0)))]
            for title, post, _ in updates:
                sessions[title].rows("BEGIN")
                sessions[title].ask(self.demo["admin"], UPDATE, {"id": self.posts[post], "title": title})
            for title, _, post in updates:
                variables = {"id": self.posts[post], "title": title}
                sessions[title].send("SELECT " + call(self.demo["admin"], UPDATE, variables))
                if title == "first":
                    until_it_waits(self.admin, self.session)
            title = self.settled(sessions)
            for name, session in sessions.items():
                session.rows("COMMIT" if name == title else "ROLLBACK")
            self.assertEqual(self.titles()[:2], [title] * 2)

    def test_two_operations(self):
        """Both wait for a post in the middle when each has its first one."""
        request = "mutation ({}) {{ {} }}".format(
            "$title: String, $a: ID!, $b: ID!, $c: ID!",
            " ".join(f"{name}: updatePost(id: ${name}, title: $title) {{ title }}" for name in "abc"),
        )
        self.admin.rows("BEGIN")
        self.admin.rows(f"SELECT FROM saas_blog.tb_post WHERE id = '{self.posts[2]}' FOR UPDATE")
        one, two, middle = self.posts
        with self.blog.session() as other, self.blog.session(None) as watcher:
            sessions = {"one": self.session, "two": other}
            for (title, session), (a, c) in zip(sessions.items(), ((one, two), (two, one))):
                variables = {"title": title, "a": a, "b": middle, "c": c}
                session.send("SELECT " + call(self.demo["admin"], request, variables))
            until_it_waits(watcher, other, count=2)
            self.admin.rows("ROLLBACK")
            title = self.settled(sessions)
            self.assertEqual(self.titles(), [title] * 3)
        logged = "SELECT count(*) FROM saas_blog.tb_audit_log WHERE changes -> 'title' ->> 'new' IN ('one', 'two')"
        self.assertEqual(self.admin.value(logged), "3")


if __name__ == "__main__":
    unittest.main()
