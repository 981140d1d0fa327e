"""Rebuilding what is searched while posts are written, and configurations that not everybody may use."""

import unittest

from blog import codes
from test_search import FIELD, SearchTest
from workers import UPDATE, until_it_waits


class Rebuilt(SearchTest):
    """Nobody's words are lost, and none stay that are gone."""

    def test_a_post_that_is_changed_while_all_are_rebuilt(self):
        """By a transaction that began before: its words are those that stay."""
        for indexed in (True, False):
            with self.subTest(indexed=indexed):
                id = self.add("Nameless", "zebra")
                if not indexed:
                    self.admin.rows("DELETE FROM saas_blog.tb_post_search")
                writer = self.blog.session()
                writer.rows("BEGIN")
                self.assertEqual(codes(writer.ask(self.demo["admin"], UPDATE, {"id": id, "content": "okapi"})), [])
                self.admin.send("SELECT saas_blog.reindex_search()")
                with self.blog.session(None) as looker:
                    until_it_waits(looker, self.admin)
                writer.rows("COMMIT")
                self.admin.receive()
                self.assertEqual(self.titles("okapi"), ["Nameless"])
                self.assertEqual(self.titles("zebra"), [])
                self.doCleanups()


class Hidden(SearchTest):
    """A configuration that requests could not read is refused, and nothing changes."""

    def test_a_configuration_in_a_schema_of_others(self):
        self.admin.rows("CREATE SCHEMA private")
        self.addCleanup(self.admin.rows, "DROP SCHEMA private CASCADE")
        self.admin.rows("CREATE TEXT SEARCH CONFIGURATION private.own (COPY = pg_catalog.simple)")
        self.admin.rows("CREATE TEXT SEARCH CONFIGURATION pg_temp.own (COPY = pg_catalog.simple)")
        self.addCleanup(self.admin.rows, "SELECT saas_blog.reindex_search('english')")
        self.add("Zebras")
        rebuild = "SELECT saas_blog.reindex_search('private.own')"
        self.refused(self.admin, "SELECT saas_blog.reindex_search('pg_temp.own')", "42501")
        self.refused(self.admin, rebuild, "42501")
        self.admin.rows("GRANT USAGE ON SCHEMA private TO saas_blog_owner")
        self.refused(self.admin, rebuild, "42501")
        self.assertEqual(self.found("zebra"), ["Zebras"])
        self.admin.rows("GRANT USAGE ON SCHEMA private TO saas_blog_exec")
        self.admin.rows(rebuild)
        self.assertEqual(self.found("zebra"), [])
        self.assertEqual(self.found("zebras"), ["Zebras"])

    def found(self, query):
        return [post["title"] for post in self.session.ask(self.demo["reader"], FIELD, {"query": query})["data"]["searchPosts"]]


if __name__ == "__main__":
    unittest.main()
