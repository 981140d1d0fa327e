//! How much a plan asks for, before it asks.

use super::PageSize;
use crate::error::Error;
use crate::limits::{Limits, within};

/// How many rows and bytes are asked for per row around it.
#[derive(Debug, Default)]
pub struct Load {
    /// The expected bytes of one row.
    pub bytes: u64,
    /// The lists in it, with the load of each of their rows.
    pub lists: Vec<(PageSize, Load)>,
}

impl Load {
    /// Checks how much is asked for, with the page sizes that `size` gives.
    ///
    /// # Errors
    /// There are more rows or bytes than the limits allow.
    pub fn check(&self, limits: &Limits, size: &impl Fn(&PageSize) -> u64) -> Result<(), Error> {
        let (rows, bytes) = self.total(size);
        within("max_rows", rows, limits.rows)?;
        within("max_cost", bytes, limits.cost)
    }

    /// For how many events this can be asked within the limits of one operation; one it is in any case.
    pub fn times(&self, limits: &Limits, size: &impl Fn(&PageSize) -> u64) -> u64 {
        let (rows, bytes) = self.total(size);
        (limits.rows / rows.max(1)).min(limits.cost / bytes.max(1)).max(1)
    }

    /// Rows and bytes; both stop at `u64::MAX`.
    fn total(&self, size: &impl Fn(&PageSize) -> u64) -> (u64, u64) {
        self.lists.iter().fold((0_u64, self.bytes), |(rows, bytes), (page, inner)| {
            let page = size(page);
            let (inner_rows, inner_bytes) = inner.total(size);
            let rows = rows.saturating_add(page.saturating_mul(inner_rows.saturating_add(1)));
            (rows, bytes.saturating_add(page.saturating_mul(inner_bytes)))
        })
    }
}
