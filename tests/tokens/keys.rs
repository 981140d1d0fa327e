//! Keys that the DBA may add, and those that are refused with a sentence.

use saas_blog::auth::KeyError as E;
use saas_blog::auth::{Key, KeyError, KeyRow, jwks};

use super::forge::*;

const PKCS1: &str = include_str!("rsa.pkcs1.pem");
const COMPRESSED: &str = include_str!("p256.compressed.pem");

fn parse(alg: &str, key: &str) -> Result<(), KeyError> {
    Key::parse(KeyRow { key: key.into(), ..row(alg) }).map(drop)
}

fn mismatch(given: &KeyError) -> bool {
    matches!(given, E::TypeMismatch { .. })
}

/// The last bytes of a public key's DER, in base64url.
fn tail(pem: &str, skip: usize, length: usize) -> String {
    let der = der(pem);
    base64url(&der[der.len() - skip..][..length])
}

fn p256(more: &[(&str, &str)]) -> String {
    let [x, y] = [64, 32].map(|skip| format!("\"{}\"", tail(P256, skip, 32)));
    ec("P-256", &x, &y, more)
}

fn p384(more: &[(&str, &str)]) -> String {
    let [x, y] = [96, 48].map(|skip| format!("\"{}\"", tail(P384, skip, 48)));
    ec("P-384", &x, &y, more)
}

fn ec(curve: &str, x: &str, y: &str, more: &[(&str, &str)]) -> String {
    let curve = format!("\"{curve}\"");
    object(&[&[("kty", "\"EC\""), ("crv", &*curve), ("x", x), ("y", y)], more].concat())
}

fn rsa(more: &[(&str, &str)]) -> String {
    let n = format!("\"{}\"", tail(RSA, 261, 256));
    object(&[&[("kty", "\"RSA\""), ("n", &*n), ("e", "\"AQAB\"")], more].concat())
}

fn okp(x: &str, more: &[(&str, &str)]) -> String {
    let x = format!("\"{x}\"");
    object(&[&[("kty", "\"OKP\""), ("crv", "\"Ed25519\""), ("x", &*x)], more].concat())
}

fn ed25519(more: &[(&str, &str)]) -> String {
    okp(&tail(ED25519, 32, 32), more)
}

/// A public key in PEM, of this DER.
fn pem(der: &[u8]) -> String {
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

#[test]
fn every_form_of_a_key_verifies() {
    let crlf = RSA.replace('\n', "\r\n");
    let kid = format!("\"{KID}\"");
    let full = [("kid", &*kid), ("alg", "\"ES256\""), ("use", "\"sig\""), ("key_ops", "[\"verify\"]")];
    for (alg, text) in [
        ("RS256", PKCS1),
        ("PS512", &crlf),
        ("ES256", COMPRESSED),
        ("RS256", &rsa(&[])),
        ("ES256", &p256(&full)),
        ("ES384", &p384(&[("x5c", "[1]"), ("ext", "true")])),
        ("EdDSA", &ed25519(&[])),
    ] {
        let key =
            Key::parse(KeyRow { key: text.into(), ..row(alg) }).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(outcome(&seal(alg, &header(alg), &claims(&[])), &key).is_ok(), "{text}");
    }
    assert_eq!(parse("RS256", include_str!("rsa3072.pem")), Ok(()));
    assert_eq!(parse("RS256", include_str!("rsa4096.pem")), Ok(()));
    assert_eq!(parse("HS256", &"1".repeat(32)), Ok(()), "a number is a fair secret");
    assert_eq!(parse("HS256", "{ is not always the start of JSON"), Ok(()));
}

#[test]
fn secrets() {
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, "A".repeat(43));
    for (name, secret, expected) in [
        ("empty", "", E::SecretTooShort(0)),
        ("one byte", "s", E::SecretTooShort(1)),
        ("31 bytes", &*"s".repeat(31), E::SecretTooShort(31)),
        ("public PEM", RSA, E::SecretIsDocument),
        ("public PEM behind a space", &format!(" \n{P256}"), E::SecretIsDocument),
        ("private PEM", include_str!("rsa.private.pem"), E::SecretIsDocument),
        ("certificate", include_str!("certificate.pem"), E::SecretIsDocument),
        ("symmetric JWK", &jwk, E::SecretIsDocument),
        ("public JWK", &rsa(&[]), E::SecretIsDocument),
        ("quoted", &format!("\"{SECRET}\""), E::SecretIsDocument),
        ("JSON array", &format!("[\"{SECRET}\"]"), E::SecretIsDocument),
        ("20 kB", &"s".repeat(20_000), E::TooLong(20_000)),
    ] {
        for alg in ["HS256", "HS384", "HS512"] {
            assert_eq!(parse(alg, secret), Err(expected.clone()), "{name}");
        }
    }
}

