//! Turns an answer into its entity tag ([RFC 9110, 8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)).

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::IF_NONE_MATCH;
use sha2::{Digest, Sha256};

/// The tag of an answer: weak, as the same answer may be written as two media types, and packed by a proxy.
/// It is a cryptographic hash, so that nobody can write two answers that have one tag.
pub(crate) fn of(answer: &[u8]) -> String {
    let mut tag = String::from("W/\"");
    for byte in Sha256::digest(answer).iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Whether `If-None-Match` has this tag, compared weakly.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || opaque(known) == opaque(tag))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_answers_alone_have_equal_tags() {
        assert_eq!(of(b"{}"), of(b"{}"));
        assert_ne!(of(b"{}"), of(b"{} "));
        assert_eq!(of(b"{}").len(), 36);
    }

    #[test]
    fn a_tag_is_found_in_a_list() {
        let tag = of(b"{}");
        for (given, expected) in [
            (tag.clone(), true),
            (tag.replace("W/", ""), true),
            (format!("\"other\", {tag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (String::new(), false),
        ] {
            let headers = HeaderMap::from_iter(given.parse().map(|given| (IF_NONE_MATCH, given)));
            assert_eq!(is_known(&headers, &tag), expected, "{given}");
        }
        assert!(!is_known(&HeaderMap::new(), &tag));
    }
}
