//! The arguments of a field or directive have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Argument-Uniqueness)).

use super::{Report, Survey, repeated};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let fields = survey.fields.iter().map(|used| (used.enter, &used.field.arguments));
    let directives = survey.directives.iter().map(|used| (used.enter, &used.directive.arguments));
    for (step, arguments) in fields.chain(directives) {
        for names in repeated(arguments.iter().map(|argument| &argument.name)) {
            let name = names.first().map_or_else(String::new, |name| name.text.clone());
            report.push(step, Violation::DuplicateArgument(name), names.iter().map(|name| name.at));
        }
    }
}
