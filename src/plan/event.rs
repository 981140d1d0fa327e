//! Turns the field of a subscription into the events that it gets, and what is asked of the row of each.

use super::build::Builder;
use super::{Condition, Events, Found, Load, Parameter, Rows, Value};
use crate::error::Fault;
use crate::operation::Field;

impl<'s> Builder<'s> {
    /// What the events are about is found once, before any of them is read, and not again for the row of each.
    pub(super) fn event(
        &mut self,
        field: &Field<'s>,
        topic: &'s str,
        load: &mut Load,
    ) -> Result<Value<'s>, Fault> {
        let entity = self.entity(field.definition.ty.named())?;
        let mut filters = Vec::new();
        self.filter(field, &mut filters)?;
        let (mut subject, mut conditions) = (None, vec![Condition::Tenant]);
        conditions.push(Condition::Equals(&entity.key, Parameter::Event));
        for filter in filters {
            match filter {
                Condition::KeyOf(_, rows) => subject = Some(rows),
                other => conditions.push(other),
            }
        }
        self.shown(entity, &mut conditions);
        let members = self.members(field.selection_set(), load)?;
        let object = Found { rows: Rows { entity, conditions }, members };
        Ok(Value::Event { events: Events { topic, subject }, object })
    }
}
