//! Turns the messages of a client into what is to be done: the rules of graphql-transport-ws, without a socket.

use std::collections::HashMap;
use std::sync::Arc;

use super::close::Close;
use super::message::{self, Message};
use crate::live::asked::Asked;
use crate::live::outbox::Tag;
use crate::refusal::Refusal;

/// Operations that a client may have open.
const MOST_OPERATIONS: usize = 100;
/// Bytes of their ids, documents and variables in all.
const MOST_BYTES: usize = 2 << 20;

/// One client's connection: who it is, and its open operations, each with whatever `O` keeps it going.
#[derive(Debug)]
pub(super) struct Session<O> {
    token: Option<Arc<str>>,
    acknowledged: bool,
    operations: HashMap<Tag, (Arc<Asked>, O)>,
    bytes: usize,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    Send(String),
    /// An operation begins; `Session::open` is to be told of it.
    Begin(Tag, Arc<Asked>),
}

impl<O> Session<O> {
    /// With the token of the request, if that has one.
    pub(super) fn new(token: Option<Arc<str>>) -> Self {
        Self { token, acknowledged: false, operations: HashMap::new(), bytes: 0 }
    }

    pub(super) fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }

    /// A message has come.
    pub(super) fn receive(&mut self, text: &str) -> Result<Step, Close> {
        match Message::read(text)? {
            Message::Init(token) => self.init(token),
            Message::Ping(payload) => Ok(Step::Send(message::pong(payload.as_deref()))),
            Message::Pong => Ok(Step::Nothing),
            Message::Subscribe(id, request) => self.subscribe(id, request),
            // One that is over already is no fault: the two messages may have crossed.
            Message::Complete(id) => {
                self.close(&id);
                Ok(Step::Nothing)
            }
        }
    }

    fn init(&mut self, token: Option<Arc<str>>) -> Result<Step, Close> {
        if std::mem::replace(&mut self.acknowledged, true) {
            return Err(Close::InitTwice);
        }
        self.token = token.or_else(|| self.token.take());
        Ok(Step::Send(message::ACKNOWLEDGED.to_owned()))
    }

    fn subscribe(&mut self, id: Tag, request: crate::request::Request) -> Result<Step, Close> {
        if !self.acknowledged {
            return Err(Close::Unauthorized);
        }
        if self.operations.contains_key(&id) {
            return Err(Close::Exists(id.to_string()));
        }
        let asked = Asked { token: self.token.clone(), request };
        if self.operations.len() >= MOST_OPERATIONS || self.bytes + size(&id, &asked) > MOST_BYTES {
            let refusal = Refusal::new(
                axum::http::StatusCode::TOO_MANY_REQUESTS,
                "LIMIT_EXCEEDED",
                &format!(
                    "This connection has too many open operations: at most {MOST_OPERATIONS} of {MOST_BYTES} bytes."
                ),
            );
            return Ok(Step::Send(message::error(&id, &refusal.errors())));
        }
        Ok(Step::Begin(id, Arc::new(asked)))
    }

    /// An operation has begun, or goes on in another way.
    pub(super) fn open(&mut self, tag: Tag, asked: Arc<Asked>, operation: O) {
        self.close(&tag);
        self.bytes += size(&tag, &asked);
        self.operations.insert(tag, (asked, operation));
    }

    /// An operation is over.
    pub(super) fn close(&mut self, id: &str) {
        if let Some((asked, _)) = self.operations.remove(id) {
            self.bytes -= size(id, &asked);
        }
    }

    /// What was asked in the operation of this very tag, if that is still open: another may have the same id by now.
    pub(super) fn asked(&self, tag: &Tag) -> Option<Arc<Asked>> {
        let (known, (asked, _)) = self.operations.get_key_value(tag)?;
        Arc::ptr_eq(known, tag).then(|| Arc::clone(asked))
    }
}

