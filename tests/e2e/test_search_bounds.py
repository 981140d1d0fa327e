"""Search holds: hostile queries and texts, the index under row-level security, another configuration, and a restore."""

import subprocess
import unittest

from blog import Blog, Sql, quoted, tenant_id
from test_search import SearchTest

ADMIN = "e2e_search_admin"
LONGEST = 100_000
HOSTILE_QUERIES = [
    *("", " ", "\t\n", "the", "the of and", "a", "-", "--", "-the", "or", "or or or", "OR", '"', '""', '"""', '" "'),
    *("'", "''", "\\", "\\'", "%", "*", ":*", "a:*", "!", "!!", "&", "|", "&|!", "<->", "<2>", "<99999>", "()", "((((", "))"),
    *('"a b', 'a "b', '"the"', '"the content"', '-"content of"', "content -content", "content or -content", "- - content"),
    *("\x01", "\x02", "\x03\x04", "content\x01", "\x7f", "\x1b[31m", "\u0085", "\u200b", "\ufeff", "\u202econtent"),
    *("検索", "日本語のテキスト", "「検索」。", "😀", "👩‍👩‍👧‍👦", "é", "e\u0301", "İ", "ß", "ﬁ", "𝒞𝑜𝓃𝓉𝑒𝓃𝓉", "\U0010ffff"),
    *("<script>", "</mark>", "&amp;", "&#39;", "a<b>c", "http://a.b/c?d=e", "a@b.c", "1.2e5", "-1e-400", "../../etc", "C:\\x"),
    *("x" * 3000, "é" * 3000, "日" * 3000, "content " * 1250, "a " * 30_000, '"' * 60_000, "-" * 60_000, "or " * 20_000),
    *('"a" ' * 15_000, "-a " * 20_000, "a-" * 30_000, "1." * 30_000, "http://" * 8000, "\\" * 60_000, "'" * 60_000),
    *("(" * 60_000, "!" * 60_000, "&" * 60_000, "a/" * 30_000, "<" * 60_000, "日 " * 20_000, '"a b c d e ' * 6000),
]  # fmt: skip
# Made longest, texts for which PostgreSQL's parser or ts_headline takes minutes.
SLOW_TEXTS = ("1.2e5.", "foo bar ", "a b ", "a-", "x@y.z/", "http://a.b/c", "<a href=", "日本語のテキスト", "&a", "a.b-c/d@e_")
SLOW_QUERIES = ('foo "bar bar"', '"foo foo" or "bar bar"', "foo bar", "-foo", "b a", '"a b a b b"', "slow", "nothing")


