//! Stage 7, and all that touches PostgreSQL: a statement and a caller become bytes.
#![allow(unsafe_code, reason = "this folder is the only one that calls C; every block says why it may")]

mod api;
mod context;
mod diagnostics;
mod execute;
mod explain;
mod idempotency;
mod install;
mod join;
mod jsonb;
mod keys;
mod live;
mod log;
mod login;
mod maintain;
mod raw;
mod receiver;
mod refusal;
mod server;
mod session;
mod statement;
mod statistics;
mod text;

pub(crate) use jsonb::Entries;
pub(crate) use login::{Session, log_in};
pub(crate) use session::check_for_interrupts;
pub(crate) use statement::Prepared;
pub(crate) use statistics::{operation, plan_cache_hit};

#[cfg(feature = "pg_test")]
mod tests;
