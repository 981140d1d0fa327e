//! Turns a document into what it assumes of its literals, or into what is wrong with it
//! ([spec](https://spec.graphql.org/October2021/#sec-Validation)).
//!
//! [`survey`] walks through the document once and lists what stands in it; each of the [`rules`] goes over the lists that
//! it is about; [`report`] puts what they find into the order of the document.

mod measure;
mod nesting;
mod print;
mod report;
mod rules;
mod survey;
mod violation;

pub use measure::{Measure, introspects, measure};
pub use report::Assumptions;
pub use violation::Violation;

use crate::error::{Error, Fault};
use crate::limits::{Limits, within};
use crate::schema::Schema;
use crate::syntax::{Document, Literal};
use report::Report;
use rules::RULES;
use survey::Survey;

/// What a document assumes of its literals if it is valid.
///
/// Selection sets lie at most `max_nesting` within each other once fragments are expanded, and each operation has at most
/// `max_fields` fields then, so that whoever walks a valid document may recurse. `suggestions` says whether errors may
/// name parts of the schema that the request does not.
///
/// # Errors
/// At most 100 faults, in the order in which a walk through the document meets them; a limit is one alone.
pub fn validate(
    schema: &Schema,
    document: &Document,
    literals: &[Literal],
    limits: &Limits,
    suggestions: bool,
) -> Result<Assumptions, Vec<Fault>> {
    validate_by(schema, document, literals, limits, suggestions, |_| true)
}

/// As [`validate`], by those rules alone whose names are `wanted`; they are those of graphql-js, such as
/// `known_type_names`.
///
/// # Errors
/// What these rules find.
pub fn validate_by(
    schema: &Schema,
    document: &Document,
    literals: &[Literal],
    limits: &Limits,
    suggestions: bool,
    wanted: impl Fn(&str) -> bool,
) -> Result<Assumptions, Vec<Fault>> {
    let types = survey::variable_types(schema, document);
    let survey = Survey::of(schema, document, literals, &types, suggestions);
    let endless = may_be_endless(&survey);
    if !endless {
        bounded(document, limits).map_err(|error| vec![error.into()])?;
    }
    let mut report = Report::default();
    for (name, rule) in RULES {
        report.begin_rule();
        if wanted(name) && !(endless && follows_fragments(name)) {
            rule(&survey, &mut report);
        }
    }
    report.into_result()
}

/// The names of the rules.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// Whether a fragment contains itself, or may do so because two have its name.
fn may_be_endless(survey: &Survey<'_>) -> bool {
    let mut report = Report::default();
    let about = |name: &str| matches!(name, "unique_fragment_names" | "no_fragment_cycles");
    for (_, rule) in RULES.iter().filter(|(name, _)| about(name)) {
        rule(survey, &mut report);
    }
    !report.is_empty()
}

/// The rules that descend into fragments: they would never come back from a cycle.
fn follows_fragments(rule: &str) -> bool {
    matches!(rule, "overlapping_fields_can_be_merged" | "max_introspection_depth")
}

/// Together the operations of a document may have as many fields as so many of the largest.
const MOST_OPERATIONS: u64 = 10;

/// How much a rule has to look at that follows fragments.
fn bounded(document: &Document, limits: &Limits) -> Result<(), Error> {
    within("max_nesting", nesting::nesting(document), limits.nesting)?;
    let mut all = 0_u64;
    measure::measure_all(document).try_for_each(|size| {
        all = all.saturating_add(size.fields.into());
        within("max_fields", u64::from(size.fields).max(all.div_ceil(MOST_OPERATIONS)), limits.fields)
    })
}
