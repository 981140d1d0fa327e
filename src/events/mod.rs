//! Turns what a subscriber has seen of the events into a cursor, which is text, and back. It knows no PostgreSQL.
//!
//! An event is known by the transaction that wrote it. A snapshot says of each transaction whether it was over, so what was not
//! over in the snapshot of a cursor and is over now is new, in whatever order transactions begin and end.

use crate::error::InputError;
use serde_json::{Map, Value};

mod cursor;
mod snapshot;
mod varint;

pub use cursor::{Cursor, Draining, MOST_TEXT, Origin};
pub use snapshot::Snapshot;

/// The cursor among the extensions of a request, if there is one and it is not null.
///
/// # Errors
/// It is no text.
pub fn resumed(extensions: &Map<String, Value>) -> Result<Option<String>, InputError> {
    match extensions.get("cursor") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(InputError::ForeignCursor),
    }
}
