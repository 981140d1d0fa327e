//! Turns SDL text into a [`Schema`].

use super::bindings::{Access, Binding, Entity, Filter, List, Order, Part, Private, RoleSet, Scopes, Unless};
use super::directives::{Declarations, Use};
use super::{Argument, EnumValue, Field, Object, Role, Schema, TypeDefinition, TypeId, TypeKind, TypeRef};
use async_graphql_parser::types as sdl;
use async_graphql_parser::{Positioned, parse_schema};
use std::collections::HashMap;
use thiserror::Error;

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

/// The schema of an SDL text whose private directives are those of `bindings.graphql`.
///
/// # Errors
/// The text is no SDL, names what it does not define, or leaves a field unbound.
pub fn load(text: &str) -> Result<Schema, SchemaError> {
    let document = parse_schema(text).map_err(|e| SchemaError::Syntax(e.to_string()))?;
    let definitions = definitions(document)?;
    let mut loader = Loader {
        names: HashMap::new(),
        nodes: HashMap::new(),
        scopes: Vec::new(),
        declarations: Declarations::load()?,
    };
    for (at, definition) in definitions.iter().enumerate() {
        let name = definition.name.node.to_string();
        if loader.names.insert(name.clone(), TypeId(at)).is_some() {
            return Err(SchemaError::Type(name));
        }
    }
    for definition in &definitions {
        loader.note_connection(definition)?;
    }
    let types = definitions
        .into_iter()
        .map(|definition| loader.type_definition(definition))
        .collect::<Result<_, _>>()?;
    let query = loader.named("Query")?;
    let root = |name: &str| loader.names.get(name).copied();
    let (mutation, subscription) = (root("Mutation"), root("Subscription"));
    Ok(Schema { types, names: loader.names, scopes: loader.scopes, query, mutation, subscription })
}

