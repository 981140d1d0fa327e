//! Turns a [`Schema`] into the public SDL: no binding directive, no built-in scalar.
//!
//! The layout is that of graphql-js's `printSchema`, so that the two can be compared byte for byte.

use super::value::{notation, quoted};
use super::{DirectiveDefinition, Field, InputValue, Schema, TypeDefinition, TypeId, TypeKind};
use std::fmt::Write as _;

const BUILT_IN_SCALARS: [&str; 5] = ["ID", "String", "Boolean", "Int", "Float"];
const BUILT_IN_DIRECTIVES: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];
/// The reason of a `@deprecated` that gives none.
const NO_REASON: &str = "No longer supported";

/// The public SDL of a schema.
#[must_use]
pub fn print(schema: &Schema) -> String {
    let own_directives =
        schema.directives.iter().filter(|directive| !BUILT_IN_DIRECTIVES.contains(&directive.name.as_str()));
    let directives = own_directives.map(|directive| directive_definition(schema, directive));
    let own_types = schema
        .types()
        .map(|(_, ty)| ty)
        .filter(|ty| !ty.name.starts_with("__") && !BUILT_IN_SCALARS.contains(&ty.name.as_str()));
    let types = own_types.map(|ty| type_definition(schema, ty));
    directives.chain(types).collect::<Vec<_>>().join("\n\n")
}

fn directive_definition(schema: &Schema, directive: &DirectiveDefinition) -> String {
    let head = description(directive.description.as_deref(), "");
    let arguments = arguments(schema, &directive.arguments, "");
    let repeatable = if directive.is_repeatable { " repeatable" } else { "" };
    format!(
        "{head}directive @{}{arguments}{repeatable} on {}",
        directive.name,
        directive.locations.join(" | ")
    )
}

fn type_definition(schema: &Schema, ty: &TypeDefinition) -> String {
    let head = description(ty.description.as_deref(), "");
    let name = &ty.name;
    match &ty.kind {
        TypeKind::Scalar(scalar) => {
            let url = scalar.specified_by.as_deref().map(quoted);
            let specified_by = url.map_or_else(String::new, |url| format!(" @specifiedBy(url: {url})"));
            format!("{head}scalar {name}{specified_by}")
        }
        TypeKind::Enum(values) => {
            let values = values.iter().map(|value| {
                let line = format!("{}{}", value.name, deprecated(value.deprecated.as_deref()));
                (value.description.as_deref(), line)
            });
            format!("{head}enum {name} {{\n{}}}", lines(values, "  "))
        }
        TypeKind::Interface(interface) => {
            let fields = fields(schema, &interface.fields);
            format!(
                "{head}interface {name}{} {{\n{fields}}}",
                names(schema, " implements ", " & ", ty.interfaces())
            )
        }
        TypeKind::Object(object) => {
            let fields = fields(schema, &object.fields);
            format!(
                "{head}type {name}{} {{\n{fields}}}",
                names(schema, " implements ", " & ", ty.interfaces())
            )
        }
        TypeKind::Union(members) => format!("{head}union {name}{}", names(schema, " = ", " | ", members)),
        TypeKind::InputObject(input) => {
            let one_of = if input.one_of { " @oneOf" } else { "" };
            let fields = input.fields.iter();
            let fields = fields.map(|field| (field.description.as_deref(), input_value(schema, field)));
            format!("{head}input {name}{one_of} {{\n{}}}", lines(fields, "  "))
        }
    }
}

/// The names of types behind `start`; nothing where there are none.
fn names(schema: &Schema, start: &str, separator: &str, types: &[TypeId]) -> String {
    let names: Vec<&str> = types.iter().map(|id| schema.get(*id).name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("{start}{}", names.join(separator)) }
}

fn fields(schema: &Schema, fields: &[Field]) -> String {
    let fields = fields.iter().map(|field| {
        let (name, arguments) = (&field.name, arguments(schema, &field.arguments, "  "));
        let deprecated = deprecated(field.deprecated.as_deref());
        let line = format!("{name}{arguments}: {}{deprecated}", schema.display(&field.ty));
        (field.description.as_deref(), line)
    });
    lines(fields, "  ")
}

fn arguments(schema: &Schema, arguments: &[InputValue], indent: &str) -> String {
    if arguments.is_empty() {
        return String::new();
    }
    if arguments.iter().all(|argument| argument.description.is_none()) {
        let list: Vec<String> = arguments.iter().map(|argument| input_value(schema, argument)).collect();
        return format!("({})", list.join(", "));
    }
    let arguments =
        arguments.iter().map(|argument| (argument.description.as_deref(), input_value(schema, argument)));
    format!("(\n{}{indent})", lines(arguments, &format!("{indent}  ")))
}

fn input_value(schema: &Schema, value: &InputValue) -> String {
    let default = value.default.as_ref().map(|default| notation(schema, &value.ty, default));
    let default = default.map_or_else(String::new, |default| format!(" = {default}"));
    let deprecated = deprecated(value.deprecated.as_deref());
    format!("{}: {}{default}{deprecated}", value.name, schema.display(&value.ty))
}

fn deprecated(reason: Option<&str>) -> String {
    match reason {
        None => String::new(),
        Some(NO_REASON) => " @deprecated".to_owned(),
        Some(reason) => format!(" @deprecated(reason: {})", quoted(reason)),
    }
}

/// A line for each item with its description above it, and an empty line before a description.
fn lines<'a>(items: impl Iterator<Item = (Option<&'a str>, String)>, indent: &str) -> String {
    items.enumerate().fold(String::new(), |mut text, (at, (words, line))| {
        if at > 0 && words.is_some() {
            text.push('\n');
        }
        text += &description(words, indent);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{indent}{line}");
        text
    })
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
