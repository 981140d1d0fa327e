//! A variable stands where its type may
//! ([spec](https://spec.graphql.org/October2021/#sec-All-Variable-Usages-Are-Allowed)).

use super::{Report, Survey};
use crate::schema::{TypeKind, TypeRef};
use crate::syntax::ast::{OperationDefinition, ValueKind, VariableDefinition};
use crate::validate::Violation;
use crate::validate::survey::{DefinitionKind, Step, ValueUse};
use std::collections::HashMap;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for (place, definition) in survey.definitions.iter().enumerate() {
        let DefinitionKind::Operation(operation, types) = definition.kind else { continue };
        let defined = defined(operation, types);
        for used in survey.variables_of(place) {
            let ValueKind::Variable(name) = &used.value.kind else { continue };
            let Some((variable, ty)) = defined.get(name.as_str()) else { continue };
            position(survey, report, definition.leave, variable, ty, used);
        }
        if report.is_full() {
            return;
        }
    }
}

type Defined<'a> = HashMap<&'a str, (&'a VariableDefinition, &'a TypeRef)>;

/// The variables whose types exist. Of several with one name it is the last.
fn defined<'a>(operation: &'a OperationDefinition, types: &'a [Option<TypeRef>]) -> Defined<'a> {
    let variables = operation.variables.iter().zip(types);
    variables
        .filter_map(|(variable, ty)| Some((variable.name.text.as_str(), (variable, ty.as_ref()?))))
        .collect()
}

fn position(
    survey: &Survey<'_>,
    report: &mut Report,
    step: Step,
    variable: &VariableDefinition,
    ty: &TypeRef,
    used: &ValueUse<'_>,
) {
    let Some(wanted) = used.ty else { return };
    let at = [variable.at, used.value.at];
    let (name, found) = (&variable.name.text, || survey.schema.display(ty).to_string());
    if !allowed(survey, variable, ty, wanted, used.has_default) {
        let wanted = survey.schema.display(wanted).to_string();
        let violation = Violation::VariablePosition { variable: name.clone(), found: found(), wanted };
        report.push(step, violation, at);
    }
    // graphql-js does not look through a non-null around the object.
    if let Some(TypeRef::Named(around)) = used.around {
        let around = survey.schema.get(*around);
        if matches!(&around.kind, TypeKind::InputObject(object) if object.one_of) && !ty.is_non_null() {
            let violation = Violation::NullableInOneOf {
                variable: name.clone(),
                found: found(),
                ty: around.name.clone(),
            };
            report.push(step, violation, at);
        }
    }
}

/// [IsVariableUsageAllowed](https://spec.graphql.org/October2021/#IsVariableUsageAllowed()): a default keeps null away
/// from a place that does not take it.
fn allowed(
    survey: &Survey<'_>,
    variable: &VariableDefinition,
    ty: &TypeRef,
    wanted: &TypeRef,
    has_default: bool,
) -> bool {
    if wanted.is_non_null() && !ty.is_non_null() {
        let not_null = variable.default.as_ref().is_some_and(|default| default.kind != ValueKind::Null);
        return (not_null || has_default) && survey.schema.is_subtype(ty, wanted.nullable());
    }
    survey.schema.is_subtype(ty, wanted)
}
