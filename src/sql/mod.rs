//! Turns a [`Plan`] into a [`Statement`]: SQL text with `$n`, and the parameters. It cannot fail.
//!
//! JSON is built as text: `concat` and an aggregate over sub-selects that are in order already are four to five
//! times as fast as `jsonb_build_object` and `jsonb_agg` (ARCHITECTURE.md has the figures).

mod ast;
mod connection;
mod json;
mod object;
mod print;

use crate::plan::{Checks, Gap, Parameter, Plan};

/// One SQL statement for a whole operation. Plans of one shape have the same text.
#[derive(Debug)]
pub struct Statement {
    /// The text: one row with one column, the answer as JSON text.
    pub text: String,
    /// The values of `$1`, `$2`, …
    pub parameters: Vec<Parameter>,
    /// What is looked at before the statement runs.
    pub checks: Checks,
    /// What is looked for in the answer.
    pub gaps: Vec<Gap>,
    /// The key of the operation's root field, where there is only one.
    pub only_root: Option<String>,
    /// How many sub-selects read a table: PostgreSQL's planner takes a quarter of a megabyte for each.
    pub relations: u64,
}

/// The statement that answers a plan.
#[must_use]
pub fn build(plan: Plan<'_>) -> Statement {
    let mut builder = object::Builder::default();
    let select = builder.answer(&plan.root);
    let (text, parameters) = print::print(&select);
    let only_root = match plan.root.as_slice() {
        [only] => Some(only.key.clone()),
        _ => None,
    };
    Statement {
        text,
        parameters,
        checks: plan.checks,
        gaps: plan.gaps,
        only_root,
        relations: builder.relations(),
    }
}