class Bounds(SearchTest):
    """No query and no text raises, or takes long."""

    def test_hostile_queries(self):
        session = self.searcher("admin")
        session.rows("SET statement_timeout = '2s'")
        session.rows("COMMIT")
        for query in HOSTILE_QUERIES:
            with self.subTest(query[:60]):
                for _, _, highlight, rank in self.search(query, session=session):
                    self.assertRegex(rank, r"^\d+(\.\d+)?(e-\d+)?$")
                    self.assertNotIn("\x01", highlight)
        self.assertEqual(session.complaints(), "")

    def test_texts_that_are_slow_to_read(self):
        session = self.searcher("admin")
        session.rows("SET statement_timeout = '10s'")
        for text in SLOW_TEXTS:
            longest = (text * LONGEST)[:LONGEST]
            with self.subTest(text):
                session.rows(f"SELECT saas_blog.fn_create_post('Slow', {quoted(longest)}, true)")
        for query in SLOW_QUERIES:
            with self.subTest(query):
                self.search(query, session=session)
        self.assertEqual(len(self.search("slow", session=session)), len(SLOW_TEXTS))

    def test_texts_that_are_too_much_for_a_vector(self):
        session = self.searcher("admin")
        texts = {
            "a word of 3 kB": "zebra " + "x" * 3000 + " okapi",
            "a word of 100 000 characters": "zebra " + "é" * (LONGEST - 12) + " okapi",
            "one word in blanks": "zebra " + "\n".join("日" * 1000 for _ in range(90)) + " okapi",
            "distinct words": "zebra " + " ".join(chr(0x4E00 + n) for n in range(20_000)) + " okapi",
            "distinct addresses": "zebra " + " ".join(f"http://h{n:05}.example/p{n:05}" for n in range(3000)) + " okapi",
            "wide distinct words": "zebra " + " ".join(chr(0x20000 + n) * 3 for n in range(24_000)) + " okapi",
        }
        for title, text in texts.items():
            with self.subTest(title):
                self.assertLessEqual(len(text), LONGEST)
                session.rows(f"SELECT saas_blog.fn_create_post({quoted(title)}, {quoted(text)}, true)")
        found = {row[1]: row[2] for row in self.search("zebra", session=session)}
        self.assertEqual(set(found), set(texts))
        self.assertTrue(all(shown.startswith("<mark>zebra</mark>") for shown in found.values()), found)
        self.assertIn("a word of 3 kB", {row[1] for row in self.search("okapi", session=session)})
        self.assertEqual(session.complaints(), "")

    def test_words_with_quotes_and_backslashes(self):
        texts = ["http://a.b/'x'/''y", "o'clock tic'tac 'zed '' '''", "back\\slash C:\\x\\", "a.b/c'd e'f", "' 'x ''y '''z ' '"]
        for text in texts:
            self.add("Zebra", text)
        self.assertEqual(len(self.search("zebra")), len(texts))
        self.assertEqual(len(self.search("o'clock")), 1)

    def test_the_index_is_used_under_row_level_security(self):
        key = self.blog.key("tenant", tenant_id("demo"))
        self.admin.rows("BEGIN")
        self.addCleanup(self.admin.rows, "ROLLBACK")
        self.admin.rows(
            f"INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, identifier, title, content, published) SELECT {key}, "
            f"{self.blog.key('user', 'd1000000-0000-4000-8000-000000000002')}, 'many-' || n, 'Many ' || n, "
            "CASE n % 100 WHEN 0 THEN 'zebra' ELSE 'lion' END, true FROM generate_series(1, 3000) AS n"
        )
        self.admin.rows("ANALYZE saas_blog.tb_post, saas_blog.tb_post_search")
        self.admin.rows("SAVEPOINT analyzed")
        for user, role in (("admin", "admin"), ("reader", "subscriber")):
            for name, value in (("tenant_pk", key), ("role", role)):
                self.admin.rows(f"SET LOCAL app.{name} = '{value}'")
            self.admin.rows("SET LOCAL saas_blog.search_candidates = 10000")
            self.admin.rows("SET LOCAL ROLE saas_blog_exec")
            plan = "\n".join(self.admin.column(
                "EXPLAIN SELECT FROM saas_blog.tb_post_search AS s "
                f"WHERE s.vector OPERATOR(saas_blog.@@) '''{key}:zebra'''::tsquery"))  # fmt: skip
            self.assertIn("Bitmap Index Scan on tb_post_search_words", plan)
            scans = "SELECT pg_stat_get_xact_numscans('saas_blog.tb_post_search_words'::regclass)"
            before = int(self.admin.value(scans))
            self.assertEqual(len(self.search("zebra", 100, session=self.admin)), 30)
            self.assertEqual(int(self.admin.value(scans)), before + 1, user)
            self.admin.rows("ROLLBACK TO analyzed")

    def test_who_may_search_and_rebuild(self):
        for statement in ("SELECT * FROM saas_blog.fn_search_posts('zebra', 10)", "SELECT saas_blog.reindex_search()"):
            self.refused(self.session, statement, "42501")
        session = self.enter("demo", "admin")
        for statement in (
            "DELETE FROM saas_blog.tb_post_search", "SELECT saas_blog.reindex_tenant()", "SELECT saas_blog.reindex_search()",
            "UPDATE saas_blog.tb_post_search SET fk_tenant = fk_tenant", "INSERT INTO saas_blog.tb_search_config VALUES (true, 'x')",
            "UPDATE saas_blog.tb_search_config SET config = 'x'"):  # fmt: skip
            session.rows("SAVEPOINT before")
            self.refused(session, statement, "42501")
            session.rows("ROLLBACK TO before")
        others = "UPDATE saas_blog.tb_post_search SET config = 'x' WHERE fk_tenant <> saas_blog.tenant_pk() RETURNING 1"
        self.assertEqual(session.rows(others), [])
        reader = self.enter("demo", "reader")
        self.assertEqual(reader.rows("UPDATE saas_blog.tb_post_search SET config = 'x' RETURNING 1"), [])


