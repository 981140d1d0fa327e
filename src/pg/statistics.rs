//! Turns the calls of `graphql.*` into the numbers of `saas_blog.stat_operations`, which all sessions share.
//!
//! The table lies in shared memory, so it is there only if the library is in `shared_preload_libraries`; without that,
//! nothing here does anything. A call notes what it learns about itself in its own process, and is counted once, at its
//! end: one look-up under a lock that others share, and a few atomic additions. Only an operation that has no entry yet
//! takes the lock alone. Nothing raises, panics or allocates PostgreSQL's memory while the lock is held.

use crate::code::Code;
use crate::error::Failure;
use crate::statistics::{Call, Key, Operation, Row, Table};
use pgrx::lwlock::PgLwLock;
use pgrx::prelude::*;
use pgrx::{JsonB, PGRXSharedMemory, pg_shmem_init};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

// SAFETY: it has no pointers, and what is written while it is shared is atomic.
unsafe impl PGRXSharedMemory for Table {}

// SAFETY: nobody else uses a name that begins with the extension's.
static TABLE: PgLwLock<Table> = unsafe { PgLwLock::new(c"saas_blog.stat_operations") };

/// Whether the table is there.
static SHARED: AtomicBool = AtomicBool::new(false);

/// Asks for the shared memory, if it is the server that loads the library: a session comes too late.
pub(super) fn share() {
    // SAFETY: reads a variable of this process, which has one thread.
    if unsafe { pg_sys::process_shared_preload_libraries_in_progress } {
        pg_shmem_init!(TABLE);
        SHARED.store(true, Relaxed);
    }
}

/// A call that is running.
struct Running {
    begun: Instant,
    /// Whether it has a token that holds. A call without one has no entry of its own: who may not even log in cannot push
    /// the others' entries out.
    authenticated: bool,
    operation: Option<Operation>,
    call: Call,
    /// Whether its end was reached: else it ends in an error of SQL.
    ended: bool,
}

thread_local! {
    /// The innermost call, if it is counted: a trigger or a policy can call `graphql.*` within a call.
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// A call that is counted when this is dropped, however it ends.
pub(super) struct Counting {
    around: Option<Running>,
}

impl Counting {
    /// Begins a call.
    pub(super) fn begin() -> Self {
        let running = SHARED.load(Relaxed).then(|| Running {
            begun: Instant::now(),
            authenticated: false,
            operation: None,
            call: Call::default(),
            ended: false,
        });
        Self { around: RUNNING.replace(running) }
    }

    /// Begins something that is not counted, neither for itself nor for the call around it.
    pub(super) fn nothing() -> Self {
        Self { around: RUNNING.take() }
    }

    /// Ends a call that has an answer.
    pub(super) fn end(self) {
        note(|running| running.ended = true);
        drop(self);
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        if let Some(running) = RUNNING.replace(self.around.take()) {
            count(&running);
        }
    }
}

fn count(running: &Running) {
    let mut call = running.call;
    if !running.ended {
        call.raised();
        call.answer_bytes = 0;
    }
    call.nanoseconds = u64::try_from(running.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let key = Key { database: database(), operation: running.operation.filter(|_| running.authenticated) };
    if TABLE.share().count(&key, &call) {
        return;
    }
    let mut table = TABLE.exclusive();
    table.make(&key);
    // The entry is there: nobody else can have taken it away.
    let _ = table.count(&key, &call);
}

fn database() -> u32 {
    // SAFETY: reads a variable of this process, which has one thread.
    unsafe { pg_sys::MyDatabaseId }.to_u32()
}

fn note(change: impl FnOnce(&mut Running)) {
    RUNNING.with_borrow_mut(|running| running.as_mut().map(change));
}

/// The token of the running call holds.
pub(super) fn authenticated() {
    note(|running| running.authenticated = true);
}

/// What the running call is about.
pub(crate) fn operation(operation: Option<Operation>) {
    note(|running| running.operation = operation);
}

/// The statements of the running call are kept from an earlier one.
pub(crate) fn plan_cache_hit() {
    note(|running| running.call.plan_cache_hit = true);
}

/// The running call has found a valid ranking for `popularPosts`, or none.
pub(super) fn popular(hit: bool) {
    note(|running| {
        let Call { popular_hits, popular_misses, .. } = &mut running.call;
        *(if hit { popular_hits } else { popular_misses }) += 1;
    });
}

/// The answer of the running call has these errors.
pub(super) fn failed(failures: &[Failure]) {
    let kinds = failures.iter().map(|failure| failure.error.kind());
    note(|running| kinds.for_each(|kind: Code| running.call.failed(kind)));
}

/// How long the answer of the running call is, as JSON text.
pub(super) fn answered(bytes: usize) {
    note(|running| running.call.answer_bytes = bytes as u64);
}

/// The rows of `saas_blog.stat_operations`: this database's.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity, reason = "pgrx reads the columns here, not behind a name")]
fn read_statistics() -> TableIterator<
    'static,
    (
        name!(operation_name, Option<String>),
        name!(document_hash, Option<String>),
        name!(calls, i64),
        name!(errors, JsonB),
        name!(total_ms, f64),
        name!(max_ms, f64),
        name!(answer_bytes, i64),
        name!(plan_cache_hits, i64),
        name!(popular_hits, i64),
        name!(popular_misses, i64),
    ),
> {
    let rows = if SHARED.load(Relaxed) { TABLE.share().rows(database()) } else { Vec::new() };
    #[allow(clippy::cast_precision_loss, reason = "it is exact for the first hundred days")]
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    TableIterator::new(rows.into_iter().map(move |row: Row| {
        (
            row.name,
            row.document,
            row.calls.cast_signed(),
            JsonB(row.errors.into_iter().collect()),
            milliseconds(row.nanoseconds),
            milliseconds(row.most_nanoseconds),
            row.answer_bytes.cast_signed(),
            row.plan_cache_hits.cast_signed(),
            row.popular_hits.cast_signed(),
            row.popular_misses.cast_signed(),
        )
    }))
}

/// Forgets what was counted in this database.
#[pg_extern(sql = false)]
fn stat_reset() {
    if SHARED.load(Relaxed) {
        TABLE.exclusive().reset(database());
    }
}
