//! Turns the client's variables into coerced values
//! ([spec](https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values)).

use super::{Executable, Variable};
use crate::error::{Error, Fault, InputError};
use crate::schema::{Schema, TypeKind, TypeRef};
use crate::syntax::Literal;
use crate::syntax::ast::{Hole, Value, ValueKind};
use serde_json::Value as Json;

/// A value that fits its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Null, where the type admits it.
    Null,
    /// `Int`
    Int(i32),
    /// `Float`
    Float(f64),
    /// `Boolean`
    Boolean(bool),
    /// `String`, `ID`, an enum's name, or the text of a custom scalar.
    String(String),
    /// A list.
    List(Vec<Input>),
}

/// The values of one request: its variables in the order of their definitions, and its literals.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The variables; `None` for one that is not given and has no default.
    pub variables: Vec<Option<Input>>,
    /// The document's literals, which its holes number.
    pub literals: &'a [Literal],
}

/// What a variable's value changes in the compiled statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Not given.
    Absent,
    /// Given as null.
    Null,
    /// Given: its value is a parameter.
    Given,
    /// The value of a variable that a `@skip` or `@include` reads.
    Switch(bool),
}

impl Inputs<'_> {
    /// The states of all variables: requests of one shape and equal states share a statement.
    #[must_use]
    pub fn states(&self, executable: &Executable) -> Vec<State> {
        self.variables
            .iter()
            .zip(&executable.variables)
            .map(|(input, variable)| state(input.as_ref(), variable))
            .collect()
    }
}

fn state(input: Option<&Input>, variable: &Variable) -> State {
    match input {
        None => State::Absent,
        Some(Input::Null) => State::Null,
        Some(Input::Boolean(value)) if variable.switch => State::Switch(*value),
        Some(_) => State::Given,
    }
}

/// The request's variables, each coerced to its type.
///
/// # Errors
/// One for each variable that is missing or does not fit.
pub fn coerce<'a>(
    schema: &Schema,
    executable: &Executable,
    given: &serde_json::Map<String, Json>,
    literals: &'a [Literal],
) -> Result<Inputs<'a>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut variables = Vec::with_capacity(executable.variables.len());
    for variable in &executable.variables {
        match coerce_variable(schema, variable, given.get(&variable.name), literals) {
            Ok(input) => variables.push(input),
            Err(error) => faults.push(Fault::at(Error::Input(error), variable.at)),
        }
    }
    if faults.is_empty() { Ok(Inputs { variables, literals }) } else { Err(faults) }
}

fn coerce_variable(
    schema: &Schema,
    variable: &Variable,
    given: Option<&Json>,
    literals: &[Literal],
) -> Result<Option<Input>, InputError> {
    let ty = || schema.display(&variable.ty).to_string();
    let missing = || InputError::MissingVariable { variable: variable.name.clone(), ty: ty() };
    match (given, &variable.default) {
        (None, Some(default)) => {
            literal(schema, &variable.ty, default, literals).map(Some).ok_or_else(|| InputError::Variable {
                variable: variable.name.clone(),
                place: variable.name.clone(),
                ty: ty(),
            })
        }
        (None | Some(Json::Null), _) if variable.ty.is_non_null() => Err(missing()),
        (None, None) => Ok(None),
        (Some(value), _) => {
            let mut place = vec![variable.name.clone()];
            json(schema, &variable.ty, value, &mut place).map(Some).map_err(|wanted| InputError::Variable {
                variable: variable.name.clone(),
                place: place.concat(),
                ty: wanted,
            })
        }
    }
}

