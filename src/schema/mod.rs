//! Turns the SDL files into a [`Schema`]: the public types, and what in SQL stands behind each field.

mod bindings;
mod date_time;
mod directives;
pub mod introspection;
mod load;
mod print;
mod type_ref;
mod value;

pub use bindings::{
    Access, Binding, Entity, Filter, Identifier, List, ListFunction, Meta, Order, Part, Private, Role,
    RoleSet, Scopes, Unless, Within,
};
pub use date_time::is_date_time;
pub use load::{SchemaError, load, read};
pub use print::print;
pub use type_ref::TypeRef;

use async_graphql_value::ConstValue;
use std::collections::HashMap;

/// The blog's public types with their bindings.
pub const BLOG: &str = include_str!("blog.graphql");

/// The type system of a service ([spec](https://spec.graphql.org/October2021/#sec-Schema)), bound to SQL.
#[derive(Debug)]
pub struct Schema {
    types: Vec<TypeDefinition>,
    names: HashMap<String, TypeId>,
    meta: Vec<Field>,
    /// The directives that a request may use, and those of the SDL that are public.
    pub directives: Vec<DirectiveDefinition>,
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
    /// The objects that a value of the type can be; none for what is no interface or union.
    pub possible: Vec<TypeId>,
}

/// The kinds of types.
#[derive(Debug)]
pub enum TypeKind {
    /// A leaf that is a value of its own.
    Scalar(Scalar),
    /// A leaf that is one of some names.
    Enum(Vec<EnumValue>),
    /// An object: fields, and what its rows are.
    Object(Object),
    /// Fields that several objects share.
    Interface(Interface),
    /// One of these objects.
    Union(Vec<TypeId>),
    /// A value with fields, which arguments take.
    InputObject(InputObject),
}

/// A scalar type ([spec](https://spec.graphql.org/October2021/#sec-Scalars)).
#[derive(Debug)]
pub struct Scalar {
    /// What its values are.
    pub kind: ScalarKind,
    /// Where its format is specified (`@specifiedBy`).
    pub specified_by: Option<String>,
}

/// What the values of a scalar are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// `Int`: 32 bits.
    Int,
    /// `Float`: double precision.
    Float,
    /// `String`
    String,
    /// `Boolean`
    Boolean,
    /// `ID`: text, or an integer that is taken for one.
    Id,
    /// RFC 3339 text.
    DateTime,
    /// Any JSON value: also that of a scalar whose SDL does not say what it is.
    Json,
}

/// One name of an enum type.
#[derive(Debug)]
pub struct EnumValue {
    /// The value's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
}

/// An object type ([spec](https://spec.graphql.org/October2021/#sec-Objects)).
#[derive(Debug)]
pub struct Object {
    /// The interfaces that it implements.
    pub interfaces: Vec<TypeId>,
    /// Its fields, in the order of the SDL.
    pub fields: Vec<Field>,
    /// The table whose rows are its objects; none for roots and for the parts of a connection.
    pub entity: Option<Box<Entity>>,
}

/// An interface type ([spec](https://spec.graphql.org/October2021/#sec-Interfaces)).
#[derive(Debug)]
pub struct Interface {
    /// The interfaces that it implements.
    pub interfaces: Vec<TypeId>,
    /// Its fields, in the order of the SDL.
    pub fields: Vec<Field>,
}

/// An input object type ([spec](https://spec.graphql.org/October2021/#sec-Input-Objects)).
#[derive(Debug)]
pub struct InputObject {
    /// Its fields, in the order of the SDL.
    pub fields: Vec<InputValue>,
    /// Whether exactly one field is given (`@oneOf`).
    pub one_of: bool,
}

/// A field of an object or interface.
#[derive(Debug)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
    /// Its arguments, in the order of the SDL.
    pub arguments: Vec<InputValue>,
    /// What it gives.
    pub ty: TypeRef,
    /// What it means in SQL; an interface's fields have none.
    pub binding: Option<Binding>,
    /// Who may ask for it.
    pub access: Access,
    /// The expected size of one value in bytes.
    pub cost: u32,
}

