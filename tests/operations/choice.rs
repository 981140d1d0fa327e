//! Which operation of a document a request means.

use serde_json::json;

use crate::common::{request, verdicts};

const SEVERAL: &str =
    "query One { me { id } } query Other($id: ID!) { post(id: $id) { id } } mutation Third { one }";

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
        (
            request(SEVERAL).named("Third"),
            "OPERATION_RESOLUTION_FAILURE 1:72: Schema is not configured to execute mutation operation.",
        ),
        (
            request("subscription { commentCreated { id } }"),
            "SUBSCRIPTION_OPERATION 1:1: A subscription is opened with graphql.subscribe.",
        ),
        (
            request("subscription S { commentCreated { id } } query Q { me { id } }").named("S"),
            "SUBSCRIPTION_OPERATION 1:1: A subscription is opened with graphql.subscribe.",
        ),
        (request("subscription S { commentCreated { id } } query Q { me { id } }").named("Q"), "ok"),
    ]);
}

#[test]
fn the_operation_that_is_meant_is_the_one_that_is_answered() {
    let text = |name| request(SEVERAL).named(name).variables(json!({"id": "x"})).sql();
    assert!(text("One").contains("tb_user") && !text("One").contains("tb_post"));
    assert!(text("Other").contains("tb_post") && !text("Other").contains("tb_user"));
}
