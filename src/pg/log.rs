//! Turns a sentence into a line of the server's log. A client never sees it, whatever its `client_min_messages` is.

use pgrx::pg_sys;
use pgrx::pg_sys::elog::PgLogLevel;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::pg_sys::panic::ErrorReport;

/// Writes the sentence.
pub(super) fn log(sentence: String) {
    ErrorReport::new(PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION, sentence, "saas_blog")
        .report(PgLogLevel::LOG_SERVER_ONLY);
}

/// Writes the sentence where `log_min_messages`, which only a superuser sets, is `DEBUG1` or less.
pub(super) fn debug(sentence: impl FnOnce() -> String) {
    // SAFETY: reads a setting of this backend, which has one thread.
    let wanted = unsafe { pg_sys::log_min_messages };
    if u32::try_from(wanted).is_ok_and(|wanted| wanted <= pg_sys::DEBUG1) {
        log(sentence());
    }
}
