"""Measures the extension against SQL that is written by hand, with pgbench, and prints the ratios as Markdown.

Before anything is measured, both sides of each row must give the same bytes. Status 0 when everything ran, whatever
the ratios are; with --strict, 1 if a ratio is over its limit."""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import hostile

HERE = Path(__file__).resolve().parent
PAGE = ("{ posts(first: 20) { nodes { id title content author { id name } comments(first: 5) "
        "{ nodes { id content author { name } } } } pageInfo { hasNextPage } } }")
IDS = "{ posts(first: 20) { nodes { id } } }"
AFTER = ("query ($after: String) { posts(first: 20, after: $after) { nodes { id title author { name } } "
         "pageInfo { hasNextPage endCursor } } }")
WALK = "query ($after: String, $n: Int) { posts(first: $n, after: $after) { pageInfo { endCursor } } }"
# The guide's largest request. Without a token it is parsed, validated, and refused then.
GUIDE = ('query { posts(first: 20, after: "cursor123") { edges { node { id title author { name } comments(first: 5) '
         "{ edges { node { content author { name } } } } } } pageInfo { hasNextPage endCursor } } }")
WORD = "zanzibar"  # in 188 posts of `big` and in 188 of `medium`
SEARCH = f'{{ searchPosts(query: "{WORD}", first: 10) {{ id title highlight rank }} }}'
POPULAR = "{ popularPosts(first: 10) { id title } }"
REFUSED = "SELECT graphql.execute(:query)"
EXECUTE = "SELECT graphql.execute(:query, NULL, :token)"
EXECUTE_AFTER = "SELECT graphql.execute(:query, :variables::jsonb, :token)"
RESOLVE = "SELECT graphql.resolve(:query, NULL, :token)"

COMMENT = ("mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) "
           "{ id content author { name } } }")
POST = ("mutation ($title: String!, $content: String!) { createPost(title: $title, content: $content, published: true) "
        "{ id title author { name } } }")
# What a good hand would set; a generic plan is never made again.
TUNED = "-c search_path=pg_catalog -c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What is left and right of each ratio, and the limit.
ROWS = [
    ("`graphql.execute`, page of 20 posts with author and 5 comments with authors", "by hand, same RLS", "execute", "hand", 1.25),
    ("the same", "by hand, superuser without RLS", "execute", "hand_super", 2.0),
    ("`graphql.resolve`, same page", "`(by hand)::jsonb`, same RLS", "resolve", "hand_jsonb", 1.25),
    ("page 1 000 by cursor", "page 2 by cursor", "page_1000", "page_2", 1.2),
    ("`posts(first: 20) { nodes { id } }` of 200 000 posts", "of 1 000 posts", "ids_big", "ids_small", 1.2),
    ("`{ me { name } }`", "by hand, same RLS", "me", "hand_me", 2.5),
    ("`createComment { id content author { name } }`", "PL/pgSQL by hand, same RLS", "comment", "hand_comment", 1.4),
    ("`createPost { id title author { name } }`", "PL/pgSQL by hand, same RLS", "post", "hand_post", 1.4),
    # A throughput of at least 0.8 is a latency of at most 1 / 0.8.
    ("`createComment` by 8 clients at once, commits durable", "the same by hand", "comment_8", "hand_comment_8", 1.25),
    ("`searchPosts` of a word in 188 of 200 000 posts", "by hand, superuser without RLS", "search", "hand_search_super", 5.0),
    ("the same", "by hand, same RLS, where `@@` uses no index", "search", "hand_search", 0.025),
    ("the same", "of a word in 188 of 2 000 posts", "search", "search_medium", 1.5),
    ("`popularPosts` of 200 000 posts with 500 000 comments", "not stored", "popular", "popular_cold", 0.05),
    ("`INSERT` of a post, same RLS", "without the search index", "insert", "insert_unindexed", 2.0),
]


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, **more)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def psql(script, user="postgres", options="", **variables):
    """The first column of what a script answers; `:'name'` stands for a variable's value."""
    settings = [f"-v{name}={value}" for name, value in variables.items()]
    command = ["psql", "-XqAt", "-vON_ERROR_STOP=1", "-U", user, *settings]
    return run(command, input=script, env={**os.environ, "PGOPTIONS": options}).rstrip("\n")


