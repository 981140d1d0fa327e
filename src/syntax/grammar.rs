//! Turns tokens into the shape of the document, or into the first token that the grammar does not allow.
//!
//! The productions are those of the [grammar](https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary) in the
//! order in which graphql-js tries them, so that the same token is found wrong. What is still to come is kept on a stack
//! of [`Next`] and not on the machine's.

use super::error::quotable;
use super::location::location;
use super::shape::{DEFAULT, Definition, DefinitionKind, Shape};
use super::token::{Kind, Literal, Token, Tokens};
use super::{Location, SyntaxError};

type Checked = Result<(), SyntaxError>;

/// What the grammar expects next.
#[derive(Clone, Copy)]
enum Next {
    /// The end of a row, or one more of its items.
    More(Item),
    /// `(name: value)` or nothing.
    Arguments,
    /// `@name …` or nothing.
    Directives,
    /// `{ … }`
    SelectionSet,
    /// `{ … }` or nothing.
    Subselection,
    /// Nothing more of a variable's default.
    DefaultEnd,
    /// Nothing, but the description with this number belongs here in the shape.
    Description(usize),
}

/// What a row in brackets is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Variable,
    Selection,
    Argument,
    ListValue,
    ObjectField,
}

impl Item {
    fn end(self) -> u8 {
        match self {
            Self::Variable | Self::Argument => b')',
            Self::Selection | Self::ObjectField => b'}',
            Self::ListValue => b']',
        }
    }
}

/// The shape of the document in `text`.
pub(super) fn shape(text: &str, tokens: &Tokens) -> Result<Shape, SyntaxError> {
    let mut grammar = Grammar {
        text,
        tokens,
        at: 0,
        next: Vec::new(),
        constant: false,
        shape: Shape::with_capacity(text.len()),
    };
    loop {
        grammar.definition()?;
        if grammar.at == tokens.list.len() && tokens.broken.is_none() {
            return Ok(grammar.shape);
        }
    }
}

/// The tokens and how far they are checked.
pub(super) struct Grammar<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    pub(super) at: usize,
    next: Vec<Next>,
    /// Whether values may not hold variables here.
    constant: bool,
    pub(super) shape: Shape,
}

impl<'a> Grammar<'a> {
    fn definition(&mut self) -> Checked {
        let (start, first, literals) = (self.shape.text.len(), self.at, self.shape.literals());
        let described = self.token(0).kind.is_string();
        let keyword = self.word(usize::from(described));
        let kind = match keyword {
            "query" | "mutation" | "subscription" => self.operation(keyword, described)?,
            "fragment" => self.fragment(described)?,
            "schema" | "scalar" | "type" | "interface" | "union" | "enum" | "input" | "directive" => {
                self.type_system(described)
            }
            "extend" if !described => self.type_system(false),
            _ => self.shorthand(described)?,
        };
        while let Some(next) = self.next.pop() {
            self.step(next)?;
        }
        self.shape.definitions.push(Definition {
            kind,
            text: start..self.shape.text.len(),
            tokens: first..self.at,
            literals,
        });
        Ok(())
    }

    /// [OperationDefinition](https://spec.graphql.org/October2021/#OperationDefinition)
    fn operation(&mut self, keyword: &str, described: bool) -> Result<DefinitionKind, SyntaxError> {
        self.next.extend([Next::SelectionSet, Next::Directives]);
        self.describe(described);
        self.keyword(keyword)?;
        if self.token(0).kind == Kind::Name {
            self.name()?;
        }
        if self.accept(b'(') {
            self.constant = true;
            self.item(Item::Variable)?;
        }
        Ok(DefinitionKind::Operation)
    }

    /// [FragmentDefinition](https://spec.graphql.org/October2021/#FragmentDefinition)
    fn fragment(&mut self, described: bool) -> Result<DefinitionKind, SyntaxError> {
        self.next.extend([Next::SelectionSet, Next::Directives]);
        self.describe(described);
        self.keyword("fragment")?;
        if self.word(0) == "on" {
            return Err(self.unexpected());
        }
        self.name()?;
        self.keyword("on")?;
        self.name()?;
        Ok(DefinitionKind::Fragment)
    }

