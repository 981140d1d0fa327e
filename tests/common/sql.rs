//! Looks at the text of a statement: breaks it into lines for people, and finds its calls and tables.

/// For each byte whether it stands outside of quotes. The text has no comments and no other kinds of quotes.
fn outside(text: &str) -> Vec<bool> {
    let mut quote = None;
    let outside = text.bytes().map(|byte| match quote {
        // A doubled quote closes and opens again.
        Some(open) if byte == open => {
            quote = None;
            false
        }
        Some(_) => false,
        None if matches!(byte, b'\'' | b'"') => {
            quote = Some(byte);
            false
        }
        None => true,
    });
    outside.collect()
}

/// The text with some of its spaces, all outside of quotes, turned into line breaks with the indent of their select.
pub(crate) fn broken(text: &str) -> String {
    let outside = outside(text);
    let mut selects = Vec::new();
    let mut lines = String::new();
    for ((at, byte), outside) in text.char_indices().zip(outside) {
        let rest = &text[at + 1..];
        match byte {
            '(' if outside => selects.push(rest.starts_with("SELECT")),
            ')' if outside => drop(selects.pop()),
            ' ' if outside && begins_line(rest) => {
                lines.push('\n');
                let depth = selects.iter().filter(|select| **select).count();
                lines.push_str(&"  ".repeat(depth));
                continue;
            }
            _ => {}
        }
        lines.push(byte);
    }
    lines
}

/// Clauses, sub-selects and constants of JSON.
fn begins_line(rest: &str) -> bool {
    let clauses = ["FROM ", "WHERE ", "ORDER BY ", "LIMIT ", "(SELECT"];
    let constants = ["'{", "'\"", "'}", "'[", "']", "',\"", "',{"];
    clauses.iter().chain(&constants).any(|start| rest.starts_with(start))
}

/// The text that [`broken`] was given.
pub(crate) fn joined(lines: &str) -> String {
    lines.lines().map(str::trim_start).collect::<Vec<_>>().join(" ")
}

/// The most arguments that any call, or any other list in parentheses, has.
pub(crate) fn most_arguments(text: &str) -> usize {
    let mut most = 0;
    let mut open = Vec::new();
    for (byte, outside) in text.bytes().zip(outside(text)) {
        match byte {
            b'(' if outside => open.push(1),
            b',' if outside => open.last_mut().into_iter().for_each(|count| *count += 1),
            b')' if outside => most = most.max(open.pop().unwrap_or(usize::MAX)),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{text}");
    most
}

/// Every table that is read, with its alias and what stands behind it.
pub(crate) fn tables(text: &str) -> Vec<(&str, &str, &str)> {
    let reads = text.match_indices(" FROM saas_blog.\"").map(|(at, from)| &text[at + from.len()..]);
    // The rows of a function are no table.
    let reads = reads.filter(|rest| !rest.split('"').nth(1).unwrap().starts_with('('));
    let parts = reads.map(|rest| {
        let (table, rest) = rest.split_once("\" ").unwrap();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (alias, rest) = rest.split_at(end);
        (table, alias, rest)
    });
    parts.collect()
}

/// The function that a statement calls, with the names of its arguments; none where it only reads.
pub(crate) fn called(text: &str) -> Option<(&str, Vec<&str>)> {
    let (function, rest) = text.strip_prefix("SELECT saas_blog.\"")?.split_once("\"(")?;
    let arguments = rest.split_once(")::saas_blog.\"").unwrap().0.split(", ");
    Some((function, arguments.map(|argument| argument.split('"').nth(1).unwrap()).collect()))
}

/// Whether every quote and every parenthesis is closed.
pub(crate) fn is_balanced(text: &str) -> bool {
    let (mut quote, mut depth) = (None, 0_i32);
    for byte in text.bytes() {
        match byte {
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_some() => {}
            b'\'' | b'"' => quote = Some(byte),
            b'(' => depth += 1,
            b')' if depth == 0 => return false,
            b')' => depth -= 1,
            _ => {}
        }
    }
    quote.is_none() && depth == 0
}

/// The `$n` of the statement.
pub(crate) fn places(text: &str) -> Vec<usize> {
    let outside = outside(text);
    let places = text.match_indices('$').filter(|(at, _)| outside[*at]).map(|(at, _)| {
        let digits = &text[at + 1..];
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().unwrap_or(usize::MAX)
    });
    places.collect()
}
