//! Turns `/graphql/stream` into server-sent events: graphql-sse's distinct connections mode
//! ([protocol](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md)).
//!
//! The `id` of an event is the cursor behind it, and `Last-Event-ID` goes on from there. A first `id` comes as soon as the
//! subscription has begun, as a line of its own. A stream that ends without `complete` has been cut off: the process ends,
//! or the client did not read what there was.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::App;
use crate::graphql;
use crate::live::asked::Asked;
use crate::live::batch::first_code;
use crate::live::outbox::{News, Outbox, Taken};
use crate::live::{Outlet, Subscription};
use crate::refusal::Refusal;
use crate::request::{self, Request};
use crate::{accept, database_error::DatabaseError};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// After so long without an event there is a comment, so that nobody in between takes the connection for a dead one.
const SILENCE: Duration = Duration::from_secs(15);
/// A line that means nothing. Without an empty line after it: to some parsers that would be an event.
const COMMENT: &str = ":\n";
const COMPLETE: &str = "event: complete\ndata: \n\n";

/// Operations by POST.
pub(crate) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let request = match request::check_media_type(&headers) {
        Ok(()) => {
            let body = graphql::read(body, Duration::from_secs(app.config.request_timeout)).await;
            body.and_then(|body| Request::of_body(&body))
        }
        Err(refusal) => Err(refusal),
    };
    respond(app, &headers, request, false)
}

/// Queries and subscriptions by GET.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    respond(app, &headers, Request::of_query_string(&uri), true)
}

/// Any other method.
pub(crate) async fn other() -> Response {
    let message = "Please use POST or GET: streams are one for each operation here.";
    let mut response =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

fn respond(
    app: Arc<App>,
    headers: &HeaderMap,
    request: Result<Request, Refusal>,
    read_only: bool,
) -> Response {
    if !accept::is_stream(headers) {
        let message = "Answers are text/event-stream here: 'Accept' does not have it.";
        return Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message).into_response();
    }
    let asked = request.and_then(|request| asked(headers, request));
    match asked {
        Ok(asked) => streamed(Stream::new(app, asked, read_only)),
        Err(refusal) => refusal.into_response(),
    }
}

fn asked(headers: &HeaderMap, mut request: Request) -> Result<Arc<Asked>, Refusal> {
    if let Some(cursor) = headers.get(LAST_EVENT_ID) {
        // What is no text is no cursor: it is refused as any other that is wrong.
        let cursor = String::from_utf8_lossy(cursor.as_bytes());
        request.extensions = Some(with_cursor(request.extensions.as_deref(), &cursor));
    }
    let token = request::token(headers)?.map(Arc::from);
    Ok(Arc::new(Asked { token, request }))
}

