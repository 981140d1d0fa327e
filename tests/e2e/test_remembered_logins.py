"""A session remembers what it has read for a token. It never answers with it after a change of what it has read."""

import threading
import time
import unittest

from blog import TENANTS, BlogTest, call, codes, user_id
from workers import ROLE, together

ME = "{ me { name } tenant { identifier } }"
SET_ROLE = "UPDATE saas_blog.tb_user SET role = '{1}' WHERE id = '{0}'"


class Remembered(BlogTest):
    """Sessions that have answered the editor's token before."""

    def setUp(self):
        super().setUp()
        self.editor = user_id("demo", "editor")
        self.token = self.demo["editor"]
        self.addCleanup(self.admin.rows, SET_ROLE.format(self.editor, "editor"))
        self.holds()

    def holds(self, session=None):
        for _ in range(2):
            self.assertEqual(codes((session or self.session).ask(self.token, ME)), [])

    def fails(self, session=None):
        self.check_error((session or self.session).ask(self.token, ME), "UNAUTHENTICATED")

    def test_a_change_counts_at_once_in_every_kind_of_transaction(self):
        for begin in ("BEGIN", "BEGIN READ ONLY", "BEGIN ISOLATION LEVEL REPEATABLE READ",
                      "BEGIN ISOLATION LEVEL SERIALIZABLE"):
            with self.subTest(begin=begin):
                self.session.rows(begin)
                self.holds()
                self.admin.rows(SET_ROLE.format(self.editor, "subscriber"))
                self.fails()
                self.admin.rows(SET_ROLE.format(self.editor, "editor"))
                self.holds()
                self.session.rows("COMMIT")
                self.holds()

    def test_a_prepared_statement_remembers_nothing_of_its_own(self):
        self.session.rows("PREPARE again AS SELECT " + call(self.token, ME))
        good = self.session.value("EXECUTE again")
        self.admin.rows(SET_ROLE.format(self.editor, "admin"))
        self.assertNotEqual(self.session.value("EXECUTE again"), good)
        self.admin.rows(SET_ROLE.format(self.editor, "editor"))
        self.assertEqual(self.session.value("EXECUTE again"), good)

    def test_what_a_transaction_takes_back(self):
        """Of the session that changes: what it had found out meanwhile ends with the savepoint, or the transaction."""
        self.holds(self.admin)
        self.admin.rows("BEGIN")
        self.admin.rows("SAVEPOINT one")
        self.admin.rows(SET_ROLE.format(self.editor, "subscriber"))
        self.fails(self.admin)
        self.holds()
        self.admin.rows("ROLLBACK TO one")
        self.holds(self.admin)
        self.admin.rows("SAVEPOINT two")
        self.admin.rows(f"UPDATE saas_blog.tb_user SET name = 'Renamed' WHERE id = '{self.editor}'")
        self.admin.rows("RELEASE two")
        self.holds(self.admin)
        self.admin.rows(SET_ROLE.format(self.editor, "admin"))
        self.fails(self.admin)
        subscriber = self.blog.token("demo", "editor", role="admin")
        self.assertEqual(codes(self.admin.ask(subscriber, ME)), [])
        self.admin.rows("ROLLBACK")
        self.holds(self.admin)
        self.check_error(self.admin.ask(subscriber, ME), "UNAUTHENTICATED")
        self.holds()

    def test_changes_where_other_triggers_are_silent(self):
        self.admin.rows("SET session_replication_role = replica")
        self.addCleanup(self.admin.rows, "RESET session_replication_role")
        self.admin.rows(SET_ROLE.format(self.editor, "subscriber"))
        self.fails()
        self.admin.rows(SET_ROLE.format(self.editor, "editor"))
        self.holds()

    def test_a_key_that_is_deleted_or_whose_table_is_emptied(self):
        self.admin.rows("CREATE TABLE public.keys AS SELECT * FROM saas_blog.tb_jwt_key")
        self.addCleanup(self.admin.rows, "DROP TABLE public.keys")
        back = "INSERT INTO saas_blog.tb_jwt_key SELECT * FROM public.keys"
        for remove in ("DELETE FROM saas_blog.tb_jwt_key", "TRUNCATE saas_blog.tb_jwt_key"):
            self.admin.rows(remove)
            self.fails()
            self.admin.rows(back)
            self.holds()

    def test_the_name_of_a_tenant(self):
        query = '{ posts(tenantId: "demo", first: 1) { nodes { id } } }'
        self.assertEqual(codes(self.session.ask(self.token, query)), [])
        rename = "UPDATE saas_blog.tb_tenant SET identifier = '{}' WHERE identifier = '{}'"
        self.admin.rows(rename.format("renamed", "demo"))
        self.addCleanup(self.admin.rows, rename.format("demo", "renamed"))
        self.assertNotEqual(codes(self.session.ask(self.token, query)), [])
        self.assertEqual(codes(self.session.ask(self.token, query.replace("demo", "renamed"))), [])
        self.assertEqual(self.session.ask(self.token, ME)["data"]["tenant"], {"identifier": "renamed"})

    def test_a_mutation_that_changes_a_role(self):
        """Through graphql.*, by the session that remembers it and by another one."""
        change = {"id": self.editor, "role": "subscriber"}
        for session in (self.session, self.admin):
            self.holds()
            self.assertEqual(codes(session.ask(self.demo["admin"], ROLE, change)), [])
            self.fails()
            self.admin.rows(SET_ROLE.format(self.editor, "editor"))

    def test_one_token_of_many_in_one_session(self):
        """More tokens than are remembered, of all tenants in turn: each is answered with its own."""
        tokens = [
            (tenant, self.blog.token(tenant, "editor", exp=int(time.time()) + 3600 + number))
            for number in range(50)
            for tenant in TENANTS
        ]
        for tenant, token in tokens + tokens[::-1]:
            self.assertEqual(self.session.ask(token, ME)["data"]["tenant"], {"identifier": tenant})


class AtOnce(BlogTest):
    """A role that goes to and fro while eight sessions ask: whoever begins after a COMMIT has returned sees what it left."""

    ROUNDS = 400

    def test_no_answer_is_older_than_the_last_commit(self):
        # Odd while a change is under way; then whether the token is good is told by the number.
        state, done = [0], threading.Event()
        token, id = self.demo["editor"], user_id("demo", "editor")
        self.addCleanup(self.admin.rows, SET_ROLE.format(id, "editor"))

        def change():
            try:
                for number in range(self.ROUNDS):
                    state[0] += 1
                    self.admin.rows(SET_ROLE.format(id, ("subscriber", "editor")[number % 2]))
                    state[0] += 1
                    # Long enough for a call that begins and ends in it.
                    time.sleep(0.005)
            finally:
                done.set()

        def ask(session, number):
            compared = {True: 0, False: 0}
            if number % 2:
                session.rows("BEGIN")
            while not done.is_set():
                before = state[0]
                good = codes(session.ask(token, ME)) == []
                if before == state[0] and before % 2 == 0:
                    self.assertEqual(good, before % 4 == 0)
                    compared[good] += 1
            return compared

        changer = threading.Thread(target=change)
        changer.start()
        try:
            found = together(self.blog, 8, ask)
        finally:
            changer.join()
        for good in (True, False):
            self.assertGreater(sum(compared[good] for compared in found), 50)


if __name__ == "__main__":
    unittest.main()
