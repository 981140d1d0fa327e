"""Whoever has seen what was never committed forgets it: a session's memory of logins outlives no transaction that was undone."""

import unittest

from blog import Blog, BlogTest, SqlError, codes, quoted, tenant_id, user_id
from servers import own_cluster

ME = "{ me { name } tenant { identifier } }"
SET_ROLE = "UPDATE saas_blog.tb_user SET role = '{1}' WHERE id = '{0}'"
CODE = "graphql.execute({}, NULL, {})->'errors'->0->'extensions'->>'code'"
NEW = "e1000000-0000-4000-8000-00000000{:04}"
ADD_KEY = "SELECT saas_blog.add_jwt_key('new', 'HS256', 'a secret that nobody has committed', NULL, NULL, false)"


class Attacked(BlogTest):
    """The session that changes is the one that asks."""

    def holds(self, token, session=None):
        for _ in range(2):
            self.assertEqual(codes((session or self.admin).ask(token, ME)), [])

    def fails(self, token, session=None):
        self.check_error((session or self.admin).ask(token, ME), "UNAUTHENTICATED")

    def key_of_a_transaction(self):
        self.admin.rows(ADD_KEY)
        token = self.blog.sign(self.blog.claims("demo", "reader"), "new")
        self.holds(token)
        return token

    def user_of_a_transaction(self, number):
        id = NEW.format(number)
        self.admin.rows(
            "INSERT INTO saas_blog.tb_user (id, fk_tenant, identifier, email, name) "
            f"SELECT '{id}', pk_tenant, 'new-{number}', 'new{number}@example.com', 'New' FROM saas_blog.tb_tenant "
            f"WHERE id = '{tenant_id('demo')}'"
        )
        token = self.blog.sign(self.blog.claims("demo", "reader", user_id=id))
        self.holds(token)
        return id, token

    def test_what_was_made_in_a_transaction_that_was_undone(self):
        for make in (self.key_of_a_transaction, lambda: self.user_of_a_transaction(1)[1]):
            for begin, end in ((["BEGIN"], "ROLLBACK"), (["BEGIN", "SAVEPOINT s"], "ROLLBACK TO s")):
                with self.subTest(make=make, end=end):
                    for statement in begin:
                        self.admin.rows(statement)
                    token = make()
                    self.admin.rows(end)
                    self.fails(token)
                    self.admin.rows("ROLLBACK")

    def test_a_statement_that_fails_after_it_has_asked(self):
        editor = user_id("demo", "editor")
        token = self.blog.token("demo", "editor", role="admin")
        call = f"graphql.execute({quoted(ME)}, NULL, {quoted(token)})::text"
        with self.assertRaises(SqlError):
            self.admin.rows(
                f"UPDATE saas_blog.tb_user SET role = 'admin' WHERE id = '{editor}' "
                f"RETURNING CASE WHEN {call} LIKE '%data%' THEN 1 / (length(name) - length(name)) END"
            )
        self.fails(token)

    def test_a_user_who_is_deleted_in_the_transaction(self):
        """The checks of foreign keys are triggers that run before, and statements of their own."""
        self.admin.rows("BEGIN")
        self.addCleanup(self.admin.rows, "ROLLBACK")
        id, token = self.user_of_a_transaction(2)
        self.admin.rows(f"DELETE FROM saas_blog.tb_user WHERE id = '{id}'")
        self.fails(token)

    def test_a_policy_that_shuts_a_tenant_out(self):
        token = self.demo["editor"]
        self.holds(token, self.session)
        self.admin.rows("CREATE POLICY suspended ON saas_blog.tb_tenant AS RESTRICTIVE USING (identifier <> 'demo')")
        try:
            self.fails(token, self.session)
        finally:
            self.admin.rows("DROP POLICY suspended ON saas_blog.tb_tenant")
        self.holds(token, self.session)

    def test_exceptions_of_plpgsql(self):
        token = self.demo["editor"]
        editor = user_id("demo", "editor")
        self.admin.rows("CREATE TABLE public.answers (n int, code text)")
        self.addCleanup(self.admin.rows, "DROP TABLE public.answers")
        other = self.blog.token("demo", "editor", role="admin")
        mine, theirs = (CODE.format(quoted(ME), quoted(token)) for token in (token, other))
        self.admin.rows(
            f"""DO $do$ DECLARE c text[]; BEGIN
            c[1] := {mine};
            BEGIN
              {SET_ROLE.format(editor, "admin")};
              c[2] := {mine}; c[3] := {theirs};
              RAISE EXCEPTION 'back';
            EXCEPTION WHEN raise_exception THEN NULL; END;
            c[4] := {mine}; c[5] := {theirs};
            INSERT INTO public.answers SELECT n, c[n] FROM generate_series(1, 5) AS n; END $do$"""
        )
        got = self.admin.column("SELECT code FROM public.answers ORDER BY n")
        self.assertEqual(got, [None, "UNAUTHENTICATED", None, None, "UNAUTHENTICATED"])

    def test_cursors_and_functions_that_go_on(self):
        token, editor = self.demo["editor"], user_id("demo", "editor")
        self.admin.rows(f"""CREATE FUNCTION public.ask() RETURNS text LANGUAGE sql VOLATILE AS
            $$ SELECT {CODE.format(quoted(ME), quoted(token))} $$""")
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.ask()")
        session = self.blog.session(None)
        session.rows("BEGIN")
        session.rows("DECLARE c CURSOR FOR SELECT coalesce(public.ask(), 'fine') FROM generate_series(1, 9)")
        self.assertEqual(session.value("FETCH c"), "fine")
        self.addCleanup(self.admin.rows, SET_ROLE.format(editor, "editor"))
        self.admin.rows(SET_ROLE.format(editor, "admin"))
        self.assertEqual(session.value("FETCH c"), "UNAUTHENTICATED")
        self.admin.rows(SET_ROLE.format(editor, "editor"))
        self.assertEqual(session.value("FETCH c"), "fine")
        session.rows("COMMIT")

    def test_a_table_that_is_not_there(self):
        token = self.demo["editor"]
        self.admin.rows("ALTER TABLE saas_blog.tb_jwt_key RENAME TO gone")
        try:
            for _ in range(15):
                self.assertNotEqual(codes(self.session.ask(token, ME)), [])
        finally:
            self.admin.rows("ALTER TABLE saas_blog.gone RENAME TO tb_jwt_key")
        self.holds(token, self.session)

    def test_memory(self):
        for round in range(3):
            for number in range(300):
                token = self.blog.sign(self.blog.claims("demo", "reader", jti=f"{round} {number}"))
                self.session.ask(token, ME)
            if round == 0:
                before = self.session.memory()
            for number in range(300):
                self.session.ask(token, ME)
                self.admin.rows(f"UPDATE saas_blog.tb_user SET name = name WHERE id = '{user_id('demo', 'reader')}'")
        self.assertLess(self.session.memory() - before, 1)


