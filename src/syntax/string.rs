//! Turns what stands between the quotes of a string into its value.

use super::SyntaxError;
use super::error::quotable;
use super::lexer::Lexer;

impl Lexer<'_> {
    /// A [string](https://spec.graphql.org/October2021/#StringCharacter), from behind its opening quote.
    pub(super) fn string(&mut self) -> Result<String, SyntaxError> {
        let mut value = String::new();
        loop {
            value.push_str(self.until(b"\"\\\n\r"));
            match self.byte(0) {
                Some(b'"') => {
                    self.skip(1);
                    return Ok(value);
                }
                Some(b'\\') => value.push(self.escape()?),
                _ => return Err(SyntaxError::UnterminatedString { location: self.location() }),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let (value, size) = match self.byte(1) {
            Some(b'u') if self.byte(2) == Some(b'{') => self.code_point()?,
            Some(b'u') => self.code_units()?,
            Some(plain @ (b'"' | b'\\' | b'/')) => (char::from(plain), 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            _ => {
                let found = self.quote(2);
                return Err(SyntaxError::InvalidEscape { found, location: self.location() });
            }
        };
        self.skip(size);
        Ok(value)
    }

    /// `\u{1F600}`: a character of one to eight digits, and the size of it all.
    fn code_point(&self) -> Result<(char, usize), SyntaxError> {
        let mut code = 0;
        for size in 3..12 {
            match self.byte(size) {
                Some(b'}') if size > 3 => {
                    let value = char::from_u32(code).ok_or_else(|| self.invalid_unicode(size + 1))?;
                    return Ok((value, size + 1));
                }
                byte => match digit(byte) {
                    // The eighth digit may not set the sign bit of graphql-js's number.
                    Some(digit) if code < 1 << 27 => code = code << 4 | digit,
                    _ => return Err(self.invalid_unicode(size + 1)),
                },
            }
        }
        Err(self.invalid_unicode(12))
    }

    /// `\u0041`, or a surrogate pair such as `\uD83D\uDE00`, and the size of it all.
    fn code_units(&self) -> Result<(char, usize), SyntaxError> {
        let unit =
            |from: usize| (from..from + 4).try_fold(0, |code, i| Some(code << 4 | digit(self.byte(i))?));
        let Some(first) = unit(2) else { return Err(self.invalid_unicode(6)) };
        if let Some(value) = char::from_u32(first) {
            return Ok((value, 6));
        }
        let pair = (self.byte(6), self.byte(7)) == (Some(b'\\'), Some(b'u'));
        match unit(8) {
            Some(second @ 0xDC00..0xE000) if pair && first < 0xDC00 => {
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
                    .map(|value| (value, 12))
            }
            _ => None,
        }
        .ok_or_else(|| self.invalid_unicode(6))
    }

    fn invalid_unicode(&self, size: usize) -> SyntaxError {
        SyntaxError::InvalidUnicodeEscape { found: self.quote(size), location: self.location() }
    }

    fn quote(&self, size: usize) -> String {
        quotable(&self.rest().chars().take(size).collect::<String>())
    }

    /// A [block string](https://spec.graphql.org/October2021/#BlockStringCharacter), from behind its opening quotes.
    pub(super) fn block_string(&mut self) -> Result<String, SyntaxError> {
        let mut raw = String::new();
        loop {
            raw.push_str(self.until(b"\"\\"));
            let rest = self.rest();
            if rest.starts_with("\"\"\"") {
                self.skip(3);
                return Ok(dedent(&raw));
            }
            if rest.starts_with("\\\"\"\"") {
                raw.push_str("\"\"\"");
                self.skip(4);
            } else if let Some(plain) = self.byte(0) {
                raw.push(char::from(plain));
                self.skip(1);
            } else {
                return Err(SyntaxError::UnterminatedString { location: self.location() });
            }
        }
    }
}

fn digit(byte: Option<u8>) -> Option<u32> {
    char::from(byte?).to_digit(16)
}

/// [`BlockStringValue()`](https://spec.graphql.org/October2021/#BlockStringValue()): without the indentation that all
/// lines but the first have in common, and without blank lines at both ends.
fn dedent(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let blank = |line: &str| indent(line) == line.len();
    let common = raw.split('\n').skip(1).filter(|line| !blank(line)).map(indent).min().unwrap_or(usize::MAX);
    let lines: Vec<&str> = raw
        .split('\n')
        .enumerate()
        .map(|(i, line)| if i == 0 { line } else { line.get(common..).unwrap_or_default() })
        .collect();
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !blank(line)).map_or(first, |last| last + 1);
    lines.get(first..end).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::dedent;

    #[test]
    fn block_strings_lose_their_common_indentation() {
        for (raw, value) in [
            ("", ""),
            ("  a  ", "  a  "),
            ("\n  a\n    b\n\n  c\n  ", "a\n  b\n\nc"),
            ("a\r\n   b\r     c", "a\nb\n  c"),
            ("\t\n\n\t", ""),
            ("  a\n  ", "  a"),
            ("\n\ta\n b", "a\nb"),
            ("\n é\n   \n  😀", "é\n  \n 😀"),
        ] {
            assert_eq!(dedent(raw), value, "{raw:?}");
        }
    }
}
