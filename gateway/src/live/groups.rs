//! Turns what happens (a bell, an answer, a client that comes, goes or has room again) into the calls to make next.
//! Nothing in here waits or talks to anybody.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::asked::Asked;
use super::batch::{Batch, Errors, Place};
use super::channels::Channels;
use super::group::{Group, Member, Outlet, Phase, Stage, jittered};

/// How long a client may leave its full queue untouched.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// One subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MemberId(pub(crate) u64);

/// One group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupId(u64);

/// A call of the database.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) group: GroupId,
    pub(crate) asked: Arc<Asked>,
    pub(crate) ask: Ask,
}

/// What to call.
#[derive(Debug)]
pub(crate) enum Ask {
    /// `graphql.subscribe`.
    Subscribe,
    /// `graphql.next`, with this cursor.
    Next(Arc<str>),
}

/// Why a channel's groups are to look for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bell {
    /// There was a notification.
    Rung,
    /// From now on there are notifications; what came before was not heard.
    Hung,
}

/// All subscriptions.
#[derive(Debug)]
pub(crate) struct Groups {
    poll: Duration,
    channels: Arc<Channels>,
    all: HashMap<GroupId, Group>,
    members: HashMap<MemberId, GroupId>,
    by_asked: HashMap<Arc<Asked>, Vec<GroupId>>,
    by_channel: HashMap<Arc<str>, HashSet<GroupId>>,
    due: BTreeSet<(Instant, GroupId)>,
    ready: VecDeque<GroupId>,
    last: u64,
}

impl Groups {
    pub(crate) fn new(poll: Duration, channels: Arc<Channels>) -> Self {
        Self {
            poll,
            channels,
            all: HashMap::new(),
            members: HashMap::new(),
            by_asked: HashMap::new(),
            by_channel: HashMap::new(),
            due: BTreeSet::new(),
            ready: VecDeque::new(),
            last: 0,
        }
    }

    /// The number of subscribers.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is a call to make.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A subscriber comes.
    pub(crate) fn subscribe(&mut self, asked: Arc<Asked>, outlet: Outlet) -> MemberId {
        self.last += 1;
        let id = MemberId(self.last);
        let resumes = asked.resumes();
        let others = self.by_asked.get(&asked).map_or(&[][..], Vec::as_slice);
        let joinable = |group: &&GroupId| !resumes && self.all.get(group).is_some_and(Group::is_joinable);
        let group = others.iter().find(joinable).copied();
        let group = group.unwrap_or_else(|| self.add(Group::new(asked, resumes, None, Phase::Idle)));
        self.put(group, Member { id, outlet, stage: Stage::Waiting });
        self.want(group);
        id
    }

    /// A subscriber goes.
    pub(crate) fn leave(&mut self, member: MemberId) {
        let Some(id) = self.members.remove(&member) else { return };
        let Some(group) = self.all.get_mut(&id) else { return };
        group.members.retain(|other| other.id != member);
        if group.members.is_empty() {
            self.remove(id);
        }
    }

    /// The next call to make. Its end is told by `opened`, `answered`, `failed` or `refused`.
    pub(crate) fn next_call(&mut self) -> Option<Call> {
        while let Some(id) = self.ready.pop_front() {
            let Some(group) = self.all.get_mut(&id).filter(|group| group.phase == Phase::Ready) else {
                continue;
            };
            group.begin();
            let ask =
                group.place.as_ref().map_or(Ask::Subscribe, |place| Ask::Next(Arc::clone(&place.cursor)));
            return Some(Call { group: id, asked: Arc::clone(&group.asked), ask });
        }
        None
    }

    /// `graphql.subscribe` has given a place.
    pub(crate) fn opened(&mut self, id: GroupId, place: Place, now: Instant) {
        let Some(group) = self.all.get_mut(&id) else { return };
        group.failures = 0;
        group.activate(&place.cursor);
        // What happened between the call and LISTEN has rung no bell that this group hears.
        let listened = self.channels.need(&place.channel);
        self.by_channel.entry(Arc::clone(&place.channel)).or_default().insert(id);
        group.place = Some(place);
        self.settle(id, listened, now);
    }

    /// `graphql.next` has given a batch; how many events were given to subscribers.
    pub(crate) fn answered(&mut self, id: GroupId, batch: &Batch, now: Instant) -> usize {
        let Some(group) = self.all.get_mut(&id) else { return 0 };
        group.failures = 0;
        let delivered = group.deliver(batch);
        if !batch.more {
            group.activate(&batch.cursor);
        }
        let (asked, channel) =
            (Arc::clone(&group.asked), group.place.as_ref().map(|place| place.channel.clone()));
        for (member, cursor) in delivered.stalled {
            if let Some(channel) = &channel {
                self.stall(member, Arc::clone(&asked), Place { channel: Arc::clone(channel), cursor }, now);
            }
        }
        self.settle(id, batch.more, now);
        delivered.events
    }

    /// The call failed for reasons that pass; how often it did without a success in between.
    pub(crate) fn failed(&mut self, id: GroupId, now: Instant) -> u32 {
        let Some(group) = self.all.get_mut(&id) else { return 0 };
        group.failures += 1;
        group.phase = Phase::Failing;
        let failures = group.failures;
        let wait = FIRST_RETRY.saturating_mul(1 << (failures - 1).min(10)).min(LAST_RETRY);
        self.set_due(id, Some(now + jittered(wait)));
        failures
    }

    /// The subscription is over for all who take part.
    pub(crate) fn refused(&mut self, id: GroupId, errors: &Errors) {
        let Some(group) = self.all.get(&id) else { return };
        group.fail(errors);
        for member in &group.members {
            self.members.remove(&member.id);
        }
        self.remove(id);
    }

