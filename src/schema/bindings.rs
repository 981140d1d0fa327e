//! What the SDL's private directives say: the table, column, relation, role and scope behind a field.

use super::TypeId;

/// An SQL name, quoted where it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

impl Identifier {
    /// The name as it stands in the catalog, unquoted.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name, unquoted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `@table`, `@visible`, `@within`, `@access`: the rows that are a type's objects.
#[derive(Debug)]
pub struct Entity {
    /// The name of the type.
    pub name: String,
    /// The table in the schema `saas_blog`.
    pub table: Identifier,
    /// The primary key within the tenant.
    pub key: Identifier,
    /// The column that holds the tenant's key.
    pub tenant: Identifier,
    /// The timestamp that hides a row when it is set.
    pub deleted: Option<Identifier>,
    /// The direction of lists, over (`created_at`, `id`).
    pub order: Order,
    /// Rows whose column is false are hidden from all but these roles.
    pub visible: Option<Unless>,
    /// Who may find a row by its id alone.
    pub access: Access,
    /// The row that must be found too.
    pub within: Option<Within>,
}

/// `@within`: a row is found by its id alone only where this one can be found too.
#[derive(Debug)]
pub struct Within {
    /// The column that holds the key of that row.
    pub column: Identifier,
    /// The type of that row.
    pub of: TypeId,
}

/// The direction in which a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

impl Order {
    /// The other direction.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A condition on a column which does not hold for some roles.
#[derive(Debug)]
pub struct Unless {
    /// The column that the condition reads.
    pub column: Identifier,
    /// The roles that it does not bind.
    pub except: RoleSet,
}

/// What a field means in SQL.
#[derive(Debug)]
pub enum Binding {
    /// `@column`: a value of the row.
    Column {
        /// The column.
        column: Identifier,
        /// Who may see it.
        private: Option<Private>,
    },
    /// `@reference`: the `id` of the row that a key column names.
    Reference {
        /// The column that holds the key.
        column: Identifier,
        /// The type of the row.
        to: TypeId,
    },
    /// `@one`: the object that a key column names.
    One {
        /// The column that holds the key.
        column: Identifier,
    },
    /// `@rows`: a list in pages.
    Rows(List),
    /// `@count`: the number of live rows that hold this object's key.
    Count {
        /// The type of the rows.
        of: TypeId,
        /// The column that holds the key.
        parent: Identifier,
    },
    /// `@find`: one live row.
    Find,
    /// `@me`: the caller's own row.
    Me,
    /// `@node`: one live row of any type.
    Node,
    /// `@call`: the row that this function of the schema `saas_blog` has written.
    Call(Identifier),
    /// `@list`: the rows that a function gives.
    List(ListFunction),
    /// `@event`: the new rows that events of this topic are about.
    Event(String),
    /// A field of a connection, an edge or a page info, known by its name.
    Part(Part),
    /// A field that every schema has.
    Meta(Meta),
}

/// The meta-fields ([spec](https://spec.graphql.org/October2021/#sec-Introspection)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meta {
    /// `__typename`
    Typename,
    /// `__schema`
    Schema,
    /// `__type(name:)`
    Type,
}

/// `@list`: a function of the schema `saas_blog` that gives rows.
#[derive(Debug)]
pub struct ListFunction {
    /// The function.
    pub function: Identifier,
    /// What is called before it, where something can be written.
    pub fill: Option<Identifier>,
}

/// `@rows`: which rows a connection lists.
#[derive(Debug)]
pub struct List {
    /// The type of the rows.
    pub of: TypeId,
    /// The column that holds the parent's key; none lists the tenant's rows.
    pub parent: Option<Identifier>,
    /// Whether the deleted rows are listed instead of the live ones.
    pub deleted: bool,
    /// Rows whose column does not hold the caller's key are left out, but for these roles.
    pub own: Option<Unless>,
    /// Whether rows of every tenant are listed.
    pub every_tenant: bool,
    /// The first bytes of the list's cursors: a cursor of another list is told by them.
    pub tag: [u8; 3],
}

/// The fields of a connection ([GraphQL Cursor Connections](https://relay.dev/graphql/connections.htm)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `edges`
    Edges,
    /// `nodes`, the short form of `edges { node }`
    Nodes,
    /// `pageInfo`
    PageInfo,
    /// `totalCount`
    TotalCount,
    /// `edges { cursor }`
    Cursor,
    /// `edges { node }`
    Node,
    /// `pageInfo { hasNextPage }`
    HasNextPage,
    /// `pageInfo { hasPreviousPage }`
    HasPreviousPage,
    /// `pageInfo { startCursor }`
    StartCursor,
    /// `pageInfo { endCursor }`
    EndCursor,
}

/// `@private`: a column that most callers see as null.
#[derive(Debug)]
pub struct Private {
    /// The column that holds the key of the user whose value it is.
    pub owner: Identifier,
    /// The roles that see every value, with the scope.
    pub access: Access,
}

/// `@filter`, `@tenant`: what an argument restricts.
#[derive(Debug)]
pub enum Filter {
    /// The column equals the argument.
    Column(Identifier),
    /// The column holds the key of the live row of this type whose `id` is the argument.
    KeyOf {
        /// The column that holds the key.
        column: Identifier,
        /// The type of the row.
        of: TypeId,
    },
    /// The argument names the token's tenant.
    Tenant,
}

/// `@access`: who may ask for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// One of these roles is needed.
    pub roles: RoleSet,
    /// This scope is needed, unless the token names no scopes at all.
    pub scope: Option<Scopes>,
}

impl Access {
    /// Whether a caller of this role and these scopes may ask.
    #[must_use]
    pub fn admits(self, role: Role, scopes: Scopes) -> bool {
        self.roles.contains(role) && self.scope.is_none_or(|scope| scopes.contain(scope))
    }
}

pub use crate::auth::Role;

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleSet(u8);

impl RoleSet {
    /// The set of these roles.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |set, role| set | Self::bit(*role)))
    }

    /// Whether the role is in the set.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }

    fn bit(role: Role) -> u8 {
        match role {
            Role::Subscriber => 1,
            Role::Editor => 2,
            Role::Admin => 4,
            Role::Operator => 8,
        }
    }
}

/// A set of the schema's scopes, one bit each in the order of [`Schema::scopes`](super::Schema::scopes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u64);

impl Scopes {
    /// Every scope: what a token without a scope claim has.
    pub const ALL: Self = Self(u64::MAX);
    /// No scope.
    pub const NONE: Self = Self(0);

    /// The set with the scope at this place of the schema's list alone.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self(u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0))
    }

    /// Both sets together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in the set.
    #[must_use]
    pub fn contain(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// A bit for each place of the schema's list.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }
}
