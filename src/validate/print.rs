//! Turns a value of the document into text as graphql-js prints it, for the sentence that refuses it.

use crate::syntax::Literal;
use crate::syntax::ast::{Value, ValueKind};
use std::fmt::Write;

/// What is longer is cut: a sentence is for people.
const MOST_BYTES: usize = 1_000;

/// The value in GraphQL's notation; control characters other than those of lines and columns as `\u0007`.
pub(super) fn printed(value: &Value, literals: &[Literal]) -> String {
    let mut text = String::new();
    print(value, literals, &mut text);
    if text.len() > MOST_BYTES {
        let end = (0..=MOST_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    if !text.contains(is_harmful) {
        return text;
    }
    text.chars().fold(String::with_capacity(text.len()), |mut quoted, character| {
        if is_harmful(character) {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "\\u{:04X}", u32::from(character));
        } else {
            quoted.push(character);
        }
        quoted
    })
}

/// Whether a terminal or a log may take the character for a command.
fn is_harmful(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

fn print(value: &Value, literals: &[Literal], text: &mut String) {
    if text.len() > MOST_BYTES {
        return;
    }
    match &value.kind {
        ValueKind::Variable(name) => {
            text.push('$');
            text.push_str(name);
        }
        ValueKind::Int(hole) | ValueKind::Float(hole) | ValueKind::String(hole) => {
            match literals.get(hole.0 as usize) {
                Some(Literal::Int(number) | Literal::Float(number)) => text.push_str(number),
                // A string of GraphQL is written as one of JSON.
                Some(Literal::BlockString(string)) => block_string(string, text),
                Some(Literal::String(string)) => {
                    text.push_str(&serde_json::Value::from(string.as_str()).to_string());
                }
                None => {}
            }
        }
        ValueKind::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        ValueKind::Null => text.push_str("null"),
        ValueKind::Enum(name) => text.push_str(name),
        ValueKind::List(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                print(item, literals, text);
            }
            text.push(']');
        }
        ValueKind::Object(fields) => {
            text.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                text.push_str(&name.text);
                text.push_str(": ");
                print(value, literals, text);
            }
            text.push('}');
        }
    }
}

/// A block string on lines of its own where the specification's indentation rules would change it otherwise.
fn block_string(value: &str, text: &mut String) {
    let is_space = |character: Option<char>| matches!(character, Some(' ' | '\t'));
    let lines: Vec<&str> = value.split('\n').collect();
    let single = lines.len() == 1;
    let leading =
        !single && lines.iter().skip(1).all(|line| line.is_empty() || is_space(line.chars().next()));
    let closes_early = value.ends_with('"') && !value.ends_with("\"\"\"") || value.ends_with('\\');
    let on_lines = !single || value.len() > 70 || closes_early || leading || value.ends_with("\"\"\"");
    text.push_str("\"\"\"");
    if on_lines && !(single && is_space(value.chars().next())) || leading {
        text.push('\n');
    }
    text.push_str(&value.replace("\"\"\"", "\\\"\"\""));
    if on_lines || closes_early {
        text.push('\n');
    }
    text.push_str("\"\"\"");
}

#[cfg(test)]
mod tests {
    use super::printed;
    use crate::syntax::ast::{Hole, Value, ValueKind};
    use crate::syntax::{At, Literal};

    #[test]
    fn control_characters_of_strings_are_not_repeated() {
        let value = Value { at: At(0), kind: ValueKind::String(Hole(0)) };
        let text = "\u{1b}[31m\u{7f}\u{9b}é\t";
        let printed = |literal| printed(&value, &[literal]);
        assert_eq!(
            printed(Literal::BlockString(text.to_owned())),
            "\"\"\"\\u001B[31m\\u007F\\u009Bé\t\"\"\""
        );
        assert_eq!(printed(Literal::String(text.to_owned())), "\"\\u001b[31m\\u007F\\u009Bé\\t\"");
    }
}
