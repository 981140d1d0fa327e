//! Turns each request into a line of the log and numbers of the metrics, and gives its response the request's id.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use tracing::{Instrument, Span, info, info_span};

use crate::trace::{self, REQUEST_ID};

/// What nginx logs where the client went away before it was answered.
const CLIENT_CLOSED: u16 = 499;

/// A request that is being answered. Dropped before it was, it is logged as one whose client went away.
struct Observed {
    begun: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
    status: u16,
    span: Span,
}

/// Wraps every route.
pub(crate) async fn observe(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let id = trace::request_id(request.headers());
    let span = info_span!("request", request_id = id, traceparent = trace::traceparent(request.headers()));
    let method = known(request.method());
    let mut observed =
        Observed { begun: Instant::now(), method, route, status: CLIENT_CLOSED, span: span.clone() };
    let mut response = next.run(request).instrument(span).await;
    observed.status = response.status().as_u16();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

impl Drop for Observed {
    fn drop(&mut self) {
        let (elapsed, status, method) = (self.begun.elapsed(), self.status, self.method);
        // What has no route has one name, as nobody shall make the metrics grow.
        let route = self.route.as_ref().map_or("other", MatchedPath::as_str);
        let milliseconds = elapsed.as_secs_f64() * 1000.0;
        self.span.in_scope(|| info!(method, route, status, milliseconds, "answered"));
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        counter!("saas_blog_gateway_requests_total", &labels).increment(1);
        histogram!("saas_blog_gateway_request_seconds", "route" => route.to_owned()).record(elapsed);
    }
}

/// A method's name; all that nobody serves have one, for the same reason.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        _ => "other",
    }
}
