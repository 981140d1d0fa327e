//! Turns text into tokens and the values of its literals, in one pass that stops at a limit.

use super::error::character;
use super::location::location;
use super::token::{Kind, Literal, Token, Tokens};
use super::{Limits, Location, SyntaxError};

/// Reads the tokens of `text` up to its end or to the first character that fits nowhere.
///
/// # Errors
///
/// Only when a limit is exceeded: a character that fits nowhere is [`Tokens::broken`], for an earlier token may already
/// be wrong, and it is the first error that is told.
pub(super) fn lex(text: &str, limits: &Limits) -> Result<Tokens, SyntaxError> {
    let mut lexer = Lexer { text, at: 0, literals: Vec::new() };
    let mut list = Vec::with_capacity(limits.max_tokens.min(text.len() / 4));
    let mut nesting = 0_usize;
    let broken = loop {
        let token = match lexer.token() {
            Ok(Some(token)) => token,
            Ok(None) => break None,
            Err(broken) => break Some(broken),
        };
        if list.len() == limits.max_tokens {
            return Err(SyntaxError::TooManyTokens { limit: "max_tokens", value: limits.max_tokens });
        }
        match token.kind {
            Kind::Punctuator(b'{' | b'[' | b'(') => nesting += 1,
            Kind::Punctuator(b'}' | b']' | b')') => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > limits.max_nesting {
            return Err(SyntaxError::TooDeep { limit: "max_nesting", value: limits.max_nesting });
        }
        list.push(token);
    };
    Ok(Tokens { list, literals: lexer.literals, broken })
}

/// A text and how far it is read.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    literals: Vec<Literal>,
}

impl<'a> Lexer<'a> {
    /// The byte `ahead` of the next one.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(super) fn location(&self) -> Location {
        location(self.text, self.at)
    }

    /// Reads up to one of `ends`, or all there is.
    pub(super) fn until(&mut self, ends: &[u8]) -> &'a str {
        let rest = self.rest();
        let found = rest.bytes().position(|byte| ends.contains(&byte)).unwrap_or(rest.len());
        self.at += found;
        rest.get(..found).unwrap_or_default()
    }

    fn while_byte(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&belongs) {
            self.at += 1;
        }
    }

    /// Passes over what [means nothing](https://spec.graphql.org/October2021/#sec-Language.Source-Text.Ignored-Tokens).
    fn ignored(&mut self) {
        loop {
            self.while_byte(|byte| matches!(byte, b' ' | b',' | b'\t' | b'\n' | b'\r'));
            match self.byte(0) {
                Some(b'#') => self.while_byte(|byte| !matches!(byte, b'\n' | b'\r')),
                Some(0xEF) if self.rest().starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    fn token(&mut self) -> Result<Option<Token>, SyntaxError> {
        self.ignored();
        let start = self.at;
        let Some(byte) = self.byte(0) else { return Ok(None) };
        let kind = match byte {
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.at += 1;
                Kind::Punctuator(byte)
            }
            b'.' if self.rest().starts_with("...") => {
                self.at += 3;
                Kind::Punctuator(b'.')
            }
            b'"' => self.quoted()?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ if is_name_start(byte) => {
                self.while_byte(|byte| is_name_start(byte) || byte.is_ascii_digit());
                Kind::Name
            }
            b'\'' => return Err(SyntaxError::SingleQuote { location: self.location() }),
            _ => {
                let found = character(self.rest().chars().next());
                return Err(SyntaxError::UnexpectedCharacter { found, location: self.location() });
            }
        };
        Ok(Some(Token { kind, start, end: self.at }))
    }

    fn quoted(&mut self) -> Result<Kind, SyntaxError> {
        let block = self.rest().starts_with("\"\"\"");
        self.at += if block { 3 } else { 1 };
        let value =
            if block { Literal::BlockString(self.block_string()?) } else { Literal::String(self.string()?) };
        self.literals.push(value);
        Ok(if block { Kind::BlockString } else { Kind::String })
    }

    /// An [Int](https://spec.graphql.org/October2021/#sec-Int-Value) or a
    /// [Float](https://spec.graphql.org/October2021/#sec-Float-Value).
    fn number(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.at;
        let mut kind = Kind::Int;
        self.at += usize::from(self.byte(0) == Some(b'-'));
        if self.byte(0) == Some(b'0') {
            self.at += 1;
            if self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
                let found = character(self.rest().chars().next());
                return Err(SyntaxError::DigitAfterZero { found, location: self.location() });
            }
        } else {
            self.digits()?;
        }
        if self.byte(0) == Some(b'.') {
            kind = Kind::Float;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte(0) {
            kind = Kind::Float;
            self.at += 1;
            self.at += usize::from(matches!(self.byte(0), Some(b'+' | b'-')));
            self.digits()?;
        }
        if self.byte(0).is_some_and(|byte| byte == b'.' || is_name_start(byte)) {
            return Err(self.not_a_digit());
        }
        let written = self.text.get(start..self.at).unwrap_or_default().to_owned();
        self.literals.push(if kind == Kind::Int { Literal::Int(written) } else { Literal::Float(written) });
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.while_byte(|byte| byte.is_ascii_digit());
        if self.at == start { Err(self.not_a_digit()) } else { Ok(()) }
    }

    fn not_a_digit(&self) -> SyntaxError {
        SyntaxError::NotADigit { found: character(self.rest().chars().next()), location: self.location() }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
