//! The rules about [values](https://spec.graphql.org/October2021/#sec-Values) and the places of
//! [variables](https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed).

use super::Faults;
use crate::error::Violation;
use crate::schema::{Schema, TypeKind, TypeRef};
use crate::syntax::ast::{Value, ValueKind};
use std::collections::HashMap;

/// A variable's type, and whether it has a default that is not null.
pub(super) struct Declared {
    pub(super) ty: TypeRef,
    pub(super) has_default: bool,
}

/// The value fits the type: its kind, that is; how large a number may be is looked at when it is used.
pub(super) fn value(
    schema: &Schema,
    ty: &TypeRef,
    value: &Value,
    variables: &HashMap<&str, Declared>,
    faults: &mut Faults,
) {
    let mut wrong = |found: &str| {
        let violation = Violation::WrongType { ty: schema.display(ty).to_string(), found: found.to_owned() };
        faults.push(violation, value.at);
    };
    match (ty, &value.kind) {
        (_, ValueKind::Variable(name)) => variable(schema, ty, name, value, variables, faults),
        (TypeRef::NonNull(_), ValueKind::Null) => wrong("null"),
        (_, ValueKind::Null) => {}
        (TypeRef::List(inner), ValueKind::List(items)) => {
            for item in items {
                self::value(schema, inner, item, variables, faults);
            }
        }
        (TypeRef::NonNull(inner) | TypeRef::List(inner), _) => {
            self::value(schema, inner, value, variables, faults);
        }
        (TypeRef::Named(id), kind) => {
            let definition = schema.get(*id);
            let fits = match &definition.kind {
                TypeKind::Enum(values) => {
                    matches!(kind, ValueKind::Enum(name) if values.iter().any(|v| v.name == *name))
                }
                _ => fits_scalar(&definition.name, kind),
            };
            if !fits {
                wrong(name(kind));
            }
        }
    }
}

fn fits_scalar(scalar: &str, kind: &ValueKind) -> bool {
    match scalar {
        "Int" => matches!(kind, ValueKind::Int(_)),
        "Float" => matches!(kind, ValueKind::Int(_) | ValueKind::Float(_)),
        "Boolean" => matches!(kind, ValueKind::Boolean(_)),
        "ID" => matches!(kind, ValueKind::String(_) | ValueKind::Int(_)),
        _ => matches!(kind, ValueKind::String(_)),
    }
}

fn variable(
    schema: &Schema,
    wanted: &TypeRef,
    name: &str,
    value: &Value,
    variables: &HashMap<&str, Declared>,
    faults: &mut Faults,
) {
    let Some(declared) = variables.get(name) else {
        faults.push(Violation::UndefinedVariable(name.to_owned()), value.at);
        return;
    };
    let allowed = match wanted {
        // A default keeps null away from a place that does not take it.
        TypeRef::NonNull(inner) if declared.has_default => {
            is_subtype(&declared.ty, inner) || is_subtype(&declared.ty, wanted)
        }
        _ => is_subtype(&declared.ty, wanted),
    };
    if !allowed {
        let violation = Violation::VariablePosition {
            variable: name.to_owned(),
            found: schema.display(&declared.ty).to_string(),
            wanted: schema.display(wanted).to_string(),
        };
        faults.push(violation, value.at);
    }
}

/// Whether every value of `ty` is one of `wanted`.
fn is_subtype(ty: &TypeRef, wanted: &TypeRef) -> bool {
    match (ty, wanted) {
        (TypeRef::NonNull(ty), TypeRef::NonNull(wanted)) | (TypeRef::List(ty), TypeRef::List(wanted)) => {
            is_subtype(ty, wanted)
        }
        (TypeRef::NonNull(ty), wanted) => is_subtype(ty, wanted),
        (TypeRef::Named(ty), TypeRef::Named(wanted)) => ty == wanted,
        _ => false,
    }
}

fn name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Variable(_) => "a variable",
        ValueKind::Int(_) => "an integer",
        ValueKind::Float(_) => "a float",
        ValueKind::String(_) => "a string",
        ValueKind::Boolean(_) => "a boolean",
        ValueKind::Null => "null",
        ValueKind::Enum(_) => "an enum value",
        ValueKind::List(_) => "a list",
        ValueKind::Object(_) => "an object",
    }
}
