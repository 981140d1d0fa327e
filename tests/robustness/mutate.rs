//! Turns texts into others: requests with some tokens or subtrees taken out, doubled, swapped, replaced, or put in from
//! another request.

use saas_blog::schema::Schema;

use super::tokens::{group, is_literal, may_touch, tokens};
use super::values;
use crate::common::Random;

const PUNCTUATORS: &str =
    "{ } ( ) [ ] : = @ ! $ ... | & \" \"\"\" \\ # é \u{0} - . .. query fragment on {} () @skip(if:true)";

/// Nothing but tokens, most of them of the language.
pub(super) fn soup(schema: &Schema, random: &mut Random) -> String {
    let start = ["", "{", "query($v0:", "{me{", "fragment F0 on User{id}{", "query Q@"][random.below(6)];
    let pieces = (0..random.below(60)).map(|_| piece(schema, random)).collect::<Vec<_>>();
    format!("{start} {}", pieces.join(" "))
}

fn piece(schema: &Schema, random: &mut Random) -> String {
    match random.below(10) {
        0..=3 => values::name(schema, random),
        4 => values::any(random, 2),
        5 => format!("${}", ["v0", "v1", "id", "x"][random.below(4)]),
        _ => random.pick(&PUNCTUATORS.split(' ').collect::<Vec<_>>()).to_owned(),
    }
}

/// The text with up to four changes.
pub(super) fn mutated(schema: &Schema, random: &mut Random, text: &str, other: &str) -> String {
    let mut text = tokens(text);
    let changes = [0, 0, 1, 1, 1, 2, 4][random.below(7)];
    for _ in 0..changes {
        change(schema, random, &mut text, &tokens(other));
        text.extend(text.is_empty().then(|| "{".to_owned()));
    }
    text.join(" ")
}

fn change(schema: &Schema, random: &mut Random, text: &mut Vec<String>, other: &[String]) {
    if text.is_empty() {
        return;
    }
    let at = random.below(text.len());
    let end = (at + 1 + random.below(4)).min(text.len());
    let subtree = subtree(text, at);
    // Most changes leave a document one: they are to a word, to a literal or to a subtree.
    match random.below(24) {
        0 => drop(text.drain(at..end)),
        1 | 8 => drop(text.drain(subtree)),
        2 => {
            let again = text[at..end].to_vec();
            text.splice(at..at, again);
        }
        3 | 9 => {
            let again = text[subtree.clone()].to_vec();
            text.splice(subtree.end..subtree.end, again);
        }
        4 => text.swap(at, end - 1),
        5 => {
            let place = random.below(text.len());
            text.swap(at, place);
        }
        6 | 10 if !other.is_empty() => {
            let from = random.below(other.len());
            let part = other[super::tokens::group(other, from).unwrap_or(from..from + 1)].to_vec();
            text.splice(subtree, part);
        }
        7 if !other.is_empty() => {
            let from = random.below(other.len());
            let to = (from + random.below(12)).min(other.len());
            text.splice(at..at, other[from..to].to_vec());
        }
        11 => text[at] = piece(schema, random),
        // A name that is as long as a request lets it be.
        12 if random.below(4) == 0 => text[at] = "long".repeat(1 + random.below(4_000)),
        _ => {
            let wanted = |at: &usize| !text[*at].starts_with(|c: char| c.is_ascii_punctuation() && c != '"');
            let at = (at..text.len()).find(wanted).unwrap_or(at);
            text[at] = like(schema, random, &text[at]);
        }
    }
}

/// The subtree that begins at a place or behind it, with the name before its bracket.
fn subtree(text: &[String], at: usize) -> std::ops::Range<usize> {
    let open = (at..text.len()).find_map(|open| group(text, open));
    open.map_or(at..at + 1, |group| group.start.saturating_sub(1)..group.end)
}

/// Another token of the kind.
fn like(schema: &Schema, random: &mut Random, token: &str) -> String {
    match token {
        literal if is_literal(literal) => other_literal(random, literal),
        "true" => "false".to_owned(),
        "false" => "true".to_owned(),
        "null" => values::any(random, 1),
        word if word.starts_with(|c: char| c == '_' || c.is_alphabetic()) => values::name(schema, random),
        _ => piece(schema, random),
    }
}

/// A literal of the kind: the shape of the document stays what it is.
pub(super) fn other_literal(random: &mut Random, literal: &str) -> String {
    match literal {
        string if string.starts_with('"') => values::string(random),
        float if float.contains(['.', 'e', 'E']) => values::float(random),
        _ => values::int(random),
    }
}

/// The same tokens with something else between them that GraphQL ignores.
pub(super) fn relaid(random: &mut Random, text: &str) -> String {
    let between = [" ", "\n", ",", "\t", "\r\n", "# \"comment { é\n", "\u{feff}", " , "];
    let mut relaid = random.pick(&between).to_owned();
    let mut last: Option<String> = None;
    for token in tokens(text) {
        let touches = last.as_ref().is_some_and(|last| may_touch(last, &token));
        if !touches || random.below(2) == 0 {
            relaid.push_str(random.pick(&between));
        }
        relaid.push_str(&token);
        last = Some(token);
    }
    relaid
}

/// The same document with other literals: some of the equal ones are changed alike.
pub(super) fn refilled(random: &mut Random, text: &str) -> String {
    let (mut known, alike, many) = (Vec::<(String, String)>::new(), random.below(3) > 0, 1 + random.below(3));
    let tokens = tokens(text).into_iter().map(|token| {
        if !is_literal(&token) || random.below(many) > 0 {
            return token;
        }
        if let Some((_, other)) = known.iter().find(|(old, _)| *old == token).filter(|_| alike) {
            return other.clone();
        }
        let other = other_literal(random, &token);
        known.push((token, other.clone()));
        other
    });
    tokens.collect::<Vec<_>>().join(" ")
}
