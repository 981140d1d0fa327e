//! Stage 1: what a token must be to become claims. One row an attack, named after it, with the error it must
//! give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs, reason = "these are tests")]

#[path = "tokens/forge.rs"]
mod forge;
#[path = "tokens/claims.rs"]
mod identities;
#[path = "tokens/keys.rs"]
mod keys;
#[path = "tokens/times.rs"]
mod times;

use forge::*;
use saas_blog::auth::TokenError as E;
use saas_blog::auth::{
    Key, KeyError, KeyRow, MAX_KID_BYTES, MAX_TOKEN_BYTES, Policy, Role, TokenError, bearer, read, sign,
    verify,
};

/// Checks a table of attacks on a key; reports all rows that fail, not just the first.
fn refused(key: &Key, attacks: Vec<(&str, String, TokenError)>) {
    let wrong: Vec<_> = attacks
        .into_iter()
        .map(|(name, token, expected)| (name, outcome(&token, key), expected))
        .filter(|(_, given, expected)| !given.as_ref().is_err_and(|given| matches(given, expected)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn header_says(text: &str) -> TokenError {
    E::Header(text.into())
}

#[test]
fn every_algorithm_verifies_its_own_tokens() {
    for alg in algorithms() {
        let token = seal(alg, &header(alg), &claims(&[]));
        let claims = outcome(&token, &key(alg)).unwrap_or_else(|error| panic!("{alg}: {error}"));
        assert_eq!(claims.user, USER.parse().ok());
        assert_eq!(claims.tenant, TENANT.parse().ok());
        assert_eq!((claims.role, claims.scopes), (Role::Editor, None));
        assert_eq!((claims.not_before, claims.issued_at, claims.expires), (None, Some(NOW - 60), NOW + 3600));
    }
}

#[test]
fn no_algorithm_verifies_what_another_signed() {
    for given in algorithms() {
        for other in algorithms().filter(|other| *other != given) {
            let honest = seal(given, &header(given), &claims(&[]));
            let error = outcome(&honest, &key(other)).unwrap_err();
            assert!(matches!(error, E::AlgorithmMismatch { .. }), "{given} for {other}: {error}");
            let lying = seal(given, &header(other), &claims(&[]));
            assert_eq!(outcome(&lying, &key(other)), Err(E::Signature), "{given} as {other}");
        }
    }
}

#[test]
fn shapes() {
    let good = token(&claims(&[]));
    let parts: Vec<_> = good.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!() };
    let stray = |signature: &str| format!("{}B", &signature[..signature.len() - 1]);
    refused(
        &key("HS256"),
        vec![
            ("token of 20 MB", "a".repeat(20 << 20), E::TooLong(20 << 20)),
            ("token of 8 kB and a byte", "a".repeat(MAX_TOKEN_BYTES + 1), E::TooLong(MAX_TOKEN_BYTES + 1)),
            ("empty token", String::new(), E::Shape),
            ("one part", head.into(), E::Shape),
            ("two parts", format!("{head}.{body}"), E::Shape),
            ("four parts", format!("{good}.{signature}"), E::Shape),
            ("trailing dot", format!("{good}."), E::Shape),
            ("leading dot", format!(".{good}"), E::Shape),
            ("only dots", "..".into(), header_says("not a JSON object")),
            ("empty header", format!(".{body}.{signature}"), header_says("not a JSON object")),
            ("empty payload", format!("{head}..{signature}"), E::Signature),
            ("empty signature", format!("{head}.{body}."), E::SignatureMissing),
            ("leading space", format!(" {good}"), E::Encoding),
            ("trailing space", format!("{good} "), E::Encoding),
            ("trailing newline", format!("{good}\n"), E::Encoding),
            ("newline inside", format!("{head}.\n{body}.{signature}"), E::Signature),
            ("NUL inside", format!("{head}\0.{body}.{signature}"), E::Encoding),
            ("character that is not ASCII", format!("{head}é.{body}.{signature}"), E::Encoding),
            ("padded signature", format!("{good}="), E::Encoding),
            ("padded header", format!("{head}=.{body}.{signature}"), E::Encoding),
            ("standard base64", format!("{head}.{body}.+/+/"), E::Encoding),
            ("stray bits behind the signature", stray(&good), E::Encoding),
            ("signature cut short", good[..good.len() - 3].into(), E::Signature),
            ("signature of another token", format!("{head}.{}.{signature}", base64url("{}")), E::Signature),
            ("five parts of a JWE", "a.b.c.d.e".into(), E::Shape),
        ],
    );
}

#[test]
fn padding_is_refused_when_it_is_signed() {
    let message = format!("{}.{}=", base64url(header("HS256")), base64url(claims(&[("jti", "\"1\"")])));
    let secret = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).unwrap();
    assert_eq!(outcome(&format!("{message}.{signature}"), &key("HS256")), Err(E::Encoding));
}

#[test]
fn headers_of_tokens() {
    let with = |member: &str| headed(&header("HS256").replace('}', &format!(",{member}}}")));
    let kid = |json: &str| headed(&object(&[("alg", "\"HS256\""), ("kid", json)]));
    let alg = |json: &str| headed(&object(&[("alg", json), ("kid", "\"2026-11\"")]));
    let typ = |json: &str| headed(&object(&[("alg", "\"HS256\""), ("kid", "\"2026-11\""), ("typ", json)]));
    let unsigned =
        |alg: &str| format!("{}.{}.", base64url(header(alg)), base64url(claims(&[("role", "\"admin\"")])));
    let long = format!("\"{}\"", "k".repeat(MAX_KID_BYTES + 1));
    let latin1 = seal_bytes("HS256", b"{\"alg\":\"HS256\",\"kid\":\"\xe9\"}", claims(&[]).as_bytes());
    refused(
        &key("HS256"),
        vec![
            ("alg none without signature", unsigned("none"), E::UnknownAlgorithm),
            ("alg none with signature", alg("\"none\""), E::UnknownAlgorithm),
            ("alg NoNe", alg("\"NoNe\""), E::UnknownAlgorithm),
            ("alg in lower case", alg("\"hs256\""), E::UnknownAlgorithm),
            ("alg empty", alg("\"\""), E::UnknownAlgorithm),
            ("alg missing", alg(""), E::UnknownAlgorithm),
            ("alg null", alg("null"), header_says("null")),
            ("alg an array", alg("[\"HS256\"]"), header_says("sequence")),
            ("alg repeated", with(r#""alg":"none""#), header_says("duplicate field `alg`")),
            ("kid missing", kid(""), E::KidMissing),
            ("kid null", kid("null"), header_says("null")),
            ("kid a number", kid("7"), header_says("integer")),
            ("kid an object", kid("{}"), header_says("map")),
            ("kid empty", kid("\"\""), E::KidInvalid),
            ("kid too long", kid(&long), E::KidInvalid),
            ("kid with NUL", kid("\"a\\u0000\""), E::KidInvalid),
            ("kid with newline", kid("\"a\\nb\""), E::KidInvalid),
            ("kid with DEL", kid("\"a\\u007f\""), E::KidInvalid),
            ("kid of another key", kid("\"2025-01\""), E::KidMismatch),
            ("kid a path", kid("\"../../dev/null\""), E::KidMismatch),
            ("kid an injection", kid("\"' OR 1=1 --\""), E::KidMismatch),
            ("kid repeated", with(r#""kid":"other""#), header_says("duplicate field `kid`")),
            ("kid repeated in escapes", with(r#""k\u0069d":"other""#), header_says("duplicate field `kid`")),
            ("crit", with(r#""crit":["exp"]"#), E::CriticalHeader),
            ("crit null", with(r#""crit":null"#), E::CriticalHeader),
            ("crit empty", with(r#""crit":[]"#), E::CriticalHeader),
            ("crit b64", with(r#""crit":["b64"],"b64":false"#), E::CriticalHeader),
            ("typ of another kind", typ("\"logout+jwt\""), E::Type),
            ("typ empty", typ("\"\""), E::Type),
            ("typ a number", typ("1"), header_says("integer")),
            ("header an array", headed(r#"["HS256","2026-11","JWT"]"#), header_says("not a JSON object")),
            ("header a string", headed("\"HS256\""), header_says("not a JSON object")),
            ("header with text behind", headed(&format!("{} x", header("HS256"))), header_says("trailing")),
            ("header cut short", headed("{\"alg\":\"HS256\""), header_says("EOF")),
            ("header not UTF-8", latin1, header_says("unicode")),
            ("header nested 3 000 deep", headed(&format!("{{\"x\":{}", "[".repeat(3000))), header_says("")),
        ],
    );
}

#[test]
fn types_of_tokens() {
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt", "application/at+jwt"] {
        let header = format!(r#"{{"alg":"HS256","kid":"{KID}","typ":"{typ}"}}"#);
        assert!(outcome(&headed(&header), &key("HS256")).is_ok(), "{typ}");
    }
    assert!(outcome(&headed(&format!(r#"{{"kid":"{KID}","alg":"HS256"}}"#)), &key("HS256")).is_ok());
}

/// The attacker signs with a key of its own and offers it in the header.
#[test]
fn keys_in_the_header_are_never_followed() {
    for member in [
        r#""jwk":{"kty":"oct","k":"YXR0YWNrZXI"}"#,
        r#""jku":"https://attacker.example/jwks.json""#,
        r#""x5u":"https://attacker.example/cert.pem""#,
        r#""x5c":["MIIB"]"#,
    ] {
        let header = header("HS256").replace('}', &format!(",{member}}}"));
        let message = format!("{}.{}", base64url(header), base64url(claims(&[])));
        let attacker = jsonwebtoken::EncodingKey::from_secret(b"attacker");
        let alg = jsonwebtoken::Algorithm::HS256;
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &attacker, alg).unwrap();
        assert_eq!(outcome(&format!("{message}.{signature}"), &key("HS256")), Err(E::Signature), "{member}");
    }
}

/// The public key, known to all, used as an HMAC secret (RFC 8725 section 2.1).
#[test]
fn algorithm_confusion() {
    for alg in ["RS256", "ES256", "EdDSA"] {
        for public in [row(alg).key.clone(), row(alg).key.trim_end().into()] {
            let message = format!("{}.{}", base64url(header("HS256")), base64url(claims(&[])));
            let secret = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
            let hs256 = jsonwebtoken::Algorithm::HS256;
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, hs256).unwrap();
            let error = outcome(&format!("{message}.{signature}"), &key(alg)).unwrap_err();
            assert!(matches!(error, E::AlgorithmMismatch { .. }), "{alg}: {error}");
        }
    }
}

#[test]
fn signatures_of_other_forms() {
    let good = seal("ES256", &header("ES256"), &claims(&[]));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let forged = |bytes: &[u8]| format!("{message}.{}", base64url(bytes));
    let raw = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature).unwrap();
    let integer = |half: &[u8]| [&[2, 33, 0], half].concat();
    let der = [&[0x30, 70], &integer(&raw[..32])[..], &integer(&raw[32..])].concat();
    refused(
        &key("ES256"),
        vec![
            ("ECDSA signature in DER", forged(&der), E::Signature),
            ("ECDSA signature of zeros (CVE-2022-21449)", forged(&[0; 64]), E::Signature),
            ("ECDSA signature of 96 bytes", forged(&[1; 96]), E::Signature),
            ("ECDSA signature of one byte", forged(&[1]), E::Signature),
        ],
    );
    for alg in ["RS256", "PS256"] {
        let message = format!("{}.{}", base64url(header(alg)), base64url(claims(&[])));
        for bytes in [vec![0; 256], vec![0xff; 256], vec![1], vec![0xff; 600]] {
            let forged = format!("{message}.{}", base64url(bytes));
            assert_eq!(outcome(&forged, &key(alg)), Err(E::Signature), "{alg}");
        }
    }
}

#[test]
fn bearer_tokens() {
    let many = format!("{{\"cookie\":\"{}\"}}", "c".repeat(200_000));
    for (headers, expected) in [
        ("", Ok(None)),
        ("{}", Ok(None)),
        (r#"{"host":"a","x":[1,{"authorization":"Bearer x"}]}"#, Ok(None)),
        (r#"{"authorization":"Bearer a.b.c"}"#, Ok(Some("a.b.c"))),
        (r#"{"authorization":"BEARER   a.b.c "}"#, Ok(Some("a.b.c"))),
        (r#"{"Authorization":"bearer a.b.c"}"#, Ok(Some("a.b.c"))),
        (r#"{"authorization":"Basic YTpi"}"#, Err(E::NotBearer)),
        (r#"{"authorization":"a.b.c"}"#, Err(E::NotBearer)),
        (r#"{"authorization":"Bearer"}"#, Err(E::NotBearer)),
        (r#"{"authorization":"Bearer "}"#, Err(E::NotBearer)),
        (r#"{"authorization":"Bearer\ta.b.c"}"#, Err(E::NotBearer)),
        (r#"{"authorization":"Bearera.b.c"}"#, Err(E::NotBearer)),
        (r#"{"authorization":""}"#, Err(E::NotBearer)),
        (r#"{"authorization":null}"#, Err(E::Headers("null".into()))),
        (r#"{"authorization":["Bearer a.b.c"]}"#, Err(E::Headers("sequence".into()))),
        (r#"{"authorization":"Bearer a","Authorization":"Bearer b"}"#, Err(E::Headers("repeated".into()))),
        (r#"["authorization","Bearer a.b.c"]"#, Err(E::Headers("not a JSON object".into()))),
        ("garbage", Err(E::Headers("not a JSON object".into()))),
        ("{", Err(E::Headers("EOF".into()))),
        (&many, Err(E::HeadersTooLong(many.len()))),
    ] {
        match (bearer(headers), expected) {
            (Ok(given), Ok(expected)) => assert_eq!(given.as_deref(), expected, "{headers}"),
            (Err(given), Err(expected)) => assert!(matches(&given, &expected), "{headers}: {given}"),
            (given, expected) => panic!("{headers}: {given:?}, not {expected:?}"),
        }
    }
}

#[test]
fn two_tokens_in_one_header_are_none() {
    let token = bearer(r#"{"authorization":"Bearer a.b.c, Bearer d"}"#).unwrap().unwrap();
    assert_eq!(read(&token).unwrap_err(), E::Encoding);
}

#[test]
fn signing() {
    for alg in ["HS256", "HS384", "HS512"] {
        let token = sign(&claims(&[]), &key(alg)).unwrap();
        assert_eq!(read(&token).unwrap().kid(), KID);
        assert!(outcome(&token, &key(alg)).is_ok());
    }
    for alg in ["RS256", "PS384", "ES256", "EdDSA"] {
        assert_eq!(sign(&claims(&[]), &key(alg)), Err(KeyError::CannotSign));
    }
    for claims in ["", "[]", "null", "{} {}", "{"] {
        assert!(matches!(sign(claims, &key("HS256")), Err(KeyError::ClaimsNotObject(_))), "{claims}");
    }
    let long = claims(&[("x", &format!("\"{}\"", "x".repeat(MAX_TOKEN_BYTES)))]);
    assert!(matches!(sign(&long, &key("HS256")), Err(KeyError::TokenTooLong(_))));
}

#[test]
fn kids_of_every_writing_survive_signing() {
    let row = KeyRow { kid: "a \"quoted\" \\ kid, é".into(), ..row("HS256") };
    let key = Key::parse(row).unwrap();
    let token = sign(&claims(&[]), &key).unwrap();
    assert!(verify(&read(&token).unwrap(), &key, &Policy::at(NOW)).is_ok());
}

/// No byte of a good token can be changed, and no such token ends in a panic.
#[test]
fn every_changed_byte_is_refused() {
    let (good, key) = (token(&claims(&[])), key("HS256"));
    for at in 0..good.len() {
        for byte in [b'A', b'.', b'_', b'=', b'\n'] {
            let mut changed = good.clone().into_bytes();
            changed[at] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == good || outcome(&changed, &key).is_err(), "{byte} at {at}");
        }
    }
}

/// RFC 7515 appendix A.1: a token need not have a `kid` there, but here no key is tried by guessing.
#[test]
fn the_token_of_rfc_7515_has_no_kid() {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
        .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(read(token).unwrap_err(), E::KidMissing);
}
