//! Errors as the client reads them.

use saas_blog::error::{Error, Failure, Step};
use saas_blog::response::{failed, partial};
use saas_blog::schema::Role;
use serde_json::{Value as Json, json};

use crate::common::{numbered, request};

fn answer(query: &str) -> Json {
    serde_json::from_str(&failed(&request(query).role(Role::Subscriber).failures(), 20)).unwrap()
}

/// `message`, `locations`, `path`, `extensions`, in this order; what there is none of is left out, and there is no `data`.
#[test]
fn an_error_has_these_keys() {
    let failures = request("{ me { name }\n  all: users { totalCount } }").role(Role::Editor).failures();
    assert_eq!(
        failed(&failures, 20),
        r#"{"errors":[{"message":"You may not ask for field \"users\".","locations":[{"line":2,"column":3}],"path":["all"],"extensions":{"code":"FORBIDDEN"}}]}"#
    );
}

#[test]
fn one_error_of_each_kind() {
    let error = |message: &str, locations: Json, extensions: Json| {
        let mut error = json!({"message": message, "locations": locations, "extensions": extensions});
        if error["locations"].is_null() {
            error.as_object_mut().unwrap().remove("locations");
        }
        json!({"errors": [error]})
    };
    let at = |line: u32, column: u32| json!([{"line": line, "column": column}]);
    let rows = [
        (
            "{ me {\n  id",
            error(
                "Syntax Error: Expected Name, found <EOF>.",
                at(2, 5),
                json!({"code": "GRAPHQL_PARSE_FAILED"}),
            ),
        ),
        ("", error("Syntax Error: Unexpected <EOF>.", at(1, 1), json!({"code": "GRAPHQL_PARSE_FAILED"}))),
        (
            "{ me { idd } }",
            error(
                "Cannot query field \"idd\" on type \"User\". Did you mean \"id\"?",
                at(1, 8),
                json!({"code": "GRAPHQL_VALIDATION_FAILED"}),
            ),
        ),
        (
            "query A { me { id } } query B { me { id } }",
            error(
                "Must provide operation name if query contains multiple operations.",
                Json::Null,
                json!({"code": "OPERATION_RESOLUTION_FAILURE"}),
            ),
        ),
        (
            "{ a{ b{ c{ d{ e{ f{ g{ h{ i{ j{ k{ l{ m",
            error(
                "Syntax Error: Expected Name, found <EOF>.",
                at(1, 40),
                json!({"code": "GRAPHQL_PARSE_FAILED"}),
            ),
        ),
    ];
    for (query, wanted) in rows {
        assert_eq!(answer(query), wanted, "{query}");
    }
}

#[test]
fn a_limit_is_told_with_its_name_and_value() {
    let deep = "{ posts { nodes { author { posts { nodes { author { posts { nodes { author { posts { nodes { author { id } } } } } } } } } } } } }";
    let message = "The request exceeds the limit max_depth of 12.";
    let extensions = json!({"code": "LIMIT_EXCEEDED", "limit": "max_depth", "value": 12});
    assert_eq!(answer(deep), json!({"errors": [{"message": message, "extensions": extensions}]}));
}

#[test]
fn at_most_so_many_errors() {
    let fields = numbered(0..200, |field| format!("f{field} "));
    let failures = request(format!("{{ {fields} }}")).failures();
    assert_eq!(failures.len(), 100);
    for (most, count) in [(0, 1), (1, 1), (20, 20), (1_000, 100)] {
        let answer: Json = serde_json::from_str(&failed(&failures, most)).unwrap();
        assert_eq!(answer["errors"].as_array().unwrap().len(), count);
    }
}

/// What a message repeats of the request has no control characters.
#[test]
fn messages_have_no_control_characters() {
    for request in [
        request("{ me { id } }").named("\u{0}\u{1b}[2J\u{7f}\u{9b}"),
        request("{ \u{0} }"),
        request("{ a(x: \"\\\u{7}\") }"),
        request("{ \"\\u0000\\u001b\" }"),
    ] {
        let failures = request.failures();
        assert_eq!(failures.len(), 1);
        assert!(!failures[0].error.to_string().contains(char::is_control), "{failures:?}");
        assert!(!failed(&failures, 20).contains(char::is_control));
    }
}

#[test]
fn errors_without_a_place_say_so() {
    let failure = Failure::from(Error::Unauthenticated);
    assert_eq!(
        failed(&[failure], 20),
        r#"{"errors":[{"message":"A valid token is needed for this request.","extensions":{"code":"UNAUTHENTICATED"}}]}"#
    );
}

/// Errors of the execution stand before what is left of the data; a path has numbers for the places in lists.
#[test]
fn an_answer_with_errors_and_data() {
    let path = vec![Step::Key("posts".to_owned()), Step::Index(2), Step::Key("author".to_owned())];
    let missing = Failure { path, ..Failure::from(Error::Missing("Post.author".to_owned())) };
    let data = serde_json::value::RawValue::from_string(r#"{"b":null,"a":[1]}"#.to_owned()).unwrap();
    assert_eq!(
        partial(&[missing.clone(), missing], 1, &data),
        r#"{"errors":[{"message":"Cannot return null for non-nullable field Post.author.","path":["posts",2,"author"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"b":null,"a":[1]}}"#
    );
    let limit = Failure::from(Error::Limit { limit: "max_answer_bytes", value: 7 });
    assert_eq!(
        partial(&[limit], 20, serde_json::value::RawValue::NULL),
        r#"{"errors":[{"message":"The request exceeds the limit max_answer_bytes of 7.","extensions":{"code":"LIMIT_EXCEEDED","limit":"max_answer_bytes","value":7}}],"data":null}"#
    );
}