class MadeAnew(BlogTest):
    """The extension goes and comes in a session that remembers logins: other tables, and nothing in them."""

    def test_an_extension_that_is_made_anew(self):
        token, kept = self.demo["editor"], ("tb_tenant", "tb_user", "tb_jwt_key")
        other, role = self.blog.session(None), SET_ROLE.format(user_id("demo", "editor"), "admin")
        for table in kept:
            self.admin.rows(f"CREATE TABLE public.{table} AS SELECT * FROM saas_blog.{table}")
        for end in ("ROLLBACK", "COMMIT"):
            for session in (self.admin, other):
                self.assertEqual(codes(session.ask(token, ME)), [])
            self.admin.rows("BEGIN")
            self.admin.rows("DROP EXTENSION saas_blog")
            self.admin.rows("CREATE EXTENSION saas_blog")
            self.assertEqual(codes(self.admin.ask(token, ME)), ["UNAUTHENTICATED"])
            for table in kept:
                overriding = "" if table == "tb_jwt_key" else "OVERRIDING SYSTEM VALUE"
                self.admin.rows(f"INSERT INTO saas_blog.{table} {overriding} SELECT * FROM public.{table}")
            self.assertEqual(codes(self.admin.ask(token, ME)), [])
            self.admin.rows(end)
            self.assertEqual(codes(self.admin.ask(token, ME)), [])
        for changes in (self.admin, other):
            for session in (self.admin, other):
                self.assertEqual(codes(session.ask(token, ME)), [])
            changes.rows(role)
            for session in (self.admin, other):
                self.assertEqual(codes(session.ask(token, ME)), ["UNAUTHENTICATED"])
            changes.rows(SET_ROLE.format(user_id("demo", "editor"), "editor"))


class Prepared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        own_cluster(cls, "prepared", "max_prepared_transactions=5")
        cls.blog = Blog()

    def test_what_waits_to_be_committed_in_two_steps(self):
        admin = self.blog.admin
        for finish, ends in (("ROLLBACK", ["UNAUTHENTICATED"]), ("COMMIT", [])):
            admin.rows("BEGIN")
            admin.rows(ADD_KEY)
            token = self.blog.sign(self.blog.claims("demo", "reader"), "new")
            self.assertEqual(codes(admin.ask(token, ME)), [])
            admin.rows("PREPARE TRANSACTION 'p'")
            self.assertEqual(codes(admin.ask(token, ME)), ["UNAUTHENTICATED"])
            admin.rows(f"{finish} PREPARED 'p'")
            self.assertEqual(codes(admin.ask(token, ME)), ends)
        other = self.blog.session()
        self.assertEqual(codes(other.ask(token, ME)), [])
        admin.rows("BEGIN")
        admin.rows("SELECT saas_blog.revoke_jwt_key('new')")
        self.assertEqual(codes(admin.ask(token, ME)), ["UNAUTHENTICATED"])
        admin.rows("PREPARE TRANSACTION 'p'")
        self.assertEqual(codes(admin.ask(token, ME)), [])
        self.assertEqual(codes(other.ask(token, ME)), [])
        admin.rows("COMMIT PREPARED 'p'")
        for session in (admin, other):
            self.assertEqual(codes(session.ask(token, ME)), ["UNAUTHENTICATED"])


if __name__ == "__main__":
    unittest.main()
