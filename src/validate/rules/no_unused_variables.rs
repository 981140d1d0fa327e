//! An operation reads the variables that it defines
//! ([spec](https://spec.graphql.org/October2021/#sec-All-Variables-Used)).

use super::{Report, Survey};
use crate::syntax::ast::ValueKind;
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;
use std::collections::HashSet;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for (place, definition) in survey.definitions.iter().enumerate() {
        let DefinitionKind::Operation(operation, _) = definition.kind else { continue };
        if operation.variables.is_empty() {
            continue;
        }
        let used = survey.variables_of(place).into_iter().filter_map(|used| match &used.value.kind {
            ValueKind::Variable(name) => Some(name.as_str()),
            _ => None,
        });
        let used: HashSet<&str> = used.collect();
        for variable in &operation.variables {
            if !used.contains(variable.name.text.as_str()) {
                let name = operation.name.as_ref().map(|name| name.text.clone());
                let violation =
                    Violation::UnusedVariable { variable: variable.name.text.clone(), operation: name };
                report.push(definition.leave, violation, [variable.at]);
            }
        }
    }
}
