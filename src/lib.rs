//! A multi-tenant GraphQL backend inside PostgreSQL.
//!
//! | # | module | turns | into |
//! | --- | --- | --- | --- |
//! | 1 | [`auth`] | token | [`auth::Claims`] |
//! | 2 | [`syntax`] | text | [`syntax::Document`] |
//! | 3 | [`validate`] | schema and document | [`validate::Assumptions`], or errors |
//! | 4 | [`operation`] | document, operation name, variables | [`operation::Operation`] |
//! | 5 | [`plan`] | operation, caller | [`plan::Plan`] |
//! | 6 | [`sql`] | plan | [`sql::Statement`] |
//! | 7 | `pg` | statement, caller | bytes |
//! | 8 | [`response`] | bytes or errors | the GraphQL answer |
//!
//! Stages 1 to 6 are pure: without a `pgNN` feature they build and test with no PostgreSQL around.

pub mod auth;
pub mod code;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod kept;
pub mod limits;
pub mod operation;
pub mod plan;
pub mod response;
pub mod schema;
pub mod sql;
pub mod statistics;
pub mod suggest;
pub mod syntax;
pub mod validate;

#[cfg(feature = "pgrx")]
mod pg;
#[cfg(feature = "pgrx")]
mod resolve;
#[cfg(feature = "pgrx")]
pub mod settings;

/// What `cargo pgrx test` asks for before it starts its server.
#[cfg(all(test, feature = "pg_test"))]
pub mod pg_test {
    /// Nothing is prepared.
    pub fn setup(_options: Vec<&str>) {}

    /// The server's settings are PostgreSQL's own.
    #[must_use]
    pub fn postgresql_conf_options() -> Vec<&'static str> {
        Vec::new()
    }
}
