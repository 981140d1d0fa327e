//! Turns a request's extensions into the key under which its answer is kept, so that it can be repeated without being
//! carried out twice.
//!
//! The idea is that of the HTTP header field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

use crate::error::InputError;
use crate::schema::{Role, Scopes};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A mutation that is carried out once, however often it is sent.
#[derive(Debug)]
pub struct Idempotent {
    /// Which operator sends it; none for a user, whom the session's context tells.
    pub operator: Option<String>,
    /// The key that the client has chosen.
    pub key: String,
    /// What it asks for: another request under the same key is a mistake.
    pub body: [u8; 32],
}

/// How many characters a key has at most.
const MOST_CHARACTERS: usize = 128;

/// The key among the extensions of a request, if there is one and it is not null.
///
/// # Errors
/// It is no text of 1 to 128 visible ASCII characters.
pub fn key(extensions: &Map<String, Value>) -> Result<Option<String>, InputError> {
    match extensions.get("idempotencyKey") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if is_key(key) => Ok(Some(key.clone())),
        Some(_) => Err(InputError::IdempotencyKey),
    }
}

fn is_key(text: &str) -> bool {
    (1..=MOST_CHARACTERS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// SHA-256 over all that says what a request asks for, and over the caller's rights: the answer that is kept shows what they
/// let see, such as an e-mail, and is not for a token of fewer. Variables that are absent are as good as none.
#[must_use]
pub fn body(
    query: &str,
    variables: &Map<String, Value>,
    operation_name: Option<&str>,
    (role, scopes): (Role, Scopes),
) -> [u8; 32] {
    let variables = serde_json::to_vec(variables).unwrap_or_default();
    let name = operation_name.map(str::as_bytes);
    let mut hash = Sha256::new();
    // With its length before it no part can be taken for the beginning of the next.
    for part in [role.as_str().as_bytes(), query.as_bytes(), &variables, name.unwrap_or_default()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update([u8::from(name.is_some())]);
    hash.update(scopes.bits().to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{body, key};
    use crate::error::InputError;
    use crate::schema::{Role, Scopes};
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        if let Value::Object(map) = value { map } else { Map::new() }
    }

    #[test]
    fn a_key_is_visible_ascii() {
        let found = |value: Value| key(&object(json!({ "idempotencyKey": value, "other": 1 })));
        assert_eq!(key(&Map::new()), Ok(None));
        assert_eq!(found(Value::Null), Ok(None));
        assert_eq!(found(json!("a-~!")), Ok(Some("a-~!".to_owned())));
        assert_eq!(found(json!("x".repeat(128))), Ok(Some("x".repeat(128))));
        for wrong in [json!(""), json!("x".repeat(129)), json!("a b"), json!("é"), json!("a\n"), json!(7)] {
            assert_eq!(found(wrong), Err(InputError::IdempotencyKey));
        }
    }

    #[test]
    fn each_part_of_a_request_counts() {
        let none = Map::new();
        let variables = object(json!({ "a": 1, "b": [2] }));
        let all = (Role::Editor, Scopes::ALL);
        let bodies = [
            body("{ a }", &none, None, all),
            body("{ b }", &none, None, all),
            body("{ a }", &variables, None, all),
            body("{ a }", &none, Some(""), all),
            body("{ a }", &none, Some("A"), all),
            body("{ a }A", &none, Some(""), all),
            body("{ a }", &none, None, (Role::Admin, Scopes::ALL)),
            body("{ a }", &none, None, (Role::Editor, Scopes::at(0))),
        ];
        for (at, one) in bodies.iter().enumerate() {
            assert!(bodies.iter().skip(at + 1).all(|other| one != other), "{at}");
        }
        assert_eq!(
            body("{ a }", &variables, None, all),
            body("{ a }", &object(json!({ "b": [2], "a": 1 })), None, all)
        );
    }
}
