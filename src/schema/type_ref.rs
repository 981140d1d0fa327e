//! Types as fields, arguments and variables name them: a named type in lists and non-nulls.

use super::{Schema, TypeId};
use crate::syntax::ast::Type;
use std::fmt;

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

    /// The type with null among its values.
    #[must_use]
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            _ => self,
        }
    }

    /// Whether null is no value of it.
    #[must_use]
    pub fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl Schema {
    /// The reference for a type that a request names; `None` for an unknown name.
    #[must_use]
    pub fn type_ref(&self, ty: &Type) -> Option<TypeRef> {
        Some(match ty {
            Type::Named(name) => TypeRef::Named(self.named(&name.text)?),
            Type::List(inner) => TypeRef::List(Box::new(self.type_ref(inner)?)),
            Type::NonNull(inner) => TypeRef::NonNull(Box::new(self.type_ref(inner)?)),
        })
    }

    /// Whether every value of `ty` is one of `wanted`
    /// ([spec](https://spec.graphql.org/October2021/#AreTypesCompatible())).
    #[must_use]
    pub fn is_subtype(&self, ty: &TypeRef, wanted: &TypeRef) -> bool {
        match (ty, wanted) {
            (TypeRef::NonNull(ty), TypeRef::NonNull(wanted)) | (TypeRef::List(ty), TypeRef::List(wanted)) => {
                self.is_subtype(ty, wanted)
            }
            (TypeRef::NonNull(ty), wanted) => self.is_subtype(ty, wanted),
            (TypeRef::Named(ty), TypeRef::Named(wanted)) => self.is_a(*ty, *wanted),
            _ => false,
        }
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
