//! Turns a subscription into a channel and a cursor, and a cursor into the answers for what has happened behind it.
//!
//! All that one call reads is of one snapshot: the subject, the events, the rows of each. `sql/events.sql` has the tables.

use super::execute::{completed, most_errors};
use super::receiver::Row;
use super::refusal::{self, internal};
use super::session::{self, End};
use super::statement::{Own, Prepared};
use super::{join, server, statistics, text};
use crate::error::{Error, Failure, InputError};
use crate::events::{Cursor, Draining, Origin, Snapshot};
use crate::limits::within;
use crate::plan::{Bound, Gap};
use crate::resolve::{self, Ready, Request};
use crate::sql::{Events, Step};
use crate::{response, settings};
use pgrx::pg_sys;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

thread_local! {
    static SOURCE: Own = const { Own::new(
        "SELECT pg_current_snapshot()::text, s.channel, s.leased, s.pruned FROM saas_blog.event_source($1, $2) AS s",
        &[pg_sys::TEXTOID, pg_sys::INT8OID],
    ) };
    static LEASE: Own = const { Own::new(
        "SELECT saas_blog.lease_events($1, $2)::text",
        &[pg_sys::TEXTOID, pg_sys::INT8OID],
    ) };
    // The events are found by the index of their transactions, and then put in order: MATERIALIZED keeps the planner from
    // reading all of a tenant's in the order of their keys, in hope of an early hit. Row-level security keeps functions out
    // of an index, but not the values of sub-selects.
    static EVENTS: Own = const { Own::new(
        "WITH new AS MATERIALIZED ( \
           SELECT e.pk_event, e.fk_row FROM saas_blog.tb_event AS e \
           WHERE e.fk_tenant = saas_blog.tenant_pk() AND e.topic = $1 AND e.fk_subject = $2 \
             AND e.xid >= (SELECT pg_snapshot_xmin($3::pg_snapshot)) \
             AND e.xid < (SELECT pg_snapshot_xmax($4::pg_snapshot)) \
             AND NOT pg_visible_in_snapshot(e.xid, (SELECT $3::pg_snapshot)) \
             AND pg_visible_in_snapshot(e.xid, (SELECT $4::pg_snapshot)) AND e.pk_event > $5) \
         SELECT string_agg(concat(n.pk_event, ' ', n.fk_row), ',') \
         FROM (SELECT * FROM new ORDER BY pk_event LIMIT $6) AS n",
        &[pg_sys::TEXTOID, pg_sys::INT8OID, pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID, pg_sys::INT8OID],
    ) };
}

/// Opens a subscription: `{"channel", "cursor"}`.
pub(super) fn subscribe(request: &Request) -> Result<String, Vec<Failure>> {
    let ready = resolve::prepare(request)?;
    session::latest(|| {
        let source = Source::of(request, &ready)?;
        let cursor = match &ready.resume {
            Some(text) => source.cursor(text).map(|_| text.clone()).map_err(one)?,
            None => Cursor::behind(source.state.now.clone().bounded()).encode(&source.state.origin),
        };
        source.keep();
        Ok(format!("{{\"channel\":\"{}\",\"cursor\":\"{cursor}\"}}", source.state.channel))
    })
}

/// What has happened behind a cursor: `{"cursor", "more", "results": [{"cursor", "data" | "errors"}, …]}`.
pub(super) fn next(request: &Request, cursor: Option<String>) -> Result<String, Vec<Failure>> {
    let ready = resolve::prepare(request)?;
    session::latest(|| {
        let source = Source::of(request, &ready)?;
        let cursor = cursor.ok_or(Error::Input(InputError::NoCursor)).map_err(one)?;
        let cursor = source.cursor(&cursor).map_err(one)?;
        let batch = Batch::read(&source, cursor)?;
        source.keep();
        Ok(batch.print(&source.state.origin))
    })
}

/// What the events of a subscription come from.
struct Source<'a> {
    request: &'a Request,
    ready: &'a Ready,
    step: &'a Step<Prepared>,
    topic: &'a str,
    subject: i64,
    state: State,
}

/// What the database says of a source.
struct State {
    channel: String,
    /// Whether its lease is good for a while.
    leased: bool,
    /// The last transaction of which events are gone.
    pruned: Option<u64>,
    /// What this call sees.
    now: Snapshot,
    origin: Origin,
}

