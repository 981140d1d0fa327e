"""Query.searchPosts: its function as `saas_blog_exec` runs it, in the context of a user.

What a post is written with, and what is asked for, is hostile in half of the tests."""

import html
import re
import unittest

from blog import TENANTS, BlogTest, quoted, tenant_id, user_id

SEARCH = "SELECT id, title, highlight, rank FROM saas_blog.fn_search_posts({}, {})"
FIELD = "query ($query: String!) { searchPosts(query: $query) { id title highlight rank } }"


class SearchTest(BlogTest):
    """A superuser writes posts, without a context, as an import does."""

    def add(self, title, content="", tenant="demo", user="editor", **columns):
        """Writes a post that is gone after the test; its id."""
        values = {"published": True, **columns, "title": title, "content": content}
        id = self.admin.value(
            f"INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, {', '.join(values)}) "
            f"SELECT fk_tenant, pk_user, {', '.join(str(v) if v in (True, False) else quoted(v) for v in values.values())} "
            f"FROM saas_blog.tb_user WHERE id = '{user_id(tenant, user)}' RETURNING id"
        )
        self.addCleanup(self.admin.rows, f"DELETE FROM saas_blog.tb_post WHERE id = '{id}'")
        return id

    def searcher(self, user="reader", tenant="demo", candidates=10_000):
        """A session that may search."""
        session = self.enter(tenant, user)
        session.rows("RESET ROLE")
        session.rows(f"SET saas_blog.search_candidates = {candidates}")
        session.rows("SET ROLE saas_blog_exec")
        return session

    def search(self, query, first=10, session=None, **named):
        """What is found: id, title, highlight and rank."""
        return (session or self.searcher(**named)).rows(SEARCH.format(quoted(query), first))

    def titles(self, query, **named):
        return [title for _, title, _, _ in self.search(query, **named)]


class Highlights(SearchTest):
    """They are HTML: a browser shows the content in them, and nothing else becomes of it."""

    def check_highlight(self, content, query, *marked):
        self.add("Nameless", content)
        [[_, _, highlight, _]] = self.search(query)
        plain = re.sub(r"<mark>([^<]*)</mark>", r"\1", highlight)
        self.assertNotRegex(plain, r"""[<>"']""")
        self.assertNotRegex(plain, r"&(?!(amp|lt|gt|quot|#39);)")
        self.assertNotRegex(highlight, r"[\x01-\x08]")
        self.assertTrue(html.unescape(plain) in content, plain[:2000])
        found = [html.unescape(match) for match in re.findall("<mark>(.*?)</mark>", highlight)]
        self.assertEqual(found, list(marked))
        return highlight

    def test_a_script_comes_out_harmless(self):
        shown = self.check_highlight("<script>alert(1)</script> zebra", "zebra", "zebra")
        self.assertEqual(shown, "&lt;script&gt;alert(1)&lt;/script&gt; <mark>zebra</mark>")

    def test_all_that_html_knows_is_escaped(self):
        content = "<b onclick=\"x('y')\">a & b &amp; c &lt; d</b> <!-- zebra --> <img src=x onerror=alert(1)>"
        self.check_highlight(content, "zebra", "zebra")

    def test_marks_of_a_post_are_no_marks(self):
        shown = self.check_highlight("<mark>lion</mark> </mark><mark> zebras <MARK>", "zebra", "zebras")
        self.assertTrue(shown.startswith("&lt;mark&gt;lion&lt;/mark&gt; "), shown)

    def test_what_looks_like_a_tag_is_shown_and_found(self):
        for query in ("zebra", "lion", "giraffe"):
            with self.subTest(query):
                self.check_highlight("if zebra < lion, giraffe > 3 <", query, query)
                self.doCleanups()

    def test_broken_markup(self):
        for content in ("<zebra", "zebra<", "<<<zebra>>>", "<zebra='", "&zebra", "&#zebra;", "zebra</", "a<!--zebra", "'zebra\""):
            with self.subTest(content):
                self.check_highlight(content, "zebra", "zebra")
                self.doCleanups()

    def test_a_match_in_the_title_shows_the_beginning_of_the_content(self):
        self.add("Zebras <b>", "It begins & goes on. " * 100)
        self.add("A zebra", "")
        found = {title: highlight for _, title, highlight, _ in self.search("zebra")}
        self.assertTrue(found["Zebras <b>"].startswith("It begins &amp; goes on."), found)
        self.assertEqual(found["A zebra"], "")

    def test_a_match_far_down_is_shown_in_its_place(self):
        content = "Words go on and on. " * 400 + "There is <a> zebra & more. " + "Words go on and on. " * 4000
        self.check_highlight(content, "zebra", "zebra")

    def test_a_language_without_blanks_is_not_shown_whole(self):
        shown = self.check_highlight("言葉" * 20_000 + "。zebra。", "zebra or 言葉")
        self.assertLess(len(shown), 1100)
        self.doCleanups()
        shown = self.check_highlight("言葉" * 900 + "。zebra。" + "言葉" * 50, "zebra", "zebra")
        self.assertLess(len(shown), 1100)


