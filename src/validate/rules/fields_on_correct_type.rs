//! A type has the fields that are selected on it
//! ([spec](https://spec.graphql.org/October2021/#sec-Field-Selections)).

use super::{Report, Survey};
use crate::schema::{Schema, TypeDefinition, TypeId, TypeKind};
use crate::suggest::{did_you_mean, natural};
use crate::validate::Violation;
use std::collections::HashMap;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in survey.fields.iter().filter(|used| used.definition.is_none()) {
        if report.is_full() {
            return;
        }
        let Some(parent) = used.parent else { continue };
        let (ty, field) = (survey.schema.get(parent), &used.field.name.text);
        let suggestion = suggestion(survey, ty, field);
        let violation = Violation::UnknownField { field: field.clone(), ty: ty.name.clone(), suggestion };
        report.push(used.enter, violation, [used.field.at]);
    }
}

/// The types that have the field, where the parent is an interface or a union; or else fields of nearly that name.
fn suggestion(survey: &Survey<'_>, parent: &TypeDefinition, field: &str) -> String {
    if !survey.suggestions {
        return String::new();
    }
    let types = types_with(survey.schema, parent, field);
    if types.is_empty() {
        return survey.suggestion(field, parent.fields().iter().map(|field| field.name.as_str()));
    }
    did_you_mean("to use an inline fragment on", &types)
}

/// The objects of an abstract type that have the field, and their interfaces that have it: those that most of the
/// objects share come first.
fn types_with<'s>(schema: &'s Schema, parent: &TypeDefinition, field: &str) -> Vec<&'s str> {
    let mut counts: HashMap<TypeId, usize> = HashMap::new();
    let has = |id: &TypeId| schema.get(*id).field(field).is_some();
    for object in parent.possible.iter().filter(|id| has(id)) {
        counts.insert(*object, 1);
        for interface in schema.get(*object).interfaces().iter().filter(|id| has(id)) {
            *counts.entry(*interface).or_default() += 1;
        }
    }
    let mut found: Vec<_> = counts.into_iter().map(|(id, count)| (count, schema.get(id))).collect();
    found.sort_by(|(count, ty), (other_count, other)| {
        let is_object = |ty: &TypeDefinition| matches!(ty.kind, TypeKind::Object(_));
        other_count
            .cmp(count)
            .then_with(|| is_object(ty).cmp(&is_object(other)))
            .then_with(|| natural(&ty.name, &other.name))
    });
    found.into_iter().map(|(_, ty)| ty.name.as_str()).collect()
}
