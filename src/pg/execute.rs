//! Turns a request that may run into the bytes of its answer: one statement for a query, and for a mutation one root field
//! after the other.

use super::refusal::internal;
use super::session::{self, End};
use super::statement::Prepared;
use super::{idempotency, join, log, statistics, text};
use crate::error::{Error, Failure};
use crate::limits::within;
use crate::plan::{Bound, Gap, Parameter};
use crate::resolve::{self, Ready, Request};
use crate::sql::{Call, RootField, Step};
use crate::{response, settings};
use pgrx::pg_sys;
use std::cell::RefCell;

/// How far a call has come.
#[derive(Default)]
pub(super) struct Progress(RefCell<Stage>);

/// The stages of a call.
#[derive(Default)]
pub(super) enum Stage {
    /// Nothing was executed.
    #[default]
    Before,
    /// The execution has begun; it is at this root field, as far as that can be told.
    Executing(Option<RootField>),
}

impl Progress {
    /// How far the call has come.
    pub(super) fn stage(self) -> Stage {
        self.0.into_inner()
    }

    fn at(&self, field: Option<&RootField>) {
        self.0.replace(Stage::Executing(field.cloned()));
    }
}

/// Runs a request; its answer is a text in the memory.
pub(super) fn run(
    request: &Request,
    memory: pg_sys::MemoryContext,
    progress: &Progress,
) -> Result<(pg_sys::Datum, End), Vec<Failure>> {
    let ready = resolve::prepare(request)?;
    if ready.program.serial {
        return mutate(request, &ready, memory, progress);
    }
    query(request, &ready, memory, progress).map(|answer| (answer, End::Keep))
}

fn query(
    request: &Request,
    ready: &Ready,
    memory: pg_sys::MemoryContext,
    progress: &Progress,
) -> Result<pg_sys::Datum, Vec<Failure>> {
    let (Some(step), Some(values)) = (ready.program.steps.first(), ready.values.first()) else {
        return Err(vec![internal("the program is empty").into()]);
    };
    progress.at(step.field.as_ref());
    let select = || selected(&step.selection, values, None, memory);
    let json = if fill(&ready.program.fills) { session::in_new_snapshot(select) } else { select() }?;
    // SAFETY: the statement gives one text, which nothing changes or frees before the call ends.
    let bytes = unsafe { text::bytes(json) };
    within("max_answer_bytes", bytes.len() as u64, settings::limits().answer_bytes).map_err(one)?;
    if ready.program.gaps.is_empty() || !text::has(bytes, Gap::MARK) {
        return Ok(json);
    }
    let (data, failures) = completed(request, bytes, &ready.program.gaps)?;
    statistics::failed(&failures);
    let answer = response::partial(&failures, most_errors(), &data);
    Ok(session::in_memory(memory, || text::datum(&answer)))
}

/// Makes ready what the statement reads, where something can be written; gives whether it was done.
fn fill(fills: &[Prepared]) -> bool {
    if fills.is_empty() || session::is_read_only() {
        return false;
    }
    for fill in fills {
        let run = || fill.kept().run(&[], None, session::current_memory());
        // It gives whether all was ready; `popularPosts` is the one field that has one.
        statistics::popular(session::in_new_snapshot(run).is_some_and(|row| row.boolean(1)));
    }
    true
}

/// Runs the root fields in their order. Whatever fails, nothing of any of them stays.
fn mutate(
    request: &Request,
    ready: &Ready,
    memory: pg_sys::MemoryContext,
    progress: &Progress,
) -> Result<(pg_sys::Datum, End), Vec<Failure>> {
    if session::is_read_only() {
        return Err(one(Error::ReadOnly));
    }
    if let Some(answer) = ready.idempotent.as_ref().and_then(|sent| idempotency::recall(sent, memory)) {
        return Ok((answer, End::Keep));
    }
    let mut answer = "{\"data\":{".to_owned();
    let mut values = ready.values.iter();
    for (at, step) in ready.program.steps.iter().enumerate() {
        progress.at(step.field.as_ref());
        let written = step.call.as_ref().zip(step.call.as_ref().and_then(|_| values.next()));
        let written = written.map(|(call, values)| self::written(call, values)).transpose()?;
        let values = values.next().map_or(&[][..], Vec::as_slice);
        member(&mut answer, at, step, written, values)?;
        if text::has(answer.as_bytes(), Gap::MARK) {
            answer.push_str("}}");
            let (_, failures) = completed(request, answer.as_bytes(), &ready.program.gaps)?;
            return Err(failures.into_iter().take(1).map(overtaken).collect());
        }
    }
    answer.push_str("}}");
    if let Some(sent) = &ready.idempotent {
        idempotency::remember(sent, &answer);
    }
    let end = if ready.dry_run { End::Undo } else { End::Keep };
    Ok((session::in_memory(memory, || text::datum(&answer)), end))
}

