//! A variable is of a type that values can be written of
//! ([spec](https://spec.graphql.org/October2021/#sec-Variables-Are-Input-Types)).

use super::{Report, Survey};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for definition in &survey.definitions {
        let DefinitionKind::Operation(operation, types) = definition.kind else { continue };
        for ((variable, ty), step) in operation.variables.iter().zip(types).zip(&definition.variables) {
            let Some(ty) = ty.as_ref().filter(|ty| !survey.schema.get(ty.named()).is_input()) else {
                continue;
            };
            let violation = Violation::NoInputType {
                variable: variable.name.text.clone(),
                ty: survey.schema.display(ty).to_string(),
            };
            report.push(*step, violation, [variable.ty.at()]);
        }
    }
}
