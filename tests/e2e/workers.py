"""What the tests of concurrency share: clients at the same time, idempotency keys, and what was written."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from blog import as_json, codes, quoted

CREATE = """mutation ($title: String!, $identifier: String) {
    createPost(title: $title, content: "c", published: true, identifier: $identifier) { id identifier title } }"""
UPDATE = """mutation ($id: ID!, $title: String, $content: String, $published: Boolean, $if: DateTime) {
    updatePost(id: $id, title: $title, content: $content, published: $published, ifUpdatedAt: $if)
    { id title content updatedAt } }"""
DELETE = "mutation ($id: ID!) { deletePost(id: $id) { id deletedAt } }"
RESTORE = "mutation ($id: ID!) { restorePost(id: $id) { id deletedAt } }"
COMMENT = """mutation ($post: ID!, $content: String!) {
    createComment(postId: $post, content: $content) { id content post { id } } }"""
ROLE = "mutation ($id: ID!, $role: String!) { updateUser(id: $id, role: $role) { id role } }"


def together(blog, count, work):
    """What clients bring home that do `work(session, number)` at the same time, each with a session of its own."""
    sessions = [blog.session() for _ in range(count)]
    start = threading.Barrier(count)

    def client(number):
        start.wait(timeout=60)
        return work(sessions[number], number)

    try:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(client, range(count)))
    finally:
        for session in sessions:
            session.close()


def keyed(token, query, variables, key):
    """The SQL of a request with an idempotency key."""
    extensions = as_json({"idempotencyKey": key})
    return f"graphql.execute({quoted(query)}, {as_json(variables)}, {quoted(token)}, NULL, {extensions})"


def outcome(answer):
    """The code of an answer's only error, or None."""
    found = codes(answer)
    assert len(found) < 2, answer
    return found[0] if found else None


def new_post(session, token, title):
    """The id of a new post."""
    return session.ask(token, CREATE, {"title": title})["data"]["createPost"]["id"]


def audited(admin, id):
    """What the audit log has of a row: actions and their changes in the order in which they were made."""
    rows = admin.rows(
        f"SELECT action, changes FROM saas_blog.tb_audit_log WHERE entity_id = {quoted(id)} ORDER BY pk_audit_log"
    )
    return [(action, json.loads(changes)) for action, changes in rows]


def everything(admin):
    """How many rows each table has that a mutation writes to, and the newest state of posts and users."""
    counts = admin.rows("""SELECT (SELECT count(*) FROM saas_blog.tb_post), (SELECT count(*) FROM saas_blog.tb_comment),
        (SELECT count(*) FROM saas_blog.tb_user), (SELECT count(*) FROM saas_blog.tb_tenant),
        (SELECT count(*) FROM saas_blog.tb_audit_log), (SELECT count(*) FROM saas_blog.tb_idempotency_key),
        (SELECT md5(string_agg(p::text, '' ORDER BY pk_post)) FROM saas_blog.tb_post AS p),
        (SELECT md5(string_agg(u::text, '' ORDER BY pk_user)) FROM saas_blog.tb_user AS u)""")
    return counts[0]


def until_it_waits(admin, session, count=1):
    """Waits until this many backends, the session's among them, wait for a lock."""
    deadline = time.monotonic() + 30
    waiting = f"""SELECT count(*) >= {count} AND bool_or(pid = {session.pid}) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()"""
    while admin.value(waiting) != "t":
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.01)
