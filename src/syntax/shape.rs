//! Turns tokens, one after the other, into the shape of a document.
//!
//! The shape is the document once more, on one line, without its literals, and in the part of the language that
//! async-graphql-parser reads as the specification says:
//!
//! | in the document | in the shape | why |
//! | --- | --- | --- |
//! | `name` | `_name` | a name such as `nullable` is read as `null`; and names without `_` are ours |
//! | `{k: 1, k: 2}` | `{_0k:0 _1k:1}` | of equal keys the last one would replace the others |
//! | `1` `1.5` `"a"` `"""a"""` | `0` `1.0` `"2"` `"3"` | the number of the literal; block strings are strings |
//! | `$v: T = 1 @d` | `$_v:_T@default(is:0)@_d` | directives are expected before the default |
//! | `"text" query` | `query@description(is:"0")` | descriptions are newer than the parser |
//!
//! A name of GraphQL never begins with a digit, so that `_` and the digits behind it are taken off again without doubt:
//! equal shapes are equal documents but for the values of their literals.

use std::fmt::Write;
use std::ops::Range;

/// The shape of a document that follows the grammar.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) text: String,
    pub(super) definitions: Vec<Definition>,
    literals: usize,
    keys: usize,
}

/// One definition of a document.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) kind: DefinitionKind,
    /// Where it stands in the shape's text.
    pub(super) text: Range<usize>,
    /// Its tokens.
    pub(super) tokens: Range<usize>,
    /// The literals before it.
    pub(super) literals: usize,
}

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DefinitionKind {
    /// An operation by its keyword.
    Operation,
    /// A query that is only a selection set.
    Shorthand,
    Fragment,
    TypeSystem,
}

/// The pseudo-directive that holds a description.
pub(super) const DESCRIPTION: &str = "description";
/// The pseudo-directive that holds the default of a variable.
pub(super) const DEFAULT: &str = "default";

impl Shape {
    /// The shape of nothing, with room for that of a text of so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..Self::default() }
    }

    /// How many literals are printed.
    pub(super) fn literals(&self) -> usize {
        self.literals
    }

    /// A keyword, or a name of ours.
    pub(super) fn word(&mut self, word: &str) {
        self.separate();
        self.text.push_str(word);
    }

    /// A name of the request.
    pub(super) fn name(&mut self, name: &str) {
        self.separate();
        self.text.push('_');
        self.text.push_str(name);
    }

    /// The name of an object's field.
    pub(super) fn key(&mut self, name: &str) {
        self.separate();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "_{}{name}", self.keys);
        self.keys += 1;
    }

    pub(super) fn punctuator(&mut self, byte: u8) {
        self.text.push_str(if byte == b'.' { ".." } else { "" });
        self.text.push(char::from(byte));
    }

    pub(super) fn int(&mut self) {
        self.separate();
        let _ = write!(self.text, "{}", self.literals);
        self.literals += 1;
    }

    pub(super) fn float(&mut self) {
        self.separate();
        let _ = write!(self.text, "{}.0", self.literals);
        self.literals += 1;
    }

    pub(super) fn string(&mut self) {
        let number = self.literals;
        self.string_of(number);
        self.literals += 1;
    }

    /// The literal `number`, which was taken out of the row.
    pub(super) fn description(&mut self, number: usize) {
        self.open(DESCRIPTION);
        self.string_of(number);
        self.close();
    }

    /// A literal that is printed later.
    pub(super) fn set_aside(&mut self) -> usize {
        self.literals += 1;
        self.literals - 1
    }

    /// Begins a pseudo-directive, whose value comes next.
    pub(super) fn open(&mut self, directive: &str) {
        let _ = write!(self.text, "@{directive}(is:");
    }

    /// Ends a pseudo-directive.
    pub(super) fn close(&mut self) {
        self.text.push(')');
    }

    fn string_of(&mut self, number: usize) {
        let _ = write!(self.text, "\"{number}\"");
    }

    /// Keeps words and numbers apart.
    fn separate(&mut self) {
        if self.text.bytes().last().is_some_and(|last| last == b'_' || last.is_ascii_alphanumeric()) {
            self.text.push(' ');
        }
    }
}

/// The name that stands in the request, of one that stands in the shape; nothing for a name of ours.
pub(super) fn original(name: &str) -> Option<&str> {
    name.strip_prefix('_').map(|name| name.trim_start_matches(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{Shape, original};

    #[test]
    fn names_come_back() {
        for name in ["a", "_", "__typename", "true", "_0", "nullable", "on"] {
            let (mut plain, mut key) = (Shape::default(), Shape::default());
            plain.name(name);
            key.key(name);
            assert_eq!(original(&plain.text), Some(name));
            assert_eq!(original(&key.text), Some(name));
        }
        assert_eq!(original("description"), None);
    }
}
