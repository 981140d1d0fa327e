//! The document: what a request says, with names, kinds and places, but without the values of its literals.
//!
//! Nodes are those of the [specification](https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary), in
//! document order. Nothing is merged or dropped: two operations of one name, or two equal keys of an object, are for
//! `validate` to refuse. `at` is the first token of a node.

pub use super::location::At;

/// A [document](https://spec.graphql.org/October2021/#sec-Document).
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The operations, named or not.
    pub operations: Vec<OperationDefinition>,
    /// The fragments.
    pub fragments: Vec<FragmentDefinition>,
    /// Definitions and extensions of a type system, which no request may have.
    pub type_system: Vec<TypeSystemDefinition>,
}

/// A [definition of a type system](https://spec.graphql.org/October2021/#TypeSystemDefinitionOrExtension).
#[derive(Debug, Clone, PartialEq)]
pub struct TypeSystemDefinition {
    /// Its description or its first keyword.
    pub at: At,
    /// The name of what it defines; a schema has none.
    pub name: Option<String>,
}

/// A [name](https://spec.graphql.org/October2021/#sec-Names).
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Its token.
    pub at: At,
}

/// What an [operation](https://spec.graphql.org/October2021/#sec-Language.Operations) does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes, then reads.
    Mutation,
    /// Listens.
    Subscription,
}

/// An [operation](https://spec.graphql.org/October2021/#sec-Language.Operations).
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDefinition {
    /// Its description, its keyword, or the `{` of the short form.
    pub at: At,
    /// What it does.
    pub kind: OperationKind,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Its variables.
    pub variables: Vec<VariableDefinition>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Its root fields; never empty.
    pub selection_set: Vec<Selection>,
}

/// A [fragment](https://spec.graphql.org/October2021/#sec-Language.Fragments).
#[derive(Debug, Clone, PartialEq)]
pub struct FragmentDefinition {
    /// Its description or its keyword.
    pub at: At,
    /// Its name; never `on`.
    pub name: Name,
    /// The type that it applies to.
    pub type_condition: Name,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects; never empty.
    pub selection_set: Vec<Selection>,
}

/// A [variable's definition](https://spec.graphql.org/October2021/#sec-Language.Variables).
#[derive(Debug, Clone, PartialEq)]
pub struct VariableDefinition {
    /// Its description or its `$`.
    pub at: At,
    /// Its name, without the `$`.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Its default, which holds no variables.
    pub default: Option<Value>,
    /// Its directives, whose arguments hold no variables.
    pub directives: Vec<Directive>,
}

/// A [type reference](https://spec.graphql.org/October2021/#sec-Type-References).
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `Int`
    Named(Name),
    /// `[…]`
    List(Box<Type>),
    /// `…!`
    NonNull(Box<Type>),
}

impl Type {
    /// The first token: the name or the outermost `[`.
    #[must_use]
    pub fn at(&self) -> At {
        match self {
            Self::Named(name) => name.at,
            Self::List(item) => At(item.at().0.saturating_sub(1)),
            Self::NonNull(nullable) => nullable.at(),
        }
    }
}

/// A [directive](https://spec.graphql.org/October2021/#sec-Language.Directives).
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    /// Its `@`.
    pub at: At,
    /// Its name, without the `@`.
    pub name: Name,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// An [argument](https://spec.graphql.org/October2021/#sec-Language.Arguments).
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name, which is also its first token.
    pub name: Name,
    /// Its value.
    pub value: Value,
}

/// A [selection](https://spec.graphql.org/October2021/#sec-Selection-Sets).
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// `name`
    Field(Field),
    /// `...Name`
    FragmentSpread(FragmentSpread),
    /// `... on Type { … }`
    InlineFragment(InlineFragment),
}

impl Selection {
    /// Its directives, of whichever kind it is.
    #[must_use]
    pub fn directives(&self) -> &[Directive] {
        match self {
            Self::Field(field) => &field.directives,
            Self::FragmentSpread(spread) => &spread.directives,
            Self::InlineFragment(inline) => &inline.directives,
        }
    }
}

/// A [field](https://spec.graphql.org/October2021/#sec-Language.Fields).
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its alias or its name.
    pub at: At,
    /// Its alias.
    pub alias: Option<Name>,
    /// Its name in the schema.
    pub name: Name,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// The `{` of its selection set, if it has one.
    pub braces: Option<At>,
    /// What it selects; empty when it has no braces.
    pub selection_set: Vec<Selection>,
}

impl Field {
    /// The key of the field in the answer: [its alias, or else its
    /// name](https://spec.graphql.org/October2021/#sec-Field-Alias).
    #[must_use]
    pub fn response_key(&self) -> &Name {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// The use of a [fragment](https://spec.graphql.org/October2021/#FragmentSpread).
#[derive(Debug, Clone, PartialEq)]
pub struct FragmentSpread {
    /// Its `...`.
    pub at: At,
    /// The fragment's name.
    pub name: Name,
    /// Its directives.
    pub directives: Vec<Directive>,
}

/// An [inline fragment](https://spec.graphql.org/October2021/#sec-Inline-Fragments).
#[derive(Debug, Clone, PartialEq)]
pub struct InlineFragment {
    /// Its `...`.
    pub at: At,
    /// The type that it applies to; without one, the type around it.
    pub type_condition: Option<Name>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects; never empty.
    pub selection_set: Vec<Selection>,
}

/// A [value](https://spec.graphql.org/October2021/#sec-Input-Values).
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Its first token: for a variable the `$`, for a list or an object the bracket.
    pub at: At,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is. Numbers and strings are holes: what fills them is in [`Scan::literals`](super::Scan::literals).
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `$name`
    Variable(String),
    /// `1`
    Int(Hole),
    /// `1.0`
    Float(Hole),
    /// `"a"` or `"""a"""`
    String(Hole),
    /// `true` or `false`
    Boolean(bool),
    /// `null`
    Null,
    /// `NAME`
    Enum(String),
    /// `[…]`
    List(Vec<Value>),
    /// `{key: …}`, with equal keys kept.
    Object(Vec<(Name, Value)>),
}

/// The place of a literal: its number among the literals of the document, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hole(pub u32);
