//! Turns the headers of a request into what names it in logs: its id, and the trace that it is a part of.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderName};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const MAX_ID: usize = 128;

/// The id that a proxy in front has given, if it is harmless in a log, or else a fresh one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_harmless = |id: &&str| {
        (1..=MAX_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    given.filter(is_harmless).map_or_else(fresh, str::to_owned)
}

fn fresh() -> String {
    let mut id = String::with_capacity(32);
    // Writing to a String cannot fail.
    let _ = write!(id, "{:032x}", rand::random::<u128>());
    id
}

/// The request's [`traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header), empty if it has no good one.
pub(crate) fn traceparent(headers: &HeaderMap) -> &str {
    let given = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split('-');
    let lengths = [2, 32, 16, 2];
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_good = lengths.iter().all(|length| parts.next().is_some_and(|part| part.len() == *length && is_hex(part)))
        // A later version may say more behind these.
        && (parts.next().is_none() || (!given.starts_with("00") && given.len() <= MAX_ID && given.is_ascii()))
        && !given.starts_with("ff");
    if is_good { given } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter(value.parse().map(|value| (name, value)))
    }

    #[test]
    fn a_harmless_id_is_kept() {
        for id in ["a", "5f2b-9.x_y:z", &"a".repeat(128)] {
            assert_eq!(request_id(&with(REQUEST_ID, id)), id);
        }
        for id in ["", "a b", "a\"b", "{}", &"a".repeat(129)] {
            let made = request_id(&with(REQUEST_ID, id));
            assert!(made.len() == 32 && made != id, "{made}");
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }

    #[test]
    fn a_traceparent_is_kept_as_it_is() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(traceparent(&with(TRACEPARENT, good)), good);
        let later = format!("cc{}-more", &good[2..]);
        assert_eq!(traceparent(&with(TRACEPARENT, &later)), later);
        for bad in [
            "",
            "00",
            &good[1..],
            &good.to_uppercase(),
            &format!("{good}-more"),
            &format!("ff{}", &good[2..]),
        ] {
            assert_eq!(traceparent(&with(TRACEPARENT, bad)), "", "{bad}");
        }
    }
}