/// The SDL's types with the specification's scalars behind them
/// ([spec](https://spec.graphql.org/October2021/#sec-Scalars.Built-in-Scalars)).
fn definitions(document: sdl::ServiceDocument) -> Result<Vec<sdl::TypeDefinition>, SchemaError> {
    let built_in = parse_schema("scalar ID scalar String scalar Boolean scalar Int scalar Float")
        .map_err(|e| SchemaError::Syntax(e.to_string()))?;
    document
        .definitions
        .into_iter()
        .chain(built_in.definitions)
        .map(|definition| match definition {
            sdl::TypeSystemDefinition::Type(definition) if !definition.node.extend => Ok(definition.node),
            _ => Err(SchemaError::Unsupported("schema, directive or extension".to_owned())),
        })
        .collect()
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

    fn note_connection(&mut self, definition: &sdl::TypeDefinition) -> Result<(), SchemaError> {
        let sdl::TypeKind::Object(object) = &definition.kind else { return Ok(()) };
        if self.declarations.find(&definition.directives, "connection")?.is_none() {
            return Ok(());
        }
        let name = definition.name.node.as_str();
        let nodes = object.fields.iter().find(|field| field.node.name.node == "nodes");
        let nodes = nodes.ok_or_else(|| SchemaError::Unbound(format!("{name}.nodes")))?;
        let node = self.type_ref(&nodes.node.ty.node)?.named();
        self.nodes.insert(self.named(name)?, node);
        Ok(())
    }

    fn type_definition(&mut self, definition: sdl::TypeDefinition) -> Result<TypeDefinition, SchemaError> {
        let name = definition.name.node.to_string();
        let directives = definition.directives;
        let kind = match definition.kind {
            sdl::TypeKind::Scalar => TypeKind::Scalar,
            sdl::TypeKind::Enum(values) => {
                TypeKind::Enum(values.values.into_iter().map(enum_value).collect())
            }
            sdl::TypeKind::Interface(interface) => {
                TypeKind::Interface(self.fields(&name, interface.fields, &directives, false)?)
            }
            sdl::TypeKind::Object(object) => {
                let interfaces = object.implements.iter().map(|i| self.named(i.node.as_str()));
                TypeKind::Object(Object {
                    interfaces: interfaces.collect::<Result<_, _>>()?,
                    entity: self.entity(&directives)?,
                    fields: self.fields(&name, object.fields, &directives, true)?,
                })
            }
            sdl::TypeKind::Union(_) | sdl::TypeKind::InputObject(_) => {
                return Err(SchemaError::Unsupported(name));
            }
        };
        Ok(TypeDefinition { name, description: definition.description.map(|d| d.node), kind })
    }

    fn entity(&self, directives: &[Positioned<sdl::ConstDirective>]) -> Result<Option<Entity>, SchemaError> {
        let Some(table) = self.declarations.find(directives, "table")? else { return Ok(None) };
        let visible = self.declarations.find(directives, "visible")?;
        Ok(Some(Entity {
            table: table.identifier("name")?,
            key: table.identifier("key")?,
            tenant: table.identifier("tenant")?,
            deleted: table.optional_identifier("deleted")?,
            order: if table.name("order")? == "ASC" { Order::Ascending } else { Order::Descending },
            visible: visible
                .map(|visible| {
                    Ok(Unless { column: visible.identifier("column")?, except: roles(&visible, "except")? })
                })
                .transpose()?,
        }))
    }

    fn fields(
        &mut self,
        parent: &str,
        fields: Vec<Positioned<sdl::FieldDefinition>>,
        directives: &[Positioned<sdl::ConstDirective>],
        bound: bool,
    ) -> Result<Vec<Field>, SchemaError> {
        let mut part = false;
        for name in ["connection", "edge", "pageInfo"] {
            part |= self.declarations.find(directives, name)?.is_some();
        }
        fields
            .into_iter()
            .map(|field| {
                let field = field.node;
                let path = format!("{parent}.{}", field.name.node);
                let ty = self.type_ref(&field.ty.node)?;
                let binding = match (bound, part) {
                    (false, _) => None,
                    (true, true) => named_part(field.name.node.as_str()).map(Binding::Part),
                    (true, false) => self.binding(&path, &ty, &field.directives)?,
                };
                if bound && binding.is_none() {
                    return Err(SchemaError::Unbound(path));
                }
                let cost = self.declarations.find(&field.directives, "cost")?;
                Ok(Field {
                    name: field.name.node.to_string(),
                    description: field.description.map(|d| d.node),
                    arguments: self.arguments(field.arguments)?,
                    ty,
                    binding,
                    access: self.access(&field.directives)?,
                    cost: cost.map_or(Ok(50), |cost| cost.integer("bytes"))?,
                })
            })
            .collect()
    }

    fn binding(
        &mut self,
        path: &str,
        ty: &TypeRef,
        directives: &[Positioned<sdl::ConstDirective>],
    ) -> Result<Option<Binding>, SchemaError> {
        let find = |name: &str| self.declarations.find(directives, name);
        if let Some(column) = find("column")? {
            let private = find("private")?;
            let private = private.map(|private| self.private(&private)).transpose()?;
            return Ok(Some(Binding::Column { column: column.identifier("name")?, private }));
        }
        if let Some(reference) = find("reference")? {
            let to = self.named(&reference.required("type")?)?;
            return Ok(Some(Binding::Reference { column: reference.identifier("column")?, to }));
        }
        if let Some(one) = find("one")? {
            return Ok(Some(Binding::One { column: one.identifier("column")? }));
        }
        if let Some(rows) = find("rows")? {
            return self.list(path, ty, &rows).map(Binding::Rows).map(Some);
        }
        if let Some(count) = find("count")? {
            let of = self.named(&count.required("of")?)?;
            return Ok(Some(Binding::Count { of, parent: count.identifier("parent")? }));
        }
        if find("find")?.is_some() {
            return Ok(Some(Binding::Find));
        }
        Ok(find("me")?.map(|_| Binding::Me))
    }

    fn list(&self, path: &str, ty: &TypeRef, rows: &Use) -> Result<List, SchemaError> {
        let unbound = || SchemaError::Unbound(path.to_owned());
        let own = rows.optional_identifier("own")?;
        let except = roles(rows, "ownUnless")?;
        Ok(List {
            of: *self.nodes.get(&ty.named()).ok_or_else(unbound)?,
            parent: rows.optional_identifier("parent")?,
            deleted: rows.boolean("deleted")?,
            own: own.map(|column| Unless { column, except }),
            every_tenant: rows.boolean("everyTenant")?,
            tag: cursor_tag(path),
        })
    }

    fn private(&mut self, private: &Use) -> Result<Private, SchemaError> {
        let roles = roles(private, "except")?;
        let scope = Some(self.scope(private.required("scope")?));
        Ok(Private { owner: private.identifier("owner")?, access: Access { roles, scope } })
    }

    fn access(&mut self, directives: &[Positioned<sdl::ConstDirective>]) -> Result<Access, SchemaError> {
        let everyone = RoleSet::of(&[Role::Subscriber, Role::Editor, Role::Admin, Role::Operator]);
        match self.declarations.find(directives, "access")? {
            None => Ok(Access { roles: everyone, scope: None }),
            Some(access) => Ok(Access {
                roles: roles(&access, "roles")?,
                scope: access.string("scope")?.map(|scope| self.scope(scope)),
            }),
        }
    }

    /// The bit of a scope, which the schema's list gains where it does not have it.
    fn scope(&mut self, scope: String) -> Scopes {
        let at = self.scopes.iter().position(|known| *known == scope).unwrap_or_else(|| {
            self.scopes.push(scope);
            self.scopes.len() - 1
        });
        Scopes::at(at)
    }

    fn arguments(
        &self,
        arguments: Vec<Positioned<sdl::InputValueDefinition>>,
    ) -> Result<Vec<Argument>, SchemaError> {
        arguments
            .into_iter()
            .map(|argument| {
                let argument = argument.node;
                let filter = self.declarations.find(&argument.directives, "filter")?;
                let tenant = self.declarations.find(&argument.directives, "tenant")?;
                let filter = match (filter, tenant) {
                    (Some(filter), _) => Some(self.filter(&filter)?),
                    (None, Some(_)) => Some(Filter::Tenant),
                    (None, None) => None,
                };
                Ok(Argument {
                    name: argument.name.node.to_string(),
                    description: argument.description.map(|d| d.node),
                    ty: self.type_ref(&argument.ty.node)?,
                    default: argument.default_value.map(|v| v.node),
                    filter,
                })
            })
            .collect()
    }

    fn filter(&self, filter: &Use) -> Result<Filter, SchemaError> {
        let column = filter.identifier("column")?;
        Ok(match filter.string("of")? {
            None => Filter::Column(column),
            Some(of) => Filter::KeyOf { column, of: self.named(&of)? },
        })
    }

    fn type_ref(&self, ty: &sdl::Type) -> Result<TypeRef, SchemaError> {
        let inner = match &ty.base {
            sdl::BaseType::Named(name) => TypeRef::Named(self.named(name)?),
            sdl::BaseType::List(inner) => TypeRef::List(Box::new(self.type_ref(inner)?)),
        };
        Ok(if ty.nullable { inner } else { TypeRef::NonNull(Box::new(inner)) })
    }
}

