//! Turns a datum that PostgreSQL made into a function's result, untouched.

use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};

/// A result whose type `sql/functions.sql` declares: `json` or `jsonb`.
pub(super) struct Raw(pub(super) pg_sys::Datum);

// SAFETY: the datum is in the memory that the function was called in, and of the type that it is declared to return.
unsafe impl BoxRet for Raw {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: as above.
        unsafe { fcinfo.return_raw_datum(self.0) }
    }
}

// SAFETY: no SQL is generated for the functions that return it (`sql = false`), so nothing is mapped to it.
unsafe impl SqlTranslatable for Raw {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Raw);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("json"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> = Ok(ReturnsRef::One(SqlMappingRef::literal("json")));
}
