//! Turns an answer that lacks values into one that has null around them, and the places that say so
//! ([spec](https://spec.graphql.org/October2021/#sec-Handling-Field-Errors)).
//!
//! The statement has marked each value that is missing ([`Gap`]). It is rare: a constraint or a policy of the tables was got
//! round, or a variable has put null where an argument may not have it.

use crate::error::Step;
use crate::plan::Gap;
use serde_json::value::RawValue;

/// The answer's `data` with null where the marks want it, and the marks: which gap, and the way to it. `None` if the answer
/// is no JSON with marks.
///
/// Of several marks below one value that becomes null the first alone is told.
#[must_use]
pub fn complete(answer: &str, gaps: &[Gap]) -> Option<(Box<RawValue>, Vec<Missing>)> {
    let data = answer.strip_prefix("{\"data\":")?.strip_suffix('}')?;
    let mut copy =
        Copy { bytes: data.as_bytes(), at: 0, kept: Vec::new(), path: Vec::new(), gaps, missing: Vec::new() };
    copy.value().ok()?;
    let data = String::from_utf8(copy.kept).ok()?;
    Some((RawValue::from_string(data).ok()?, copy.missing))
}

/// A value that is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// Which of the gaps it leaves.
    pub gap: usize,
    /// The way to it.
    pub path: Vec<Step>,
}

struct Copy<'a> {
    bytes: &'a [u8],
    at: usize,
    kept: Vec<u8>,
    path: Vec<Step>,
    gaps: &'a [Gap],
    missing: Vec<Missing>,
}

/// A value is missing: how long the way is to the value that becomes null for it.
struct Null(usize);

