//! Turns an answer of the extension into an HTTP status, reading no more of it than that takes.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::accept::Media;

/// What of an error decides on the status.
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
}

/// The status of an answer, which is JSON whose keys come in the order `errors`, `data`, `extensions`.
///
/// Where execution has begun there is `data`, and the status is 200 whatever went wrong.
pub(crate) fn status(answer: &[u8], media: Media, by_get: bool) -> StatusCode {
    let Some(code) = code_of_refusal(answer) else { return StatusCode::OK };
    match (code.as_str(), media) {
        // Both media types: the specification wants 405 whatever the answer is written as.
        ("MUTATION_READ_ONLY", _) if by_get => StatusCode::METHOD_NOT_ALLOWED,
        (_, Media::Json) => StatusCode::OK,
        ("UNAUTHENTICATED", _) => StatusCode::UNAUTHORIZED,
        ("FORBIDDEN", _) => StatusCode::FORBIDDEN,
        ("INTERNAL_SERVER_ERROR", _) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The code of the first error, if the request was refused before its execution began.
fn code_of_refusal(answer: &[u8]) -> Option<String> {
    let errors = answer.strip_prefix(b"{\"errors\":")?;
    let mut items = serde_json::Deserializer::from_slice(errors).into_iter::<Vec<Item>>();
    let code = items.next()?.ok()?.into_iter().next().map(|item| item.extensions.code).unwrap_or_default();
    let rest = errors.get(items.byte_offset()..).unwrap_or_default();
    (!rest.starts_with(b",\"data\":")).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> String {
        format!(r#"{{"errors":[{{"message":"m","extensions":{{"code":"{code}"}}}},{{"message":"data"}}]}}"#)
    }

    #[test]
    fn the_code_of_the_first_error_is_the_status() {
        for (code, by_get, response, json) in [
            ("UNAUTHENTICATED", false, 401, 200),
            ("FORBIDDEN", false, 403, 200),
            ("MUTATION_READ_ONLY", true, 405, 405),
            ("MUTATION_READ_ONLY", false, 400, 200),
            ("SUBSCRIPTION_OPERATION", true, 400, 200),
            ("GRAPHQL_PARSE_FAILED", false, 400, 200),
            ("INTERNAL_SERVER_ERROR", false, 500, 200),
            ("", false, 400, 200),
        ] {
            let answer = refused(code);
            assert_eq!(status(answer.as_bytes(), Media::Response, by_get), response, "{code}");
            assert_eq!(status(answer.as_bytes(), Media::Json, by_get), json, "{code}");
        }
    }

    #[test]
    fn execution_that_has_begun_is_200() {
        for answer in [
            r#"{"data":{"errors":[]}}"#,
            r#"{"errors":[{"message":"m","extensions":{"code":"FORBIDDEN"}}],"data":null}"#,
            r#"{"errors":[{"message":"m","extensions":{"code":"FORBIDDEN"}}],"data":{"a":1}}"#,
        ] {
            assert_eq!(status(answer.as_bytes(), Media::Response, true), 200, "{answer}");
        }
    }

    #[test]
    fn an_error_without_a_code_is_a_bad_request() {
        for answer in [r#"{"errors":[{"message":"m"}]}"#, r#"{"errors":[]}"#] {
            assert_eq!(status(answer.as_bytes(), Media::Response, false), 400, "{answer}");
        }
    }
}
