//! What the functions of mutations are given: which of the arguments, and what is refused before the first call.

use std::sync::LazyLock;

use saas_blog::response::failed;
use saas_blog::schema::Role::Operator;
use saas_blog::schema::{BLOG, Schema, load};
use serde_json::{Value as Json, json};

use super::mutations::{called, compiled, told};
use crate::common::{Compiled, ID, TENANT, none_wrong, request, verdicts};

fn check(rows: &[(&str, Json, &str)]) {
    let wrong = rows.iter().filter_map(|(query, variables, wanted)| {
        let found = called(&request(*query).variables(variables.clone())).join("; ");
        (found != *wanted).then(|| format!("{query}\nvariables: {variables}\n- {wanted}\n+ {found}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

/// What is absent or null is left out, so that the function's own default applies; the SDL's default is passed where the
/// request does not say.
#[test]
fn arguments_that_have_a_value_are_passed_by_name() {
    let literal =
        |rest: &str| format!("mutation {{ createPost(title: \"T\", content: \"C\"{rest}) {{ id }} }}");
    let variables = "mutation ($title: String! = \"D\", $published: Boolean, $identifier: String) { createPost(title: $title, content: \"\", published: $published, identifier: $identifier) { id } }";
    let with_default = variables.replace("$published: Boolean,", "$published: Boolean = true,");
    let since = "mutation ($at: DateTime) { updatePost(id: 1, ifUpdatedAt: $at) { id } }";
    check(&[
        (&literal(""), json!({}), "fn_create_post(title: \"T\", content: \"C\", published: false)"),
        (
            &literal(", published: true"),
            json!({}),
            "fn_create_post(title: \"T\", content: \"C\", published: true)",
        ),
        (&literal(", published: null"), json!({}), "fn_create_post(title: \"T\", content: \"C\")"),
        (
            &literal(", identifier: null, tenantId: null, published: null"),
            json!({}),
            "fn_create_post(title: \"T\", content: \"C\")",
        ),
        (
            &literal(", identifier: \"\""),
            json!({}),
            "fn_create_post(title: \"T\", content: \"C\", published: false, identifier: \"\")",
        ),
        (variables, json!({}), "fn_create_post(title: \"D\", content: \"\", published: false)"),
        (
            variables,
            json!({"title": "V", "published": null, "identifier": null}),
            "fn_create_post(title: \"V\", content: \"\")",
        ),
        (
            variables,
            json!({"published": true, "identifier": "i"}),
            "fn_create_post(title: \"D\", content: \"\", published: true, identifier: \"i\")",
        ),
        (&with_default, json!({}), "fn_create_post(title: \"D\", content: \"\", published: true)"),
        (
            &with_default,
            json!({"published": false}),
            "fn_create_post(title: \"D\", content: \"\", published: false)",
        ),
        (&with_default, json!({"published": null}), "fn_create_post(title: \"D\", content: \"\")"),
        (since, json!({}), "fn_update_post(id: null)"),
        (
            since,
            json!({"at": "2026-11-23T10:15:00.5+01:00"}),
            "fn_update_post(id: null, if_updated_at: \"2026-11-23T10:15:00.5+01:00\")",
        ),
        (
            "mutation { createUser(name: \"\\\"N\\u00e9\\n\", email: \"\"\"\n  a@b\n\"\"\") { id } }",
            json!({}),
            "fn_create_user(email: \"a@b\", name: \"\\\"Né\\n\", role: \"subscriber\")",
        ),
    ]);
    let text = &request(since).variables(json!({"at": "2026-11-23T10:15:00Z"})).texts()[0];
    assert!(text.contains("(\"id\" => $1, \"if_updated_at\" => $2::timestamptz)"), "{text}");
}

/// Text that is no UUID in its usual form is null, which no row has.
#[test]
fn an_id_that_is_no_uuid_is_null() {
    let ask = |id: Json| {
        let query = "mutation ($id: ID!) { deleteComment(id: $id) { id } }";
        called(&request(query).variables(json!({"id": id}))).concat()
    };
    assert_eq!(ask(json!(ID)), "fn_delete_comment(id: uuid)");
    assert_eq!(ask(json!(ID.to_uppercase())), "fn_delete_comment(id: uuid)");
    for id in [
        json!("post123"),
        json!(12),
        json!(""),
        json!("\u{0}"),
        json!(ID.replace('-', "")),
        json!(format!("{{{ID}}}")),
    ] {
        assert_eq!(ask(id.clone()), "fn_delete_comment(id: null)", "{id}");
    }
    check(&[
        (
            "mutation { createComment(postId: \"post123\", content: \"x\") { id } }",
            json!({}),
            "fn_create_comment(post_id: null, content: \"x\")",
        ),
        (
            "mutation { createComment(postId: 123, content: \"x\") { id } }",
            json!({}),
            "fn_create_comment(post_id: null, content: \"x\")",
        ),
    ]);
}

const BY_TENANT: [&str; 2] = [
    "mutation ($tenant: ID) { createPost(title: \"T\", content: \"\", tenantId: $tenant) { id } }",
    "mutation ($tenant: ID) { createUser(name: \"N\", email: \"a@b\", tenantId: $tenant) { id } }",
];

/// It never widens a token, whether there is such a tenant or not.
#[test]
fn a_tenant_that_is_not_the_tokens_is_refused() {
    let own = TENANT.1.to_string();
    for (query, field) in BY_TENANT.into_iter().zip(["createPost", "createUser"]) {
        let foreign = format!("FORBIDDEN 1:26 {field}: The token does not belong to this tenant.");
        let ask = |tenant: &Json| request(query).variables(json!({"tenant": tenant}));
        let good = [json!("demo"), json!(own), json!(own.to_uppercase()), json!(null)];
        let bad = [
            json!("another"),
            json!("Demo"),
            json!(" demo"),
            json!(""),
            json!(ID),
            json!(TENANT.0),
            json!("demo\u{0}"),
        ];
        verdicts(good.iter().map(|tenant| (ask(tenant), "ok")));
        verdicts(bad.iter().map(|tenant| (ask(tenant), foreign.as_str())));
    }
    // Whatever stands before it is not carried out.
    let second = request(
        "mutation { deletePost(id: 1) { id } b: createPost(title: \"T\", content: \"\", tenantId: \"another\") { id } }",
    );
    assert_eq!(second.verdict(), "FORBIDDEN 1:37 b: The token does not belong to this tenant.");
    assert!(compiled(&second).values.is_err());
}

/// An operator has no tenant, so the function decides what becomes of the one that is named.
#[test]
fn an_operator_may_name_any_tenant() {
    let ask = |tenant: Json| request(BY_TENANT[1]).role(Operator).variables(json!({"tenant": tenant}));
    for tenant in ["demo", "another", ID, "", " "] {
        let wanted = format!(
            "fn_create_user(tenant_id: {tenant:?}, email: \"a@b\", name: \"N\", role: \"subscriber\")"
        );
        assert_eq!(called(&ask(json!(tenant))), [wanted]);
    }
    assert_eq!(called(&ask(json!(5)))[0].split(", ").next(), Some("fn_create_user(tenant_id: \"5\""));
    assert_eq!(
        called(&ask(json!(null))),
        ["fn_create_user(email: \"a@b\", name: \"N\", role: \"subscriber\")"]
    );
    let nul = "BAD_USER_INPUT 1:26 createUser: Argument \"tenantId\" contains control characters.";
    assert_eq!(ask(json!("demo\u{0}")).verdict(), nul);
    let post = request(BY_TENANT[0]).role(Operator).variables(json!({"tenant": "demo"}));
    assert_eq!(post.verdict(), "FORBIDDEN 1:26 createPost: You may not ask for field \"createPost\".");
}

/// `PostgreSQL` holds no NUL in text: the argument to blame is in `extensions.field`.
#[test]
fn text_with_a_nul_is_bad_input() {
    let literal = request(
        "mutation {\n  deletePost(id: \"\\u0000\") { id }\n  mine: createPost(title: \"T\", content: \"a\\u0000b\") { id } }",
    );
    let answer: Json = serde_json::from_str(&failed(&literal.failures(), 20)).unwrap();
    assert_eq!(
        answer,
        json!({"errors": [{
            "message": "Argument \"content\" contains control characters.",
            "locations": [{"line": 3, "column": 3}],
            "path": ["mine"],
            "extensions": {"code": "BAD_USER_INPUT", "field": "content"},
        }]})
    );
    let query =
        "mutation ($name: String, $role: String) { updateUser(id: 1, name: $name, role: $role) { id } }";
    for (variables, field) in [
        (json!({"name": "\u{0}"}), "name"),
        (json!({"name": "N", "role": "admin\u{0}"}), "role"),
        (json!({"name": "x\u{0}", "role": "\u{0}"}), "name"),
    ] {
        let failures = request(query).variables(variables).failures();
        assert_eq!(failures[0].error.field(), Some(field));
        assert_eq!(failures[0].error.code(), "BAD_USER_INPUT");
    }
    // Other control characters are the rules of the tables to judge.
    assert_eq!(request(query).variables(json!({"name": "\u{1}\u{1a}\u{7f}"})).verdict(), "ok");
}

/// A new mutation is a function and a line of the SDL: each kind of argument comes as the SQL type of its kind.
#[test]
fn every_kind_of_argument() {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let put = "put(id: ID, whether: Boolean, count: Int, much: Float, at: DateTime, any: JSON, list: [ID!], rank: Rank, more: [More]): Post! @call(function: \"fn_put\")";
        let types = "enum Rank { LOW HIGH } input More { a: Int = 1, rank: Rank, b: [Float] }";
        load(&(BLOG.replace("type Mutation {", &format!("type Mutation {{ {put}")) + types)).unwrap()
    });
    let call = |query: &str, variables: Json| {
        let Compiled { program, values } = compiled(&request(query).over(&SCHEMA).variables(variables));
        let text = program.statements().next().unwrap().text.clone();
        let passed = text.split_once("\" => ").unwrap().1.split_once(')').unwrap().0.to_owned();
        (passed, told(&values.unwrap()[0][0]))
    };
    for (ty, argument, literal, wanted, passed) in [
        ("ID", "id", json!(1), "null", "$1"),
        ("Boolean!", "whether", json!(true), "true", "$1"),
        ("Int", "count", json!(-7), "\"-7\"", "$1::int4"),
        ("Float", "much", json!(1e3), "\"1000.0\"", "$1::float8"),
        ("DateTime", "at", json!("2026-11-23T10:15:00Z"), "\"2026-11-23T10:15:00Z\"", "$1::timestamptz"),
        ("JSON", "any", json!("x"), r#""\"x\"""#, "$1::jsonb"),
        ("JSON", "any", json!([1, false, null, ["y"]]), r#""[1,false,null,[\"y\"]]""#, "$1::jsonb"),
        ("[ID!]", "list", json!(["x", 1]), r#""[\"x\",\"1\"]""#, "$1::jsonb"),
        // One is a list of one.
        ("[ID!]!", "list", json!("x"), r#""[\"x\"]""#, "$1::jsonb"),
    ] {
        let query = |value: &str, variable: &str| {
            format!("mutation{variable} {{ put({argument}: {value}) {{ id }} }}")
        };
        let by_literal = call(&query(&literal.to_string(), ""), json!({}));
        let by_variable = call(&query("$v", &format!("($v: {ty})")), json!({"v": literal}));
        assert_eq!(by_literal, (passed.to_owned(), wanted.to_owned()), "{argument}");
        assert_eq!(by_variable, by_literal, "{argument}");
    }
    let of = |arguments: &str| call(&format!("mutation {{ put({arguments}) {{ id }} }}"), json!({}));
    assert_eq!(of("rank: HIGH"), ("$1".to_owned(), "\"HIGH\"".to_owned()));
    let json = |text: &str| ("$1::jsonb".to_owned(), format!("{text:?}"));
    assert_eq!(of("any: {a: [HIGH, 1.5]}"), json(r#"{"a":["HIGH",1.5]}"#));
    assert_eq!(
        of("more: [{b: 1, rank: LOW}, null, {a: null}]"),
        json(r#"[{"a":1,"b":[1.0],"rank":"LOW"},null,{"a":null}]"#)
    );
}
