//! Turns the origin of a page into whether its scripts may open a WebSocket.
//!
//! A browser lets the scripts of any page open one and read all that comes, whatever CORS says. There is no cookie that
//! it would send along, so a foreign page gains nothing that it could not have without the browser; the same rule as for
//! the rest of the API is kept all the same. Only browsers send an origin: without one everybody may connect.

use axum::http::Uri;

/// Pages that come from the gateway's own host may, and those of `--cors-origin`.
pub(super) fn is_allowed(origin: &str, host: Option<&str>, allowed: &[String]) -> bool {
    let is_own = || {
        // The scheme is not compared: a proxy in front may speak TLS where the gateway does not.
        let uri: Uri = origin.parse().ok()?;
        Some(
            without_port(uri.authority()?.as_str(), uri.scheme_str()?)
                == without_port(host?, uri.scheme_str()?),
        )
    };
    let is_named =
        |allowed: &str| allowed == "*" || (!allowed.is_empty() && allowed.eq_ignore_ascii_case(origin));
    allowed.iter().any(|allowed| is_named(allowed.trim())) || is_own().unwrap_or(false)
}

/// The authority without the port that the scheme has anyway, in lower case.
fn without_port(authority: &str, scheme: &str) -> String {
    let port = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_pages_and_those_that_are_named_may_connect() {
        let allowed = [String::new(), " https://blog.example".to_owned()];
        for (origin, host, expected) in [
            ("http://127.0.0.1:8000", Some("127.0.0.1:8000"), true),
            ("http://127.0.0.1:8000", Some("127.0.0.1:8001"), false),
            ("http://127.0.0.1:8000", None, false),
            ("https://api.example", Some("api.example"), true),
            ("https://API.example:443", Some("api.example"), true),
            ("https://blog.example", Some("api.example"), true),
            ("https://blog.example.evil", Some("api.example"), false),
            ("http://blog.example", Some("api.example"), false),
            ("https://evil.example", Some("api.example"), false),
            ("null", Some("api.example"), false),
            ("", Some("api.example"), false),
            ("", Some(""), false),
        ] {
            assert_eq!(is_allowed(origin, host, &allowed), expected, "{origin} at {host:?}");
        }
        assert!(is_allowed("null", None, &["*".to_owned()]));
    }
}