class Found(SearchTest):
    """Who finds what, and in which order."""

    def test_best_first_then_newest(self):
        self.add("In content", "zebra", created_at="2026-01-03")
        self.add("In title: zebra", "", created_at="2026-01-01")
        self.add("Often: zebra", "zebra zebra zebra", created_at="2026-01-02")
        newest = self.add("Also in content", "zebra", created_at="2026-01-04")
        found = self.search("zebra")
        self.assertEqual([row[1] for row in found], ["Often: zebra", "In title: zebra", "Also in content", "In content"])
        self.assertEqual(found[2][0], newest)
        ranks = [float(row[3]) for row in found]
        self.assertEqual(ranks, sorted(ranks, reverse=True))
        self.assertTrue(all(0 < rank < 10 for rank in ranks), ranks)
        self.assertEqual(self.search("zebra", first=2), found[:2])
        self.assertEqual(self.search("zebra", first=0), [])
        # Posts of one date are in the order of their ids.
        newest_first = """SELECT id FROM saas_blog.tb_post WHERE title ~ ' of demo$' AND published AND deleted_at IS NULL
            ORDER BY created_at DESC, id DESC"""
        self.assertEqual([row[0] for row in self.search("demo", first=100)], self.admin.column(newest_first))

    def test_the_syntax_of_a_search_box(self):
        self.add("One", "black zebra and white lion")
        self.add("Two", "white zebra and black lion")
        self.add("Three", "giraffes")
        for query, titles in (
            ("zebra lion", {"One", "Two"}), ('"black zebra"', {"One"}), ("zebras -\"black lions\"", {"One"}),
            ("giraffe or lion", {"One", "Two", "Three"}), ("zebra giraffe", set()), ("Three giraffe", {"Three"})):  # fmt: skip
            with self.subTest(query):
                self.assertEqual(set(self.titles(query)), titles)
        # Only what is excluded is named: the newest of all others.
        self.assertEqual(len(self.titles("-zebra", first=100)), 13)

    def test_drafts_are_for_editors_and_admins_and_deleted_posts_for_nobody(self):
        self.add("Published", "zebra")
        self.add("Draft", "zebra", published=False)
        self.add("Deleted", "zebra", deleted_at="2026-03-01")
        self.add("Deleted draft", "zebra", deleted_at="2026-03-01", published=False)
        for candidates in (1, 10_000):
            for user in ("admin", "editor", "writer"):
                found = self.titles("zebra", user=user, candidates=candidates)
                self.assertEqual(set(found), {"Draft", "Published"} if candidates > 1 else {"Draft"})
            self.assertEqual(self.titles("zebra", user="reader", candidates=candidates), ["Published"])
        reader = self.searcher("reader")
        seen = "SELECT count(*) FROM saas_blog.tb_post_search WHERE vector @@ concat('''', fk_tenant, ':zebra''')::tsquery"
        self.assertEqual(reader.value(seen), "2")

    def test_another_tenant_is_not_there(self):
        for tenant in TENANTS:
            for number in range(3):
                self.add(f"{tenant} {number}", f"zebra of {tenant}", tenant=tenant, created_at=f"2026-01-0{number + 1}")
        self.add("another's own", "okapi", tenant="another", user="admin")
        before = self.search("zebra")
        self.assertEqual([row[1] for row in before], ["demo 2", "demo 1", "demo 0"])
        key = self.blog.key("tenant", tenant_id("another"))
        for query in ("okapi", f"{key}:okapi", f'"{key}:okapi"', f"{key} okapi", f"'{key}:okapi'", f"x':* | '{key}:okapi"):
            self.assertEqual(self.search(query, user="admin"), [], query)
        # Neither ranks nor order depend on what the other tenant writes.
        for number in range(30):
            self.add("zebra zebra", "zebra " * 50, tenant="another")
        self.assertEqual(self.search("zebra"), before)
        self.assertEqual(len(self.search("zebra", first=100, tenant="another")), 33)
        for statement in ("SELECT count(*) FROM saas_blog.tb_post_search", "SELECT count(*) FROM saas_blog.fn_search_posts('zebra', 10)"):
            nobody = self.enter()
            nobody.rows("RESET ROLE")
            nobody.rows("SET saas_blog.search_candidates = 10")
            nobody.rows("SET ROLE saas_blog_exec")
            self.assertEqual(nobody.value(statement), "0")

    def test_a_change_is_found_and_what_was_is_not(self):
        id = self.add("First", "zebra", updated_at="2026-01-01")
        editor = self.searcher("editor")
        editor.rows(f"SELECT saas_blog.fn_update_post('{id}', content => 'okapi')")
        self.assertEqual(self.search("zebra", session=editor), [])
        self.assertEqual([row[1] for row in self.search("okapi", session=editor)], ["First"])
        changes = "SELECT changes FROM saas_blog.tb_audit_log ORDER BY pk_audit_log DESC LIMIT 1"
        editor.rows("RESET ROLE")
        self.assertEqual(editor.value(changes), '{"content": {"new": "okapi", "old": "zebra"}}')
        editor.rows("SET ROLE saas_blog_exec")
        words = "SELECT xmin, ctid FROM saas_blog.tb_post_search ORDER BY fk_post DESC LIMIT 1"
        before = editor.rows(words)
        editor.rows(f"SELECT saas_blog.fn_update_post('{id}', published => false)")
        editor.rows(f"SELECT saas_blog.fn_update_post('{id}', content => 'okapi')")
        self.assertEqual(editor.rows(words), before)
        editor.rows("SELECT saas_blog.fn_create_post('Second', 'okapi', true)")
        self.assertEqual({row[1] for row in self.search("okapi", session=editor)}, {"First", "Second"})

    def test_a_common_word_is_ranked_among_its_newest_posts(self):
        for number in range(1, 10):
            self.add(f"Post {number}", "zebra " * (10 - number), created_at=f"2026-01-0{number}")
        self.assertEqual(self.titles("zebra", candidates=9)[0], "Post 1")
        self.assertEqual(self.titles("zebra", candidates=3), ["Post 7", "Post 8", "Post 9"])
        # They are not among the newest posts of all: there are more than five times as many.
        for number in range(12):
            self.add("Newer", "", created_at="2026-05-05")
        self.assertEqual(self.titles("zebra", candidates=2), ["Post 8", "Post 9"])

    def test_through_graphql(self):
        if "searchPosts(" not in self.session.value("SELECT graphql.schema()"):
            self.skipTest("the schema has no searchPosts yet")
        self.add("Zebra & <b>", "<script>zebra</script>")
        self.add("Zebra's draft", "", published=False)
        [found] = self.session.ask(self.demo["reader"], FIELD, {"query": "zebra"})["data"]["searchPosts"]
        self.assertEqual(found["title"], "Zebra & <b>")
        self.assertEqual(found["highlight"], "&lt;script&gt;<mark>zebra</mark>&lt;/script&gt;")
        self.assertIsInstance(found["rank"], float)
        for query in ("", "the", '"zeb', "-zebra", "検索", "x" * 60_000):
            self.assertNotIn("errors", self.session.ask(self.demo["reader"], FIELD, {"query": query}))


if __name__ == "__main__":
    unittest.main()
