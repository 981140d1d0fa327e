//! Turns the JSON of a variable into an [`Input`] ([spec](https://spec.graphql.org/October2021/#sec-Input-Values)).

use super::inspect::inspect;
use super::{Faults, Full, Input, Misfit, literal, scalar};
use crate::error::{InputError, printable};
use crate::operation::Variable;
use crate::schema::{EnumValue, InputObject, Schema, TypeDefinition, TypeKind, TypeRef};
use crate::suggest::{did_you_mean, suggestions};
use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// A variable on its way, and where inside its value we are.
pub(super) struct Coercer<'a> {
    pub(super) schema: &'a Schema,
    pub(super) variable: &'a Variable,
    pub(super) faults: &'a mut Faults,
    suggest: bool,
    path: Vec<Step<'a>>,
}

/// A step into a value.
enum Step<'a> {
    Item(usize),
    Field(&'a str),
}

impl<'a> Coercer<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        variable: &'a Variable,
        suggest: bool,
        faults: &'a mut Faults,
    ) -> Self {
        Self { schema, variable, faults, suggest, path: Vec::new() }
    }

    /// The value as one of the type; `None` if anything in it does not fit, which is noted then.
    ///
    /// JSON is no deeper than `saas_blog.max_nesting`, so this may recurse.
    pub(super) fn value(&mut self, ty: &TypeRef, value: &Json) -> Result<Option<Input>, Full> {
        match (ty, value) {
            (TypeRef::NonNull(_), Json::Null) => {
                let ty = self.schema.display(ty).to_string();
                self.misfit(value, Misfit::Null(ty))
            }
            (TypeRef::NonNull(inner), _) => self.value(inner, value),
            (_, Json::Null) => Ok(Some(Input::Null)),
            (TypeRef::List(inner), Json::Array(items)) => self.list(inner, items),
            // A value where a list is wanted is a list of one (spec 3.11).
            (TypeRef::List(inner), _) => {
                self.value(inner, value).map(|item| item.map(|item| Input::List(vec![item])))
            }
            (TypeRef::Named(id), _) => self.named(self.schema.get(*id), value),
        }
    }

    fn list(&mut self, ty: &TypeRef, items: &[Json]) -> Result<Option<Input>, Full> {
        let mut inputs = Some(Vec::with_capacity(items.len()));
        for (at, item) in items.iter().enumerate() {
            let item = self.inside(Step::Item(at), ty, item)?;
            inputs = inputs.zip(item).map(|(mut inputs, item)| {
                inputs.push(item);
                inputs
            });
        }
        Ok(inputs.map(Input::List))
    }

    fn inside(&mut self, step: Step<'a>, ty: &TypeRef, value: &Json) -> Result<Option<Input>, Full> {
        self.path.push(step);
        let input = self.value(ty, value)?;
        self.path.pop();
        Ok(input)
    }

    fn named(&mut self, definition: &'a TypeDefinition, value: &Json) -> Result<Option<Input>, Full> {
        let input = match (&definition.kind, value) {
            (TypeKind::InputObject(object), Json::Object(given)) => {
                return self.object(&definition.name, object, given, value);
            }
            (TypeKind::InputObject(_), _) => Err(Misfit::NoObject(definition.name.clone())),
            (TypeKind::Enum(names), _) => self.enum_value(&definition.name, names, value),
            (TypeKind::Scalar(scalar), _) => scalar::json(scalar.kind, &definition.name, value),
            // No variable has one of these, says validation.
            (TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_), _) => {
                Err(Misfit::Kind(definition.name.clone()))
            }
        };
        match input {
            Ok(input) => Ok(Some(input)),
            Err(misfit) => self.misfit(value, misfit),
        }
    }

    /// [Input coercion of input objects](https://spec.graphql.org/October2021/#sec-Input-Objects.Input-Coercion).
    fn object(
        &mut self,
        name: &str,
        object: &'a InputObject,
        given: &Map<String, Json>,
        value: &Json,
    ) -> Result<Option<Input>, Full> {
        let (mut fields, mut fits) = (Vec::with_capacity(object.fields.len()), true);
        for field in &object.fields {
            let input = match given.get(&field.name) {
                Some(value) => {
                    let input = self.inside(Step::Field(&field.name), &field.ty, value)?;
                    fits &= input.is_some();
                    input
                }
                None => literal::default(self.schema, field),
            };
            if field.is_required() && !given.contains_key(&field.name) {
                let ty = self.schema.display(&field.ty).to_string();
                self.misfit(value, Misfit::MissingField { field: field.name.clone(), ty })?;
                fits = false;
            }
            fields.extend(input.map(|input| (field.name.clone(), input)));
        }
        for unknown in given.keys().filter(|key| object.fields.iter().all(|field| field.name != **key)) {
            let hint = self.hint("", unknown, object.fields.iter().map(|field| field.name.as_str()));
            let misfit = Misfit::UnknownField { field: printable(unknown), ty: name.to_owned(), hint };
            self.misfit(value, misfit)?;
            fits = false;
        }
        if object.one_of {
            fits &= self.one_of(name, object, given, value)?;
        }
        Ok(fits.then_some(Input::Object(fields)))
    }

    /// Whether exactly one field is given, and not as null
    /// ([spec](https://spec.graphql.org/September2025/#sec-OneOf-Input-Objects)).
    fn one_of(
        &mut self,
        name: &str,
        object: &'a InputObject,
        given: &Map<String, Json>,
        value: &Json,
    ) -> Result<bool, Full> {
        let mut known =
            object.fields.iter().filter_map(|field| given.get(&field.name).map(|value| (field, value)));
        let (first, more) = (known.next(), known.next().is_some());
        let one = first.is_some() && !more;
        if !one {
            self.misfit(value, Misfit::NotOneOf(name.to_owned()))?;
        }
        let null = first.filter(|(_, value)| value.is_null());
        if let Some((field, value)) = null {
            self.path.push(Step::Field(&field.name));
            self.misfit(value, Misfit::NullOneOf(field.name.clone()))?;
            self.path.pop();
        }
        Ok(one && null.is_none())
    }

    fn enum_value(&self, ty: &str, names: &[EnumValue], value: &Json) -> Result<Input, Misfit> {
        let hint =
            |found: &str| self.hint("the enum value", found, names.iter().map(|known| known.name.as_str()));
        let Json::String(name) = value else {
            let value = inspect(value);
            return Err(Misfit::NoName { ty: ty.to_owned(), hint: hint(&value), value });
        };
        if names.iter().any(|known| known.name == *name) {
            return Ok(Input::String(name.clone()));
        }
        Err(Misfit::UnknownName { ty: ty.to_owned(), value: printable(name), hint: hint(name) })
    }

    fn hint<'n>(&self, what: &str, found: &str, names: impl Iterator<Item = &'n str>) -> String {
        if self.suggest { did_you_mean(what, &suggestions(found, names)) } else { String::new() }
    }

    /// Notes what is wrong with the value at this place.
    fn misfit(&mut self, value: &Json, misfit: Misfit) -> Result<Option<Input>, Full> {
        let variable = printable(&self.variable.name);
        let (value, misfit) = (inspect(value), Box::new(misfit));
        let error = InputError::Variable { place: self.place(), variable, value, misfit };
        self.faults.push(error, self.variable.at)?;
        Ok(None)
    }

    /// The path of this place inside the variable's value, such as `.tags[2]`.
    fn place(&self) -> String {
        self.path.iter().fold(String::new(), |mut place, step| {
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Item(at) => write!(place, "[{at}]"),
                Step::Field(name) => write!(place, ".{name}"),
            };
            place
        })
    }
}
