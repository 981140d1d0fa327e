//! Mutations: which functions they call, in which order, and what is selected of the rows that these write.

use saas_blog::plan::Bound;
use saas_blog::schema::Role::{self, Admin, Editor, Operator};
use serde_json::json;

use crate::common::sql::{self, tables};
use crate::common::{Compiled, Request, request};

pub(super) fn compiled(request: &Request) -> Compiled {
    request.compiled().unwrap_or_else(|failures| panic!("{failures:?}: {}", request.query))
}

/// The calls of a request with the values of their arguments, such as `fn_delete_post(id: uuid)`.
pub(super) fn called(request: &Request) -> Vec<String> {
    let Compiled { program, values } = compiled(request);
    let values = values.unwrap_or_else(|failure| panic!("{failure:?}: {}", request.query));
    let mut found = Vec::new();
    for (statement, values) in program.statements().zip(&values) {
        if let Some((function, names)) = sql::called(&statement.text) {
            assert_eq!(names.len(), values.len(), "{}", statement.text);
            let given = names.iter().zip(values).map(|(name, value)| format!("{name}: {}", told(value)));
            found.push(format!("{function}({})", given.collect::<Vec<_>>().join(", ")));
        }
    }
    found
}

pub(super) fn told(value: &Bound) -> String {
    match value {
        Bound::Text(text) => format!("{text:?}"),
        Bound::Boolean(value) => value.to_string(),
        Bound::Uuid(Some(_)) => "uuid".to_owned(),
        Bound::Uuid(None) => "null".to_owned(),
        other => panic!("{other:?}"),
    }
}

/// The keys of a mutation's steps, in their order; those that call are followed by `!`.
fn steps(request: &Request) -> Vec<String> {
    let program = compiled(request).program;
    assert!(program.serial);
    let steps = program.steps.iter().map(|step| {
        let key = &step.field.as_ref().unwrap().key;
        format!("{key}{}", if step.call.is_some() { "!" } else { "" })
    });
    steps.collect()
}

/// The order is that of the request once its fields are merged and its fragments expanded.
#[test]
fn the_root_fields_run_in_the_order_of_the_request() {
    let post = |key: &str, rest: &str| format!("{key}: deletePost(id: 1) {rest} {{ id }} ");
    let skipping = |skip: &str| {
        request(format!(
            "mutation ($v: Boolean = true) {{ {} ...F {skip} ... {skip} {{ {} }} {} }} fragment F on Mutation {{ {} }}",
            post("a", ""),
            post("b", ""),
            post("c", skip),
            post("d", ""),
        ))
    };
    let all = ["a!", "d!", "b!", "c!"];
    for (request, wanted) in [
        (request(format!("mutation {{ {}{} }}", post("b", ""), post("a", ""))), vec!["b!", "a!"]),
        (
            request(format!(
                "mutation {{ {} k: __typename {}...F }} fragment F on Mutation {{ {} a: deletePost(id: 1) {{ title }} __typename }}",
                post("b", ""),
                post("a", ""),
                post("c", "")
            )),
            vec!["b!", "k", "a!", "c!", "__typename"],
        ),
        (skipping("@skip(if: $v)"), vec!["a!"]),
        (skipping("@skip(if: $v)").variables(json!({"v": false})), all.to_vec()),
        (skipping("@include(if: $v)"), all.to_vec()),
        (skipping("@include(if: $v)").variables(json!({"v": false})), vec!["a!"]),
        (request("mutation { deletePost(id: 1) @skip(if: true) { id } }"), vec![]),
    ] {
        assert_eq!(steps(&request), wanted, "{}", request.query);
    }
}

#[test]
fn two_fields_of_one_function_are_two_calls() {
    let query = "mutation { a: createPost(title: \"A\", content: \"\") { id } b: createPost(title: \"B\", content: \"\") { title } a: createPost(title: \"A\", content: \"\") { content } }";
    assert_eq!(
        called(&request(query)),
        ["A", "B"].map(|title| format!("fn_create_post(title: {title:?}, content: \"\", published: false)"))
    );
    let texts = request(query).texts();
    assert_eq!(texts[0], texts[2]);
    assert!(texts[1].contains("\"content\"") && !texts[3].contains("\"content\""));
    assert_eq!(
        request(query.replace(
            "a: createPost(title: \"A\", content: \"\") { content",
            "a: createPost(title: \"C\", content: \"\") { content"
        ))
        .verdict(),
        "GRAPHQL_VALIDATION_FAILED 1:12 1:107: Fields \"a\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional."
    );
}

