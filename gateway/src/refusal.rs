//! Turns a reason why there is no answer of the extension into a GraphQL answer.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::database::DatabaseError;

/// A request that the gateway itself answers: a status, and an error with a message and a code.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    /// The list of errors alone.
    pub(crate) fn errors(&self) -> String {
        self.list().to_string()
    }

    fn list(&self) -> serde_json::Value {
        json!([{"message": self.message, "extensions": {"code": self.code}}])
    }

    /// The GraphQL answer: `{"errors": [...]}`, without data, as nothing was executed.
    pub(crate) fn body(&self) -> String {
        json!({"errors": self.list()}).to_string()
    }
}

impl From<&DatabaseError> for Refusal {
    fn from(error: &DatabaseError) -> Self {
        let (status, code) = match error {
            DatabaseError::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"),
            DatabaseError::Timeout(_) => (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"),
            DatabaseError::BadInput(_) => (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
            DatabaseError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR"),
        };
        Self { status, code, message: error.to_string() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