/// An argument of a field or directive, or a field of an input object.
#[derive(Debug)]
pub struct InputValue {
    /// Its name.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
    /// What it takes.
    pub ty: TypeRef,
    /// What it is when it is omitted.
    pub default: Option<ConstValue>,
    /// What it restricts.
    pub filter: Option<Filter>,
}

impl InputValue {
    /// Whether it cannot be left out ([spec](https://spec.graphql.org/October2021/#sec-Required-Arguments)).
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}

/// A directive ([spec](https://spec.graphql.org/October2021/#sec-Type-System.Directives)).
#[derive(Debug)]
pub struct DirectiveDefinition {
    /// Its name, without the `@`.
    pub name: String,
    /// What the documentation says about it.
    pub description: Option<String>,
    /// Its arguments.
    pub arguments: Vec<InputValue>,
    /// Where it may stand, such as `FIELD`.
    pub locations: Vec<&'static str>,
    /// Whether it may stand at one place twice.
    pub is_repeatable: bool,
}

impl TypeDefinition {
    /// The fields that the type itself has, in the order of the SDL; none for a leaf, a union or an input object.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            TypeKind::Scalar(_) | TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::InputObject(_) => &[],
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// The interfaces that the type implements.
    #[must_use]
    pub fn interfaces(&self) -> &[TypeId] {
        match &self.kind {
            TypeKind::Object(object) => &object.interfaces,
            TypeKind::Interface(interface) => &interface.interfaces,
            TypeKind::Scalar(_) | TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::InputObject(_) => &[],
        }
    }

    /// Whether values of the type have no fields.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        matches!(self.kind, TypeKind::Scalar(_) | TypeKind::Enum(_))
    }

    /// Whether a selection set can stand on it: an object, an interface or a union.
    #[must_use]
    pub fn is_composite(&self) -> bool {
        matches!(self.kind, TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_))
    }

    /// Whether an argument or a variable can have it: a leaf or an input object.
    #[must_use]
    pub fn is_input(&self) -> bool {
        self.is_leaf() || matches!(self.kind, TypeKind::InputObject(_))
    }

    /// The table behind the type, where there is one.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match &self.kind {
            TypeKind::Object(object) => object.entity.as_deref(),
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
        static NOTHING: TypeDefinition = TypeDefinition {
            name: String::new(),
            description: None,
            kind: TypeKind::Union(Vec::new()),
            possible: Vec::new(),
        };
        self.types.get(id.0).unwrap_or(&NOTHING)
    }

    /// All types: those of the SDL in its order, each followed by the specification's scalars that it names first, and
    /// the types of introspection behind them.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDefinition)> {
        self.types.iter().enumerate().map(|(at, definition)| (TypeId(at), definition))
    }

    /// The field that a selection set on the type can name: one of its own, or a meta-field such as `__typename`
    /// ([spec](https://spec.graphql.org/October2021/#sec-Type-Name-Introspection)).
    #[must_use]
    pub fn field(&self, parent: TypeId, name: &str) -> Option<&Field> {
        let definition = self.get(parent);
        let meta = |field: &&Field| {
            field.name == name
                && if name == "__typename" { definition.is_composite() } else { parent == self.query }
        };
        definition.field(name).or_else(|| self.meta.iter().find(meta))
    }

    /// The directive of this name.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&DirectiveDefinition> {
        self.directives.iter().find(|directive| directive.name == name)
    }

    /// The objects that a value of the type can be; a type that is no interface or union is the only one.
    #[must_use]
    pub fn possible(&self, id: TypeId) -> Vec<TypeId> {
        let definition = self.get(id);
        match definition.kind {
            TypeKind::Interface(_) | TypeKind::Union(_) => definition.possible.clone(),
            _ => vec![id],
        }
    }

    /// Whether an object of type `object` is also of type `wanted`: the same, or one that it implements or belongs to.
    #[must_use]
    pub fn is_a(&self, object: TypeId, wanted: TypeId) -> bool {
        object == wanted || self.get(wanted).possible.contains(&object)
    }

    /// Whether any object is of both types.
    #[must_use]
    pub fn overlap(&self, one: TypeId, other: TypeId) -> bool {
        one == other || self.possible(one).into_iter().any(|object| self.is_a(object, other))
    }
}
