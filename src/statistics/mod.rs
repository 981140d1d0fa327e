//! Turns calls into numbers by operation: a table of fixed size, in which many processes count at once.
//!
//! Whoever counts a call that is in the table needs it shared, because all numbers are atomic; whoever adds, removes or
//! resets needs it alone. It holds names of operations and hashes of shapes: no text of a request, nor any of its values.

mod operation;

pub use operation::{Document, Name, Operation};

use crate::code::Code;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many operations are counted at most.
pub const MOST_ENTRIES: usize = 1_000;
/// Lists of entries, by the hash of their keys.
const BUCKETS: usize = 1_024;
/// Every code, and behind them those calls that ended in an error of SQL.
const KINDS: usize = Code::ALL.len() + 1;
/// What the last kind is called.
const RAISED: &str = "RAISED";

/// What an entry is about: all calls of one operation in one database, or those whose operation is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The database's OID.
    pub database: u32,
    /// The operation.
    pub operation: Option<Operation>,
}

impl Key {
    fn bucket(&self) -> usize {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        usize::try_from(hasher.finish() % BUCKETS as u64).unwrap_or(0)
    }
}

/// What has become of one call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call {
    /// How long it took.
    pub nanoseconds: u64,
    /// The length of its answer as JSON text.
    pub answer_bytes: u64,
    /// Whether its statements were kept from an earlier call.
    pub plan_cache_hit: bool,
    /// How often a valid ranking was there for `popularPosts`.
    pub popular_hits: u64,
    /// How often there was none.
    pub popular_misses: u64,
    /// One bit a kind of error.
    kinds: u32,
}

impl Call {
    /// Its answer has an error of this code. Several of one code are one.
    pub fn failed(&mut self, code: Code) {
        self.kinds |= 1 << code as u32;
    }

    /// It has no answer, but an error of SQL.
    pub fn raised(&mut self) {
        self.kinds |= 1 << Code::ALL.len();
    }
}

/// What an entry counts.
#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU64,
    kinds: [AtomicU64; KINDS],
    nanoseconds: AtomicU64,
    most_nanoseconds: AtomicU64,
    answer_bytes: AtomicU64,
    plan_cache_hits: AtomicU64,
    popular_hits: AtomicU64,
    popular_misses: AtomicU64,
}

impl Counts {
    fn add(&self, call: &Call) {
        self.calls.fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(call.nanoseconds, Relaxed);
        self.most_nanoseconds.fetch_max(call.nanoseconds, Relaxed);
        self.answer_bytes.fetch_add(call.answer_bytes, Relaxed);
        // What is nearly always nothing is left alone: the processors then do not pass it around.
        let rare = [
            (&self.plan_cache_hits, u64::from(call.plan_cache_hit)),
            (&self.popular_hits, call.popular_hits),
            (&self.popular_misses, call.popular_misses),
        ];
        for (count, more) in rare.into_iter().filter(|(_, more)| *more > 0) {
            count.fetch_add(more, Relaxed);
        }
        for (_, count) in self.kinds.iter().enumerate().filter(|(kind, _)| call.kinds >> kind & 1 == 1) {
            count.fetch_add(1, Relaxed);
        }
    }
}

/// The numbers of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The operation's name, if it has one.
    pub name: Option<String>,
    /// The hash of its document in hex; none of calls without a token that holds, or without a document.
    pub document: Option<String>,
    /// Calls that have ended, well or badly.
    pub calls: u64,
    /// Calls with an error of a code, or that raised one; those that are none are left out.
    pub errors: Vec<(&'static str, u64)>,
    /// All calls together.
    pub nanoseconds: u64,
    /// The longest.
    pub most_nanoseconds: u64,
    /// All answers together.
    pub answer_bytes: u64,
    /// Calls whose statements were kept.
    pub plan_cache_hits: u64,
    /// Rankings that were there.
    pub popular_hits: u64,
    /// Rankings that were not.
    pub popular_misses: u64,
}

/// What a call adds to the usage of its entry.
const ONE_USE: u64 = 1 << 20;
/// Entries lose a 4 096th of their usage when another one goes.
const DECAY: u32 = 12;

struct Entry {
    key: Option<Key>,
    /// The next entry of the same bucket.
    next: Option<u16>,
    /// How much the entry is used.
    usage: AtomicU64,
    /// When it was used last, in calls of the table.
    used_at: AtomicU64,
    counts: Counts,
}

/// All operations.
pub struct Table {
    buckets: [Option<u16>; BUCKETS],
    entries: [Entry; MOST_ENTRIES],
    calls: AtomicU64,
}