    fn shorthand(&mut self, described: bool) -> Result<DefinitionKind, SyntaxError> {
        let location = self.location();
        match self.token(usize::from(described)).kind {
            Kind::Punctuator(b'{') if described => Err(SyntaxError::DescribedShorthand { location }),
            Kind::Punctuator(b'{') => {
                self.next.push(Next::SelectionSet);
                Ok(DefinitionKind::Shorthand)
            }
            Kind::Name if described => Err(SyntaxError::DescribedNothing { location }),
            _ => {
                self.describe(described);
                Err(self.unexpected())
            }
        }
    }

    /// Takes a description out of the row of tokens, for the directives.
    fn describe(&mut self, described: bool) {
        if described {
            self.at += 1;
            let number = self.shape.set_aside();
            self.next.push(Next::Description(number));
        }
    }

    fn step(&mut self, next: Next) -> Checked {
        match next {
            Next::More(item) if self.accept(item.end()) => self.constant &= item != Item::Variable,
            Next::More(item) => self.item(item)?,
            Next::Arguments if self.accept(b'(') => self.item(Item::Argument)?,
            Next::Directives if self.accept(b'@') => {
                self.name()?;
                self.next.extend([Next::Directives, Next::Arguments]);
            }
            Next::SelectionSet => {
                self.punctuator(b'{')?;
                self.item(Item::Selection)?;
            }
            Next::Subselection if self.accept(b'{') => self.item(Item::Selection)?,
            Next::Arguments | Next::Directives | Next::Subselection => {}
            Next::DefaultEnd => self.shape.close(),
            Next::Description(number) => self.shape.description(number),
        }
        Ok(())
    }

    /// One item of a row, after which more may come.
    fn item(&mut self, item: Item) -> Checked {
        self.next.push(Next::More(item));
        match item {
            Item::Variable => self.variable_definition(),
            Item::Selection if self.accept(b'.') => self.fragment_use(),
            Item::Selection => self.field(),
            Item::ListValue => self.value(),
            Item::Argument => {
                self.name()?;
                self.punctuator(b':')?;
                self.value()
            }
            Item::ObjectField => {
                let key = self.expect_name()?;
                self.shape.key(key);
                self.punctuator(b':')?;
                self.value()
            }
        }
    }

    /// [VariableDefinition](https://spec.graphql.org/October2021/#VariableDefinition)
    fn variable_definition(&mut self) -> Checked {
        self.next.push(Next::Directives);
        let described = self.token(0).kind.is_string();
        let description = described.then(|| self.shape.set_aside());
        self.at += usize::from(described);
        self.punctuator(b'$')?;
        self.name()?;
        self.punctuator(b':')?;
        self.type_reference()?;
        if let Some(number) = description {
            self.shape.description(number);
        }
        if self.token(0).kind == Kind::Punctuator(b'=') {
            self.at += 1;
            self.shape.open(DEFAULT);
            self.next.push(Next::DefaultEnd);
            self.value()?;
        }
        Ok(())
    }

    /// [Type](https://spec.graphql.org/October2021/#Type)
    fn type_reference(&mut self) -> Checked {
        let mut lists = 0;
        while self.accept(b'[') {
            lists += 1;
        }
        self.name()?;
        self.accept(b'!');
        for _ in 0..lists {
            self.punctuator(b']')?;
            self.accept(b'!');
        }
        Ok(())
    }

    /// [Field](https://spec.graphql.org/October2021/#Field)
    fn field(&mut self) -> Checked {
        self.next.extend([Next::Subselection, Next::Directives, Next::Arguments]);
        self.name()?;
        if self.accept(b':') { self.name() } else { Ok(()) }
    }

    /// What may follow `...`: a [FragmentSpread](https://spec.graphql.org/October2021/#FragmentSpread) or an
    /// [InlineFragment](https://spec.graphql.org/October2021/#InlineFragment)
    fn fragment_use(&mut self) -> Checked {
        match (self.token(0).kind, self.word(0)) {
            (_, "on") => {
                self.next.extend([Next::SelectionSet, Next::Directives]);
                self.keyword("on")?;
                self.name()
            }
            (Kind::Name, _) => {
                self.next.push(Next::Directives);
                self.name()
            }
            _ => {
                self.next.extend([Next::SelectionSet, Next::Directives]);
                Ok(())
            }
        }
    }

