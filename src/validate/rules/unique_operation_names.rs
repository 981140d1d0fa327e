//! Operations have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Operation-Name-Uniqueness)).

use super::{Report, Survey, second};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let operations = survey.definitions.iter().filter_map(|definition| match definition.kind {
        DefinitionKind::Operation(operation, _) => Some((definition.enter, operation.name.as_ref()?)),
        DefinitionKind::Fragment(_) => None,
    });
    let operations: Vec<_> = operations.collect();
    for [first, other] in second(operations.iter().map(|(_, name)| *name)) {
        let step = operations.iter().find(|(_, name)| name.at == other.at).map_or(0, |(step, _)| *step);
        report.push(step, Violation::DuplicateOperation(other.text.clone()), [first.at, other.at]);
    }
}
