//! An operation defines the variables that it reads, in its fragments too
//! ([spec](https://spec.graphql.org/October2021/#sec-All-Variable-Uses-Defined)).

use super::{Report, Survey};
use crate::syntax::ast::ValueKind;
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;
use std::collections::HashSet;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for (place, definition) in survey.definitions.iter().enumerate() {
        let DefinitionKind::Operation(operation, _) = definition.kind else { continue };
        let defined: HashSet<&str> =
            operation.variables.iter().map(|variable| variable.name.text.as_str()).collect();
        for used in survey.variables_of(place) {
            let ValueKind::Variable(variable) = &used.value.kind else { continue };
            if !defined.contains(variable.as_str()) {
                let name = operation.name.as_ref().map(|name| name.text.clone());
                let violation = Violation::UndefinedVariable { variable: variable.clone(), operation: name };
                report.push(definition.leave, violation, [used.value.at, operation.at]);
            }
        }
        if report.is_full() {
            return;
        }
    }
}
