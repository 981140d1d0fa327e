//! Turns the answers of `graphql.subscribe` and `graphql.next` into places and events, whose data stays the text it is.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// A list of GraphQL errors, as JSON.
pub(crate) type Errors = Arc<str>;

/// Where a subscription listens, and from where on it has not been given its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) channel: Arc<str>,
    pub(crate) cursor: Arc<str>,
}

/// One event for a subscriber.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The place directly behind it.
    pub(crate) cursor: Arc<str>,
    /// The GraphQL answer, with the cursor in its extensions.
    pub(crate) payload: Box<str>,
}

/// What `graphql.next` gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) cursor: Arc<str>,
    /// Whether to ask again at once.
    pub(crate) more: bool,
    pub(crate) events: Vec<Arc<Event>>,
}

/// The answer is not what the extension is known to give.
#[derive(Debug, Error)]
pub(crate) enum Misshapen {
    /// It is other JSON.
    #[error("an answer of another form: {0}")]
    Json(#[from] serde_json::Error),
    /// A cursor that could not be told from what is around it.
    #[error("a cursor or channel of other characters than expected")]
    Characters,
    /// There is neither what was asked for nor an error.
    #[error("an answer without a cursor")]
    Nothing,
}

#[derive(Deserialize)]
struct SubscribeAnswer<'a> {
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    channel: Option<&'a str>,
    cursor: Option<&'a str>,
}

#[derive(Deserialize)]
struct NextAnswer<'a> {
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    cursor: Option<&'a str>,
    #[serde(default)]
    more: bool,
    #[serde(default)]
    results: Vec<NextResult<'a>>,
}

#[derive(Deserialize)]
struct NextResult<'a> {
    cursor: &'a str,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    // A null is data, too: the answer of an event whose execution failed.
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

/// A value that is there, a null as well.
pub(crate) fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads what `graphql.subscribe` gave: a place, or errors.
pub(crate) fn place(answer: &[u8]) -> Result<Result<Place, Errors>, Misshapen> {
    let SubscribeAnswer { errors, channel, cursor } = serde_json::from_slice(answer)?;
    if let Some(errors) = errors {
        return Ok(Err(errors.get().into()));
    }
    let (Some(channel), Some(cursor)) = (channel, cursor) else { return Err(Misshapen::Nothing) };
    // PostgreSQL cuts longer names, and would listen to another channel than is rung.
    if channel.is_empty() || channel.len() > 63 || channel.chars().any(char::is_control) {
        return Err(Misshapen::Characters);
    }
    Ok(Ok(Place { channel: channel.into(), cursor: checked(cursor)? }))
}

/// Reads what `graphql.next` gave: a batch, or errors.
pub(crate) fn batch(answer: &[u8]) -> Result<Result<Batch, Errors>, Misshapen> {
    let NextAnswer { errors, cursor, more, results } = serde_json::from_slice(answer)?;
    if let Some(errors) = errors {
        return Ok(Err(errors.get().into()));
    }
    let cursor = checked(cursor.ok_or(Misshapen::Nothing)?)?;
    let events = results.iter().map(event).collect::<Result<_, _>>()?;
    Ok(Ok(Batch { cursor, more, events }))
}

fn event(result: &NextResult<'_>) -> Result<Arc<Event>, Misshapen> {
    let cursor = checked(result.cursor)?;
    let mut payload = String::from("{");
    for (key, value) in [("errors", result.errors), ("data", result.data)] {
        if let Some(value) = value {
            payload.extend(["\"", key, "\":", value.get(), ","]);
        }
    }
    payload.extend(["\"extensions\":{\"cursor\":\"", &cursor, "\"}}"]);
    Ok(Arc::new(Event { cursor, payload: payload.into() }))
}

/// A cursor goes into JSON and into a line of an event stream as it is.
fn checked(cursor: &str) -> Result<Arc<str>, Misshapen> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if cursor.is_empty() || !cursor.bytes().all(plain) {
        return Err(Misshapen::Characters);
    }
    Ok(cursor.into())
}

/// The code of the first of these errors.
pub(crate) fn first_code(errors: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Coded {
        extensions: Option<Extensions>,
    }
    #[derive(Deserialize)]
    struct Extensions {
        code: Option<String>,
    }
    let errors: Vec<Coded> = serde_json::from_str(errors).ok()?;
    errors.into_iter().next()?.extensions?.code
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_place_is_a_channel_and_a_cursor() {
        let place = place(br#"{"channel": "c", "cursor": "Aa-_"}"#).unwrap().unwrap();
        assert_eq!(place, Place { channel: "c".into(), cursor: "Aa-_".into() });
    }

    #[test]
    fn errors_come_as_they_are_written() {
        let text = r#"[ {"message":"no", "extensions": {"code":"UNAUTHENTICATED"}} ]"#;
        let answer = format!(r#"{{"errors":{text}}}"#);
        assert_eq!(&*place(answer.as_bytes()).unwrap().unwrap_err(), text);
        assert_eq!(&*batch(answer.as_bytes()).unwrap().unwrap_err(), text);
        assert_eq!(first_code(text).as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(first_code("[]"), None);
        assert_eq!(first_code(r#"[{"message":"no"}]"#), None);
    }

    #[test]
    fn the_data_of_an_event_stay_text() {
        let data = r#"{ "c":{"n": 1e400,"t":"\u00e9\\n"} }"#;
        let answer = format!(r#"{{"cursor":"z","more":true,"results":[{{"cursor":"y","data":{data}}}]}}"#);
        let batch = batch(answer.as_bytes()).unwrap().unwrap();
        assert!(batch.more);
        assert_eq!(&*batch.cursor, "z");
        assert_eq!(&*batch.events[0].payload, format!(r#"{{"data":{data},"extensions":{{"cursor":"y"}}}}"#));
    }

    #[test]
    fn an_event_can_have_failed() {
        for (result, expected) in [
            (r#""errors":[1],"data":null"#, r#"{"errors":[1],"data":null,"extensions":{"cursor":"y"}}"#),
            (r#""errors":[1]"#, r#"{"errors":[1],"extensions":{"cursor":"y"}}"#),
        ] {
            let answer = format!(r#"{{"cursor":"z","more":false,"results":[{{"cursor":"y",{result}}}]}}"#);
            assert_eq!(&*batch(answer.as_bytes()).unwrap().unwrap().events[0].payload, expected);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in [r"a\nb", r#"a\"b"#, "a b", "", "é"] {
            let answer = format!(r#"{{"cursor":"{cursor}","channel":"c","more":false,"results":[]}}"#);
            assert!(batch(answer.as_bytes()).is_err(), "{cursor}");
            assert!(place(answer.as_bytes()).is_err(), "{cursor}");
        }
        let long = "c".repeat(64);
        for channel in ["", r"a\u0000", &long] {
            let answer = format!(r#"{{"cursor":"a","channel":"{channel}"}}"#);
            assert!(place(answer.as_bytes()).is_err(), "{channel}");
        }
        for answer in ["{}", "[]", "", r#"{"cursor":null}"#] {
            assert!(batch(answer.as_bytes()).is_err(), "{answer}");
            assert!(place(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
