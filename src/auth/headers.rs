//! Turns the request's headers, as `PostgREST` hands them over, into their bearer token (RFC 6750 section 2.1).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::TokenError;
use super::json::object;

/// The longest headers that are looked at, in bytes. HTTP servers stop at 8 to 64 kB; JSON escapes make that
/// longer.
const MAX_HEADERS_BYTES: usize = 128 * 1024;

/// The bearer token in a JSON object of header names and values: the setting `request.headers` of
/// `PostgREST`.
///
/// `None` if there is no `authorization` header, or if the setting is empty, as a setting is that was set in
/// an earlier transaction. The token itself is not looked at: that is [`read`](super::read).
///
/// # Errors
/// Headers that cannot be read, and an `authorization` header that is repeated, no string, or of another
/// scheme: who sends credentials that are not understood is never taken for nobody.
pub fn bearer(headers: &str) -> Result<Option<String>, TokenError> {
    if headers.is_empty() {
        return Ok(None);
    }
    if headers.len() > MAX_HEADERS_BYTES {
        return Err(TokenError::HeadersTooLong(headers.len()));
    }
    let Headers(authorization) = object(headers.as_bytes()).map_err(TokenError::Headers)?;
    authorization.as_deref().map(credentials).transpose()
}

/// The token of `Bearer <token>`; the scheme is case-insensitive (RFC 9110 section 11.1).
fn credentials(authorization: &str) -> Result<String, TokenError> {
    let (scheme, token) = authorization.trim_matches(' ').split_once(' ').ok_or(TokenError::NotBearer)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::NotBearer);
    }
    Ok(token.trim_start_matches(' ').to_owned())
}

/// The value of the one `authorization` header. Names are compared without case, whoever made the object.
struct Headers<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Headers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of header names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers<'de>, A::Error> {
        let mut authorization = None;
        while let Some(Text(name)) = map.next_key()? {
            if !name.eq_ignore_ascii_case("authorization") {
                map.next_value::<IgnoredAny>()?;
            } else if authorization.is_none() {
                let Text(value) = map.next_value()?;
                authorization = Some(value);
            } else {
                return Err(A::Error::custom("the authorization header is repeated"));
            }
        }
        Ok(Headers(authorization))
    }
}

/// A string, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
