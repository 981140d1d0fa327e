//! Turns JSON text into a typed object; repeated names, `null`, other types and trailing text are errors.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Reads an object. serde's derive would also take an array as the fields in order, which no RFC knows.
///
/// # Errors
/// The sentence of the JSON error, cut short: it may quote what an attacker wrote.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    let parsed = match text.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice(text),
        _ => Err(serde_json::Error::custom("it is not a JSON object")),
    };
    parsed.map_err(|error| error.to_string().chars().take(120).collect())
}

/// A member that is there: unlike `Option`'s own reading, `null` is a value of the wrong type, not an absent
/// member.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
