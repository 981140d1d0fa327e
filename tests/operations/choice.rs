//! Which operation of a document a request means.

use std::sync::LazyLock;

use saas_blog::schema::{Schema, read};
use serde_json::json;

use crate::common::{request, subscription, verdicts};

const SEVERAL: &str = "query One { me { id } } query Other($id: ID!) { post(id: $id) { id } } mutation Third { deletePost(id: 1) { id } }";

/// Nothing can be written here.
fn read_only() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| read("type Query { one: Int }").unwrap());
    &SCHEMA
}

#[test]
fn the_operation_that_is_meant() {
    let unknown = |name| format!("OPERATION_RESOLUTION_FAILURE: Unknown operation named \"{name}\".");
    let ambiguous =
        "OPERATION_RESOLUTION_FAILURE: Must provide operation name if query contains multiple operations.";
    verdicts([
        (request("{ me { id } }"), "ok"),
        (request("query Only { me { id } }"), "ok"),
        (request("query Only { me { id } }").named("Only"), "ok"),
        (request("query Only { me { id } }").named("only"), &unknown("only")),
        (request("{ me { id } }").named("Only"), &unknown("Only")),
        (request("{ me { id } }").named(""), &unknown("")),
        (request("{ me { id } }").named("a\u{7}\u{0}b"), &unknown("ab")),
        (
            request("fragment F on User { id }"),
            "GRAPHQL_VALIDATION_FAILED 1:1: Fragment \"F\" is never used.",
        ),
        (request(SEVERAL), ambiguous),
        (request(SEVERAL).named("One"), "ok"),
        (
            request(SEVERAL).named("Other"),
            "BAD_USER_INPUT 1:37: Variable \"$id\" of required type \"ID!\" was not provided.",
        ),
        (request(SEVERAL).named("Other").variables(json!({"id": "x"})), "ok"),
        (request(SEVERAL).named("Third"), "ok"),
        (
            request("query One { one } mutation Other { one }").over(read_only()).named("Other"),
            "OPERATION_RESOLUTION_FAILURE 1:19: Schema is not configured to execute mutation operation.",
        ),
        (
            request("subscription { commentCreated(postId: 1) { id } }"),
            "SUBSCRIPTION_OPERATION 1:1: A subscription is opened with graphql.subscribe.",
        ),
        (
            request("subscription S { commentCreated(postId: 1) { id } } query Q { me { id } }").named("S"),
            "SUBSCRIPTION_OPERATION 1:1: A subscription is opened with graphql.subscribe.",
        ),
        (
            request("subscription S { commentCreated(postId: 1) { id } } query Q { me { id } }").named("Q"),
            "ok",
        ),
    ]);
}

#[test]
fn each_function_takes_its_kinds_of_operations() {
    let sentence = |kind| {
        format!(
            "NOT_A_SUBSCRIPTION 1:1: Only a subscription is opened with graphql.subscribe: a {kind} goes to graphql.execute."
        )
    };
    verdicts([
        (subscription("subscription { commentCreated(postId: 1) { id } }"), "ok"),
        (subscription("{ me { id } }"), sentence("query").as_str()),
        (subscription("mutation { deletePost(id: 1) { id } }"), &sentence("mutation")),
        (
            subscription("subscription S { commentCreated(postId: 1) { id } } query Q { me { id } }")
                .named("S"),
            "ok",
        ),
    ]);
}

#[test]
fn the_operation_that_is_meant_is_the_one_that_is_answered() {
    let text = |name| request(SEVERAL).named(name).variables(json!({"id": "x"})).texts().concat();
    assert!(text("One").contains("tb_user") && !text("One").contains("tb_post"));
    assert!(text("Other").contains("tb_post") && !text("Other").contains("tb_user"));
    assert!(text("Third").contains("fn_delete_post") && !text("Other").contains("fn_"));
}
