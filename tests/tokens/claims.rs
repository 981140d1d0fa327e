//! What claims must say to be an identity.

use saas_blog::auth::TokenError as E;
use saas_blog::auth::{Role, TokenError};

use super::forge::*;
use super::refused;

fn claims_say(text: &str) -> TokenError {
    E::Claims(text.into())
}

#[test]
fn claims_that_cannot_be_read() {
    let good = claims(&[]);
    let twice = |member: &str| token(&good.replace('}', &format!(",{member}}}")));
    let with = |name: &str, value: &str| token(&claims(&[(name, value)]));
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    refused(
        &key("HS256"),
        vec![
            ("claims an array", token(&format!("[\"{USER}\"]")), claims_say("not a JSON object")),
            ("claims null", token("null"), claims_say("not a JSON object")),
            ("claims empty", token(""), claims_say("not a JSON object")),
            ("claims with text behind", token(&format!("{good}{good}")), claims_say("trailing")),
            ("claims with a byte order mark", token(&format!("\u{feff}{good}")), claims_say("not a JSON")),
            ("exp repeated", twice("\"exp\":9999999999"), claims_say("duplicate field `exp`")),
            ("role repeated", twice("\"role\":\"admin\""), claims_say("duplicate field `role`")),
            ("role repeated in escapes", twice("\"r\\u006fle\":\"admin\""), claims_say("duplicate")),
            ("tenant repeated", twice("\"tenant_id\":\"x\""), claims_say("duplicate field `tenant_id`")),
            ("iss an array", with("iss", "[\"https://issuer.example\"]"), claims_say("sequence")),
            ("iss null", with("iss", "null"), claims_say("null")),
            ("aud a number", with("aud", "1"), claims_say("integer")),
            ("aud an array of arrays", with("aud", "[[\"blog\"]]"), claims_say("sequence")),
            ("tenant null", with("tenant_id", "null"), claims_say("null")),
            ("tenant an array", with("tenant_id", "[]"), claims_say("sequence")),
            ("user a number", with("user_id", "1"), claims_say("integer")),
            ("role an array", with("role", "[\"admin\"]"), claims_say("sequence")),
            ("role an object", with("role", "{\"admin\":null}"), claims_say("map")),
            ("scopes null", with("scopes", "null"), claims_say("null")),
            ("scopes a string", with("scopes", "\"read:posts\""), claims_say("string")),
            ("scopes of numbers", with("scopes", "[1]"), claims_say("integer")),
            ("scope an array", with("scope", "[\"read:posts\"]"), claims_say("sequence")),
            ("half a surrogate pair", with("role", "\"\\ud800\""), claims_say("")),
            ("role nested 500 deep", with("role", &deep), claims_say("")),
        ],
    );
}

#[test]
fn control_characters() {
    let with = |name: &str, value: &str| token(&claims(&[(name, value)]));
    let uuid_and_nul = format!("\"{USER}\\u0000\"");
    refused(
        &key("HS256"),
        vec![
            ("NUL in user_id", with("user_id", &uuid_and_nul), E::ControlCharacter),
            ("NUL in sub", with("sub", &uuid_and_nul), E::ControlCharacter),
            ("NUL in role", with("role", "\"admin\\u0000\""), E::ControlCharacter),
            ("NUL in a scope", with("scopes", "[\"a\\u0000\"]"), E::ControlCharacter),
            ("NUL in a claim that nobody reads", with("name", "\"\\u0000\""), E::ControlCharacter),
            ("NUL in a name", with("\\u0000", "1"), E::ControlCharacter),
            ("newline in role", with("role", "\"admin\\n\""), E::ControlCharacter),
            ("tab in scope", with("scope", "\"a\\tb\""), E::ControlCharacter),
            ("escape in tenant_id", with("tenant_id", "\"\\u001b[2J\""), E::ControlCharacter),
            ("C1 control in iss", with("iss", "\"\\u0085\""), E::ControlCharacter),
            ("DEL in aud", with("aud", "[\"blog\\u007f\"]"), E::ControlCharacter),
            ("raw NUL", with("role", "\"admin\0\""), claims_say("control character")),
        ],
    );
    assert!(outcome(&with("address", "\"1 Main Street\\n12345 Springfield\""), &key("HS256")).is_ok());
}

