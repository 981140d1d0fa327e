//! Turns what a client asks, and the token it asks with, into a key: who asks the same shares the calls of the database.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::request::Request;

/// A request and whose it is. Two are equal if they are equal byte by byte, their extensions aside: these have a part
/// in where a subscription begins, and none in what it gives.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) token: Option<Arc<str>>,
    pub(crate) request: Request,
}

impl Asked {
    fn key(&self) -> (Option<&str>, &str, Option<&str>, Option<&str>) {
        let Request { query, operation_name, variables, .. } = &self.request;
        (self.token.as_deref(), query, variables.as_deref().map(RawValue::get), operation_name.as_deref())
    }

    /// Bytes that are kept for as long as the request is open.
    pub(crate) fn size(&self) -> usize {
        let (_, query, variables, operation_name) = self.key();
        let extensions = self.request.extensions.as_deref().map_or(0, |extensions| extensions.get().len());
        query.len() + variables.map_or(0, str::len) + operation_name.map_or(0, str::len) + extensions
    }

    /// Whether it may be a subscription: only a document that has this very word can hold one.
    pub(crate) fn may_subscribe(&self) -> bool {
        const WORD: &str = "subscription";
        let is_name =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let (query, text) = (&self.request.query, self.request.query.as_bytes());
        query.match_indices(WORD).any(|(begin, _)| {
            let before = begin.checked_sub(1).and_then(|at| text.get(at));
            !is_name(before) && !is_name(text.get(begin + WORD.len()))
        })
    }

    /// Whether it names a cursor from which a subscription goes on.
    pub(crate) fn resumes(&self) -> bool {
        // As PostgreSQL reads them: of a name that is there twice, the last one counts.
        type Fields<'a> = HashMap<Cow<'a, str>, &'a RawValue>;
        let is_there = |extensions: &RawValue| {
            let fields: Fields<'_> = serde_json::from_str(extensions.get()).unwrap_or_default();
            fields.get("cursor").is_some_and(|cursor| cursor.get() != "null")
        };
        self.request.extensions.as_deref().is_some_and(is_there)
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    pub(in crate::live) fn asking(request: &str) -> Asked {
        Asked { token: Some("t".into()), request: serde_json::from_str(request).unwrap() }
    }

    #[test]
    fn only_the_word_makes_a_subscription() {
        for (query, expected) in [
            ("subscription { a }", true),
            ("query A { a } subscription B { b }", true),
            ("#subscription\n{ a }", true),
            ("subscription", true),
            ("{ tenant { subscriptionTier } }", false),
            ("{ _subscription }", false),
            ("{ subscription1 }", false),
            ("", false),
        ] {
            let asked = asking(&json!({ "query": query }).to_string());
            assert_eq!(asked.may_subscribe(), expected, "{query}");
        }
    }

    #[test]
    fn extensions_may_hold_a_cursor() {
        for (extensions, expected) in [
            (r#"{"cursor":"a"}"#, true),
            (r#"{"a":{"b":[1]},"cursor":1}"#, true),
            (r#"{"cursor":"a","cursor":"b","c":1,"c":2}"#, true),
            (r#"{"\u0063ursor":"a"}"#, true),
            (r#"{"cursor":null}"#, false),
            (r#"{"a":{"cursor":"b"}}"#, false),
            ("{}", false),
            ("null", false),
        ] {
            let asked = asking(&format!(r#"{{"query":"a","extensions":{extensions}}}"#));
            assert_eq!(asked.resumes(), expected, "{extensions}");
        }
    }

    #[test]
    fn what_has_other_words_is_another_request() {
        let first = asking(r#"{"query":"a"}"#);
        assert_eq!(first, asking(r#"{"query":"a","extensions":{"cursor":"c"}}"#));
        for other in
            [r#"{"query":"a "}"#, r#"{"query":"a","variables":{}}"#, r#"{"query":"a","operationName":"a"}"#]
        {
            assert_ne!(first, asking(other), "{other}");
        }
        assert_ne!(first, Asked { token: None, request: asking(r#"{"query":"a"}"#).request });
    }
}
