//! Turns a piece of work into one that leaves no trace: role, settings and locks are put back on every exit.

use crate::settings::Context;
use pgrx::pg_sys;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::prelude::*;
use std::ffi::{CStr, CString};
use std::panic::AssertUnwindSafe;

/// What becomes of all that a piece of work has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is part of the caller's transaction.
    Keep,
    /// It is taken back.
    Undo,
}

/// Runs the work in a subtransaction of its own, connected to SPI, in one snapshot.
///
/// The subtransaction is what makes an error an answer: PostgreSQL rolls back whatever the work did. Its end, good or
/// bad, also takes back every setting that was made in it, and a bad one the role.
pub(super) fn guarded<R>(work: impl FnOnce() -> (R, End)) -> Result<R, Box<CaughtError>> {
    guarded_within(|| in_new_snapshot(|| connected(work)))
}

/// The same in the snapshot of the work around it.
pub(super) fn guarded_here<R>(work: impl FnOnce() -> (R, End)) -> Result<R, Box<CaughtError>> {
    guarded_within(|| connected(work))
}

fn guarded_within<R>(work: impl FnOnce() -> (R, End)) -> Result<R, Box<CaughtError>> {
    // SAFETY: the order is that of `exec_stmt_block` in PL/pgSQL: memory context and resource owner are put back
    // after the subtransaction, whichever way it ends.
    unsafe {
        let (memory, owner) = (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner);
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(memory);
        let back = move || {
            pg_sys::MemoryContextSwitchTo(memory);
            pg_sys::CurrentResourceOwner = owner;
        };
        PgTryBuilder::new(AssertUnwindSafe(|| {
            let settings = pg_sys::NewGUCNestLevel();
            let (result, end) = work();
            if end == End::Keep {
                pg_sys::AtEOXact_GUC(false, settings);
                pg_sys::ReleaseCurrentSubTransaction();
            } else {
                pg_sys::MemoryContextSwitchTo(memory);
                pg_sys::RollbackAndReleaseCurrentSubTransaction();
            }
            back();
            Ok(result)
        }))
        .catch_others(|cause| {
            pg_sys::MemoryContextSwitchTo(memory);
            pg_sys::RollbackAndReleaseCurrentSubTransaction();
            back();
            Err(Box::new(cause))
        })
        .execute()
    }
}

/// All that the work reads is of one moment, and of what its transaction has done so far.
pub(super) fn in_new_snapshot<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: every push has its pop; on an error the subtransaction's end does both.
    unsafe {
        pg_sys::CommandCounterIncrement();
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        let result = work();
        pg_sys::PopActiveSnapshot();
        result
    }
}

/// Whether nothing can be written: the transaction is READ ONLY, or the server is a standby.
pub(super) fn is_read_only() -> bool {
    // SAFETY: both read the state of this backend.
    unsafe { pg_sys::XactReadOnly || pg_sys::RecoveryInProgress() }
}

/// What the work reads is of this very moment, also in a transaction that otherwise sees what was when it began: a key
/// that was revoked since is revoked.
pub(super) fn latest<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: reads a setting of this backend, which has one thread.
    let isolation = unsafe { pg_sys::XactIsoLevel };
    if u32::try_from(isolation).is_ok_and(|level| level < pg_sys::XACT_REPEATABLE_READ) {
        return work();
    }
    // SAFETY: the push has its pop; on an error the subtransaction's end does it.
    unsafe {
        pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        let result = work();
        pg_sys::PopActiveSnapshot();
        result
    }
}

/// Runs the work connected to SPI, whose memory is freed behind it.
pub(super) fn connected<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: the connection ends here, or with the (sub)transaction that an error ends.
    unsafe {
        pg_sys::SPI_connect();
        let result = work();
        pg_sys::SPI_finish();
        result
    }
}

/// A role that is taken until it is dropped.
pub(super) struct Role {
    before: (pg_sys::Oid, i32),
}

