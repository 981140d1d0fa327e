"""What `graphql.explain` shows, and to whom."""

import os
import unittest

from blog import PROXY, UNKNOWN_ID, SqlError, as_json, parsed, post_id, psql, quoted, tenant_id, user_id
from test_answers import GUIDE, AnswerTest


class Explain(AnswerTest):
    """What `graphql.explain` shows to an administrator."""

    ADMIN = f"e2e_explainer_{os.getpid()}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        psql(cls.blog.name, script=f"CREATE ROLE {cls.ADMIN} LOGIN; GRANT saas_blog_admin TO {cls.ADMIN};")
        cls.addClassCleanup(psql, "postgres", "-c", f"DROP ROLE {cls.ADMIN}")
        # A tenant large enough that reading all of it would be the worse plan.
        cls.admin.rows("""INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, identifier, title, published, created_at)
            SELECT u.fk_tenant, u.pk_user, 'bulk-' || n, 'Bulk ' || n || ' of demo', true,
                now() - n * interval '1 minute'
            FROM saas_blog.tb_user AS u, generate_series(1, 3000) AS n WHERE u.name = 'editor of demo'""")
        cls.admin.rows("""INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
            SELECT fk_tenant, pk_post, fk_user, 'Bulk of demo' FROM saas_blog.tb_post, generate_series(1, 5)
            WHERE title LIKE 'Bulk%'""")
        cls.admin.rows("VACUUM ANALYZE")

    def explain(self, query, variables=None, analyze=False, token=None, session=None):
        token = quoted(token or self.demo["admin"])
        arguments = f"{quoted(query)}, {as_json(variables)}, {token}, NULL, {analyze}"
        return parsed((session or self.blog.session(self.ADMIN)).value(f"SELECT graphql.explain({arguments})"))

    def nodes(self, plan):
        """All nodes of a plan."""
        yield plan
        for inner in plan.get("Plans", []):
            yield from self.nodes(inner)

    def test_one_statement_with_index_scans_for_the_first_query(self):
        for analyze in (False, True):
            (statement,) = self.explain(GUIDE, analyze=analyze)["statements"]
            self.assertEqual(list(statement), ["sql", "parameters", "plan"])
            self.assertTrue(statement["sql"].startswith("SELECT "))
            scans = [
                node
                for node in self.nodes(statement["plan"][0]["Plan"])
                if "Scan" in node["Node Type"] and "Relation Name" in node
            ]
            self.assertEqual({node["Relation Name"] for node in scans}, {"tb_post", "tb_user", "tb_comment"})
            # tb_user is one page of rows, which may well be read as they come; tb_post_pkey is the policy's own probe.
            pages = [node for node in scans if node["Relation Name"] != "tb_user"]
            self.assertLessEqual({node["Node Type"] for node in pages}, {"Index Scan", "Index Only Scan"})
            self.assertEqual(
                {node["Index Name"] for node in pages}, {"tb_post_page", "tb_comment_page", "tb_post_pkey"}
            )
            self.assertEqual("Actual Rows" in scans[0], analyze)

    def test_node_looks_no_further_than_it_must(self):
        """One statement, by indexes; what comes behind the probe that finds something is not run."""
        query = """query ($id: ID!) { node(id: $id) { id __typename ... on Post { title } ... on Comment { content } } }"""
        for id, run in (
            (tenant_id("demo"), (1, 0, 0, 0)),
            (user_id("demo", "reader"), (1, 1, 0, 0)),
            (post_id("demo", 2), (1, 1, 1, 0)),
            (UNKNOWN_ID, (1, 1, 1, 1)),
        ):
            (statement,) = self.explain(query, {"id": id}, analyze=True)["statements"]
            scans = [node for node in self.nodes(statement["plan"][0]["Plan"]) if "Relation Name" in node]
            loops = {}
            for scan in scans:
                # Tenants and users are one page of rows each, which may well be read as they come.
                if scan["Relation Name"] in ("tb_post", "tb_comment"):
                    self.assertIn(scan["Node Type"], ("Index Scan", "Index Only Scan"), scan)
                loops.setdefault(scan["Relation Name"], scan["Actual Loops"])
            self.assertEqual(tuple(loops[f"tb_{table}"] for table in ("tenant", "user", "post", "comment")), run, id)

    def test_parameters_are_those_of_the_request(self):
        cursor = self.data("admin", "{ posts(first: 1) { pageInfo { endCursor } } }")["posts"]["pageInfo"]["endCursor"]
        query = """query ($c: String, $p: Boolean) {
            posts(after: $c, published: $p, first: 7) { nodes { id } } user(id: "x") { id } }"""
        (statement,) = self.explain(query, {"c": cursor, "p": True})["statements"]
        self.assertIn(7, statement["parameters"])
        self.assertIn(True, statement["parameters"])
        self.assertIn(None, statement["parameters"])
        self.assertEqual(len(statement["parameters"]), len(set(map(str, statement["parameters"]))))

    def test_errors_are_those_of_execute(self):
        for query, code in (
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ tenants { totalCount } }", "FORBIDDEN"),
            ("{", "GRAPHQL_PARSE_FAILED"),
        ):
            self.check_error(self.explain(query), code)
        self.check_error(self.explain(GUIDE, token="garbage"), "UNAUTHENTICATED")
        self.refused(self.session, "SELECT graphql.explain('{ me { id } }')", "42501")
        self.assertEqual(self.session.value("SELECT current_user"), PROXY)

    def test_a_cancelled_explain_does_not_spoil_the_next(self):
        """A prepared statement outlives the rollback that ends the call which made it."""
        self.admin.rows(
            "CREATE FUNCTION public.slow() RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT pg_sleep(0.02) IS NOT NULL'"
        )
        self.addCleanup(self.admin.rows, "DROP FUNCTION public.slow()")
        self.admin.rows(
            "CREATE POLICY slow ON saas_blog.tb_post AS RESTRICTIVE TO saas_blog_exec USING (public.slow())"
        )
        self.addCleanup(self.admin.rows, "DROP POLICY slow ON saas_blog.tb_post")
        session = self.blog.session(self.ADMIN)
        self.assertIn("statements", self.explain(GUIDE, session=session))
        session.rows("SET statement_timeout = '100ms'")
        with self.assertRaises(SqlError) as caught:
            self.explain(GUIDE, analyze=True, session=session)
        self.assertEqual(caught.exception.sqlstate, "57014")
        session.rows("SET statement_timeout = 0")
        for _ in range(2):
            self.assertIn("statements", self.explain(GUIDE, session=session))


if __name__ == "__main__":
    unittest.main()
