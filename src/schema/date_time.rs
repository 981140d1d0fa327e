//! Tells whether a text is a date-time of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6).

/// Whether it is one, in upper case, that a `timestamptz` holds: after year 0, with an offset below 16 hours and at most
/// nanoseconds. A second of 60 is none, as PostgreSQL knows no leap seconds.
#[must_use]
pub fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((date_time, rest)) = bytes.split_at_checked(19) else { return false };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|(at, separator)| date_time.get(*at) != Some(separator)) {
        return false;
    }
    let part = |at: usize, length: usize| number(date_time.get(at..at + length)?);
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(5, 2), part(8, 2)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (part(11, 2), part(14, 2), part(17, 2)) else {
        return false;
    };
    year > 0
        && (1..=days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && without_fraction(rest).is_some_and(is_offset)
}

/// What follows the fraction, or all of it where there is none; `None` where the fraction is no fraction.
fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some((b'.', fraction)) = text.split_first() else { return Some(text) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=9).contains(&digits) { fraction.get(digits..) } else { None }
}

fn is_offset(text: &[u8]) -> bool {
    match text {
        b"Z" => true,
        [b'+' | b'-', hours @ .., b':', ten, one] => {
            hours.len() == 2
                && number(hours).is_some_and(|hours| hours < 16)
                && number(&[*ten, *one]).is_some_and(|minutes| minutes < 60)
        }
        _ => false,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

/// The days of a month in the Gregorian calendar; none in a month that there is not.
fn days(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn date_times() {
        for good in [
            "2026-11-23T10:15:00Z",
            "2026-11-23T10:15:00.1Z",
            "2026-11-23T10:15:00.123456789Z",
            "2026-11-23T23:59:59+00:00",
            "2026-11-23T00:00:00-00:00",
            "2026-11-23T10:15:00.5+05:45",
            "2026-11-23T10:15:00-15:59",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2024-02-29T00:00:00Z",
            "2000-02-29T00:00:00Z",
        ] {
            assert!(is_date_time(good), "{good}");
        }
    }

    #[test]
    fn no_date_times() {
        for bad in [
            "",
            "2026-11-23",
            "2026-11-23T10:15:00",
            "2026-11-23 10:15:00Z",
            "2026-11-23t10:15:00Z",
            "2026-11-23T10:15:00z",
            "2026-11-23T10:15Z",
            "2026-11-23T10:15:00.Z",
            "2026-11-23T10:15:00,5Z",
            "2026-11-23T10:15:00.1234567890Z",
            "2026-11-23T10:15:00ZZ",
            "2026-11-23T10:15:00Z ",
            " 2026-11-23T10:15:00Z",
            "2026-11-23T10:15:00+5:45",
            "2026-11-23T10:15:00+0545",
            "2026-11-23T10:15:00+05",
            "2026-11-23T10:15:00+05:60",
            "2026-11-23T10:15:00+16:00",
            "2026-11-23T10:15:00+005:45",
            "2026-11-23T10:15:00+:45",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:60:00Z",
            "2026-11-23T10:15:60Z",
            "2026-00-23T10:15:00Z",
            "2026-13-23T10:15:00Z",
            "2026-11-00T10:15:00Z",
            "2026-11-31T10:15:00Z",
            "2026-02-29T10:15:00Z",
            "1900-02-29T10:15:00Z",
            "0000-01-01T00:00:00Z",
            "26-11-23T10:15:00Z",
            "+026-11-23T10:15:00Z",
            "2026-1１-23T10:15:00Z",
            "２026-11-23T10:15:00Z",
            "2026-11-23T10:15:0\u{0}Z",
            "now",
            "infinity",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }
}
