//! A directive stands at a place once, unless it may be repeated
//! ([spec](https://spec.graphql.org/October2021/#sec-Directives-Are-Unique-Per-Location)).

use super::{Report, Survey};
use crate::validate::Violation;
use std::collections::HashMap;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for site in &survey.sites {
        let mut first = HashMap::new();
        for directive in site.directives {
            let name = directive.name.text.as_str();
            if survey.schema.directive(name).is_none_or(|definition| definition.is_repeatable) {
                continue;
            }
            let earlier = *first.entry(name).or_insert(directive.at);
            if earlier != directive.at {
                let violation = Violation::RepeatedDirective(name.to_owned());
                report.push(site.step, violation, [earlier, directive.at]);
            }
        }
    }
}