#[test]
fn names() {
    let good = || row("HS256");
    let long = "k".repeat(129);
    for (name, row, expected) in [
        ("kid empty", KeyRow { kid: String::new(), ..good() }, E::KidLength),
        ("kid too long", KeyRow { kid: long, ..good() }, E::KidLength),
        ("kid with NUL", KeyRow { kid: "a\0".into(), ..good() }, E::ControlCharacter),
        ("kid with newline", KeyRow { kid: "a\n".into(), ..good() }, E::ControlCharacter),
        ("issuer with newline", KeyRow { issuer: Some("a\n".into()), ..good() }, E::ControlCharacter),
        ("issuer empty", KeyRow { issuer: Some(String::new()), ..good() }, E::EmptyText),
        ("audience empty", KeyRow { audience: Some(String::new()), ..good() }, E::EmptyText),
    ] {
        assert_eq!(Key::parse(row).map(drop), Err(expected), "{name}");
    }
    assert!(Key::parse(KeyRow { kid: "k".repeat(128), ..good() }).is_ok());
    for alg in ["", "none", "None", "hs256", "HS1", "ES512", "ES256K", "Ed25519", "RSA-OAEP", "HS256 "] {
        assert_eq!(parse(alg, SECRET), Err(E::UnknownAlgorithm(alg.into())));
    }
}

#[test]
fn a_key_is_of_its_algorithm() {
    let keys = [("RS", RSA), ("ES256", P256), ("ES384", P384), ("Ed", ED25519)];
    for alg in algorithms().filter(|alg| !alg.starts_with("HS")) {
        for (prefix, key) in keys {
            let fits = alg.starts_with(prefix) || (prefix == "RS" && alg.starts_with("PS"));
            let given = parse(alg, key);
            assert!(
                if fits { given.is_ok() } else { given.as_ref().is_err_and(mismatch) },
                "{alg} {given:?}"
            );
        }
    }
    for (alg, jwk) in [("ES384", p256(&[])), ("ES256", p384(&[])), ("RS256", p256(&[])), ("EdDSA", rsa(&[]))]
    {
        assert!(parse(alg, &jwk).is_err_and(|error| mismatch(&error)), "{alg}");
    }
}

