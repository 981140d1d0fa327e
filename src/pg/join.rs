//! Turns the items of a list into one text, as far as the answer has room for them.
//!
//! `sql/functions.sql` makes the aggregate `saas_blog.join_items(item, level, list)` of it, which is
//! `string_agg(item, ',')` with a limit. A level is the number of lists around a list. A byte of the answer lies in
//! at most one item of each level, so the items of one level are never longer together than the answer that they end
//! in: a statement whose items are too long has an answer that is too long, and ends before it is made.

use super::raw::Raw;
use super::text;
use pgrx::pg_sys;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::prelude::*;
use std::cell::Cell;

/// `saas_blog.max_depth` is at most 64, and a list within a list is two fields deeper. What lay deeper would not be
/// counted at its own level, but at those around it.
const LEVELS: usize = 32;

thread_local! {
    /// The bytes that are left to each level. Outside of a run there is no limit: whoever else may call the aggregate
    /// has `string_agg` too. A parallel worker would count for itself, so the aggregate is PARALLEL RESTRICTED.
    static LEFT: [Cell<u64>; LEVELS] = const { [const { Cell::new(u64::MAX) }; LEVELS] };
}

/// Runs a statement whose items may have that many bytes at each level.
pub(super) fn bounded<R>(most: u64, run: impl FnOnce() -> R) -> R {
    let _around = Around::replaced_by(most);
    run()
}

/// What was left before, and is again once this is dropped, also by an error. A statement calls no `graphql.*`, but a
/// policy that a superuser has added could: the inner call then counts for itself.
struct Around([u64; LEVELS]);

impl Around {
    fn replaced_by(most: u64) -> Self {
        LEFT.with(|left| Self(left.each_ref().map(|level| level.replace(most))))
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        LEFT.with(|left| left.iter().zip(self.0).for_each(|(level, before)| level.set(before)));
    }
}

/// Takes bytes from what is left to a level; false if that is less.
fn take(level: i32, bytes: u64) -> bool {
    LEFT.with(|left| {
        let Some(level) = usize::try_from(level).ok().and_then(|level| left.get(level)) else { return true };
        level.get().checked_sub(bytes).map(|rest| level.set(rest)).is_some()
    })
}

/// The transition: the state is a `StringInfo` in the aggregate's memory, or null before the first item.
///
/// It runs once a row, and each call of C through pgrx costs as much as a short item: there is none unless the text
/// has to grow.
#[pg_extern(sql = false)]
fn join_item(fcinfo: pg_sys::FunctionCallInfo) -> Option<Raw> {
    // SAFETY: the aggregate declares (internal, text, integer, integer), and PostgreSQL lets nobody make an `internal`:
    // what is no null is the state of an earlier call. A text that is not toasted is read where it is.
    unsafe {
        let argument = |place| pgrx::fcinfo::pg_getarg_datum(fcinfo, place);
        let state = argument(0).map(pg_sys::Datum::cast_mut_ptr::<pg_sys::StringInfoData>);
        let Some(item) = argument(1) else { return state.map(raw) };
        let item = text::bytes(plain(item));
        let level = pgrx::fcinfo::pg_getarg::<i32>(fcinfo, 2).unwrap_or(0);
        if !take(level, item.len() as u64 + u64::from(state.is_some())) {
            ereport!(
                ERROR,
                PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                "the answer is longer than saas_blog.max_answer_bytes"
            );
        }
        let joined = match state {
            Some(joined) => {
                append(joined, b",");
                joined
            }
            None => started(fcinfo),
        };
        append(joined, item);
        Some(raw(joined))
    }
}

/// The end: null if there was no item. The state stays as it is, because a window asks for several ends.
#[pg_extern(sql = false)]
fn joined_items(fcinfo: pg_sys::FunctionCallInfo) -> Option<Raw> {
    // SAFETY: as in `join_item`; the copy is in the current memory.
    unsafe {
        let joined = pgrx::fcinfo::pg_getarg_datum(fcinfo, 0)?.cast_mut_ptr::<pg_sys::StringInfoData>();
        Some(Raw(pg_sys::cstring_to_text_with_len((*joined).data, (*joined).len).into()))
    }
}

fn raw(joined: pg_sys::StringInfo) -> Raw {
    Raw(joined.into())
}

/// The text itself, where it is compressed or lies elsewhere.
///
/// # Safety
/// `item` is a text.
unsafe fn plain(item: pg_sys::Datum) -> pg_sys::Datum {
    let text = item.cast_mut_ptr::<pg_sys::varlena>();
    // SAFETY: the caller gives a text.
    unsafe {
        if pgrx::varlena::varatt_is_4b_c(text) || pgrx::varlena::varatt_is_1b_e(text) {
            pg_sys::pg_detoast_datum_packed(text).into()
        } else {
            item
        }
    }
}

/// A new state.
///
/// # Safety
/// `fcinfo` is that of the transition.
unsafe fn started(fcinfo: pg_sys::FunctionCallInfo) -> pg_sys::StringInfo {
    let mut memory = std::ptr::null_mut();
    // SAFETY: the call is asked about itself; the memory is set where it is an aggregate's.
    unsafe {
        if pg_sys::AggCheckCallContext(fcinfo, &raw mut memory) == 0 {
            ereport!(
                ERROR,
                PgSqlErrorCode::ERRCODE_FEATURE_NOT_SUPPORTED,
                "saas_blog.join_item is called by saas_blog.join_items alone"
            );
        }
        let before = pg_sys::MemoryContextSwitchTo(memory);
        let joined = pg_sys::makeStringInfo();
        pg_sys::MemoryContextSwitchTo(before);
        joined
    }
}

/// # Safety
/// `joined` is a state.
unsafe fn append(joined: pg_sys::StringInfo, bytes: &[u8]) {
    // No value of PostgreSQL is longer than 1 GB.
    let more = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    // SAFETY: there is room for the bytes, and nothing else refers to it. `enlargeStringInfo` raises where a text
    // would be longer than 1 GB.
    unsafe {
        if more >= (*joined).maxlen - (*joined).len {
            pg_sys::enlargeStringInfo(joined, more);
        }
        let end = (*joined).data.cast::<u8>().offset((*joined).len as isize);
        end.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        (*joined).len += more;
    }
}
