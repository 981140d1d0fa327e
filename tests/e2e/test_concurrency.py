"""Mutations of many clients at the same time: nothing is lost or written twice, and what fails writes nothing."""

import unittest

from blog import ROLE_OF_USER, BlogTest, call, parsed, post_id, quoted, user_id
from workers import (
    COMMENT,
    CREATE,
    DELETE,
    RESTORE,
    ROLE,
    UPDATE,
    audited,
    everything,
    new_post,
    outcome,
    together,
    until_it_waits,
)

CLIENTS = 8
USER = """mutation ($email: String!, $tenant: ID) {
    createUser(tenantId: $tenant, email: $email, name: "New") { id identifier } }"""


class Updates(BlogTest):
    """Updates of one post."""

    def setUp(self):
        super().setUp()
        self.post = new_post(self.session, self.demo["editor"], "Before")
        self.tokens = (self.demo["editor"], self.demo["admin"])

    def changes(self, field):
        """What the field was and became, update by update."""
        found = [changes for action, changes in audited(self.admin, self.post) if action == "update"]
        return [(changes[field]["old"], changes[field]["new"]) for changes in found if field in changes]

    def gapless(self, field, first):
        """Each update of the field began where the one before had ended; what the last one wrote."""
        last = first
        for old, new in self.changes(field):
            self.assertEqual(old, last)
            last = new
        self.assertEqual(
            self.admin.value(f"SELECT {field} FROM saas_blog.tb_post WHERE id = {quoted(self.post)}"), last
        )

    def test_only_one_of_those_who_know_the_same_version_succeeds(self):
        """Half of the clients read the post again whenever it has moved on, the others now and then."""
        read = f'{{ post(id: "{self.post}") {{ updatedAt }} }}'

        def work(session, number):
            token, stamps, found = self.tokens[number % 2], [], []
            known = session.ask(token, read)["data"]["post"]["updatedAt"]
            for n in range(200):
                answer = session.ask(token, UPDATE, {"id": self.post, "title": f"{number}/{n}", "if": known})
                found.append(outcome(answer))
                if found[-1] is None:
                    known = answer["data"]["updatePost"]["updatedAt"]
                    stamps.append(known)
                elif number % 2 or n % 3 == 0:
                    known = session.ask(token, read)["data"]["post"]["updatedAt"]
            return stamps, found

        done = together(self.blog, CLIENTS, work)
        stamps = [stamp for stamps, _ in done for stamp in stamps]
        self.assertEqual({code for _, found in done for code in found}, {None, "CONFLICT"})
        self.assertEqual(len(stamps), sum(found.count(None) for _, found in done))
        self.assertEqual(len(set(stamps)), len(stamps))
        self.assertEqual(len(self.changes("title")), len(stamps))
        self.assertTrue(all(stamps for stamps, _ in done), "a client never succeeded")
        self.gapless("title", "Before")

    def test_the_last_write_wins(self):
        """Half of the clients write the title, half the content, and nobody undoes what the others wrote."""

        def work(session, number):
            token, field, stamps = self.tokens[number % 2], ("title", "content")[number // 2 % 2], {}
            for n in range(50):
                text = f"{number}/{n}"
                post = session.ask(token, UPDATE, {"id": self.post, field: text})["data"]["updatePost"]
                self.assertEqual(post[field], text)
                stamps[text] = post["updatedAt"]
            return stamps

        stamps = {}
        for found in together(self.blog, CLIENTS, work):
            stamps.update(found)
        self.assertEqual(len(set(stamps.values())), CLIENTS * 50)
        for field, first in (("title", "Before"), ("content", "c")):
            self.gapless(field, first)
            in_order = [stamps[new] for _, new in self.changes(field)]
            self.assertEqual(in_order, sorted(in_order))
            self.assertEqual(len(in_order), CLIENTS // 2 * 50)

    def test_the_same_change_by_all_is_one(self):
        answers = together(
            self.blog, CLIENTS, lambda s, n: s.ask(self.tokens[n % 2], UPDATE, {"id": self.post, "title": "Same"})
        )
        self.assertEqual(len({repr(answer) for answer in answers}), 1)
        self.assertEqual(self.changes("title"), [("Before", "Same")])

    def test_delete_and_restore(self):
        def work(session, number):
            requests = (DELETE, RESTORE) if number % 2 else (RESTORE, DELETE)
            token = self.tokens[number // 2 % 2]
            return [outcome(session.ask(token, requests[n % 2], {"id": self.post})) for n in range(60)]

        found = [code for codes in together(self.blog, CLIENTS, work) for code in codes]
        self.assertEqual(set(found), {None, "NOT_FOUND"})
        actions = [action for action, _ in audited(self.admin, self.post)]
        self.assertEqual(len(actions) - 1, found.count(None))
        expected = ["create"] + ["delete", "restore"] * len(actions)
        self.assertEqual(actions, expected[: len(actions)])
        deleted = f"SELECT deleted_at IS NOT NULL FROM saas_blog.tb_post WHERE id = {quoted(self.post)}"
        self.assertEqual(self.admin.value(deleted), "t" if actions[-1] == "delete" else "f")


class Slugs(BlogTest):
    """Identifiers that are made of the same text at the same time."""

    def created(self, work):
        """The posts that the clients made, each a code or an identifier."""
        answers = [answer for answers in together(self.blog, CLIENTS, work) for answer in answers]
        return [outcome(answer) or answer["data"]["createPost"]["identifier"] for answer in answers]

    def test_the_same_title_by_all(self):
        tokens = (self.demo["editor"], self.demo["admin"], self.demo["writer"])

        def work(session, number):
            return [session.ask(tokens[number % 3], CREATE, {"title": "Same Title"}) for _ in range(50)]

        found = self.created(work)
        numbers = range(2, CLIENTS * 50 + 1)
        self.assertEqual(sorted(found), sorted(["same-title"] + [f"same-title-{n}" for n in numbers]))

    def test_titles_whose_slugs_look_like_numbered_ones(self):
        titles = ("Look", "Look 2", "Look 2 2", "look-3")
        found = self.created(
            lambda session, number: [
                session.ask(self.demo["editor"], CREATE, {"title": titles[(number + n) % 4]}) for n in range(40)
            ]
        )
        self.assertEqual(len(set(found)), CLIENTS * 40)
        self.assertTrue(all(name.startswith("look") for name in found), found)

    def test_others_give_those_identifiers(self):
        """Who lets the identifier be made never fails; who names one may come too late."""

        def work(session, number):
            # Now a number that is likely to be taken, now one that will be in the way.
            names = [f"mixed-{n // 2 + 2 if n % 2 else 8 * n + number + 60}" for n in range(60)]
            given = [{"identifier": name} if number % 2 else {} for name in names]
            answers = [session.ask(self.demo["admin"], CREATE, {"title": "Mixed", **one}) for one in given]
            return [(number % 2, answer) for answer in answers]

        done = [pair for pairs in together(self.blog, CLIENTS, work) for pair in pairs]
        made = [outcome(answer) for given, answer in done if not given]
        named = [answer for given, answer in done if given]
        self.assertEqual(set(made), {None})
        self.assertEqual({outcome(answer) for answer in named}, {None, "CONFLICT"})
        for answer in named:
            if outcome(answer):
                error = self.check_error(answer, "CONFLICT", executed=True)[0]
                self.assertEqual(error["extensions"]["field"], "identifier")
        found = [answer["data"]["createPost"]["identifier"] for _, answer in done if not outcome(answer)]
        self.assertEqual(len(set(found)), len(found))
        rows = int(self.admin.value("SELECT count(*) FROM saas_blog.tb_post WHERE title = 'Mixed'"))
        self.assertEqual(rows, len(found))

    def test_many_posts_of_different_titles_at_once(self):
        """Nobody waits for another's identifiers, so nobody is in a deadlock: of other tenants neither."""
        tokens = (self.demo["editor"], self.another["editor"])

        def work(session, number):
            create = 't{}: createPost(title: "{} {} {}", content: "") {{ id }}'
            fields = (" ".join(create.format(n, number, turn, n) for n in range(20)) for turn in range(6))
            return [outcome(session.ask(tokens[number % 2], f"mutation {{ {some} }}")) for some in fields]

        self.assertEqual(together(self.blog, CLIENTS, work), [[None] * 6] * CLIENTS)

    def test_beside_a_bulk_load(self):
        """Rows that a superuser inserts without identifiers: whoever comes second takes the next one."""
        load = """INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title)
            SELECT fk_tenant, pk_user, 'Bulk' FROM saas_blog.tb_user WHERE id = '{}' RETURNING identifier"""
        load = load.format(user_id("demo", "editor"))
        made = "SELECT " + call(self.demo["editor"], CREATE, {"title": "Bulk"})
        with self.blog.session(None) as loader:
            loader.rows("BEGIN")
            self.assertEqual(loader.value(load), "bulk")
            self.session.send(made)
            until_it_waits(self.admin, self.session)
            loader.rows("COMMIT")
            answer = parsed(self.session.receive()[0][0])
            self.assertEqual(answer["data"]["createPost"]["identifier"], "bulk-2")
            self.session.rows("BEGIN")
            self.session.rows(made)
            loader.send(load)
            until_it_waits(self.admin, loader)
            self.session.rows("COMMIT")
            self.assertEqual(loader.receive(), [["bulk-4"]])


class Users(BlogTest):
    """Users and their roles."""

    def test_one_user_for_an_email(self):
        """By admins and operators alike, in whatever case the e-mail is written."""
        operator = self.blog.operator()

        def work(session, number):
            token = operator if number % 2 else self.demo["admin"]
            emails = (f"u{n}@x.example" if number < 4 else f"U{n}@X.EXAMPLE" for n in range(15))
            return [session.ask(token, USER, {"email": email, "tenant": "demo"}) for email in emails]

        rounds = list(zip(*together(self.blog, CLIENTS, work)))
        for answers in rounds:
            self.assertEqual(sorted(outcome(answer) or "" for answer in answers), [""] + ["CONFLICT"] * 7)
            for answer in answers:
                if outcome(answer):
                    self.assertEqual(answer["errors"][0]["extensions"]["field"], "email")
        count = "SELECT count(*) FROM saas_blog.tb_user WHERE email ILIKE 'u%@x.example'"
        self.assertEqual(int(self.admin.value(count)), len(rounds))

    def test_one_tenant_for_an_identifier(self):
        """Each operator has entered a tenant of its own by then; only one of them is there at the end."""
        operator = self.blog.operator()
        create = 'mutation ($name: String!) { createTenant(name: $name, identifier: $name) { id } }'

        def work(session, number):
            return [outcome(session.ask(operator, create, {"name": f"tenant-{n}"})) for n in range(15)]

        for found in zip(*together(self.blog, CLIENTS, work)):
            self.assertEqual(sorted(code or "" for code in found), [""] + ["CONFLICT"] * 7)
        tenants = "SELECT pk_tenant FROM saas_blog.tb_tenant WHERE identifier LIKE 'tenant-%' ORDER BY 1"
        logged = "SELECT fk_tenant FROM saas_blog.tb_audit_log WHERE entity_type = 'tenant' ORDER BY 1"
        self.assertEqual(len(self.admin.column(tenants)), 15)
        self.assertEqual(self.admin.column(logged), self.admin.column(tenants))

    def test_the_same_local_part(self):
        """An operator sees no users, and makes identifiers beside the others all the same."""
        operator = self.blog.operator()

        def work(session, number):
            token = operator if number % 2 else self.demo["admin"]
            requests = ({"email": f"same@{number}.{n}.example", "tenant": "demo"} for n in range(20))
            return [session.ask(token, USER, variables)["data"]["createUser"]["identifier"] for variables in requests]

        found = [identifier for done in together(self.blog, CLIENTS, work) for identifier in done]
        self.assertEqual(sorted(found), sorted(["same"] + [f"same-{n}" for n in range(2, CLIENTS * 20 + 1)]))

    def roles_put_back(self):
        """Those of the other tenant are again what blog.sql says."""
        for user, role in ROLE_OF_USER.items():
            id = quoted(user_id("another", user))
            self.admin.rows(f"UPDATE saas_blog.tb_user SET role = '{role}' WHERE id = {id}")

    def test_admins_who_demote_each_other(self):
        """Whatever they do at the same time, one is left."""
        admins = {name: self.blog.token("another", name, role="admin") for name in ("admin", "silent", "reader")}
        ids = [quoted(user_id("another", name)) for name in admins]
        self.addCleanup(self.roles_put_back)
        among = f"FROM saas_blog.tb_user WHERE id IN ({', '.join(ids)}) AND role = 'admin'"
        seen = set()
        for turn in range(25):
            self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'admin' WHERE id IN ({', '.join(ids)})")
            names = list(admins) if turn % 2 else list(admins)[:2]
            if turn % 2 == 0:
                self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'editor' WHERE id = {ids[2]}")

            def work(session, number):
                victim = names[(number + 1) % len(names)]
                variables = {"id": user_id("another", victim), "role": "subscriber"}
                return outcome(session.ask(admins[names[number]], ROLE, variables))

            found = together(self.blog, len(names), work)
            seen.update(found)
            left = int(self.admin.value(f"SELECT count(*) {among}"))
            self.assertEqual(left, len(names) - found.count(None))
            self.assertGreaterEqual(left, 1)
        self.assertLessEqual(seen, {None, "CONFLICT", "UNAUTHENTICATED"})

    def test_an_admin_who_waits_for_another_one(self):
        """The second one is an admin when it is let in, and the last one by the time that it has waited."""
        first, second = self.another["admin"], self.blog.token("another", "silent", role="admin")
        ids = [user_id("another", name) for name in ("admin", "silent")]
        self.admin.rows(f"UPDATE saas_blog.tb_user SET role = 'admin' WHERE id = '{ids[1]}'")
        self.addCleanup(self.roles_put_back)
        self.session.rows("BEGIN")
        self.assertIsNone(outcome(self.session.ask(first, ROLE, {"id": ids[1], "role": "subscriber"})))
        with self.blog.session() as other:
            other.send("SELECT " + call(second, ROLE, {"id": ids[0], "role": "subscriber"}))
            until_it_waits(self.admin, other)
            self.session.rows("COMMIT")
            error = self.check_error(parsed(other.receive()[0][0]), "CONFLICT", executed=True)[0]
            self.assertEqual(error["extensions"]["field"], "role")


class Comments(BlogTest):
    """Comments on a post that comes and goes."""

    def test_while_the_post_is_deleted_and_withdrawn(self):
        """A comment is made, or there is no such post, or there was one while the comment was made."""
        post = new_post(self.session, self.demo["editor"], "Comes and goes")

        def comment(session, number):
            contents = (f"{number}/{n}" for n in range(150))
            answers = (session.ask(self.demo["reader"], COMMENT, {"post": post, "content": c}) for c in contents)
            return [outcome(answer) for answer in answers]

        def change(session, number):
            withdraw = [(UPDATE, {"id": post, "published": published}) for published in (False, True)]
            requests = [(DELETE, {"id": post}), (RESTORE, {"id": post})] if number % 2 else withdraw
            return [outcome(session.ask(self.demo["editor"], *requests[n % 2])) for n in range(150)]

        done = together(self.blog, CLIENTS, lambda s, number: (comment if number < 4 else change)(s, number))
        commented = [code for codes in done[:4] for code in codes]
        self.assertLessEqual({None, "NOT_FOUND"}, set(commented))
        self.assertLessEqual(set(commented), {None, "NOT_FOUND", "CONFLICT"})
        self.assertLessEqual({code for codes in done[4:] for code in codes}, {None, "NOT_FOUND"})
        ids = self.admin.column(f"""SELECT c.id FROM saas_blog.tb_comment AS c JOIN saas_blog.tb_post AS p
            ON p.pk_post = c.fk_post WHERE p.id = {quoted(post)}""")
        self.assertEqual(len(ids), commented.count(None))
        logged = """SELECT entity_id FROM saas_blog.tb_audit_log WHERE entity_type = 'comment'
            AND changes -> 'content' ->> 'new' LIKE '%/%'"""
        self.assertEqual(sorted(self.admin.column(logged)), sorted(ids))

    def test_a_comment_is_removed_once(self):
        """By its author or an admin, whoever comes first; the others find nothing."""
        tokens = (self.demo["reader"], self.demo["admin"])
        variables = {"post": post_id("demo", 1), "content": "Removed"}
        ids = [self.session.ask(tokens[0], COMMENT, variables)["data"]["createComment"]["id"] for _ in range(15)]

        def work(session, number):
            remove = "mutation ($id: ID!) { deleteComment(id: $id) { id } }"
            return [outcome(session.ask(tokens[number % 2], remove, {"id": id})) for id in ids]

        for found in zip(*together(self.blog, CLIENTS, work)):
            self.assertEqual(sorted(code or "" for code in found), [""] + ["NOT_FOUND"] * 7)
        for id in ids:
            self.assertEqual([action for action, _ in audited(self.admin, id)], ["create", "delete"])

    def test_the_post_is_withdrawn_before_the_answer_is_read(self):
        """The comment is written and its answer would have no post: nothing stays of it."""
        post = new_post(self.session, self.demo["editor"], "Withdrawn")
        self.admin.rows("""CREATE FUNCTION public.pause() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END'""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.pause() CASCADE")
        self.admin.rows(
            "CREATE TRIGGER pause AFTER INSERT ON saas_blog.tb_comment FOR EACH ROW EXECUTE FUNCTION public.pause()"
        )
        before = everything(self.admin)
        self.admin.rows("SELECT pg_advisory_lock(4711)")
        self.session.send("SELECT " + call(self.demo["reader"], COMMENT, {"post": post, "content": "c"}))
        until_it_waits(self.admin, self.session)
        withdrawn = f"UPDATE saas_blog.tb_post SET published = {{}} WHERE id = {quoted(post)}"
        self.admin.rows(withdrawn.format("false"))
        self.admin.rows("SELECT pg_advisory_unlock(4711)")
        answer = parsed(self.session.receive()[0][0])
        error = self.check_error(answer, "CONFLICT", executed=True)[0]
        self.assertEqual(error["path"][0], "createComment")
        self.admin.rows(withdrawn.format("true"))
        self.assertEqual(everything(self.admin), before)


if __name__ == "__main__":
    unittest.main()
