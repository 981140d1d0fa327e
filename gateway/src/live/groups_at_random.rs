#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::asked::tests::asking;
use super::super::outbox::{News, Outbox, tests::event};
use super::*;

const POLL: Duration = Duration::from_secs(15);

/// One subscriber, and what it has been given.
struct Client {
    member: MemberId,
    outbox: Arc<Outbox>,
    /// Events that there were when it came, or the cursor that it resumes from.
    since: usize,
    resumes: bool,
    /// The cursor from which it began, and behind the last event.
    began: Option<usize>,
    reached: usize,
}

/// A database whose events are numbered, whose cursors are those numbers, and which answers when chance wants it.
struct World {
    random: StdRng,
    groups: Groups,
    channels: Arc<Channels>,
    now: Instant,
    events: usize,
    /// Calls under way, each with the number of events when it began.
    calls: Vec<(Call, usize)>,
    clients: Vec<Client>,
}

impl World {
    fn new(seed: u64) -> Self {
        let channels = Arc::new(Channels::default());
        let groups = Groups::new(POLL, Arc::clone(&channels));
        let (random, now) = (StdRng::seed_from_u64(seed), Instant::now());
        Self { random, groups, channels, now, events: 0, calls: Vec::new(), clients: Vec::new() }
    }

    fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..15 => self.commit(),
            15..40 => self.begin_call(),
            40..65 => self.end_call(0.2),
            65..72 => self.come(),
            72..75 => self.go(),
            75..90 => self.read(),
            90..95 => self.listen(),
            95..96 => self.channels.lost(),
            _ => {
                let time = self.random.random_range(0..3_000);
                self.pass(Duration::from_millis(time));
            }
        }
    }

    fn commit(&mut self) {
        self.events += if self.random.random_bool(0.1) { 300 } else { 1 };
        if self.random.random_bool(0.7) {
            self.groups.ring("c", Bell::Rung);
        }
    }

    fn begin_call(&mut self) {
        if let Some(call) = self.groups.next_call() {
            self.calls.push((call, self.events));
        }
    }

    fn end_call(&mut self, failing: f64) {
        if self.calls.is_empty() {
            return;
        }
        let (call, begun) = self.calls.swap_remove(self.random.random_range(0..self.calls.len()));
        if self.random.random_bool(failing) {
            self.groups.failed(call.group, self.now);
            return;
        }
        // What the call saw is what there was at some time while it ran.
        let seen = self.random.random_range(begun..=self.events);
        match call.ask {
            Ask::Subscribe => {
                let extensions = call.asked.request.extensions.as_deref().unwrap().get();
                let given: serde_json::Value = serde_json::from_str(extensions).unwrap();
                let cursor = given["cursor"].as_str().map_or_else(|| seen.to_string(), str::to_owned);
                self.groups.opened(
                    call.group,
                    Place { channel: "c".into(), cursor: cursor.into() },
                    self.now,
                );
            }
            Ask::Next(cursor) => {
                let from: usize = cursor.parse().unwrap();
                let to = seen.max(from).min(from + self.random.random_range(1..200));
                let events = (from + 1..=to).map(|number| event(&number.to_string(), 10)).collect();
                let batch = Batch { cursor: to.to_string().into(), more: to < seen, events };
                self.groups.answered(call.group, &batch, self.now);
            }
        }
    }

    fn come(&mut self) {
        let (outbox, resumes) = (Arc::<Outbox>::default(), self.random.random_bool(0.3));
        let since = if resumes { self.random.random_range(0..=self.events) } else { self.events };
        let cursor = resumes.then(|| since.to_string());
        let request = serde_json::json!({"query": "q", "extensions": {"cursor": cursor}}).to_string();
        let outlet = Outlet { outbox: Arc::clone(&outbox), tag: "1".into() };
        let member = self.groups.subscribe(Arc::new(asking(&request)), outlet);
        self.clients.push(Client { member, outbox, since, resumes, began: None, reached: 0 });
    }

    fn go(&mut self) {
        if !self.clients.is_empty() {
            let client = self.clients.swap_remove(self.random.random_range(0..self.clients.len()));
            self.groups.leave(client.member);
        }
    }

    fn read(&mut self) {
        if !self.clients.is_empty() {
            let (number, most) =
                (self.random.random_range(0..self.clients.len()), self.random.random_range(1..400));
            self.clients[number].read(&mut self.groups, most);
        }
    }

    fn listen(&mut self) {
        while let Some(statements) = self.channels.statements() {
            self.channels.listening(&statements.listen);
            for channel in statements.listen {
                self.groups.ring(&channel, Bell::Hung);
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.groups.tick(self.now);
    }

    /// From now on all is well.
    fn settle(&mut self) {
        for _ in 0..400 {
            self.listen();
            self.pass(Duration::from_secs(1));
            self.begin_call();
            while !self.calls.is_empty() {
                self.end_call(0.0);
                self.begin_call();
            }
            for client in &mut self.clients {
                client.read(&mut self.groups, usize::MAX);
            }
        }
    }
}

impl Client {
    /// Takes what there is, which must be the next event each time.
    fn read(&mut self, groups: &mut Groups, most: usize) {
        for _ in 0..most {
            let Some(taken) = self.outbox.try_take() else { return };
            groups.revive(&taken.revived);
            match taken.news {
                News::Began(cursor) => {
                    assert_eq!(self.began, None, "it begins once");
                    self.reached = cursor.parse().unwrap();
                    self.began = Some(self.reached);
                    let is_right =
                        if self.resumes { self.reached == self.since } else { self.reached >= self.since };
                    assert!(
                        is_right,
                        "it came at {}, resuming: {}, and begins at {cursor}",
                        self.since, self.resumes
                    );
                }
                News::Event(event) => {
                    assert!(self.began.is_some(), "an event before it has begun");
                    assert_eq!(*event.cursor, *(self.reached + 1).to_string());
                    self.reached += 1;
                }
                other => unreachable!("{other:?}"),
            }
        }
    }
}

#[test]
fn everybody_gets_each_event_once_and_in_order() {
    let (mut given_up, mut served) = (0, 0);
    for seed in 0..100 {
        let mut world = World::new(seed);
        for _ in 0..600 {
            world.step();
        }
        world.settle();
        for client in &world.clients {
            if client.outbox.is_given_up() {
                given_up += 1;
            } else {
                served += 1;
                assert_eq!(client.began.map(|_| client.reached), Some(world.events), "seed {seed}");
            }
        }
        while !world.clients.is_empty() {
            world.go();
        }
        assert_eq!(
            (world.groups.len(), world.groups.all.len(), world.groups.due.len()),
            (0, 0, 0),
            "seed {seed}"
        );
    }
    assert!(served > 500 && given_up > 10, "{served} served, {given_up} given up: chance is to try both");
}
