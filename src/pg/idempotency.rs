//! Turns a mutation that is sent again into the answer that it had (`sql/idempotency.sql`).

use super::session;
use super::statement::Own;
use crate::idempotency::Idempotent;
use crate::plan::Bound;
use pgrx::pg_sys;
use std::fmt::Write as _;

thread_local! {
    static RECALL: Own = const { Own::new(
        "SELECT saas_blog.recall(nullif($1, ''), $2, decode($3, 'hex'))",
        &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TEXTOID],
    ) };
    static REMEMBER: Own = const { Own::new(
        "SELECT saas_blog.remember(nullif($1, ''), $2, decode($3, 'hex'), $4)::text",
        &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TEXTOID],
    ) };
}

/// The answer that is kept under the key, as JSON text in the memory; none where there is none yet. From here on nobody
/// else can keep one under it until the transaction ends.
pub(super) fn recall(request: &Idempotent, memory: pg_sys::MemoryContext) -> Option<pg_sys::Datum> {
    let row = session::in_new_snapshot(|| RECALL.with(|own| own.run(&values(request), memory)))?;
    let (answer, is_null) = row.value(1);
    (!is_null).then_some(answer)
}

/// Keeps the answer under the key.
pub(super) fn remember(request: &Idempotent, answer: &str) {
    let values = [values(request), vec![Bound::Text(answer.to_owned())]].concat();
    session::in_new_snapshot(|| REMEMBER.with(|own| own.run(&values, session::current_memory())));
}

fn values(request: &Idempotent) -> Vec<Bound> {
    let body = request.body.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    vec![
        Bound::Text(request.operator.clone().unwrap_or_default()),
        Bound::Text(request.key.clone()),
        Bound::Text(body),
    ]
}
