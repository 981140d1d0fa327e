//! Turns an operation and a caller's rights into a plan, or into the first field that the caller may not ask for.

use super::{
    Argument, Checks, Condition, Connection, Cursor, EdgePart, Format, Found, Gap, InfoPart, Load, Member,
    Page, PageSize, Parameter, Part, Plan, Rows, Value,
};
use crate::error::{Error, Fault, InputError};
use crate::operation::{Field, Operation, Source};
use crate::schema::{
    self, Binding, Entity, Filter, Identifier, List, Meta, Private, Role, Schema, Scopes, TypeId, TypeRef,
    Unless,
};

/// The plan of an operation for a caller of this role and these scopes.
///
/// # Errors
/// [`Error::Forbidden`] with the field's path, or arguments that contradict each other.
pub fn build<'s>(
    schema: &'s Schema,
    operation: &Operation<'s>,
    role: Role,
    scopes: Scopes,
) -> Result<Plan<'s>, Fault> {
    let mut builder = Builder {
        schema,
        role,
        scopes,
        path: Vec::new(),
        steps: Vec::new(),
        checks: Checks::default(),
        fills: Vec::new(),
        gaps: Vec::new(),
    };
    let mut load = Load::default();
    let root = builder.members(&operation.fields, &mut load)?;
    let checks = Checks { load, ..builder.checks };
    Ok(Plan { root, serial: operation.serial, fills: builder.fills, gaps: builder.gaps, checks })
}

pub(super) struct Builder<'s> {
    pub(super) schema: &'s Schema,
    pub(super) role: Role,
    pub(super) scopes: Scopes,
    path: Vec<String>,
    /// Whether the value may be null at each step of the way: into a key, and into a list.
    steps: Vec<bool>,
    pub(super) checks: Checks,
    pub(super) fills: Vec<&'s Identifier>,
    gaps: Vec<Gap>,
}

impl<'s> Builder<'s> {
    pub(super) fn members(
        &mut self,
        fields: &[Field<'s>],
        load: &mut Load,
    ) -> Result<Vec<Member<Value<'s>>>, Fault> {
        fields.iter().map(|field| self.within(field, |builder| builder.value(field, load))).collect()
    }

    /// Builds a member with the field's key on the path.
    fn within<V>(
        &mut self,
        field: &Field<'s>,
        build: impl FnOnce(&mut Self) -> Result<V, Fault>,
    ) -> Result<Member<V>, Fault> {
        let before = self.steps.len();
        self.path.push(field.key.clone());
        self.step(&field.definition.ty);
        let value = build(self)?;
        self.path.pop();
        self.steps.truncate(before);
        Ok(Member { key: field.key.clone(), at: field.at, value })
    }

    fn step(&mut self, ty: &TypeRef) {
        self.steps.push(!ty.is_non_null());
        if let TypeRef::List(item) = ty.nullable() {
            self.step(item);
        }
    }

    /// The number of a new gap where the field stands.
    fn gap(&mut self, field: &Field<'s>) -> usize {
        let nullable = self.steps.iter().rposition(|nullable| *nullable);
        let depth = nullable.map_or(0, |step| step + 1);
        self.gaps.push(match &field.fault {
            Some(Fault { error, at, .. }) => Gap { error: error.clone(), at: at.clone(), depth },
            None => Gap {
                error: Error::Missing(format!("{}.{}", self.typename(field), field.definition.name)),
                at: std::iter::once(field.at).chain(field.also.iter().copied()).collect(),
                depth,
            },
        });
        self.gaps.len() - 1
    }

    fn gap_unless_nullable(&mut self, field: &Field<'s>) -> Option<usize> {
        field.definition.ty.is_non_null().then(|| self.gap(field))
    }

    fn value(&mut self, field: &Field<'s>, load: &mut Load) -> Result<Value<'s>, Fault> {
        let definition = field.definition;
        if !definition.access.admits(self.role, self.scopes) {
            return Err(self.fault(field, Error::Forbidden(definition.name.clone())));
        }
        if let Some(fault) = &field.fault {
            if matches!(definition.binding, Some(Binding::Event(_))) {
                return Err(fault.clone());
            }
            return Ok(Value::Failed(self.gap(field)));
        }
        if let Some(Binding::Meta(meta)) = definition.binding {
            return Ok(self.meta(field, meta));
        }
        load.bytes = load.bytes.saturating_add(definition.cost.into());
        let unbound = || Error::Internal(definition.name.clone());
        match definition.binding.as_ref().ok_or_else(unbound)? {
            Binding::Column { column, private } => Ok(self.column(definition, column, private.as_ref())),
            Binding::Reference { column, to } => {
                let rows = keyed(self.entity(*to)?, column);
                Ok(Value::Reference { rows, gap: self.gap_unless_nullable(field) })
            }
            Binding::One { column } => {
                let rows = keyed(self.entity(definition.ty.named())?, column);
                self.one(field, rows, load)
            }
            Binding::Find => {
                let entity = self.entity(definition.ty.named())?;
                let rows = self.found(field, entity)?;
                self.one(field, rows, load)
            }
            Binding::Node => self.node(field, load),
            Binding::Call(function) => self.written(field, function, load),
            Binding::List(list) => self.function_list(field, list, load),
            Binding::Event(topic) => self.event(field, topic, load),
            Binding::Me => {
                let entity = self.entity(definition.ty.named())?;
                let caller = Condition::Equals(&entity.key, Parameter::UserKey);
                let rows = Rows { entity, conditions: vec![Condition::Tenant, caller] };
                self.one(field, rows, load)
            }
            Binding::Count { of, parent } => {
                let entity = self.entity(*of)?;
                let around = self.entity(field.parent)?;
                let child = Condition::Parent { column: parent, parent: &around.key };
                Ok(Value::Count(self.live(entity, child)))
            }
            Binding::Rows(list) => self.connection(field, list, load).map(Box::new).map(Value::Connection),
            Binding::Part(_) | Binding::Meta(_) => Err(unbound().into()),
        }
    }

    fn column(
        &self,
        definition: &'s schema::Field,
        column: &'s Identifier,
        private: Option<&'s Private>,
    ) -> Value<'s> {
        let hidden = private.filter(|private| !private.access.admits(self.role, self.scopes));
        Value::Column {
            column,
            format: format(&self.schema.get(definition.ty.named()).name),
            nullable: !definition.ty.is_non_null(),
            owner: hidden.map(|private| &private.owner),
        }
    }

