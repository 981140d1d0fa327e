//! A statement's parameters and checks as comments for people.

use std::fmt::Write as _;

use saas_blog::operation::Source;
use saas_blog::plan::{Argument, Bound, Load, PageSize, Parameter};
use saas_blog::syntax::ast::ValueKind;
use uuid::Uuid;

use super::Compiled;
use super::common::sql::{broken, joined};

/// Each statement, with a line a parameter and its value; then a line a check.
pub(crate) fn printed(compiled: &Compiled) -> String {
    let mut notes = String::new();
    let program = &compiled.program;
    let values = compiled.values.as_ref().expect("golden requests are good");
    for (number, (statement, values)) in program.statements().zip(values).enumerate() {
        let lines = broken(&statement.text);
        assert_eq!(joined(&lines), statement.text);
        write!(notes, "{}{lines};\n\n", if number > 0 { "\n" } else { "" }).unwrap();
        for (at, (parameter, value)) in statement.parameters.iter().zip(values).enumerate() {
            writeln!(notes, "-- ${} {}: {}", at + 1, described(parameter), bound(value)).unwrap();
        }
    }
    let checks = &program.checks;
    for tenant in &checks.tenants {
        writeln!(notes, "-- check: {} names the caller's tenant", argument(tenant)).unwrap();
    }
    for cursor in &checks.cursors {
        writeln!(notes, "-- check: {} is a cursor of list {}", argument(&cursor.argument), hex(cursor.tag))
            .unwrap();
    }
    for (number, gap) in program.gaps.iter().enumerate() {
        writeln!(notes, "-- gap {number}: {} Step {} is null then.", gap.error, gap.depth).unwrap();
    }
    writeln!(notes, "-- expected bytes: {}", load(&checks.load)).unwrap();
    notes
}

fn described(parameter: &Parameter) -> String {
    match parameter {
        Parameter::TenantKey => "the tenant's key".to_owned(),
        Parameter::UserKey => "the caller's key".to_owned(),
        Parameter::Written(table) => format!("the row of {} that was written", table.as_str()),
        Parameter::Event => "the key of the row that the event is about".to_owned(),
        Parameter::Uuid(given) | Parameter::Boolean(given) | Parameter::Text(given) => argument(given),
        Parameter::PageSize(size) => page_size(size),
        Parameter::CursorTime(cursor) => format!("time of {}", argument(&cursor.argument)),
        Parameter::CursorId(cursor) => format!("id of {}", argument(&cursor.argument)),
        Parameter::Introspection(asked) => {
            let of = asked.name.as_ref().map_or_else(|| asked.key.clone(), argument);
            format!("what the schema says of {of}")
        }
    }
}

/// The field with its argument, such as `posts(first: literal 0)`.
fn argument(argument: &Argument) -> String {
    let source = match &argument.source {
        Source::Variable(place) => format!("variable {place}"),
        Source::Literal(ValueKind::Int(hole) | ValueKind::Float(hole) | ValueKind::String(hole)) => {
            format!("literal {}", hole.0)
        }
        Source::Literal(value) => format!("{value:?}"),
        Source::Default(value) => format!("default {value:?}"),
    };
    format!("{}({}: {source})", argument.path.join("."), argument.name)
}

fn page_size(size: &PageSize) -> String {
    size.0.as_ref().map_or_else(|| "default page size".to_owned(), argument)
}

fn bound(value: &Bound) -> String {
    match value {
        Bound::Bigint(Some(number)) => format!("bigint {number}"),
        Bound::Bigint(None) => "bigint null".to_owned(),
        Bound::Uuid(Some(bytes)) => format!("uuid {}", Uuid::from_bytes(*bytes)),
        Bound::Uuid(None) => "uuid null".to_owned(),
        Bound::Boolean(value) => format!("boolean {value}"),
        Bound::Timestamptz(microseconds) => format!("timestamptz 2000-01-01 + {microseconds} µs"),
        Bound::Text(text) => format!("text {text:?}"),
        Bound::Given => "what the statement before has given".to_owned(),
    }
}

fn hex([a, b, c]: [u8; 3]) -> String {
    format!("{a:02x}{b:02x}{c:02x}")
}

/// `50 + posts(first: literal 0) × (100)`
fn load(of: &Load) -> String {
    let lists = of.lists.iter().map(|(size, inner)| format!(" + [{}] × ({})", page_size(size), load(inner)));
    format!("{}{}", of.bytes, lists.collect::<String>())
}
