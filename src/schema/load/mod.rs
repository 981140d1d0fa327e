//! Turns SDL text into a [`Schema`].

mod bind;
mod definitions;
mod location;
mod order;

use super::bindings::{Binding, Filter};
use super::directives::Declarations;
use super::{
    DirectiveDefinition, EnumValue, Field, InputObject, InputValue, Interface, Object, Scalar, Schema,
    TypeDefinition, TypeId, TypeKind, TypeRef,
};
use async_graphql_parser::Positioned;
use async_graphql_parser::types as sdl;
use definitions::definitions;
use std::collections::HashMap;
use thiserror::Error;

const BUILT_IN: &str = include_str!("../built_in.graphql");

/// The type of [`BUILT_IN`] that is none: its fields are the meta-fields.
const META: &str = "__Meta";

type Directives = [Positioned<sdl::ConstDirective>];

/// Why an SDL file is no schema; a fault of the file, found by the project's tests.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The text is no SDL.
    #[error("{0}")]
    Syntax(String),
    /// A type is named that is not defined, or is defined twice.
    #[error("type {0} is not defined, or twice")]
    Type(String),
    /// A kind of definition that the schema does not use.
    #[error("{0}: this kind of definition is not supported")]
    Unsupported(String),
    /// A directive or an argument of one that `bindings.graphql` does not declare.
    #[error("@{0} is not declared")]
    UnknownDirective(String),
    /// A directive's argument is missing or has the wrong type.
    #[error("@{directive}({argument}:) is missing or has the wrong type")]
    Argument {
        /// The directive.
        directive: String,
        /// The argument.
        argument: String,
    },
    /// An object's field says nothing of what it means in SQL.
    #[error("field {0} is bound to nothing")]
    Unbound(String),
}

/// The schema of an SDL text, each of whose fields says what it means in SQL.
///
/// # Errors
/// The text is no SDL, names what it does not define, or leaves a field unbound.
pub fn load(text: &str) -> Result<Schema, SchemaError> {
    let schema = read(text)?;
    for (id, ty) in schema.types().filter(|(_, ty)| !ty.name.starts_with("__")) {
        let bound = ty.fields().iter().find(|field| field.binding.is_none());
        if let Some(field) = bound.filter(|_| schema.possible(id) == [id]) {
            return Err(SchemaError::Unbound(format!("{}.{}", ty.name, field.name)));
        }
    }
    Ok(schema)
}

/// The schema of an SDL text, whose fields may be bound to nothing: enough to validate requests.
///
/// # Errors
/// The text is no SDL, or names what it does not define.
pub fn read(text: &str) -> Result<Schema, SchemaError> {
    let mut definitions = definitions(text)?;
    let built_in = self::definitions(BUILT_IN)?;
    let roots = definitions.roots();
    let directives = [std::mem::take(&mut definitions.directives), built_in.directives].concat();
    let mut meta = built_in.types;
    let meta_at = meta.iter().position(|ty| ty.name.node == META);
    let meta_type = meta_at.map(|at| meta.swap_remove(at));
    definitions.types = order::ordered(definitions.types, meta, &directives);
    let mut loader = Loader {
        names: HashMap::new(),
        nodes: HashMap::new(),
        scopes: Vec::new(),
        declarations: Declarations::load(&directives)?,
    };
    for (at, definition) in definitions.types.iter().enumerate() {
        let name = definition.name.node.to_string();
        if loader.names.insert(name.clone(), TypeId(at)).is_some() {
            return Err(SchemaError::Type(name));
        }
    }
    for definition in &definitions.types {
        loader.note_connection(definition)?;
    }
    let types = definitions.types.into_iter().map(|definition| loader.type_definition(definition));
    let types = types.collect::<Result<Vec<_>, _>>()?;
    let meta = meta_type.map_or(Ok(Vec::new()), |ty| loader.meta_fields(ty))?;
    let directives = directives.into_iter().map(|directive| loader.directive(directive));
    let directives = directives.collect::<Result<_, _>>()?;
    let root = |name: &Option<String>| loader.names.get(name.as_deref()?).copied();
    let [query, mutation, subscription] = roots.each_ref().map(root);
    let query = query.ok_or_else(|| SchemaError::Type("Query".to_owned()))?;
    let types = with_possible_types(types);
    Ok(Schema {
        types,
        names: loader.names,
        meta,
        directives,
        scopes: loader.scopes,
        query,
        mutation,
        subscription,
    })
}

/// Tells every interface and union which objects its values can be.
fn with_possible_types(mut types: Vec<TypeDefinition>) -> Vec<TypeDefinition> {
    let possible = types.iter().enumerate().map(|(at, ty)| match &ty.kind {
        TypeKind::Union(members) => members.clone(),
        TypeKind::Interface(_) => {
            let implements = |other: &TypeDefinition| {
                matches!(other.kind, TypeKind::Object(_)) && other.interfaces().contains(&TypeId(at))
            };
            let objects = types.iter().enumerate().filter(|(_, other)| implements(other));
            objects.map(|(at, _)| TypeId(at)).collect()
        }
        _ => Vec::new(),
    });
    let possible: Vec<_> = possible.collect();
    for (ty, possible) in types.iter_mut().zip(possible) {
        ty.possible = possible;
    }
    types
}

