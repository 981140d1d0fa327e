//! Turns a place in the text into a line and a column.

/// A place among the tokens of a request: the number of the token, from 0.
///
/// Nodes carry this instead of a line and a column, so that a plan that is kept for one request names the right
/// places in another one of the same shape, whatever its white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(pub u32);

/// A place in the request's text, as [errors report it](https://spec.graphql.org/October2021/#sec-Errors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// The line, from 1. `\n`, `\r` and `\r\n` end a line.
    pub line: usize,
    /// The column, from 1, in UTF-16 code units as graphql-js and editors count.
    pub column: usize,
}

/// The place of the byte `offset` in `text`.
pub(super) fn location(text: &str, offset: usize) -> Location {
    let before = text.get(..offset).unwrap_or(text);
    let bytes = text.as_bytes();
    let ends_line =
        |&(i, byte): &(usize, u8)| byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
    let (line, start) =
        before.bytes().enumerate().filter(ends_line).fold((1, 0), |(line, _), (i, _)| (line + 1, i + 1));
    let column = 1 + before.get(start..).unwrap_or_default().encode_utf16().count();
    Location { line, column }
}

#[cfg(test)]
mod tests {
    use super::{Location, location};

    #[test]
    fn lines_and_columns() {
        for (text, offset, line, column) in [
            ("abc", 0, 1, 1),
            ("abc", 3, 1, 4),
            ("a\nbc", 2, 2, 1),
            ("a\r\nbc", 4, 2, 2),
            ("a\rb\n\nc", 5, 4, 1),
            ("\u{feff}a", 3, 1, 2),
            ("é😀a", 6, 1, 4),
        ] {
            assert_eq!(location(text, offset), Location { line, column }, "{text:?} at {offset}");
        }
    }
}