/// The extensions with another cursor: the client has come further than when it wrote them.
fn with_cursor(extensions: Option<&RawValue>, cursor: &str) -> Box<RawValue> {
    let mut all: BTreeMap<String, Box<RawValue>> =
        extensions.and_then(|extensions| serde_json::from_str(extensions.get()).ok()).unwrap_or_default();
    if let Ok(cursor) = to_raw_value(cursor) {
        all.insert("cursor".to_owned(), cursor);
    }
    to_raw_value(&all).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn streamed(stream: Stream) -> Response {
    let chunks = stream::unfold(stream, async |mut stream| {
        let chunk = stream.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), stream))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would keep events until it has a few kilobytes of them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// One operation, and what has become of it so far.
struct Stream {
    app: Arc<App>,
    asked: Arc<Asked>,
    read_only: bool,
    outbox: Arc<Outbox>,
    stage: Stage,
    comments: Interval,
}

enum Stage {
    /// The stream's first bytes show the client that it is there.
    Beginning,
    Subscribed {
        _until_dropped: Subscription,
    },
    /// It is no subscription, and not executed yet.
    Answering,
    Over,
}

impl Stream {
    fn new(app: Arc<App>, asked: Arc<Asked>, read_only: bool) -> Self {
        metrics::gauge!("saas_blog_gateway_streams").increment(1);
        let mut comments = interval(SILENCE);
        comments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { app, asked, read_only, outbox: Arc::default(), stage: Stage::Beginning, comments }
    }

    /// The next bytes to send; None: the stream ends.
    async fn next(&mut self) -> Option<String> {
        match &self.stage {
            Stage::Beginning => {
                self.comments.reset();
                self.begin();
                Some(COMMENT.to_owned())
            }
            Stage::Subscribed { .. } => self.news().await,
            Stage::Answering => {
                self.stage = Stage::Over;
                Some(self.answer().await)
            }
            Stage::Over => None,
        }
    }

    fn begin(&mut self) {
        self.stage = if self.asked.may_subscribe() {
            let outlet = Outlet { outbox: Arc::clone(&self.outbox), tag: "".into() };
            Stage::Subscribed { _until_dropped: self.app.live.subscribe(Arc::clone(&self.asked), outlet) }
        } else {
            Stage::Answering
        };
    }

    async fn news(&mut self) -> Option<String> {
        let shutdown = self.app.shutdown.clone();
        let Taken { news, revived, .. } = tokio::select! {
            taken = self.outbox.take() => taken?,
            _ = self.comments.tick() => return Some(COMMENT.to_owned()),
            () = shutdown.cancelled() => return None,
        };
        self.app.live.revive(&revived);
        self.comments.reset();
        match news {
            News::Began(cursor) => Some(format!("id: {cursor}\n")),
            News::Event(event) => Some(format!("id: {}\n{}", event.cursor, next(&event.payload))),
            News::Failed(errors) if first_code(&errors).as_deref() == Some("NOT_A_SUBSCRIPTION") => {
                self.stage = Stage::Over;
                Some(self.answer().await)
            }
            News::Failed(errors) => {
                self.stage = Stage::Over;
                Some(next(&format!(r#"{{"errors":{errors}}}"#)) + COMPLETE)
            }
            News::Answer(..) => None,
        }
    }

    /// All that a query or mutation gives.
    async fn answer(&self) -> String {
        let (request, database, token) =
            (&self.asked.request, &self.app.database, self.asked.token.as_deref());
        let answer = if self.read_only {
            request.execute_read_only(database, token).await
        } else {
            request.execute(database, token).await
        };
        let refuse = |error: DatabaseError| {
            error.log();
            Refusal::from(&error).body().into()
        };
        next(&String::from_utf8_lossy(&answer.unwrap_or_else(refuse))) + COMPLETE
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        metrics::gauge!("saas_blog_gateway_streams").decrement(1);
    }
}

/// An event with this answer. White space between its tokens may be line breaks.
fn next(payload: &str) -> String {
    let mut text = String::with_capacity(payload.len() + 32);
    text.push_str("event: next\n");
    for line in payload.split(['\n', '\r']) {
        text.extend(["data: ", line, "\n"]);
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_line_break_does_not_end_an_event() {
        assert_eq!(next(r#"{"data":{}}"#), "event: next\ndata: {\"data\":{}}\n\n");
        assert_eq!(next("{\n\r\"data\":1}"), "event: next\ndata: {\ndata: \ndata: \"data\":1}\n\n");
    }

    #[test]
    fn the_last_event_is_where_it_goes_on() {
        for (extensions, expected) in [
            (None, r#"{"cursor":"c\""}"#),
            (Some("null"), r#"{"cursor":"c\""}"#),
            (Some(r#"{"a": 1e999, "cursor":"b"}"#), r#"{"a":1e999,"cursor":"c\""}"#),
        ] {
            let extensions = extensions.map(|text| RawValue::from_string(text.to_owned()).unwrap());
            assert_eq!(with_cursor(extensions.as_deref(), "c\"").get(), expected);
        }
    }
}
