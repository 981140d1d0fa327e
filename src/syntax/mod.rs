//! Turns the text of a request into a [`Document`].
//!
//! | step | turns | into | fails with |
//! | --- | --- | --- | --- |
//! | [`scan`], `lexer` | text | tokens, and the values of its literals | a limit |
//! | [`scan`], `grammar` | tokens | the shape: the document without its literals | (told by [`parse`]) |
//! | [`parse`] | the shape | the syntax tree of async-graphql-parser, and then ours | what is wrong first |
//!
//! A plan is kept under the shape of its document, so a known document is only scanned. One that is not is parsed from
//! its shape, not from its text: by then all of the grammar is checked, and the parser sees no text that it would read
//! in another way than the [specification](https://spec.graphql.org/October2021/), nor one that is nested too deeply.

pub mod ast;
mod convert;
mod error;
mod grammar;
mod lexer;
mod location;
mod shape;
mod string;
mod token;
mod type_system;

use async_graphql_parser::{Error, parse_query, parse_schema};

pub use self::ast::{At, Document};
pub use self::error::SyntaxError;
pub use self::location::Location;
pub use self::token::Literal;

use self::ast::TypeSystemDefinition;
use self::convert::Passed;
use self::shape::{Definition, DefinitionKind, Shape};
use self::token::Tokens;

/// What a text may not exceed. Its bytes are counted before, by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens; comments, commas and white space are none.
    pub max_tokens: usize,
    /// Brackets within each other, of all kinds together.
    pub max_nesting: usize,
}

/// A text whose tokens are known.
#[derive(Debug)]
pub struct Scan<'a> {
    text: &'a str,
    tokens: Tokens,
    shape: Result<Shape, SyntaxError>,
}

impl Scan<'_> {
    /// The document without white space, comments and the values of its literals, as ASCII on one line.
    ///
    /// Documents of one shape differ in nothing else, down to the number of each token. The shape is empty when the text
    /// is no document, for [`parse`] then fails.
    #[must_use]
    pub fn shape(&self) -> &str {
        self.shape.as_ref().map_or("", |shape| &shape.text)
    }

    /// The values of the literals, each at the number of its [`Hole`](ast::Hole).
    #[must_use]
    pub fn literals(&self) -> &[Literal] {
        &self.tokens.literals
    }

    /// The name of the document's operation, if it has one operation alone, and that a name.
    #[must_use]
    pub fn only_operation(&self) -> Option<&str> {
        let shape = self.shape.as_ref().ok()?;
        let is_operation = |definition: &&Definition| {
            matches!(definition.kind, DefinitionKind::Operation | DefinitionKind::Shorthand)
        };
        let mut operations = shape.definitions.iter().filter(is_operation);
        let (Some(operation), None) = (operations.next(), operations.next()) else { return None };
        let text = shape.text.get(operation.text.clone())?;
        let behind_keyword = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let name = behind_keyword.strip_prefix(' ')?.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        name.into_iter().next().and_then(shape::original)
    }

    /// The line and column of a token. This looks through the text, so it is for errors only.
    #[must_use]
    pub fn locate(&self, at: At) -> Location {
        let token = usize::try_from(at.0).ok().and_then(|index| self.tokens.list.get(index));
        location::location(self.text, token.map_or(self.text.len(), |token| token.start))
    }
}

/// Reads the tokens of `text`, in time that grows with its length and no faster.
///
/// # Errors
///
/// [`SyntaxError::TooManyTokens`] and [`SyntaxError::TooDeep`], as soon as the limit is exceeded. Everything else that is
/// wrong is told by [`parse`].
pub fn scan<'a>(text: &'a str, limits: &Limits) -> Result<Scan<'a>, SyntaxError> {
    let tokens = lexer::lex(text, limits)?;
    let shape = grammar::shape(text, &tokens);
    Ok(Scan { text, tokens, shape })
}

/// Reads the document of a scan.
///
/// # Errors
///
/// What is wrong first in the text, and [`SyntaxError::TooDeep`] for selection sets more than 64 deep.
pub fn parse(scan: &Scan) -> Result<Document, SyntaxError> {
    let shape = scan.shape.as_ref().map_err(Clone::clone)?;
    let mut document = Document { operations: Vec::new(), fragments: Vec::new(), type_system: Vec::new() };
    for definition in &shape.definitions {
        let text = shape.text.get(definition.text.clone()).unwrap_or_default();
        read(definition, text, &mut document).map_err(|unread| unread.at(scan.locate(place(definition))))?;
    }
    Ok(document)
}

/// Adds the definition that has the given shape to the document.
///
/// Each definition is parsed alone: the parser refuses documents with two operations of one name, which are for
/// `validate` to refuse.
fn read(definition: &Definition, text: &str, document: &mut Document) -> Result<(), Unread> {
    let mut passed = Passed { tokens: place(definition).0, literals: count(definition.literals) };
    match definition.kind {
        DefinitionKind::TypeSystem => {
            let text = type_system::definition(text);
            document.type_system.push(TypeSystemDefinition {
                at: place(definition),
                name: type_system::name(text).map(str::to_owned),
            });
            return match parse_schema(text) {
                Err(Error::Syntax { .. }) => Err(Unread::TypeSystem),
                _ => Ok(()),
            };
        }
        DefinitionKind::Operation | DefinitionKind::Shorthand => {
            let shorthand = definition.kind == DefinitionKind::Shorthand;
            let found = parse_query(text)?;
            let (name, operation) = found.operations.iter().next().ok_or(Unread::Otherwise)?;
            document.operations.push(passed.operation(name, &operation.node, shorthand));
        }
        DefinitionKind::Fragment => {
            // The parser refuses a document without an operation.
            let found = parse_query(format!("{text}{{_}}"))?;
            let (name, fragment) = found.fragments.iter().next().ok_or(Unread::Otherwise)?;
            document.fragments.push(passed.fragment(name, &fragment.node));
        }
    }
    // The places are right if the last one is.
    if passed.tokens == count(definition.tokens.end) { Ok(()) } else { Err(Unread::Otherwise) }
}

/// Why async-graphql-parser does not read a definition.
enum Unread {
    TypeSystem,
    TooDeep,
    Otherwise,
}

impl Unread {
    fn at(self, location: Location) -> SyntaxError {
        match self {
            Self::TypeSystem => SyntaxError::TypeSystem { location },
            // The parser's own limit, which no setting raises.
            Self::TooDeep => SyntaxError::TooDeep { limit: "max_nesting", value: 64 },
            Self::Otherwise => SyntaxError::Unreadable { location },
        }
    }
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        if error == Error::RecursionLimitExceeded { Self::TooDeep } else { Self::Otherwise }
    }
}

fn place(definition: &Definition) -> At {
    At(count(definition.tokens.start))
}

/// A count of tokens or literals, of which a text of at most 1 GB, the longest that reaches us, has fewer than 2^32.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
