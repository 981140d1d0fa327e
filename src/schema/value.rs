//! Turns a default of the SDL into GraphQL's notation: coerced to its type first, as graphql-js's `printSchema` and the
//! introspection of its servers show it.

use super::{InputObject, ScalarKind, Schema, TypeKind, TypeRef};
use async_graphql_value::ConstValue;
use serde_json::Number;
use std::fmt::Write as _;

/// The value in GraphQL's notation.
pub(super) fn notation(schema: &Schema, ty: &TypeRef, value: &ConstValue) -> String {
    match (ty, value) {
        (TypeRef::NonNull(inner), _) => notation(schema, inner, value),
        (_, ConstValue::Null) => "null".to_owned(),
        (TypeRef::List(inner), ConstValue::List(items)) => list(schema, inner, items),
        // A value where a list is wanted is a list of one.
        (TypeRef::List(inner), _) => list(schema, inner, std::slice::from_ref(value)),
        (TypeRef::Named(id), _) => match (&schema.get(*id).kind, value) {
            (TypeKind::InputObject(input), ConstValue::Object(_)) => object(schema, input, value),
            (TypeKind::Scalar(scalar), _) => leaf(scalar.kind, value),
            _ => value.to_string(),
        },
    }
}

fn list(schema: &Schema, inner: &TypeRef, items: &[ConstValue]) -> String {
    let items: Vec<String> = items.iter().map(|item| notation(schema, inner, item)).collect();
    format!("[{}]", items.join(", "))
}

/// The fields in the order of the type, with the defaults of those that are not given.
fn object(schema: &Schema, input: &InputObject, value: &ConstValue) -> String {
    let given = |name: &str| match value {
        ConstValue::Object(fields) => fields.get(name),
        _ => None,
    };
    let fields = input.fields.iter().filter_map(|field| {
        let value = given(&field.name).or(field.default.as_ref())?;
        Some(format!("{}: {}", field.name, notation(schema, &field.ty, value)))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

fn leaf(kind: ScalarKind, value: &ConstValue) -> String {
    match value {
        // An ID that is written as a whole number is one, quoted or not.
        ConstValue::String(text) if kind == ScalarKind::Id && is_whole(text) => text.clone(),
        ConstValue::String(text) => quoted(text),
        ConstValue::Number(n) => number(n),
        other => other.to_string(),
    }
}

fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with(['0']))
        && !digits.is_empty()
}

/// A number as JavaScript writes it.
fn number(number: &Number) -> String {
    let Some(value) = number.as_f64().filter(|_| !number.is_i64() && !number.is_u64()) else {
        return number.to_string();
    };
    if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
        let text = format!("{value:e}");
        return if text.contains("e-") { text } else { text.replace('e', "e+") };
    }
    value.to_string()
}

/// Text as a string of GraphQL ([spec](https://spec.graphql.org/October2021/#sec-String-Value)).
pub(super) fn quoted(text: &str) -> String {
    let escaped = text.chars().fold(String::with_capacity(text.len() + 2), |mut escaped, c| {
        match c {
            '"' => escaped += "\\\"",
            '\\' => escaped += "\\\\",
            '\u{8}' => escaped += "\\b",
            '\t' => escaped += "\\t",
            '\n' => escaped += "\\n",
            '\u{c}' => escaped += "\\f",
            '\r' => escaped += "\\r",
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{:04X}", u32::from(c));
            }
            c => escaped.push(c),
        }
        escaped
    });
    format!("\"{escaped}\"")
}
