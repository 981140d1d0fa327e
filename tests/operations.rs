//! Stages 3 to 5: what is a valid request, what its values may be, and how large it may be. One row a request, with its
//! verdict: `CODE line:column path: sentence`, or `ok`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

#[path = "operations/answers.rs"]
mod answers;
#[path = "operations/bombs.rs"]
mod bombs;
#[path = "operations/choice.rs"]
mod choice;
#[path = "operations/coercion.rs"]
mod coercion;
#[path = "operations/limits.rs"]
mod limits;
#[path = "operations/merging.rs"]
mod merging;
#[path = "operations/mutations.rs"]
mod mutations;
#[path = "operations/paging.rs"]
mod paging;
#[path = "operations/passing.rs"]
mod passing;
#[path = "operations/switches.rs"]
mod switches;
