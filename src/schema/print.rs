//! Turns a [`Schema`] into the public SDL: no binding directive, no built-in scalar.
//!
//! The layout is that of graphql-js's `printSchema`, so that the two can be compared byte for byte.

use super::{Argument, Field, Schema, TypeDefinition, TypeKind};
use std::fmt::Write as _;

const BUILT_IN: [&str; 5] = ["ID", "String", "Boolean", "Int", "Float"];

/// The public SDL of a schema.
#[must_use]
pub fn print(schema: &Schema) -> String {
    let types = schema.types().map(|(_, ty)| ty).filter(|ty| !BUILT_IN.contains(&ty.name.as_str()));
    let definitions: Vec<String> = types.map(|ty| type_definition(schema, ty)).collect();
    definitions.join("\n\n")
}

fn type_definition(schema: &Schema, ty: &TypeDefinition) -> String {
    let head = description(ty.description.as_deref(), "");
    let name = &ty.name;
    match &ty.kind {
        TypeKind::Scalar => format!("{head}scalar {name}"),
        TypeKind::Enum(values) => {
            let mut lines = String::new();
            for value in values {
                let _ =
                    writeln!(lines, "{}  {}", description(value.description.as_deref(), "  "), value.name);
            }
            format!("{head}enum {name} {{\n{lines}}}")
        }
        TypeKind::Interface(interface) => {
            format!("{head}interface {name} {{\n{}}}", fields(schema, interface))
        }
        TypeKind::Object(object) => {
            let interfaces: Vec<&str> =
                object.interfaces.iter().map(|id| schema.get(*id).name.as_str()).collect();
            let implements = if interfaces.is_empty() {
                String::new()
            } else {
                format!(" implements {}", interfaces.join(" & "))
            };
            format!("{head}type {name}{implements} {{\n{}}}", fields(schema, &object.fields))
        }
    }
}

fn fields(schema: &Schema, fields: &[Field]) -> String {
    let mut text = String::new();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 && field.description.is_some() {
            text.push('\n');
        }
        text += &description(field.description.as_deref(), "  ");
        let arguments = arguments(schema, &field.arguments);
        let _ = writeln!(text, "  {}{arguments}: {}", field.name, schema.display(&field.ty));
    }
    text
}

fn arguments(schema: &Schema, arguments: &[Argument]) -> String {
    if arguments.is_empty() {
        return String::new();
    }
    let one = |argument: &Argument| {
        let default = argument.default.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
        format!("{}: {}{default}", argument.name, schema.display(&argument.ty))
    };
    if arguments.iter().all(|argument| argument.description.is_none()) {
        let list: Vec<String> = arguments.iter().map(one).collect();
        return format!("({})", list.join(", "));
    }
    let mut text = String::from("(\n");
    for (at, argument) in arguments.iter().enumerate() {
        if at > 0 && argument.description.is_some() {
            text.push('\n');
        }
        text += &description(argument.description.as_deref(), "    ");
        let _ = writeln!(text, "    {}", one(argument));
    }
    text + "  )"
}

/// The description as a block string of its own lines, with the line's indent.
fn description(text: Option<&str>, indent: &str) -> String {
    let Some(text) = text else { return String::new() };
    let lines: String =
        text.lines().map(|line| format!("{indent}{line}\n").replace(&format!("{indent}\n"), "\n")).collect();
    if text.contains('\n') || text.len() > 70 {
        format!("{indent}\"\"\"\n{lines}{indent}\"\"\"\n")
    } else {
        format!("{indent}\"\"\"{text}\"\"\"\n")
    }
}
