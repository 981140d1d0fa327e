//! Turns a JSON value into what an error shows of it, as graphql-js' `inspect` does.

use serde_json::{Number, Value as Json};
use std::fmt::{Error, Result, Write};

/// How many characters are shown.
const MOST: usize = 200;
/// How many items of an array are shown.
const MOST_ITEMS: usize = 10;
/// How many arrays and objects inside each other are shown.
const MOST_DEPTH: usize = 2;

/// The value for people: keys without quotes, long arrays and what is deep left out, and what is long cut.
///
/// graphql-js cuts no string and prints no control character of a key as an escape; we do.
pub(super) fn inspect(value: &Json) -> String {
    let mut short = Short { text: String::new(), left: MOST };
    if print(&mut short, value, 0).is_err() {
        short.text.push_str("...");
    }
    short.text
}

/// A number as JavaScript prints it; an integer keeps all of its digits.
pub(super) fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => float(value),
        _ => number.to_string(),
    }
}

/// [`Number::toString`](https://tc39.es/ecma262/#sec-numeric-types-number-tostring)
fn float(value: f64) -> String {
    let size = value.abs();
    if size >= 1e21 || (size > 0.0 && size < 1e-6) {
        let text = format!("{value:e}");
        return if text.contains("e-") { text } else { text.replace('e', "e+") };
    }
    // There is no minus in front of zero.
    (value + 0.0).to_string()
}

/// A text that refuses to grow too long.
struct Short {
    text: String,
    left: usize,
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> Result {
        self.left = self.left.checked_sub(1).ok_or(Error)?;
        self.text.push(c);
        Ok(())
    }
}

fn print(out: &mut Short, value: &Json, depth: usize) -> Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Bool(value) => write!(out, "{value}"),
        Json::Number(value) => out.write_str(&number(value)),
        Json::String(text) => string(out, text),
        Json::Array(items) if items.is_empty() => out.write_str("[]"),
        Json::Object(fields) if fields.is_empty() => out.write_str("{}"),
        Json::Array(_) if depth >= MOST_DEPTH => out.write_str("[Array]"),
        Json::Object(_) if depth >= MOST_DEPTH => out.write_str("[Object]"),
        Json::Array(items) => array(out, items, depth),
        Json::Object(fields) => {
            for (at, (key, value)) in fields.iter().enumerate() {
                out.write_str(if at == 0 { "{ " } else { ", " })?;
                key.chars()
                    .try_for_each(|c| if c.is_control() { escape(out, c) } else { out.write_char(c) })?;
                out.write_str(": ")?;
                print(out, value, depth + 1)?;
            }
            out.write_str(" }")
        }
    }
}

fn array(out: &mut Short, items: &[Json], depth: usize) -> Result {
    for (at, item) in items.iter().take(MOST_ITEMS).enumerate() {
        out.write_str(if at == 0 { "[" } else { ", " })?;
        print(out, item, depth + 1)?;
    }
    match items.len().saturating_sub(MOST_ITEMS) {
        0 => {}
        1 => out.write_str(", ... 1 more item")?,
        more => write!(out, ", ... {more} more items")?,
    }
    out.write_char(']')
}

fn string(out: &mut Short, text: &str) -> Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            c if c.is_control() => escape(out, c)?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// A control character as JSON writes it.
fn escape(out: &mut Short, c: char) -> Result {
    match c {
        '\u{8}' => out.write_str("\\b"),
        '\t' => out.write_str("\\t"),
        '\n' => out.write_str("\\n"),
        '\u{c}' => out.write_str("\\f"),
        '\r' => out.write_str("\\r"),
        c => write!(out, "\\u{:04x}", u32::from(c)),
    }
}