#[test]
fn public_keys_in_pem() {
    let spki = |identifier: &[u8], key: &[u8]| {
        let length = |length: usize| u8::try_from(length).unwrap();
        let sequence = [&[0x30, length(identifier.len())], identifier].concat();
        let bits = [&[0x03, length(key.len() + 1), 0], key].concat();
        pem(&[&[0x30, length(sequence.len() + bits.len())], &*sequence, &bits].concat())
    };
    let ed = |key: &[u8]| spki(b"\x06\x03\x2b\x65\x70", key);
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut off_curve = der(P256);
    *off_curve.last_mut().unwrap() ^= 1;
    for (name, alg, key, expected) in [
        ("RSA private key", "RS256", include_str!("rsa.private.pem"), E::PrivateKey),
        ("Ed25519 private key", "EdDSA", include_str!("ed25519.private.pem"), E::PrivateKey),
        ("EC private key of SEC 1", "ES256", include_str!("p256.sec1.pem"), E::PrivateKey),
        ("encrypted private key", "ES256", include_str!("p256.encrypted.pem"), E::PrivateKey),
        (
            "private key behind a public one",
            "RS256",
            &format!("{RSA}{}", include_str!("rsa.private.pem")),
            E::PrivateKey,
        ),
        ("certificate", "RS256", include_str!("certificate.pem"), E::Certificate),
        ("RSA of 1024 bits", "RS256", include_str!("rsa1024.pem"), E::RsaBits(1024)),
        ("RSA of 2047 bits", "PS256", include_str!("rsa2047.pem"), E::RsaBits(2047)),
        ("secp256k1", "ES256", include_str!("secp256k1.pem"), E::UnknownType),
        ("Ed448", "EdDSA", include_str!("ed448.pem"), E::UnknownType),
        ("two keys", "RS256", &format!("{RSA}{RSA}"), E::NotPublicKey),
        ("text before the key", "RS256", &format!("key: {RSA}"), E::NotPublicKey),
        ("empty", "RS256", "", E::NotPublicKey),
        ("garbage", "RS256", "ssh-rsa AAAA", E::NotPublicKey),
        ("a secret", "RS256", SECRET, E::NotPublicKey),
        ("PEM without body", "RS256", &pem(&[]), E::NotPublicKey),
        ("P-256 key off its curve", "ES256", &pem(&off_curve), E::Point),
        ("Ed25519 key of 31 bytes", "EdDSA", &ed(&[7; 31]), E::Point),
        ("Ed25519 key of 33 bytes", "EdDSA", &ed(&[7; 33]), E::Point),
        ("Ed25519 key of no bytes", "EdDSA", &ed(&[]), E::Point),
        ("Ed25519 key of small order", "EdDSA", &ed(&identity), E::Point),
        ("nested 4 000 deep", "EdDSA", &pem(&[0x30, 0x80].repeat(4000)), E::NotPublicKey),
    ] {
        assert_eq!(parse(alg, key), Err(expected), "{name}");
    }
}

/// For such a key anybody can sign.
#[test]
fn ed25519_keys_of_small_order() {
    for (first, middle, last) in
        [(0, 0, 0), (1, 0, 0), (0xec, 0xff, 0x7f), (0xed, 0xff, 0x7f), (0xee, 0xff, 0x7f)]
    {
        for sign in [0, 0x80] {
            let mut key = [middle; 32];
            (key[0], key[31]) = (first, last | sign);
            assert_eq!(parse("EdDSA", &okp(&base64url(key), &[])), Err(E::Point), "{first:x} {sign:x}");
        }
    }
    for key in ["JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU", "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"]
    {
        assert_eq!(parse("EdDSA", &okp(key, &[])), Err(E::Point), "{key}");
    }
}

/// Every cut and every changed byte of a key is an error or another key, never a panic.
#[test]
fn broken_public_keys_do_not_panic() {
    for (alg, key) in [("RS256", RSA), ("ES256", P256), ("ES384", P384), ("EdDSA", ED25519)] {
        let der = der(key);
        for at in 0..der.len() {
            assert!(parse(alg, &pem(&der[..at])).is_err(), "{alg} cut at {at}");
            for byte in [0, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[at] = byte;
                let _ = parse(alg, &pem(&changed));
            }
        }
    }
}