impl Copy<'_> {
    /// Copies a value, or null where one inside of it is missing that reaches up to it.
    fn value(&mut self) -> Result<(), Null> {
        let (at, kept, depth) = (self.at, self.kept.len(), self.path.len());
        match self.parts() {
            Err(Null(reached)) if reached >= depth => {
                self.path.truncate(depth);
                self.kept.truncate(kept);
                self.kept.extend_from_slice(b"null");
                self.at = at;
                self.skip();
                Ok(())
            }
            other => other,
        }
    }

    fn parts(&mut self) -> Result<(), Null> {
        self.blank();
        match (self.byte(0), self.byte(1)) {
            (Some(Gap::MARK), _) => Err(self.gap(1)),
            (Some(b'"'), Some(Gap::MARK)) => Err(self.gap(2)),
            (Some(b'"'), _) => {
                self.string();
                Ok(())
            }
            (Some(b'{'), _) => self.items(b'}', |copy, _| {
                let key = copy.string();
                copy.blank();
                copy.keep();
                Step::Key(key)
            }),
            (Some(b'['), _) => self.items(b']', |_, index| Step::Index(index)),
            _ => {
                while self.byte(0).is_some_and(|byte| !matches!(byte, b',' | b'}' | b']')) {
                    self.keep();
                }
                Ok(())
            }
        }
    }

    /// The members of an object or the items of a list, up to its end; `step` copies what stands before a value.
    fn items(&mut self, end: u8, step: impl Fn(&mut Self, usize) -> Step) -> Result<(), Null> {
        self.keep();
        self.blank();
        let mut index = 0;
        while self.byte(0).is_some_and(|byte| byte != end) {
            let step = step(self, index);
            self.path.push(step);
            self.value()?;
            self.path.pop();
            self.blank();
            if self.byte(0) != Some(b',') {
                break;
            }
            self.keep();
            self.blank();
            index += 1;
        }
        self.keep();
        Ok(())
    }

    /// Copies a string, and gives what stands in its quotes.
    fn string(&mut self) -> String {
        let begin = self.at + 1;
        self.keep();
        while self.byte(0).is_some_and(|byte| byte != b'"') {
            if self.byte(0) == Some(b'\\') {
                self.keep();
            }
            self.keep();
        }
        let text = self.bytes.get(begin..self.at).unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        self.keep();
        text
    }

    /// Notes the gap whose number stands `after` so many bytes.
    fn gap(&mut self, after: usize) -> Null {
        let digits = (after..).map_while(|offset| self.byte(offset).filter(u8::is_ascii_digit));
        let number = digits.fold(0_usize, |number, digit| {
            number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
        });
        self.missing.push(Missing { gap: number, path: self.path.clone() });
        Null(self.gaps.get(number).map_or(0, |gap| gap.depth))
    }

    /// Goes past a value without copying it.
    fn skip(&mut self) {
        let (mut depth, mut quoted) = (0_usize, false);
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' if quoted => self.at += 1,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b',' | b'}' | b']' if depth == 0 => return,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn blank(&mut self) {
        while self.byte(0).is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.keep();
        }
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at.saturating_add(offset)).copied()
    }

    fn keep(&mut self) {
        self.kept.extend(self.byte(0));
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(depth: usize) -> Gap {
        Gap { error: crate::error::Error::Unauthenticated, at: Vec::new(), depth }
    }

    /// `⌫` is the mark. Gap 0 reaches `data`, gap n the value n steps below it.
    fn completed(data: &str) -> Option<(String, Vec<String>)> {
        let gaps: Vec<Gap> = (0..5).map(gap).collect();
        let (data, missing) = complete(&format!("{{\"data\":{}}}", data.replace('⌫', "\u{1a}")), &gaps)?;
        let told = |Missing { gap, path }| {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            format!("{gap}:{}", path.join("."))
        };
        Some((data.get().to_owned(), missing.into_iter().map(told).collect()))
    }

    #[test]
    fn null_goes_up_to_what_may_be_null() {
        let rows: &[(&str, &str, &[&str])] = &[
            ("{}", "{}", &[]),
            (r#"{"a":[1,{"b":"x\"\\"}],"c":null}"#, r#"{"a":[1,{"b":"x\"\\"}],"c":null}"#, &[]),
            (r#"{"a":⌫0}"#, "null", &["0:a"]),
            (r#"{"a":{"b":⌫1,"c":2},"d":3}"#, r#"{"a":null,"d":3}"#, &["1:a.b"]),
            (r#"{"a":{"b":"⌫1","c":2},"d":3}"#, r#"{"a":null,"d":3}"#, &["1:a.b"]),
            (r#"{"a":{"b":{"c":⌫1}},"d":{"e":⌫1}}"#, r#"{"a":null,"d":null}"#, &["1:a.b.c", "1:d.e"]),
            (r#"{"a":{"b":{"c":⌫2}},"d":3}"#, r#"{"a":{"b":null},"d":3}"#, &["2:a.b.c"]),
            // Items that may be null, each on its own.
            (
                r#"{"a":[{"b":1},{"b":⌫2},{"b":3},{"b":⌫2}]}"#,
                r#"{"a":[{"b":1},null,{"b":3},null]}"#,
                &["2:a.1.b", "2:a.3.b"],
            ),
            (r#"{"a":[{"b":1},{"b":⌫1},{"b":⌫1}],"c":1}"#, r#"{"a":null,"c":1}"#, &["1:a.1.b"]),
            // What was kept is taken back, what follows is skipped: brackets, quotes and marks in it mean nothing.
            (
                r#"{"a":{"x":"kept","b":⌫1,"c":"}]\"","d":[{"e":⌫1},"]"],"f":{}},"g":[2]}"#,
                r#"{"a":null,"g":[2]}"#,
                &["1:a.b"],
            ),
            // The first mark reaches only its own object, a later one the object around it.
            (r#"{"a":{"b":{"c":⌫2},"d":{"e":⌫1}},"f":1}"#, r#"{"a":null,"f":1}"#, &["2:a.b.c", "1:a.d.e"]),
            (r#"{"a":[],"b":{},"c":[[{"d":⌫3}]]}"#, r#"{"a":[],"b":{},"c":[[null]]}"#, &["3:c.0.0.d"]),
            (r#"{"é":"ü ⌦","a":{"b":⌫1}}"#, r#"{"é":"ü ⌦","a":null}"#, &["1:a.b"]),
            (
                r#"{"raw":{"a": [1, {"b": null}], "c" : "d"},"a":{"b":⌫1}}"#,
                r#"{"raw":{"a": [1, {"b": null}], "c" : "d"},"a":null}"#,
                &["1:a.b"],
            ),
            (r#"{"a":{"b":⌫9}}"#, "null", &["9:a.b"]),
            (r#"{"a":{"b":⌫}}"#, "null", &["0:a.b"]),
        ];
        for (data, wanted, missing) in rows {
            let found = completed(data);
            let missing = missing.iter().map(|place| (*place).to_owned()).collect();
            assert_eq!(found, Some(((*wanted).to_owned(), missing)), "{data}");
        }
    }

    #[test]
    fn what_is_no_json_is_no_answer() {
        for data in [
            "",
            "{",
            "[",
            "\"",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":\"",
            "{\"a\":1,}",
            "{\"a\":[1}",
            "{\"a\":\"\\",
            "x",
            "{,}",
        ] {
            assert_eq!(completed(data), None, "{data}");
        }
        assert!(complete("{\"errors\":[]}", &[]).is_none() && complete("", &[]).is_none());
    }
}