fn enum_value(value: Positioned<sdl::EnumValueDefinition>) -> EnumValue {
    let value = value.node;
    EnumValue { name: value.value.node.to_string(), description: value.description.map(|d| d.node) }
}

fn roles(directive: &Use, argument: &str) -> Result<RoleSet, SchemaError> {
    let roles = directive.names(argument)?.into_iter().map(|name| {
        name.to_ascii_lowercase().parse::<Role>().map_err(|_| SchemaError::Type(format!("Role.{name}")))
    });
    Ok(RoleSet::of(&roles.collect::<Result<Vec<_>, _>>()?))
}

fn named_part(field: &str) -> Option<Part> {
    Some(match field {
        "edges" => Part::Edges,
        "nodes" => Part::Nodes,
        "pageInfo" => Part::PageInfo,
        "totalCount" => Part::TotalCount,
        "cursor" => Part::Cursor,
        "node" => Part::Node,
        "hasNextPage" => Part::HasNextPage,
        "hasPreviousPage" => Part::HasPreviousPage,
        "startCursor" => Part::StartCursor,
        "endCursor" => Part::EndCursor,
        _ => return None,
    })
}

/// Three bytes that tell the lists of a schema apart: FNV-1a of the field's path, folded.
///
/// Three, because with a timestamp and a UUID they make 27 bytes, which base64 writes without padding.
fn cursor_tag(path: &str) -> [u8; 3] {
    let hash =
        path.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = hash.to_be_bytes();
    [a ^ d, b, c]
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
            ("union Query = Query", "Query: this kind of definition is not supported"),
        ];
        for (text, message) in cases {
            let found = load(text).err().map(|e| e.to_string());
            assert_eq!(found.as_deref(), Some(message), "{text}");
        }
    }
}
