//! Turns an [`Operation`](crate::operation::Operation) and a caller's rights into a [`Plan`]: what is asked of the
//! database. What depends on values alone is a [`Parameter`] or one of the [`Checks`] made on every call.

mod bind;
mod build;
mod call;
mod cursor;
mod event;
mod load;
mod root;

pub use bind::{Bound, Caller, Tenant, User, Values};
pub use build::build;
pub use load::Load;

use crate::error::Error;
use crate::operation::Source;
use crate::schema::introspection::Asked;
use crate::schema::{Entity, Identifier, TypeRef};
use crate::syntax::At;

/// What an operation asks of the database; the caller may ask it.
#[derive(Debug)]
pub struct Plan<'s> {
    /// The answer's `data`.
    pub root: Vec<Member<Value<'s>>>,
    /// Whether the members of the root are made one after the other, each by statements of its own.
    pub serial: bool,
    /// The functions that are called before anything is read, where something can be written.
    pub fills: Vec<&'s Identifier>,
    /// The places where a value can turn out missing that may not be null.
    pub gaps: Vec<Gap>,
    /// What must be looked at on every call.
    pub checks: Checks,
}

/// A place of the answer where a value is missing: a row can turn out so although the field is not nullable, or the field
/// cannot be asked ([spec](https://spec.graphql.org/October2021/#sec-Handling-Field-Errors)).
///
/// The statement prints [`Gap::MARK`] there, and the number of the place in the list of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Why it is missing.
    pub error: Error,
    /// Where the field stands, with all that are merged into it, or what is wrong with it.
    pub at: Vec<At>,
    /// How many steps lead from `data` to the nearest value around it that may be null; 0 is `data` itself.
    pub depth: usize,
}

impl Gap {
    /// SUBSTITUTE, a control character: JSON has none of them raw.
    pub const MARK: u8 = 0x1a;
}

/// A key of an object and its value.
#[derive(Debug)]
pub struct Member<V> {
    /// The response key.
    pub key: String,
    /// Where the field stands first.
    pub at: At,
    /// What the key has.
    pub value: V,
}

/// A value of an object that is a row.
#[derive(Debug)]
pub enum Value<'s> {
    /// The name of the object's type.
    Typename(&'s str),
    /// A column of the row.
    Column {
        /// The column.
        column: &'s Identifier,
        /// How its values become JSON.
        format: Format,
        /// Whether it may be null.
        nullable: bool,
        /// The value is null unless this column holds the caller's key.
        owner: Option<&'s Identifier>,
    },
    /// The `id` of another row.
    Reference {
        /// The row.
        rows: Rows<'s>,
        /// Which of the gaps it leaves if there is none; `None` is null.
        gap: Option<usize>,
    },
    /// Another object.
    One {
        /// The object.
        object: Found<'s>,
        /// Which of the gaps it leaves if there is none; `None` is null.
        gap: Option<usize>,
    },
    /// The object that a function writes.
    Written {
        /// The function, which gives back the row that it has written.
        call: Call<'s>,
        /// The table of the row.
        entity: &'s Entity,
        /// The members of the row that it gives back.
        members: Vec<Member<Value<'s>>>,
    },
    /// An object for each event.
    Event {
        /// Which events.
        events: Events<'s>,
        /// The object of one of them.
        object: Found<'s>,
    },
    /// The first of these objects that there is, or null.
    Any(Vec<Found<'s>>),
    /// None: which of the gaps the field leaves in any case.
    Failed(usize),
    /// What the schema says of itself.
    Introspection(Introspection),
    /// How many rows there are.
    Count(Rows<'s>),
    /// A page of a list.
    Connection(Box<Connection<'s>>),
    /// The rows that a function gives.
    List {
        /// The function.
        call: Call<'s>,
        /// The members of each row.
        members: Vec<Member<Value<'s>>>,
    },
}

/// Which events a subscription gets.
#[derive(Debug)]
pub struct Events<'s> {
    /// Their topic.
    pub topic: &'s str,
    /// The row that they are about; none is the tenant.
    pub subject: Option<Rows<'s>>,
}

/// A call of a function in the schema `saas_blog`.
#[derive(Debug)]
pub struct Call<'s> {
    /// The function.
    pub function: &'s Identifier,
    /// Its arguments by name, with the SQL type that each is read as; none takes the value as it is.
    pub arguments: Vec<(Identifier, Parameter, Option<&'static str>)>,
}

/// A row and what is asked of it.
#[derive(Debug)]
pub struct Found<'s> {
    /// The row.
    pub rows: Rows<'s>,
    /// Its members.
    pub members: Vec<Member<Value<'s>>>,
}

/// What is asked of the schema. The answer is no part of a plan: it is written on every call.
#[derive(Debug, Clone, PartialEq)]
pub struct Introspection {
    /// The response key, so that each field is a value of its own and counts on its own.
    pub key: String,
    /// The argument that names a type; none asks for the whole schema.
    pub name: Option<Argument>,
    /// What is asked.
    pub asked: Vec<Asked>,
}

/// How a column's value becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text that needs no escapes: a UUID.
    Plain,
    /// Any text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339 in UTC with microseconds.
    Timestamp,
    /// A number or JSON as it is.
    Raw,
}

