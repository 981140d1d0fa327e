//! What no request may say (spec 5), and where it is told.

use crate::common::{none_wrong, request};

/// One fault a line, without the code, which is the same for all.
fn refused(rows: &[(&str, &str)]) {
    let wrong = rows.iter().filter_map(|(query, wanted)| {
        let wanted: Vec<String> = wanted
            .lines()
            .map(|line| {
                if line == "ok" {
                    line.to_owned()
                } else {
                    format!("GRAPHQL_VALIDATION_FAILED {}", line.trim_start())
                }
            })
            .collect();
        let (wanted, found) = (wanted.join("\n"), request(*query).verdict());
        (wanted != found).then(|| format!("{query}\n- {wanted}\n+ {found}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

#[test]
fn fields() {
    refused(&[
        ("{ nope }", "1:3: Cannot query field \"nope\" on type \"Query\"."),
        (
            "{ me { nope a: nope } }",
            "1:8: Cannot query field \"nope\" on type \"User\".\n1:13: Cannot query field \"nope\" on type \"User\".",
        ),
        (
            "{ me { ...F } } fragment F on User { nope }",
            "1:38: Cannot query field \"nope\" on type \"User\".",
        ),
        ("{ me { ... on Node { name } } }", "1:22: Cannot query field \"name\" on type \"Node\"."),
        ("{ posts { id } }", "1:11: Cannot query field \"id\" on type \"PostConnection\"."),
        ("{ __schema { types { name } } }", "1:3: Cannot query field \"__schema\" on type \"Query\"."),
        (
            "{ me { id { x } } }",
            "1:8: Field \"id\" must not have a selection since type \"ID!\" has no subfields.",
        ),
        (
            "{ me { __typename { x } } }",
            "1:8: Field \"__typename\" must not have a selection since type \"String!\" has no subfields.",
        ),
        (
            "{ posts { totalCount { x } } }",
            "1:11: Field \"totalCount\" must not have a selection since type \"Int!\" has no subfields.",
        ),
        (
            "{ me }",
            "1:3: Field \"me\" of type \"User\" must have a selection of subfields. Did you mean \"me { ... }\"?",
        ),
        (
            "{ posts { nodes } }",
            "1:11: Field \"nodes\" of type \"[Post!]!\" must have a selection of subfields. Did you mean \"nodes { ... }\"?",
        ),
        (
            "{ a: posts @skip(if: true) }",
            "1:3: Field \"posts\" of type \"PostConnection!\" must have a selection of subfields. Did you mean \"posts { ... }\"?",
        ),
    ]);
}

#[test]
fn arguments() {
    refused(&[
        ("{ me(id: 1) { id } }", "1:6: Unknown argument \"id\" on field \"Query.me\"."),
        ("{ posts(frist: 1) { totalCount } }", "1:9: Unknown argument \"frist\" on field \"Query.posts\"."),
        ("{ __typename(a: 1) }", "1:14: Unknown argument \"a\" on field \"Query.__typename\"."),
        (
            "{ me @skip(if: true, unless: 1) { id } }",
            "1:22: Unknown argument \"unless\" on directive \"@skip\".",
        ),
        (
            "{ posts(first: 1, first: 2) { totalCount } }",
            "1:19: There can be only one argument named \"first\".",
        ),
        ("{ me @skip(if: true, if: false) { id } }", "1:22: There can be only one argument named \"if\"."),
        (
            "{ post { id } }",
            "1:3: Field \"post\" argument \"id\" of type \"ID!\" is required, but it was not provided.",
        ),
        (
            "{ me @skip { id } }",
            "1:7: Directive \"skip\" argument \"if\" of type \"Boolean!\" is required, but it was not provided.",
        ),
        ("{ post(id: null) { id } }", "1:12: Expected value of type \"ID!\", found null."),
    ]);
}

#[test]
fn literals() {
    let rows = [
        ("first", "\"1\"", "Int", "a string"),
        ("first", "1.0", "Int", "a float"),
        ("first", "true", "Int", "a boolean"),
        ("first", "ONE", "Int", "an enum value"),
        ("first", "[1]", "Int", "a list"),
        ("first", "{a: 1}", "Int", "an object"),
        ("published", "1", "Boolean", "an integer"),
        ("published", "\"true\"", "Boolean", "a string"),
        ("after", "1", "String", "an integer"),
        ("after", "true", "String", "a boolean"),
        ("authorId", "1.5", "ID", "a float"),
        ("authorId", "true", "ID", "a boolean"),
        ("authorId", "[\"a\"]", "ID", "a list"),
    ];
    for (argument, value, ty, found) in rows {
        let query = format!("{{ posts({argument}: {value}) {{ totalCount }} }}");
        let column = 11 + argument.len();
        refused(&[(&query, &format!("1:{column}: Expected value of type \"{ty}\", found {found}."))]);
    }
    refused(&[
        ("query ($x: Int = \"a\") { me { id } }", "1:18: Expected value of type \"Int\", found a string."),
        (
            "query ($x: [Int!] = [1, null]) { me { id } }",
            "1:25: Expected value of type \"Int!\", found null.",
        ),
        ("query ($x: Int! = null) { me { id } }", "1:19: Expected value of type \"Int!\", found null."),
        (
            "query ($x: [[Int]] = [1, [2, A]]) { me { id } }",
            "1:30: Expected value of type \"Int\", found an enum value.",
        ),
    ]);
}

#[test]
fn fragments() {
    refused(&[
        ("{ ...Nope }", "1:6: Unknown fragment \"Nope\"."),
        (
            "{ me { ...F } } fragment F on User { id } fragment F on User { name }",
            "1:52: There can be only one fragment named \"F\".",
        ),
        ("{ me { ...F } } fragment F on User { ...F }", "1:41: Cannot spread fragment \"F\" within itself."),
        (
            "{ me { ...F } } fragment F on User { posts { nodes { author { ...G } } } } fragment G on User { ...F }",
            "1:100: Cannot spread fragment \"F\" within itself.",
        ),
        ("{ me { ...F } } fragment F on Nope { id }", "1:31: Unknown type \"Nope\"."),
        ("{ me { ... on Nope { id } } }", "1:15: Unknown type \"Nope\"."),
        (
            "{ me { ...F } } fragment F on String { id }",
            "1:31: Fragment cannot condition on non composite type \"String\".",
        ),
        ("{ me { ... on ID { id } } }", "1:15: Fragment cannot condition on non composite type \"ID\"."),
        (
            "{ me { ... on Post { id } } }",
            "1:15: Fragment cannot be spread here as objects of type \"User\" can never be of type \"Post\".",
        ),
        (
            "{ me { ... on PostConnection { totalCount } } }",
            "1:15: Fragment cannot be spread here as objects of type \"User\" can never be of type \"PostConnection\".",
        ),
        (
            "{ me { ... on Node { ... on Query { me { id } } } } }",
            "1:29: Fragment cannot be spread here as objects of type \"Node\" can never be of type \"Query\".",
        ),
        (
            "{ me { ...F } } fragment F on Post { id }",
            "1:31: Fragment cannot be spread here as objects of type \"User\" can never be of type \"Post\".",
        ),
        ("{ me { ... on Node { ... on Post { title } } } }", "ok"),
        ("{ posts { nodes { ... on Node { id } } } }", "ok"),
    ]);
}

#[test]
fn directives() {
    refused(&[
        ("{ me @nope { id } }", "1:6: Unknown directive \"@nope\"."),
        ("{ me @column(name: \"email\") { id } }", "1:6: Unknown directive \"@column\"."),
        ("{ me @access(roles: [SUBSCRIBER]) { id } }", "1:6: Unknown directive \"@access\"."),
        ("query @skip(if: true) { me { id } }", "1:7: Directive \"@skip\" may not be used here."),
        (
            "query ($x: Int @include(if: true)) { me { id } }",
            "1:16: Directive \"@include\" may not be used here.",
        ),
        (
            "{ me { ...F } } fragment F on User @skip(if: true) { id }",
            "1:36: Directive \"@skip\" may not be used here.",
        ),
        (
            "{ me @skip(if: true) @skip(if: false) { id } }",
            "1:22: The directive \"@skip\" can only be used once at this location.",
        ),
        (
            "{ me { ... @nope { id } ...F @nope } } fragment F on User { id }",
            "1:12: Unknown directive \"@nope\".\n1:30: Unknown directive \"@nope\".",
        ),
    ]);
}

#[test]
fn variables() {
    refused(&[
        ("{ posts(first: $x) { totalCount } }", "1:16: Variable \"$x\" is not defined."),
        ("{ me { id @skip(if: $x) } }", "1:21: Variable \"$x\" is not defined."),
        (
            "{ ...F } fragment F on Query { posts(first: $x) { totalCount } }",
            "1:45: Variable \"$x\" is not defined.",
        ),
        (
            "query ($x: Int, $x: Int) { posts(first: $x) { totalCount } }",
            "1:18: There can be only one variable named \"$x\".",
        ),
        ("query ($x: Nope) { me { id } }", "1:12: Unknown type \"Nope\"."),
        ("query ($x: [User!]) { me { id } }", "1:12: Variable \"$x\" cannot be non-input type \"[User!]\"."),
        ("query ($x: Query = 1) { me { id } }", "1:12: Variable \"$x\" cannot be non-input type \"Query\"."),
    ]);
}

#[test]
fn places_of_variables() {
    let fits = |ty: &str, place: &str| {
        let query = format!("query ($x: {ty}) {{ {place} {{ totalCount }} }}");
        let column = query
            .find("$x)")
            .filter(|_| query.matches("$x").count() > 1)
            .and_then(|_| query.rfind("$x)"))
            .unwrap()
            + 1;
        (query, column)
    };
    let rows = [
        ("Int", "posts(first: $x)", None),
        ("Int!", "posts(first: $x)", None),
        ("Int! = 1", "posts(first: $x)", None),
        ("Boolean", "posts(first: $x)", Some(("Boolean", "Int"))),
        ("[Int]", "posts(first: $x)", Some(("[Int]", "Int"))),
        ("ID", "posts(after: $x)", Some(("ID", "String"))),
        ("String!", "posts(authorId: $x)", Some(("String!", "ID"))),
        ("ID!", "comments(postId: $x)", None),
        ("ID", "comments(postId: $x)", Some(("ID", "ID!"))),
        ("ID = null", "comments(postId: $x)", Some(("ID", "ID!"))),
        ("ID = \"a\"", "comments(postId: $x)", None),
        ("String = \"a\"", "comments(postId: $x)", Some(("String", "ID!"))),
    ];
    for (ty, place, wrong) in rows {
        let (query, column) = fits(ty, place);
        let variables = serde_json::json!({"x": if ty.starts_with("Int") { serde_json::json!(1) } else { serde_json::json!("a") }});
        let verdict = request(&query).variables(variables).verdict();
        match wrong {
            None => assert_eq!(verdict, "ok", "{query}"),
            Some((found, wanted)) => assert_eq!(
                verdict,
                format!(
                    "GRAPHQL_VALIDATION_FAILED 1:{column}: Variable \"$x\" of type \"{found}\" used in position expecting type \"{wanted}\"."
                ),
                "{query}"
            ),
        }
    }
}

/// A variable belongs to its operation: each operation is looked at with its own.
#[test]
fn operations() {
    refused(&[
        ("query Q { me { id } } query Q { me { id } }", "1:29: There can be only one operation named \"Q\"."),
        (
            "{ me { id } } query Q { me { id } }",
            "1:1: This anonymous operation must be the only defined operation.",
        ),
        (
            "{ me { id } } { me { id } }",
            "1:1: This anonymous operation must be the only defined operation.\n1:15: This anonymous operation must be the only defined operation.",
        ),
        (
            "query A($x: Int) { ...F } query B { ...F } fragment F on Query { posts(first: $x) { totalCount } }",
            "1:79: Variable \"$x\" is not defined.",
        ),
        ("{ me { id } } type X { a: Int }", "1:15: The type system definition is not executable."),
        ("extend type Query { a: Int } { me { id } }", "1:1: The type system definition is not executable."),
        ("mutation { nope }", "1:1: Schema is not configured to execute mutation operation."),
    ]);
}
