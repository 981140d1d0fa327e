//! A type that is named exists
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragment-Spread-Type-Existence)).

use super::{Report, Survey};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for (step, name) in &survey.type_names {
        if report.is_full() {
            return;
        }
        if survey.schema.named(&name.text).is_none() {
            let known = survey.schema.types().map(|(_, ty)| ty.name.as_str());
            let suggestion = survey.suggestion(&name.text, known);
            report.push(*step, Violation::UnknownType(name.text.clone(), suggestion), [name.at]);
        }
    }
}
