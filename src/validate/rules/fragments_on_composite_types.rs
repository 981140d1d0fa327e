//! A fragment stands on a type that has fields
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragments-On-Composite-Types)).

use super::{Report, Survey};
use crate::syntax::ast::Name;
use crate::validate::Violation;
use crate::validate::survey::{DefinitionKind, Step};
use crate::validate::violation::Spread;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for inline in &survey.inline_fragments {
        if let Some(condition) = &inline.inline.type_condition {
            fragment(survey, report, inline.step, None, condition);
        }
    }
    for definition in &survey.definitions {
        if let DefinitionKind::Fragment(found) = definition.kind {
            fragment(survey, report, definition.enter, Some(&found.name.text), &found.type_condition);
        }
    }
}

fn fragment(survey: &Survey<'_>, report: &mut Report, step: Step, name: Option<&str>, condition: &Name) {
    if survey.schema.named(&condition.text).is_some_and(|id| !survey.schema.get(id).is_composite()) {
        let violation =
            Violation::FragmentOnLeaf { name: Spread(name.map(str::to_owned)), ty: condition.text.clone() };
        report.push(step, violation, [condition.at]);
    }
}
