//! Turns what is selected on `__schema` or `__type` into JSON text
//! ([spec](https://spec.graphql.org/October2021/#sec-Schema-Introspection)).

use super::value::notation;
use super::{
    DirectiveDefinition, EnumValue, Field, InputValue, Schema, TypeDefinition, TypeId, TypeKind, TypeRef,
};

/// A field of the schema's schema that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The response key.
    pub key: String,
    /// The name of the field in `built_in.graphql`.
    pub field: String,
    /// Whether its list has what is deprecated.
    pub deprecated: Deprecated,
    /// What is asked of the field's value.
    pub inner: Vec<Asked>,
}

/// The argument `includeDeprecated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deprecated {
    /// `false`
    Hidden,
    /// `true`
    Shown,
    /// What the variable at this place says.
    Variable(usize),
}

/// A text would be longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

type Written = Result<(), TooLong>;

/// The value of `__schema`, in at most `most` bytes; `variable` says what the variable at a place is.
///
/// # Errors
/// It would be longer. Aliases within each other make gigabytes, so writing stops there.
pub fn of_schema(
    schema: &Schema,
    asked: &[Asked],
    variable: &dyn Fn(usize) -> bool,
    most: usize,
) -> Result<String, TooLong> {
    let mut writer = Writer { schema, variable, text: String::new(), most };
    writer.schema(asked)?;
    Ok(writer.text)
}

/// The value of `__type(name:)`, in at most `most` bytes; `variable` says what the variable at a place is.
///
/// # Errors
/// It would be longer.
pub fn of_type(
    schema: &Schema,
    name: &str,
    asked: &[Asked],
    variable: &dyn Fn(usize) -> bool,
    most: usize,
) -> Result<String, TooLong> {
    let mut writer = Writer { schema, variable, text: String::new(), most };
    writer.optional_type(schema.named(name), asked)?;
    Ok(writer.text)
}

struct Writer<'a> {
    schema: &'a Schema,
    variable: &'a dyn Fn(usize) -> bool,
    text: String,
    most: usize,
}

