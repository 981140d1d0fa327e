//! Times in claims, at their borders, when a token is verified and when it is looked at again.

use saas_blog::auth::TokenError as E;
use saas_blog::auth::{Policy, read, verify};

use super::forge::*;
use super::refused;

const DAY: i64 = 86_400;

#[test]
fn times_that_are_no_times() {
    let with = |name: &str, value: &str| token(&claims(&[(name, value)]));
    let text = |part: &str| E::Claims(part.into());
    let digits = "9".repeat(4000);
    refused(
        &key("HS256"),
        vec![
            ("exp missing", with("exp", ""), E::ExpiryMissing),
            ("exp null", with("exp", "null"), text("null")),
            ("exp a string", with("exp", "\"1800003600\""), text("string")),
            ("exp a boolean", with("exp", "true"), text("boolean")),
            ("exp an array", with("exp", "[1800003600]"), text("sequence")),
            ("exp negative", with("exp", "-1"), E::TimeOutOfRange),
            ("exp as small as can be", with("exp", "-9223372036854775808"), E::TimeOutOfRange),
            ("exp of 2^63", with("exp", "9223372036854775808"), E::TimeOutOfRange),
            ("exp of 2^64", with("exp", "18446744073709551616"), E::TimeOutOfRange),
            ("exp in the year 10000", with("exp", "253402300800"), E::TimeOutOfRange),
            ("exp huge", with("exp", "1e308"), E::TimeOutOfRange),
            ("exp overflowing", with("exp", "1e400"), text("out of range")),
            ("exp of 4 000 digits", with("exp", &digits), text("out of range")),
            ("exp NaN", with("exp", "NaN"), text("expected")),
            ("exp Infinity", with("exp", "Infinity"), text("expected")),
            ("iat negative", with("iat", "-1"), E::TimeOutOfRange),
            ("iat negative by a bit", with("iat", "-0.1"), E::TimeOutOfRange),
            ("iat huge", with("iat", "1e300"), E::TimeOutOfRange),
            ("iat null", with("iat", "null"), text("null")),
            ("nbf negative", with("nbf", "-1e9"), E::TimeOutOfRange),
            ("nbf negative by a bit", with("nbf", "-0.1"), E::TimeOutOfRange),
            ("nbf huge", with("nbf", "9e99"), E::TimeOutOfRange),
            ("nbf a string", with("nbf", "\"0\""), text("string")),
        ],
    );
}

#[test]
fn times_at_their_borders() {
    let at = |offset: i64| (NOW + offset).to_string();
    let half = |offset: i64| format!("{}.5", NOW + offset);
    for (name, exp, nbf, iat, expected) in [
        ("good", at(60), at(0), at(0), Ok(())),
        ("exp just passed, within the leeway", at(-4), String::new(), at(-60), Ok(())),
        ("exp passed", at(-5), String::new(), at(-60), Err(E::Expired)),
        ("exp 0", "0".into(), String::new(), String::new(), Err(E::Expired)),
        ("exp with a fraction is rounded down", half(-5), String::new(), at(-60), Err(E::Expired)),
        ("exp with an exponent", "1.80000006e9".into(), String::new(), String::new(), Ok(())),
        ("nbf within the leeway", at(60), at(5), String::new(), Ok(())),
        ("nbf in the future", at(60), at(6), String::new(), Err(E::NotYetValid)),
        ("nbf with a fraction is rounded up", at(60), half(5), String::new(), Err(E::NotYetValid)),
        ("iat within the leeway", at(60), String::new(), at(5), Ok(())),
        ("iat in the future", at(60), String::new(), at(6), Err(E::IssuedInFuture)),
        ("life of a day", at(DAY - 60), String::new(), at(-60), Ok(())),
        ("life of a day and a second", at(DAY - 59), String::new(), at(-60), Err(E::LifetimeTooLong)),
        (
            "iat with a fraction is rounded down",
            at(DAY - 59),
            String::new(),
            half(-60),
            Err(E::LifetimeTooLong),
        ),
        ("a day to go without iat, clock ahead", at(DAY + 5), String::new(), String::new(), Ok(())),
        (
            "more than a day to go without iat",
            at(DAY + 6),
            String::new(),
            String::new(),
            Err(E::LifetimeTooLong),
        ),
        ("exp in the year 9999", "253402300799".into(), String::new(), at(0), Err(E::LifetimeTooLong)),
        (
            "exp in the year 9999 without iat",
            "253402300799".into(),
            String::new(),
            String::new(),
            Err(E::LifetimeTooLong),
        ),
    ] {
        let token = token(&claims(&[("exp", &exp), ("nbf", &nbf), ("iat", &iat)]));
        assert_eq!(outcome(&token, &key("HS256")).map(drop), expected, "{name}");
    }
}

#[test]
fn kept_claims_are_checked_again() {
    let token = token(&claims(&[("nbf", &NOW.to_string())]));
    let policy = Policy::at(NOW);
    let claims = verify(&read(&token).unwrap(), &key("HS256"), &policy).unwrap();
    for (name, policy, expected) in [
        ("now", policy, Ok(())),
        ("an hour later", Policy::at(NOW + 3604), Ok(())),
        ("after exp", Policy::at(NOW + 3605), Err(E::Expired)),
        ("the clock was put back", Policy::at(NOW - 6), Err(E::NotYetValid)),
        ("the clock was put back much", Policy::at(NOW - 600), Err(E::NotYetValid)),
        ("the longest life was lowered", Policy { max_age: 600, ..policy }, Err(E::LifetimeTooLong)),
        ("the leeway was lowered", Policy { now: NOW + 3600, leeway: 0, ..policy }, Err(E::Expired)),
        ("an absurd clock", Policy::at(i64::MAX), Err(E::Expired)),
        ("an absurd clock before time", Policy::at(i64::MIN), Err(E::NotYetValid)),
        ("absurd settings", Policy { now: NOW, max_age: i64::MAX, leeway: i64::MAX }, Ok(())),
        ("negative settings", Policy { now: NOW, max_age: i64::MIN, leeway: i64::MIN }, Err(E::Expired)),
    ] {
        assert_eq!(claims.still_valid(&policy), expected, "{name}");
    }
}
