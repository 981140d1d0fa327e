//! Turns a row of the key table into a [`Key`] that can verify (RFC 8725 section 3.1: one algorithm per key).

use std::fmt;

use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::de::IgnoredAny;

use super::algorithm::KeyType;
use super::jwk::Jwk;
use super::public::PublicKey;
use super::{Algorithm, KeyError, MAX_KID_BYTES};

/// The longest key that is looked at, in bytes: a JWK may come with a chain of certificates.
const MAX_KEY_BYTES: usize = 16 * 1024;

/// The shortest HMAC secret, in bytes.
const MIN_SECRET_BYTES: usize = 32;

/// A row of the key table, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// What a token's header names the key by.
    pub kid: String,
    /// The one algorithm of the key.
    pub alg: String,
    /// An HMAC secret as it is, or a public key as PEM or JWK (JSON text).
    pub key: String,
    /// The `iss` that a token must have.
    pub issuer: Option<String>,
    /// The name that a token's `aud` must contain; without one a token must not have `aud`.
    pub audience: Option<String>,
    /// Whether the key signs tokens of operators, and nothing else.
    pub operator: bool,
}

/// A key that is parsed, checked, and ready to verify.
pub struct Key {
    kid: String,
    algorithm: Algorithm,
    issuer: Option<String>,
    audience: Option<String>,
    operator: bool,
    verifier: Box<dyn JwtVerifier>,
    signer: Option<Box<dyn JwtSigner>>,
}

impl Key {
    /// Parses and checks a key; `saas_blog.add_jwt_key` refuses what this refuses.
    ///
    /// # Errors
    /// An unknown algorithm; an HMAC secret that is short, a PEM or JSON; a public key that is private, weak,
    /// or of another type or curve than the algorithm's; a JWK that contradicts the row; an empty or
    /// unprintable name.
    pub fn parse(row: KeyRow) -> Result<Self, KeyError> {
        check_names(&row)?;
        let algorithm: Algorithm = row.alg.parse()?;
        if row.key.len() > MAX_KEY_BYTES {
            return Err(KeyError::TooLong(row.key.len()));
        }
        let (decoding, signer) = match algorithm.key_type() {
            KeyType::Secret => {
                check_secret(&row.key)?;
                let signing = EncodingKey::from_secret(row.key.as_bytes());
                let signer = (DEFAULT_PROVIDER.signer_factory)(&algorithm.library(), &signing);
                (DecodingKey::from_secret(row.key.as_bytes()), signer.ok())
            }
            _ => (public_key(&row, algorithm)?.decoding_key(), None),
        };
        // The library's point of view: this is where a point that is not on its curve is found.
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm.library(), &decoding)
            .map_err(|_| KeyError::Point)?;
        let KeyRow { kid, issuer, audience, operator, .. } = row;
        Ok(Self { kid, algorithm, issuer, audience, operator, verifier, signer })
    }

    /// What a token's header names this key by.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm of this key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `iss` that a token must have.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The name that a token's `aud` must contain.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// Whether the key signs tokens of operators, and nothing else.
    #[must_use]
    pub const fn operator(&self) -> bool {
        self.operator
    }

    /// Whether the signature is this key's; compared in constant time by the library.
    pub(super) fn signed(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        self.verifier.verify(message, signature).is_ok()
    }

    /// The signature of a message, if this is an HMAC key.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.signer.as_ref().and_then(|signer| signer.try_sign(message).ok());
        signature.ok_or(KeyError::CannotSign)
    }
}

/// The public key of a row, of the type that its algorithm needs.
fn public_key(row: &KeyRow, algorithm: Algorithm) -> Result<PublicKey, KeyError> {
    let key = if row.key.trim_start().starts_with('{') {
        let jwk = Jwk::parse(&row.key)?;
        jwk.check(&row.kid, algorithm)?;
        jwk.public_key()?
    } else {
        PublicKey::from_pem(&row.key)?
    };
    let (wanted, given) = (algorithm.key_type(), key.key_type());
    if wanted != given {
        return Err(KeyError::TypeMismatch { algorithm, wanted: wanted.name(), given: given.name() });
    }
    Ok(key)
}

fn check_names(row: &KeyRow) -> Result<(), KeyError> {
    if row.kid.is_empty() || row.kid.len() > MAX_KID_BYTES {
        return Err(KeyError::KidLength);
    }
    let optional = [row.issuer.as_deref(), row.audience.as_deref()].into_iter().flatten();
    if optional.clone().any(str::is_empty) {
        return Err(KeyError::EmptyText);
    }
    if optional.chain([row.kid.as_str()]).any(|name| name.chars().any(char::is_control)) {
        return Err(KeyError::ControlCharacter);
    }
    Ok(())
}

/// A secret is long enough, and no key of another kind that was pasted by mistake: a public key as a secret
/// is the attack of RFC 8725 section 2.1. A number is JSON too, and a fair secret.
fn check_secret(secret: &str) -> Result<(), KeyError> {
    let json = secret.trim_start().starts_with(['{', '[', '"']);
    if secret.contains("-----BEGIN") || (json && serde_json::from_str::<IgnoredAny>(secret).is_ok()) {
        return Err(KeyError::SecretIsDocument);
    }
    if secret.len() < MIN_SECRET_BYTES {
        return Err(KeyError::SecretTooShort(secret.len()));
    }
    Ok(())
}

impl fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kid, alg, issuer, audience, operator, .. } = self;
        f.debug_struct("KeyRow")
            .field("kid", kid)
            .field("alg", alg)
            .field("issuer", issuer)
            .field("audience", audience)
            .field("operator", operator)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kid, algorithm, issuer, audience, operator, .. } = self;
        f.debug_struct("Key")
            .field("kid", kid)
            .field("algorithm", algorithm)
            .field("issuer", issuer)
            .field("audience", audience)
            .field("operator", operator)
            .finish_non_exhaustive()
    }
}
