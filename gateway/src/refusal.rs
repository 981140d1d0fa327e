//! Turns a reason why the extension has not answered into a GraphQL answer.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::accept::Media;
use crate::database_error::DatabaseError;

/// A request that the gateway itself answers: a status, and an error with a code and a message.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned() }
    }

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

    /// The answer in one of the two media types.
    pub(crate) fn response(&self, media: Media) -> Response {
        let mut response = (self.status, self.body()).into_response();
        response.headers_mut().insert(CONTENT_TYPE, media.content_type());
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
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
        self.response(Media::Json)
    }
}
