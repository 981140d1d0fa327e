//! Turns an error of the database into what a client may know of it, and what the log must.

use std::error::Error;
use std::io;

use deadpool_postgres::PoolError;
use thiserror::Error;
use tokio::time::error::Elapsed;

type Any = Box<dyn Error + Sync + Send>;

/// Why there is no answer, as far as a client may know it.
#[derive(Debug, Error)]
pub(crate) enum DatabaseError {
    /// No connection, too many of them, or a conflict with another transaction: worth another try soon.
    #[error("The database is busy or cannot be reached. Please try again soon.")]
    Busy(#[source] Any),
    /// The statement was cancelled, as a rule because it took too long.
    #[error("The request took too long.")]
    Timeout(#[source] Any),
    /// PostgreSQL refuses what it was given as text or JSON.
    #[error("The request has a text, a number or JSON that the database cannot hold.")]
    BadInput(#[source] Any),
    /// Anything else; the log has it.
    #[error("Internal server error.")]
    Internal(#[source] Any),
}

impl DatabaseError {
    /// Writes what happened to the log. What a client sent is not in it: a message about bad input may quote that.
    pub(crate) fn log(&self) {
        match self {
            Self::Busy(cause) | Self::Timeout(cause) => tracing::warn!(cause = %causes(&**cause), "{self}"),
            Self::BadInput(cause) => tracing::info!(sqlstate = sqlstate(&**cause), "{self}"),
            Self::Internal(cause) => tracing::error!(cause = %causes(&**cause), "{self}"),
        }
    }
}

/// An error and what stands behind it, in one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        next = error.source();
    }
    line
}

fn sqlstate<'a>(error: &'a (dyn Error + 'static)) -> &'a str {
    error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(|error| error.code())
        .map_or("", |state| state.code())
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code().map(|state| state.code().to_owned()) else {
            let is_lost = error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>);
            return if is_lost { Self::Busy(error.into()) } else { Self::Internal(error.into()) };
        };
        of_state(&state, error.into())
    }
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> Self {
        Self::Busy(error.into())
    }
}

impl From<Elapsed> for DatabaseError {
    fn from(error: Elapsed) -> Self {
        Self::Timeout(error.into())
    }
}

/// By [SQLSTATE](https://www.postgresql.org/docs/15/errcodes-appendix.html). The extension raises none of its own.
fn of_state(state: &str, cause: Any) -> DatabaseError {
    match (state, state.get(..2).unwrap_or_default()) {
        ("57014", _) => DatabaseError::Timeout(cause),
        // Serialization failure, deadlock, a lock that was not to be had; lost connections, no resources, shutdown.
        // A connection that was closed because its transaction waited is lost, too.
        ("25P03" | "40001" | "40P01" | "55P03", _) | (_, "08" | "53" | "57") => DatabaseError::Busy(cause),
        // Data that cannot be converted, and limits of the parser of jsonb.
        (_, "22" | "54") => DatabaseError::BadInput(cause),
        _ => DatabaseError::Internal(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    #[test]
    fn a_state_has_a_status() {
        for (state, status) in [
            ("25P03", 503),
            ("40001", 503),
            ("40P01", 503),
            ("53300", 503),
            ("53100", 503),
            ("57P01", 503),
            ("57P03", 503),
            ("08006", 503),
            ("57014", 504),
            ("22P02", 400),
            ("22P05", 400),
            ("22021", 400),
            ("54000", 400),
            ("54001", 400),
            ("42883", 500),
            ("XX000", 500),
            ("", 500),
        ] {
            assert_eq!(Refusal::from(&of_state(state, "cause".into())).status, status, "{state}");
        }
    }

    #[test]
    fn what_the_client_is_told_has_nothing_of_the_cause() {
        for state in ["40001", "57014", "22P02", "XX000"] {
            let told = Refusal::from(&of_state(state, "relation tb_post".into())).body();
            assert!(!told.contains("tb_post"), "{told}");
        }
    }

    #[test]
    fn the_log_has_the_whole_chain_once() {
        let inner = io::Error::other("inner");
        assert_eq!(causes(&io::Error::other(inner)), "inner");
    }
}