@contextlib.contextmanager
def trigger_off(name):
    """Keeps a trigger of the table of posts, if one is named, from being set off by anybody."""
    if name:
        psql(f"ALTER TABLE saas_blog.tb_post DISABLE TRIGGER {name}")
    try:
        yield
    finally:
        if name:
            psql(f"ALTER TABLE saas_blog.tb_post ENABLE TRIGGER {name}")


class Side:
    """One thing to measure: a statement, who runs it, how many at once, without which trigger of tb_post, and its
    variables; :n is a random number."""

    def __init__(self, sql, user="postgres", options="", clients=1, without=None, **variables):
        self.sql, self.user, self.options, self.clients, self.variables = sql, user, options, clients, variables
        self.without = without
        self.latencies = []

    def answer(self):
        """The bytes that the statement gives."""
        quoted = re.sub(r"(?<!:):([a-z]\w*)", r":'\1'", self.sql)
        return psql(quoted, self.user, self.options, n=1, **self.variables)

    def measure(self, script, seconds):
        """The mean latency of one short run in microseconds, without the time to connect."""
        script.write_text(f"\\set n random(0, 1000000000)\n{self.sql};\n")
        settings = [f"-D{name}={value}" for name, value in self.variables.items()]
        clients = [f"-c{self.clients}", f"-j{min(2, self.clients)}"]
        with trigger_off(self.without):
            out = run(["pgbench", "-n", "-Mprepared", *clients, f"-T{seconds}", f"-f{script}", "-U", self.user, *settings],
                      env={**os.environ, "PGOPTIONS": self.options})
        return float(re.search(r"latency average = ([\d.]+) ms", out)[1]) * 1000


def editor(tenant):
    """Keys, ids and a token of an editor of that tenant."""
    text = psql("""SELECT json_build_object('tenant', t.pk_tenant, 'user', u.pk_user, 'tenant_id', t.id, 'user_id', u.id,
            'token', saas_blog.sign_jwt(jsonb_build_object('user_id', u.id, 'tenant_id', t.id, 'role', u.role,
                'iat', extract(epoch FROM now())::bigint, 'exp', extract(epoch FROM now())::bigint + 36000), 'bench-key'))
        FROM saas_blog.tb_tenant t JOIN saas_blog.tb_user u ON u.fk_tenant = t.pk_tenant
        WHERE t.identifier = :'tenant' AND u.identifier = 'user-2'""", tenant=tenant)
    return json.loads(text)


def same_rls(who):
    """The settings of a backend that runs as the compiled SQL does: its role and its context."""
    context = {"app.tenant_id": who["tenant_id"], "app.tenant_pk": who["tenant"], "app.user_id": who["user_id"],
               "app.user_pk": who["user"], "app.role": "editor", "role": "saas_blog_exec"}
    return " ".join(f"-c {name}={value}" for name, value in context.items())


def cursors(token):
    """The cursors that page 2 and page 1 000 begin after, found by walking there."""
    steps = [20] + [100] * 199 + [60]  # 20 posts, then 19 960 more
    walk = "\n".join(f"""SELECT graphql.execute(:'query', json_build_object('n', {n}, 'after', nullif(:'after', ''))::jsonb, :'token')
        #>> '{{data,posts,pageInfo,endCursor}}' AS after \\gset
        \\echo :after""" for n in steps)
    seen = psql("\\set after ''\n" + walk, "bench_proxy", query=WALK, token=token).split("\n")
    if len(seen) != len(steps) or not all(seen):
        sys.exit(f"walking by cursor went wrong after {len(seen)} of {len(steps)} pages")
    return seen[0], seen[-1]


def by_hand(name):
    """A statement of this folder, without its comments."""
    return re.sub(r"^--.*\n", "", (HERE / name).read_text().strip(), flags=re.M)


