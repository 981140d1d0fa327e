//! Turns a change of a key, a tenant or a user into the end of what every session remembers of logins.
//!
//! PostgreSQL's own messages about changed catalogs carry it: the triggers of `sql/context.sql` say in the transaction of
//! the change that `tb_jwt_key` has changed, as `ALTER TABLE` would. Whoever begins a call after that transaction's
//! `COMMIT` has returned has the message, also in the middle of a transaction and on a standby; what is rolled back ends
//! what its own session had remembered meanwhile (`inval.c`). That table stands for all three because only a login has a
//! plan of it to make again.

use super::raw::Raw;
use pgrx::pg_sys;
use pgrx::prelude::*;
use std::cell::Cell;

/// The changes that this session knows of have a number. What was read in an earlier moment may have changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    /// The table that the messages name.
    static WATCHED: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::Oid::INVALID) };
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
    if WATCHED.get() == pg_sys::Oid::INVALID {
        // SAFETY: once a session; the function and what it uses stay until the session ends.
        unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(changed), pg_sys::Datum::null()) };
    }
    // The one that is there now: it may have been made anew.
    WATCHED.set(table());
    moment()
}

fn table() -> pg_sys::Oid {
    // SAFETY: the names end in NUL; a table that is not there has no number.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"saas_blog".as_ptr(), true);
        pg_sys::get_relname_relid(c"tb_jwt_key".as_ptr(), schema)
    }
}

/// PostgreSQL tells of a changed relation, or of any when it has lost count (`InvalidOid`).
unsafe extern "C-unwind" fn changed(_: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::Oid::INVALID || relation == WATCHED.get() {
        NOW.set(NOW.get().wrapping_add(1));
    }
}

/// The trigger function: tells all sessions, once the transaction is committed.
#[pg_extern(sql = false)]
fn logins_change(_fcinfo: pg_sys::FunctionCallInfo) -> Raw {
    let table = table();
    if table != pg_sys::Oid::INVALID {
        // SAFETY: the relation is there.
        unsafe { pg_sys::CacheInvalidateRelcacheByRelid(table) };
    }
    // What an AFTER trigger gives back is not looked at.
    Raw(pg_sys::Datum::null())
}
