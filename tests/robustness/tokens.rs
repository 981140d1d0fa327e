//! Turns text into tokens, roughly as GraphQL has them: any text has some, and together they are the text but for what
//! GraphQL ignores between them.

use std::ops::Range;

/// The tokens of a text: words, numbers, strings, `...`, and single characters of all other kinds.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(ignored);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") => block_string(rest),
            '"' => string(rest),
            '.' if rest.starts_with("...") => 3,
            '-' => 1 + run(&rest[1..]),
            _ => run(rest).max(first.len_utf8()),
        };
        let (token, behind) = rest.split_at(length);
        tokens.extend((first != '#').then(|| token.to_owned()));
        rest = behind.trim_start_matches(ignored);
    }
    tokens
}

fn ignored(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}')
}

/// The bytes of a word or number; a sign belongs to it where it follows an `e`, a dot where a digit follows.
fn run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let begins_number = bytes.first().is_some_and(u8::is_ascii_digit);
    let belongs = |at: usize| match bytes[at] {
        b'.' => begins_number && bytes.get(at + 1).is_some_and(u8::is_ascii_digit),
        b'+' | b'-' => begins_number && at > 0 && matches!(bytes[at - 1], b'e' | b'E'),
        byte => byte == b'_' || byte.is_ascii_alphanumeric(),
    };
    (0..bytes.len()).find(|at| !belongs(*at)).unwrap_or(bytes.len())
}

/// The bytes of a string, or of what remains of the line.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    text.len()
}

fn block_string(text: &str) -> usize {
    let mut from = 3;
    while let Some(end) = text[from..].find("\"\"\"").map(|at| from + at) {
        if !text[..end].ends_with('\\') {
            return end + 3;
        }
        from = end + 3;
    }
    text.len()
}

/// What stands from the bracket at a place to the one that closes it; nothing where no bracket stands.
pub(super) fn group(tokens: &[String], open: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (at > open).then_some(open..at + 1);
        }
    }
    None
}

/// Whether a token is a number or a string.
pub(super) fn is_literal(token: &str) -> bool {
    token.starts_with(['"', '-']) || token.starts_with(|first: char| first.is_ascii_digit())
}

/// Whether two tokens can stand beside each other with nothing between them.
pub(super) fn may_touch(one: &str, other: &str) -> bool {
    let punctuates = |token: &str| "{}()[]:=@!$|&".contains(token) || token == "...";
    punctuates(one) || punctuates(other) && !(other == "..." && is_literal(one))
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn texts_come_apart() {
        for (text, wanted) in [
            ("{a,b #c}\n...on X}", "{|a|b|...|on|X|}"),
            (
                r#"(x:"a\"b, #",y:"""c"d\"""e""" -1.5e+3 1...F)"#,
                r#"(|x|:|"a\"b, #"|y|:|"""c"d\"""e"""|-1.5e+3|1|...|F|)"#,
            ),
            ("\"a\nb \"\"\"c", "\"a|b|\"\"\"c"),
            ("é1-.", "é|1|-|."),
        ] {
            assert_eq!(tokens(text).join("|"), wanted);
        }
    }
}