impl Default for Table {
    fn default() -> Self {
        let empty = || Entry {
            key: None,
            next: None,
            usage: AtomicU64::new(0),
            used_at: AtomicU64::new(0),
            counts: Counts::default(),
        };
        Self { buckets: [None; BUCKETS], entries: std::array::from_fn(|_| empty()), calls: AtomicU64::new(0) }
    }
}

impl Table {
    /// Counts a call; false if its operation has no entry yet.
    #[must_use]
    pub fn count(&self, key: &Key, call: &Call) -> bool {
        let Some(entry) = self.find(key) else { return false };
        entry.usage.fetch_add(ONE_USE, Relaxed);
        entry.used_at.store(self.calls.fetch_add(1, Relaxed), Relaxed);
        entry.counts.add(call);
        true
    }

    fn find(&self, key: &Key) -> Option<&Entry> {
        self.bucket(key).find(|entry| entry.key.as_ref() == Some(key))
    }

    /// The entries of a key's bucket.
    fn bucket(&self, key: &Key) -> impl Iterator<Item = &Entry> {
        let at = |place: Option<u16>| place.and_then(|place| self.entries.get(usize::from(place)));
        let first = at(self.buckets.get(key.bucket()).copied().flatten());
        std::iter::successors(first, move |entry| at(entry.next))
    }

    /// Makes an entry, unless somebody else has; the least used one goes for it if there is no room.
    pub fn make(&mut self, key: &Key) {
        if self.find(key).is_some() {
            return;
        }
        let place = self.room();
        self.remove(place);
        let bucket = self.buckets.get_mut(key.bucket());
        let (Some(bucket), Some(entry)) = (bucket, self.entries.get_mut(place)) else { return };
        let next = std::mem::replace(bucket, u16::try_from(place).ok());
        *entry = Entry {
            key: Some(*key),
            next,
            usage: AtomicU64::new(0),
            used_at: AtomicU64::new(0),
            counts: Counts::default(),
        };
    }

    /// A place that is free, or whose entry is used least: few calls, and of equally many the one whose last is longest
    /// ago. If none was free, all get older, so that what was much used once does not stay for ever.
    fn room(&mut self) -> usize {
        if let Some(free) = self.entries.iter().position(|entry| entry.key.is_none()) {
            return free;
        }
        let (mut place, mut least) = (0, (u64::MAX, u64::MAX));
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let usage = entry.usage.get_mut();
            let used = (*usage, *entry.used_at.get_mut());
            *usage -= *usage >> DECAY;
            if used < least {
                (place, least) = (at, used);
            }
        }
        place
    }

    /// Takes an entry out of its bucket.
    fn remove(&mut self, place: usize) {
        let Some(entry) = self.entries.get_mut(place) else { return };
        let Some(key) = entry.key.take() else { return };
        let (gone, next) = (u16::try_from(place).ok(), entry.next.take());
        let Some(first) = self.buckets.get_mut(key.bucket()) else { return };
        if *first == gone {
            *first = next;
            return;
        }
        let mut at = *first;
        while let Some(entry) = at.and_then(|place| self.entries.get_mut(usize::from(place))) {
            if entry.next == gone {
                entry.next = next;
                return;
            }
            at = entry.next;
        }
    }

    /// Forgets all operations of a database.
    pub fn reset(&mut self, database: u32) {
        for place in 0..MOST_ENTRIES {
            let key = self.entries.get(place).and_then(|entry| entry.key);
            if key.is_some_and(|key| key.database == database) {
                self.remove(place);
            }
        }
    }

    /// The operations of a database.
    #[must_use]
    pub fn rows(&self, database: u32) -> Vec<Row> {
        let of_database = |entry: &Entry| {
            let key = entry.key.filter(|key| key.database == database)?;
            Some(row(key.operation, &entry.counts))
        };
        self.entries.iter().filter_map(of_database).collect()
    }
}

