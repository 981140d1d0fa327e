//! Turns what is wrong with a request's text into one sentence and one place, in the words of graphql-js.

use std::fmt::Write;

use super::Location;

/// Why a text is no document. The two limits become `LIMIT_EXCEEDED`, all others `GRAPHQL_PARSE_FAILED`.
///
/// The sentences are those of graphql-js 16, so that clients and editors recognise them. What they quote of the
/// request holds no control characters: they are written as `\u0007`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// More tokens than the setting allows; comments are no tokens.
    #[error("The document has more than {value} tokens.")]
    TooManyTokens {
        /// The setting's name.
        limit: &'static str,
        /// The setting's value.
        value: usize,
    },
    /// Brackets of any kind within each other, more than the setting (or the parser) allows.
    #[error("The brackets of the document are nested more than {value} deep.")]
    TooDeep {
        /// The setting's name.
        limit: &'static str,
        /// The setting's value, or 64 for selection sets: the parser reads no more.
        value: usize,
    },
    /// A character that begins no token.
    #[error("Syntax Error: Unexpected character: {found}.")]
    UnexpectedCharacter {
        /// The character, quoted, or its code point.
        found: String,
        /// Where it stands.
        location: Location,
    },
    /// A string in single quotes.
    #[error("Syntax Error: Unexpected single quote character ('), did you mean to use a double quote (\")?")]
    SingleQuote {
        /// Where the quote stands.
        location: Location,
    },
    /// A number such as `01`.
    #[error("Syntax Error: Invalid number, unexpected digit after 0: {found}.")]
    DigitAfterZero {
        /// The digit.
        found: String,
        /// Where it stands.
        location: Location,
    },
    /// A number such as `1.`, `-x` or `1a`.
    #[error("Syntax Error: Invalid number, expected digit but got: {found}.")]
    NotADigit {
        /// The character, quoted, or its code point, or the end of the text.
        found: String,
        /// Where it stands.
        location: Location,
    },
    /// A string without its closing quotes.
    #[error("Syntax Error: Unterminated string.")]
    UnterminatedString {
        /// Where the line or the text ends.
        location: Location,
    },
    /// A backslash before a character that cannot be escaped.
    #[error("Syntax Error: Invalid character escape sequence: \"{found}\".")]
    InvalidEscape {
        /// The backslash and what follows.
        found: String,
        /// Where the backslash stands.
        location: Location,
    },
    /// A `\u` that is no Unicode scalar value.
    #[error("Syntax Error: Invalid Unicode escape sequence: \"{found}\".")]
    InvalidUnicodeEscape {
        /// The sequence, as far as it was read.
        found: String,
        /// Where the backslash stands.
        location: Location,
    },
    /// A token other than the only one that may stand here.
    #[error("Syntax Error: Expected {expected}, found {found}.")]
    Expected {
        /// The token that may stand here.
        expected: String,
        /// The token that does.
        found: String,
        /// Where it stands.
        location: Location,
    },
    /// A token that may not stand here.
    #[error("Syntax Error: Unexpected {found}.")]
    Unexpected {
        /// The token.
        found: String,
        /// Where it stands.
        location: Location,
    },
    /// A variable where the value must be known without variables.
    #[error("Syntax Error: Unexpected variable \"${name}\" in constant value.")]
    VariableInConstant {
        /// The variable's name.
        name: String,
        /// Where its `$` stands.
        location: Location,
    },
    /// A description before `{ … }`.
    #[error("Syntax Error: Unexpected description, descriptions are not supported on shorthand queries.")]
    DescribedShorthand {
        /// Where the description stands.
        location: Location,
    },
    /// A description before something that is no definition.
    #[error("Syntax Error: Unexpected description, only GraphQL definitions support descriptions.")]
    DescribedNothing {
        /// Where the description stands.
        location: Location,
    },
    /// A type system definition that cannot be read. It could not be executed either.
    #[error("Syntax Error: Invalid type system definition.")]
    TypeSystem {
        /// Where the definition begins.
        location: Location,
    },
    /// async-graphql-parser does not read a definition that the grammar allows. No such text is known, but pest gives up
    /// when less than 64 KiB of the stack are left.
    #[error("Syntax Error: The definition cannot be read.")]
    Unreadable {
        /// Where the definition begins.
        location: Location,
    },
}

impl SyntaxError {
    /// Where the text is wrong; nowhere in particular when a limit is exceeded.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        match self {
            Self::TooManyTokens { .. } | Self::TooDeep { .. } => None,
            Self::UnexpectedCharacter { location, .. }
            | Self::SingleQuote { location }
            | Self::DigitAfterZero { location, .. }
            | Self::NotADigit { location, .. }
            | Self::UnterminatedString { location }
            | Self::InvalidEscape { location, .. }
            | Self::InvalidUnicodeEscape { location, .. }
            | Self::Expected { location, .. }
            | Self::Unexpected { location, .. }
            | Self::VariableInConstant { location, .. }
            | Self::DescribedShorthand { location }
            | Self::DescribedNothing { location }
            | Self::TypeSystem { location }
            | Self::Unreadable { location } => Some(*location),
        }
    }
}

/// Text of the request as a sentence may quote it: control characters become `\u0007`.
pub(super) fn quotable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut quoted, character| {
        if character.is_control() {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "\\u{:04X}", u32::from(character));
        } else {
            quoted.push(character);
        }
        quoted
    })
}

/// A character as graphql-js names it: `"x"`, `'"'`, `U+0007`, or `<EOF>` when there is none.
pub(super) fn character(found: Option<char>) -> String {
    match found {
        None => "<EOF>".to_owned(),
        Some('"') => "'\"'".to_owned(),
        Some(printable @ ' '..='~') => format!("\"{printable}\""),
        Some(other) => format!("U+{:04X}", u32::from(other)),
    }
}