class Configuration(SearchTest):
    """The configuration changes for all tenants at once, and with it all words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin.rows(f"CREATE ROLE {ADMIN} LOGIN IN ROLE saas_blog_admin")
        cls.addClassCleanup(cls.admin.rows, Sql(f"DROP ROLE {ADMIN}"))

    def reindex(self, argument=""):
        session = self.blog.session(ADMIN)
        self.addCleanup(session.close)
        session.rows(f"SELECT saas_blog.reindex_search({argument})")
        context = "SELECT saas_blog.tenant_pk(), saas_blog.app_role(), current_user"
        self.assertEqual(session.rows(context), [[None, None, ADMIN]])

    def test_another_configuration(self):
        self.addCleanup(self.reindex, "'english'")
        for tenant in ("demo", "another"):
            self.add("Nameless", "Die Häuser stehen und die cats are running", tenant=tenant)
        for config, found, missing in (("german", "Haus", "run"), ("pg_catalog.english", "run", "Haus"), ("simple", "are", "run")):
            self.reindex(f"'{config}'")
            for tenant in ("demo", "another"):
                self.assertEqual(self.titles(found, tenant=tenant), ["Nameless"])
                self.assertEqual(self.titles(missing, tenant=tenant), [])
        for config in ("klingon", "", "public.english", "simple; DROP TABLE x"):
            with self.assertRaises(Exception):
                self.reindex(quoted(config))
        self.assertEqual(self.titles("are"), ["Nameless"])

    def test_what_was_never_indexed(self):
        self.admin.rows("BEGIN")
        self.admin.rows("SET LOCAL session_replication_role = replica")
        self.add("Zebra", "", identifier="zebra")
        self.admin.rows("COMMIT")
        self.assertEqual(self.titles("zebra"), [])
        self.reindex()
        self.assertEqual(self.titles("zebra"), ["Zebra"])
        before = self.admin.rows("SELECT xmin, ctid FROM saas_blog.tb_post_search")
        self.reindex()
        self.assertEqual(self.admin.rows("SELECT xmin, ctid FROM saas_blog.tb_post_search"), before)

    def test_a_configuration_that_is_dropped(self):
        self.addCleanup(self.reindex, "'english'")
        self.admin.rows("CREATE TEXT SEARCH CONFIGURATION public.\"Own\" (COPY = pg_catalog.simple)")
        self.reindex("'public.\"Own\"'")
        self.add("Zebras", "")
        self.assertEqual(self.titles("zebras"), ["Zebras"])
        self.assertEqual(self.titles("zebra"), [])
        self.admin.rows("DROP TEXT SEARCH CONFIGURATION public.\"Own\"")
        self.add("More zebras", "")
        self.assertEqual(self.titles("zebra"), ["More zebras"])

    def test_a_restore_is_searched_as_what_was_dumped(self):
        self.addCleanup(self.reindex, "'english'")
        self.admin.rows("CREATE TEXT SEARCH CONFIGURATION public.own (COPY = pg_catalog.german)")
        self.addCleanup(self.admin.rows, "DROP TEXT SEARCH CONFIGURATION public.own")
        self.reindex("'public.own'")
        self.add("Zebra", "Die Häuser")
        for options in ("", "--data-only"):
            with self.subTest(options):
                restored = Blog(fixtures=False)
                self.addCleanup(restored.close)
                session = restored.session(None)
                if options:
                    session.rows("CREATE EXTENSION saas_blog")
                    session.rows("CREATE TEXT SEARCH CONFIGURATION public.own (COPY = pg_catalog.german)")
                command = f"pg_dump {options} {self.blog.name} | psql -Xq -v ON_ERROR_STOP=1 -d {restored.name}"
                done = subprocess.run(["bash", "-o", "pipefail", "-ec", command], capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
                rows = "SELECT s::text FROM saas_blog.tb_post_search AS s ORDER BY 1"
                self.assertEqual(session.column(rows), self.admin.column(rows))
                found = "SELECT highlight FROM saas_blog.fn_search_posts('Haus', 10)"
                session.rows("SET app.role = 'admin'")
                session.rows(f"SET app.tenant_pk = '{self.blog.key('tenant', tenant_id('demo'))}'")
                session.rows("SET saas_blog.search_candidates = 100")
                self.assertEqual(session.column(found), ["Die <mark>Häuser</mark>"])


if __name__ == "__main__":
    unittest.main()
