//! Each limit of an installation, at its border.

use saas_blog::limits::{Limits, within};

use crate::common::{Request, numbered, request, verdicts};

/// Requests that are just within a limit, and just not.
fn border(limit: &str, value: u64, limits: Limits, within: &[&str], beyond: &[&str]) {
    let exceeded = format!("LIMIT_EXCEEDED: The request exceeds the limit {limit} of {value}.");
    let ask = |query: &&str| request(*query).limits(limits);
    verdicts(within.iter().map(|query| (ask(query), "ok")));
    verdicts(beyond.iter().map(|query| (ask(query), exceeded.as_str())));
}

fn defaults() -> Limits {
    Limits::default()
}

#[test]
fn tokens() {
    let beyond = ["{ me { id name } }", "{ me { id } } }", "{ a: me { id } }"];
    border(
        "max_tokens",
        6,
        Limits { tokens: 6, ..defaults() },
        &["{ me { id } } # a b c", "{,,,me,,{id}}"],
        &beyond,
    );
}

#[test]
fn nesting_of_brackets() {
    let beyond = [
        "{ me { posts { totalCount } } }",
        "{ post(id: [[\"x\"]]) { id } }",
        "{ me { id @skip(if: [true]) } }",
    ];
    border("max_nesting", 2, Limits { nesting: 2, ..defaults() }, &["{ post(id: \"x\") { id } }"], &beyond);
}

/// Brackets of fragments lie within those of their spreads.
#[test]
fn nesting_of_brackets_through_fragments() {
    let within = ["{ me { ...F } } fragment F on User { id }"];
    let beyond = [
        "{ me { ...F } } fragment F on User { posts { totalCount } }",
        "{ me { ...F } } fragment F on User { ... { id } }",
        "{ me { ...F } } fragment F on User { ...G } fragment G on User { id }",
    ];
    border("max_nesting", 3, Limits { nesting: 3, ..defaults() }, &within, &beyond);
}

#[test]
fn depth() {
    let within = [
        "{ me { posts { totalCount } } }",
        "{ me { ... { ... on User { posts { ... { totalCount } } } } } }",
        "{ ...F } fragment F on Query { me { posts { totalCount } } }",
    ];
    let beyond = [
        "{ me { posts { nodes { id } } } }",
        "{ me { ...F } } fragment F on User { posts { nodes { id } } }",
        "{ me { id } me { posts { nodes { id @skip(if: true) } } } }",
    ];
    border("max_depth", 3, Limits { depth: 3, ..defaults() }, &within, &beyond);
}

/// Fields about the schema count here alone: what else a request may nest says nothing about them.
#[test]
fn introspection_depth() {
    let limits = Limits { introspection_depth: 3, depth: 2, ..defaults() };
    let within = [
        "{ __schema { types { name } } me { id } }",
        "{ __type(name: \"Post\") { fields { name } } a: __type(name: \"Post\") { ... { ... { fields { name } } } } }",
        "{ ...F } fragment F on Query { __schema { queryType { ...G } } } fragment G on __Type { name }",
    ];
    let beyond = [
        "{ __schema { types { fields { name } } } me { id } }",
        "{ me { id } ...F } fragment F on Query { __type(name: \"Post\") { fields { ...G } } } fragment G on __Field { type { name @skip(if: true) } }",
        "{ __type(name: \"Post\") { ofType { ofType { ofType { name } } } } }",
    ];
    border("max_introspection_depth", 3, limits, &within, &beyond);
    border("max_depth", 2, limits, &[], &["{ __schema { types { name } } me { posts { totalCount } } }"]);
    // They count as much as others everywhere else.
    let few = Limits { fields: 4, aliases: 1, directives: 1, root_fields: 2, ..defaults() };
    border(
        "max_fields",
        4,
        few,
        &["{ __schema { types { name kind } } }"],
        &["{ __schema { types { name kind description } } }"],
    );
    border(
        "max_aliases",
        1,
        few,
        &["{ a: __schema { description } }"],
        &["{ a: __schema { b: description } }"],
    );
    border(
        "max_directives",
        1,
        few,
        &[],
        &["{ __schema @skip(if: false) { description @skip(if: false) } }"],
    );
    let roots = "{ __schema { description } a: __type(name: \"A\") { name } __typename }";
    border("max_root_fields", 2, Limits { fields: 100, ..few }, &[], &[roots]);
}

#[test]
fn aliases() {
    let beyond = [
        "{ a: me { b: id c: name } }",
        "{ a: me { b: id b: id } }",
        "{ me { ...F } a: me { id } } fragment F on User { b: id c: name }",
        "{ me { ...F } again: me { ...F } } fragment F on User { b: id }",
    ];
    border("max_aliases", 2, Limits { aliases: 2, ..defaults() }, &["{ a: me { b: id name } }"], &beyond);
}

