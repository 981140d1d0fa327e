//! What a request may not exceed, and the error that says so.

use crate::error::Error;

/// The settings `saas_blog.max_*` that bound a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the query's text.
    pub query_bytes: u64,
    /// Bytes of the variables as `jsonb`.
    pub variables_bytes: u64,
    /// Tokens of the query.
    pub tokens: u64,
    /// Brackets of all kinds inside each other.
    pub nesting: u64,
    /// Fields inside each other.
    pub depth: u64,
    /// Fields inside each other from `__schema` or `__type` on, which count nowhere else.
    pub introspection_depth: u64,
    /// Aliased fields.
    pub aliases: u64,
    /// Fields of the operation itself.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
    /// Fields with all fragments expanded.
    pub fields: u64,
    /// Objects, lists and counts that are read for an operation, each by a sub-select of its statement.
    pub relations: u64,
    /// Rows of one page.
    pub page_size: u64,
    /// Rows of all lists together.
    pub rows: u64,
    /// Expected bytes of the answer.
    pub cost: u64,
    /// Bytes of the answer.
    pub answer_bytes: u64,
    /// Errors in one answer.
    pub errors: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_bytes: 64 << 10,
            variables_bytes: 1 << 20,
            tokens: 10_000,
            nesting: 100,
            depth: 12,
            introspection_depth: 15,
            aliases: 50,
            root_fields: 20,
            directives: 50,
            fields: 5_000,
            relations: 200,
            page_size: 100,
            rows: 10_000,
            cost: 64 << 20,
            answer_bytes: 32 << 20,
            errors: 20,
        }
    }
}

/// Fails if `value` is above the limit.
///
/// # Errors
/// [`Error::Limit`] with the limit's name and what it allows.
pub fn within(limit: &'static str, value: u64, most: u64) -> Result<(), Error> {
    if value > most { Err(Error::Limit { limit, value: most }) } else { Ok(()) }
}
