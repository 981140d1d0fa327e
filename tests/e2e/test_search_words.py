"""The functions in Rust that prepare the words of a post: each does what an expression in SQL says."""

import unittest

from blog import BlogTest, quoted

# What tenant_vector does, as text.
EXPECTED = r"regexp_replace(v::text, '''((?:[^'']|'''')*)''', concat('''', {tenant}, ':\1'''), 'g')::tsvector"
VECTORS = (
    "''",
    "'a'",
    "'a:1 b:2A,3B c:4'",
    "'''it''''s'':1,2 ''a b'':3A ''\\\\'' é:16383 日本:7'",
    "'one:1A two'",
)


class SearchWords(BlogTest):
    """Called by a superuser; searches and stored words are in test_search.py."""

    def same(self, vectors, tenant=7):
        expected = EXPECTED.format(tenant=tenant)
        found = self.admin.rows(f"""SELECT v::text, saas_blog.tenant_vector({tenant}, v)::text, {expected}::text
            FROM ({vectors}) AS x (v) WHERE saas_blog.tenant_vector({tenant}, v) IS DISTINCT FROM {expected}
            OR tsvectorsend(saas_blog.tenant_vector({tenant}, v)) <> tsvectorsend({expected})""")
        self.assertEqual(found, [])

    def test_vectors_of_all_kinds(self):
        for tenant in (0, 7, -1, 9223372036854775807):
            self.same("SELECT v::tsvector FROM unnest(ARRAY[" + ", ".join(VECTORS) + "]) AS t (v)", tenant)

    def test_vectors_at_random(self):
        """Of words with and without positions and weights, small and toasted."""
        self.admin.rows("CREATE TEMPORARY TABLE vectors (v tsvector)")
        self.addCleanup(self.admin.rows, "DROP TABLE vectors")
        self.admin.rows("""INSERT INTO vectors
            SELECT CASE n % 3 WHEN 0 THEN strip(made) WHEN 1 THEN setweight(made, 'A') ELSE made || made END
            FROM (SELECT n, to_tsvector('simple', string_agg(left(md5(concat(n, i % 50)), 1 + i % 32), ' ')) AS made
                  FROM generate_series(1, 300) n, generate_series(1, n * 3) i GROUP BY n) x""")
        self.assertGreater(int(self.admin.value("SELECT max(pg_column_size(v)) FROM vectors")), 4000)
        self.same("TABLE vectors")

    def test_what_no_vector_has_room_for(self):
        word = "SELECT saas_blog.tenant_vector({}, quote_literal(repeat('x', {}))::tsvector)"
        self.assertEqual(len(self.admin.rows(word.format(7, 2044))), 1)
        self.refused(self.admin, word.format(77777, 2044), "54000")
        many = """SELECT length(saas_blog.tenant_vector({}, string_agg(md5(i::text), ' ')::tsvector))
            FROM generate_series(1, 30000) i"""
        self.assertEqual(self.admin.value(many.format(7)), "30000")
        self.refused(self.admin, many.format(777777), "54000")

    def test_texts(self):
        expected = r"regexp_replace(replace(t, '<', E'\x03'), '(\S{200})', E'\\1\x04', 'g')"
        texts = ["", "<", "a < b", "é" * 199, "é" * 200, "日" * 399 + "<", "a" * 400 + " " + "<" * 201,
                 "\n".join(["b" * 150] * 9), ("x" * 170 + "\t") * 3 + "y" * 1000]
        for text in texts:
            found = self.admin.value(f"SELECT saas_blog.search_text(t) = {expected} FROM (VALUES ({quoted(text)})) AS v (t)")
            self.assertEqual(found, "t", text[:20])


if __name__ == "__main__":
    unittest.main()
