"""A dump has everything: rows of every table, keys of tokens, and the sequences that hand out the next key."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from blog import POSTS, USERS, Blog, BlogTest, SqlError, codes, psql, quoted

QUERIES = (
    POSTS,
    "{ me { id email createdAt } tenant { id identifier name createdAt } }",
    "{ posts(first: 5) { totalCount edges { cursor node { createdAt updatedAt commentCount } } } }",
    "{ popularPosts { title } }",
)
# The next row of every table, as a superuser writes it: without a key or whatever else has a default.
NEXT = (
    "INSERT INTO saas_blog.tb_tenant (identifier, name) VALUES ('third', 'Third') RETURNING pk_tenant",
    "INSERT INTO saas_blog.tb_user (fk_tenant, email, name) SELECT pk_tenant, 'new@example.com', 'New' "
    "FROM saas_blog.tb_tenant WHERE identifier = 'demo' RETURNING pk_user",
    "INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title) SELECT fk_tenant, pk_user, 'New' FROM saas_blog.tb_user "
    "WHERE name = 'editor of demo' RETURNING pk_post",
    "INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content) SELECT fk_tenant, pk_post, fk_user, 'New' "
    "FROM saas_blog.tb_post WHERE title = 'Post 1 of demo' RETURNING pk_comment",
)

# What mutations leave: a row of the audit log, and answers under idempotency keys.
AUDITED = (
    "BEGIN",
    "SELECT saas_blog.tenant_pk()",
    "SELECT set_config('app.tenant_pk', pk_tenant::text, true) FROM saas_blog.tb_tenant WHERE identifier = 'demo'",
    "UPDATE saas_blog.tb_post SET published = false WHERE title = 'Post 5 of demo'",
    "COMMIT",
    "INSERT INTO saas_blog.tb_idempotency_key (fk_tenant, fk_user, key, body, answer) "
    "SELECT fk_tenant, pk_user, 'key', '\\x00', '{}' FROM saas_blog.tb_user WHERE name = 'editor of demo'",
    "SELECT saas_blog.reindex_search('german')",
    "INSERT INTO saas_blog.tb_operator_idempotency_key (operator, key, body, answer) "
    "VALUES ('operator', 'key', '\\x00', '{}')",
    "INSERT INTO saas_blog.tb_event (fk_tenant, topic, fk_subject, fk_row) SELECT pk_tenant, 'x', 1, 1 "
    "FROM saas_blog.tb_tenant",
    "INSERT INTO saas_blog.tb_event_lease SELECT fk_tenant, topic, 1, now() FROM saas_blog.tb_event",
    "INSERT INTO saas_blog.tb_event_pruned SELECT fk_tenant, xid FROM saas_blog.tb_event",
)

# Transaction ids and snapshots, which mean nothing elsewhere: a restored database ranks its posts anew, and is subscribed to
# anew.
FORGOTTEN = ("tb_event", "tb_event_lease", "tb_event_pruned", "tb_popular_marker", "tb_popular_ranking")
# Each database has its own.
SECRET = "tb_event_secret"

# What a dump must quote.
TEXT = "\ttab, back\\slash, \\N, \\., quote ', dollars $$ and\nnew line of demo"


def shell(command):
    done = subprocess.run(["bash", "-o", "pipefail", "-ec", command], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class Dump(BlogTest):
    """Each test restores into a fresh database of the same cluster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin.rows("SELECT saas_blog.add_jwt_key('gone', 'HS256', 'a key that is revoked in the dump')")
        cls.admin.rows("SELECT saas_blog.revoke_jwt_key('gone')")
        cls.admin.rows(f"UPDATE saas_blog.tb_post SET content = {quoted(TEXT)} WHERE title = 'Post 4 of demo'")
        for statement in AUDITED:
            cls.admin.rows(statement)
        with cls.blog.session() as session:
            session.text(cls.demo["reader"], "{ popularPosts { id } }")

    def setUp(self):
        super().setUp()
        self.restored = Blog(fixtures=False)
        self.addCleanup(self.restored.close)

    def tables(self, session):
        """Every table and sequence that a dump has, with all that is in it."""
        names = session.column(
            "SELECT relname FROM pg_class WHERE relnamespace = 'saas_blog'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        names = [name for name in names if name not in (*FORGOTTEN, SECRET)]
        found = {name: session.column(f"SELECT t::text FROM saas_blog.{name} AS t ORDER BY 1") for name in names}
        sequences = session.column("SELECT sequencename FROM pg_sequences WHERE schemaname = 'saas_blog' ORDER BY 1")
        sequences = [name for name in sequences if not name.startswith(FORGOTTEN)]
        return found, {name: session.value(f"SELECT last_value FROM saas_blog.{name}") for name in sequences}

    def check_restored(self):
        """The restored database has the same rows, gives the same answers, and takes the next row."""
        admin, proxy = self.restored.session(None), self.restored.session()
        (rows, sequences), (restored_rows, restored_sequences) = self.tables(self.admin), self.tables(admin)
        self.assertEqual(restored_rows, rows)
        self.assertEqual(restored_sequences, sequences)
        for name in FORGOTTEN:
            self.assertNotEqual(self.admin.rows(f"SELECT * FROM saas_blog.{name}"), [], name)
            self.assertEqual(admin.rows(f"SELECT * FROM saas_blog.{name}"), [], name)
        secrets = [session.column(f"SELECT * FROM saas_blog.{SECRET}") for session in (self.admin, admin)]
        self.assertEqual([len(found) for found in secrets], [1, 1])
        self.assertNotEqual(*secrets)
        self.assertEqual(
            {name: len(found) for name, found in rows.items()},
            {
                "tb_audit_log": 1,
                "tb_comment": 90,
                "tb_idempotency_key": 1,
                "tb_jwt_key": 3,
                "tb_operator_idempotency_key": 1,
                "tb_post": 36,
                "tb_post_search": 36,
                "tb_search_config": 1,
                "tb_tenant": 2,
                "tb_user": 10,
            },
        )
        for tokens in (self.demo, self.another):
            for user in USERS:
                for query in QUERIES:
                    self.assertEqual(proxy.text(tokens[user], query), self.session.text(tokens[user], query))
        self.assertEqual(admin.rows("SELECT check_name, detail FROM saas_blog.doctor() WHERE status <> 'ok'"), [])
        for statement, (name, last) in zip(NEXT, (("tenant", 2), ("user", 10), ("post", 36), ("comment", 90))):
            key = int(admin.value(statement))
            self.assertEqual(key % 1000, last + 1, name)
        with self.assertRaises(SqlError) as caught:
            admin.rows("SELECT saas_blog.add_jwt_key('gone', 'HS256', 'a key that is revoked in the dump')")
        self.assertEqual(caught.exception.sqlstate, "23505")

    def test_plain_dump_into_psql(self):
        shell(f"pg_dump {self.blog.name} | psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        self.check_restored()

    def test_custom_dump_into_pg_restore(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "dump"
            shell(
                f"pg_dump -Fc -f {file} {self.blog.name} && pg_restore --exit-on-error -d {self.restored.name} {file}"
            )
        self.check_restored()

    def test_directory_dump_by_several_workers(self):
        """`pg_restore` itself must not have several: it ignores the foreign keys of an extension's tables then."""
        with tempfile.TemporaryDirectory() as folder:
            shell(
                f"pg_dump -Fd -j 2 -f {folder}/dump {self.blog.name} && "
                f"pg_restore --exit-on-error -d {self.restored.name} {folder}/dump"
            )
        self.check_restored()

    def test_data_only_into_a_fresh_extension(self):
        psql(self.restored.name, "-c", "CREATE EXTENSION saas_blog")
        shell(f"pg_dump --data-only {self.blog.name} | psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        self.check_restored()

    def test_a_dump_of_a_dump(self):
        shell(f"pg_dump {self.blog.name} | psql -Xq -v ON_ERROR_STOP=1 -d {self.restored.name}")
        again = Blog(fixtures=False)
        self.addCleanup(again.close)
        shell(f"pg_dump {self.restored.name} | psql -Xq -v ON_ERROR_STOP=1 -d {again.name}")
        self.restored = again
        self.check_restored()

    def test_a_dump_by_a_role_that_the_walls_stop_fails(self):
        """Without BYPASSRLS a dump would be empty: pg_dump refuses, unless it is told to write what it sees."""
        psql("postgres", "-c", "CREATE ROLE e2e_dumper LOGIN IN ROLE pg_read_all_data")
        self.addCleanup(psql, "postgres", "-c", "DROP ROLE e2e_dumper")
        command = ["pg_dump", "-U", "e2e_dumper", self.blog.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Post 1 of demo", done.stdout)
        done = subprocess.run([*command, "--enable-row-security"], capture_output=True, text=True, timeout=60)
        self.assertNotIn(" of demo", done.stdout)

    def test_the_tokens_of_another_database_are_not_good(self):
        """Keys belong to a database: without a restore there is none of them."""
        psql(self.restored.name, "-c", "CREATE EXTENSION saas_blog")
        self.assertEqual(codes(self.restored.session().ask(self.demo["admin"], "{ me { id } }")), ["UNAUTHENTICATED"])


if __name__ == "__main__":
    unittest.main()
