#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::asked::tests::asking;
use super::super::outbox::{News, Outbox, tests::event};
use super::*;

const POLL: Duration = Duration::from_secs(15);
const NOBODY: &str = r#"[{"message":"no"}]"#;

/// The groups and their channels, and the time.
struct Stage {
    groups: Groups,
    channels: Arc<Channels>,
    now: Instant,
}

impl Stage {
    fn new() -> Self {
        let channels = Arc::new(Channels::default());
        Self { groups: Groups::new(POLL, Arc::clone(&channels)), channels, now: Instant::now() }
    }

    /// Somebody who asks for `post`, from `cursor` on if there is one.
    fn subscribe(&mut self, post: &str, cursor: Option<&str>, outbox: &Arc<Outbox>) -> MemberId {
        let extensions = serde_json::json!({ "cursor": cursor });
        let request = serde_json::json!({ "query": post, "extensions": extensions }).to_string();
        let outlet = Outlet { outbox: Arc::clone(outbox), tag: post.into() };
        self.groups.subscribe(Arc::new(asking(&request)), outlet)
    }

    /// The next call: its group, and the cursor that it asks from if it is `graphql.next`.
    fn call(&mut self) -> Option<(GroupId, Option<String>)> {
        let Call { group, ask, .. } = self.groups.next_call()?;
        Some(match ask {
            Ask::Subscribe => (group, None),
            Ask::Next(cursor) => (group, Some(cursor.to_string())),
        })
    }

    /// The next call is `graphql.subscribe`, and gives this cursor.
    fn open(&mut self, channel: &str, cursor: &str) -> GroupId {
        let (group, asked) = self.call().unwrap();
        assert_eq!(asked, None);
        self.groups.opened(group, Place { channel: channel.into(), cursor: cursor.into() }, self.now);
        self.hang(channel);
        group
    }

    /// LISTEN takes effect.
    fn hang(&mut self, channel: &str) {
        if let Some(statements) = self.channels.statements() {
            self.channels.listening(&statements.listen);
            self.groups.ring(channel, Bell::Hung);
        }
    }

    /// The next call is `graphql.next` from this cursor, and gives these events, each named as its cursor.
    fn answer(&mut self, from: &str, events: &[&str], cursor: &str, more: bool) -> usize {
        let (group, asked) = self.call().unwrap();
        assert_eq!(asked.as_deref(), Some(from));
        self.give(group, events, cursor, more)
    }

    fn give(&mut self, group: GroupId, events: &[&str], cursor: &str, more: bool) -> usize {
        let events = events.iter().map(|name| event(name, 10)).collect();
        self.groups.answered(group, &Batch { cursor: cursor.into(), more, events }, self.now)
    }

    fn pass(&mut self, time: Duration) -> usize {
        self.now += time;
        self.groups.tick(self.now)
    }
}

/// What a client is sent, in short.
fn sent(outbox: &Outbox) -> Vec<String> {
    std::iter::from_fn(|| outbox.try_take())
        .map(|taken| match taken.news {
            News::Began(cursor) => format!("{} from {cursor}", taken.tag),
            News::Event(event) => format!("{} {}", taken.tag, event.cursor),
            News::Failed(errors) => format!("{} failed {errors}", taken.tag),
            News::Answer(..) => unreachable!(),
        })
        .collect()
}

fn outbox() -> Arc<Outbox> {
    Arc::default()
}

#[test]
fn the_first_next_comes_after_listen() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    let (group, _) = stage.call().unwrap();
    stage.groups.opened(group, Place { channel: "c".into(), cursor: "1".into() }, stage.now);
    assert_eq!(stage.call(), None, "nobody listens yet");
    stage.hang("c");
    stage.answer("1", &["1a", "1b"], "2", false);
    assert_eq!(sent(&client), ["p from 1", "p 1a", "p 1b"]);
    assert_eq!(stage.call(), None);
}

#[test]
fn who_comes_to_a_channel_that_is_listened_to_asks_at_once() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "1");
    stage.answer("1", &[], "1", false);
    stage.subscribe("q", None, &client);
    stage.open("c", "1");
    stage.answer("1", &[], "1", false);
}

#[test]
fn bells_while_a_call_is_made_are_one_more_call() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    let group = stage.open("c", "1");
    stage.call().unwrap();
    for _ in 0..100 {
        stage.groups.ring("c", Bell::Rung);
        stage.groups.ring("another", Bell::Rung);
    }
    assert_eq!(stage.call(), None);
    stage.give(group, &[], "2", false);
    stage.answer("2", &[], "3", false);
    assert_eq!(stage.call(), None);
}

