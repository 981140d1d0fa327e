//! Turns a change of a key, a tenant or a user into the end of what every session remembers of logins.
//!
//! PostgreSQL's own messages about changed catalogs carry it: the triggers of `sql/context.sql` say in the transaction of
//! the change that `tb_jwt_key` has changed, as `ALTER TABLE` would. Whoever begins a call after that transaction's
//! `COMMIT` has returned has the message, also in the middle of a transaction and on a standby; what is rolled back ends
//! what its own session had remembered meanwhile (`inval.c`). That table stands for all three because only a login has a
//! plan of it to make again. A change of any of the three tables themselves counts as well: a policy that is new, or rows
//! that `ALTER TABLE` has written anew, which no trigger sees.
//!
//! A new row tells nobody. But its own session may have read it, and so may a statement that has failed before its triggers:
//! the end of a transaction that had written and was not committed ends what its session remembers.

use super::raw::Raw;
use pgrx::pg_sys;
use pgrx::prelude::*;
use std::cell::Cell;
use std::ffi::{CStr, c_void};

/// The changes that this session knows of have a number. What was read in an earlier moment may have changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    /// The tables whose messages count.
    static WATCHED: Cell<[pg_sys::Oid; 3]> = const { Cell::new([pg_sys::Oid::INVALID; 3]) };
    /// Whether PostgreSQL knows of this session that it wants to be told.
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// The present moment, with all that was committed before it.
pub(super) fn moment() -> Moment {
    // SAFETY: a call is in a transaction, where messages may be taken at any time.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    Moment(NOW.get())
}

/// Sees to it that the moment that it gives will end. What is read in a snapshot that is taken afterwards may be used again
/// until then.
pub(super) fn watch() -> Moment {
    if !LISTENS.replace(true) {
        // SAFETY: once a session; the functions and what they use stay until the session ends.
        unsafe {
            pg_sys::CacheRegisterRelcacheCallback(Some(changed), pg_sys::Datum::null());
            pg_sys::RegisterXactCallback(Some(ended), std::ptr::null_mut());
            pg_sys::RegisterSubXactCallback(Some(ended_within), std::ptr::null_mut());
        }
    }
    // Those that are there now: they may have been made anew.
    WATCHED.set([table(c"tb_jwt_key"), table(c"tb_tenant"), table(c"tb_user")]);
    moment()
}

fn table(name: &CStr) -> pg_sys::Oid {
    // SAFETY: the names end in NUL; a table that is not there has no number.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"saas_blog".as_ptr(), true);
        pg_sys::get_relname_relid(name.as_ptr(), schema)
    }
}

fn end_moment() {
    NOW.set(NOW.get().wrapping_add(1));
}

/// PostgreSQL tells of a changed relation, or of any when it has lost count (`InvalidOid`).
unsafe extern "C-unwind" fn changed(_: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::Oid::INVALID || WATCHED.get().contains(&relation) {
        end_moment();
    }
}

/// A transaction has ended. One that is prepared may still be rolled back.
unsafe extern "C-unwind" fn ended(event: pg_sys::XactEvent::Type, _: *mut c_void) {
    // SAFETY: reads the state of the transaction that is ending.
    let wrote = unsafe { pg_sys::GetTopTransactionIdIfAny() } != pg_sys::InvalidTransactionId;
    if event == pg_sys::XactEvent::XACT_EVENT_PREPARE || wrote && event == pg_sys::XactEvent::XACT_EVENT_ABORT
    {
        end_moment();
    }
}

/// A subtransaction begins, or has ended.
unsafe extern "C-unwind" fn ended_within(
    event: pg_sys::SubXactEvent::Type,
    _: pg_sys::SubTransactionId,
    _: pg_sys::SubTransactionId,
    _: *mut c_void,
) {
    let undone = event == pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB;
    // SAFETY: reads the state of the subtransaction that is ending.
    if undone && unsafe { pg_sys::GetCurrentTransactionIdIfAny() } != pg_sys::InvalidTransactionId {
        end_moment();
    }
}

/// The trigger function: tells all sessions, once the transaction is committed.
#[pg_extern(sql = false)]
fn logins_change(_fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let table = table(c"tb_jwt_key");
    if table != pg_sys::Oid::INVALID {
        // SAFETY: the relation is there.
        unsafe { pg_sys::CacheInvalidateRelcacheByRelid(table) };
    }
    // What an AFTER trigger gives back is not looked at.
    Raw(pg_sys::Datum::null())
}
