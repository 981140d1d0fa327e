//! Turns a misspelt name and the names there are into "Did you mean …?", as graphql-js does.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How many names one sentence holds.
const MOST: usize = 5;

/// The options that are like the name, the most similar first; equally similar ones in natural order.
///
/// An edit is an insertion, a deletion, a substitution or a swap of neighbours, and another case is one edit altogether.
/// A name may have one edit, and one more for each two and a half characters; what is much longer or shorter than the
/// name is told by its length, so a long name costs no more than reading it.
#[must_use]
pub fn suggestions<'a>(name: &str, options: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let length = name.encode_utf16().count();
    let most = length * 2 / 5 + 1;
    // Lower case makes no name shorter.
    let options: BTreeSet<&str> =
        options.into_iter().filter(|option| option.len() + most >= length).collect();
    if options.is_empty() {
        return Vec::new();
    }
    let lower = units(&name.to_lowercase());
    let length = lower.chars().count();
    let similar = options.into_iter().filter_map(|option| {
        let other = units(&option.to_lowercase());
        let distance = match () {
            () if option == name => 0,
            () if other == lower => 1,
            () if other.chars().count().abs_diff(length) > most => return None,
            () => strsim::osa_distance(&lower, &other),
        };
        (distance <= most).then_some((distance, option))
    });
    let mut similar: Vec<(usize, &str)> = similar.collect();
    similar.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| natural(a, b)));
    similar.into_iter().map(|(_, option)| option).collect()
}

/// The sentence that names the first few suggestions, behind a space; nothing where there are none.
///
/// `what` says what they are, such as `the enum value`; empty where that is clear.
#[must_use]
pub fn did_you_mean(what: &str, names: &[&str]) -> String {
    let mut quoted: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    let what = if what.is_empty() { String::new() } else { format!("{what} ") };
    let list = match (quoted.pop(), quoted.as_slice()) {
        (None, _) => return String::new(),
        (Some(last), []) => last,
        (Some(last), [first]) => format!("{first} or {last}"),
        (Some(last), others) => format!("{}, or {last}", others.join(", ")),
    };
    format!(" Did you mean {what}{list}?")
}

/// The text with a character for each UTF-16 unit, which is what graphql-js counts. No name of a schema contains what
/// stands for the halves of a pair.
fn units(text: &str) -> String {
    text.encode_utf16()
        .map(|unit| char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The order in which `a2` comes before `a10`.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let (Some((one, rest)), Some((other, others))) = (a.split_first(), b.split_first()) {
        let order = if one.is_ascii_digit() && other.is_ascii_digit() {
            number(&mut a).cmp(&number(&mut b))
        } else {
            (a, b) = (rest, others);
            one.cmp(other)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Takes the number that the text begins with. A leading zero is a number of its own.
fn number(text: &mut &[u8]) -> u64 {
    let mut number = 0_u64;
    while let Some((digit, rest)) = text.split_first().filter(|(digit, _)| digit.is_ascii_digit()) {
        number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        *text = rest;
        if number == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, natural, suggestions};
    use std::cmp::Ordering;
    use std::time::{Duration, Instant};

    /// What graphql-js says about the same names.
    #[test]
    fn similar_names_are_suggested() {
        for (name, options, wanted) in [
            ("", &["a", "ab"][..], &["a"][..]),
            ("input", &[], &[]),
            ("greenish", &["green"], &["green"]),
            ("green", &["greenish"], &["greenish"]),
            ("verylongstring", &["VERYLONGSTRING"], &["VERYLONGSTRING"]),
            ("verylongstring", &["VERYLONGSTRIN"], &["VERYLONGSTRIN"]),
            ("abc", &["a", "ab", "abc"], &["abc", "ab", "a"]),
            ("GraphQl", &["graphics", "SQL", "GraphQL", "quarks", "mark"], &["GraphQL", "graphics"]),
            ("a", &["az", "ax", "ay"], &["ax", "ay", "az"]),
            ("field", &["field10", "field2", "field2"], &["field2", "field10"]),
            ("tilte", &["title"], &["title"]),
            ("ti", &["it", "i", "xyz"], &["i", "it"]),
            // 6 units in UTF-16, 3 edits: the halves of a pair count alone.
            ("😀abcd", &["abcd", "cd", "bd"], &["abcd"]),
            ("é", &["e", "ee"], &["e"]),
        ] {
            assert_eq!(suggestions(name, options.iter().copied()), wanted, "{name}");
        }
    }

    #[test]
    fn names_with_numbers_are_in_natural_order() {
        for (a, b, wanted) in [
            ("a2", "a10", Ordering::Less),
            ("a10", "a2", Ordering::Greater),
            ("a02", "a1", Ordering::Less),
            ("a1b", "a1c", Ordering::Less),
            ("a", "a1", Ordering::Less),
            ("A", "a", Ordering::Less),
            ("a1", "ab", Ordering::Less),
            ("a7", "a7", Ordering::Equal),
            ("a99999999999999999999999", "a9", Ordering::Greater),
        ] {
            assert_eq!(natural(a, b), wanted, "{a} {b}");
        }
    }

    #[test]
    fn the_sentence_names_five_at_most() {
        let names = ["a", "b", "c", "d", "e", "f"];
        for (count, wanted) in [
            (0, ""),
            (1, " Did you mean \"a\"?"),
            (2, " Did you mean \"a\" or \"b\"?"),
            (3, " Did you mean \"a\", \"b\", or \"c\"?"),
            (5, " Did you mean \"a\", \"b\", \"c\", \"d\", or \"e\"?"),
            (6, " Did you mean \"a\", \"b\", \"c\", \"d\", or \"e\"?"),
        ] {
            assert_eq!(did_you_mean("", names.get(..count).unwrap_or_default()), wanted);
        }
        assert_eq!(did_you_mean("the enum value", &["a"]), " Did you mean the enum value \"a\"?");
    }

    /// A name as long as a request may be, a thousand times.
    #[test]
    fn a_long_name_costs_no_more_than_reading_it() {
        let (name, start) = ("x".repeat(100_000), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(suggestions(&name, ["title", "x", "content"]), Vec::<&str>::new());
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    }
}
