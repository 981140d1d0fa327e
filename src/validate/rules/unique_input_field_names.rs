//! The fields of an input object have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Input-Object-Field-Uniqueness)).

use super::{Report, Survey, second};
use crate::syntax::ast::ValueKind;
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.values {
        let ValueKind::Object(fields) = &used.value.kind else { continue };
        for [first, other] in second(fields.iter().map(|(name, _)| name)) {
            report.push(used.step, Violation::DuplicateInputField(other.text.clone()), [first.at, other.at]);
        }
    }
}
