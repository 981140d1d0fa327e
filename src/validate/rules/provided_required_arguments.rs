//! A field or directive is given the arguments that it needs
//! ([spec](https://spec.graphql.org/October2021/#sec-Required-Arguments)).

use super::{Report, Survey};
use crate::schema::InputValue;
use crate::syntax::At;
use crate::syntax::ast::Argument;
use crate::validate::Violation;
use crate::validate::survey::Step;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.fields {
        let Some(definition) = used.definition else { continue };
        let owner = format!("Field \"{}\"", definition.name);
        let missing = Missing { survey, step: used.leave, owner, at: used.field.at };
        missing.check(&definition.arguments, &used.field.arguments, report);
    }
    for used in &survey.directives {
        let Some(definition) = used.definition else { continue };
        let owner = format!("Directive \"@{}\"", definition.name);
        let missing = Missing { survey, step: used.leave, owner, at: used.directive.at };
        missing.check(&definition.arguments, &used.directive.arguments, report);
    }
}

struct Missing<'a, 's> {
    survey: &'s Survey<'a>,
    step: Step,
    owner: String,
    at: At,
}

impl Missing<'_, '_> {
    fn check(&self, declared: &[InputValue], given: &[Argument], report: &mut Report) {
        for declared in declared.iter().filter(|declared| declared.is_required()) {
            if given.iter().all(|argument| argument.name.text != declared.name) {
                let violation = Violation::MissingArgument {
                    owner: self.owner.clone(),
                    argument: declared.name.clone(),
                    ty: self.survey.schema.display(&declared.ty).to_string(),
                };
                report.push(self.step, violation, [self.at]);
            }
        }
    }
}