#[test]
fn who_it_is() {
    let with = |name: &str, value: &str| token(&claims(&[(name, value)]));
    let other = format!("\"{OTHER}\"");
    let simple = format!("\"{}\"", TENANT.replace('-', ""));
    let same = E::UserConflict;
    refused(
        &key("HS256"),
        vec![
            ("user_id and sub different", with("sub", &other), same),
            ("sub no UUID beside user_id", with("sub", "\"auth0|1\""), E::NotUuid("sub")),
            ("user missing", with("user_id", ""), E::UserMissing),
            ("user a number in text", with("user_id", "\"1\""), E::NotUuid("user_id")),
            ("tenant missing", with("tenant_id", ""), E::TenantMissing),
            ("tenant empty", with("tenant_id", "\"\""), E::NotUuid("tenant_id")),
            ("tenant by identifier", with("tenant_id", "\"demo\""), E::NotUuid("tenant_id")),
            ("tenant without hyphens", with("tenant_id", &simple), E::NotUuid("tenant_id")),
            ("tenant in braces", with("tenant_id", &format!("\"{{{TENANT}}}\"")), E::NotUuid("tenant_id")),
            ("tenant as URN", with("tenant_id", &format!("\"urn:uuid:{TENANT}\"")), E::NotUuid("tenant_id")),
            ("tenant and a space", with("tenant_id", &format!("\"{TENANT} \"")), E::NotUuid("tenant_id")),
            ("role missing", with("role", ""), E::RoleMissing),
            ("role unknown", with("role", "\"superuser\""), E::RoleUnknown),
            ("role in capitals", with("role", "\"Admin\""), E::RoleUnknown),
            ("role empty", with("role", "\"\""), E::RoleUnknown),
            ("operator with the key of a tenant", with("role", "\"operator\""), E::OperatorKey),
            (
                "operator without tenant with the key of a tenant",
                token(&claims(&[("role", "\"operator\""), ("tenant_id", "")])),
                E::OperatorKey,
            ),
        ],
    );
    for changes in [
        vec![("user_id", ""), ("sub", &*format!("\"{USER}\""))],
        vec![("sub", &*format!("\"{}\"", USER.to_uppercase()))],
        vec![("tenant_id", &*format!("\"{}\"", TENANT.to_uppercase()))],
    ] {
        let claims = outcome(&token(&claims(&changes)), &key("HS256")).unwrap();
        assert_eq!((claims.user, claims.tenant), (USER.parse().ok(), TENANT.parse().ok()));
    }
}

#[test]
fn operator_keys_sign_operators_only() {
    let as_operator = |name: &str, value: &str| {
        token(&claims(&[("role", "\"operator\""), ("tenant_id", ""), ("user_id", ""), (name, value)]))
    };
    let tenant = format!("\"{TENANT}\"");
    refused(
        &operator(),
        vec![
            ("admin with an operator key", as_operator("role", "\"admin\""), E::OperatorKey),
            ("editor of a tenant with an operator key", token(&claims(&[])), E::OperatorKey),
            ("operator with a tenant", as_operator("tenant_id", &tenant), E::OperatorTenant),
            ("operator with tenant null", as_operator("tenant_id", "null"), claims_say("null")),
            ("operator whose user is no UUID", as_operator("sub", "\"root\""), E::NotUuid("sub")),
        ],
    );
    let claims = outcome(&as_operator("scope", "\"write:tenants\""), &operator()).unwrap();
    assert_eq!((claims.role, claims.tenant, claims.user), (Role::Operator, None, None));
}

#[test]
fn issuer_and_audience() {
    let (iss, aud) = (&*format!("\"{ISSUER}\""), &*format!("\"{AUDIENCE}\""));
    let with = |iss: &str, aud: &str| token(&claims(&[("iss", iss), ("aud", aud)]));
    refused(
        &addressed(),
        vec![
            ("iss missing", with("", aud), E::IssuerMissing),
            ("iss of another", with("\"https://attacker.example\"", aud), E::Issuer),
            ("iss with a slash more", with("\"https://issuer.example/\"", aud), E::Issuer),
            ("iss in capitals", with("\"HTTPS://ISSUER.EXAMPLE\"", aud), E::Issuer),
            ("iss an array", with("[\"https://issuer.example\"]", aud), claims_say("sequence")),
            ("aud missing", with(iss, ""), E::AudienceMissing),
            ("aud of another", with(iss, "\"shop\""), E::Audience),
            ("aud of others", with(iss, "[\"shop\",\"Blog\"]"), E::Audience),
            ("aud empty", with(iss, "[]"), E::Audience),
            ("aud an object", with(iss, "{\"blog\":1}"), claims_say("map")),
            ("aud with a number inside", with(iss, "[\"blog\",1]"), claims_say("integer")),
        ],
    );
    for aud in [aud, "[\"blog\"]", "[\"shop\",\"blog\"]"] {
        assert!(outcome(&with(iss, aud), &addressed()).is_ok(), "{aud}");
    }
    let unnamed = key("HS256");
    assert_eq!(outcome(&with("", aud), &unnamed), Err(E::AudienceUnexpected));
    assert_eq!(outcome(&with("", "[]"), &unnamed), Err(E::AudienceUnexpected));
    assert!(outcome(&with(iss, ""), &unnamed).is_ok());
}

#[test]
fn scopes() {
    let given = |list: &str, text: &str| {
        outcome(&token(&claims(&[("scopes", list), ("scope", text)])), &key("HS256"))
            .map(|claims| claims.scopes.map(|scopes| scopes.join(" ")))
    };
    for (list, text, expected) in [
        ("", "", Ok(None)),
        ("[]", "", Ok(Some(""))),
        ("", "\"\"", Ok(Some(""))),
        ("", "\" \"", Ok(Some(""))),
        ("[\"read:posts\"]", "", Ok(Some("read:posts"))),
        ("", "\"write:posts  read:posts write:posts\"", Ok(Some("read:posts write:posts"))),
        ("[\"b\",\"a\"]", "\"a b\"", Ok(Some("a b"))),
        ("[\"a\"]", "\"a b\"", Err(E::ScopesConflict)),
        ("[]", "\"a\"", Err(E::ScopesConflict)),
        ("[\"a b\"]", "", Err(E::ScopeInvalid)),
        ("[\"\"]", "", Err(E::ScopeInvalid)),
        ("[\"a\\\"\"]", "", Err(E::ScopeInvalid)),
        ("[\"a\\\\\"]", "", Err(E::ScopeInvalid)),
        ("", "\"é\"", Err(E::ScopeInvalid)),
    ] {
        assert_eq!(given(list, text), expected.map(|scopes| scopes.map(str::to_owned)), "{list} {text}");
    }
}