/// `__typename` alone asks for no data, and calls nothing.
#[test]
fn the_name_of_the_root_is_no_call() {
    for role in [Role::Subscriber, Operator] {
        let request = request("mutation { __typename }").role(role);
        assert_eq!(request.texts(), ["SELECT concat('\"Mutation\"')"]);
    }
    for (query, asks) in [
        ("mutation { __typename ...F } fragment F on Mutation { k: __typename }", false),
        ("mutation { __typename ...F } fragment F on Mutation { deletePost(id: 1) { id } }", true),
        ("mutation { deletePost(id: 1) @skip(if: true) { id } }", true),
    ] {
        let request = request(query);
        assert_eq!(request.executable(&request.scan().unwrap()).unwrap().asks_data, asks, "{query}");
    }
    assert_eq!(
        request("mutation { __schema { description } }").verdict(),
        "GRAPHQL_VALIDATION_FAILED 1:12: Cannot query field \"__schema\" on type \"Mutation\"."
    );
}

/// The row is the one that the call gives back, whatever has become of it; all below it is filtered.
#[test]
fn the_row_that_was_written_is_shown_deleted_or_not() {
    for role in [Editor, Admin, Role::Subscriber] {
        let query = "mutation { deleteComment(id: 1) { id post { comments { nodes { id } } } author { posts { totalCount } } } }";
        let texts = request(query).role(role).texts();
        let conditions: Vec<(&str, bool, bool)> = tables(&texts[1])
            .iter()
            .map(|(table, alias, rest)| {
                let own = rest.split("FROM").next().unwrap();
                let live = own.contains(&format!("{alias}.\"deleted_at\" IS NULL"));
                (*table, live, own.contains(&format!("{alias}.\"published\"")))
            })
            .collect();
        let subscribes = role == Role::Subscriber;
        let wanted = [
            ("tb_comment", true, false),
            ("tb_post", false, false),
            ("tb_post", true, subscribes),
            ("tb_user", false, false),
        ];
        assert_eq!(conditions, wanted, "{}", texts[1]);
    }
}

#[test]
fn a_null_that_reaches_a_non_null_argument_calls_nothing() {
    let query = "mutation ($t: String = \"T\") { deletePost(id: 1) { id } createPost(title: $t, content: \"\") { id } }";
    assert_eq!(steps(&request(query)), ["deletePost!", "createPost!"]);
    let null = request(query).variables(json!({"t": null}));
    assert_eq!(steps(&null), ["deletePost!", "createPost"]);
    let gaps = compiled(&null).program.gaps;
    assert_eq!((gaps[0].depth, gaps[0].error.code()), (0, "BAD_USER_INPUT"));
}

#[test]
fn a_dry_run_is_told_by_its_directive() {
    let query = "mutation A @dryRun { deletePost(id: 1) { id } } mutation B { deletePost(id: 1) { id } }";
    for (name, dry_run) in [("A", true), ("B", false)] {
        let request = request(query).named(name);
        assert_eq!(request.executable(&request.scan().unwrap()).unwrap().dry_run, dry_run);
        assert_eq!(called(&request), ["fn_delete_post(id: null)"]);
    }
    let wrong = |place: &str| format!("GRAPHQL_VALIDATION_FAILED {place}");
    let stray =
        |place: &str, on: &str| wrong(&format!("{place}: Directive \"@dryRun\" may not be used on {on}."));
    for (query, wanted) in [
        ("query @dryRun { me { id } }", stray("1:7", "QUERY")),
        ("mutation { deletePost(id: 1) @dryRun { id } }", stray("1:30", "FIELD")),
        ("mutation { ... @dryRun { __typename } }", stray("1:16", "INLINE_FRAGMENT")),
        ("mutation ($v: ID! @dryRun) { deletePost(id: $v) { id } }", stray("1:19", "VARIABLE_DEFINITION")),
        ("mutation { ...F @dryRun } fragment F on Mutation { __typename }", stray("1:17", "FRAGMENT_SPREAD")),
        (
            "mutation { ...F } fragment F on Mutation @dryRun { __typename }",
            stray("1:42", "FRAGMENT_DEFINITION"),
        ),
        (
            "mutation @dryRun @dryRun { __typename }",
            wrong("1:10 1:18: The directive \"@dryRun\" can only be used once at this location."),
        ),
        ("mutation @dryrun { __typename }", wrong("1:10: Unknown directive \"@dryrun\".")),
        (
            "mutation @dryRun(if: true) { __typename }",
            wrong("1:18: Unknown argument \"if\" on directive \"@dryRun\"."),
        ),
    ] {
        assert_eq!(request(query).verdict(), wanted, "{query}");
    }
}
