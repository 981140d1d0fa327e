//! Turns SQL text into a kept plan, and that with its values into one row.

use super::receiver::{self, Row};
use super::text;
use crate::plan::{Bound, Parameter};
use crate::schema::Identifier;
use crate::sql::Statement;
use pgrx::pg_sys;
use std::cell::{Cell, OnceCell};
use std::ffi::CString;

/// A compiled statement with its plan.
pub(crate) struct Prepared {
    pub(crate) statement: Statement,
    kept: OnceCell<Kept>,
}

impl Prepared {
    /// A statement that PostgreSQL does not know yet.
    pub(crate) fn new(statement: Statement) -> Self {
        Self { statement, kept: OnceCell::new() }
    }

    /// Whether the types that the plan was prepared with are still there: a table that was dropped and made again has a new
    /// one.
    pub(crate) fn is_current(&self) -> bool {
        self.kept.get().is_none_or(|kept| {
            let written = |parameter: &Parameter| matches!(parameter, Parameter::Written(_));
            let pairs = self.statement.parameters.iter().zip(&kept.types);
            pairs.filter(|(parameter, _)| written(parameter)).all(|(parameter, ty)| oid(parameter) == *ty)
        })
    }

    /// Prepares the statement as the current role when it first runs: by then its limits are checked.
    pub(super) fn kept(&self) -> &Kept {
        self.kept.get_or_init(|| {
            let types: Vec<pg_sys::Oid> = self.statement.parameters.iter().map(oid).collect();
            Kept::prepare(&self.statement.text, &types)
        })
    }
}

/// A statement that this session has planned. Dropping it frees the plan.
pub(super) struct Kept {
    plan: pg_sys::SPIPlanPtr,
    types: Vec<pg_sys::Oid>,
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
            Self { plan, types }
        }
    }

    /// Runs the statement in the active snapshot; a function that it calls may write. `written` is the value of
    /// [`Bound::Given`]. Its first row, if it has any, is copied to the memory.
    pub(super) fn run(
        &self,
        values: &[Bound],
        written: Option<pg_sys::Datum>,
        memory: pg_sys::MemoryContext,
    ) -> Option<Row> {
        receiver::first_row(memory, |destination| {
            let options = pg_sys::SPIExecuteOptions {
                params: self.parameters(values, written),
                read_only: true,
                tcount: 1,
                dest: destination,
                ..pg_sys::SPIExecuteOptions::default()
            };
            // SAFETY: there is a value for each parameter of the plan, of the type that it was prepared with.
            unsafe { pg_sys::SPI_execute_plan_extended(self.plan, &raw const options) };
        })
    }

    fn parameters(&self, values: &[Bound], written: Option<pg_sys::Datum>) -> pg_sys::ParamListInfo {
        let count = i32::try_from(values.len()).unwrap_or(0);
        // SAFETY: the list is made with room for as many values as are then written.
        unsafe {
            let list = pg_sys::makeParamList(count);
            let places = (*list).params.as_mut_slice(values.len());
            for ((place, value), ptype) in places.iter_mut().zip(values).zip(&self.types) {
                let (value, isnull) = datum(value, written);
                let pflags = pg_sys::PARAM_FLAG_CONST.try_into().unwrap_or(0);
                *place = pg_sys::ParamExternData { value, isnull, pflags, ptype: *ptype };
            }
            list
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

/// A statement of the extension itself: planned at its first use, kept to the session's end.
pub(super) struct Own {
    text: &'static str,
    types: &'static [pg_sys::Oid],
    kept: Cell<Option<&'static Kept>>,
}

impl Own {
    pub(super) const fn new(text: &'static str, types: &'static [pg_sys::Oid]) -> Self {
        Self { text, types, kept: Cell::new(None) }
    }

    /// As [`Kept::run`].
    pub(super) fn run(&self, values: &[Bound], memory: pg_sys::MemoryContext) -> Option<Row> {
        let kept = self.kept.get().unwrap_or_else(|| {
            let kept: &'static Kept = Box::leak(Box::new(Kept::prepare(self.text, self.types)));
            self.kept.set(Some(kept));
            kept
        });
        kept.run(values, None, memory)
    }
}

/// The SQL type of a parameter.
pub(super) fn oid(parameter: &Parameter) -> pg_sys::Oid {
    match parameter {
        Parameter::TenantKey | Parameter::UserKey | Parameter::PageSize(_) | Parameter::Event => {
            pg_sys::INT8OID
        }
        Parameter::Written(table) => row_type(table),
        Parameter::Uuid(_) | Parameter::CursorId(_) => pg_sys::UUIDOID,
        Parameter::Boolean(_) => pg_sys::BOOLOID,
        Parameter::Text(_) | Parameter::Introspection(_) => pg_sys::TEXTOID,
        Parameter::CursorTime(_) => pg_sys::TIMESTAMPTZOID,
    }
}

/// The type of a table's rows.
fn row_type(table: &Identifier) -> pg_sys::Oid {
    let table = CString::new(table.as_str()).unwrap_or_default();
    // SAFETY: the names end in NUL; one that is not there gives an invalid type, which the statement is refused for.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"saas_blog".as_ptr(), false);
        pg_sys::get_rel_type_id(pg_sys::get_relname_relid(table.as_ptr(), schema))
    }
}

/// A value in the current memory context, and whether it is null.
fn datum(value: &Bound, written: Option<pg_sys::Datum>) -> (pg_sys::Datum, bool) {
    let datum = match value {
        Bound::Given => return (written.unwrap_or(pg_sys::Datum::null()), written.is_none()),
        Bound::Bigint(None) | Bound::Uuid(None) => return (pg_sys::Datum::null(), true),
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
    };
    (datum, false)
}