    /// The groups of a channel are to look for events.
    pub(crate) fn ring(&mut self, channel: &str, bell: Bell) {
        let groups: Vec<_> = self.by_channel.get(channel).into_iter().flatten().copied().collect();
        for id in groups {
            match self.all.get(&id).map(|group| group.phase) {
                // It tries again anyway, and a bell is no reason to do so sooner.
                Some(Phase::Failing) if bell == Bell::Rung => {}
                Some(Phase::Failing) => self.ready(id),
                _ => self.want(id),
            }
        }
    }

    /// These subscribers have room again.
    pub(crate) fn revive(&mut self, members: &[MemberId]) {
        for member in members {
            let Some(id) = self.members.get(member).copied() else { continue };
            if matches!(self.all.get(&id).map(|group| group.phase), Some(Phase::Stalled { .. })) {
                self.ready(id);
            }
        }
    }

    /// Time has passed; how many clients are given up because they do not read.
    pub(crate) fn tick(&mut self, now: Instant) -> usize {
        let mut given_up = 0;
        while let Some((_, id)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.set_due(id, None);
            let Some(group) = self.all.get_mut(&id) else { continue };
            let Phase::Stalled { progress } = group.phase else {
                self.ready(id);
                continue;
            };
            let outboxes: Vec<_> =
                group.members.iter().map(|member| Arc::clone(&member.outlet.outbox)).collect();
            let latest = outboxes.first().map_or(progress, |outbox| outbox.progress());
            group.phase = Phase::Stalled { progress: latest };
            if latest == progress {
                given_up += outboxes.iter().filter(|outbox| !outbox.is_given_up()).count();
                for outbox in outboxes {
                    outbox.give_up();
                }
            } else {
                self.set_due(id, Some(now + PATIENCE));
            }
        }
        given_up
    }

    /// The group is to be called soon, unless it waits for something else.
    fn want(&mut self, id: GroupId) {
        match self.all.get_mut(&id).map(|group| &mut group.phase) {
            Some(Phase::Idle) => self.ready(id),
            Some(Phase::Asking { again }) => *again = true,
            _ => {}
        }
    }

    fn ready(&mut self, id: GroupId) {
        self.set_due(id, None);
        if let Some(group) = self.all.get_mut(&id) {
            group.phase = Phase::Ready;
            self.ready.push_back(id);
        }
    }

    /// A call has ended.
    fn settle(&mut self, id: GroupId, more: bool, now: Instant) {
        let Some(group) = self.all.get_mut(&id) else { return };
        let again = matches!(group.phase, Phase::Asking { again: true });
        group.phase = Phase::Idle;
        if group.members.is_empty() {
            self.remove(id);
        } else if more || again {
            self.ready(id);
        } else if !self.merge(id) {
            self.set_due(id, Some(now + jittered(self.poll)));
        }
    }

    /// Groups of the same request that have come to the same place are one from then on.
    fn merge(&mut self, id: GroupId) -> bool {
        let Some(group) = self.all.get(&id) else { return false };
        let others = self.by_asked.get(&group.asked).map_or(&[][..], Vec::as_slice);
        let same = |other: &&GroupId| {
            **other != id
                && self
                    .all
                    .get(other)
                    .is_some_and(|other| other.phase == Phase::Idle && other.place == group.place)
        };
        let Some(into) = others.iter().find(same).copied() else { return false };
        let members =
            self.all.get_mut(&id).map(|group| std::mem::take(&mut group.members)).unwrap_or_default();
        for member in members {
            self.put(into, member);
        }
        self.remove(id);
        true
    }

    /// A member goes on alone, once it has room.
    fn stall(&mut self, member: Member, asked: Arc<Asked>, place: Place, now: Instant) {
        let phase = Phase::Stalled { progress: member.outlet.outbox.progress() };
        self.channels.need(&place.channel);
        let channel = Arc::clone(&place.channel);
        let id = self.add(Group::new(asked, true, Some(place), phase));
        self.by_channel.entry(channel).or_default().insert(id);
        self.put(id, member);
        self.set_due(id, Some(now + PATIENCE));
    }

    fn add(&mut self, group: Group) -> GroupId {
        self.last += 1;
        let id = GroupId(self.last);
        self.by_asked.entry(Arc::clone(&group.asked)).or_default().push(id);
        self.all.insert(id, group);
        id
    }

    fn put(&mut self, id: GroupId, member: Member) {
        if let Some(group) = self.all.get_mut(&id) {
            self.members.insert(member.id, id);
            group.members.push(member);
        }
    }

    fn remove(&mut self, id: GroupId) {
        self.set_due(id, None);
        let Some(group) = self.all.remove(&id) else { return };
        if let Some(others) = self.by_asked.get_mut(&group.asked) {
            others.retain(|other| *other != id);
            if others.is_empty() {
                self.by_asked.remove(&group.asked);
            }
        }
        let Some(Place { channel, .. }) = group.place else { return };
        self.channels.release(&channel);
        if let Some(others) = self.by_channel.get_mut(&channel) {
            others.remove(&id);
            if others.is_empty() {
                self.by_channel.remove(&channel);
            }
        }
    }

    fn set_due(&mut self, id: GroupId, due: Option<Instant>) {
        let Some(group) = self.all.get_mut(&id) else { return };
        if let Some(old) = std::mem::replace(&mut group.due, due) {
            self.due.remove(&(old, id));
        }
        if let Some(new) = due {
            self.due.insert((new, id));
        }
    }
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "groups_at_random.rs"]
mod at_random;
