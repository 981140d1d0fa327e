//! The variables of an operation have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Variable-Uniqueness)).

use super::{Report, Survey, repeated};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for definition in &survey.definitions {
        let DefinitionKind::Operation(operation, _) = definition.kind else { continue };
        for names in repeated(operation.variables.iter().map(|variable| &variable.name)) {
            let name = names.first().map_or_else(String::new, |name| name.text.clone());
            let at = names.iter().map(|name| name.at);
            report.push(definition.enter, Violation::DuplicateVariable(name), at);
        }
    }
}