#[test]
fn public_keys_in_jwk() {
    let other_kid = [("kid", "\"other\"")];
    let with_alg = [("alg", "\"RS512\"")];
    let (n, short) = (format!("\"{}\"", tail(RSA, 261, 256)), format!("\"{}\"", base64url([0xff; 128])));
    let even = format!("\"{}\"", base64url([0xfe; 256]));
    let huge = format!("\"{}\"", base64url([0xff; 513]));
    let numbers = |n: &str, e: &str| object(&[("kty", "\"RSA\""), ("n", n), ("e", e)]);
    let json = |text: &str| E::Jwk(text.into());
    let cut = |skip: usize, length: usize| format!("\"{}\"", tail(P256, skip, length));
    for (name, alg, jwk, expected) in [
        ("other kid", "RS256", rsa(&other_kid), E::JwkContradiction("kid")),
        ("other alg", "RS256", rsa(&with_alg), E::JwkContradiction("alg")),
        ("for encryption", "RS256", rsa(&[("use", "\"enc\"")]), E::JwkContradiction("use")),
        ("for signing only", "RS256", rsa(&[("key_ops", "[\"sign\"]")]), E::JwkContradiction("key_ops")),
        ("for nothing", "RS256", rsa(&[("key_ops", "[]")]), E::JwkContradiction("key_ops")),
        ("private", "RS256", rsa(&[("d", "\"AQAB\"")]), E::PrivateKey),
        ("private by its prime", "RS256", rsa(&[("p", "\"AQAB\"")]), E::PrivateKey),
        ("private EC", "ES256", p256(&[("d", "\"AQAB\"")]), E::PrivateKey),
        ("private OKP", "EdDSA", ed25519(&[("d", "1")]), E::PrivateKey),
        ("symmetric", "RS256", object(&[("kty", "\"oct\""), ("k", "\"AQAB\"")]), E::SymmetricJwk),
        ("RSA of 1024 bits", "RS256", numbers(&short, "\"AQAB\""), E::RsaBits(1024)),
        ("RSA of 4104 bits", "RS256", numbers(&huge, "\"AQAB\""), E::RsaBits(4104)),
        ("RSA without modulus", "RS256", numbers("\"\"", "\"AQAB\""), E::RsaBits(0)),
        ("RSA with even modulus", "RS256", numbers(&even, "\"AQAB\""), E::RsaNumbers),
        ("RSA with exponent 1", "RS256", numbers(&n, "\"AQ\""), E::RsaNumbers),
        ("RSA with exponent 0", "RS256", numbers(&n, "\"AA\""), E::RsaNumbers),
        ("RSA with exponent 2", "RS256", numbers(&n, "\"Ag\""), E::RsaNumbers),
        ("RSA with exponent of 40 bits", "RS256", numbers(&n, "\"______8\""), E::RsaNumbers),
        ("RSA without exponent", "RS256", numbers(&n, ""), json("it has no e")),
        ("RSA in padded base64", "RS256", numbers(&n, "\"AQAB=\""), json("its e is not unpadded base64url")),
        ("P-521", "ES384", ec("P-521", "\"AQ\"", "\"AQ\"", &[]), E::UnknownType),
        ("P-256 with short coordinates", "ES256", ec("P-256", "\"AQ\"", "\"AQ\"", &[]), E::Point),
        ("P-256 cut at another byte", "ES256", ec("P-256", &cut(64, 31), &cut(33, 33), &[]), E::Point),
        ("Ed25519 of 3 bytes", "EdDSA", okp("AQAB", &[]), E::Point),
        ("no type", "RS256", "{}".into(), E::UnknownType),
    ] {
        assert_eq!(parse(alg, &jwk), Err(expected), "{name}");
    }
    for (name, jwk) in [
        ("repeated member", rsa(&[("alg", "\"RS256\""), ("alg", "\"RS256\"")])),
        ("member null", rsa(&[("alg", "null")])),
        ("member a number", rsa(&[("n", "1")])),
        ("cut short", "{".into()),
    ] {
        assert!(matches!(parse("RS256", &jwk), Err(E::Jwk(_))), "{name}");
    }
}

fn set(keys: &[String]) -> String {
    format!("{{\"keys\": [{}]}}", keys.join(", "))
}

