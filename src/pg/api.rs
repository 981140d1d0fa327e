//! Turns the calls of `graphql.*` into answers. The SQL that declares them is `sql/functions.sql`.

use super::jsonb::Variables;
use super::raw::Raw;
use super::session::current_memory;
use super::{explain, join, log, session, text};
use crate::auth::MAX_TOKEN_BYTES;
use crate::error::{Error, Failure};
use crate::limits::within;
use crate::resolve::{self, Request};
use crate::{response, schema, settings};
use pgrx::pg_sys;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::prelude::*;

/// `VARHDRSZ`: what `toast_raw_datum_size` counts on top of a value's bytes.
const VARLENA_HEADER: u64 = 4;

#[pg_extern(sql = false)]
fn resolve(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    let answer = answer(|| {
        let json = run(&request(fcinfo)?, memory)?;
        Ok(to_jsonb(json, memory))
    });
    Raw(answer.unwrap_or_else(|failures| to_jsonb(text::datum(&failed(&failures)), memory)))
}

#[pg_extern(sql = false)]
fn execute(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    Raw(answer(|| run(&request(fcinfo)?, memory)).unwrap_or_else(|failures| text::datum(&failed(&failures))))
}

#[pg_extern(sql = false)]
fn explain(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    let answer = answer(|| {
        let ready = resolve::prepare(&request(fcinfo)?)?;
        // SAFETY: the fifth argument is a boolean.
        let analyze = unsafe { pgrx::fcinfo::pg_getarg::<bool>(fcinfo, 4) }.unwrap_or(false);
        let explained = explain::explain(&ready, analyze);
        Ok(in_memory(memory, || text::datum(&explained)))
    });
    Raw(answer.unwrap_or_else(|failures| text::datum(&failed(&failures))))
}

#[pg_extern(sql = false)]
fn schema() -> String {
    resolve::schema().map(schema::print).unwrap_or_default()
}

/// The request that the first four arguments are. Sizes are looked at before anything is copied.
fn request(fcinfo: pg_sys::FunctionCallInfo) -> Result<Request, Vec<Failure>> {
    // SAFETY: sql/functions.sql declares them as text, jsonb, text, text; none is strict.
    unsafe {
        let argument = |place| pgrx::fcinfo::pg_getarg_datum(fcinfo, place);
        let bytes = |datum: Option<pg_sys::Datum>| datum.map_or(0, |datum| size(datum));
        let text_of = |datum: Option<pg_sys::Datum>| datum.and_then(|datum| text::string(datum, false));
        let (query, jwt) = (argument(0), argument(2));
        let most = settings::limits().query_bytes;
        within("max_query_bytes", bytes(query), most).map_err(|error| vec![Failure::from(error)])?;
        if bytes(jwt) > MAX_TOKEN_BYTES as u64 {
            return Err(vec![Error::Unauthenticated.into()]);
        }
        Ok(Request {
            query: text_of(query),
            variables: Variables(argument(1)),
            jwt: text_of(jwt),
            operation_name: text_of(argument(3)),
        })
    }
}

/// Runs the request's statement; its answer is in the memory of the caller, where nothing frees it too early.
fn run(request: &Request, memory: pg_sys::MemoryContext) -> Result<pg_sys::Datum, Vec<Failure>> {
    let ready = resolve::prepare(request)?;
    let most = settings::limits().answer_bytes;
    let row = join::bounded(most, || ready.prepared.kept().run(&ready.values, memory));
    let (json, is_null) = row.map_or((pg_sys::Datum::null(), true), |row| row.value(1));
    if is_null {
        return Err(vec![internal("the statement has no row").into()]);
    }
    // SAFETY: the statement gives one text.
    let bytes = unsafe { size(json) };
    within("max_answer_bytes", bytes, most).map_err(|error| vec![Failure::from(error)])?;
    Ok(json)
}

/// The bytes of a value, which is left where it is.
///
/// # Safety
/// `datum` is a `text` or another value of variable length.
unsafe fn size(datum: pg_sys::Datum) -> u64 {
    // SAFETY: the caller gives a varlena, whose header says it.
    (unsafe { pg_sys::toast_raw_datum_size(datum) } as u64).saturating_sub(VARLENA_HEADER)
}

