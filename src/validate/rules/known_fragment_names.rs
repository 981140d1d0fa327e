//! A fragment that is spread exists
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragment-Spread-Target-Defined)).

use super::{Report, Survey};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.spreads {
        let name = &used.spread.name;
        if !survey.fragments.contains_key(name.text.as_str()) {
            report.push(used.step, Violation::UnknownFragment(name.text.clone()), [name.at]);
        }
    }
}
