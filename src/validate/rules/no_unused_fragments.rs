//! Every fragment is spread by an operation, directly or by way of others
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragments-Must-Be-Used)).

use super::{Report, Survey};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;
use std::collections::HashSet;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let operations = survey.definitions.iter().enumerate();
    let operations = operations.filter(|(_, found)| matches!(found.kind, DefinitionKind::Operation(..)));
    let reached = survey.reached(operations.map(|(at, _)| at));
    let name = |at: &usize| match survey.definitions.get(*at)?.kind {
        DefinitionKind::Fragment(fragment) => Some(fragment.name.text.as_str()),
        DefinitionKind::Operation(..) => None,
    };
    let used: HashSet<&str> = reached.iter().filter_map(name).collect();
    for definition in &survey.definitions {
        let DefinitionKind::Fragment(fragment) = definition.kind else { continue };
        if !used.contains(fragment.name.text.as_str()) {
            let violation = Violation::UnusedFragment(fragment.name.text.clone());
            report.push(survey.end, violation, [fragment.at]);
        }
    }
}
