//! Turns the private directives of the SDL into what stands behind its types and fields in SQL.

use super::super::bindings::{
    Access, Binding, Entity, Filter, List, ListFunction, Meta, Order, Part, Private, RoleSet, Scopes, Unless,
    Within,
};
use super::super::directives::Use;
use super::super::{Role, ScalarKind, TypeRef};
use super::{Directives, Loader, SchemaError, sdl};

impl Loader {
    pub(super) fn note_connection(&mut self, definition: &sdl::TypeDefinition) -> Result<(), SchemaError> {
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

    /// What the values of a scalar are: its name says it of the specification's scalars, `@scalar` of others.
    pub(super) fn scalar_kind(&self, name: &str, directives: &Directives) -> Result<ScalarKind, SchemaError> {
        let known = match name {
            "Int" => Some(ScalarKind::Int),
            "Float" => Some(ScalarKind::Float),
            "String" => Some(ScalarKind::String),
            "Boolean" => Some(ScalarKind::Boolean),
            "ID" => Some(ScalarKind::Id),
            _ => None,
        };
        let Some(scalar) = self.declarations.find(directives, "scalar")? else {
            return Ok(known.unwrap_or(ScalarKind::Json));
        };
        Ok(if scalar.name("kind")? == "DATE_TIME" { ScalarKind::DateTime } else { ScalarKind::Json })
    }

    pub(super) fn entity(
        &mut self,
        name: &str,
        directives: &Directives,
    ) -> Result<Option<Entity>, SchemaError> {
        let Some(table) = self.declarations.find(directives, "table")? else { return Ok(None) };
        let visible = self.declarations.find(directives, "visible")?;
        let within = self.declarations.find(directives, "within")?;
        Ok(Some(Entity {
            name: name.to_owned(),
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
            access: self.access(directives)?,
            within: within
                .map(|within| {
                    let of = self.named(&within.required("type")?)?;
                    Ok(Within { column: within.identifier("column")?, of })
                })
                .transpose()?,
        }))
    }

    pub(super) fn binding(
        &mut self,
        path: &str,
        ty: &TypeRef,
        directives: &Directives,
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
        if find("node")?.is_some() {
            return Ok(Some(Binding::Node));
        }
        if let Some(call) = find("call")? {
            return Ok(Some(Binding::Call(call.identifier("function")?)));
        }
        if let Some(list) = find("list")? {
            let (function, fill) = (list.identifier("function")?, list.optional_identifier("fill")?);
            return Ok(Some(Binding::List(ListFunction { function, fill })));
        }
        if let Some(event) = find("event")? {
            return Ok(Some(Binding::Event(event.required("topic")?)));
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

    pub(super) fn access(&mut self, directives: &Directives) -> Result<Access, SchemaError> {
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

    pub(super) fn filter(&self, filter: &Use) -> Result<Filter, SchemaError> {
        let column = filter.identifier("column")?;
        Ok(match filter.string("of")? {
            None => Filter::Column(column),
            Some(of) => Filter::KeyOf { column, of: self.named(&of)? },
        })
    }
}

fn roles(directive: &Use, argument: &str) -> Result<RoleSet, SchemaError> {
    let roles = directive.names(argument)?.into_iter().map(|name| {
        name.to_ascii_lowercase().parse::<Role>().map_err(|_| SchemaError::Type(format!("Role.{name}")))
    });
    Ok(RoleSet::of(&roles.collect::<Result<Vec<_>, _>>()?))
}

pub(super) fn named_part(field: &str) -> Option<Part> {
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

/// Which meta-field it is.
pub(super) fn named_meta(field: &str) -> Option<Meta> {
    Some(match field {
        "__typename" => Meta::Typename,
        "__schema" => Meta::Schema,
        "__type" => Meta::Type,
        _ => return None,
    })
}
