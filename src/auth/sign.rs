//! Turns claims and an HMAC [`Key`] into a token, for demos and tests (RFC 7515 section 5.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::json::object;
use super::{Key, KeyError, MAX_TOKEN_BYTES};

/// The header that [`read`](super::read) wants.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// Any JSON object.
#[derive(Deserialize)]
struct Object {}

/// Signs a JSON object. The claims are not checked: a test may need an expired token, and
/// [`verify`](super::verify) refuses it.
///
/// # Errors
/// A key that is no HMAC secret, claims that are no JSON object, and a token longer than [`MAX_TOKEN_BYTES`].
pub fn sign(claims: &str, key: &Key) -> Result<String, KeyError> {
    let Object {} = object(claims.as_bytes()).map_err(KeyError::ClaimsNotObject)?;
    let header = Header { alg: key.algorithm().name(), typ: "JWT", kid: key.kid() };
    let header =
        serde_json::to_string(&header).map_err(|error| KeyError::ClaimsNotObject(error.to_string()))?;
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = key.sign(message.as_bytes())?;
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
    if token.len() > MAX_TOKEN_BYTES { Err(KeyError::TokenTooLong(token.len())) } else { Ok(token) }
}
