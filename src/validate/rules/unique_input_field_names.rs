//! The fields of an input object have names of their own
//! ([spec](https://spec.graphql.org/October2021/#sec-Input-Object-Field-Uniqueness)).

use super::{Report, Survey};
use crate::syntax::ast::ValueKind;
use crate::validate::Violation;
use crate::validate::survey::ValueUse;
use std::collections::HashMap;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for (place, used) in survey.values.iter().enumerate() {
        if matches!(used.value.kind, ValueKind::Object(_)) {
            object(survey, report, place + 1, used);
        }
    }
}

/// Looks at the fields of an object, the first of which is at this place.
fn object(survey: &Survey<'_>, report: &mut Report, mut place: usize, object: &ValueUse<'_>) {
    let mut first = HashMap::new();
    while let Some(used) = survey.values.get(place).filter(|_| place < object.end) {
        place = used.end;
        let Some(key) = used.key else { continue };
        let earlier = *first.entry(key.text.as_str()).or_insert(key.at);
        if earlier != key.at {
            report.push(used.step, Violation::DuplicateInputField(key.text.clone()), [earlier, key.at]);
        }
    }
}
