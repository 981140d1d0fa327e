//! Turns PostgreSQL's text of a snapshot (`pg_snapshot`) into the transactions that it sees, and back.

use super::varint;
use std::fmt;

/// How many bytes the running transactions of a snapshot take in a cursor at most.
const MOST_RUNNING: usize = 1_500;

/// Which transactions were over at a moment, committed or not: all before `end` that are not among `running`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    end: u64,
    /// In order, each before `end`.
    running: Vec<u64>,
}

impl Snapshot {
    /// The snapshot whose text is `xmin:xmax:running,…`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let (_, end, running) = (parts.next()?, parts.next()?, parts.next()?);
        let running = running.split(',').filter(|xid| !xid.is_empty()).map(str::parse);
        Self::of(end.parse().ok()?, running.collect::<Result<_, _>>().ok()?)
    }

    fn of(end: u64, running: Vec<u64>) -> Option<Self> {
        let ends = running.iter().skip(1).chain(std::iter::once(&end));
        let ordered = running.iter().zip(ends).all(|(xid, next)| xid < next);
        let normal = running.iter().chain(std::iter::once(&end)).all(|xid| is_normal(*xid));
        (ordered && normal).then_some(Self { end, running })
    }

    /// The first transaction that the snapshot does not see.
    #[must_use]
    pub fn begin(&self) -> u64 {
        self.running.first().copied().unwrap_or(self.end)
    }

    /// From this transaction on it sees none.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Whether the transaction was over.
    #[must_use]
    pub fn sees(&self, xid: u64) -> bool {
        xid < self.end && self.running.binary_search(&xid).is_err()
    }

    /// The same, but that this transaction runs: no snapshot lists the one that takes it.
    #[must_use]
    pub fn with_running(mut self, xid: u64) -> Self {
        if let (true, Err(place)) = (xid < self.end, self.running.binary_search(&xid)) {
            self.running.insert(place, xid);
        }
        self
    }

    /// As much of it as a cursor has room for: where too many transactions run, it ends before the first of them that has
    /// none.
    ///
    /// What an earlier snapshot that had room sees, this one sees too: those of its transactions that run still are some
    /// of those that ran then, and they have room as these had.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let mut before = 0;
        let mut bytes = 0;
        let fits = self.running.iter().take_while(|xid| {
            bytes += varint::length(**xid - before);
            before = **xid;
            bytes <= MOST_RUNNING
        });
        let fits = fits.count();
        if let Some(first) = self.running.get(fits) {
            self.end = *first;
            self.running.truncate(fits);
        }
        self
    }

    /// Whether events may be gone that a subscriber who has seen this has not got. `pruned` is the last transaction of which
    /// any are gone, `now` is a later snapshot: of what runs still nothing is gone.
    #[must_use]
    pub fn is_behind(&self, pruned: u64, now: &Self) -> bool {
        pruned >= self.end || self.running.iter().any(|xid| *xid <= pruned && now.sees(*xid))
    }

    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        varint::put(self.running.len() as u64, bytes);
        let mut before = 0;
        for xid in self.running.iter().chain(std::iter::once(&self.end)) {
            varint::put(xid.wrapping_sub(before), bytes);
            before = *xid;
        }
    }

    pub(super) fn take(bytes: &mut &[u8]) -> Option<Self> {
        let count = usize::try_from(varint::take(bytes)?).ok().filter(|count| *count <= MOST_RUNNING)?;
        let mut before = 0_u64;
        let mut next = || {
            before = before.checked_add(varint::take(bytes)?)?;
            Some(before)
        };
        let running = (0..count).map(|_| next()).collect::<Option<_>>()?;
        Self::of(next()?, running)
    }
}

