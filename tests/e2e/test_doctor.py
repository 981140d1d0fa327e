"""`doctor()` finds each invariant that is broken by hand: each line of tests/doctor.sql, in its own transaction."""

import unittest

from blog import HERE, Blog, psql

CASES = HERE.parent / "doctor.sql"


def cases():
    """The lines `check_name, … | statements`."""
    for number, line in enumerate(CASES.read_text().splitlines(), 1):
        if line and not line.startswith("--"):
            names, statements = line.split(" | ", 1)
            yield number, names.split(", "), statements


class Doctor(unittest.TestCase):
    """A superuser breaks an installation without rows, and looks."""

    @classmethod
    def setUpClass(cls):
        cls.blog = Blog(fixtures=False)
        cls.addClassCleanup(cls.blog.close)
        psql(cls.blog.name, "-c", "CREATE EXTENSION saas_blog")
        cls.admin = cls.blog.session(None)

    def failing(self):
        return self.admin.column("SELECT check_name FROM saas_blog.doctor() WHERE status = 'fail' ORDER BY 1")

    def test_all_is_well_by_itself(self):
        rows = self.admin.rows("SELECT check_name, status, detail FROM saas_blog.doctor()")
        self.assertEqual({(status, detail) for _, status, detail in rows}, {("ok", "nothing to do")})
        self.assertEqual(len({name for name, _, _ in rows}), len(rows))

    def test_what_is_broken_by_hand(self):
        for number, names, statements in cases():
            with self.subTest(line=number, statements=statements):
                self.admin.rows("BEGIN")
                try:
                    # Several statements go to the server as one.
                    self.admin.rows(statements if "$$" in statements else statements.replace(";", r"\;"))
                    self.assertEqual(self.failing(), names)
                    for detail in self.admin.column("SELECT detail FROM saas_blog.doctor() WHERE status = 'fail'"):
                        self.assertRegex(detail, r"^.+ — .+$")
                finally:
                    self.admin.rows("ROLLBACK")
        self.assertEqual(self.failing(), [])

    def test_every_check_can_fail(self):
        known = set(self.admin.column("SELECT check_name FROM saas_blog.doctor()"))
        self.assertEqual({name for _, names, _ in cases() for name in names}, known)


if __name__ == "__main__":
    unittest.main()
