//! Turns a scanned request into what its call is counted as.

use crate::syntax::Scan;
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of the longest name; PostgreSQL's own names have no more.
const MOST_NAME: usize = 63;

/// The name of an operation, as the client wrote it: 63 bytes of it, without control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name {
    bytes: [u8; MOST_NAME],
    length: u8,
}

impl Name {
    /// As much of the text as is kept.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut name = Self { bytes: [0; MOST_NAME], length: 0 };
        for character in text.chars().filter(|c| !c.is_control()) {
            let start = usize::from(name.length);
            let Some(room) = name.bytes.get_mut(start..start + character.len_utf8()) else { break };
            name.length += u8::try_from(character.encode_utf8(room).len()).unwrap_or(0);
        }
        name
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// What tells documents apart: the first half of the SHA-256 of their shape, so that literals do not count.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Document([u8; 16]);

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// An operation of a document.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The name that the request asks for, or that of its only operation; none if that has none.
    pub name: Option<Name>,
    /// The document.
    pub document: Document,
}

impl Operation {
    /// The operation that a request with this `operationName` is about; none if its text is no document.
    #[must_use]
    pub fn of(scan: &Scan<'_>, name: Option<&str>) -> Option<Self> {
        let shape = Some(scan.shape()).filter(|shape| !shape.is_empty())?;
        let document = Document(Sha256::digest(shape).first_chunk().copied()?);
        Some(Self { name: name.or_else(|| scan.only_operation()).map(Name::of), document })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{Name, Operation};
    use crate::syntax::{self, Limits};

    fn operation(text: &str, name: Option<&str>) -> Option<Operation> {
        let limits = Limits { max_tokens: 1_000, max_nesting: 100 };
        Operation::of(&syntax::scan(text, &limits).unwrap(), name)
    }

    fn name_in(text: &str, name: Option<&str>) -> Option<String> {
        operation(text, name).unwrap().name.map(|name| name.as_str().to_owned())
    }

    #[test]
    fn documents_that_differ_in_literals_are_one() {
        let hash = |text| operation(text, None).unwrap().document.to_string();
        let first = hash("query A { post(id: \"1\") { id } posts(first: 3) { totalCount } }");
        assert_eq!(first.len(), 32);
        assert_eq!(
            first,
            hash("query A{post(id:\"\"\"some text\"\"\"){id} # none\n posts(first:99){totalCount}}")
        );
        assert_ne!(first, hash("query A { post(id: 1) { id } posts(first: 3) { totalCount } }"));
        assert_ne!(first, hash("query B { post(id: \"1\") { id } posts(first: 3) { totalCount } }"));
        assert!(operation("query A { post(", None).is_none());
        assert!(operation("", None).is_none());
    }

    #[test]
    fn an_operation_has_the_name_that_is_asked_for_or_that_it_has_alone() {
        for (text, name, expected) in [
            ("{ me { id } }", None, None),
            ("query { a b }", None, None),
            ("query($_a: ID) { a }", None, None),
            ("query @d { a b }", None, None),
            ("query A { a }", None, Some("A")),
            ("\"described\" mutation _1b($a: ID) @d { a }", None, Some("_1b")),
            ("fragment F on A { a } subscription S { ...F }", None, Some("S")),
            ("fragment F on A { a }", None, None),
            ("query A { a } query B { b }", None, None),
            ("query A { a } query B { b }", Some("B"), Some("B")),
            ("query A { a }", Some("none\u{7}\n\u{85} such"), Some("none such")),
        ] {
            assert_eq!(name_in(text, name).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(Name::of(&"a".repeat(64)).as_str(), "a".repeat(63));
        assert_eq!(Name::of(&format!("{}é", "a".repeat(62))).as_str(), "a".repeat(62));
        assert_eq!(Name::of(&"𝔸".repeat(20)).as_str(), "𝔸".repeat(15));
        assert_eq!(Name::of("").as_str(), "");
    }
}