    /// [Value](https://spec.graphql.org/October2021/#Value)
    fn value(&mut self) -> Checked {
        match self.token(0).kind {
            Kind::Punctuator(b'$') if self.constant => return Err(self.variable_in_constant()),
            Kind::Punctuator(b'$') => {
                self.punctuator(b'$')?;
                return self.name();
            }
            Kind::Punctuator(b'[') => {
                self.shape.punctuator(b'[');
                self.next.push(Next::More(Item::ListValue));
            }
            Kind::Punctuator(b'{') => {
                self.shape.punctuator(b'{');
                self.next.push(Next::More(Item::ObjectField));
            }
            Kind::Int => self.shape.int(),
            Kind::Float => self.shape.float(),
            Kind::String | Kind::BlockString => self.shape.string(),
            Kind::Name => match self.word(0) {
                word @ ("true" | "false" | "null") => self.shape.word(word),
                name => self.shape.name(name),
            },
            Kind::Punctuator(_) | Kind::End => return Err(self.unexpected()),
        }
        self.at += 1;
        Ok(())
    }

    fn variable_in_constant(&self) -> SyntaxError {
        match self.word(1) {
            "" => self.unexpected(),
            name => SyntaxError::VariableInConstant { name: name.to_owned(), location: self.location() },
        }
    }

    /// The token `ahead` of the next one.
    pub(super) fn token(&self, ahead: usize) -> Token {
        let end = self.text.len();
        self.tokens.list.get(self.at + ahead).copied().unwrap_or(Token { kind: Kind::End, start: end, end })
    }

    /// The name `ahead` of the next token, or nothing if it is no name.
    pub(super) fn word(&self, ahead: usize) -> &'a str {
        let token = self.token(ahead);
        let range = if token.kind == Kind::Name { token.start..token.end } else { 0..0 };
        self.text.get(range).unwrap_or_default()
    }

    fn location(&self) -> Location {
        location(self.text, self.token(0).start)
    }

    fn unexpected(&self) -> SyntaxError {
        self.wrong(|found, location| SyntaxError::Unexpected { found, location })
    }

    fn expected(&self, expected: String) -> SyntaxError {
        self.wrong(|found, location| SyntaxError::Expected { expected, found, location })
    }

    /// What is wrong with the next token, or why there is none.
    fn wrong(&self, error: impl FnOnce(String, Location) -> SyntaxError) -> SyntaxError {
        match &self.tokens.broken {
            Some(broken) if self.token(0).kind == Kind::End => broken.clone(),
            _ => error(self.found(), self.location()),
        }
    }

    /// The next token as graphql-js describes it.
    fn found(&self) -> String {
        let kind = match self.token(0).kind {
            Kind::Punctuator(b'.') => return "\"...\"".to_owned(),
            Kind::Punctuator(byte) => return format!("\"{}\"", char::from(byte)),
            Kind::End => return "<EOF>".to_owned(),
            Kind::Name => return format!("Name \"{}\"", self.word(0)),
            Kind::Int => "Int",
            Kind::Float => "Float",
            Kind::String => "String",
            Kind::BlockString => "BlockString",
        };
        let value = self.tokens.literals.get(self.shape.literals()).map_or("", Literal::text);
        format!("{kind} \"{}\"", quotable(value))
    }

    fn accept(&mut self, byte: u8) -> bool {
        let accepted = self.token(0).kind == Kind::Punctuator(byte);
        if accepted {
            self.shape.punctuator(byte);
            self.at += 1;
        }
        accepted
    }

    fn punctuator(&mut self, byte: u8) -> Checked {
        if self.accept(byte) { Ok(()) } else { Err(self.expected(format!("\"{}\"", char::from(byte)))) }
    }

    fn keyword(&mut self, keyword: &str) -> Checked {
        if self.word(0) != keyword {
            return Err(self.expected(format!("\"{keyword}\"")));
        }
        self.shape.word(keyword);
        self.at += 1;
        Ok(())
    }

    fn name(&mut self) -> Checked {
        let name = self.expect_name()?;
        self.shape.name(name);
        Ok(())
    }

    fn expect_name(&mut self) -> Result<&'a str, SyntaxError> {
        let name = self.word(0);
        if name.is_empty() {
            return Err(self.expected("Name".to_owned()));
        }
        self.at += 1;
        Ok(name)
    }
}