/// The text that PostgreSQL reads.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.begin(), self.end)?;
        for (at, xid) in self.running.iter().enumerate() {
            write!(f, "{}{xid}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// Whether a transaction can have this number: the lowest three of each round of 32 bits mean something else
/// (`access/transam.h`).
fn is_normal(xid: u64) -> bool {
    xid & 0xffff_ffff >= 3
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    pub(crate) fn snapshot(text: &str) -> Snapshot {
        Snapshot::parse(text).unwrap()
    }

    /// A snapshot that PostgreSQL could take, also of more transactions than a cursor has room for.
    pub(crate) fn any_snapshot() -> impl Strategy<Value = Snapshot> {
        (0_u64..3, prop::collection::vec(1_u64..400, 0..1_600), 0_u64..1_000).prop_map(
            |(epoch, steps, more)| {
                let (running, end) = ran_from(epoch << 32 | 3, &steps);
                Snapshot::of(end + more, running).unwrap()
            },
        )
    }

    /// Transactions that begin one behind the other, and the next one.
    fn ran_from(first: u64, steps: &[u64]) -> (Vec<u64>, u64) {
        let mut next = first;
        let mut ran = Vec::new();
        for step in steps {
            ran.push(next);
            next += step;
        }
        (ran, next)
    }

    #[test]
    fn a_text_is_read_and_written() {
        for text in ["3:3:", "10:20:10,12,19", "4294967299:4294967300:4294967299", "10:20:10"] {
            assert_eq!(snapshot(text).to_string(), text);
        }
        // PostgreSQL counts the transaction that asks for the least one that runs.
        assert_eq!(snapshot("7:20:10").to_string(), "10:20:10");
        for text in
            ["", "1:2", "a:b:", "10:20:20", "10:20:12,11", "10:20:11,11", "2:2:", "0:4294967296:", "10:20:-1"]
        {
            assert_eq!(Snapshot::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_snapshot_sees() {
        let found = snapshot("10:20:10,12");
        let seen: Vec<u64> = (3..25).filter(|xid| found.sees(*xid)).collect();
        assert_eq!(seen, [3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 16, 17, 18, 19]);
        assert_eq!((found.begin(), found.end(), snapshot("20:20:").begin()), (10, 20, 20));
        assert_eq!(found.clone().with_running(15).to_string(), "10:20:10,12,15");
        for xid in [12, 20, 99] {
            assert_eq!(found.clone().with_running(xid), found);
        }
    }

    #[test]
    fn a_cursor_is_too_old_once_something_is_gone_that_it_has_not_seen() {
        let seen = snapshot("10:20:10,12");
        for (pruned, now, behind) in [
            (9, "30:30:", false),
            // 10 ran then: it runs still, or what it wrote may be gone.
            (11, "10:30:10", false),
            (11, "30:30:", true),
            (11, "12:30:12", true),
            (19, "10:30:10,12", false),
            (19, "10:30:10", true),
            (20, "10:30:10,12", true),
            (25, "30:30:", true),
        ] {
            assert_eq!(seen.is_behind(pruned, &snapshot(now)), behind, "{pruned} {now}");
        }
    }

    #[test]
    fn a_snapshot_without_room_ends_earlier() {
        let few = snapshot("10:2000:10,12");
        assert_eq!(few.clone().bounded(), few);
        let running: Vec<u64> = (1_000..1_000 + 4_000).collect();
        let found = Snapshot::of(9_000, running).unwrap().bounded();
        assert_eq!(found.running.len(), MOST_RUNNING - 1);
        assert_eq!((found.begin(), found.end()), (1_000, 1_000 + 1_499));
        assert!(found.sees(999) && !found.sees(1_000) && !found.sees(8_999));
    }

    proptest! {
        #[test]
        fn texts_are_those_of_snapshots(found in any_snapshot()) {
            prop_assert_eq!(Snapshot::parse(&found.to_string()), Some(found));
        }

        /// A later snapshot, bounded or not, sees all that an earlier one with room has seen.
        #[test]
        fn what_was_seen_stays_seen(
            earlier in any_snapshot(),
            ends in prop::collection::vec(any::<bool>(), 1_600),
            steps in prop::collection::vec(1_u64..400, 0..1_600),
        ) {
            let earlier = earlier.bounded();
            let ran = earlier.running.iter().zip(&ends).filter(|(_, ends)| !**ends).map(|(xid, _)| *xid);
            let (began, end) = ran_from(earlier.end, &steps);
            let later = Snapshot::of(end, ran.chain(began).collect()).unwrap();
            let bounded = later.clone().bounded();
            prop_assert!(bounded.end >= earlier.end);
            let all = earlier.running.iter().chain(&later.running).chain([&earlier.end, &later.end, &bounded.end]);
            for xid in all.flat_map(|xid| [xid - 1, *xid, xid + 1]) {
                prop_assert!(!earlier.sees(xid) || bounded.sees(xid), "{}", xid);
                prop_assert!(!bounded.sees(xid) || later.sees(xid), "{}", xid);
            }
        }
    }
}
