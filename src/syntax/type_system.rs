//! Turns a definition or extension of a type system into the part of the shape that tells where it ends.
//!
//! No request may have one, which is for `validate` to say. So nothing is kept of it but its place, and only
//! async-graphql-parser looks whether it is well formed.

use super::grammar::Grammar;
use super::shape::DefinitionKind;
use super::token::{Kind, Token};

/// The text of the definition, in the shape: between two `;`, which are no tokens of GraphQL, and behind a description.
pub(super) fn definition(shape: &str) -> &str {
    shape.split(';').nth(1).unwrap_or_default()
}

/// The name of what a definition defines: the word behind its keywords. A schema has none.
pub(super) fn name(definition: &str) -> Option<&str> {
    let mut words =
        definition.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let keyword = words.next().filter(|word| *word != "extend").or_else(|| words.next())?;
    words.next().filter(|_| keyword != "schema")
}

impl Grammar<'_> {
    /// [TypeSystemDefinitionOrExtension](https://spec.graphql.org/October2021/#TypeSystemDefinitionOrExtension)
    pub(super) fn type_system(&mut self, described: bool) -> DefinitionKind {
        if described {
            self.copy(self.token(0));
        }
        self.shape.text.push(';');
        let extends = usize::from(self.word(0) == "extend");
        let braces = !matches!(self.word(extends), "scalar" | "union" | "directive");
        // The keywords, and the name behind them, which may be a keyword too.
        for _ in 0..2 + extends {
            self.copy(self.token(0));
        }
        let mut depth = usize::from(self.ends_with(b'{'));
        while depth > 0 || !self.ends(braces) {
            let token = self.token(0);
            match token.kind {
                Kind::Punctuator(b'{' | b'[' | b'(') => depth += 1,
                Kind::Punctuator(b'}' | b']' | b')') => depth = depth.saturating_sub(1),
                Kind::End => break,
                _ => {}
            }
            self.copy(token);
        }
        self.shape.text.push(';');
        DefinitionKind::TypeSystem
    }

    /// Whether the next token, outside of all brackets, begins another definition.
    fn ends(&self, braces: bool) -> bool {
        match self.token(0).kind {
            Kind::Punctuator(b'{') => !braces || self.ends_with(b'}'),
            Kind::End | Kind::String | Kind::BlockString => true,
            Kind::Name => {
                let named = [b'=', b'|', b'&', b'@'].into_iter().any(|byte| self.ends_with(byte))
                    || self.shape.text.ends_with("implements");
                !named && begins_definition(self.word(0))
            }
            _ => false,
        }
    }

    fn ends_with(&self, byte: u8) -> bool {
        self.shape.text.as_bytes().last() == Some(&byte)
    }

    /// Prints a token as it is, but for a literal's value.
    fn copy(&mut self, token: Token) {
        match token.kind {
            Kind::Punctuator(byte) => self.shape.punctuator(byte),
            Kind::Int => self.shape.int(),
            Kind::Float => self.shape.float(),
            Kind::String | Kind::BlockString => self.shape.string(),
            Kind::Name => self.shape.word(self.word(0)),
            Kind::End => return,
        }
        self.at += 1;
    }
}

fn begins_definition(word: &str) -> bool {
    matches!(
        word,
        "query"
            | "mutation"
            | "subscription"
            | "fragment"
            | "schema"
            | "scalar"
            | "type"
            | "interface"
            | "union"
            | "enum"
            | "input"
            | "directive"
            | "extend"
    )
}
