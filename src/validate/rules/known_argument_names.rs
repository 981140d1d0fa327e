//! A field or directive has the arguments that it is given
//! ([spec](https://spec.graphql.org/October2021/#sec-Argument-Names)).

use super::{Report, Survey};
use crate::schema::InputValue;
use crate::syntax::ast::Argument;
use crate::validate::Violation;
use crate::validate::survey::Step;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.arguments {
        let Some(field) = survey.fields.get(used.field) else { continue };
        if let (Some(parent), Some(definition)) = (field.parent, field.definition) {
            let owner = || format!("field \"{}.{}\"", survey.schema.get(parent).name, definition.name);
            argument(survey, report, used.step, used.argument, &definition.arguments, owner);
        }
    }
    for used in &survey.directives {
        let Some(definition) = used.definition else { continue };
        for given in &used.directive.arguments {
            let owner = || format!("directive \"@{}\"", definition.name);
            argument(survey, report, used.enter, given, &definition.arguments, owner);
        }
    }
}

fn argument(
    survey: &Survey<'_>,
    report: &mut Report,
    step: Step,
    given: &Argument,
    declared: &[InputValue],
    owner: impl Fn() -> String,
) {
    let name = &given.name;
    if report.is_full() || declared.iter().any(|declared| declared.name == name.text) {
        return;
    }
    let known = declared.iter().map(|declared| declared.name.as_str());
    let suggestion = survey.suggestion(&name.text, known);
    let violation = Violation::UnknownArgument { argument: name.text.clone(), owner: owner(), suggestion };
    report.push(step, violation, [name.at]);
}