struct Loader {
    names: HashMap<String, TypeId>,
    /// connection type → type of its nodes
    nodes: HashMap<TypeId, TypeId>,
    scopes: Vec<String>,
    declarations: Declarations,
}

impl Loader {
    fn named(&self, name: &str) -> Result<TypeId, SchemaError> {
        self.names.get(name).copied().ok_or_else(|| SchemaError::Type(name.to_owned()))
    }

    fn all_named(&self, names: &[Positioned<async_graphql_value::Name>]) -> Result<Vec<TypeId>, SchemaError> {
        names.iter().map(|name| self.named(name.node.as_str())).collect()
    }

    fn type_definition(&mut self, definition: sdl::TypeDefinition) -> Result<TypeDefinition, SchemaError> {
        let name = definition.name.node.to_string();
        let directives = definition.directives;
        let kind = match definition.kind {
            sdl::TypeKind::Scalar => TypeKind::Scalar(Scalar {
                kind: self.scalar_kind(&name, &directives)?,
                specified_by: self.text_of(&directives, "specifiedBy", "url")?,
            }),
            sdl::TypeKind::Enum(values) => {
                let values = values.values.into_iter().map(|value| self.enum_value(value.node));
                TypeKind::Enum(values.collect::<Result<_, _>>()?)
            }
            sdl::TypeKind::Interface(interface) => TypeKind::Interface(Interface {
                interfaces: self.all_named(&interface.implements)?,
                fields: self.fields(&name, interface.fields, &directives)?,
            }),
            sdl::TypeKind::Object(object) => TypeKind::Object(Object {
                interfaces: self.all_named(&object.implements)?,
                entity: self.entity(&name, &directives)?.map(Box::new),
                fields: self.fields(&name, object.fields, &directives)?,
            }),
            sdl::TypeKind::Union(union) => TypeKind::Union(self.all_named(&union.members)?),
            sdl::TypeKind::InputObject(input) => TypeKind::InputObject(InputObject {
                fields: self.input_values(input.fields)?,
                one_of: self.declarations.find(&directives, "oneOf")?.is_some(),
            }),
        };
        let description = definition.description.map(|d| d.node);
        Ok(TypeDefinition { name, description, kind, possible: Vec::new() })
    }

    fn fields(
        &mut self,
        parent: &str,
        fields: Vec<Positioned<sdl::FieldDefinition>>,
        directives: &Directives,
    ) -> Result<Vec<Field>, SchemaError> {
        let mut part = false;
        for name in ["connection", "edge", "pageInfo"] {
            part |= self.declarations.find(directives, name)?.is_some();
        }
        let fields = fields.into_iter().map(|field| {
            let field = field.node;
            let path = format!("{parent}.{}", field.name.node);
            let ty = self.type_ref(&field.ty.node)?;
            let binding = if part {
                bind::named_part(field.name.node.as_str()).map(Binding::Part)
            } else {
                self.binding(&path, &ty, &field.directives)?
            };
            self.field(field, ty, binding)
        });
        fields.collect()
    }

    fn field(
        &mut self,
        field: sdl::FieldDefinition,
        ty: TypeRef,
        binding: Option<Binding>,
    ) -> Result<Field, SchemaError> {
        let cost = self.declarations.find(&field.directives, "cost")?;
        Ok(Field {
            name: field.name.node.to_string(),
            description: field.description.map(|d| d.node),
            deprecated: self.text_of(&field.directives, "deprecated", "reason")?,
            arguments: self.input_values(field.arguments)?,
            ty,
            binding,
            access: self.access(&field.directives)?,
            cost: cost.map_or(Ok(50), |cost| cost.integer("bytes"))?,
        })
    }

    fn meta_fields(&mut self, definition: sdl::TypeDefinition) -> Result<Vec<Field>, SchemaError> {
        let sdl::TypeKind::Object(object) = definition.kind else { return Ok(Vec::new()) };
        let fields = object.fields.into_iter().map(|field| {
            let ty = self.type_ref(&field.node.ty.node)?;
            let binding = bind::named_meta(field.node.name.node.as_str()).map(Binding::Meta);
            self.field(field.node, ty, binding)
        });
        fields.collect()
    }

    fn directive(&self, directive: sdl::DirectiveDefinition) -> Result<DirectiveDefinition, SchemaError> {
        Ok(DirectiveDefinition {
            name: directive.name.node.to_string(),
            locations: location::names(&directive),
            description: directive.description.map(|d| d.node),
            arguments: self.input_values(directive.arguments)?,
            is_repeatable: directive.is_repeatable,
        })
    }

