//! Leaves have no selection set, and everything else has one
//! ([spec](https://spec.graphql.org/October2021/#sec-Leaf-Field-Selections)).

use super::{Report, Survey};
use crate::validate::Violation;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.fields {
        let Some(definition) = used.definition else { continue };
        let field = used.field.name.text.clone();
        let ty = || survey.schema.display(&definition.ty).to_string();
        match (survey.schema.get(definition.ty.named()).is_leaf(), &used.field.braces) {
            (true, Some(braces)) => {
                report.push(used.enter, Violation::SelectionOnLeaf { field, ty: ty() }, [*braces]);
            }
            (false, None) => {
                report.push(used.enter, Violation::MissingSelection { field, ty: ty() }, [used.field.at]);
            }
            _ => {}
        }
    }
}