    fn one(&mut self, field: &Field<'s>, rows: Rows<'s>, load: &mut Load) -> Result<Value<'s>, Fault> {
        let gap = self.gap_unless_nullable(field);
        let members = self.members(field.selection_set(), load)?;
        Ok(Value::One { object: Found { rows, members }, gap })
    }

    fn connection(
        &mut self,
        field: &Field<'s>,
        list: &'s List,
        load: &mut Load,
    ) -> Result<Connection<'s>, Fault> {
        let rows = self.listed(field, list)?;
        let page = self.page(field, list)?;
        self.checks.cursors.extend(page.after.iter().chain(&page.before).cloned());
        let mut inner = Load::default();
        let members = field
            .selection_set()
            .iter()
            .map(|part| self.within(part, |builder| builder.part(part, &mut inner)));
        let members = members.collect::<Result<_, _>>()?;
        load.lists.push((page.size.clone(), inner));
        Ok(Connection { rows, page, members })
    }

    fn listed(&mut self, field: &Field<'s>, list: &'s List) -> Result<Rows<'s>, Fault> {
        let entity = self.entity(list.of)?;
        let mut conditions = Vec::new();
        if !list.every_tenant {
            conditions.push(Condition::Tenant);
        }
        if let Some(column) = &list.parent {
            let parent = &self.entity(field.parent)?.key;
            conditions.push(Condition::Parent { column, parent });
        }
        self.filter(field, &mut conditions)?;
        if let Some(Unless { column, .. }) = list.own.as_ref().filter(|own| !own.except.contains(self.role)) {
            conditions.push(Condition::Equals(column, Parameter::UserKey));
        }
        match &entity.deleted {
            Some(deleted) if list.deleted => conditions.push(Condition::Deleted(deleted)),
            _ => self.shown(entity, &mut conditions),
        }
        Ok(Rows { entity, conditions })
    }

    fn page(&mut self, field: &Field<'s>, list: &List) -> Result<Page, Fault> {
        let sizes: Vec<Argument> =
            ["first", "limit", "last"].iter().filter_map(|name| self.argument(field, name)).collect();
        let size = match <[Argument; 1]>::try_from(sizes) {
            Ok([size]) => Some(size),
            Err(none) if none.is_empty() => None,
            Err(_) => return Err(self.fault(field, Error::Input(InputError::TwoPageSizes))),
        };
        let cursor = |name| self.argument(field, name).map(|argument| Cursor { argument, tag: list.tag });
        let (after, before) = (cursor("after"), cursor("before"));
        let backward = size.as_ref().is_some_and(|size| size.name == "last");
        Ok(Page { size: PageSize(size), backward, after, before, tag: list.tag })
    }

    fn part(&mut self, field: &Field<'s>, load: &mut Load) -> Result<Part<'s>, Fault> {
        Ok(match self.named_part(field)? {
            None => Part::Typename(self.typename(field)),
            Some(schema::Part::Nodes) => Part::Nodes(self.members(field.selection_set(), load)?),
            Some(schema::Part::TotalCount) => Part::TotalCount,
            Some(schema::Part::Edges) => {
                let edges = field
                    .selection_set()
                    .iter()
                    .map(|part| self.within(part, |builder| builder.edge_part(part, load)));
                Part::Edges(edges.collect::<Result<_, _>>()?)
            }
            Some(schema::Part::PageInfo) => {
                let infos = field
                    .selection_set()
                    .iter()
                    .map(|part| self.within(part, |builder| builder.info_part(part)));
                Part::PageInfo(infos.collect::<Result<_, _>>()?)
            }
            Some(_) => return Err(self.fault(field, Error::Internal(field.key.clone()))),
        })
    }

    fn edge_part(&mut self, field: &Field<'s>, load: &mut Load) -> Result<EdgePart<'s>, Fault> {
        Ok(match self.named_part(field)? {
            None => EdgePart::Typename(self.typename(field)),
            Some(schema::Part::Node) => EdgePart::Node(self.members(field.selection_set(), load)?),
            Some(_) => {
                load.bytes = load.bytes.saturating_add(50);
                EdgePart::Cursor
            }
        })
    }

    fn info_part(&mut self, field: &Field<'s>) -> Result<InfoPart<'s>, Fault> {
        Ok(match self.named_part(field)? {
            None => InfoPart::Typename(self.typename(field)),
            Some(schema::Part::HasNextPage) => InfoPart::HasNextPage,
            Some(schema::Part::HasPreviousPage) => InfoPart::HasPreviousPage,
            Some(schema::Part::StartCursor) => InfoPart::StartCursor,
            Some(_) => InfoPart::EndCursor,
        })
    }

    /// Which part of a connection the field is; `None` for `__typename`.
    fn named_part(&self, field: &Field<'s>) -> Result<Option<schema::Part>, Fault> {
        match &field.definition.binding {
            Some(Binding::Meta(Meta::Typename)) => Ok(None),
            Some(Binding::Part(part)) => Ok(Some(*part)),
            _ => Err(self.fault(field, Error::Internal(field.key.clone()))),
        }
    }

    /// The conditions that the field's arguments make.
    pub(super) fn filter(
        &mut self,
        field: &Field<'s>,
        conditions: &mut Vec<Condition<'s>>,
    ) -> Result<(), Fault> {
        for (argument, source) in &field.arguments {
            let given = self.given(field, argument, source);
            match &argument.filter {
                None => {}
                Some(Filter::Tenant) => self.checks.tenants.push(given),
                Some(Filter::Column(column)) => {
                    let value = match self.schema.get(given.ty.named()).name.as_str() {
                        "ID" => Parameter::Uuid(given),
                        "Boolean" => Parameter::Boolean(given),
                        _ => Parameter::Text(given),
                    };
                    conditions.push(Condition::Equals(column, value));
                }
                Some(Filter::KeyOf { column, of }) => {
                    conditions.push(Condition::KeyOf(column, self.named_row(*of, given)?));
                }
            }
        }
        Ok(())
    }

    /// The live row of this type whose id the argument is.
    fn named_row(&self, ty: TypeId, id: Argument) -> Result<Rows<'s>, Fault> {
        Ok(self.live(self.entity(ty)?, Condition::Equals(id_column(), Parameter::Uuid(id))))
    }

    /// The tenant's live rows that the caller may see and for which the condition holds.
    pub(super) fn live(&self, entity: &'s Entity, condition: Condition<'s>) -> Rows<'s> {
        let mut conditions = vec![Condition::Tenant, condition];
        self.shown(entity, &mut conditions);
        Rows { entity, conditions }
    }

    pub(super) fn shown(&self, entity: &'s Entity, conditions: &mut Vec<Condition<'s>>) {
        conditions.extend(entity.deleted.as_ref().map(Condition::Live));
        let bound = entity.visible.as_ref().filter(|visible| !visible.except.contains(self.role));
        conditions.extend(bound.map(|visible| Condition::True(&visible.column)));
    }

    pub(super) fn argument(&self, field: &Field<'s>, name: &str) -> Option<Argument> {
        let (argument, source) = field.arguments.iter().find(|(argument, _)| argument.name == name)?;
        Some(self.given(field, argument, source))
    }

    pub(super) fn given(
        &self,
        field: &Field<'s>,
        argument: &schema::InputValue,
        source: &Source,
    ) -> Argument {
        Argument {
            name: argument.name.clone(),
            ty: argument.ty.clone(),
            source: source.clone(),
            at: field.at,
            path: self.path.clone(),
        }
    }

    pub(super) fn typename(&self, field: &Field<'s>) -> &'s str {
        &self.schema.get(field.parent).name
    }

    pub(super) fn entity(&self, ty: TypeId) -> Result<&'s Entity, Fault> {
        let definition = self.schema.get(ty);
        definition.entity().ok_or_else(|| Error::Internal(definition.name.clone()).into())
    }

    fn fault(&self, field: &Field<'s>, error: Error) -> Fault {
        Fault::of_field(error, field.at, &self.path)
    }
}

/// The row whose key a column of the row around it holds, deleted or not: the parent of a visible row is shown.
fn keyed<'s>(entity: &'s Entity, column: &'s Identifier) -> Rows<'s> {
    let parent = Condition::Parent { column: &entity.key, parent: column };
    Rows { entity, conditions: vec![Condition::Tenant, parent] }
}

/// The column of every entity that the outside world knows it by.
fn id_column() -> &'static Identifier {
    static ID: std::sync::LazyLock<Identifier> = std::sync::LazyLock::new(|| Identifier::new("id"));
    &ID
}

fn format(scalar: &str) -> Format {
    match scalar {
        "ID" => Format::Plain,
        "Boolean" => Format::Boolean,
        "DateTime" => Format::Timestamp,
        "Int" | "Float" | "JSON" => Format::Raw,
        _ => Format::Text,
    }
}