    fn input_values(
        &self,
        values: Vec<Positioned<sdl::InputValueDefinition>>,
    ) -> Result<Vec<InputValue>, SchemaError> {
        let values = values.into_iter().map(|value| {
            let value = value.node;
            let filter = self.declarations.find(&value.directives, "filter")?;
            let tenant = self.declarations.find(&value.directives, "tenant")?;
            let filter = match (filter, tenant) {
                (Some(filter), _) => Some(self.filter(&filter)?),
                (None, Some(_)) => Some(Filter::Tenant),
                (None, None) => None,
            };
            Ok(InputValue {
                name: value.name.node.to_string(),
                description: value.description.map(|d| d.node),
                deprecated: self.text_of(&value.directives, "deprecated", "reason")?,
                ty: self.type_ref(&value.ty.node)?,
                default: value.default_value.map(|v| v.node),
                filter,
            })
        });
        values.collect()
    }

    fn enum_value(&self, value: sdl::EnumValueDefinition) -> Result<EnumValue, SchemaError> {
        Ok(EnumValue {
            name: value.value.node.to_string(),
            description: value.description.map(|d| d.node),
            deprecated: self.text_of(&value.directives, "deprecated", "reason")?,
        })
    }

    /// The text of a directive's argument, where the directive stands.
    fn text_of(
        &self,
        directives: &Directives,
        directive: &str,
        argument: &str,
    ) -> Result<Option<String>, SchemaError> {
        self.declarations.find(directives, directive)?.map_or(Ok(None), |found| found.string(argument))
    }

    fn type_ref(&self, ty: &sdl::Type) -> Result<TypeRef, SchemaError> {
        let inner = match &ty.base {
            sdl::BaseType::Named(name) => TypeRef::Named(self.named(name)?),
            sdl::BaseType::List(inner) => TypeRef::List(Box::new(self.type_ref(inner)?)),
        };
        Ok(if ty.nullable { inner } else { TypeRef::NonNull(Box::new(inner)) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BLOG, Binding};
    use super::*;

    #[test]
    fn the_lists_of_the_blog_have_cursors_of_their_own() {
        let schema = load(BLOG).unwrap_or_else(|e| unreachable!("{e}"));
        let tags: Vec<_> = schema
            .types()
            .flat_map(|(_, ty)| ty.fields())
            .filter_map(|field| match &field.binding {
                Some(Binding::Rows(list)) => Some(list.tag),
                _ => None,
            })
            .collect();
        let distinct: std::collections::HashSet<_> = tags.iter().collect();
        assert!(tags.len() >= 7, "{tags:?}");
        assert_eq!(distinct.len(), tags.len());
    }

    #[test]
    fn a_fault_in_the_sdl_is_named() {
        let cases = [
            ("type Query { a: Int }", "field Query.a is bound to nothing"),
            ("type Query { a: Nope @column(name: \"a\") }", "type Nope is not defined, or twice"),
            ("type Query { a: Int @colum(name: \"a\") }", "@colum is not declared"),
            ("type Query { a: Int @column(nam: \"a\") }", "@column(nam:) is not declared"),
            ("type Query { a: Int @column }", "@column(name:) is missing or has the wrong type"),
            ("extend type Query { a: Int }", "extension: this kind of definition is not supported"),
        ];
        for (text, message) in cases {
            let found = load(text).err().map(|e| e.to_string());
            assert_eq!(found.as_deref(), Some(message), "{text}");
        }
    }

    #[test]
    fn directives_that_may_be_repeated_are_told_from_others() {
        let text = "type Query { a: Int }\n\"\"\"é repeatable on\"\"\" directive @a(b: Int) repeatable on\n  | FIELD\n
            directive @c(\"repeatable\" d: Int)\non FIELD";
        let schema = read(text).unwrap_or_else(|e| unreachable!("{e}"));
        let found: Vec<_> = schema.directives.iter().filter(|d| d.is_repeatable).map(|d| &d.name).collect();
        assert_eq!(found, ["a"]);
    }

    #[test]
    fn built_in_types_stand_behind_the_first_that_names_them() {
        let text =
            "type Query { a(b: [B!]): U } input B @oneOf { c: Int } union U = Query interface I { d: ID }";
        let schema = read(text).unwrap_or_else(|e| unreachable!("{e}"));
        let names: Vec<&str> = schema.types().map(|(_, ty)| ty.name.as_str()).collect();
        let expected = "Query B Int U I ID Boolean String __Schema __Type __TypeKind __Field __InputValue \
            __EnumValue __Directive __DirectiveLocation";
        assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
        let directives: Vec<&str> = schema.directives.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(directives, ["include", "skip", "deprecated", "specifiedBy", "oneOf"]);
        let union = schema.named("U").unwrap_or(schema.query);
        assert!(schema.overlap(union, schema.query) && schema.field(union, "__typename").is_some());
        assert!(
            schema.field(union, "__schema").is_none() && schema.field(schema.query, "__schema").is_some()
        );
    }
}
