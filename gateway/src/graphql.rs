//! Turns `POST /graphql` and `GET /graphql` into calls of `graphql.execute`
//! ([GraphQL over HTTP](https://graphql.github.io/graphql-over-http/draft/)).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::accept::{self, Media};
use crate::app::App;
use crate::database_error::DatabaseError;
use crate::refusal::Refusal;
use crate::request::{self, Request};
use crate::{answer, etag, ui};

/// Bytes of a request's body.
const MAX_BODY: usize = 1 << 20;
/// Bytes of a body that is too long which are read all the same: many clients read no answer before all is sent.
const MAX_DRAINED: usize = 8 * MAX_BODY;

/// Queries and mutations.
pub(crate) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let Some(media) = accept::media(&headers) else { return not_acceptable() };
    let mut response = match posted(&app, &headers, body).await {
        Ok(answer) => {
            let status = answer::status(&answer, media, false);
            respond(status, media, answer)
        }
        Err(refusal) => refusal.response(media),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn posted(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    request::check_media_type(headers)?;
    let body = read(body, Duration::from_secs(app.config.request_timeout)).await?;
    let request = Request::of_body(&body)?;
    request.execute(&app.database, request::token(headers)?).await.map_err(|error| refuse(&error))
}

/// Queries, in READ ONLY transactions; for a browser that wants a page, GraphiQL.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    if accept::is_page(&headers) {
        return ui::page(&headers);
    }
    let Some(media) = accept::media(&headers) else { return not_acceptable() };
    let mut response = match asked(&app, &headers, &uri).await {
        Ok(answer) => {
            let status = answer::status(&answer, media, true);
            if status == StatusCode::OK {
                tagged(&headers, media, answer)
            } else {
                respond(status, media, answer)
            }
        }
        Err(refusal) => refusal.response(media),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Authorization, Accept"));
    response
}

async fn asked(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<Bytes, Refusal> {
    let request = Request::of_query_string(uri)?;
    request.execute_read_only(&app.database, request::token(headers)?).await.map_err(|error| refuse(&error))
}

/// The body, if it is not too long and does not take too long.
pub(crate) async fn read(body: Body, patience: Duration) -> Result<Vec<u8>, Refusal> {
    if body.size_hint().lower() > MAX_DRAINED as u64 {
        return Err(too_large());
    }
    timeout(patience, collect(body)).await.unwrap_or_else(|_| {
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The body did not arrive in time."))
    })
}

async fn collect(body: Body) -> Result<Vec<u8>, Refusal> {
    let (mut kept, mut length) = (Vec::new(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The body does not arrive as it should.")
        })?;
        length += piece.len();
        if length <= MAX_BODY {
            kept.extend_from_slice(&piece);
        } else if length > MAX_DRAINED {
            break;
        }
    }
    if length > MAX_BODY { Err(too_large()) } else { Ok(kept) }
}

/// The extension's bytes as they are.
fn respond(status: StatusCode, media: Media, answer: Bytes) -> Response {
    let mut response = (status, answer).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media.content_type());
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// The answer with its tag, or only the tag where the client has the answer already.
fn tagged(headers: &HeaderMap, media: Media, answer: Bytes) -> Response {
    let tag = etag::of(&answer);
    let mut response = if etag::is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        respond(StatusCode::OK, media, answer)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn refuse(error: &DatabaseError) -> Refusal {
    error.log();
    Refusal::from(error)
}

fn too_large() -> Refusal {
    let message = format!("The body has more than {MAX_BODY} bytes.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &message)
}

fn not_acceptable() -> Response {
    let message =
        "Answers are application/graphql-response+json or application/json, in UTF-8: 'Accept' has neither.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message).into_response()
}

/// Any other method.
pub(crate) async fn other() -> Response {
    let refusal =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Please use POST or GET.");
    let mut response = refusal.into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}