fn row(operation: Option<Operation>, counts: &Counts) -> Row {
    let words = Code::ALL.iter().map(|code| code.as_str()).chain([RAISED]);
    let errors = words.zip(&counts.kinds).map(|(word, count)| (word, count.load(Relaxed)));
    Row {
        name: operation.and_then(|operation| operation.name).map(|name| name.as_str().to_owned()),
        document: operation.map(|operation| operation.document.to_string()),
        calls: counts.calls.load(Relaxed),
        errors: errors.filter(|(_, count)| *count > 0).collect(),
        nanoseconds: counts.nanoseconds.load(Relaxed),
        most_nanoseconds: counts.most_nanoseconds.load(Relaxed),
        answer_bytes: counts.answer_bytes.load(Relaxed),
        plan_cache_hits: counts.plan_cache_hits.load(Relaxed),
        popular_hits: counts.popular_hits.load(Relaxed),
        popular_misses: counts.popular_misses.load(Relaxed),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::{Call, Key, MOST_ENTRIES, Operation, Row, Table};
    use crate::code::Code;
    use crate::syntax::{self, Limits};

    fn key(database: u32, number: usize) -> Key {
        let limits = Limits { max_tokens: 100, max_nesting: 10 };
        let text = format!("{{ a{number}: me {{ id }} }}");
        Key { database, operation: Operation::of(&syntax::scan(&text, &limits).unwrap(), None) }
    }

    fn count(table: &mut Table, key: &Key, call: &Call) {
        if !table.count(key, call) {
            table.make(key);
            assert!(table.count(key, call));
        }
    }

    #[test]
    fn calls_are_added_up() {
        let mut table = Table::default();
        let mut call = Call {
            nanoseconds: 5,
            answer_bytes: 100,
            plan_cache_hit: true,
            popular_hits: 2,
            ..Call::default()
        };
        count(&mut table, &key(1, 1), &call);
        call = Call { nanoseconds: 3, answer_bytes: 1, popular_misses: 1, ..Call::default() };
        call.failed(Code::NotFound);
        call.failed(Code::NotFound);
        call.failed(Code::ParseFailed);
        call.raised();
        count(&mut table, &key(1, 1), &call);
        count(&mut table, &Key { database: 1, operation: None }, &Call::default());
        count(&mut table, &key(2, 1), &Call::default());
        let expected = Row {
            name: None,
            document: key(1, 1).operation.map(|operation| operation.document.to_string()),
            calls: 2,
            errors: vec![("GRAPHQL_PARSE_FAILED", 1), ("NOT_FOUND", 1), ("RAISED", 1)],
            nanoseconds: 8,
            most_nanoseconds: 5,
            answer_bytes: 101,
            plan_cache_hits: 1,
            popular_hits: 2,
            popular_misses: 1,
        };
        let rows = table.rows(1);
        assert_eq!((rows.len(), &rows[0]), (2, &expected));
        assert_eq!((rows[1].document.as_deref(), rows[1].calls), (None, 1));
        table.reset(1);
        assert_eq!((table.rows(1).len(), table.rows(2).len()), (0, 1));
    }

    #[test]
    fn the_least_used_goes() {
        let mut table = Table::default();
        for number in 0..MOST_ENTRIES {
            for _ in 0..if number == 7 { 1 } else { 2 } {
                count(&mut table, &key(1, number), &Call::default());
            }
        }
        count(&mut table, &key(1, MOST_ENTRIES), &Call::default());
        assert_eq!(table.rows(1).len(), MOST_ENTRIES);
        assert!(table.find(&key(1, 7)).is_none() && table.find(&key(1, MOST_ENTRIES)).is_some());
        // Of equally many calls, the oldest.
        count(&mut table, &key(1, MOST_ENTRIES), &Call::default());
        count(&mut table, &key(1, 0), &Call::default());
        count(&mut table, &key(1, 7), &Call::default());
        assert!(table.find(&key(1, 1)).is_none() && table.find(&key(1, 0)).is_some());
    }

    /// What is called between others stays, what was called often and long ago goes in the end, and no list breaks.
    #[test]
    fn a_flood_leaves_what_is_in_use() {
        let mut table = Table::default();
        for _ in 0..50 {
            count(&mut table, &key(1, 1), &Call::default());
            count(&mut table, &key(1, 2), &Call::default());
        }
        for number in 0..30_000 {
            count(&mut table, &key(2, number), &Call::default());
            if number % 100 == 0 {
                count(&mut table, &key(1, 2), &Call::default());
            }
        }
        assert!(table.find(&key(1, 1)).is_none());
        assert_eq!(table.rows(1).iter().map(|row| row.calls).collect::<Vec<_>>(), [350]);
        assert_eq!(table.rows(2).len(), MOST_ENTRIES - 1);
        assert!(table.rows(2).iter().all(|row| row.calls == 1));
        assert!((29_500..30_000).all(|number| table.find(&key(2, number)).is_some()));
        table.reset(2);
        assert_eq!((table.rows(1).len(), table.rows(2).len()), (1, 0));
        assert_eq!(table.buckets.iter().flatten().count(), 1);
    }
}
