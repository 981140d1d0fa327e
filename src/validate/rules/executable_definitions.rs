//! A request defines operations and fragments only
//! ([spec](https://spec.graphql.org/October2021/#sec-Executable-Definitions)).

use super::{Report, Survey};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for definition in &survey.document.type_system {
        let name = definition.name.as_ref().map_or("schema".to_owned(), |name| format!("\"{name}\""));
        report.push(0, Violation::NotExecutable(name), [definition.at]);
    }
}
