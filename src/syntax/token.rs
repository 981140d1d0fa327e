//! What the lexer turns text into: tokens, and the values of the literals among them.

use super::SyntaxError;

/// A [lexical token](https://spec.graphql.org/October2021/#sec-Language.Source-Text.Lexical-Tokens).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The first byte in the text.
    pub(super) start: usize,
    /// The byte behind the last one.
    pub(super) end: usize,
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of `! $ & ( ) : = @ [ ] { | }`, or a dot for `...`.
    Punctuator(u8),
    Name,
    Int,
    Float,
    String,
    BlockString,
    /// The end of the text, or of what of it could be read.
    End,
}

impl Kind {
    pub(super) fn is_string(self) -> bool {
        matches!(self, Self::String | Self::BlockString)
    }
}

/// The value of a literal, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// An [Int](https://spec.graphql.org/October2021/#sec-Int-Value) as it is written, of any size.
    Int(String),
    /// A [Float](https://spec.graphql.org/October2021/#sec-Float-Value) as it is written.
    Float(String),
    /// A [String](https://spec.graphql.org/October2021/#sec-String-Value), decoded.
    String(String),
    /// A block string, decoded and without its indentation.
    BlockString(String),
}

impl Literal {
    /// A number as it is written, a string decoded.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Int(text) | Self::Float(text) | Self::String(text) | Self::BlockString(text) => text,
        }
    }
}

/// All that the lexer found.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    pub(super) literals: Vec<Literal>,
    /// Why the text could be read no further than this.
    pub(super) broken: Option<SyntaxError>,
}