def sides():
    big, small = editor("big"), editor("small-50")
    page_2, page_1000 = (json.dumps({"after": cursor}) for cursor in cursors(big["token"]))
    hand, me = by_hand("page.sql"), by_hand("me.sql")
    walled = f"{TUNED} {same_rls(small)}"
    keys = {"tenant": small["tenant"]}
    call = {"user": "bench_proxy", "token": small["token"]}
    at_big = {"user": "bench_proxy", "token": big["token"]}
    return {
        "execute": Side(EXECUTE, query=PAGE, **call),
        "hand": Side(hand, options=walled, **keys),
        "hand_super": Side(hand, options=TUNED, **keys),
        "resolve": Side(RESOLVE, query=PAGE, **call),
        "hand_jsonb": Side(f"SELECT (\n{hand})::jsonb", options=walled, **keys),
        "page_1000": Side(EXECUTE_AFTER, query=AFTER, variables=page_1000, **at_big),
        "page_2": Side(EXECUTE_AFTER, query=AFTER, variables=page_2, **at_big),
        "ids_big": Side(EXECUTE, query=IDS, **at_big),
        "ids_small": Side(EXECUTE, query=IDS, **call),
        "me": Side(EXECUTE, query="{ me { name } }", **call),
        "unknown": Side(REFUSED, options="-c saas_blog.plan_cache_size=0", query=GUIDE),
        "known": Side(REFUSED, query=GUIDE),
        # `user` names Side's login role, so the statement's own variable comes by another way.
        "hand_me": Side(me.replace(":user", ":user_pk"), options=walled, user_pk=small["user"], **keys),
    }


def lists():
    """Search and the ranking of popular posts in the tenant of 200 000 posts, and search in that of 2 000."""
    big, medium = editor("big"), editor("medium")
    search, found = by_hand("search.sql"), {"tenant": big["tenant"], "asked": WORD}
    # A generic plan expects too many posts, and would read all of the tenant for a hash join.
    looped = f"{TUNED} -c enable_hashjoin=off -c enable_mergejoin=off"
    call = {"user": "bench_proxy", "token": big["token"]}
    return {
        "search": Side(EXECUTE, query=SEARCH, **call),
        "search_medium": Side(EXECUTE, "bench_proxy", query=SEARCH, token=medium["token"]),
        "hand_search_super": Side(search, options=looped, **found),
        "hand_search": Side(search, options=f"{looped} {same_rls(big)}", **found),
        "popular": Side(EXECUTE, query=POPULAR, **call),
        # A ranking that is stored for no time is computed each time. Only a superuser sets that.
        "popular_cold": Side(EXECUTE, options="-c saas_blog.popular_posts_ttl=0", query=POPULAR, token=big["token"]),
    }


def mutations():
    """Mutations and the same by hand, in a tenant that nothing else is measured in.

    A single client does not wait for the disk, so that what it measures is work; 8 clients commit as a server should."""
    writer = editor("small-51")
    durable = f"-c search_path=pg_catalog -c jit=off {same_rls(writer)}"
    at_once = "-c synchronous_commit=off"
    options = f"{durable} {at_once}"
    call = {"user": "bench_proxy", "token": writer["token"]}
    # Posts that are neither drafts nor deleted.
    post = "md5('post ' || :tenant || ' ' || 10 * (:n % 100) + 1)::uuid"
    said, title = "'I like what you say about rows.'", "'A post about ' || :n"
    comment = f"jsonb_build_object('post', {post}, 'content', {said})"
    found = {}
    for suffix, clients, ours, by_hand in (("", 1, at_once, options), ("_8", 8, "", durable)):
        common = {"clients": clients, "tenant": writer["tenant"]}
        found[f"comment{suffix}"] = Side(EXECUTE.replace("NULL", comment), options=ours, query=COMMENT, **call, **common)
        found[f"hand_comment{suffix}"] = Side(f"SELECT bench.create_comment({post}, {said})", options=by_hand, **common)
    variables = f"jsonb_build_object('title', {title}, 'content', {said})"
    found["post"] = Side(EXECUTE.replace("NULL", variables), options=at_once, query=POST, **call)
    found["hand_post"] = Side(f"SELECT bench.create_post({title}, {said})", options=options)
    # English prose, as the posts of the data have few different words, and each word of a post is an entry in the index.
    insert = f"""INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title, content, published)
        VALUES (:tenant, :author, {title}, :content, true)"""
    prose = {"tenant": writer["tenant"], "author": writer["user"], "content": (HERE.parent / "LICENSE").read_text()}
    found["insert"] = Side(insert, options=options, **prose)
    found["insert_unindexed"] = Side(insert, options=options, without="search_new", **prose)
    return found


