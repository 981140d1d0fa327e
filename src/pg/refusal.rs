//! Turns an error that PostgreSQL has raised into one of ours, or raises it again.

use super::diagnostics::{self, Diagnostics};
use super::log;
use super::receiver::Row;
use super::session::{self, End};
use super::statement::Own;
use crate::error::{Error, InputError, Refusal};
use crate::plan::Bound;
use crate::settings;
use pgrx::pg_sys;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::pg_sys::panic::CaughtError;

/// A caught error as one of ours; raises it again if it is none of the request's.
pub(super) fn caught(cause: Box<CaughtError>) -> Error {
    let report = match &*cause {
        CaughtError::PostgresError(report)
        | CaughtError::ErrorReport(report)
        | CaughtError::RustPanic { ereport: report, .. } => report,
    };
    let code = report.sql_error_code();
    if raises(code) {
        cause.rethrow()
    }
    let noted = diagnostics::last().filter(|noted| noted.message == report.message());
    if let Some(refused) = noted.and_then(refused) {
        return refused;
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

/// Cancel and timeouts, shutdown, resource exhaustion, and what a caller repeats (40001, 40P01) stay errors of SQL.
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
            | PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE
            | PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE
            | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED
    )
}

/// What a function (`SB4xx`, `sql/mutations.sql`), a constraint or a policy refuses.
fn refused(noted: Diagnostics) -> Option<Error> {
    let Diagnostics { message, sqlstate, constraint, column } = noted;
    let refused = |refusal| Some(Error::Refused { refusal, message: message.clone(), field: column.clone() });
    match sqlstate.as_str() {
        "SB400" => refused(Refusal::Input),
        "SB403" => refused(Refusal::Forbidden),
        "SB404" => refused(Refusal::NotFound),
        "SB409" => refused(Refusal::Conflict),
        // unique_violation, check_violation
        "23505" => by_constraint(Refusal::Conflict, &constraint?),
        "23514" => by_constraint(Refusal::Input, &constraint?),
        // Out of range or malformed: a number, a date-time, an interval, text.
        "22003" | "22007" | "22008" | "22P02" | "22P05" => Some(Error::Input(InputError::OutOfRange)),
        // insufficient_privilege: row-level security is the second wall, so this is worth a look.
        "42501" => {
            log::log(format!("saas_blog: a mutation was refused: {message}"));
            let message = "You may not do this.".to_owned();
            Some(Error::Refused { refusal: Refusal::Forbidden, message, field: None })
        }
        _ => None,
    }
}

thread_local! {
    /// A constraint or a unique index says in its comment what a client has done wrong: `argument: Sentence.`
    static COMMENT: Own = const { Own::new(
        "SELECT coalesce((SELECT obj_description(c.oid, 'pg_constraint') FROM pg_constraint AS c \
                          WHERE c.connamespace = 'saas_blog'::regnamespace AND c.conname = $1::name), \
                         (SELECT obj_description(c.oid, 'pg_class') FROM pg_class AS c \
                          WHERE c.relnamespace = 'saas_blog'::regnamespace AND c.relname = $1::name))",
        &[pg_sys::TEXTOID],
    ) };
}

fn by_constraint(refusal: Refusal, constraint: &str) -> Option<Error> {
    let comment = || -> Option<String> {
        let values = [Bound::Text(constraint.to_owned())];
        let row: Option<Row> = COMMENT.with(|own| own.run(&values, session::current_memory()));
        row?.text(1)
    };
    let comment = session::guarded(|| (comment(), End::Keep)).ok()??;
    let (field, message) = comment.split_once(": ")?;
    Some(Error::Refused { refusal, message: message.to_owned(), field: Some(field.to_owned()) })
}

/// Logs the cause and masks it: the client has an id, which the log has too.
pub(super) fn internal(cause: &str) -> Error {
    let id = format!("{:016x}", random());
    log::log(format!("saas_blog: internal error {id}: {cause}"));
    Error::Internal(id)
}

fn random() -> u64 {
    let mut bytes = [0_u8; 8];
    // SAFETY: eight bytes are given and eight are filled.
    unsafe {
        pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), bytes.len());
    }
    u64::from_ne_bytes(bytes)
}