#[test]
fn jwk_sets() {
    let kid = |kid: &'static str| [("kid", kid)];
    let keys = [
        rsa(&kid("\"a\"")),
        rsa(&[("kid", "\"b\""), ("alg", "\"PS256\""), ("use", "\"sig\""), ("x5c", "[\"MIIB\"]")]),
        p256(&kid("\"c\"")),
        p384(&kid("\"d\"")),
        ed25519(&kid("\"e\"")),
        rsa(&[("kid", "\"a\""), ("use", "\"enc\"")]),
        rsa(&[("kid", "\"f\""), ("alg", "\"RSA-OAEP\"")]),
        rsa(&[("kid", "\"g\""), ("key_ops", "[\"encrypt\"]")]),
        ec("P-521", "\"AQ\"", "\"AQ\"", &kid("\"h\"")),
        object(&[("kty", "\"AKP\""), ("kid", "\"i\""), ("alg", "\"ML-DSA-44\""), ("pub", "\"AQ\"")]),
    ];
    let rows = jwks(&set(&keys), Some(ISSUER), Some(AUDIENCE)).unwrap();
    let names: Vec<_> = rows.iter().map(|row| format!("{} {}", row.kid, row.alg)).collect();
    assert_eq!(names, ["a RS256", "b PS256", "c ES256", "d ES384", "e EdDSA"]);
    for row in rows {
        assert_eq!((row.issuer.as_deref(), row.audience.as_deref()), (Some(ISSUER), Some(AUDIENCE)));
        assert!(!row.operator && !row.key.contains("x5c"));
        let (alg, header) = (row.alg.clone(), header(&row.alg).replace(KID, &row.kid));
        let (iss, aud) = (format!("\"{ISSUER}\""), format!("\"{AUDIENCE}\""));
        let token = seal(&alg, &header, &claims(&[("iss", &iss), ("aud", &aud)]));
        assert!(outcome(&token, &Key::parse(row).unwrap()).is_ok(), "{alg}");
    }
}

#[test]
fn jwk_sets_that_are_refused() {
    let a = rsa(&[("kid", "\"a\"")]);
    let oct = object(&[("kty", "\"oct\""), ("kid", "\"o\""), ("k", "\"AQAB\"")]);
    for (name, text, expected) in [
        ("two keys of one kid", set(&[a.clone(), p256(&[("kid", "\"a\"")])]), E::DuplicateKid("a".into())),
        ("key without kid", set(&[rsa(&[])]), E::KidLength),
        ("kid with NUL", set(&[rsa(&[("kid", "\"\\u0000\"")])]), E::ControlCharacter),
        ("symmetric key", set(&[a.clone(), oct]), E::SymmetricJwk),
        ("private key", set(&[rsa(&[("kid", "\"a\""), ("d", "\"AQ\"")])]), E::PrivateKey),
        ("weak key", set(&[rsa(&[("kid", "\"a\"")]).replace("AQAB", "AQ")]), E::RsaNumbers),
        ("no key", set(&[]), E::EmptySet),
        ("no signature key", set(&[rsa(&[("kid", "\"a\""), ("use", "\"enc\"")])]), E::EmptySet),
        ("a text of 300 kB", " ".repeat(300_000), E::SetTooLong(300_000)),
    ] {
        assert_eq!(jwks(&text, None, None).map(drop), Err(expected), "{name}");
    }
    for text in ["", "[]", "{}", "null", &a, "{\"keys\":{}}", "{\"keys\":[1]}", "{\"keys\":[],\"keys\":[]}"] {
        assert!(matches!(jwks(text, None, None), Err(E::Set(_))), "{text}");
    }
    let mixed = set(&[rsa(&[("kid", "\"a\""), ("alg", "\"ES256\"")])]);
    assert!(jwks(&mixed, None, None).is_err_and(|error| mismatch(&error)));
}

#[test]
fn keys_do_not_print_their_secret() {
    let printed = format!("{:?} {:?}", row("HS256"), key("HS256"));
    assert!(printed.contains(KID) && !printed.contains("secret"), "{printed}");
}