impl State {
    fn read(row: &Row) -> Option<Self> {
        let now = Snapshot::parse(&row.text(1)?)?;
        let now = server::own_transaction().into_iter().fold(now, Snapshot::with_running);
        let channel = row.text(2)?;
        let origin = server::origin(*Sha256::digest(&channel).first_chunk()?);
        let pruned = row.text(4).and_then(|xid| xid.parse().ok());
        Some(Self { channel, leased: row.boolean(3), pruned, now, origin })
    }
}

impl<'a> Source<'a> {
    fn of(request: &'a Request, ready: &'a Ready) -> Result<Self, Vec<Failure>> {
        if server::is_standby() {
            return Err(one(Error::Input(InputError::SubscriptionOnStandby)));
        }
        if server::has_written() {
            return Err(one(Error::Input(InputError::SubscriptionWhileWriting)));
        }
        let (step, events) = subscription(ready)?;
        let subject = subject(ready, events).map_err(|error| {
            let mut failure = Failure::from(error);
            if let Some(field) = &step.field {
                resolve::blame(&mut failure, request, field);
            }
            vec![failure]
        })?;
        let values = [Bound::Text(events.topic.clone()), Bound::Bigint(Some(subject))];
        let row = SOURCE.with(|own| own.run(&values, session::current_memory()));
        let state = row.and_then(|row| State::read(&row));
        let state = state.ok_or_else(|| one(internal("the source of events has given no row")))?;
        Ok(Self { request, ready, step, topic: &events.topic, subject, state })
    }

    /// The place that a text names, if it is one of this subscription and nothing behind it is gone.
    fn cursor(&self, text: &str) -> Result<Cursor, Error> {
        let cursor =
            Cursor::decode(text, &self.state.origin).filter(|cursor| !cursor.is_ahead_of(&self.state.now));
        let cursor = cursor.ok_or(Error::Input(InputError::ForeignCursor))?;
        if self.state.pruned.is_some_and(|pruned| cursor.seen.is_behind(pruned, &self.state.now)) {
            return Err(Error::Input(InputError::OldCursor));
        }
        Ok(cursor)
    }

    /// Makes sure of what a cursor of now says of transactions, and of the notifications for some minutes more.
    fn keep(&self) {
        server::flush();
        if !self.state.leased && !session::is_read_only() {
            let values = [Bound::Text(self.topic.to_owned()), Bound::Bigint(Some(self.subject))];
            let lease = || LEASE.with(|own| own.run(&values, session::current_memory()));
            server::writing(|| session::in_new_snapshot(lease));
        }
    }

    /// The events between two snapshots and behind a key, as pairs of their keys and those of their rows.
    fn events(&self, seen: &Snapshot, until: &Snapshot, last: i64, most: u64) -> Vec<(i64, i64)> {
        let values = [
            Bound::Text(self.topic.to_owned()),
            Bound::Bigint(Some(self.subject)),
            Bound::Text(seen.to_string()),
            Bound::Text(until.to_string()),
            Bound::Bigint(Some(last)),
            Bound::Bigint(Some(i64::try_from(most).unwrap_or(i64::MAX))),
        ];
        let row = EVENTS.with(|own| own.run(&values, session::current_memory()));
        let pairs = row.and_then(|row| row.text(1)).unwrap_or_default();
        let pair = |pair: &str| {
            let (event, row) = pair.split_once(' ')?;
            Some((event.parse().ok()?, row.parse().ok()?))
        };
        pairs.split(',').filter_map(pair).collect()
    }
}

impl Source<'_> {
    /// The answer for an event with this row; none if the row is gone for the caller. What fails fails for this event alone.
    fn answer(&self, row: i64) -> Result<Option<String>, Vec<Failure>> {
        let selected = session::guarded_here(|| (self.selected(row), End::Keep));
        let selected = selected.unwrap_or_else(|cause| Err(one(refusal::caught(cause))));
        selected.or_else(|mut failures| {
            for failure in &mut failures {
                self.step.field.iter().for_each(|field| resolve::blame(failure, self.request, field));
            }
            statistics::failed(&failures);
            Ok(Some(response::partial(&failures, most_errors(), RawValue::NULL)))
        })
    }

    fn selected(&self, row: i64) -> Result<Option<String>, Vec<Failure>> {
        let most = settings::limits().answer_bytes;
        let values = self.ready.values.last().map_or(&[][..], Vec::as_slice);
        let prepared = &self.step.selection;
        let key = Some(pg_sys::Datum::from(row));
        let found = join::bounded(most, || prepared.kept().run(values, key, session::current_memory()));
        let Some(answer) = found.and_then(|row| row.text(1)) else { return Ok(None) };
        within("max_answer_bytes", answer.len() as u64, most).map_err(one)?;
        let gaps = &self.ready.program.gaps;
        if gaps.is_empty() || !text::has(answer.as_bytes(), Gap::MARK) {
            return Ok(Some(answer));
        }
        let (data, failures) = completed(self.request, answer.as_bytes(), gaps)?;
        statistics::failed(&failures);
        Ok(Some(response::partial(&failures, most_errors(), &data)))
    }
}