#[test]
fn more_is_asked_for_at_once_and_after_others() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.subscribe("q", None, &client);
    stage.open("c", "1");
    stage.open("d", "1");
    stage.answer("1", &["1a"], "2", true);
    let (other, _) = stage.call().unwrap();
    stage.answer("2", &["2a"], "3", false);
    stage.give(other, &[], "1", false);
    assert_eq!(sent(&client), ["p from 1", "q from 1", "p 1a", "p 2a"]);
}

#[test]
fn equal_subscribers_share_every_call() {
    let (mut stage, clients) = (Stage::new(), [outbox(), outbox(), outbox()]);
    for client in &clients {
        stage.subscribe("p", None, client);
    }
    stage.open("c", "1");
    assert_eq!(stage.answer("1", &["1a"], "2", false), 3);
    assert_eq!(stage.call(), None);
    for client in &clients {
        assert_eq!(sent(client), ["p from 1", "p 1a"]);
    }
}

#[test]
fn who_joins_gets_what_is_committed_from_then_on() {
    let (mut stage, first, second) = (Stage::new(), outbox(), outbox());
    stage.subscribe("p", None, &first);
    let group = stage.open("c", "1");
    stage.call().unwrap();
    stage.subscribe("p", None, &second);
    stage.give(group, &["1a"], "2", true);
    // This call has begun after the second came, but what it gives may be older.
    stage.answer("2", &["2a"], "3", true);
    stage.answer("3", &["3a"], "4", false);
    stage.groups.ring("c", Bell::Rung);
    assert_eq!(stage.answer("4", &["4a"], "5", false), 2);
    assert_eq!(sent(&first), ["p from 1", "p 1a", "p 2a", "p 3a", "p 4a"]);
    assert_eq!(sent(&second), ["p from 4", "p 4a"]);
}

#[test]
fn who_joins_while_it_is_opened_waits_for_a_call_of_its_own() {
    let (mut stage, first, second) = (Stage::new(), outbox(), outbox());
    stage.subscribe("p", None, &first);
    let (group, _) = stage.call().unwrap();
    stage.subscribe("p", None, &second);
    stage.groups.opened(group, Place { channel: "c".into(), cursor: "1".into() }, stage.now);
    stage.answer("1", &["1a"], "2", false);
    assert_eq!(sent(&first), ["p from 1", "p 1a"]);
    assert_eq!(sent(&second), ["p from 2"]);
}

#[test]
fn who_resumes_goes_on_alone_until_both_have_come_to_one_place() {
    let (mut stage, first, second) = (Stage::new(), outbox(), outbox());
    stage.subscribe("p", None, &first);
    stage.open("c", "9");
    stage.answer("9", &[], "9", false);
    stage.subscribe("p", Some("3"), &second);
    stage.open("c", "3");
    stage.answer("3", &["3a"], "9", false);
    assert_eq!(sent(&first), ["p from 9"]);
    assert_eq!(sent(&second), ["p from 3", "p 3a"]);
    stage.groups.ring("c", Bell::Rung);
    assert_eq!(stage.answer("9", &["9a"], "10", false), 2);
    assert_eq!(stage.call(), None);
}

#[test]
fn nobody_joins_one_who_has_not_resumed_yet() {
    let (mut stage, first, second) = (Stage::new(), outbox(), outbox());
    stage.subscribe("p", Some("3"), &first);
    let (resuming, _) = stage.call().unwrap();
    stage.subscribe("p", None, &second);
    stage.groups.refused(resuming, &NOBODY.into());
    stage.open("c", "9");
    assert_eq!(sent(&first), [format!("p failed {NOBODY}")]);
    assert_eq!(sent(&second), ["p from 9"]);
}

#[test]
fn a_lost_notification_costs_a_poll() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "1");
    stage.answer("1", &[], "1", false);
    stage.pass(POLL.mul_f64(0.7));
    assert_eq!(stage.call(), None);
    stage.pass(POLL.mul_f64(0.6));
    stage.answer("1", &["1a"], "2", false);
    assert_eq!(sent(&client), ["p from 1", "p 1a"]);
}

#[test]
fn a_failure_keeps_the_cursor_and_waits_longer_each_time() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "1");
    let mut waits = Vec::new();
    for failures in 1..=8 {
        let (group, cursor) = stage.call().unwrap();
        assert_eq!(cursor.as_deref(), Some("1"));
        assert_eq!(stage.groups.failed(group, stage.now), failures);
        stage.groups.ring("c", Bell::Rung);
        assert_eq!(stage.call(), None, "a bell does not shorten the wait");
        let begun = stage.now;
        while !stage.groups.is_ready() {
            stage.pass(Duration::from_millis(10));
        }
        waits.push(stage.now - begun);
    }
    assert!(
        waits[0] <= FIRST_RETRY * 2 && waits[4] > waits[0] * 4 && waits[7] <= LAST_RETRY * 2,
        "{waits:?}"
    );
    stage.answer("1", &["1a"], "2", false);
    assert_eq!(sent(&client), ["p from 1", "p 1a"]);
}