impl Role {
    /// Takes the role `saas_blog_exec`, which compiled SQL runs as.
    pub(super) fn exec() -> Self {
        let (mut user, mut security) = (pg_sys::InvalidOid, 0);
        // SAFETY: the role is looked up by name and raises where it does not exist. SECURITY_LOCAL_USERID_CHANGE
        // keeps SQL from changing it back.
        unsafe {
            pg_sys::GetUserIdAndSecContext(&raw mut user, &raw mut security);
            let exec = pg_sys::get_role_oid(c"saas_blog_exec".as_ptr(), false);
            let local = i32::try_from(pg_sys::SECURITY_LOCAL_USERID_CHANGE).unwrap_or(0);
            pg_sys::SetUserIdAndSecContext(exec, security | local);
        }
        Self { before: (user, security) }
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // While an error unwinds, the subtransaction's end puts the role back.
        if !std::thread::panicking() {
            let (user, security) = self.before;
            // SAFETY: both values are those that were there before.
            unsafe { pg_sys::SetUserIdAndSecContext(user, security) }
        }
    }
}

/// Sets one part of the caller's context until the subtransaction ends.
pub(super) fn set(context: Context, value: &str) {
    // A value is a number, a UUID or the name of a role: there is no NUL in it.
    let value = CString::new(value).unwrap_or_default();
    set_option(context.name(), &value);
}

/// Sets one part of the caller's context until [`guarded`] ends: from within an SQL function, whose own end would take back
/// what [`set`] does.
pub(super) fn set_for_call(context: Context, value: &str) {
    let value = CString::new(value).unwrap_or_default();
    change_option(context.name(), &value, pg_sys::GucAction::GUC_ACTION_LOCAL);
}

/// Empties the context and pins what a session could change about the meaning or the plan of compiled SQL.
/// `search_path` is pinned by the function's own definition. What is so already is left alone: that is nearly always
/// all of it, and each change costs a microsecond, with its way back.
pub(super) fn pin() {
    for context in Context::ALL {
        if context.get(|_| Some(())).is_some() {
            set_option(context.name(), c"");
        }
    }
    // SAFETY: reads settings of this backend, which has one thread.
    let (row_security, jit, planning, replication) = unsafe {
        (pg_sys::row_security, pg_sys::jit_enabled, pg_sys::plan_cache_mode, pg_sys::SessionReplicationRole)
    };
    if !row_security {
        set_option(c"row_security", c"on");
    }
    if jit {
        set_option(c"jit", c"off");
    }
    // A session that forces custom plans would plan on every call, with the tenant's key in the plan, and
    // `debug_print_plan` shows plans.
    if u32::try_from(planning) != Ok(pg_sys::PlanCacheMode::PLAN_CACHE_MODE_AUTO) {
        set_option(c"plan_cache_mode", c"auto");
    }
    // In a session that replays another server's changes no trigger would write the audit log.
    if u32::try_from(replication) != Ok(pg_sys::SESSION_REPLICATION_ROLE_ORIGIN) {
        set_option(c"session_replication_role", c"origin");
    }
}

/// Ends here if the session was told to stop: the stages between two calls know no PostgreSQL.
pub(crate) fn check_for_interrupts() {
    pgrx::check_for_interrupts!();
}

/// The memory context that is allocated in now.
pub(super) fn current_memory() -> pg_sys::MemoryContext {
    // SAFETY: reads a pointer that every backend has set.
    unsafe { pg_sys::CurrentMemoryContext }
}

/// Makes `EXPLAIN EXECUTE` show the plan that is kept.
pub(super) fn force_generic_plan() {
    set_option(c"plan_cache_mode", c"force_generic_plan");
}

fn set_option(name: &CStr, value: &CStr) {
    change_option(name, value, pg_sys::GucAction::GUC_ACTION_SAVE);
}

fn change_option(name: &CStr, value: &CStr, action: pg_sys::GucAction::Type) {
    // SAFETY: both are strings that end in NUL. The settings are PGC_SUSET or weaker, and this code decides alone
    // what they become, so it sets them with a superuser's right.
    unsafe {
        pg_sys::set_config_option(
            name.as_ptr(),
            value.as_ptr(),
            pg_sys::GucContext::PGC_SUSET,
            pg_sys::GucSource::PGC_S_SESSION,
            action,
            true,
            0,
            false,
        );
    }
}

/// Does the work in a memory context, and comes back also if it raises: the error's end resets the context itself.
pub(super) fn in_memory<R>(memory: pg_sys::MemoryContext, work: impl FnOnce() -> R) -> R {
    // SAFETY: the context is the caller's of this function, so it outlives the work.
    unsafe {
        let before = pg_sys::MemoryContextSwitchTo(memory);
        let result = work();
        pg_sys::MemoryContextSwitchTo(before);
        result
    }
}
