//! Turns the SDL files into a [`Schema`]: the public types, and what in SQL stands behind each field.

mod bindings;
mod directives;
mod load;
mod print;

pub use bindings::{
    Access, Binding, Entity, Filter, Identifier, List, Order, Part, Private, Role, RoleSet, Scopes, Unless,
};
pub use load::{SchemaError, load};
pub use print::print;

use async_graphql_value::ConstValue;
use std::collections::HashMap;
use std::fmt;

/// The blog's public types with their bindings.
pub const BLOG: &str = include_str!("blog.graphql");

/// The type system of a service ([spec](https://spec.graphql.org/October2021/#sec-Schema)), bound to SQL.
#[derive(Debug)]
pub struct Schema {
    types: Vec<TypeDefinition>,
    names: HashMap<String, TypeId>,
    /// The scopes that any field asks for, in the order of the SDL; a set of them is a [`Scopes`] mask.
    pub scopes: Vec<String>,
    /// The root type of queries.
    pub query: TypeId,
    /// The root type of mutations, where the schema has any.
    pub mutation: Option<TypeId>,
    /// The root type of subscriptions, where the schema has any.
    pub subscription: Option<TypeId>,
}

/// The place of a type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(usize);

/// A named type ([spec](https://spec.graphql.org/October2021/#sec-Types)).
#[derive(Debug)]
pub struct TypeDefinition {
    /// The type's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Which kind of type it is, and its parts.
    pub kind: TypeKind,
}

/// The kinds of types that the schema uses.
#[derive(Debug)]
pub enum TypeKind {
    /// A leaf that is a value of its own.
    Scalar,
    /// A leaf that is one of some names.
    Enum(Vec<EnumValue>),
    /// An object: fields, and what its rows are.
    Object(Object),
    /// Fields that several objects share.
    Interface(Vec<Field>),
}

/// One name of an enum type.
#[derive(Debug)]
pub struct EnumValue {
    /// The value's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
}

/// An object type.
#[derive(Debug)]
pub struct Object {
    /// The interfaces that it implements.
    pub interfaces: Vec<TypeId>,
    /// Its fields, in the order of the SDL.
    pub fields: Vec<Field>,
    /// The table whose rows are its objects; none for roots and for the parts of a connection.
    pub entity: Option<Entity>,
}

/// A field of an object or interface.
#[derive(Debug)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Its arguments, in the order of the SDL.
    pub arguments: Vec<Argument>,
    /// What it gives.
    pub ty: TypeRef,
    /// What it means in SQL; an interface's fields have none.
    pub binding: Option<Binding>,
    /// Who may ask for it.
    pub access: Access,
    /// The expected size of one value in bytes.
    pub cost: u32,
}

/// An argument of a field.
#[derive(Debug)]
pub struct Argument {
    /// The argument's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// What it takes.
    pub ty: TypeRef,
    /// What it is when it is omitted.
    pub default: Option<ConstValue>,
    /// What it restricts.
    pub filter: Option<Filter>,
}

/// A type as a field or an argument names it
/// ([spec](https://spec.graphql.org/October2021/#sec-Wrapping-Types)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeRef {
    /// A type by its name; nullable.
    Named(TypeId),
    /// A list of the inner type.
    List(Box<TypeRef>),
    /// The inner type without null.
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The named type inside all lists and non-nulls.
    #[must_use]
    pub fn named(&self) -> TypeId {
        match self {
            Self::Named(id) => *id,
            Self::List(inner) | Self::NonNull(inner) => inner.named(),
        }
    }

    /// Whether null is no value of it.
    #[must_use]
    pub fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl TypeDefinition {
    /// The fields that a selection set on the type can name; none for a leaf.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(fields) => fields,
            TypeKind::Scalar | TypeKind::Enum(_) => &[],
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Whether values of the type have no fields.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        matches!(self.kind, TypeKind::Scalar | TypeKind::Enum(_))
    }

    /// The table behind the type, where there is one.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match &self.kind {
            TypeKind::Object(object) => object.entity.as_ref(),
            _ => None,
        }
    }
}

impl Schema {
    /// The type of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// The type at this place.
    ///
    /// An id comes from the schema that it is asked of, so the place is there; a foreign one gives a type without fields.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &TypeDefinition {
        static NOTHING: TypeDefinition =
            TypeDefinition { name: String::new(), description: None, kind: TypeKind::Scalar };
        self.types.get(id.0).unwrap_or(&NOTHING)
    }

    /// All types in the order of the SDL, the specification's scalars behind them.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDefinition)> {
        self.types.iter().enumerate().map(|(at, definition)| (TypeId(at), definition))
    }

    /// Whether an object of type `object` is also of type `wanted`: the same, or an interface of it.
    #[must_use]
    pub fn is_a(&self, object: TypeId, wanted: TypeId) -> bool {
        object == wanted
            || matches!(&self.get(object).kind, TypeKind::Object(o) if o.interfaces.contains(&wanted))
    }

    /// The type in the notation of the SDL, such as `[Post!]!`.
    #[must_use]
    pub fn display<'a>(&'a self, ty: &'a TypeRef) -> impl fmt::Display + 'a {
        DisplayType { schema: self, ty }
    }
}

struct DisplayType<'a> {
    schema: &'a Schema,
    ty: &'a TypeRef,
}

impl fmt::Display for DisplayType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            TypeRef::Named(id) => f.write_str(&self.schema.get(*id).name),
            TypeRef::List(inner) => write!(f, "[{}]", self.schema.display(inner)),
            TypeRef::NonNull(inner) => write!(f, "{}!", self.schema.display(inner)),
        }
    }
}