/// Bytes that an operation keeps.
fn size(id: &str, asked: &Asked) -> usize {
    id.len() + asked.size()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const INIT: &str = r#"{"type":"connection_init"}"#;

    fn subscribe(id: &str) -> String {
        serde_json::json!({"id": id, "type": "subscribe", "payload": {"query": "{a}"}}).to_string()
    }

    fn begun(session: &mut Session<()>, id: &str) -> Tag {
        let Ok(Step::Begin(tag, asked)) = session.receive(&subscribe(id)) else { unreachable!() };
        session.open(Arc::clone(&tag), asked, ());
        tag
    }

    fn ready() -> Session<()> {
        let mut session = Session::new(None);
        assert!(matches!(session.receive(INIT), Ok(Step::Send(text)) if text == message::ACKNOWLEDGED));
        session
    }

    #[test]
    fn nothing_is_asked_before_the_acknowledgement() {
        let mut session = Session::<()>::new(Some("t".into()));
        assert_eq!(session.receive(&subscribe("1")).unwrap_err(), Close::Unauthorized);
    }

    #[test]
    fn a_second_init_is_one_too_many() {
        assert_eq!(ready().receive(INIT).unwrap_err(), Close::InitTwice);
    }

    #[test]
    fn an_id_is_taken_until_its_operation_is_over() {
        let mut session = ready();
        let old = begun(&mut session, "1");
        assert_eq!(session.receive(&subscribe("1")).unwrap_err(), Close::Exists("1".to_owned()));
        assert!(session.asked(&old).is_some());
        assert!(matches!(session.receive(r#"{"id":"1","type":"complete"}"#), Ok(Step::Nothing)));
        assert!(session.asked(&old).is_none());
        let new = begun(&mut session, "1");
        assert!(session.asked(&old).is_none(), "what is still queued for the old one is not the new one's");
        assert!(session.asked(&new).is_some());
        assert!(matches!(session.receive(r#"{"id":"2","type":"complete"}"#), Ok(Step::Nothing)));
    }

    #[test]
    fn the_token_of_the_payload_comes_before_that_of_the_request() {
        for (payload, expected) in [("{}", Some("request")), (r#"{"token":"payload"}"#, Some("payload"))] {
            let mut session = Session::<()>::new(Some("request".into()));
            session.receive(&format!(r#"{{"type":"connection_init","payload":{payload}}}"#)).unwrap();
            let Ok(Step::Begin(_, asked)) = session.receive(&subscribe("1")) else { unreachable!() };
            assert_eq!(asked.token.as_deref(), expected);
        }
    }

    #[test]
    fn pings_are_answered_at_any_time_with_their_payload() {
        let mut session = Session::<()>::new(None);
        for (ping, pong) in [
            (r#"{"type":"ping"}"#, r#"{"type":"pong"}"#),
            (r#"{"type":"ping","payload":{"a": 1}}"#, r#"{"type":"pong","payload":{"a": 1}}"#),
        ] {
            assert!(matches!(session.receive(ping), Ok(Step::Send(text)) if text == pong));
        }
        assert!(matches!(session.receive(r#"{"type":"pong","payload":{}}"#), Ok(Step::Nothing)));
    }

    #[test]
    fn operations_are_bounded_in_number_and_in_bytes() {
        let mut session = ready();
        for number in 0..MOST_OPERATIONS {
            begun(&mut session, &number.to_string());
        }
        let Ok(Step::Send(text)) = session.receive(&subscribe("x")) else { unreachable!() };
        assert!(text.contains("LIMIT_EXCEEDED") && text.contains(r#""id":"x","type":"error""#), "{text}");
        for number in 0..MOST_OPERATIONS {
            session.close(&number.to_string());
        }
        assert_eq!(session.bytes, 0);
        let long = serde_json::json!({"id": "x", "type": "subscribe", "payload": {"query": "x".repeat(MOST_BYTES + 1)}});
        assert!(matches!(session.receive(&long.to_string()), Ok(Step::Send(_))));
        assert!(matches!(session.receive(&subscribe(&"x".repeat(MOST_BYTES))), Ok(Step::Send(_))));
    }
}
