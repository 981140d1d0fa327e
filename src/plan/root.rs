//! Turns the fields that find one row, and those about the schema itself, into values of a plan.

use super::build::Builder;
use super::{Condition, Found, Introspection, Load, Rows, Value};
use crate::error::Fault;
use crate::operation::{Field, Input, Source};
use crate::schema::introspection::{Asked, Deprecated};
use crate::schema::{Entity, Meta};
use crate::syntax::ast::ValueKind;

impl<'s> Builder<'s> {
    /// The live row that the field's arguments name; without any, the tenant's own.
    pub(super) fn found(&mut self, field: &Field<'s>, entity: &'s Entity) -> Result<Rows<'s>, Fault> {
        let mut conditions = vec![Condition::Tenant];
        self.filter(field, &mut conditions)?;
        self.shown(entity, &mut conditions);
        Ok(Rows { entity, conditions })
    }

    /// A probe for each type that something is selected on and that the caller may find.
    pub(super) fn node(&mut self, field: &Field<'s>, load: &mut Load) -> Result<Value<'s>, Fault> {
        let mut probes = Vec::new();
        for (ty, fields) in field.selections.iter().filter(|(_, fields)| !fields.is_empty()) {
            let entity = self.entity(*ty)?;
            if !entity.access.admits(self.role, self.scopes) {
                continue;
            }
            let mut rows = self.found(field, entity)?;
            if let Some(within) = &entity.within {
                let around = self.entity(within.of)?;
                let holder = Condition::Parent { column: &around.key, parent: &within.column };
                rows.conditions.push(Condition::Exists(self.live(around, holder)));
            }
            probes.push(Found { rows, members: self.members(fields, load)? });
        }
        Ok(Value::Any(probes))
    }

    pub(super) fn meta(&self, field: &Field<'s>, meta: Meta) -> Value<'s> {
        let introspection = |name| Introspection { key: field.key.clone(), name, asked: asked(field) };
        match meta {
            Meta::Typename => Value::Typename(self.typename(field)),
            Meta::Schema => Value::Introspection(introspection(None)),
            Meta::Type => Value::Introspection(introspection(self.argument(field, "name"))),
        }
    }
}

/// What is selected on a field about the schema.
fn asked(field: &Field<'_>) -> Vec<Asked> {
    let asked = field.selection_set().iter().map(|field| Asked {
        key: field.key.clone(),
        field: field.definition.name.clone(),
        deprecated: match field.argument("includeDeprecated") {
            Some(Source::Variable(place)) => Deprecated::Variable(*place),
            Some(Source::Literal(ValueKind::Boolean(true)) | Source::Default(Input::Boolean(true))) => {
                Deprecated::Shown
            }
            _ => Deprecated::Hidden,
        },
        inner: asked(field),
    });
    asked.collect()
}
