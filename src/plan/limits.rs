//! The limits of an installation, and what an operation's size is measured against.

use super::{Load, PageSize};
use crate::error::Error;
use crate::operation::Measure;

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
    /// Aliased fields.
    pub aliases: u64,
    /// Fields of the operation itself.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
    /// Fields with all fragments expanded.
    pub fields: u64,
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
            aliases: 50,
            root_fields: 20,
            directives: 50,
            fields: 5_000,
            page_size: 100,
            rows: 10_000,
            cost: 64 << 20,
            answer_bytes: 32 << 20,
            errors: 20,
        }
    }
}

impl Limits {
    /// Checks the size of an operation with its fragments expanded.
    ///
    /// # Errors
    /// The first limit that it exceeds.
    pub fn check_measure(&self, measure: &Measure) -> Result<(), Error> {
        within("max_depth", measure.depth.into(), self.depth)?;
        within("max_root_fields", measure.root_fields.into(), self.root_fields)?;
        within("max_aliases", measure.aliases.into(), self.aliases)?;
        within("max_directives", measure.directives.into(), self.directives)?;
        within("max_fields", measure.fields.into(), self.fields)
    }

    /// Checks how much is asked for, with the page sizes that `size` gives.
    ///
    /// # Errors
    /// There are more rows or bytes than the limits allow.
    pub fn check_load(&self, load: &Load, size: &impl Fn(&PageSize) -> u64) -> Result<(), Error> {
        let (rows, bytes) = total(load, size);
        within("max_rows", rows, self.rows)?;
        within("max_cost", bytes, self.cost)
    }
}

/// Fails if `value` is above the limit.
///
/// # Errors
/// [`Error::Limit`] with the limit's name and what it allows.
pub fn within(limit: &'static str, value: u64, most: u64) -> Result<(), Error> {
    if value > most { Err(Error::Limit { limit, value: most }) } else { Ok(()) }
}

/// Rows and bytes; both stop at `u64::MAX`.
fn total(load: &Load, size: &impl Fn(&PageSize) -> u64) -> (u64, u64) {
    load.lists.iter().fold((0_u64, load.bytes), |(rows, bytes), (page, inner)| {
        let page = size(page);
        let (inner_rows, inner_bytes) = total(inner, size);
        let rows = rows.saturating_add(page.saturating_mul(inner_rows.saturating_add(1)));
        (rows, bytes.saturating_add(page.saturating_mul(inner_bytes)))
    })
}
