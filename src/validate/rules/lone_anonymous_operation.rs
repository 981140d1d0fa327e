//! An operation without a name is the only one
//! ([spec](https://spec.graphql.org/October2021/#sec-Lone-Anonymous-Operation)).

use super::{Report, Survey};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    if survey.document.operations.len() < 2 {
        return;
    }
    for definition in &survey.definitions {
        if matches!(definition.kind, DefinitionKind::Operation(operation, _) if operation.name.is_none()) {
            report.push(definition.enter, Violation::LoneAnonymousOperation, [definition.at()]);
        }
    }
}
