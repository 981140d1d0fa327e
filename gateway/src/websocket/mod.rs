//! Turns an upgrade request into a WebSocket that speaks graphql-transport-ws
//! ([protocol](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md)).

mod close;
mod connection;
mod message;
mod origin;
mod session;
mod socket;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use self::close::Close;
use self::connection::Connection;
use self::socket::Socket;
use crate::app::App;
use crate::refusal::Refusal;
use crate::request;

const PROTOCOL: &str = "graphql-transport-ws";

/// Whether a request asks to go on as a WebSocket.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    has_word(headers, &UPGRADE, "websocket")
}

/// Answers the request and goes on as a WebSocket.
pub(crate) async fn upgrade(State(app): State<Arc<App>>, mut request: Request) -> Response {
    match accept(&app, &request) {
        Ok((key, token)) => {
            let spoken = has_word(request.headers(), &SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
            let upgrading = hyper::upgrade::on(&mut request);
            let tasks = app.tasks.clone();
            tasks.spawn(async move {
                let Ok(upgraded) = upgrading.await else { return };
                let mut socket = Socket::new(TokioIo::new(upgraded)).await;
                if spoken {
                    Connection::new(app, token).serve(&mut socket).await;
                } else {
                    socket.close(&Close::Subprotocol).await;
                }
            });
            switch(&key, spoken)
        }
        Err(refusal) => {
            let mut response = refusal.into_response();
            if response.status() == StatusCode::UPGRADE_REQUIRED {
                response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
                response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
            }
            response
        }
    }
}

/// What RFC 6455 section 4.2.1 demands of the request, and that no page of somebody else's sends it.
fn accept(app: &App, request: &Request) -> Result<(String, Option<Arc<str>>), Refusal> {
    let headers = request.headers();
    let refuse = |status, message| Err(Refusal::new(status, "BAD_REQUEST", message));
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if request.method() != Method::GET || !is_upgrade(headers) || !has_word(headers, &CONNECTION, "upgrade") {
        return refuse(StatusCode::UPGRADE_REQUIRED, "This is the address of a WebSocket.");
    }
    if text(SEC_WEBSOCKET_VERSION) != Some("13") {
        return refuse(
            StatusCode::UPGRADE_REQUIRED,
            "Only version 13 of the WebSocket protocol is spoken here.",
        );
    }
    let Some(key) = text(SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24) else {
        return refuse(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing or is none.");
    };
    if let Some(origin) = headers.get(ORIGIN)
        && !origin::is_allowed(origin.to_str().unwrap_or_default(), text(HOST), &app.config.cors_origin)
    {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Pages of this origin may not connect.",
        ));
    }
    Ok((key.to_owned(), request::token(headers)?.map(Arc::from)))
}

fn switch(key: &str, spoken: bool) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if spoken {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    }
    response
}

/// Whether a header that is a list has this word.
fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}
