//! Turns JSON and literals into the values of scalars
//! ([spec](https://spec.graphql.org/October2021/#sec-Scalars.Input-Coercion)).

use super::inspect::{inspect, number};
use super::{Input, Misfit};
use crate::error::printable;
use crate::schema::{ScalarKind, is_date_time};
use crate::syntax::Literal;
use crate::syntax::ast::{Hole, ValueKind};
use serde_json::{Map, Number, Value as Json};

/// A JSON value as one of the scalar of this kind and name.
pub(super) fn json(kind: ScalarKind, name: &str, value: &Json) -> Result<Input, Misfit> {
    match (kind, value) {
        (ScalarKind::Int, Json::Number(n)) if is_whole(n) => {
            int(n).map(Input::Int).ok_or_else(|| Misfit::IntRange(number(n)))
        }
        (ScalarKind::Int, _) => Err(Misfit::Int(inspect(value))),
        (ScalarKind::Float, Json::Number(n)) => {
            finite(n.as_f64()).ok_or_else(|| Misfit::Float(inspect(value)))
        }
        (ScalarKind::Float, _) => Err(Misfit::Float(inspect(value))),
        (ScalarKind::Boolean, Json::Bool(value)) => Ok(Input::Boolean(*value)),
        (ScalarKind::Boolean, _) => Err(Misfit::Boolean(inspect(value))),
        (ScalarKind::String | ScalarKind::Id, Json::String(text)) => Ok(Input::String(text.clone())),
        (ScalarKind::String, _) => Err(Misfit::String(inspect(value))),
        (ScalarKind::Id, Json::Number(n)) if is_whole(n) => Ok(Input::String(number(n))),
        (ScalarKind::Id, _) => Err(Misfit::Id(inspect(value))),
        (ScalarKind::DateTime, Json::String(text)) if is_date_time(text) => Ok(Input::String(text.clone())),
        (ScalarKind::DateTime, _) => Err(Misfit::DateTime { ty: name.to_owned(), value: inspect(value) }),
        (ScalarKind::Json, _) => Ok(Input::Json(value.clone())),
    }
}

/// A literal as a value of the scalar of this kind and name.
pub(super) fn literal(
    kind: ScalarKind,
    name: &str,
    value: &ValueKind,
    literals: &[Literal],
) -> Result<Input, Misfit> {
    let other = || Misfit::Kind(name.to_owned());
    match (kind, value) {
        (ScalarKind::Int, ValueKind::Int(hole)) => {
            let text = text(*hole, literals).ok_or_else(other)?;
            text.parse().map(Input::Int).map_err(|_| Misfit::IntRange(printable(text)))
        }
        (ScalarKind::Float, ValueKind::Int(hole) | ValueKind::Float(hole)) => {
            let text = text(*hole, literals).ok_or_else(other)?;
            finite(text.parse().ok()).ok_or_else(|| Misfit::Float(printable(text)))
        }
        (ScalarKind::Boolean, ValueKind::Boolean(value)) => Ok(Input::Boolean(*value)),
        (ScalarKind::String | ScalarKind::Id, ValueKind::String(hole))
        | (ScalarKind::Id, ValueKind::Int(hole)) => {
            text(*hole, literals).map(|text| Input::String(text.to_owned())).ok_or_else(other)
        }
        (ScalarKind::DateTime, ValueKind::String(hole)) => {
            let text = text(*hole, literals).ok_or_else(other)?;
            json(kind, name, &Json::String(text.to_owned()))
        }
        (ScalarKind::Json, _) => untyped(value, literals).map(Input::Json).ok_or_else(other),
        _ => Err(other()),
    }
}

/// A literal as JSON, whatever it is; `None` if a number in it is too large for a double.
fn untyped(value: &ValueKind, literals: &[Literal]) -> Option<Json> {
    Some(match value {
        ValueKind::Variable(_) => return None,
        ValueKind::Null => Json::Null,
        ValueKind::Boolean(value) => Json::Bool(*value),
        ValueKind::Enum(name) => Json::String(name.clone()),
        ValueKind::String(hole) => Json::String(text(*hole, literals)?.to_owned()),
        ValueKind::Int(hole) | ValueKind::Float(hole) => {
            let text = text(*hole, literals)?;
            let integer = text.parse::<i64>().ok().map(Number::from);
            Json::Number(integer.or_else(|| text.parse().ok().and_then(Number::from_f64))?)
        }
        ValueKind::List(items) => {
            Json::Array(items.iter().map(|item| untyped(&item.kind, literals)).collect::<Option<_>>()?)
        }
        ValueKind::Object(fields) => {
            let fields =
                fields.iter().map(|(name, value)| Some((name.text.clone(), untyped(&value.kind, literals)?)));
            Json::Object(fields.collect::<Option<Map<_, _>>>()?)
        }
    })
}

fn text(hole: Hole, literals: &[Literal]) -> Option<&str> {
    literals.get(hole.0 as usize).map(Literal::text)
}

/// Whether a number is an integer; `3.0` is one, as JSON knows no difference.
fn is_whole(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
}

/// A whole number of 32 bits.
fn int(number: &Number) -> Option<i32> {
    match number.as_i64() {
        Some(n) => i32::try_from(n).ok(),
        // Beyond 64 bits no double becomes a text that is one of 32.
        None => number.as_f64().and_then(|n| format!("{n:.0}").parse().ok()),
    }
}

fn finite(number: Option<f64>) -> Option<Input> {
    number.filter(|n| n.is_finite()).map(Input::Float)
}
