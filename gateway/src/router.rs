//! Turns a path and a method into the function that answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::app::App;
use crate::observe::observe;
use crate::trace::REQUEST_ID;
use crate::{graphql, health, sse, ui, websocket};

/// All that the gateway answers.
pub(crate) fn router(app: &Arc<App>) -> Result<Router, Box<dyn std::error::Error>> {
    let mut api = Router::new()
        .route("/graphql", get(get_or_upgrade).post(graphql::post).fallback(graphql::other))
        .route("/graphql/stream", get(sse::get).post(sse::post).fallback(sse::other));
    // A variable of the environment that is empty says that there are none.
    let origins: Vec<_> = app
        .config
        .cors_origin
        .iter()
        .map(|origin| origin.trim())
        .filter(|origin| !origin.is_empty())
        .collect();
    if !origins.is_empty() {
        api = api.layer(cors(&origins)?);
    }
    let rest = Router::new()
        .route("/", get(async || Redirect::temporary("graphql")))
        .route("/ws", any(websocket::upgrade))
        .route("/graphql/ui/{file}", get(ui::file))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    Ok(api.merge(rest).fallback(nothing).layer(from_fn(observe)).with_state(Arc::clone(app)))
}

/// The address is a WebSocket's as well.
async fn get_or_upgrade(state: State<Arc<App>>, request: Request) -> Response {
    if websocket::is_upgrade(request.headers()) {
        return websocket::upgrade(state, request).await;
    }
    let (parts, _) = request.into_parts();
    graphql::get(state, parts.headers, parts.uri).await
}

/// Pages of these origins may send requests and read the answers. Credentials are of no use here: a token is a header.
fn cors(origins: &[&str]) -> Result<CorsLayer, Box<dyn std::error::Error>> {
    let origins = if origins.contains(&"*") {
        AllowOrigin::any()
    } else if let Some(other) = origins.iter().find(|origin| !is_origin(origin)) {
        return Err(format!("--cors-origin: {other:?} is no origin, such as https://blog.example").into());
    } else {
        let parsed = origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<HeaderValue>, _>>();
        AllowOrigin::list(parsed.map_err(|error| format!("--cors-origin: {error}"))?)
    };
    let asks = [ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, REQUEST_ID];
    let more = ["last-event-id", "traceparent", "tracestate"].map(HeaderName::from_static);
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(asks.into_iter().chain(more).collect::<Vec<_>>())
        .expose_headers([ETAG, RETRY_AFTER, REQUEST_ID])
        .max_age(Duration::from_mins(10)))
}

/// Whether a browser would name a page's origin like this: without a path, not even `/`.
fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, host)| {
        !scheme.is_empty() && !host.is_empty() && !host.contains(['/', '?', '#', '@'])
    })
}

async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here: the API is at /graphql.\n").into_response()
}
