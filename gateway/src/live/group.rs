//! One conversation with the database, and all subscribers who take part in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::asked::Asked;
use super::batch::{Batch, Errors, Place};
use super::groups::MemberId;
use super::outbox::{News, Outbox, Tag};

/// Where a subscriber's events go.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) tag: Tag,
}

impl Outlet {
    pub(super) fn tell(&self, news: News) {
        self.outbox.push(self.tag.clone(), news);
    }
}

/// A subscriber.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: MemberId,
    pub(super) outlet: Outlet,
    pub(super) stage: Stage,
}

/// How far a subscriber has come. It takes part from the end of a call that began after it came: events that were
/// committed before it came are none of its own, and the call has looked at its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Joining,
    Active,
}

/// What a group is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until its channel is rung, or the time to look has come.
    Idle,
    /// It is in the queue for a call.
    Ready,
    /// It is being called; `again` if something may have happened since.
    Asking { again: bool },
    /// The call failed: until the time to try again has come.
    Failing,
    /// Its only member has no room; what had been taken then.
    Stalled { progress: u64 },
}

/// Subscribers of the same request at the same place.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) asked: Arc<Asked>,
    /// Whether it goes on from a cursor of the client's: nobody joins before it has caught up.
    pub(super) resumes: bool,
    /// Unknown until it has been opened.
    pub(super) place: Option<Place>,
    pub(super) members: Vec<Member>,
    pub(super) phase: Phase,
    pub(super) due: Option<Instant>,
    pub(super) failures: u32,
}

impl Group {
    /// Without members, which is not to last.
    pub(super) fn new(asked: Arc<Asked>, resumes: bool, place: Option<Place>, phase: Phase) -> Self {
        Self { asked, resumes, place, members: Vec::new(), phase, due: None, failures: 0 }
    }

    /// Whether somebody who comes without a cursor may take part.
    pub(super) fn is_joinable(&self) -> bool {
        !matches!(self.phase, Phase::Stalled { .. }) && (self.place.is_some() || !self.resumes)
    }

    /// A call begins.
    pub(super) fn begin(&mut self) {
        self.phase = Phase::Asking { again: false };
        for member in &mut self.members {
            if member.stage == Stage::Waiting {
                member.stage = Stage::Joining;
            }
        }
    }

    /// A call ended that joins those who had come before it began.
    pub(super) fn activate(&mut self, cursor: &Arc<str>) {
        for member in &mut self.members {
            if member.stage == Stage::Joining {
                member.stage = Stage::Active;
                member.outlet.tell(News::Began(Arc::clone(cursor)));
            }
        }
    }

    /// Gives a batch to all active members. Those who have no room for all of it are taken out, with their cursors.
    pub(super) fn deliver(&mut self, batch: &Batch) -> Delivered {
        let mut delivered = Delivered::default();
        let Some(place) = &mut self.place else { return delivered };
        let from = std::mem::replace(&mut place.cursor, Arc::clone(&batch.cursor));
        let (mut kept, members) = (Vec::with_capacity(self.members.len()), std::mem::take(&mut self.members));
        for member in members {
            let count = if member.stage == Stage::Active { member.take(batch) } else { batch.events.len() };
            if member.stage == Stage::Active {
                delivered.events += count;
            }
            if count == batch.events.len() {
                kept.push(member);
            } else {
                let last = count.checked_sub(1).and_then(|last| batch.events.get(last));
                let cursor = last.map_or_else(|| Arc::clone(&from), |event| Arc::clone(&event.cursor));
                delivered.stalled.push((member, cursor));
            }
        }
        self.members = kept;
        delivered
    }

    /// All members are told that it is over.
    pub(super) fn fail(&self, errors: &Errors) {
        for member in &self.members {
            member.outlet.tell(News::Failed(Arc::clone(errors)));
        }
    }
}

impl Member {
    /// Takes as many events of the batch as there is room for.
    fn take(&self, batch: &Batch) -> usize {
        let Outlet { outbox, tag } = &self.outlet;
        batch.events.iter().take_while(|event| outbox.offer(tag, self.id, event)).count()
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    pub(super) events: usize,
    pub(super) stalled: Vec<(Member, Arc<str>)>,
}

/// A time around this one, so that those who began together do not stay together.
pub(super) fn jittered(time: Duration) -> Duration {
    time.mul_f64(rand::random_range(0.75..1.25))
}
