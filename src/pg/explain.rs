//! Turns a request that may run into its SQL, its parameters and its plans.

use super::statement::oid;
use super::{join, session, text};
use crate::plan::Bound;
use crate::resolve::Ready;
use crate::settings;
use crate::sql::Statement;
use pgrx::pg_sys;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::ffi::CString;

#[derive(Serialize)]
struct Explained<'a> {
    statements: Vec<Explanation<'a>>,
}

#[derive(Serialize)]
struct Explanation<'a> {
    sql: &'a str,
    parameters: Vec<Value>,
    plan: Box<RawValue>,
}

/// `{"statements": [{"sql", "parameters", "plan"}, …]}`, each plan as the session would run it: generic, under the caller's
/// row-level security. With `analyze` a query is run; a mutation never is.
pub(super) fn explain(ready: &Ready, analyze: bool) -> String {
    let analyze = analyze && !ready.program.serial;
    let statements = ready.program.statements().zip(&ready.values).map(|(prepared, values)| {
        let plan = plan(&prepared.statement, values, analyze);
        Explanation {
            sql: &prepared.statement.text,
            parameters: values.iter().map(shown).collect(),
            plan: plan.and_then(|plan| RawValue::from_string(plan).ok()).unwrap_or_default(),
        }
    });
    serde_json::to_string(&Explained { statements: statements.collect() }).unwrap_or_default()
}

/// `EXPLAIN` knows generic plans of prepared statements only, so the statement is prepared once more under a name.
fn plan(statement: &Statement, values: &[Bound], analyze: bool) -> Option<String> {
    session::force_generic_plan();
    forget();
    let types: Vec<String> = statement.parameters.iter().map(|parameter| type_name(oid(parameter))).collect();
    let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
    let values: Vec<String> = values.iter().map(literal).collect();
    let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    utility(&format!("PREPARE saas_blog_explain{types} AS {}", statement.text));
    let analyze = if analyze { "ANALYZE, BUFFERS, " } else { "" };
    let explain = format!("EXPLAIN ({analyze}VERBOSE, FORMAT JSON) EXECUTE saas_blog_explain{values}");
    let plan = join::bounded(settings::limits().answer_bytes, || utility(&explain));
    forget();
    plan
}

/// Prepared statements outlive an error's rollback, so the name may be taken from before.
fn forget() {
    // SAFETY: the name ends in NUL; a statement that is not there is no error.
    unsafe { pg_sys::DropPreparedStatement(c"saas_blog_explain".as_ptr(), false) }
}

/// Runs a utility command and gives the text of its first row, if it has any.
fn utility(command: &str) -> Option<String> {
    let command = CString::new(command).ok()?;
    // SAFETY: SPI is connected; the tuple is read before the next command replaces it.
    unsafe {
        pg_sys::SPI_execute(command.as_ptr(), false, 1);
        let table = pg_sys::SPI_tuptable.as_ref().filter(|_| pg_sys::SPI_processed > 0)?;
        let mut is_null = false;
        let datum = pg_sys::SPI_getbinval(*table.vals, table.tupdesc, 1, &raw mut is_null);
        text::string(datum, is_null)
    }
}

fn type_name(oid: pg_sys::Oid) -> String {
    // SAFETY: the type exists; its name is a string in the current memory.
    unsafe { std::ffi::CStr::from_ptr(pg_sys::format_type_be(oid)).to_string_lossy().into_owned() }
}

/// A value as EXECUTE takes it.
fn literal(value: &Bound) -> String {
    match shown(value) {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => match CString::new(text) {
            // SAFETY: the string ends in NUL, and the copy with its quotes is in the current memory.
            Ok(text) => unsafe {
                let quoted = pg_sys::quote_literal_cstr(text.as_ptr());
                std::ffi::CStr::from_ptr(quoted).to_string_lossy().into_owned()
            },
            Err(_) => "NULL".to_owned(),
        },
        other => other.to_string(),
    }
}

/// A value for people.
fn shown(value: &Bound) -> Value {
    match value {
        Bound::Given => Value::Null,
        Bound::Bigint(number) => (*number).into(),
        Bound::Uuid(id) => id.map(|id| uuid::Uuid::from_bytes(id).to_string()).into(),
        Bound::Boolean(value) => (*value).into(),
        Bound::Text(text) => text.as_str().into(),
        Bound::Timestamptz(time) => {
            // SAFETY: the time was checked to be within PostgreSQL's range; the string is static.
            let text = unsafe { std::ffi::CStr::from_ptr(pg_sys::timestamptz_to_str(*time)) };
            text.to_string_lossy().into_owned().into()
        }
    }
}