#[test]
fn root_fields() {
    let within = [
        "{ me { id name role email } tenant { id } }",
        "{ ...F } fragment F on Query { me { id } tenant { id } }",
    ];
    let beyond = [
        "{ me { id } tenant { id } __typename }",
        "{ me { id } me { id } me { id } }",
        "{ ...F me { id } } fragment F on Query { me { id } ... { tenant { id } } }",
    ];
    border("max_root_fields", 2, Limits { root_fields: 2, ..defaults() }, &within, &beyond);
}

#[test]
fn directives() {
    let within = ["{ me @skip(if: false) { id @include(if: true) name } }"];
    let beyond = [
        "{ me @skip(if: false) @include(if: true) { id @include(if: true) name } }",
        "{ ... @skip(if: false) { me { ... @skip(if: false) { id @skip(if: false) } } } }",
        "{ me { ...F @skip(if: false) } } fragment F on User { id @skip(if: false) name @skip(if: false) }",
    ];
    border("max_directives", 2, Limits { directives: 2, ..defaults() }, &within, &beyond);
}

#[test]
fn fields() {
    let within = ["{ me { id name role } }", "{ me { ...F } } fragment F on User { id name ... { role } }"];
    let beyond = [
        "{ me { id name role email } }",
        "{ me { id id id id } }",
        "{ me { ...F ...F } } fragment F on User { id name }",
        "{ me { id name role @skip(if: true) email } }",
    ];
    border("max_fields", 4, Limits { fields: 4, ..defaults() }, &within, &beyond);
}

#[test]
fn page_size() {
    let limits = Limits { page_size: 5, ..defaults() };
    let ask = |query: &str| request(query).limits(limits);
    verdicts([
        (ask("{ posts(first: 5) { totalCount } }"), "ok"),
        (
            ask("{ posts(first: 6) { totalCount } }"),
            "BAD_USER_INPUT 1:3 posts: Argument \"first\" must be between 0 and 5.",
        ),
    ]);
}

/// The sum over all lists of the products of page sizes.
#[test]
fn rows() {
    let within = [
        "{ posts(first: 100) { nodes { id } } }",
        "{ posts(first: 9) { nodes { comments(first: 10) { totalCount } } } }",
        "{ posts(first: 50) { nodes { id } edges { cursor } } me { posts(last: 50) { totalCount } } }",
        "{ posts(first: 0) { nodes { comments(first: 100) { nodes { id } } } } }",
    ];
    let beyond = [
        "{ posts(first: 50) { totalCount } me { posts(first: 51) { totalCount } } }",
        "{ posts(first: 10) { nodes { comments(first: 10) { totalCount } } } }",
        "{ posts(first: 9) { nodes { author { posts(first: 1) { nodes { comments(first: 10) { totalCount } } } } } } }",
        "{ posts(first: 5) { nodes { comments { nodes { id } } } } }",
    ];
    border("max_rows", 100, Limits { rows: 100, ..defaults() }, &within, &beyond);
}

/// Expected bytes: 50 a value, 16 000 a post's content, 4 000 a comment's.
#[test]
fn cost() {
    let within = [
        "{ posts(first: 10) { nodes { content } } }",
        "{ posts(first: 1) { nodes { comments(first: 40) { nodes { content } } } } }",
        "{ posts(first: 100) { nodes { id title createdAt author { id name } } } }",
    ];
    let beyond = [
        "{ posts(first: 11) { nodes { content } } }",
        "{ posts(first: 10) { nodes { content c: content } } }",
        "{ posts(first: 10) { nodes { content } edges { node { content } } } }",
        "{ posts(first: 1) { nodes { comments(first: 41) { nodes { content } } } } }",
    ];
    border("max_cost", 162_000, Limits { cost: 162_000, ..defaults() }, &within, &beyond);
}

/// Three levels at their limits, and long texts under many names.
#[test]
fn answers_that_would_be_huge_by_default() {
    let rows = "{ posts(first: 100) { nodes { comments(first: 100) { nodes { post { comments(first: 100) { nodes { id } } } } } } } }";
    let names = numbered(0..50, |name| format!("c{name}: content "));
    let cost = [
        format!("{{ posts(first: 100) {{ nodes {{ {names} }} }} }}"),
        format!("{{ posts(first: 100) {{ nodes {{ comments(first: 90) {{ nodes {{ {names} }} }} }} }} }}"),
    ];
    let pages = [
        "{ posts(first: 100) { nodes { id title content author { name } } } }",
        "{ posts(first: 90) { nodes { id title content comments(first: 100) { nodes { id content author { name } } } } } }",
    ];
    border("max_rows", 10_000, defaults(), &[], &[rows]);
    border("max_cost", 64 << 20, defaults(), &pages, &cost.each_ref().map(String::as_str));
}

/// A later request of the same shape may be within the limits, so they are no part of the statement.
#[test]
fn rows_and_cost_are_counted_with_the_values_of_the_request() {
    let query =
        "query ($a: Int, $b: Int) { posts(first: $a) { nodes { comments(first: $b) { totalCount } } } }";
    let ask = |a: i32, b: i32| request(query).variables(serde_json::json!({"a": a, "b": b}));
    assert_eq!(ask(100, 99).verdict(), "ok");
    assert_eq!(ask(100, 100).verdict(), "LIMIT_EXCEEDED: The request exceeds the limit max_rows of 10000.");
    assert_eq!(ask(100, 99).sql(), ask(100, 100).sql());
}

