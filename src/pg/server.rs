//! Turns the state of this server and of its write-ahead log into what a cursor rests on.

use crate::events::Origin;
use pgrx::pg_sys;
use std::cell::Cell;

/// Bytes of a page of the write-ahead log.
const PAGE: u64 = pg_sys::XLOG_BLCKSZ as u64;
/// What stands before the records on a page of the log, and on the first page of a file of it
/// (`SizeOfXLogShortPHD`, `SizeOfXLogLongPHD`).
const HEADERS: (u64, u64) = (24, 40);

thread_local! {
    /// The transaction that has an id because [`writing`] has written.
    static OURS: Cell<u64> = const { Cell::new(0) };
}

/// Where a cursor of this subscription holds.
pub(super) fn origin(subscription: [u8; 8]) -> Origin {
    // SAFETY: each reads the state of this backend or of the server, which is no standby.
    unsafe {
        Origin {
            system: pg_sys::GetSystemIdentifier(),
            timeline: pg_sys::GetWALInsertionTimeLine(),
            database: pg_sys::MyDatabaseId.to_u32(),
            subscription,
        }
    }
}

/// Whether the server is a standby.
pub(super) fn is_standby() -> bool {
    // SAFETY: reads the state of this backend.
    unsafe { pg_sys::RecoveryInProgress() }
}

/// The id of the caller's transaction, if it has one.
pub(super) fn own_transaction() -> Option<u64> {
    // SAFETY: reads the state of this backend.
    Some(unsafe { pg_sys::GetTopFullTransactionIdIfAny() }.value).filter(|xid| *xid > 0)
}

/// Whether the caller's transaction has written anything but what was written by [`writing`].
pub(super) fn has_written() -> bool {
    own_transaction().is_some_and(|xid| xid != OURS.get())
}

/// Does work that writes nothing which an event could tell of.
pub(super) fn writing<R>(work: impl FnOnce() -> R) -> R {
    let before = own_transaction();
    let result = work();
    if before.is_none() {
        OURS.set(own_transaction().unwrap_or(0));
    }
    result
}

/// Has the log written out up to here, which it nearly always is already: a server that crashes gives the ids of
/// transactions that its log does not have to others, and a cursor would take these for those that it has seen.
pub(super) fn flush() {
    // SAFETY: the position is one that the log has reached; a variable of the server is read.
    unsafe {
        let end = pg_sys::GetXLogInsertRecPtr();
        let file = u64::try_from(pg_sys::wal_segment_size).unwrap_or(PAGE);
        // At the end of a page it is the place behind the next one's header, which is not there yet.
        let header = if end % file < PAGE { HEADERS.1 } else { HEADERS.0 };
        pg_sys::XLogFlush(if end % PAGE == header { end - header } else { end });
    }
}
