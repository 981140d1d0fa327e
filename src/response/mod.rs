//! Turns errors into the bytes of a GraphQL answer ([spec](https://spec.graphql.org/October2021/#sec-Response)).

mod complete;

pub use complete::{Missing, complete};

use crate::error::{Error, Failure, Step};
use crate::syntax::Location;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Answer<'a> {
    errors: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Item<'a> {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Place>,
    #[serde(skip_serializing_if = "<[Step]>::is_empty")]
    path: &'a [Step],
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Extensions<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// The answer to a request that failed before its execution began: at most `most` errors and no `data`.
#[must_use]
pub fn failed(failures: &[Failure], most: usize) -> String {
    answer(failures, most, None)
}

/// The answer to a request whose execution met errors: at most `most` of them, and what is left of `data`.
#[must_use]
pub fn partial(failures: &[Failure], most: usize, data: &RawValue) -> String {
    answer(failures, most, Some(data))
}

fn answer(failures: &[Failure], most: usize, data: Option<&RawValue>) -> String {
    let errors = failures.iter().take(most.max(1)).map(item).collect();
    // Strings and numbers alone: there is nothing in it that JSON cannot say.
    serde_json::to_string(&Answer { errors, data }).unwrap_or_default()
}

fn item(failure: &Failure) -> Item<'_> {
    let (limit, value) = match failure.error {
        Error::Limit { limit, value } => (Some(limit), Some(value)),
        _ => (None, None),
    };
    Item {
        message: short(failure.error.to_string()),
        locations: failure.locations.iter().map(place).collect(),
        path: &failure.path,
        extensions: Extensions { code: failure.error.code(), limit, value, field: failure.error.field() },
    }
}

/// How many characters of a message are shown.
const MOST: usize = 3_000;

/// The message without what nobody reads: it repeats names, and a name may be as long as the request.
fn short(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MOST) {
        message.truncate(end);
        message.push_str("...");
    }
    message
}

fn place(location: &Location) -> Place {
    Place { line: location.line, column: location.column }
}

#[cfg(test)]
mod tests {
    use super::failed;
    use crate::error::Error;

    #[test]
    fn a_name_as_long_as_the_request() {
        let answer = |name: &str| failed(&[Error::Forbidden(name.repeat(60_000)).into()], 1);
        assert_eq!(answer("x").len(), failed(&[Error::Forbidden("x".repeat(3_000)).into()], 1).len());
        assert!(answer("é").contains(&format!("{}...\"", "é".repeat(2_900))));
        assert!(answer("x").contains(&format!("{}...\"", "x".repeat(2_900))));
    }
}
