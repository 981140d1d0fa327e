//! Turns a field that a function answers into its call, and what is asked of the rows that it gives.

use super::build::Builder;
use super::{Argument, Call, Load, PageSize, Parameter, Value};
use crate::error::Fault;
use crate::operation::{Field, Source};
use crate::schema::{self, Filter, Identifier, ListFunction, ScalarKind, TypeRef};

/// The argument that says how many rows a list has at most.
const FIRST: &str = "first";

impl<'s> Builder<'s> {
    /// A call with the arguments that have a value. The row that it gives back is shown, deleted or not: the caller has
    /// just written it.
    pub(super) fn written(
        &mut self,
        field: &Field<'s>,
        function: &'s Identifier,
        load: &mut Load,
    ) -> Result<Value<'s>, Fault> {
        let entity = self.entity(field.definition.ty.named())?;
        let call = self.call(field, function);
        let members = self.members(field.selection_set(), load)?;
        Ok(Value::Written { call, entity, members })
    }

    /// The rows of a function, as many as `first` says.
    pub(super) fn function_list(
        &mut self,
        field: &Field<'s>,
        list: &'s ListFunction,
        load: &mut Load,
    ) -> Result<Value<'s>, Fault> {
        let mut call = self.call(field, &list.function);
        let size = PageSize(self.argument(field, FIRST));
        let first = Identifier::new(FIRST);
        call.arguments.retain(|(name, ..)| *name != first);
        call.arguments.push((first, Parameter::PageSize(size.clone()), None));
        self.fills.extend(list.fill.as_ref().filter(|fill| !self.fills.contains(fill)));
        let mut inner = Load::default();
        let members = self.members(field.selection_set(), &mut inner)?;
        load.lists.push((size, inner));
        Ok(Value::List { call, members })
    }

    fn call(&mut self, field: &Field<'s>, function: &'s Identifier) -> Call<'s> {
        let arguments = field.arguments.iter().map(|(argument, source)| self.passed(field, argument, source));
        Call { function, arguments: arguments.collect() }
    }

    fn passed(
        &mut self,
        field: &Field<'s>,
        argument: &'s schema::InputValue,
        source: &Source,
    ) -> (Identifier, Parameter, Option<&'static str>) {
        let name = Identifier::new(snake_case(&argument.name));
        let given = self.given(field, argument, source);
        if let Some(Filter::Tenant) = argument.filter {
            self.checks.tenants.push(given.clone());
            return (name, Parameter::Text(given), None);
        }
        let (parameter, cast) = self.typed(given, &argument.ty);
        (name, parameter, cast)
    }

    /// A value is passed as text that SQL reads, but for those that need no reading.
    fn typed(&self, given: Argument, ty: &TypeRef) -> (Parameter, Option<&'static str>) {
        let is_list = matches!(ty.nullable(), TypeRef::List(_));
        let kind = match &self.schema.get(ty.named()).kind {
            _ if is_list => None,
            schema::TypeKind::Scalar(scalar) => Some(scalar.kind),
            schema::TypeKind::Enum(_) => Some(ScalarKind::String),
            _ => None,
        };
        match kind {
            Some(ScalarKind::Id) => (Parameter::Uuid(given), None),
            Some(ScalarKind::Boolean) => (Parameter::Boolean(given), None),
            Some(ScalarKind::String) => (Parameter::Text(given), None),
            Some(ScalarKind::Int) => (Parameter::Text(given), Some("int4")),
            Some(ScalarKind::Float) => (Parameter::Text(given), Some("float8")),
            Some(ScalarKind::DateTime) => (Parameter::Text(given), Some("timestamptz")),
            Some(ScalarKind::Json) | None => (Parameter::Text(given), Some("jsonb")),
        }
    }
}

/// `ifUpdatedAt` as SQL writes it: `if_updated_at`.
fn snake_case(name: &str) -> String {
    let mut found = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            found.push('_');
        }
        found.push(letter.to_ascii_lowercase());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn arguments_have_the_names_of_sql() {
        let names = ["id", "postId", "ifUpdatedAt", "subscription_tier"];
        assert_eq!(names.map(snake_case), ["id", "post_id", "if_updated_at", "subscription_tier"]);
    }
}