/// Rows of one table.
#[derive(Debug)]
pub struct Rows<'s> {
    /// The table.
    pub entity: &'s Entity,
    /// What must hold of them.
    pub conditions: Vec<Condition<'s>>,
}

/// What must hold of a row.
#[derive(Debug)]
pub enum Condition<'s> {
    /// It belongs to the caller's tenant.
    Tenant,
    /// Its column equals a column of the row around it.
    Parent {
        /// The column of this row.
        column: &'s Identifier,
        /// The column of the row around it.
        parent: &'s Identifier,
    },
    /// The timestamp is not set.
    Live(&'s Identifier),
    /// The timestamp is set.
    Deleted(&'s Identifier),
    /// The boolean column is true.
    True(&'s Identifier),
    /// The column equals a value.
    Equals(&'s Identifier, Parameter),
    /// The column holds the key of this row.
    KeyOf(&'s Identifier, Rows<'s>),
    /// There is such a row, whose conditions are about this one.
    Exists(Rows<'s>),
}

/// One page of a list, over (`created_at`, `id`).
#[derive(Debug)]
pub struct Connection<'s> {
    /// The whole list.
    pub rows: Rows<'s>,
    /// Which part of it.
    pub page: Page,
    /// What is asked of the page.
    pub members: Vec<Member<Part<'s>>>,
}

/// Which part of a list is asked for.
#[derive(Debug)]
pub struct Page {
    /// How many rows at most.
    pub size: PageSize,
    /// Whether the page ends at `before` (or the list's end) rather than beginning at `after`.
    pub backward: bool,
    /// The cursor behind which the page begins.
    pub after: Option<Cursor>,
    /// The cursor before which the page ends.
    pub before: Option<Cursor>,
    /// What the list's cursors begin with.
    pub tag: [u8; 3],
}

/// A member of a connection.
#[derive(Debug)]
pub enum Part<'s> {
    /// `__typename`
    Typename(&'s str),
    /// `edges`
    Edges(Vec<Member<EdgePart<'s>>>),
    /// `nodes`
    Nodes(Vec<Member<Value<'s>>>),
    /// `pageInfo`
    PageInfo(Vec<Member<InfoPart<'s>>>),
    /// `totalCount`
    TotalCount,
}

/// A member of an edge.
#[derive(Debug)]
pub enum EdgePart<'s> {
    /// `__typename`
    Typename(&'s str),
    /// `cursor`
    Cursor,
    /// `node`
    Node(Vec<Member<Value<'s>>>),
}

/// A member of a page info.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InfoPart<'s> {
    /// `__typename`
    Typename(&'s str),
    /// `hasNextPage`
    HasNextPage,
    /// `hasPreviousPage`
    HasPreviousPage,
    /// `startCursor`
    StartCursor,
    /// `endCursor`
    EndCursor,
}

/// A value that a statement takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// The key of the caller's tenant.
    TenantKey,
    /// The caller's key.
    UserKey,
    /// The row of this table that a [`Call`] has given back.
    Written(Identifier),
    /// The key of the row that an event is about.
    Event,
    /// An argument of type `ID`; text that is no UUID is null, which equals nothing.
    Uuid(Argument),
    /// An argument of type `Boolean`.
    Boolean(Argument),
    /// An argument as text; a list or an input object as JSON.
    Text(Argument),
    /// The number of rows on a page.
    PageSize(PageSize),
    /// The time in a cursor.
    CursorTime(Cursor),
    /// The id in a cursor.
    CursorId(Cursor),
    /// JSON text about the schema.
    Introspection(Box<Introspection>),
}

/// An argument that has a value, and the field to blame for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The argument's name.
    pub name: String,
    /// What it takes.
    pub ty: TypeRef,
    /// Where the value comes from.
    pub source: Source,
    /// Where the field stands.
    pub at: At,
    /// The response keys down to the field.
    pub path: Vec<String>,
}

/// The argument that gives a page's size; without one it is [`PageSize::DEFAULT`].
#[derive(Debug, Clone, PartialEq)]
pub struct PageSize(pub Option<Argument>);

impl PageSize {
    /// The rows of a page where the request does not say.
    pub const DEFAULT: u32 = 20;
}

/// An argument that is a cursor of the list with this tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The argument.
    pub argument: Argument,
    /// What the cursor must begin with.
    pub tag: [u8; 3],
}

/// What is looked at on every call, because it depends on values or settings.
#[derive(Debug, Default)]
pub struct Checks {
    /// Arguments that must name the caller's tenant.
    pub tenants: Vec<Argument>,
    /// Cursors that no parameter reads.
    pub cursors: Vec<Cursor>,
    /// How many rows and bytes are asked for.
    pub load: Load,
}
