//! Turns SQL text into a kept plan, and that with its values into one row.

use super::text;
use crate::plan::{Bound, Parameter};
use crate::sql::Statement;
use pgrx::pg_sys;
use std::ffi::CString;

/// A compiled statement with its plan.
pub(crate) struct Prepared {
    pub(crate) statement: Statement,
    pub(super) kept: Kept,
}

impl Prepared {
    /// Prepares a statement as the current role.
    pub(crate) fn new(statement: Statement) -> Self {
        let types: Vec<pg_sys::Oid> = statement.parameters.iter().map(oid).collect();
        let kept = Kept::prepare(&statement.text, &types);
        Self { statement, kept }
    }
}

/// A statement that this session has planned. Dropping it frees the plan.
pub(super) struct Kept {
    plan: pg_sys::SPIPlanPtr,
}

/// The first row of a result, in the memory of the SPI connection.
pub(super) struct Row {
    tuple: pg_sys::HeapTuple,
    columns: pg_sys::TupleDesc,
}

impl Kept {
    /// Prepares a statement with one generic plan, which is made when it first runs and again when what it reads
    /// changes.
    pub(super) fn prepare(text: &str, types: &[pg_sys::Oid]) -> Self {
        let text = CString::new(text).unwrap_or_default();
        let mut types = types.to_vec();
        let count = i32::try_from(types.len()).unwrap_or(0);
        let options = i32::try_from(pg_sys::CURSOR_OPT_GENERIC_PLAN).unwrap_or(0);
        // SAFETY: SPI is connected (`session::guarded`); the text and the types outlive the call, which copies them.
        unsafe {
            let plan = pg_sys::SPI_prepare_cursor(text.as_ptr(), count, types.as_mut_ptr(), options);
            pg_sys::SPI_keepplan(plan);
            Self { plan }
        }
    }

    /// Runs the statement read-only in the active snapshot.
    pub(super) fn run(&self, values: &[Bound]) -> Option<Row> {
        let mut data: Vec<pg_sys::Datum> = values.iter().map(datum).collect();
        let nulls: Vec<std::ffi::c_char> = values.iter().map(null).collect();
        // SAFETY: there is a value for each parameter of the plan, of the type that it was prepared with.
        unsafe {
            pg_sys::SPI_execute_plan(self.plan, data.as_mut_ptr(), nulls.as_ptr(), true, 1);
            let table = pg_sys::SPI_tuptable.as_ref().filter(|_| pg_sys::SPI_processed > 0)?;
            Some(Row { tuple: *table.vals, columns: table.tupdesc })
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // SAFETY: the plan is this value's alone, and nothing runs it while it is dropped.
        unsafe {
            pg_sys::SPI_freeplan(self.plan);
        }
    }
}

impl Row {
    /// The value of a column, counted from 1, and whether it is null.
    pub(super) fn value(&self, column: i32) -> (pg_sys::Datum, bool) {
        let mut is_null = false;
        // SAFETY: the tuple and its descriptor belong together; SPI keeps both until it is disconnected.
        let datum =
            unsafe { pg_sys::SPI_getbinval(self.tuple, self.columns, column, &raw mut is_null) };
        (datum, is_null)
    }

    /// A column of type `text`.
    pub(super) fn text(&self, column: i32) -> Option<String> {
        let (datum, is_null) = self.value(column);
        // SAFETY: the statements of this crate select text in the columns that are read with this.
        unsafe { text::string(datum, is_null) }
    }

    /// A column of type `bigint`.
    pub(super) fn bigint(&self, column: i32) -> Option<i64> {
        let (datum, is_null) = self.value(column);
        (!is_null).then(|| datum.value().cast_signed() as i64)
    }

    /// A column of type `boolean`.
    pub(super) fn boolean(&self, column: i32) -> bool {
        let (datum, is_null) = self.value(column);
        !is_null && datum.value() != 0
    }
}

/// The SQL type of a parameter.
pub(super) fn oid(parameter: &Parameter) -> pg_sys::Oid {
    match parameter {
        Parameter::TenantKey | Parameter::UserKey | Parameter::PageSize(_) => pg_sys::INT8OID,
        Parameter::Uuid(_) | Parameter::CursorId(_) => pg_sys::UUIDOID,
        Parameter::Boolean(_) => pg_sys::BOOLOID,
        Parameter::Text(_) => pg_sys::TEXTOID,
        Parameter::CursorTime(_) => pg_sys::TIMESTAMPTZOID,
    }
}

fn datum(value: &Bound) -> pg_sys::Datum {
    match value {
        Bound::Bigint(None) | Bound::Uuid(None) => pg_sys::Datum::null(),
        Bound::Bigint(Some(number)) | Bound::Timestamptz(number) => pg_sys::Datum::from(*number),
        Bound::Boolean(value) => pg_sys::Datum::from(*value),
        Bound::Text(text) => text::datum(text),
        Bound::Uuid(Some(id)) => {
            // SAFETY: 16 bytes are allocated in the current memory context and all of them written.
            unsafe {
                let copy = pg_sys::palloc(id.len()).cast::<u8>();
                copy.copy_from_nonoverlapping(id.as_ptr(), id.len());
                pg_sys::Datum::from(copy)
            }
        }
    }
}

/// What `SPI_execute_plan` calls a null.
fn null(value: &Bound) -> std::ffi::c_char {
    let is_null = matches!(value, Bound::Bigint(None) | Bound::Uuid(None));
    std::ffi::c_char::try_from(if is_null { b'n' } else { b' ' }).unwrap_or_default()
}
