//! Turns the channels that subscriptions need into the LISTEN and UNLISTEN statements that are still to be run.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Statements in one message to the server.
const MOST_STATEMENTS: usize = 500;

/// Which channels are needed, and which are listened to.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// With the number of those who need it.
    needed: HashMap<Arc<str>, usize>,
    listened: HashSet<Arc<str>>,
    /// Those in which the two may differ.
    changed: HashSet<Arc<str>>,
}

/// Statements to run, and the channels that are listened to once they have been.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Statements {
    pub(crate) sql: String,
    pub(crate) listen: Vec<Arc<str>>,
}

impl Channels {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more needs this channel; whether it is listened to already.
    pub(crate) fn need(&self, channel: &Arc<str>) -> bool {
        let mut state = self.state();
        *state.needed.entry(Arc::clone(channel)).or_default() += 1;
        let listened = state.listened.contains(channel);
        if !listened {
            state.changed.insert(Arc::clone(channel));
            self.changed.notify_one();
        }
        listened
    }

    /// One fewer needs it.
    pub(crate) fn release(&self, channel: &Arc<str>) {
        let mut state = self.state();
        let Some(count) = state.needed.get_mut(channel) else { return };
        *count -= 1;
        if *count == 0 {
            state.needed.remove(channel);
            state.changed.insert(Arc::clone(channel));
            self.changed.notify_one();
        }
    }

    /// What to run next, if anything. From now on the channels to be left count as not listened to.
    pub(crate) fn statements(&self) -> Option<Statements> {
        let mut state = self.state();
        let (mut sql, mut listen, mut count) = (String::new(), Vec::new(), 0);
        // All are looked at: those for which there is nothing to do are no reason to make others wait.
        for channel in std::mem::take(&mut state.changed) {
            let needed = state.needed.contains_key(&channel);
            if needed == state.listened.contains(&channel) {
                continue;
            }
            if count == MOST_STATEMENTS {
                state.changed.insert(channel);
                continue;
            }
            count += 1;
            sql.extend([if needed { "LISTEN " } else { "UNLISTEN " }, &quoted(&channel), ";"]);
            if needed {
                listen.push(channel);
            } else {
                state.listened.remove(&channel);
            }
        }
        (!sql.is_empty()).then_some(Statements { sql, listen })
    }

    /// The statements took effect.
    pub(crate) fn listening(&self, channels: &[Arc<str>]) {
        let mut state = self.state();
        for channel in channels {
            state.listened.insert(Arc::clone(channel));
            if !state.needed.contains_key(channel) {
                state.changed.insert(Arc::clone(channel));
            }
        }
    }

    /// The connection is gone, and all that it listened to.
    pub(crate) fn lost(&self) {
        let mut state = self.state();
        state.listened.clear();
        state.changed = state.needed.keys().cloned().collect();
    }

    /// Waits until there may be statements to run.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// The channel as an SQL identifier.
fn quoted(channel: &str) -> String {
    format!("\"{}\"", channel.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn sql(channels: &Channels) -> Option<String> {
        let statements = channels.statements()?;
        channels.listening(&statements.listen);
        Some(statements.sql)
    }

    #[test]
    fn the_first_listens_and_the_last_ends_it() {
        let (channels, name) = (Channels::default(), Arc::from("c"));
        assert!(!channels.need(&name));
        assert_eq!(sql(&channels).unwrap(), r#"LISTEN "c";"#);
        assert!(channels.need(&name));
        channels.release(&name);
        assert_eq!(sql(&channels), None);
        channels.release(&name);
        assert_eq!(sql(&channels).unwrap(), r#"UNLISTEN "c";"#);
        channels.release(&name);
        assert_eq!(sql(&channels), None);
    }

    #[test]
    fn who_comes_and_goes_before_the_statement_costs_none() {
        let (channels, name) = (Channels::default(), Arc::from("c"));
        channels.need(&name);
        channels.release(&name);
        assert_eq!(sql(&channels), None);
        for number in 0..10 * MOST_STATEMENTS {
            let name = format!("c{number}").into();
            channels.need(&name);
            channels.release(&name);
        }
        channels.need(&"d".into());
        assert_eq!(sql(&channels).as_deref(), Some(r#"LISTEN "d";"#), "nor does it make others wait");
    }

    #[test]
    fn who_goes_while_the_statement_runs_is_not_forgotten() {
        let (channels, name) = (Channels::default(), Arc::from("c"));
        channels.need(&name);
        let statements = channels.statements().unwrap();
        channels.release(&name);
        assert_eq!(channels.statements(), None);
        channels.listening(&statements.listen);
        assert_eq!(sql(&channels).unwrap(), r#"UNLISTEN "c";"#);
    }

    #[test]
    fn who_comes_while_it_is_being_left_listens_anew() {
        let (channels, name) = (Channels::default(), Arc::from("c"));
        channels.need(&name);
        sql(&channels);
        channels.release(&name);
        channels.statements().unwrap();
        assert!(!channels.need(&name), "UNLISTEN is under way");
        assert_eq!(sql(&channels).unwrap(), r#"LISTEN "c";"#);
    }

    #[test]
    fn a_new_connection_listens_to_all() {
        let channels = Channels::default();
        for number in 0..=MOST_STATEMENTS {
            channels.need(&format!("c{number}").into());
        }
        let count = |sql: String| sql.matches("LISTEN").count();
        assert_eq!([sql(&channels).map(count), sql(&channels).map(count)], [Some(MOST_STATEMENTS), Some(1)]);
        assert_eq!(sql(&channels), None);
        channels.lost();
        assert!(!channels.need(&"c0".into()));
        assert_eq!([sql(&channels).map(count), sql(&channels).map(count)], [Some(MOST_STATEMENTS), Some(1)]);
    }

    #[test]
    fn a_channel_stays_a_name() {
        assert_eq!(quoted(r#"a"; DROP TABLE t; --"#), r#""a""; DROP TABLE t; --""#);
    }
}
