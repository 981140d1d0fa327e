//! Fields of one response key become one field, if they are the same field with the same arguments (spec 5.3.2, 6.3.2).

use saas_blog::operation::Field;
use serde_json::json;

use crate::common::{Request, none_wrong, request, verdicts};

/// The merged fields, such as `me{id name}`; `first=` names the arguments that have a value.
fn tree(fields: &[Field<'_>]) -> String {
    let one = |field: &Field<'_>| {
        let name = field.definition.map_or("__typename", |definition| definition.name.as_str());
        let alias = if field.key == name { String::new() } else { format!("{}:", field.key) };
        let arguments: Vec<&str> =
            field.arguments.iter().map(|(argument, _)| argument.name.as_str()).collect();
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(" ")) };
        let inner = tree(&field.selection_set);
        let inner = if inner.is_empty() { inner } else { format!("{{{inner}}}") };
        format!("{alias}{name}{arguments}{inner}")
    };
    fields.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn merged(request: &Request) -> String {
    tree(&request.collected().unwrap_or_else(|failures| panic!("{failures:?}: {}", request.query)).fields)
}

#[test]
fn what_is_merged_to_what() {
    let rows = [
        ("{ me { id } me { name } }", "me{id name}"),
        ("{ me { id name } me { name id email } }", "me{id name email}"),
        ("{ a: me { id } b: me { id } a: me { name } }", "a:me{id name} b:me{id}"),
        ("{ me { id: id id } }", "me{id}"),
        (
            "{ __typename __typename me { __typename t: __typename } }",
            "__typename me{__typename t:__typename}",
        ),
        (
            "{ posts { nodes { author { id } } } posts { nodes { author { name } id } totalCount } }",
            "posts{nodes{author{id name} id} totalCount}",
        ),
        ("{ me { id } ... { me { name } } ... on Query { me { role } } }", "me{id name role}"),
        (
            "{ ...A ...B me { role } } fragment A on Query { me { id } } fragment B on Query { me { name } }",
            "me{id name role}",
        ),
        // A fragment is visited once in a selection set, and again in another one.
        (
            "{ me { ...A ...A id } a: me { ...A } } fragment A on User { name id }",
            "me{name id} a:me{name id}",
        ),
        (
            "{ me { ...A } } fragment A on User { ...B name } fragment B on User { id ...C } fragment C on User { role }",
            "me{id role name}",
        ),
        // What cannot apply is not there.
        ("{ me { ... on Node { ... on Post { title } ... on User { id } } } }", "me{id}"),
        ("{ me { ...P id } } fragment P on Node { ... on Post { title } }", "me{id}"),
        (
            "{ posts(first: 5) { totalCount } posts(first: 5) { nodes { id } } }",
            "posts(first){totalCount nodes{id}}",
        ),
        ("{ posts(first: null) { totalCount } }", "posts{totalCount}"),
        (
            "{ posts(published: true, first: 1) { totalCount } posts(first: 1, published: true) { nodes { id } } }",
            "posts(first published){totalCount nodes{id}}",
        ),
    ];
    let wrong = rows.into_iter().filter_map(|(query, wanted)| {
        let found = merged(&request(query));
        (found != wanted).then(|| format!("{query}\n- {wanted}\n+ {found}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

#[test]
fn arguments_without_a_value_are_left_out() {
    let query = "query ($a: Int, $b: Int = 3, $c: ID) { posts(first: $a, last: $b, authorId: $c, after: null) { totalCount } }";
    for (variables, wanted) in [
        (json!({}), "posts(last){totalCount}"),
        (json!({"a": 1, "b": null}), "posts(first){totalCount}"),
        (json!({"a": null, "b": null, "c": null}), "posts{totalCount}"),
        (json!({"b": 2, "c": "x"}), "posts(last authorId){totalCount}"),
    ] {
        assert_eq!(merged(&request(query).variables(variables)), wanted);
    }
}

#[test]
fn what_cannot_be_merged() {
    let conflict = |place: &str, key: &str| {
        format!(
            "GRAPHQL_VALIDATION_FAILED {place}: Fields \"{key}\" conflict. Use different aliases on the fields to fetch both if this was intentional."
        )
    };
    let x = json!({"x": 5, "y": 5});
    verdicts([
        (request("{ a: me { id } a: tenant { id } }"), conflict("1:16", "a").as_str()),
        (request("{ me { id: name id } }"), &conflict("1:17", "id")),
        (request("{ me { a: id } me { a: name } }"), &conflict("1:21", "a")),
        (request("{ me { ...A name: role } } fragment A on User { name }"), &conflict("1:13", "name")),
        (request("{ posts(first: 5) { totalCount } posts { totalCount } }"), &conflict("1:34", "posts")),
        (request("{ posts(first: 5) { totalCount } posts(last: 5) { totalCount } }"), &conflict("1:34", "posts")),
        (request("{ posts(first: 5) { totalCount } posts(first: null) { totalCount } }"), &conflict("1:34", "posts")),
        (request("{ posts(published: true) { totalCount } posts(published: false) { totalCount } }"), &conflict("1:41", "posts")),
        (request("query ($x: Int) { posts(first: $x) { totalCount } posts(first: 5) { totalCount } }").variables(x.clone()), &conflict("1:51", "posts")),
        (request("query ($x: Int, $y: Int) { posts(first: $x) { totalCount } posts(first: $y) { totalCount } }").variables(x.clone()), &conflict("1:60", "posts")),
        (request("query ($x: Int) { posts(first: $x) { totalCount } posts(first: $x) { nodes { id } } }").variables(x), "ok"),
        // The statement is the same for all literals, so it is their values that are looked at.
        (request("{ posts(first: 5) { totalCount } posts(first: 5) { nodes { id } } }"), "ok"),
        (request("{ posts(first: 5) { totalCount } posts(first: 6) { nodes { id } } }"), &conflict("1:34", "posts")),
        (request("{ a: post(id: \"x\") { id } a: post(id: \"x\") { title } a: post(id: \"\"\"x\"\"\") { content } }"), "ok"),
        (request("{ a: post(id: \"x\") { id } a: post(id: \"x\") { title }\n a: post(id: \"y\") { id } }"), &conflict("2:2", "a")),
        (request("{ a: post(id: 1) { id } a: post(id: \"1\") { id } }"), &conflict("1:25", "a")),
        (request("{ me { posts(first: 1) { totalCount } } me { posts(first: 2) { totalCount } } }"), &conflict("1:46", "posts")),
    ]);
}

#[test]
fn equal_shapes_with_equal_and_other_literals_have_one_text() {
    let text = |second| {
        request(format!("{{ posts(first: 5) {{ totalCount }} posts(first: {second}) {{ nodes {{ id }} }} }}"))
            .sql()
    };
    assert_eq!(text(5), text(6));
}