/// A JSON value as a value of the type; fails with the name of the type that it does not fit.
fn json(schema: &Schema, ty: &TypeRef, value: &Json, place: &mut Vec<String>) -> Result<Input, String> {
    let wrong = || schema.display(ty).to_string();
    match (ty, value) {
        (TypeRef::NonNull(_), Json::Null) => Err(wrong()),
        (TypeRef::NonNull(inner), _) => json(schema, inner, value, place),
        (_, Json::Null) => Ok(Input::Null),
        (TypeRef::List(inner), Json::Array(items)) => {
            let items = items.iter().enumerate().map(|(at, item)| {
                place.push(format!("[{at}]"));
                let item = json(schema, inner, item, place)?;
                place.pop();
                Ok(item)
            });
            items.collect::<Result<_, _>>().map(Input::List)
        }
        // A value where a list is wanted is a list of one (spec 3.11).
        (TypeRef::List(inner), _) => json(schema, inner, value, place).map(|item| Input::List(vec![item])),
        (TypeRef::Named(id), _) => {
            let definition = schema.get(*id);
            match &definition.kind {
                TypeKind::Enum(values) => value
                    .as_str()
                    .filter(|name| values.iter().any(|known| known.name == **name))
                    .map(|name| Input::String(name.to_owned())),
                _ => scalar(&definition.name, value),
            }
            .ok_or_else(wrong)
        }
    }
}

/// [Input coercion of scalars](https://spec.graphql.org/October2021/#sec-Scalars).
fn scalar(name: &str, value: &Json) -> Option<Input> {
    match (name, value) {
        ("Int", Json::Number(number)) => integer(number).map(Input::Int),
        ("Float", Json::Number(number)) => number.as_f64().map(Input::Float),
        ("Boolean", Json::Bool(value)) => Some(Input::Boolean(*value)),
        ("Int" | "Float" | "Boolean", _) => None,
        (_, Json::String(text)) => Some(Input::String(text.clone())),
        ("ID", Json::Number(number)) => {
            number.as_i64().map(|id| id.to_string()).or_else(|| whole(number)).map(Input::String)
        }
        _ => None,
    }
}

/// An integer of 32 bits; `3.0` is one too, as JSON knows no difference.
fn integer(number: &serde_json::Number) -> Option<i32> {
    number.as_i64().and_then(|n| i32::try_from(n).ok()).or_else(|| whole(number)?.parse().ok())
}

fn whole(number: &serde_json::Number) -> Option<String> {
    number.as_f64().filter(|n| n.fract() == 0.0).map(|n| format!("{n:.0}"))
}

/// A default's value; validation has made sure that it fits its type.
fn literal(schema: &Schema, ty: &TypeRef, value: &Value, literals: &[Literal]) -> Option<Input> {
    match (ty, &value.kind) {
        (TypeRef::NonNull(inner), _) => literal(schema, inner, value, literals),
        (_, ValueKind::Null) => Some(Input::Null),
        (TypeRef::List(inner), ValueKind::List(items)) => items
            .iter()
            .map(|item| literal(schema, inner, item, literals))
            .collect::<Option<_>>()
            .map(Input::List),
        (TypeRef::List(inner), _) => {
            literal(schema, inner, value, literals).map(|item| Input::List(vec![item]))
        }
        (TypeRef::Named(id), _) => leaf(&schema.get(*id).name, &value.kind, literals),
    }
}

/// A literal as a value of the scalar; `None` where it does not fit.
#[must_use]
pub fn leaf(scalar: &str, value: &ValueKind, literals: &[Literal]) -> Option<Input> {
    let text = |hole: &Hole| literals.get(hole.0 as usize).map(|literal| literal.text().to_owned());
    match (scalar, value) {
        ("Int", ValueKind::Int(hole)) => text(hole)?.parse().ok().map(Input::Int),
        ("Float", ValueKind::Int(hole) | ValueKind::Float(hole)) => {
            text(hole)?.parse().ok().filter(|n: &f64| n.is_finite()).map(Input::Float)
        }
        ("Boolean", ValueKind::Boolean(value)) => Some(Input::Boolean(*value)),
        ("Int" | "Float" | "Boolean", _) => None,
        (_, ValueKind::String(hole)) | ("ID", ValueKind::Int(hole)) => text(hole).map(Input::String),
        (_, ValueKind::Enum(name)) => Some(Input::String(name.clone())),
        _ => None,
    }
}