def check(measured):
    """The two sides of a row must give the same bytes; the pages by cursor must be the posts that OFFSET finds,
    and the word that is searched must be in as many posts as the rows say."""
    for _, _, left, right, _ in ROWS:
        if right.startswith("hand"):
            a, b = (UUID.sub("an id", measured[side].answer()) if "mutation" in measured[left].variables["query"]
                    else measured[side].answer() for side in (left, right))
            if a != b:
                sys.exit(f"{left} and {right} differ:\n{a[:2000]}\n{b[:2000]}")
    for name, offset in (("page_2", 20), ("page_1000", 19980)):
        nodes = json.loads(measured[name].answer())["data"]["posts"]["nodes"]
        expected = psql(f"""SELECT id FROM saas_blog.tb_post WHERE deleted_at IS NULL AND fk_tenant =
            (SELECT pk_tenant FROM saas_blog.tb_tenant WHERE identifier = 'big')
            ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET {offset}""").split("\n")
        if [node["id"] for node in nodes] != expected:
            sys.exit(f"{name} is not the page that OFFSET {offset} finds")
    if measured["popular"].answer() != measured["popular_cold"].answer():
        sys.exit("the stored and the computed popularPosts differ")
    hits = psql("""SELECT string_agg(number || ' ' || identifier, ', ' ORDER BY identifier) FROM saas_blog.tb_tenant
        JOIN (SELECT fk_tenant, count(*) AS number FROM saas_blog.tb_post WHERE content LIKE '%' || :'word' || '%'
              GROUP BY fk_tenant) AS found ON fk_tenant = pk_tenant""", word=WORD)
    if hits != "188 big, 188 medium":
        sys.exit(f"{WORD} is in other posts than it should be: {hits}")
    for name in ("unknown", "known"):
        if "UNAUTHENTICATED" not in measured[name].answer():
            sys.exit(f"{name} is not refused: {measured[name].answer()}")
    print(f"The same bytes on both sides ({len(measured['execute'].answer().encode()):,} for the page).", flush=True)


def scans(plan):
    if "Relation Name" in plan:
        yield f"{plan['Node Type']} on {plan['Relation Name']}" + (f" by {plan['Index Name']}" if "Index Name" in plan else "")
    for part in plan.get("Plans", []):
        yield from scans(part)


def explain(token):
    """How PostgreSQL reaches the rows of the page, as graphql.explain tells."""
    text = psql("SELECT graphql.explain(:'query', NULL, :'token')", "bench_operator", query=PAGE, token=token)
    statements = json.loads(text)["statements"]
    plan = statements[0]["plan"]
    plan = plan[0] if isinstance(plan, list) else plan
    print(f"\ngraphql.explain: {len(statements)} statement\n" + "\n".join(f"  {scan}" for scan in scans(plan["Plan"])))


def table(measured):
    """The ratios, each the median of the rounds' ratios, which a busy machine disturbs least; returns how many are over."""
    over = 0
    print("\n| work | against | µs | µs | ratio | of all rounds | at most | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for work, against, left, right, limit in ROWS:
        a, b = measured[left].latencies, measured[right].latencies
        each = [x / y for x, y in zip(a, b)]
        ratio = statistics.median(each)
        over += ratio > limit
        digits = 2 if limit >= 0.1 else 4
        print(f"| {work} | {against} | {statistics.median(a):.0f} | {statistics.median(b):.0f} | **{ratio:.{digits}f}** "
              f"| {min(each):.{digits}f} – {max(each):.{digits}f} | {limit} | {'OVER' if ratio > limit else 'ok'} |")
    return over


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--seconds", type=int, default=2, help="of each run of pgbench")
    arguments.add_argument("--strict", action="store_true", help="status 1 if a ratio is over its limit")
    asked = arguments.parse_args()
    measured = sides() | lists() | mutations()
    check(measured)
    script = Path(os.environ["BENCH_DIR"]) / "script.sql"
    for side in measured.values():
        side.measure(script, 1)  # warms the caches
    for number in range(asked.rounds):
        print(f"round {number + 1} of {asked.rounds}", flush=True)
        # There and back, so that neither side is always the first.
        for side in list(measured.values())[:: -1 if number % 2 else 1]:
            side.latencies.append(side.measure(script, asked.seconds))
    over = table(measured)
    unknown, known = (statistics.median(measured[side].latencies) for side in ("unknown", "known"))
    print(f"\nParsing and validating the guide's largest request: {unknown - known:.0f} µs, once a session and document "
          f"(refused without a token in {known:.0f} µs when known, in {unknown:.0f} µs when not).")
    explain(measured["execute"].variables["token"])
    hostile.report(measured["execute"].variables["token"])
    sys.exit(1 if over and asked.strict else 0)


if __name__ == "__main__":
    main()
