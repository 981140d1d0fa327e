//! Turns literals, those of a request and the defaults of the SDL, into an [`Input`]. Validation has made sure of their
//! kinds, so that what is left to fail is what fills their holes: the size of a number, the form of a date.

use super::{Input, Misfit, scalar};
use crate::schema::{InputObject, InputValue, Schema, TypeKind, TypeRef};
use crate::syntax::ast::{Hole, Name, Value, ValueKind};
use crate::syntax::{At, Literal};
use async_graphql_value::ConstValue;

/// The place of what stands in no request, or of which nobody is told.
const NOWHERE: At = At(0);

/// A literal as a value of the type.
///
/// # Errors
/// What does not fit, and where it stands.
pub(super) fn coerce(
    schema: &Schema,
    ty: &TypeRef,
    value: &Value,
    literals: &[Literal],
) -> Result<Input, (Misfit, At)> {
    let wrong = |misfit| (misfit, value.at);
    match (ty, &value.kind) {
        (TypeRef::NonNull(_), ValueKind::Null) => Err(wrong(Misfit::Null(schema.display(ty).to_string()))),
        (TypeRef::NonNull(inner), _) => coerce(schema, inner, value, literals),
        (_, ValueKind::Null) => Ok(Input::Null),
        (TypeRef::List(inner), ValueKind::List(items)) => items
            .iter()
            .map(|item| coerce(schema, inner, item, literals))
            .collect::<Result<_, _>>()
            .map(Input::List),
        (TypeRef::List(inner), _) => {
            coerce(schema, inner, value, literals).map(|item| Input::List(vec![item]))
        }
        (TypeRef::Named(id), kind) => {
            let definition = schema.get(*id);
            match (&definition.kind, kind) {
                (TypeKind::Scalar(scalar), _) => {
                    scalar::literal(scalar.kind, &definition.name, kind, literals).map_err(wrong)
                }
                (TypeKind::Enum(names), ValueKind::Enum(name)) if names.iter().any(|n| n.name == *name) => {
                    Ok(Input::String(name.clone()))
                }
                (TypeKind::InputObject(object), ValueKind::Object(given)) => {
                    fields(schema, object, given, literals)?
                        .ok_or_else(|| wrong(Misfit::Kind(definition.name.clone())))
                }
                _ => Err(wrong(Misfit::Kind(definition.name.clone()))),
            }
        }
    }
}

/// The fields that are given or have a default; `None` where a required one is missing or a `@oneOf` is not kept.
fn fields(
    schema: &Schema,
    object: &InputObject,
    given: &[(Name, Value)],
    literals: &[Literal],
) -> Result<Option<Input>, (Misfit, At)> {
    let mut fields = Vec::with_capacity(object.fields.len());
    for field in &object.fields {
        let value = given.iter().find(|(name, _)| name.text == field.name);
        let input = match value {
            Some((_, value)) => Some(coerce(schema, &field.ty, value, literals)?),
            None if field.is_required() => return Ok(None),
            None => default(schema, field),
        };
        fields.extend(input.map(|input| (field.name.clone(), input)));
    }
    let one = || matches!(fields.as_slice(), [(_, input)] if *input != Input::Null);
    Ok((!object.one_of || one()).then_some(Input::Object(fields)))
}

/// What an argument or a field of an input object is when it is omitted, with the defaults of its own fields. `None`
/// where the SDL has no default, or one that does not fit.
pub(in crate::operation) fn default(schema: &Schema, of: &InputValue) -> Option<Input> {
    let mut literals = Vec::new();
    let value = value(of.default.as_ref()?, &mut literals)?;
    coerce(schema, &of.ty, &value, &literals).ok()
}

/// A constant of the SDL as a literal of a request.
fn value(constant: &ConstValue, literals: &mut Vec<Literal>) -> Option<Value> {
    let mut hole = |literal: Literal| {
        literals.push(literal);
        u32::try_from(literals.len() - 1).ok().map(Hole)
    };
    let kind = match constant {
        ConstValue::Null => ValueKind::Null,
        ConstValue::Number(number) if number.is_f64() => {
            ValueKind::Float(hole(Literal::Float(number.to_string()))?)
        }
        ConstValue::Number(number) => ValueKind::Int(hole(Literal::Int(number.to_string()))?),
        ConstValue::String(text) => ValueKind::String(hole(Literal::String(text.clone()))?),
        ConstValue::Boolean(value) => ValueKind::Boolean(*value),
        ConstValue::Binary(_) => return None,
        ConstValue::Enum(name) => ValueKind::Enum(name.to_string()),
        ConstValue::List(items) => {
            ValueKind::List(items.iter().map(|item| value(item, literals)).collect::<Option<_>>()?)
        }
        ConstValue::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| {
                Some((Name { text: name.to_string(), at: NOWHERE }, value(field, literals)?))
            });
            ValueKind::Object(fields.collect::<Option<_>>()?)
        }
    };
    Some(Value { at: NOWHERE, kind })
}

/// A literal without variables as a value of the type; `None` where it does not fit.
#[must_use]
pub fn literal(schema: &Schema, ty: &TypeRef, kind: &ValueKind, literals: &[Literal]) -> Option<Input> {
    coerce(schema, ty, &Value { at: NOWHERE, kind: kind.clone() }, literals).ok()
}

#[cfg(test)]
mod tests {
    use super::default;
    use crate::schema::{BLOG, InputValue, Schema, TypeKind, load};

    fn of_types(schema: &Schema) -> impl Iterator<Item = &InputValue> {
        schema.types().flat_map(|(_, definition)| {
            let given: &[InputValue] = match &definition.kind {
                TypeKind::InputObject(object) => &object.fields,
                _ => &[],
            };
            given.iter().chain(definition.fields().iter().flat_map(|field| &field.arguments))
        })
    }

    /// One that does not fit would be no default at all.
    #[test]
    fn the_defaults_of_the_sdl_fit() -> Result<(), crate::schema::SchemaError> {
        let schema = load(BLOG)?;
        let of_directives = schema.directives.iter().flat_map(|directive| &directive.arguments);
        let with_default = of_types(&schema).chain(of_directives).filter(|value| value.default.is_some());
        let mut count = 0;
        for value in with_default {
            assert!(default(&schema, value).is_some(), "{}: {:?}", value.name, value.default);
            count += 1;
        }
        assert!(count > 0, "no default at all");
        Ok(())
    }
}