/// What the work answers, or why it has no answer. Raises only what the caller must see as an error of SQL.
fn answer<R>(work: impl FnOnce() -> Result<R, Vec<Failure>>) -> Result<R, Vec<Failure>> {
    session::guarded(work).unwrap_or_else(|cause| Err(vec![caught(cause).into()]))
}

/// A caught error as one of ours; raises it again if it is none of the request's.
fn caught(cause: Box<CaughtError>) -> Error {
    let report = match &*cause {
        CaughtError::PostgresError(report)
        | CaughtError::ErrorReport(report)
        | CaughtError::RustPanic { ereport: report, .. } => report,
    };
    let code = report.sql_error_code();
    if raises(code) {
        cause.rethrow()
    }
    let limits = settings::limits();
    match code {
        PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED => {
            Error::Limit { limit: "max_answer_bytes", value: limits.answer_bytes }
        }
        PgSqlErrorCode::ERRCODE_STATEMENT_TOO_COMPLEX => {
            Error::Limit { limit: "max_fields", value: limits.fields }
        }
        _ => internal(report.message()),
    }
}

/// Cancel and shutdown, resource exhaustion, and what a caller repeats (40001, 40P01) stay errors of SQL.
fn raises(code: PgSqlErrorCode) -> bool {
    matches!(
        code,
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED
            | PgSqlErrorCode::ERRCODE_ADMIN_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_CRASH_SHUTDOWN
            | PgSqlErrorCode::ERRCODE_CANNOT_CONNECT_NOW
            | PgSqlErrorCode::ERRCODE_DATABASE_DROPPED
            | PgSqlErrorCode::ERRCODE_INSUFFICIENT_RESOURCES
            | PgSqlErrorCode::ERRCODE_DISK_FULL
            | PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY
            | PgSqlErrorCode::ERRCODE_TOO_MANY_CONNECTIONS
            | PgSqlErrorCode::ERRCODE_CONFIGURATION_LIMIT_EXCEEDED
            | PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE
            | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED
    )
}

/// Logs the cause and masks it: the client has an id, which the log has too.
fn internal(cause: &str) -> Error {
    let id = uuid::Uuid::from_u128(u128::from(pgrx_random())).simple().to_string();
    let id = id.get(16..).unwrap_or_default().to_owned();
    log::log(format!("saas_blog: internal error {id}: {cause}"));
    Error::Internal(id)
}

fn pgrx_random() -> u64 {
    let mut bytes = [0_u8; 8];
    // SAFETY: eight bytes are given and eight are filled.
    unsafe {
        pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), bytes.len());
    }
    u64::from_ne_bytes(bytes)
}

fn failed(failures: &[Failure]) -> String {
    let most = usize::try_from(settings::limits().errors).unwrap_or(1);
    response::failed(failures, most)
}

/// Does the work in a memory context, and comes back also if it raises: the error's end resets the context itself.
fn in_memory<R>(memory: pg_sys::MemoryContext, work: impl FnOnce() -> R) -> R {
    // SAFETY: the context is the caller's of this function, so it outlives the work.
    unsafe {
        let before = pg_sys::MemoryContextSwitchTo(memory);
        let result = work();
        pg_sys::MemoryContextSwitchTo(before);
        result
    }
}

/// JSON text as `jsonb`, in the given memory.
fn to_jsonb(json: pg_sys::Datum, memory: pg_sys::MemoryContext) -> pg_sys::Datum {
    in_memory(memory, || {
        // SAFETY: the datum is a plain text; jsonb_in reads a string that ends in NUL, and text has no other.
        unsafe {
            let cstring = pg_sys::text_to_cstring(json.cast_mut_ptr());
            let jsonb = pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(cstring.into())]);
            pg_sys::pfree(cstring.cast());
            jsonb.unwrap_or(pg_sys::Datum::null())
        }
    })
}