/// A row that was written, and the key of its tenant.
struct Written {
    row: pg_sys::Datum,
    tenant: i64,
}

fn written(call: &Call<Prepared>, values: &[Bound]) -> Result<Written, Vec<Failure>> {
    let run = || call.statement.kept().run(values, None, session::current_memory());
    let written = session::in_new_snapshot(run).and_then(|row| {
        let tenant = row.attribute(1, call.tenant.as_str())?;
        Some(Written { row: row.value(1).0, tenant })
    });
    written.ok_or_else(|| one(internal("the function has given no row")))
}

/// Appends a root field and its value to the answer.
fn member(
    answer: &mut String,
    at: usize,
    step: &Step<Prepared>,
    written: Option<Written>,
    values: &[Bound],
) -> Result<(), Vec<Failure>> {
    let parameters = &step.selection.statement.parameters;
    let values: Vec<Bound> = values
        .iter()
        .zip(parameters)
        .map(|(value, parameter)| match (parameter, &written) {
            // An operator has entered the tenant whose row it has written.
            (Parameter::TenantKey, Some(written)) => Bound::Bigint(Some(written.tenant)),
            _ => value.clone(),
        })
        .collect();
    let row = written.map(|written| written.row);
    let select = || selected(&step.selection, &values, row, session::current_memory());
    let json = session::in_new_snapshot(select)?;
    // SAFETY: as in `query`; SPI frees it behind the request.
    let json = std::str::from_utf8(unsafe { text::bytes(json) });
    let json = json.map_err(|_| one(internal("the answer is no UTF-8")))?;
    let key = step.field.as_ref().map_or("", |field| field.key.as_str());
    for part in [if at == 0 { "" } else { "," }, "\"", key, "\":", json] {
        answer.push_str(part);
    }
    within("max_answer_bytes", answer.len() as u64, settings::limits().answer_bytes).map_err(one)
}

/// The one value that a statement gives.
fn selected(
    prepared: &Prepared,
    values: &[Bound],
    written: Option<pg_sys::Datum>,
    memory: pg_sys::MemoryContext,
) -> Result<pg_sys::Datum, Vec<Failure>> {
    let most = settings::limits().answer_bytes;
    let row = join::bounded(most, || prepared.kept().run(values, written, memory));
    let (json, is_null) = row.map_or((pg_sys::Datum::null(), true), |row| row.value(1));
    if is_null { Err(one(internal("the statement has no row"))) } else { Ok(json) }
}

/// The answer's data with null around what is missing, and the errors that say so. A missing row is ours to mend, so the log
/// has it too.
pub(super) fn completed(
    request: &Request,
    answer: &[u8],
    gaps: &[Gap],
) -> Result<(Box<serde_json::value::RawValue>, Vec<Failure>), Vec<Failure>> {
    let answer = std::str::from_utf8(answer).ok().and_then(|answer| response::complete(answer, gaps));
    let (data, missing) = answer.ok_or_else(|| one(internal("the answer is no JSON")))?;
    let failures = resolve::missing(request, gaps, missing.into_iter().take(most_errors()).collect());
    let ours = failures.iter().find(|failure| matches!(failure.error, Error::Missing(_)));
    if let Some(failure) = ours {
        log::log(format!("saas_blog: {}", failure.error));
    }
    Ok((data, failures))
}

/// The call and the selection are two statements, so two snapshots: the post of a new comment may be withdrawn in
/// between.
fn overtaken(failure: Failure) -> Failure {
    let error = if matches!(failure.error, Error::Missing(_)) { Error::Overtaken } else { failure.error };
    Failure { error, ..failure }
}

fn one(error: Error) -> Vec<Failure> {
    vec![error.into()]
}

pub(super) fn most_errors() -> usize {
    usize::try_from(settings::limits().errors).unwrap_or(1)
}
