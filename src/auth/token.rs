//! Turns the text of a token into [`Unverified`], and that with its [`Key`] into [`Claims`] (RFC 7515).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{object, present};
use super::payload::Payload;
use super::{Algorithm, Claims, Key, MAX_KID_BYTES, MAX_TOKEN_BYTES, Policy, TokenError};

/// A token of good shape whose signature nobody has checked yet: enough to look up its key.
#[derive(Clone, Debug)]
pub struct Unverified<'a> {
    kid: String,
    algorithm: Algorithm,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl Unverified<'_> {
    /// The key that the token says it is signed with: 1 to [`MAX_KID_BYTES`] bytes, no control characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// The header (RFC 7515 section 4.1). `jku`, `x5u`, `jwk` and `x5c` are not here, so nothing can follow them;
/// a repeated name is an error of serde's derive.
#[derive(Deserialize)]
struct Header {
    #[serde(default, deserialize_with = "present")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

/// Reads the shape and the header of a token. Sizes come first: a token of 20 MB costs nothing.
///
/// # Errors
/// A token that is no JWS in compact form (RFC 7515 section 3.1) of at most [`MAX_TOKEN_BYTES`]; a header
/// with `crit`, with a `typ` other than `JWT` or `at+jwt` (RFC 8725 section 3.11, RFC 9068 section 2.1), with
/// an unknown `alg`, or without a proper `kid`.
pub fn read(token: &str) -> Result<Unverified<'_>, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::TooLong(token.len()));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Shape)?;
    if payload.contains('.') {
        return Err(TokenError::Shape);
    }
    let header: Header = object(&decode(header)?).map_err(TokenError::Header)?;
    if header.crit.is_some() {
        return Err(TokenError::CriticalHeader);
    }
    check_type(header.typ.as_deref())?;
    let algorithm = header.alg.unwrap_or_default().parse().map_err(|_| TokenError::UnknownAlgorithm)?;
    let kid = header.kid.ok_or(TokenError::KidMissing)?;
    if kid.is_empty() || kid.len() > MAX_KID_BYTES || kid.chars().any(char::is_control) {
        return Err(TokenError::KidInvalid);
    }
    if signature.is_empty() {
        return Err(TokenError::SignatureMissing);
    }
    Ok(Unverified { kid, algorithm, signed, payload, signature: decode(signature)? })
}

/// Verifies a token with the key that it names, and types and checks its claims.
///
/// # Errors
/// A key of another `kid` or algorithm (the key decides; the header must agree), a wrong signature, and
/// claims that do not hold at [`Policy::now`].
pub fn verify(token: &Unverified<'_>, key: &Key, policy: &Policy) -> Result<Claims, TokenError> {
    if token.kid != key.kid() {
        return Err(TokenError::KidMismatch);
    }
    if token.algorithm != key.algorithm() {
        return Err(TokenError::AlgorithmMismatch { token: token.algorithm, key: key.algorithm() });
    }
    if !key.signed(token.signed.as_bytes(), &token.signature) {
        return Err(TokenError::Signature);
    }
    Payload::parse(&decode(token.payload)?)?.check(key, policy)
}

/// Unpadded base64url without stray bits or other characters (RFC 7515 section 2).
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Encoding)
}

/// A `typ`, where there is one, says that this is an access token and no other kind of JWT.
fn check_type(typ: Option<&str>) -> Result<(), TokenError> {
    let Some(typ) = typ.map(str::to_ascii_lowercase) else { return Ok(()) };
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(TokenError::Type),
    }
}