impl Writer<'_> {
    fn schema(&mut self, asked: &[Asked]) -> Written {
        let schema = self.schema;
        self.object("__Schema", asked, |writer, field| match field.field.as_str() {
            "types" => writer.types(schema.types().map(|(id, _)| id), &field.inner),
            "queryType" => writer.optional_type(Some(schema.query), &field.inner),
            "mutationType" => writer.optional_type(schema.mutation, &field.inner),
            "subscriptionType" => writer.optional_type(schema.subscription, &field.inner),
            "directives" => {
                writer.list(&schema.directives, |writer, directive| writer.directive(directive, &field.inner))
            }
            _ => writer.push("null"),
        })
    }

    fn types(&mut self, types: impl IntoIterator<Item = TypeId>, asked: &[Asked]) -> Written {
        self.list(types, |writer, id| writer.named_type(id, asked))
    }

    fn optional_type(&mut self, id: Option<TypeId>, asked: &[Asked]) -> Written {
        match id {
            Some(id) => self.named_type(id, asked),
            None => self.push("null"),
        }
    }

    fn ty(&mut self, ty: &TypeRef, asked: &[Asked]) -> Written {
        let (kind, inner) = match ty {
            TypeRef::Named(id) => return self.named_type(*id, asked),
            TypeRef::List(inner) => ("LIST", inner),
            TypeRef::NonNull(inner) => ("NON_NULL", inner),
        };
        self.object("__Type", asked, |writer, field| match field.field.as_str() {
            "kind" => writer.name(kind),
            "ofType" => writer.ty(inner, &field.inner),
            _ => writer.push("null"),
        })
    }

    fn named_type(&mut self, id: TypeId, asked: &[Asked]) -> Written {
        let ty = self.schema.get(id);
        self.object("__Type", asked, |writer, field| writer.part_of_type(ty, field))
    }

    fn part_of_type(&mut self, ty: &TypeDefinition, field: &Asked) -> Written {
        match (field.field.as_str(), &ty.kind) {
            ("kind", kind) => self.name(kind_name(kind)),
            ("name", _) => self.name(&ty.name),
            ("description", _) => self.optional(ty.description.as_deref()),
            ("specifiedByURL", TypeKind::Scalar(scalar)) => self.optional(scalar.specified_by.as_deref()),
            ("fields", TypeKind::Object(_) | TypeKind::Interface(_)) => {
                let shown = self.shown(field, ty.fields(), |field| field.deprecated.as_deref());
                self.list(shown, |writer, one| writer.field(one, &field.inner))
            }
            ("interfaces", TypeKind::Object(_) | TypeKind::Interface(_)) => {
                self.types(ty.interfaces().iter().copied(), &field.inner)
            }
            ("possibleTypes", TypeKind::Interface(_) | TypeKind::Union(_)) => {
                self.types(ty.possible.iter().copied(), &field.inner)
            }
            ("enumValues", TypeKind::Enum(values)) => {
                let shown = self.shown(field, values, |value| value.deprecated.as_deref());
                self.list(shown, |writer, value| writer.enum_value(value, &field.inner))
            }
            ("inputFields", TypeKind::InputObject(input)) => self.input_values(&input.fields, field),
            ("isOneOf", TypeKind::InputObject(input)) => self.boolean(input.one_of),
            _ => self.push("null"),
        }
    }

    fn field(&mut self, of: &Field, asked: &[Asked]) -> Written {
        self.object("__Field", asked, |writer, field| match field.field.as_str() {
            "args" => writer.input_values(&of.arguments, field),
            "type" => writer.ty(&of.ty, &field.inner),
            _ => writer.words(field, &of.name, of.description.as_deref(), of.deprecated.as_deref()),
        })
    }

    fn enum_value(&mut self, of: &EnumValue, asked: &[Asked]) -> Written {
        self.object("__EnumValue", asked, |writer, field| {
            writer.words(field, &of.name, of.description.as_deref(), of.deprecated.as_deref())
        })
    }

    fn directive(&mut self, of: &DirectiveDefinition, asked: &[Asked]) -> Written {
        self.object("__Directive", asked, |writer, field| match field.field.as_str() {
            "isRepeatable" => writer.boolean(of.is_repeatable),
            "locations" => writer.list(&of.locations, |writer, location| writer.name(location)),
            "args" => writer.input_values(&of.arguments, field),
            _ => writer.words(field, &of.name, of.description.as_deref(), None),
        })
    }

    fn input_values(&mut self, values: &[InputValue], field: &Asked) -> Written {
        let shown = self.shown(field, values, |value| value.deprecated.as_deref());
        self.list(shown, |writer, value| writer.input_value(value, &field.inner))
    }

    fn input_value(&mut self, of: &InputValue, asked: &[Asked]) -> Written {
        self.object("__InputValue", asked, |writer, field| match field.field.as_str() {
            "type" => writer.ty(&of.ty, &field.inner),
            "defaultValue" => {
                let default = of.default.as_ref().map(|value| notation(writer.schema, &of.ty, value));
                writer.optional(default.as_deref())
            }
            _ => writer.words(field, &of.name, of.description.as_deref(), of.deprecated.as_deref()),
        })
    }

    /// The fields that nearly all objects have.
    fn words(
        &mut self,
        field: &Asked,
        name: &str,
        description: Option<&str>,
        deprecated: Option<&str>,
    ) -> Written {
        match field.field.as_str() {
            "name" => self.name(name),
            "description" => self.optional(description),
            "isDeprecated" => self.boolean(deprecated.is_some()),
            "deprecationReason" => self.optional(deprecated),
            _ => self.push("null"),
        }
    }

    /// The items of a list as `includeDeprecated` wants it.
    fn shown<'t, T, R: Fn(&T) -> Option<&str>>(
        &self,
        field: &Asked,
        items: &'t [T],
        reason: R,
    ) -> impl Iterator<Item = &'t T> + use<'t, T, R> {
        let all = match field.deprecated {
            Deprecated::Hidden => false,
            Deprecated::Shown => true,
            Deprecated::Variable(place) => (self.variable)(place),
        };
        items.iter().filter(move |item| all || reason(item).is_none())
    }

    fn object(
        &mut self,
        ty: &str,
        asked: &[Asked],
        mut value: impl FnMut(&mut Self, &Asked) -> Written,
    ) -> Written {
        self.push("{")?;
        for (at, field) in asked.iter().enumerate() {
            self.push(if at == 0 { "\"" } else { ",\"" })?;
            self.push(&field.key)?;
            self.push("\":")?;
            if field.field == "__typename" { self.name(ty)? } else { value(self, field)? }
        }
        self.push("}")
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut one: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.push("[")?;
        for (at, item) in items.into_iter().enumerate() {
            self.push(if at == 0 { "" } else { "," })?;
            one(self, item)?;
        }
        self.push("]")
    }

    fn boolean(&mut self, value: bool) -> Written {
        self.push(if value { "true" } else { "false" })
    }

    /// A name of GraphQL: there is nothing in it to escape.
    fn name(&mut self, name: &str) -> Written {
        self.push("\"")?;
        self.push(name)?;
        self.push("\"")
    }

    fn optional(&mut self, text: Option<&str>) -> Written {
        match text {
            // There is no text that JSON cannot say.
            Some(text) => self.push(&serde_json::to_string(text).unwrap_or_default()),
            None => self.push("null"),
        }
    }

    /// Adds to the text. Its memory grows up to what it may hold at most, and not by doubling beyond it.
    fn push(&mut self, piece: &str) -> Written {
        let needed = self.text.len().saturating_add(piece.len());
        if needed > self.most {
            return Err(TooLong);
        }
        if needed > self.text.capacity() {
            let wanted = self.text.capacity().saturating_mul(2).max(needed).min(self.most);
            self.text.reserve_exact(wanted - self.text.len());
        }
        self.text.push_str(piece);
        Ok(())
    }
}

fn kind_name(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Scalar(_) => "SCALAR",
        TypeKind::Enum(_) => "ENUM",
        TypeKind::Object(_) => "OBJECT",
        TypeKind::Interface(_) => "INTERFACE",
        TypeKind::Union(_) => "UNION",
        TypeKind::InputObject(_) => "INPUT_OBJECT",
    }
}
