//! A directive exists, and may stand where it does
//! ([spec](https://spec.graphql.org/October2021/#sec-Directives-Are-Defined)).

use super::{Report, Survey};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.directives {
        let directive = used.directive.name.text.clone();
        match used.definition {
            None => report.push(used.enter, Violation::UnknownDirective(directive), [used.directive.at]),
            Some(definition) if !definition.locations.contains(&used.location) => {
                let violation = Violation::MisplacedDirective { directive, location: used.location };
                report.push(used.enter, violation, [used.directive.at]);
            }
            Some(_) => {}
        }
    }
}
