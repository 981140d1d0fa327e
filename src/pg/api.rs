//! Turns the calls of `graphql.*` into answers. The SQL that declares them is `sql/functions.sql`.

use super::execute::{self, Progress, Stage, most_errors};
use super::jsonb::Entries;
use super::raw::Raw;
use super::session::{self, End, current_memory};
use super::statistics::{self, Counting};
use super::{diagnostics, explain, live, refusal, text};
use crate::auth::MAX_TOKEN_BYTES;
use crate::error::{Error, Failure, InputError};
use crate::events;
use crate::limits::within;
use crate::operation::Entry;
use crate::resolve::{self, Request};
use crate::{response, schema, settings};
use pgrx::pg_sys;
use pgrx::prelude::*;
use serde_json::value::RawValue;

/// `VARHDRSZ`: what `toast_raw_datum_size` counts on top of a value's bytes.
const VARLENA_HEADER: u64 = 4;

#[pg_extern(sql = false)]
fn resolve(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let counting = Counting::begin();
    let memory = current_memory();
    let answer = answer(fcinfo, |progress| {
        let (json, end) = json(fcinfo, memory, progress)?;
        Ok((to_jsonb(json, memory), end))
    });
    let answer = answer.unwrap_or_else(|failed| to_jsonb(text::datum(&failed), memory));
    counting.end();
    Raw(answer)
}

#[pg_extern(sql = false)]
fn execute(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let counting = Counting::begin();
    let memory = current_memory();
    let answer = answer(fcinfo, |progress| json(fcinfo, memory, progress));
    let answer = answer.unwrap_or_else(|failed| text::datum(&failed));
    counting.end();
    Raw(answer)
}

/// The answer as JSON text in the memory.
fn json(
    fcinfo: pg_sys::FunctionCallInfo,
    memory: pg_sys::MemoryContext,
    progress: &Progress,
) -> Result<(pg_sys::Datum, End), Vec<Failure>> {
    let (json, end) = execute::run(&extended(fcinfo)?, memory, progress)?;
    // SAFETY: it is a plain text, which nothing changes or frees before the call ends.
    statistics::answered(unsafe { text::bytes(json) }.len());
    Ok((json, end))
}

#[pg_extern(sql = false)]
fn subscribe(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    counted(fcinfo, || live::subscribe(&Request { entry: Entry::Subscribe, ..extended(fcinfo)? }))
}

#[pg_extern(sql = false)]
fn next(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    counted(fcinfo, || {
        // SAFETY: the fifth argument is a text. A longer one than any cursor is not copied.
        let cursor = unsafe {
            let cursor = pgrx::fcinfo::pg_getarg_datum(fcinfo, 4);
            let cursor = cursor.map(|cursor| {
                (size(cursor) <= events::MOST_TEXT as u64).then(|| text::string(cursor, false))
            });
            cursor.map(|cursor| cursor.flatten().unwrap_or_default())
        };
        live::next(&Request { entry: Entry::Subscribe, ..request(fcinfo)? }, cursor)
    })
}

/// A call that is counted, and whose answer is a text.
fn counted(fcinfo: pg_sys::FunctionCallInfo, work: impl FnOnce() -> Result<String, Vec<Failure>>) -> Raw {
    let counting = Counting::begin();
    let memory = current_memory();
    let answer = answer(fcinfo, |_| {
        let json = work()?;
        statistics::answered(json.len());
        Ok((session::in_memory(memory, || text::datum(&json)), End::Keep))
    });
    let answer = answer.unwrap_or_else(|failed| text::datum(&failed));
    counting.end();
    Raw(answer)
}

#[pg_extern(sql = false)]
fn explain(fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let _apart = Counting::nothing();
    let memory = current_memory();
    let answer = answer(fcinfo, |_| {
        let ready = resolve::prepare(&request(fcinfo)?)?;
        // SAFETY: the fifth argument is a boolean.
        let analyze = unsafe { pgrx::fcinfo::pg_getarg::<bool>(fcinfo, 4) }.unwrap_or(false);
        let explained = explain::explain(&ready, analyze);
        Ok((session::in_memory(memory, || text::datum(&explained)), End::Keep))
    });
    Raw(answer.unwrap_or_else(|failed| text::datum(&failed)))
}

#[pg_extern(sql = false)]
fn schema() -> String {
    resolve::schema().map(schema::print).unwrap_or_default()
}

/// The request that all five arguments are.
fn extended(fcinfo: pg_sys::FunctionCallInfo) -> Result<Request, Vec<Failure>> {
    // SAFETY: the functions that call this are declared with a jsonb in the fifth place.
    let jsonb = unsafe { pgrx::fcinfo::pg_getarg_datum(fcinfo, 4) };
    Ok(Request { extensions: extensions(jsonb), ..request(fcinfo)? })
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
            variables: Entries { jsonb: argument(1), otherwise: || InputError::VariablesNotObject },
            jwt: text_of(jwt),
            operation_name: text_of(argument(3)),
            extensions: extensions(None),
            entry: Entry::Execute,
        })
    }
}

fn extensions(jsonb: Option<pg_sys::Datum>) -> Entries {
    Entries { jsonb, otherwise: || InputError::ExtensionsNotObject }
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
fn answer(
    fcinfo: pg_sys::FunctionCallInfo,
    work: impl FnOnce(&Progress) -> Result<(pg_sys::Datum, End), Vec<Failure>>,
) -> Result<pg_sys::Datum, String> {
    let progress = Progress::default();
    // Of a request that fails nothing stays.
    let work = || match work(&progress) {
        Ok((answer, end)) => (Ok(answer), end),
        Err(failures) => (Err(failures), End::Undo),
    };
    let outcome = diagnostics::listening(|| session::guarded(work));
    let outcome = outcome.unwrap_or_else(|cause| Err(vec![refusal::caught(cause).into()]));
    outcome.map_err(|mut failures| {
        statistics::failed(&failures);
        let answer = match progress.stage() {
            Stage::Before => response::failed(&failures, most_errors()),
            Stage::Executing(field) => {
                if let (Some(field), Ok(request)) = (field, request(fcinfo)) {
                    for failure in &mut failures {
                        resolve::blame(failure, &request, &field);
                    }
                }
                response::partial(&failures, most_errors(), RawValue::NULL)
            }
        };
        statistics::answered(answer.len());
        answer
    })
}

/// JSON text as `jsonb`, in the given memory.
fn to_jsonb(json: pg_sys::Datum, memory: pg_sys::MemoryContext) -> pg_sys::Datum {
    session::in_memory(memory, || {
        // SAFETY: the datum is a plain text; jsonb_in reads a string that ends in NUL, and text has no other.
        unsafe {
            let cstring = pg_sys::text_to_cstring(json.cast_mut_ptr());
            let jsonb = pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(cstring.into())]);
            pg_sys::pfree(cstring.cast());
            jsonb.unwrap_or(pg_sys::Datum::null())
        }
    })
}
