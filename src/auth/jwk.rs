//! Turns a JWK (RFC 7517) into a public key, and a JWK Set into the rows of its signature keys.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::json::{object, present};
use super::public::PublicKey;
use super::{Algorithm, Key, KeyError, KeyRow};

/// The longest JWK Set that is looked at, in bytes.
const MAX_SET_BYTES: usize = 256 * 1024;

/// The members of a JWK that say something about its use here (RFC 7517 section 4, RFC 7518 section 6, RFC
/// 8037 section 2). `x5u` and `x5c` are not among them: nothing follows them.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Jwk {
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    kty: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(rename = "use", deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    key_ops: Option<Vec<String>>,
    // Secret members: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. Their values are never looked at.
    #[serde(deserialize_with = "present", skip_serializing)]
    d: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    p: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    q: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    dp: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    dq: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    qi: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    oth: Option<IgnoredAny>,
    #[serde(deserialize_with = "present", skip_serializing)]
    k: Option<IgnoredAny>,
}

/// A JWK Set (RFC 7517 section 5).
#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

/// The rows of the signature keys in a JWK Set, each checked by [`Key::parse`] and reduced to what verifying
/// needs.
///
/// Keys of other uses and of types, curves or algorithms that we do not know are skipped, as RFC 7517 section
/// 5 asks. Without `alg` an EC or OKP key has the one algorithm of its curve, and an RSA key RS256. The rows
/// are of no operator.
///
/// # Errors
/// A text that is no JWK Set; a signature key that is symmetric, private, weak, without `kid` (no token could
/// name it) or of the same `kid` as another; and a set without any signature key, which would lock everybody
/// out.
pub fn jwks(text: &str, issuer: Option<&str>, audience: Option<&str>) -> Result<Vec<KeyRow>, KeyError> {
    if text.len() > MAX_SET_BYTES {
        return Err(KeyError::SetTooLong(text.len()));
    }
    let Set { keys } = object(text.as_bytes()).map_err(KeyError::Set)?;
    let mut kids = HashSet::new();
    let mut rows = Vec::new();
    for jwk in keys {
        let Some(algorithm) = jwk.signature_algorithm()? else { continue };
        let row = KeyRow {
            kid: jwk.kid.clone().unwrap_or_default(),
            alg: algorithm.name().to_owned(),
            key: serde_json::to_string(&jwk).map_err(|error| KeyError::Set(error.to_string()))?,
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
            operator: false,
        };
        Key::parse(row.clone())?;
        if !kids.insert(row.kid.clone()) {
            return Err(KeyError::DuplicateKid(row.kid));
        }
        rows.push(row);
    }
    if rows.is_empty() { Err(KeyError::EmptySet) } else { Ok(rows) }
}

impl Jwk {
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        object(text.as_bytes()).map_err(KeyError::Jwk)
    }

    /// Whether the JWK agrees to be the public key with this name, for this algorithm (RFC 7517 section 4).
    pub(super) fn check(&self, kid: &str, algorithm: Algorithm) -> Result<(), KeyError> {
        self.refuse_secrets()?;
        if self.alg.as_deref().is_some_and(|alg| alg != algorithm.name()) {
            return Err(KeyError::JwkContradiction("alg"));
        }
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(KeyError::JwkContradiction("use"));
        }
        if !self.may_verify() {
            return Err(KeyError::JwkContradiction("key_ops"));
        }
        if self.kid.as_deref().is_some_and(|own| own != kid) {
            return Err(KeyError::JwkContradiction("kid"));
        }
        Ok(())
    }

    /// The numbers of the key. Coordinates have the full length of their curve (RFC 7518 section 6.2.1.2).
    pub(super) fn public_key(&self) -> Result<PublicKey, KeyError> {
        match (self.kty.as_deref(), self.crv.as_deref()) {
            (Some("RSA"), _) => {
                PublicKey::rsa(&member("n", self.n.as_ref())?, &member("e", self.e.as_ref())?)
            }
            (Some("EC"), Some("P-256")) => Ok(PublicKey::P256(self.point(32)?)),
            (Some("EC"), Some("P-384")) => Ok(PublicKey::P384(self.point(48)?)),
            (Some("OKP"), Some("Ed25519")) => PublicKey::ed25519(&member("x", self.x.as_ref())?),
            _ => Err(KeyError::UnknownType),
        }
    }

    /// An uncompressed point in SEC 1 encoding (section 2.3.3).
    fn point(&self, length: usize) -> Result<Vec<u8>, KeyError> {
        let (x, y) = (member("x", self.x.as_ref())?, member("y", self.y.as_ref())?);
        if x.len() != length || y.len() != length {
            return Err(KeyError::Point);
        }
        Ok([&[4], x.as_slice(), y.as_slice()].concat())
    }

    /// The algorithm of a key in a set; `None` if the key is not for signatures that we know.
    fn signature_algorithm(&self) -> Result<Option<Algorithm>, KeyError> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") || !self.may_verify() {
            return Ok(None);
        }
        self.refuse_secrets()?;
        let default = match (self.kty.as_deref(), self.crv.as_deref()) {
            (Some("RSA"), _) => Algorithm::RS256,
            (Some("EC"), Some("P-256")) => Algorithm::ES256,
            (Some("EC"), Some("P-384")) => Algorithm::ES384,
            (Some("OKP"), Some("Ed25519")) => Algorithm::EdDSA,
            _ => return Ok(None),
        };
        Ok(self.alg.as_deref().map_or(Some(default), |alg| alg.parse().ok()))
    }

    fn may_verify(&self) -> bool {
        self.key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"))
    }

    fn refuse_secrets(&self) -> Result<(), KeyError> {
        if self.k.is_some() || self.kty.as_deref() == Some("oct") {
            return Err(KeyError::SymmetricJwk);
        }
        let private = [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth];
        if private.into_iter().any(Option::is_some) { Err(KeyError::PrivateKey) } else { Ok(()) }
    }
}

/// A member in unpadded base64url (RFC 7518 section 2).
fn member(name: &'static str, value: Option<&String>) -> Result<Vec<u8>, KeyError> {
    let text = value.ok_or_else(|| KeyError::Jwk(format!("it has no {name}")))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Jwk(format!("its {name} is not unpadded base64url")))
}
