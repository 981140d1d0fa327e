"""Requests that are cheap to send and would be dear to answer: for the end-to-end tests and for the benchmark."""

DEPTHS = (100, 1_000, 10_000, 100_000, 1_000_000)
MILLION = 1_000_000
# Every limit that a request meets before it is answered, as wide as it goes.
WIDE = {
    "max_query_bytes": 16 << 20,
    "max_variables_bytes": 256 << 20,
    "max_tokens": 1 << 20,
    "max_nesting": 200,
    "max_depth": 64,
    "max_aliases": 1 << 30,
    "max_root_fields": 1000,
    "max_directives": 1 << 30,
    "max_fields": 100_000,
}
# Before, opening, inside, closing, behind.
NESTED = {
    "selections": ("{", "me{", "id", "}", "}"),
    "inline fragments": ("{me{", "...{", "id", "}", "}}"),
    "inline fragments on a type": ("{me{", "...on User{", "id", "}", "}}"),
    "lists": ("{posts(first:", "[", "1", "]", "){totalCount}}"),
    "objects": ("{posts(first:", "{a:", "1", "}", "){totalCount}}"),
    "lists in defaults": ("query($a:Int=", "[", "1", "]", "){posts(first:$a){totalCount}}"),
    "objects in defaults": ("query($a:Int=", "{a:", "1", "}", "){posts(first:$a){totalCount}}"),
    "types": ("query($a:", "[", "Int", "]", "){posts(first:$a){totalCount}}"),
    "directives' arguments": ("{me{id@skip(if:", "[", "true", "]", ")}}"),
    "directives on fields": ("{me{id", "@skip(if:", "true", ")", "}}"),
    "introspection": ("{__schema{types{", "ofType{", "name", "}", "}}}"),
    "type system": ("type A{a(b:Int=", "[", "1", "]", "):Int}"),
}


def nested(kind, depth, closed=True):
    before, opening, inside, closing, behind = NESTED[kind]
    return before + opening * depth + (inside + closing * depth + behind if closed else "")


def numbered(count, piece):
    return "".join(piece(number) for number in range(count))


def chained(count, spreads):
    """Fragments, each of which spreads the next one so many times."""
    step = lambda n: f"fragment F{n} on Query{{{f'...F{n + 1} ' * spreads}}}"
    return "{...F0}" + numbered(count, step) + f"fragment F{count} on Query{{me{{id}}}}"


def relations(posts, id="x"):
    """Fragments within fragments, so that a few letters read hundreds of objects, lists and counts."""
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    user = f"posts(first: 1) {{ totalCount {info} nodes {{ commentCount }} edges {{ cursor node {{ commentCount }} }} }}"
    comment = "author { ...U } post { commentCount author { ...U } }"
    post = f"commentCount author {{ ...U }} comments(first: 1) {{ totalCount {info} nodes {{ ...C }} edges {{ node {{ ...C }} }} }}"
    roots = numbered(posts, lambda n: f'a{n}: post(id: "{id}") {{ ...P }} ')
    return f"{{ {roots} }} fragment U on User {{ {user} }} fragment C on Comment {{ {comment} }} fragment P on Post {{ {post} }}"


def many():
    """A million of anything, and the ways to multiply."""
    inner = numbered(100, lambda n: f"k{n}:title ")
    cycle = numbered(10_000, lambda n: f"fragment F{n} on Query{{...F{(n + 1) % 10_000}}}")
    return {
        "aliases": "{me{" + "a:id " * MILLION + "}}",
        "different aliases": "{me{" + numbered(100_000, lambda n: f"a{n}:id ") + "}}",
        "directives": "{me{id" + "@skip(if:true)" * (MILLION // 10) + "}}",
        "unknown directives": "{me{id" + "@a " * MILLION + "}}",
        "a megabyte in a string": '{post(id:"' + "x" * MILLION + '"){a}}',
        "a megabyte in a name": "{" + "x" * MILLION + "}",
        "a megabyte in a number": "{posts(first:" + "9" * MILLION + "){totalCount}}",
        "unknown arguments": "{post(" + numbered(50_000, lambda n: f"a{n}:1 ") + "){id}}",
        "unknown fields": "{me{" + numbered(90_000, lambda n: f"f{n} ") + "}}",
        "variables": "query(" + numbered(50_000, lambda n: f"$v{n}:Int ") + "){me{id}}",
        "operations": numbered(50_000, lambda n: f"query Q{n}{{me{{id}}}}"),
        "operations that share a fragment": numbered(20_000, lambda n: f"query Q{n}{{...F}}")
        + "fragment F on Query{" + "me{id}" * 5_000 + "}",
        "operations that share a fragment, within the tokens": numbered(545, lambda n: f"query Q{n}{{...F me{{id}}}}")
        + "fragment F on Query{me{" + "id " * 4_500 + "}}",
        "relations": relations(20),
        "fragments that double": chained(950, 2),
        "fragments that double within the nesting": chained(90, 2),
        "chained fragments": chained(10_000, 1),
        "fragments in a circle": "{...F0}" + cycle,
        "fragments that spread all others": "{...F0}"
        + numbered(150, lambda n: f"fragment F{n} on Query{{{numbered(149 - n, lambda m: f'...F{n + 1 + m} ')}__typename}}"),
        "overlapping fields": "{" + numbered(200, lambda n: f"posts(first:1){{nodes{{{inner}}}}}") + "}",
        "overlapping fields that conflict": "{" + numbered(200, lambda n: f"posts(first:{n}){{nodes{{{inner}}}}}") + "}",
        "conflicts deep below": "{" + numbered(300, lambda n: "me{posts{nodes{author{posts{nodes{" + f"a:{('id', 'title')[n % 2]}" + "}}}}}}") + "}",
        "introspection that multiplies": "{__schema{types{"
        + numbered(16, lambda a: f"a{a}:fields{{type{{" + numbered(16, lambda b: f"b{b}:fields{{name description args{{name description}}}}") + "}}") + "}}}",
    }
