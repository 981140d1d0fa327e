//! Turns an error that PostgreSQL raises into what pgrx does not keep of it: the SQLSTATE as it is, the constraint that is
//! violated, and the column that a function names.
//!
//! An error context callback (`error_context_stack`, `elog.c`) sees an error before it is thrown. It costs nothing until
//! then.

use pgrx::pg_sys;
use pgrx::prelude::pg_guard;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};

/// What an error says of itself beside its message.
#[derive(Debug, Clone)]
pub(super) struct Diagnostics {
    /// The message, by which the error is known again.
    pub(super) message: String,
    /// The five characters of the SQLSTATE.
    pub(super) sqlstate: String,
    /// The constraint or unique index of the schema `saas_blog` that is violated.
    pub(super) constraint: Option<String>,
    /// The column to blame.
    pub(super) column: Option<String>,
}

thread_local! {
    static LAST: RefCell<Option<Diagnostics>> = const { RefCell::new(None) };
}

/// The last error that was raised while [`listening`] was at work.
pub(super) fn last() -> Option<Diagnostics> {
    LAST.take()
}

/// Does the work and notes what its errors say.
pub(super) fn listening<R>(work: impl FnOnce() -> R) -> R {
    LAST.set(None);
    let mut callback = pg_sys::ErrorContextCallback {
        // SAFETY: reads the head of a list whose items outlive this call, which is nested in theirs.
        previous: unsafe { pg_sys::error_context_stack },
        callback: Some(note),
        arg: std::ptr::null_mut(),
    };
    // SAFETY: the item is taken off the list below, also when an error unwinds, before it is gone.
    unsafe { pg_sys::error_context_stack = &raw mut callback }
    let _taken_off = TakenOff(callback.previous);
    work()
}

/// Puts the list of callbacks back when it is dropped.
struct TakenOff(*mut pg_sys::ErrorContextCallback);

impl Drop for TakenOff {
    fn drop(&mut self) {
        // SAFETY: the list is what it was before.
        unsafe { pg_sys::error_context_stack = self.0 }
    }
}

/// Called for every message on its way out; only errors are noted.
#[pg_guard]
unsafe extern "C-unwind" fn note(_argument: *mut c_void) {
    // SAFETY: an error is being reported, so there is one to copy. The copy is made and freed in a context that is not
    // the one that the error itself lives in.
    unsafe {
        let before = pg_sys::MemoryContextSwitchTo(pg_sys::TopMemoryContext);
        let error = pg_sys::CopyErrorData();
        if let Some(data) = error.as_ref().filter(|data| data.elevel == error_level()) {
            LAST.set(Some(diagnostics(data)));
        }
        pg_sys::FreeErrorData(error);
        pg_sys::MemoryContextSwitchTo(before);
    }
}

fn error_level() -> c_int {
    c_int::try_from(pg_sys::PGERROR).unwrap_or(c_int::MAX)
}

/// # Safety
/// The strings of the error are null or end in NUL.
unsafe fn diagnostics(error: &pg_sys::ErrorData) -> Diagnostics {
    let text = |text: *const c_char| {
        // SAFETY: as the caller says.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    };
    let ours = text(error.schema_name).is_some_and(|schema| schema == "saas_blog");
    Diagnostics {
        message: text(error.message).unwrap_or_default(),
        sqlstate: sqlstate(error.sqlerrcode),
        constraint: text(error.constraint_name).filter(|_| ours),
        column: text(error.column_name),
    }
}

/// Five characters of six bits each (`MAKE_SQLSTATE` in `elog.h`).
fn sqlstate(code: c_int) -> String {
    let character =
        |place: u32| u8::try_from((code >> (6 * place)) & 0x3f).map_or('?', |six| char::from(six + b'0'));
    (0..5).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::sqlstate;

    #[test]
    fn a_code_has_five_characters() {
        let packed = |text: &str| text.bytes().rev().fold(0, |code, byte| code << 6 | i32::from(byte - b'0'));
        for state in ["SB404", "23505", "00000", "P0001"] {
            assert_eq!(sqlstate(packed(state)), state);
        }
    }
}
