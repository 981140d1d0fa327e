//! Turns the place of a subscriber among the events into text, and back.

use super::{Snapshot, varint};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest text of a cursor.
pub const MOST_TEXT: usize = 4_096;

/// The first byte of a cursor: another version would begin with another one.
const VERSION: u8 = 1;

/// Where a cursor holds: elsewhere its transactions are others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The server's system identifier.
    pub system: u64,
    /// Its timeline, which ends when it is restored to an earlier time, or a standby is promoted.
    pub timeline: u32,
    /// The database.
    pub database: u32,
    /// The subscription, and the secret of its database.
    pub subscription: [u8; 8],
}

/// How much a subscriber has seen of the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// It has seen all events of the transactions that this snapshot sees.
    pub seen: Snapshot,
    /// It is on its way to a later one.
    pub draining: Option<Draining>,
}

/// The events between two snapshots, in the order of their keys, as far as they are seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draining {
    /// The later snapshot.
    pub snapshot: Snapshot,
    /// The key of the last event that is seen.
    pub last: i64,
}

impl Cursor {
    /// Behind all that the snapshot sees.
    #[must_use]
    pub fn behind(seen: Snapshot) -> Self {
        Self { seen, draining: None }
    }

    /// On the way to the snapshot, behind the event with this key.
    #[must_use]
    pub fn within(seen: Snapshot, snapshot: Snapshot, last: i64) -> Self {
        Self { seen, draining: Some(Draining { snapshot, last }) }
    }

    /// Whether it has seen transactions that have not even begun in a snapshot of now.
    #[must_use]
    pub fn is_ahead_of(&self, now: &Snapshot) -> bool {
        let ends =
            std::iter::once(&self.seen).chain(self.draining.as_ref().map(|draining| &draining.snapshot));
        ends.map(Snapshot::end).any(|end| end > now.end())
    }

    /// The text, at most [`MOST_TEXT`] characters of base64url where the snapshots are bounded.
    #[must_use]
    pub fn encode(&self, origin: &Origin) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(origin.bytes());
        self.seen.put(&mut bytes);
        if let Some(Draining { snapshot, last }) = &self.draining {
            snapshot.put(&mut bytes);
            varint::put(last.unsigned_abs(), &mut bytes);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of a text; `None` where it is none, or one of elsewhere.
    #[must_use]
    pub fn decode(text: &str, origin: &Origin) -> Option<Self> {
        if text.len() > MOST_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let rest = bytes.strip_prefix(&[VERSION])?;
        let mut rest = rest.strip_prefix(origin.bytes().as_slice())?;
        let seen = Snapshot::take(&mut rest)?;
        if rest.is_empty() {
            return Some(Self::behind(seen));
        }
        let snapshot = Snapshot::take(&mut rest)?;
        let last = i64::try_from(varint::take(&mut rest)?).ok()?;
        rest.is_empty().then(|| Self::within(seen, snapshot, last))
    }
}

impl Origin {
    fn bytes(&self) -> Vec<u8> {
        let Self { system, timeline, database, subscription } = self;
        [&system.to_be_bytes()[..], &timeline.to_be_bytes(), &database.to_be_bytes(), subscription].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::tests::{any_snapshot, snapshot};
    use super::*;
    use proptest::prelude::*;

    const HERE: Origin = Origin { system: 7, timeline: 1, database: 5, subscription: *b"channel!" };

    fn any_cursor() -> impl Strategy<Value = Cursor> {
        let draining = prop::option::of((any_snapshot(), 0_i64..));
        (any_snapshot(), draining).prop_map(|(seen, draining)| match draining {
            None => Cursor::behind(seen.bounded()),
            Some((snapshot, last)) => Cursor::within(seen.bounded(), snapshot.bounded(), last),
        })
    }

    #[test]
    fn a_cursor_of_elsewhere_is_none() {
        let text = Cursor::behind(snapshot("10:20:10,12")).encode(&HERE);
        assert!(Cursor::decode(&text, &HERE).is_some());
        for other in [
            Origin { system: 8, ..HERE },
            Origin { timeline: 2, ..HERE },
            Origin { database: 6, ..HERE },
            Origin { subscription: *b"another!", ..HERE },
        ] {
            assert_eq!(Cursor::decode(&text, &other), None, "{other:?}");
        }
    }

    #[test]
    fn a_usual_cursor_is_short() {
        let seen = snapshot("81234567:81234590:81234567,81234571");
        assert_eq!(Cursor::behind(seen.clone()).encode(&HERE).len(), 43);
        assert_eq!(Cursor::within(seen.clone(), seen, 400_000).encode(&HERE).len(), 56);
    }

    #[test]
    fn texts_that_are_no_cursor() {
        let good = Cursor::within(snapshot("10:20:10"), snapshot("20:30:20"), 5).encode(&HERE);
        let long = "A".repeat(MOST_TEXT + 1);
        let cases = ["", "A", "=", "AQ", "é", "AQAAAAAAAAAHAAAAAQAAAAVjaGFubmVsIQ", &long];
        let changed =
            [format!("{good}="), format!("{good}AA"), format!(" {good}"), good.replacen('A', "B", 1)];
        for text in cases.into_iter().chain(changed.iter().map(String::as_str)) {
            assert_eq!(Cursor::decode(text, &HERE), None, "{text}");
        }
        // Each beginning of it is none, but the one that is the cursor of what was seen alone.
        let shorter =
            (0..good.len()).filter(|end| Cursor::decode(good.get(..*end).unwrap_or(""), &HERE).is_some());
        assert!(shorter.count() <= 1);
    }

    #[test]
    fn a_cursor_of_the_future_is_told() {
        let now = snapshot("20:30:20");
        for (seen, draining, ahead) in [
            ("30:30:", None, false),
            ("31:31:", None, true),
            ("10:20:10", Some("30:30:"), false),
            ("10:20:10", Some("31:31:"), true),
        ] {
            let cursor = draining.map_or_else(
                || Cursor::behind(snapshot(seen)),
                |draining| Cursor::within(snapshot(seen), snapshot(draining), 1),
            );
            assert_eq!(cursor.is_ahead_of(&now), ahead, "{cursor:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(cursor in any_cursor()) {
            let text = cursor.encode(&HERE);
            prop_assert!(text.len() <= MOST_TEXT, "{}", text.len());
            prop_assert_eq!(Cursor::decode(&text, &HERE), Some(cursor));
        }

        #[test]
        fn a_text_that_is_a_cursor_is_its_text(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let text = URL_SAFE_NO_PAD.encode([&[VERSION][..], &HERE.bytes(), &bytes].concat());
            if let Some(cursor) = Cursor::decode(&text, &HERE) {
                prop_assert_eq!(cursor.encode(&HERE), text);
            }
        }
    }
}
