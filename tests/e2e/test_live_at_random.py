"""Random transactions of eight writers, and subscribers who ask meanwhile: each gets each of its events exactly once."""

import random
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from blog import Session, codes, parsed, post_id
from live import COMMENT, LiveTest, contents, following, subscribe

WRITERS, TRANSACTIONS = 8, 40
POSTS = {"demo": (1, 2, 3), "another": (1, 2)}


class Writer:
    """Comments in transactions of all kinds, and notes what was committed."""

    def __init__(self, test, number, tokens):
        self.chance, self.number = random.Random(number), number
        self.session, self.tokens = Session(test.blog.name), tokens
        self.committed, self.count = {}, 0

    def comment(self):
        """A comment on any post; gives the post with what it says."""
        tenant = self.chance.choice(list(POSTS))
        post = post_id(tenant, self.chance.choice(POSTS[tenant]))
        self.count += 1
        content = f"{self.number} {self.count}"
        variables = {"post": post, "content": content}
        answer = self.session.ask(self.tokens[tenant], COMMENT, variables)
        assert codes(answer) == [], answer
        return post, content

    def part(self, depth):
        """Some comments, some of them in a subtransaction that may be taken back."""
        found = []
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            if depth < 3 and self.chance.random() < 0.4:
                self.session.rows(f"SAVEPOINT s{depth}")
                inner = self.part(depth + 1)
                kept = self.chance.random() < 0.6
                self.session.rows(f"{'RELEASE' if kept else 'ROLLBACK TO'} s{depth}")
                found += inner if kept else []
            else:
                found.append(self.comment())
        return found

    def run(self):
        for _ in range(TRANSACTIONS):
            if self.chance.random() < 0.3:
                found, kept = [self.comment()], True
            else:
                self.session.rows("BEGIN " + self.chance.choice(("", "ISOLATION LEVEL REPEATABLE READ")))
                found, kept = self.part(0), self.chance.random() < 0.8
                self.session.rows("COMMIT" if kept else "ROLLBACK")
            if kept:
                for post, content in found:
                    self.committed.setdefault(post, []).append(content)
        self.session.close()


class Reader:
    """Follows a post. From time to time it forgets what it got last and goes on from the cursor of a result."""

    def __init__(self, test, number, post, token, most):
        self.chance, self.post, self.token = random.Random(number), post, token
        self.session = Session(test.blog.name)
        self.session.rows("SELECT saas_blog.tenant_pk()")
        self.session.rows(f"SET saas_blog.events_per_call = {most}")
        self.variables = {"post": post}
        opened = parsed(self.session.value(subscribe(token, variables=self.variables)))
        self.cursor, self.got, self.refused = opened["cursor"], [], 0

    def ask(self):
        """One call; gives whether there may be more."""
        mode = self.chance.choice(("", "", "BEGIN ISOLATION LEVEL REPEATABLE READ"))
        if mode:
            self.session.rows(mode)
            self.session.rows("SELECT count(*) FROM pg_class")
        answer = parsed(self.session.value(following(self.token, self.cursor, variables=self.variables)))
        if mode:
            self.session.rows("COMMIT")
        if "errors" in answer:
            assert "too old" in answer["errors"][0]["message"], answer
            self.refused += 1
            self.cursor = parsed(self.session.value(subscribe(self.token, variables=self.variables)))["cursor"]
            return True
        results = answer["results"]
        if results and self.chance.random() < 0.3:
            results = results[: self.chance.randrange(len(results)) + 1]
            self.cursor = results[-1]["cursor"]
        else:
            self.cursor = answer["cursor"]
        self.got += [contents(result) for result in results]
        return answer["more"] or len(results) < len(answer["results"])

    def run(self, ended):
        while True:
            last = ended.is_set()
            if not self.ask() and last:
                break
        self.session.close()


class AtRandom(LiveTest):
    """The writers' transactions overlap, and end in another order than they began in."""

    def race(self, besides=None):
        """Lets all of them run; gives the readers and what was committed on each post."""
        tokens = {"demo": self.demo, "another": self.another}
        writing = {tenant: found["writer"] for tenant, found in tokens.items()}
        writers = [Writer(self, number, writing) for number in range(WRITERS)]
        readers = [
            Reader(self, most, post_id(tenant, post), tokens[tenant]["reader"], most)
            for tenant, posts in POSTS.items()
            for post in posts
            for most in (1, 3, 500)
        ]
        ended = threading.Event()
        with ThreadPoolExecutor(len(readers) + 1) as pool:
            followed = [pool.submit(reader.run, ended) for reader in readers]
            beside = pool.submit(besides, ended) if besides else None
            try:
                with ThreadPoolExecutor(WRITERS) as writing:
                    for done in [writing.submit(writer.run) for writer in writers]:
                        done.result(timeout=300)
            finally:
                ended.set()
            for done in [*followed, *([beside] if beside else [])]:
                done.result(timeout=300)
        committed = {}
        for writer in writers:
            for post, found in writer.committed.items():
                committed.setdefault(post, []).extend(found)
        return readers, committed

    def test_each_event_exactly_once(self):
        readers, committed = self.race()
        self.assertGreater(sum(map(len, committed.values())), 300)
        for reader in readers:
            self.assertEqual(reader.refused, 0)
            self.assertEqual(sorted(reader.got), sorted(committed[reader.post]))

    def test_what_is_pruned_meanwhile_is_missed_by_nobody_who_is_not_told(self):
        def prune(ended):
            with Session(self.blog.name) as session:
                session.rows("SELECT saas_blog.tenant_pk()")
                session.rows("SET saas_blog.event_retention = 0")
                while not ended.is_set():
                    session.rows("SELECT saas_blog.maintain()")

        readers, committed = self.race(prune)
        for reader in readers:
            self.assertEqual(len(set(reader.got)), len(reader.got))
            missed = set(committed[reader.post]) - set(reader.got)
            self.assertEqual(set(reader.got) - set(committed[reader.post]), set())
            self.assertTrue(reader.refused or not missed, missed)
        self.assertTrue(any(reader.refused for reader in readers) and any(reader.got for reader in readers))


if __name__ == "__main__":
    unittest.main()