#[test]
fn a_new_listening_connection_ends_the_wait() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "1");
    let (group, _) = stage.call().unwrap();
    stage.groups.failed(group, stage.now);
    stage.channels.lost();
    stage.hang("c");
    stage.answer("1", &["1a"], "2", false);
    assert_eq!(stage.call(), None);
}

#[test]
fn a_slow_client_costs_the_others_nothing() {
    let (mut stage, slow, quick) = (Stage::new(), outbox(), outbox());
    stage.subscribe("p", None, &slow);
    stage.subscribe("p", None, &quick);
    stage.open("c", "0");
    let names: Vec<_> = (1..=300).map(|number| format!("{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    // With the word that it began, the queue is full after 255 events.
    stage.answer("0", &names[..200], "200", true);
    assert_eq!(sent(&quick).len(), 201);
    assert_eq!(stage.answer("200", &names[200..], "300", false), 155);
    assert_eq!(sent(&quick).len(), 100);
    // It reads again: the rest comes from where it had stopped.
    let mut first = Vec::new();
    while let Some(taken) = slow.try_take() {
        stage.groups.revive(&taken.revived);
        first.push(taken);
    }
    assert_eq!(first.len(), 256);
    stage.answer("255", &names[255..], "300", false);
    assert_eq!(sent(&slow), names[255..].iter().map(|name| format!("p {name}")).collect::<Vec<_>>());
    stage.groups.ring("c", Bell::Rung);
    assert_eq!(stage.answer("300", &["301"], "301", false), 2, "they are one group again");
}

#[test]
fn who_has_no_room_at_all_stays_where_it_is() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "0");
    let names: Vec<_> = (1..=255).map(|number| number.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    stage.answer("0", &names, "255", true);
    stage.answer("255", &["256"], "256", false);
    assert_eq!(stage.call(), None, "it waits for room");
    while let Some(taken) = client.try_take() {
        stage.groups.revive(&taken.revived);
    }
    stage.answer("255", &["256"], "256", false);
    assert_eq!(sent(&client), ["p 256"]);
}

#[test]
fn a_client_that_reads_nothing_is_given_up() {
    let (mut stage, client) = (Stage::new(), outbox());
    stage.subscribe("p", None, &client);
    stage.open("c", "0");
    let names = ["1"; 300];
    stage.answer("0", &names, "300", false);
    assert_eq!(stage.pass(PATIENCE / 2), 0);
    client.try_take().unwrap();
    assert_eq!(stage.pass(PATIENCE / 2), 0, "it has read something");
    assert!(!client.is_given_up());
    assert_eq!(stage.pass(PATIENCE), 1);
    assert!(client.is_given_up());
    assert_eq!(sent(&client), [""; 0]);
    assert_eq!(stage.pass(PATIENCE * 100), 0);
}

#[test]
fn whoever_is_refused_is_told_once_and_forgotten() {
    let (mut stage, clients) = (Stage::new(), [outbox(), outbox()]);
    for client in &clients {
        stage.subscribe("p", None, client);
    }
    let group = stage.open("c", "1");
    stage.call().unwrap();
    stage.groups.refused(group, &NOBODY.into());
    stage.groups.refused(group, &NOBODY.into());
    for client in &clients {
        assert_eq!(sent(client), ["p from 1".to_owned(), format!("p failed {NOBODY}")]);
    }
    assert_forgotten(&mut stage);
}

#[test]
fn whoever_goes_is_forgotten() {
    let (mut stage, client) = (Stage::new(), outbox());
    let members = [stage.subscribe("p", None, &client), stage.subscribe("p", None, &client)];
    let group = stage.open("c", "1");
    stage.call().unwrap();
    for member in members {
        stage.groups.leave(member);
        stage.groups.leave(member);
    }
    stage.give(group, &["1a"], "2", true);
    assert_forgotten(&mut stage);
    stage.subscribe("p", Some("1"), &client);
    let (group, _) = stage.call().unwrap();
    stage.groups.failed(group, stage.now);
    stage.groups.leave(MemberId(stage.groups.last - 1));
    assert_forgotten(&mut stage);
}

/// Nothing is left of anybody.
fn assert_forgotten(stage: &mut Stage) {
    stage.hang("c");
    let Groups { all, members, by_asked, by_channel, due, .. } = &stage.groups;
    let left = [all.len(), members.len(), by_asked.len(), by_channel.len(), due.len()];
    assert_eq!(left, [0; 5]);
    assert!(!stage.channels.need(&"c".into()), "the channel is still listened to");
    stage.channels.release(&"c".into());
    assert_eq!(stage.call(), None);
}
