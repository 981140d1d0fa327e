//! Turns headers and claims as text, however broken, into signed tokens, and test keys into rows and
//! [`Key`]s.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, crypto};
use saas_blog::auth::{Algorithm, Claims, Key, KeyRow, Policy, TokenError, read, verify};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const KID: &str = "2026-11";
pub(crate) const SECRET: &str = "a secret of the tests, never of a server, 64 bytes long........!";
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "blog";
pub(crate) const USER: &str = "0b6dfd5c-7f3a-4e0f-9a39-3f1f0b1a6f01";
pub(crate) const TENANT: &str = "5a0c6a1e-23a4-4d0c-8c1b-7a1f4f0e9b02";
pub(crate) const OTHER: &str = "c4b8d0aa-4c55-4f0e-b7ab-0a4f8b9d3e03";

pub(crate) const RSA: &str = include_str!("rsa.pem");
pub(crate) const P256: &str = include_str!("p256.pem");
pub(crate) const P384: &str = include_str!("p384.pem");
pub(crate) const ED25519: &str = include_str!("ed25519.pem");

/// A row of the key table with the public key, or the secret, that belongs to the algorithm.
pub(crate) fn row(alg: &str) -> KeyRow {
    let key = match alg.get(..2) {
        Some("HS") => SECRET,
        Some("RS" | "PS") => RSA,
        Some("Ed") => ED25519,
        _ if alg == "ES256" => P256,
        _ => P384,
    };
    KeyRow {
        kid: KID.into(),
        alg: alg.into(),
        key: key.into(),
        issuer: None,
        audience: None,
        operator: false,
    }
}

pub(crate) fn key(alg: &str) -> Key {
    Key::parse(row(alg)).unwrap()
}

pub(crate) fn operator() -> Key {
    Key::parse(KeyRow { operator: true, ..row("HS256") }).unwrap()
}

pub(crate) fn addressed() -> Key {
    let (issuer, audience) = (Some(ISSUER.into()), Some(AUDIENCE.into()));
    Key::parse(KeyRow { issuer, audience, ..row("HS256") }).unwrap()
}

pub(crate) fn header(alg: &str) -> String {
    format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{KID}"}}"#)
}

/// Good claims of an editor, changed: a claim gets this JSON, or none.
pub(crate) fn claims(changes: &[(&str, &str)]) -> String {
    let [user, tenant] = [USER, TENANT].map(|id| format!("\"{id}\""));
    let [issued, expires] = [NOW - 60, NOW + 3600].map(|time| time.to_string());
    let mut claims = vec![("user_id", &*user), ("tenant_id", &*tenant), ("role", "\"editor\"")];
    claims.extend([("iat", &*issued), ("exp", &*expires)]);
    for (name, value) in changes {
        claims.retain(|(known, _)| known != name);
        claims.push((name, value));
    }
    object(&claims)
}

/// A JSON object of names and JSON; an empty value leaves the name out.
pub(crate) fn object(members: &[(&str, &str)]) -> String {
    let present = members.iter().filter(|(_, value)| !value.is_empty());
    let members: Vec<_> = present.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A token with exactly this header and payload, signed properly as this algorithm does.
pub(crate) fn seal(alg: &str, header: &str, payload: &str) -> String {
    seal_bytes(alg, header.as_bytes(), payload.as_bytes())
}

pub(crate) fn seal_bytes(alg: &str, header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", base64url(header), base64url(payload));
    let signature = crypto::sign(message.as_bytes(), &signing_key(alg), alg.parse().unwrap()).unwrap();
    format!("{message}.{signature}")
}

/// A token of HS256 with a proper header.
pub(crate) fn token(payload: &str) -> String {
    seal("HS256", &header("HS256"), payload)
}

/// A token of HS256 with good claims.
pub(crate) fn headed(header: &str) -> String {
    seal("HS256", header, &claims(&[]))
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap()
}

fn signing_key(alg: &str) -> EncodingKey {
    match alg.get(..2) {
        Some("HS") => EncodingKey::from_secret(SECRET.as_bytes()),
        Some("RS" | "PS") => EncodingKey::from_rsa_der(&der(include_str!("rsa.private.pem"))),
        Some("Ed") => EncodingKey::from_ed_der(&der(include_str!("ed25519.private.pem"))),
        _ if alg == "ES256" => EncodingKey::from_ec_der(&der(include_str!("p256.private.pem"))),
        _ => EncodingKey::from_ec_der(&der(include_str!("p384.private.pem"))),
    }
}

/// What stage 1 makes of a token.
pub(crate) fn outcome(token: &str, key: &Key) -> Result<Claims, TokenError> {
    verify(&read(token)?, key, &Policy::at(NOW))
}

/// Equal, or the same variant with a text that contains the expected one.
pub(crate) fn matches(given: &TokenError, expected: &TokenError) -> bool {
    match (given, expected) {
        (TokenError::Claims(given), TokenError::Claims(part))
        | (TokenError::Header(given), TokenError::Header(part))
        | (TokenError::Headers(given), TokenError::Headers(part)) => given.contains(part),
        _ => given == expected,
    }
}

pub(crate) fn algorithms() -> impl Iterator<Item = &'static str> {
    Algorithm::ALL.into_iter().map(Algorithm::name)
}