/// Texts are measured by the caller of the stages: the query's, the variables' and the answer's bytes.
#[test]
fn a_limit_is_the_most_that_is_allowed() {
    for limit in ["max_query_bytes", "max_variables_bytes", "max_answer_bytes"] {
        assert!(within(limit, 0, 0).is_ok() && within(limit, 7, 7).is_ok());
        let error = within(limit, 8, 7).unwrap_err();
        assert_eq!(error.to_string(), format!("The request exceeds the limit {limit} of 7."));
        assert_eq!(error.code(), "LIMIT_EXCEEDED");
    }
}

/// SECURITY.md, "Limits".
#[test]
fn the_defaults() {
    let Limits { query_bytes, variables_bytes, tokens, nesting, depth, aliases, root_fields, .. } =
        defaults();
    assert_eq!(defaults().introspection_depth, 15);
    let Limits { directives, fields, page_size, rows, cost, answer_bytes, errors, .. } = defaults();
    assert_eq!((query_bytes, variables_bytes, tokens, nesting), (64 << 10, 1 << 20, 10_000, 100));
    assert_eq!((depth, aliases, root_fields, directives, fields), (12, 50, 20, 50, 5_000));
    assert_eq!((page_size, rows, cost, answer_bytes, errors), (100, 10_000, 64 << 20, 32 << 20, 20));
}

/// What is too large is refused before anything is said about rights or values.
#[test]
fn limits_of_size_come_before_rights() {
    let request: Request = request("{ users { nodes { email } } }").role(saas_blog::schema::Role::Subscriber);
    assert!(request.verdict().starts_with("FORBIDDEN"));
    let small = request.limits(Limits { depth: 2, ..defaults() });
    assert_eq!(small.verdict(), "LIMIT_EXCEEDED: The request exceeds the limit max_depth of 2.");
}

/// A mutation is measured like a query: as a whole, however many steps it takes.
#[test]
fn limits_of_mutations() {
    let post = |key: &str| format!("{key}: deletePost(id: 1) {{ id }}");
    let roots = |keys: &[&str]| {
        let fields: Vec<String> = keys.iter().map(|key| post(key)).collect();
        format!("mutation {{ {} }}", fields.join(" "))
    };
    let limits = Limits { root_fields: 2, ..defaults() };
    border(
        "max_root_fields",
        2,
        limits,
        &[&roots(&["a", "b"])],
        &[&roots(&["a", "b", "c"]), &roots(&["a"; 3])],
    );
    let in_fragment = "mutation @dryRun { ...F __typename } fragment F on Mutation { a: __typename deletePost(id: 1) { id } }";
    border("max_root_fields", 2, limits, &[], &[in_fragment]);
    let limits = Limits { aliases: 2, ..defaults() };
    border("max_aliases", 2, limits, &[&roots(&["a", "b"])], &[&roots(&["a", "b", "c"])]);

    let within = ["mutation { deletePost(id: 1) { author { id } } }"];
    let beyond = ["mutation { deletePost(id: 1) { comments { nodes { id } } } }"];
    border("max_depth", 3, Limits { depth: 3, ..defaults() }, &within, &beyond);
    let limits = Limits { directives: 1, ..defaults() };
    let within = ["mutation @dryRun { deletePost(id: 1) { id } }"];
    let beyond = ["mutation @dryRun { deletePost(id: 1) { id @skip(if: false) } }"];
    border("max_directives", 1, limits, &within, &beyond);
    let limits = Limits { fields: 3, ..defaults() };
    border("max_fields", 3, limits, &["mutation { deletePost(id: 1) { id title } }"], &[&roots(&["a", "b"])]);

    let comments = |first: [u32; 2]| {
        let one = |first| format!("{{ comments(first: {first}) {{ nodes {{ content }} }} }}");
        format!(
            "mutation {{ a: restorePost(id: 1) {} b: deletePost(id: 1) {} }}",
            one(first[0]),
            one(first[1])
        )
    };
    let limits = Limits { rows: 100, ..defaults() };
    border("max_rows", 100, limits, &[&comments([50, 50])], &[&comments([50, 51])]);
    // 4 000 bytes a comment, 50 for each object at the root and each list.
    let limits = Limits { cost: 40_200, ..defaults() };
    border("max_cost", 40_200, limits, &[&comments([5, 5])], &[&comments([5, 6])]);
}

/// Each step has a plan, and the kept program has all of them.
#[test]
fn the_relations_of_all_steps_count() {
    let relations = |query: &str| request(query).compiled().unwrap().program.relations;
    let one = "deletePost(id: 1) { author { name } comments { nodes { id } } commentCount }";
    assert_eq!(relations(&format!("mutation {{ {one} }}")), 3);
    assert_eq!(relations(&format!("mutation {{ a: {one} k: __typename b: {one} c: {one} }}")), 9);
    assert_eq!(relations("mutation { __typename }"), 0);
}
