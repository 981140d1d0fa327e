//! Turns a token (RFC 7519) into [`Claims`], given the row of its key. Pure: time is an argument.
//!
//! | step | turns | into |
//! | --- | --- | --- |
//! | [`bearer`] | the request's headers | the token's text, if there is one |
//! | [`read`] | the token's text | [`Unverified`]: what may be known before its key is |
//! | [`Key::parse`] | a row of the key table | [`Key`]: parsed and checked |
//! | [`verify`] | both | [`Claims`]: typed, checked, good at [`Policy::now`] |
//! | [`Claims::still_valid`] | claims verified before | the same, checked again at a later time |
//!
//! `jsonwebtoken` does the signature and nothing else. Its checks of claims are not used, because they accept
//! what must be refused (leeway of a minute, no `nbf`, a missing `iss` or `aud`, duplicates); its global
//! provider is not used, because it panics when a build enables two backends; its reading of keys is not
//! used, because it takes a certificate, a private key or another curve for a public key.
//!
//! A [`TokenError`] is for the server's log. A client learns
//! [`Error::Unauthenticated`](crate::error::Error::Unauthenticated), whatever happened.

mod algorithm;
mod claims;
mod error;
mod headers;
mod json;
mod jwk;
mod key;
mod payload;
mod public;
mod sign;
mod token;

pub use algorithm::Algorithm;
pub use claims::{Claims, Policy, Role};
pub use error::{KeyError, TokenError};
pub use headers::bearer;
pub use jwk::jwks;
pub use key::{Key, KeyRow};
pub use sign::sign;
pub use token::{Unverified, read, verify};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The longest `kid`, in bytes.
pub const MAX_KID_BYTES: usize = 128;