/// The only step of a subscription.
fn subscription(ready: &Ready) -> Result<(&Step<Prepared>, &Events<Prepared>), Vec<Failure>> {
    let step = ready.program.steps.first();
    let events = step.and_then(|step| Some((step, step.events.as_ref()?)));
    events.ok_or_else(|| one(Error::Input(InputError::NoEvent)))
}

/// The key of what the events are about.
fn subject(ready: &Ready, events: &Events<Prepared>) -> Result<i64, Error> {
    let Some(subject) = &events.subject else { return Ok(0) };
    let values = ready.values.first().map_or(&[][..], Vec::as_slice);
    let row = subject.statement.kept().run(values, None, session::current_memory());
    row.and_then(|row| row.bigint(1)).ok_or_else(|| Error::NoSubject(subject.name.clone()))
}

/// The answers of one call.
struct Batch {
    /// Each with its cursor, which leads right behind it.
    results: Vec<(Cursor, String)>,
    /// Where the next call begins.
    cursor: Cursor,
    /// Whether there may be more by now.
    more: bool,
    /// How many events can be looked at yet, and how many bytes the answers may have.
    room: (u64, u64),
}

impl Batch {
    /// The answers for what is behind the cursor: first on the way that it has begun, then up to now. As many as the
    /// settings and the limits of an operation allow, and one in any case: a subscription goes on.
    fn read(source: &Source<'_>, cursor: Cursor) -> Result<Self, Vec<Failure>> {
        let most = settings::events_per_call().min(source.ready.most_events);
        let room = (most, settings::limits().answer_bytes);
        let mut batch = Self { results: Vec::new(), cursor, more: false, room };
        if let Some(Draining { snapshot, last }) = batch.cursor.draining.take() {
            batch.advance(source, &snapshot, last)?;
        }
        if !batch.more {
            batch.advance(source, &source.state.now.clone().bounded(), 0)?;
        }
        Ok(batch)
    }

    /// Goes on up to the snapshot, from behind the event with this key, as far as there is room.
    fn advance(&mut self, source: &Source<'_>, until: &Snapshot, mut last: i64) -> Result<(), Vec<Failure>> {
        let seen = self.cursor.seen.clone();
        let before = self.results.len();
        // One more than there is room for tells whether there are more.
        for (key, row) in source.events(&seen, until, last, self.room.0 + 1) {
            let answer = if self.room.0 > 0 { source.answer(row)? } else { None };
            let bytes = answer.as_ref().map_or(0, |answer| answer.len() as u64);
            if self.room.0 == 0 || bytes > self.room.1 && !self.results.is_empty() {
                self.cursor = Cursor::within(seen, until.clone(), last);
                self.more = true;
                return Ok(());
            }
            let cursor = || Cursor::within(seen.clone(), until.clone(), key);
            self.results.extend(answer.map(|answer| (cursor(), answer)));
            self.room = (self.room.0 - 1, self.room.1.saturating_sub(bytes));
            last = key;
        }
        self.cursor = Cursor::behind(until.clone());
        if let Some((cursor, _)) = self.results.get_mut(before..).and_then(<[_]>::last_mut) {
            *cursor = self.cursor.clone();
        }
        Ok(())
    }

    fn print(&self, origin: &Origin) -> String {
        let mut text =
            format!("{{\"cursor\":\"{}\",\"more\":{},\"results\":[", self.cursor.encode(origin), self.more);
        for (at, (cursor, answer)) in self.results.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // The answer is an object with a member: its cursor becomes the first one.
            let members = answer.strip_prefix('{').unwrap_or(answer);
            for part in [comma, "{\"cursor\":\"", &cursor.encode(origin), "\",", members] {
                text.push_str(part);
            }
        }
        text.push_str("]}");
        text
    }
}

fn one(error: Error) -> Vec<Failure> {
    vec![error.into()]
}
