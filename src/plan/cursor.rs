//! Turns a cursor's text into the place in a list that it names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The place of a row in a list: microseconds since 2000-01-01 UTC, and the row's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) time: i64,
    pub(super) id: [u8; 16],
}

/// PostgreSQL's first and last timestamps (`MIN_TIMESTAMP`, `END_TIMESTAMP` in `datatype/timestamp.h`).
const TIMES: std::ops::Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;

/// The place that a cursor of the list with this tag names; `None` for any other text.
///
/// A cursor is base64 of tag (3 bytes), `timestamptz_send` (8) and `uuid_send` (16).
pub(super) fn decode(text: &str, tag: [u8; 3]) -> Option<Place> {
    let bytes: [u8; 27] = STANDARD.decode(text).ok()?.try_into().ok()?;
    let (found, rest) = bytes.split_first_chunk::<3>()?;
    let (time, id) = rest.split_first_chunk::<8>()?;
    let time = i64::from_be_bytes(*time);
    (*found == tag && TIMES.contains(&time)).then_some(Place { time, id: *id.first_chunk()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cursor_of_the_list_is_one() {
        let tag = [1, 2, 3];
        let bytes = |tag: [u8; 3], time: i64| [&tag[..], &time.to_be_bytes(), &[7; 16]].concat();
        let good = STANDARD.encode(bytes(tag, 5));
        assert_eq!(decode(&good, tag), Some(Place { time: 5, id: [7; 16] }));
        let bad = [
            STANDARD.encode(bytes([1, 2, 4], 5)),
            STANDARD.encode(bytes(tag, i64::MAX)),
            STANDARD.encode(bytes(tag, i64::MIN)),
            STANDARD.encode(bytes(tag, 5).split_last().map_or(&[][..], |(_, short)| short)),
            good.replace('A', "-"),
            format!("{good} "),
            format!("{good}AAAA"),
            "cursor123".to_owned(),
            String::new(),
        ];
        for text in bad {
            assert_eq!(decode(&text, tag), None, "{text}");
        }
    }
}
