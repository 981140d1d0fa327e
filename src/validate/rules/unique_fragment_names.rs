//! Fragments have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragment-Name-Uniqueness)).

use super::{Report, Survey, second};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let fragments = survey.definitions.iter().filter_map(|definition| match definition.kind {
        DefinitionKind::Fragment(fragment) => Some((definition.enter, &fragment.name)),
        DefinitionKind::Operation(..) => None,
    });
    let fragments: Vec<_> = fragments.collect();
    for [first, other] in second(fragments.iter().map(|(_, name)| *name)) {
        let step = fragments.iter().find(|(_, name)| name.at == other.at).map_or(0, |(step, _)| *step);
        report.push(step, Violation::DuplicateFragment(other.text.clone()), [first.at, other.at]);
    }
}
