//! Turns the calls of `graphql.*` into answers. The SQL that declares them is `sql/functions.sql`.

use super::jsonb::Variables;
use super::raw::Raw;
use super::session::current_memory;
use super::{explain, join, log, session, text};
use crate::auth::MAX_TOKEN_BYTES;
use crate::error::{Error, Failure, Step};
use crate::limits::within;
use crate::plan::Gap;
use crate::resolve::{self, Request};
use crate::{response, schema, settings};
use pgrx::pg_sys;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::prelude::*;
use serde_json::value::RawValue;
use std::cell::OnceCell;

/// `VARHDRSZ`: what `toast_raw_datum_size` counts on top of a value's bytes.
const VARLENA_HEADER: u64 = 4;

#[pg_extern(sql = false)]
fn resolve(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    let answer = answer(|progress| {
        let json = run(&request(fcinfo)?, memory, progress)?;
        Ok(to_jsonb(json, memory))
    });
    Raw(answer.unwrap_or_else(|failed| to_jsonb(text::datum(&failed), memory)))
}

#[pg_extern(sql = false)]
fn execute(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    let answer = answer(|progress| run(&request(fcinfo)?, memory, progress));
    Raw(answer.unwrap_or_else(|failed| text::datum(&failed)))
}

#[pg_extern(sql = false)]
fn explain(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let memory = current_memory();
    let answer = answer(|_| {
        let ready = resolve::prepare(&request(fcinfo)?)?;
        // SAFETY: the fifth argument is a boolean.
        let analyze = unsafe { pgrx::fcinfo::pg_getarg::<bool>(fcinfo, 4) }.unwrap_or(false);
        let explained = explain::explain(&ready, analyze);
        Ok(in_memory(memory, || text::datum(&explained)))
    });
    Raw(answer.unwrap_or_else(|failed| text::datum(&failed)))
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
        // A longer name than the query names nothing in it.
        for text in [query, argument(3)] {
            within("max_query_bytes", bytes(text), most).map_err(|error| vec![Failure::from(error)])?;
        }
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

/// How far a call has come. Once its statement runs, an error is one of the execution, and of the only root field if there
/// is only one.
#[derive(Default)]
struct Progress {
    executing: OnceCell<Vec<Step>>,
}

/// Runs the request's statement; its answer is in the memory of the caller, where nothing frees it too early.
fn run(
    request: &Request,
    memory: pg_sys::MemoryContext,
    progress: &Progress,
) -> Result<pg_sys::Datum, Vec<Failure>> {
    let ready = resolve::prepare(request)?;
    let statement = &ready.prepared.statement;
    progress.executing.get_or_init(|| statement.only_root.iter().cloned().map(Step::Key).collect());
    let most = settings::limits().answer_bytes;
    let row = join::bounded(most, || ready.prepared.kept().run(&ready.values, memory));
    let (json, is_null) = row.map_or((pg_sys::Datum::null(), true), |row| row.value(1));
    if is_null {
        return Err(vec![internal("the statement has no row").into()]);
    }
    // SAFETY: the statement gives one text, which nothing changes or frees before the call ends.
    let bytes = unsafe { text::bytes(json) };
    within("max_answer_bytes", bytes.len() as u64, most).map_err(|error| vec![Failure::from(error)])?;
    if statement.gaps.is_empty() || !text::has(bytes, Gap::MARK) {
        return Ok(json);
    }
    let answer = completed(request, bytes, &statement.gaps)?;
    Ok(in_memory(memory, || text::datum(&answer)))
}

/// The answer with null around what is missing, and the errors that say so. A missing row is ours to mend, so the log
/// has it too.
fn completed(request: &Request, answer: &[u8], gaps: &[Gap]) -> Result<String, Vec<Failure>> {
    let answer = std::str::from_utf8(answer).ok().and_then(|answer| response::complete(answer, gaps));
    let (data, missing) = answer.ok_or_else(|| vec![internal("the answer is no JSON").into()])?;
    let most = most_errors();
    let failures = resolve::missing(request, gaps, missing.into_iter().take(most).collect());
    let ours = failures.iter().find(|failure| matches!(failure.error, Error::Missing(_)));
    if let Some(failure) = ours {
        log::log(format!("saas_blog: {}", failure.error));
    }
    Ok(response::partial(&failures, most, &data))
}

/// The bytes of a value, which is left where it is.
///
/// # Safety
/// `datum` is a `text` or another value of variable length.
unsafe fn size(datum: pg_sys::Datum) -> u64 {
    // SAFETY: the caller gives a varlena, whose header says it.
    (unsafe { pg_sys::toast_raw_datum_size(datum) } as u64).saturating_sub(VARLENA_HEADER)
}

/// What the work answers, or the answer that says why there is none. Raises only what the caller must see as an error of
/// SQL.
fn answer<R>(work: impl FnOnce(&Progress) -> Result<R, Vec<Failure>>) -> Result<R, String> {
    let progress = Progress::default();
    let outcome =
        session::guarded(|| work(&progress)).unwrap_or_else(|cause| Err(vec![caught(cause).into()]));
    outcome.map_err(|mut failures| match progress.executing.into_inner() {
        None => response::failed(&failures, most_errors()),
        Some(path) => {
            for failure in &mut failures {
                failure.path.clone_from(&path);
            }
            response::partial(&failures, most_errors(), RawValue::NULL)
        }
    })
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

fn most_errors() -> usize {
    usize::try_from(settings::limits().errors).unwrap_or(1)
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
