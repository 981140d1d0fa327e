//! Fields of one response key become one field, if they are the same field with the same arguments (spec 5.3.2, 6.3.2).

use saas_blog::operation::Field;
use serde_json::json;

use crate::common::{Request, none_wrong, request, schema};

/// The merged fields, such as `me{id name}`; `first=` names the arguments that have a value.
fn tree(fields: &[Field<'_>]) -> String {
    let one = |field: &Field<'_>| {
        let name = field.definition.name.as_str();
        let alias = if field.key == name { String::new() } else { format!("{}:", field.key) };
        let arguments: Vec<&str> =
            field.arguments.iter().map(|(argument, _)| argument.name.as_str()).collect();
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(" ")) };
        let inner = match field.selections.as_slice() {
            [] => String::new(),
            [(_, inner)] => format!("{{{}}}", tree(inner)),
            several => {
                let name = |id| &schema().get(id).name;
                let each = several.iter().filter(|(_, inner)| !inner.is_empty());
                let each = each.map(|(id, inner)| format!("{}{{{}}}", name(*id), tree(inner)));
                format!("{{{}}}", each.collect::<Vec<_>>().join(" "))
            }
        };
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
        // An object of an abstract type has the selections that are about it, in their order.
        ("{ node(id: 1) { id } }", "node(id){Tenant{id} User{id} Post{id} Comment{id} AuditLog{id}}"),
        (
            "{ node(id: 1) { ... on Post { title id } id __typename ... on User { name } } }",
            "node(id){Tenant{id __typename} User{id __typename name} Post{title id __typename} Comment{id __typename} AuditLog{id __typename}}",
        ),
        (
            "{ node(id: 1) { ...A ... on Post { author { id } } } node(id: 1) { ...A } } fragment A on Node { ... on Post { author { name } ...B } } fragment B on Node { ... on Post { author { ...C role } } } fragment C on Node { ... on User { email } }",
            "node(id){Post{author{name email role id}}}",
        ),
        (
            "{ node(id: 1) { ... on Node { ... on Comment { same: content } ... on Post { same: title } } } }",
            "node(id){Post{same:title} Comment{same:content}}",
        ),
        ("{ node(id: 1) { id @skip(if: true) } }", "node(id){}"),
        // The fields of a mutation's root are merged like all others.
        (
            "mutation { a: deletePost(id: 1) { id } ...A b: deletePost(id: 1) { id } } fragment A on Mutation { a: deletePost(id: 1) { title } }",
            "a:deletePost(id){id title} b:deletePost(id){id}",
        ),
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

/// Whether a kept document is valid with the literals of another one of its shape.
fn holds(query: &str, other: &str) -> bool {
    let (query, other) = (request(query), request(other));
    let (scan, other) = (query.scan().unwrap(), other.scan().unwrap());
    assert_eq!(scan.shape(), other.shape());
    let assumptions = query.executable(&scan).unwrap().assumptions;
    assert!(assumptions.hold(scan.literals()));
    assumptions.hold(other.literals())
}

/// The statement is the same for all literals, so it is looked at on every call whether merged fields still agree, and
/// whether an integer is one of 32 bits.
#[test]
fn a_kept_document_is_valid_only_with_fitting_literals() {
    let merged = |first: &str, second: &str| {
        format!("{{ posts(first: {first}) {{ totalCount }} posts(first: {second}) {{ nodes {{ id }} }} }}")
    };
    assert!(holds(&merged("5", "5"), &merged("6", "6")));
    assert!(!holds(&merged("5", "5"), &merged("5", "6")));
    assert!(!holds(&merged("5", "5"), &merged("2147483648", "2147483648")));
    let post = |ids: [&str; 3]| {
        let [a, b, c] = ids;
        format!("{{ a: post(id: {a}) {{ id }} a: post(id: {b}) {{ title }} b: post(id: {c}) {{ id }} }}")
    };
    assert!(holds(&post(["\"x\"", "\"x\"", "\"x\""]), &post(["\"y\"", "\"y\"", "\"z\""])));
    assert!(!holds(&post(["\"x\"", "\"x\"", "\"x\""]), &post(["\"y\"", "\"z\"", "\"z\""])));
    let created = |titles: [&str; 2]| {
        let one = |title| format!("a: createPost(title: \"{title}\", content: \"\") {{ id }}");
        format!("mutation {{ {} }}", titles.map(one).join(" "))
    };
    assert!(holds(&created(["x", "x"]), &created(["y", "y"])));
    assert!(!holds(&created(["x", "x"]), &created(["x", "y"])));
    let since = |at| format!("mutation {{ updatePost(id: 1, ifUpdatedAt: \"{at}\") {{ id }} }}");
    assert!(holds(&since("2026-11-23T10:15:00Z"), &since("0001-01-01T00:00:00.5+14:00")));
    assert!(!holds(&since("2026-11-23T10:15:00Z"), &since("2026-11-23")));
    let variable =
        |default: &str| format!("query ($a: Int = {default}) {{ posts(first: $a) {{ totalCount }} }}");
    assert!(!holds(&variable("1"), &variable("-2147483649")));
}
