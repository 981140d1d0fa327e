//! Turns a document into nothing, or into what is wrong with it
//! ([spec](https://spec.graphql.org/October2021/#sec-Validation)).

mod document;
mod nesting;
mod selections;
mod values;

use crate::error::{Error, Fault, Violation};
use crate::limits::within;
use crate::schema::Schema;
use crate::syntax::{At, Document};

/// What is wrong with a document, in the order of the text as far as a rule looks at all of it; at most 100 faults.
///
/// Selection sets lie at most `max_nesting` within each other once fragments are expanded, so that whoever walks a
/// valid document may recurse.
#[must_use]
pub fn validate(schema: &Schema, document: &Document, max_nesting: u64) -> Vec<Fault> {
    let mut faults = Faults::default();
    document::definitions(document, &mut faults);
    document::fragments(schema, document, &mut faults);
    if faults.list.is_empty() {
        // A cycle among the fragments would have no end here.
        match within("max_nesting", nesting::nesting(document), max_nesting) {
            Err(error) => faults.list.push(error.into()),
            Ok(()) => selections::operations(schema, document, &mut faults),
        }
    }
    faults.list
}

/// What was found so far.
#[derive(Debug, Default)]
struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    /// The most that anybody reads.
    const MOST: usize = 100;

    fn push(&mut self, violation: Violation, at: At) {
        if self.list.len() < Self::MOST {
            self.list.push(Fault::at(Error::Validation(violation), at));
        }
    }
}
