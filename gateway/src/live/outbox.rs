//! Turns what is to be sent to one client into a bounded queue, which its connection empties as fast as the client reads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::batch::{Errors, Event};
use super::groups::MemberId;

/// Events beyond one of these stay in the database until the client has read: it costs no memory to be slow.
const MOST_ITEMS: usize = 256;
const MOST_BYTES: usize = 1 << 20;

/// The client's name for one of its operations.
pub(crate) type Tag = Arc<str>;

/// What happens to an operation.
#[derive(Debug)]
pub(crate) enum News {
    /// The subscription is given all events that are committed from this place on.
    Began(Arc<str>),
    /// The subscription's next event.
    Event(Arc<Event>),
    /// The operation ends with errors.
    Failed(Errors),
    /// The operation ends with this answer. The permit bounds how many answers wait to be sent.
    Answer(Bytes, OwnedSemaphorePermit),
}

/// What the connection is to send next.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) tag: Tag,
    pub(crate) news: News,
    /// Subscriptions that waited for room and now have some.
    pub(crate) revived: Vec<MemberId>,
}

/// The queue between the subscriptions and the connection of one client.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Rung when there is something to take, and when the client is given up. Only the connection waits for it.
    bell: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<(Tag, News)>,
    bytes: usize,
    taken: u64,
    stalled: Vec<MemberId>,
    given_up: bool,
}

impl News {
    fn size(&self) -> usize {
        match self {
            Self::Event(event) => event.payload.len(),
            Self::Began(_) | Self::Failed(_) | Self::Answer(..) => 0,
        }
    }
}

impl Outbox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an event if there is room. If not, `member` is told of room by [`Taken::revived`].
    #[must_use]
    pub(crate) fn offer(&self, tag: &Tag, member: MemberId, event: &Arc<Event>) -> bool {
        let mut queue = self.queue();
        let full = queue.items.len() >= MOST_ITEMS || queue.bytes + event.payload.len() > MOST_BYTES;
        // What alone is too large is sent alone.
        if full && !queue.items.is_empty() {
            queue.stalled.push(member);
            return false;
        }
        queue.add(tag.clone(), News::Event(Arc::clone(event)));
        drop(queue);
        self.bell.notify_one();
        true
    }

    /// Queues what comes only once for an operation, and so needs no bound of its own.
    pub(crate) fn push(&self, tag: Tag, news: News) {
        self.queue().add(tag, news);
        self.bell.notify_one();
    }

    /// What to send next, or that the client is given up; waits for it. It can be dropped while it waits and loses
    /// nothing.
    pub(crate) async fn take(&self) -> Option<Taken> {
        while !self.is_given_up() {
            if let Some(taken) = self.try_take() {
                return Some(taken);
            }
            self.bell.notified().await;
        }
        None
    }

    /// What to send next, if there is something.
    pub(crate) fn try_take(&self) -> Option<Taken> {
        let mut queue = self.queue();
        let (tag, news) = queue.items.pop_front()?;
        queue.bytes = queue.bytes.saturating_sub(news.size());
        queue.taken += 1;
        let roomy = queue.items.len() <= MOST_ITEMS / 2 && queue.bytes <= MOST_BYTES / 2;
        let revived = if roomy { std::mem::take(&mut queue.stalled) } else { Vec::new() };
        if queue.items.is_empty() {
            queue.items.shrink_to(8);
        }
        Some(Taken { tag, news, revived })
    }

    /// How much was ever taken: if it does not grow, the client does not read.
    pub(crate) fn progress(&self) -> u64 {
        self.queue().taken
    }

    /// Gives the client up: what it has not read is dropped, and its connection is to end.
    pub(crate) fn give_up(&self) {
        let mut queue = self.queue();
        queue.given_up = true;
        queue.items = VecDeque::new();
        queue.bytes = 0;
        drop(queue);
        self.bell.notify_one();
    }

    /// Waits until the client is given up. Not to be waited for at the same time as [`Self::take`].
    pub(crate) async fn given_up(&self) {
        while !self.is_given_up() {
            self.bell.notified().await;
        }
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.queue().given_up
    }
}

impl Queue {
    fn add(&mut self, tag: Tag, news: News) {
        if !self.given_up {
            self.bytes += news.size();
            self.items.push_back((tag, news));
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    pub(in crate::live) fn event(cursor: &str, bytes: usize) -> Arc<Event> {
        Arc::new(Event { cursor: cursor.into(), payload: "x".repeat(bytes).into() })
    }

    fn fill(outbox: &Outbox, event: &Arc<Event>) -> usize {
        (0..10_000).take_while(|_| outbox.offer(&"a".into(), MemberId(1), event)).count()
    }

    #[test]
    fn it_is_bounded_in_number_and_in_bytes() {
        assert_eq!(fill(&Outbox::default(), &event("c", 10)), MOST_ITEMS);
        assert_eq!(fill(&Outbox::default(), &event("c", MOST_BYTES / 4)), 4);
        assert_eq!(fill(&Outbox::default(), &event("c", MOST_BYTES * 2)), 1);
    }

    #[test]
    fn who_found_it_full_is_told_of_room_once() {
        let outbox = Outbox::default();
        let count = fill(&outbox, &event("c", 10));
        let revived: Vec<_> =
            (0..count).filter_map(|_| outbox.try_take()).map(|taken| taken.revived).collect();
        assert_eq!(revived.iter().flatten().count(), 1);
        assert_eq!(revived[MOST_ITEMS / 2 - 1], [MemberId(1)], "as soon as half of it is free");
        assert_eq!(outbox.progress(), MOST_ITEMS as u64);
        assert_eq!(fill(&outbox, &event("c", 10)), MOST_ITEMS);
    }

    #[tokio::test]
    async fn what_is_pushed_is_taken_in_order() {
        let outbox = Arc::new(Outbox::default());
        let waiting = tokio::spawn({
            let outbox = Arc::clone(&outbox);
            async move { [outbox.take().await, outbox.take().await].map(|taken| taken.unwrap().tag) }
        });
        outbox.push("a".into(), News::Began("c".into()));
        outbox.push("b".into(), News::Failed("[]".into()));
        assert_eq!(waiting.await.unwrap().map(|tag| tag.to_string()), ["a", "b"]);
    }

    #[tokio::test]
    async fn a_client_that_is_given_up_is_sent_nothing_more() {
        let outbox = Outbox::default();
        fill(&outbox, &event("c", 10));
        outbox.give_up();
        outbox.given_up().await;
        outbox.push("a".into(), News::Failed("[]".into()));
        assert!(outbox.try_take().is_none());
    }
}
