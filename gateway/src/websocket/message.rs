//! Turns the text of a frame into a message of graphql-transport-ws, and what a client is told into such a text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::close::Close;
use crate::request::{Request, bearer};

/// What a client says.
#[derive(Debug)]
pub(super) enum Message {
    /// The connection is to be acknowledged; with a token in its payload, all operations have it.
    Init(Option<Arc<str>>),
    Ping(Option<Box<RawValue>>),
    Pong,
    Subscribe(Arc<str>, Request),
    Complete(Arc<str>),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

impl Message {
    /// Reads a message.
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let envelope: Envelope<'_> =
            serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
        let payload = envelope.payload;
        match &*envelope.kind {
            "connection_init" => Ok(Self::Init(init_token(payload)?)),
            "ping" => Ok(Self::Ping(object(payload)?.map(ToOwned::to_owned))),
            "pong" => object(payload).map(|_| Self::Pong),
            "subscribe" => {
                let payload = payload.ok_or_else(|| invalid("'subscribe' without a payload"))?;
                let request = Request::of_body(payload.get().as_bytes())
                    .map_err(|refusal| invalid(&refusal.message))?;
                Ok(Self::Subscribe(id(envelope.id)?, request))
            }
            "complete" => Ok(Self::Complete(id(envelope.id)?)),
            other => Err(invalid(&format!("no message of a client's has the type {other:?}"))),
        }
    }
}

fn invalid(reason: &str) -> Close {
    Close::Invalid(format!("Invalid message: {reason}"))
}

fn id(id: Option<Cow<'_, str>>) -> Result<Arc<str>, Close> {
    id.filter(|id| !id.is_empty()).map(Arc::from).ok_or_else(|| invalid("an id is missing"))
}

/// A payload, which is an object if there is one.
fn object(payload: Option<&RawValue>) -> Result<Option<&RawValue>, Close> {
    match payload {
        Some(payload) if !payload.get().starts_with('{') => Err(invalid("a payload that is no object")),
        payload => Ok(payload),
    }
}

/// The token of `connection_init`: `Authorization` with a Bearer token as in HTTP, there or in `headers`, in any case of
/// letters, or `token` with the token itself. Of several the first counts, in this order: it is never by chance.
fn init_token(payload: Option<&RawValue>) -> Result<Option<Arc<str>>, Close> {
    type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;
    let fields = |object: &'_ RawValue| -> Result<Vec<(String, Box<RawValue>)>, Close> {
        let fields: Fields<'_> =
            serde_json::from_str(object.get()).map_err(|error| invalid(&error.to_string()))?;
        Ok(fields.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect())
    };
    let Some(payload) = object(payload)? else { return Ok(None) };
    let given = fields(payload)?;
    let inner = given.iter().find(|(name, value)| name == "headers" && value.get().starts_with('{'));
    let inner = inner.map(|(_, headers)| fields(headers)).transpose()?.unwrap_or_default();
    for (name, value) in given.iter().chain(&inner) {
        let is_token = name == "token";
        if !is_token && name != "authorization" {
            continue;
        }
        let text: Option<String> =
            serde_json::from_str(value.get()).map_err(|_| invalid(&format!("'{name}' that is no text")))?;
        let found = text.as_deref().and_then(|text| bearer(text).or_else(|| is_token.then(|| text.trim())));
        if let Some(token) = found {
            return Ok(Some(token.into()));
        }
    }
    Ok(None)
}

pub(super) const ACKNOWLEDGED: &str = r#"{"type":"connection_ack"}"#;

/// The answer to a ping.
pub(super) fn pong(payload: Option<&RawValue>) -> String {
    payload.map_or_else(
        || r#"{"type":"pong"}"#.to_owned(),
        |payload| format!(r#"{{"type":"pong","payload":{payload}}}"#),
    )
}

/// A subscription has begun. The protocol has no word for that; any client takes a ping, and may look into it.
pub(super) fn began(id: &str, cursor: &str) -> String {
    format!(r#"{{"type":"ping","payload":{{"cursors":{{{}:"{cursor}"}}}}}}"#, quoted(id))
}

/// An operation's result.
pub(super) fn next(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{payload}}}"#, quoted(id))
}

/// An operation is refused, or ends with these errors.
pub(super) fn error(id: &str, errors: &str) -> String {
    format!(r#"{{"id":{},"type":"error","payload":{errors}}}"#, quoted(id))
}

/// An operation has no more results.
pub(super) fn complete(id: &str) -> String {
    format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id))
}

fn quoted(id: &str) -> String {
    serde_json::Value::from(id).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_token_is_found_where_clients_put_it() {
        for (payload, expected) in [
            (r#"{"Authorization":"Bearer abc"}"#, Some("abc")),
            (r#"{"authorization":"bearer abc"}"#, Some("abc")),
            (r#"{"headers":{"Authorization":"Bearer abc"}}"#, Some("abc")),
            (r#"{"token":"abc"}"#, Some("abc")),
            (r#"{"token":"Bearer abc"}"#, Some("abc")),
            (r#"{"Authorization":"Basic abc"}"#, None),
            (r#"{"Authorization":null,"token":"abc"}"#, Some("abc")),
            (r#"{"Authorization":null,"headers":null}"#, None),
            (r#"{"token":"a","Authorization":"Bearer abc"}"#, Some("abc")),
            (r#"{"authorization":"Bearer abc","token":"a","z":"b"}"#, Some("abc")),
            (r#"{"headers":{"authorization":"Bearer a"},"token":"abc"}"#, Some("abc")),
            (r#"{"other":{"token":"abc"}}"#, None),
            ("{}", None),
            ("null", None),
        ] {
            let text = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
            let Ok(Message::Init(token)) = Message::read(&text) else { unreachable!("{text}") };
            assert_eq!(token.as_deref(), expected, "{payload}");
        }
    }

    #[test]
    fn what_is_no_message_is_invalid() {
        for text in [
            "",
            "x",
            "[]",
            "null",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"connection_init","payload":{"token":1}}"#,
            r#"{"type":"connection_init","type":"ping"}"#,
            r#"{"type":"ping","payload":"x"}"#,
            r#"{"type":"pong","payload":1}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":"x"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(matches!(Message::read(text), Err(Close::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn requests_stay_the_text_they_are() {
        let text = r#"{"id":"a\"b","type":"subscribe","payload":{"query":"{a}","variables":{"n": 1e999}}}"#;
        let Ok(Message::Subscribe(id, request)) = Message::read(text) else { unreachable!() };
        assert_eq!(&*id, "a\"b");
        assert_eq!(request.variables.unwrap().get(), r#"{"n": 1e999}"#);
    }

    #[test]
    fn ids_are_escaped() {
        let id = "a\"\n\u{1f600}";
        for text in [next(id, "{}"), error(id, "[]"), complete(id)] {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["id"], id);
        }
        let ping: serde_json::Value = serde_json::from_str(&began(id, "c")).unwrap();
        assert_eq!(ping["payload"]["cursors"][id], "c");
    }
}
