//! Turns an executable document and its switches into an [`Operation`]
//! ([spec](https://spec.graphql.org/October2021/#sec-Field-Collection)).

use super::input::default;
use super::{Executable, Input, Inputs};
use crate::error::{Error, Fault, InputError};
use crate::schema::{self, Schema, TypeId};
use crate::syntax::At;
use crate::syntax::ast::{self, Argument, Directive, OperationKind, Selection, ValueKind};
use std::collections::{HashMap, HashSet};

/// What an operation asks for: fields merged, fragments expanded, skipped fields gone.
#[derive(Debug)]
pub struct Operation<'s> {
    /// The fields of the root.
    pub fields: Vec<Field<'s>>,
    /// Whether they are executed one after the other
    /// ([spec](https://spec.graphql.org/October2021/#sec-Normal-and-Serial-Execution)).
    pub serial: bool,
}

/// One key of an object in the answer.
#[derive(Debug)]
pub struct Field<'s> {
    /// The response key: the alias, or the field's name.
    pub key: String,
    /// Where the field stands first.
    pub at: At,
    /// Where those stand that are merged into it.
    pub also: Vec<At>,
    /// The field of the schema.
    pub definition: &'s schema::Field,
    /// The object type that has the field.
    pub parent: TypeId,
    /// Why the field has no value: a non-null argument got null by way of a variable.
    pub fault: Option<Fault>,
    /// The arguments that have a value, with where it comes from.
    pub arguments: Vec<(&'s schema::InputValue, Source)>,
    /// What is selected on each type of object that the field's value can be; nothing on a leaf.
    pub selections: Vec<(TypeId, Vec<Field<'s>>)>,
}

impl<'s> Field<'s> {
    /// What is selected on the field's value, whose type is no abstract one.
    #[must_use]
    pub fn selection_set(&self) -> &[Field<'s>] {
        self.selections.first().map_or(&[], |(_, fields)| fields)
    }

    /// The source of an argument's value; `None` for one that is absent or null.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Source> {
        self.arguments.iter().find(|(argument, _)| argument.name == name).map(|(_, source)| source)
    }
}

/// Where the value of an argument comes from. The value itself is no part of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The variable at this place.
    Variable(usize),
    /// A literal of the request.
    Literal(ValueKind),
    /// The SDL's default: the request does not say.
    Default(Input),
}

type Selections<'d> = Vec<&'d [Selection]>;

/// Merges the fields that the request asks for.
///
/// # Errors
/// A `@skip` or `@include` gets null by way of a variable.
pub fn collect<'s>(
    schema: &'s Schema,
    executable: &Executable,
    inputs: &Inputs<'_>,
) -> Result<Operation<'s>, Fault> {
    let mut collector = Collector { schema, executable, inputs, path: Vec::new() };
    let root = executable.operation().map_or(&[][..], |operation| &operation.selection_set);
    let fields = collector.object(executable.root, &[root])?;
    Ok(Operation { fields, serial: executable.kind() == OperationKind::Mutation })
}

struct Collector<'s, 'd> {
    schema: &'s Schema,
    executable: &'d Executable,
    inputs: &'d Inputs<'d>,
    path: Vec<String>,
}

/// The fields of one response key, in the order of the text.
struct Group<'d> {
    first: &'d ast::Field,
    also: Vec<At>,
    selections: Selections<'d>,
}

impl<'s, 'd> Collector<'s, 'd> {
    fn object(&mut self, parent: TypeId, selections: &[&'d [Selection]]) -> Result<Vec<Field<'s>>, Fault> {
        let mut groups = Groups { list: Vec::new(), places: HashMap::new(), visited: HashSet::new() };
        for selection_set in selections {
            self.group(parent, selection_set, &mut groups)?;
        }
        groups.list.into_iter().map(|group| self.field(parent, &group)).collect()
    }

    fn group(
        &self,
        parent: TypeId,
        selection_set: &'d [Selection],
        groups: &mut Groups<'d>,
    ) -> Result<(), Fault> {
        for selection in selection_set {
            if !self.included(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => groups.add(field),
                Selection::InlineFragment(inline) => {
                    if self.applies(parent, inline.type_condition.as_ref().map(|name| name.text.as_str())) {
                        self.group(parent, &inline.selection_set, groups)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.executable.fragment(&spread.name.text);
                    let Some(fragment) = fragment.filter(|f| groups.visited.insert(&f.name.text)) else {
                        continue;
                    };
                    if self.applies(parent, Some(&fragment.type_condition.text)) {
                        self.group(parent, &fragment.selection_set, groups)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, parent: TypeId, group: &Group<'d>) -> Result<Field<'s>, Fault> {
        let field = group.first;
        let schema: &'s Schema = self.schema;
        let unknown = || Fault::at(Error::Internal(field.name.text.clone()), field.at);
        let definition = schema.field(parent, &field.name.text).ok_or_else(unknown)?;
        let key = field.response_key().text.clone();
        self.path.push(key.clone());
        let (arguments, fault) = match self.arguments(field, definition) {
            Ok(arguments) => (arguments, None),
            Err(fault) => (Vec::new(), Some(fault)),
        };
        let selections = self.selections(definition.ty.named(), &group.selections)?;
        self.path.pop();
        let (at, also) = (field.at, group.also.clone());
        Ok(Field { key, at, also, definition, parent, fault, arguments, selections })
    }

    /// The selection sets of a field's value for each type of object that it can be.
    fn selections(
        &mut self,
        ty: TypeId,
        selections: &[&'d [Selection]],
    ) -> Result<Vec<(TypeId, Vec<Field<'s>>)>, Fault> {
        if self.schema.get(ty).is_leaf() {
            return Ok(Vec::new());
        }
        let possible = self.schema.possible(ty).into_iter();
        possible.map(|object| Ok((object, self.object(object, selections)?))).collect()
    }

    /// Where the values of a field's arguments come from
    /// ([spec](https://spec.graphql.org/October2021/#CoerceArgumentValues())).
    fn arguments(
        &self,
        field: &ast::Field,
        definition: &'s schema::Field,
    ) -> Result<Vec<(&'s schema::InputValue, Source)>, Fault> {
        let sources = definition.arguments.iter().filter_map(|declared| {
            let given = field.arguments.iter().find(|argument| argument.name.text == declared.name);
            match self.source(declared, given) {
                Some(source) => Some(Ok((declared, source))),
                None if declared.ty.is_non_null() => {
                    let ty = self.schema.display(&declared.ty).to_string();
                    let fault = null_argument(given?, ty);
                    Some(Err(Fault { path: self.path.clone(), ..fault }))
                }
                None => None,
            }
        });
        sources.collect()
    }

    /// Where an argument's value comes from; `None` if it is null, or neither given nor declared with a default.
    ///
    /// A variable that is not given leaves its argument out; one that is null makes the argument null.
    fn source(&self, declared: &schema::InputValue, given: Option<&Argument>) -> Option<Source> {
        let default = || {
            let value = default(self.schema, declared).filter(|value| *value != Input::Null);
            value.map(Source::Default)
        };
        match given.map(|argument| &argument.value.kind) {
            None => default(),
            Some(ValueKind::Null) => None,
            Some(ValueKind::Variable(name)) => {
                let place = self.executable.variable(name)?;
                match self.inputs.variables.get(place)? {
                    None => default(),
                    Some(Input::Null) => None,
                    Some(_) => Some(Source::Variable(place)),
                }
            }
            Some(literal) => Some(Source::Literal(literal.clone())),
        }
    }

    fn applies(&self, parent: TypeId, condition: Option<&str>) -> bool {
        let wanted =
            |name: &str| self.schema.named(name).is_some_and(|wanted| self.schema.is_a(parent, wanted));
        condition.is_none_or(wanted)
    }

    /// [`@skip`](https://spec.graphql.org/October2021/#sec--skip) and
    /// [`@include`](https://spec.graphql.org/October2021/#sec--include).
    fn included(&self, directives: &[Directive]) -> Result<bool, Fault> {
        for directive in directives {
            let Some(condition) = directive.arguments.iter().find(|argument| argument.name.text == "if")
            else {
                continue;
            };
            let value = self.truth(&condition.value.kind);
            let value = value.ok_or_else(|| null_argument(condition, "Boolean!".to_owned()))?;
            if value == (directive.name.text == "skip") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A condition's value; `None` if it is null.
    fn truth(&self, value: &ValueKind) -> Option<bool> {
        match value {
            ValueKind::Boolean(value) => Some(*value),
            ValueKind::Variable(name) => match self.inputs.variables.get(self.executable.variable(name)?)? {
                Some(Input::Boolean(value)) => Some(*value),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A variable may be null although the argument may not, if its default is not null
/// ([spec](https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed)).
fn null_argument(argument: &Argument, ty: String) -> Fault {
    let error = InputError::NullArgument { argument: argument.name.text.clone(), ty };
    Fault::at(Error::Input(error), argument.value.at)
}

struct Groups<'d> {
    list: Vec<Group<'d>>,
    places: HashMap<&'d str, usize>,
    visited: HashSet<&'d str>,
}

impl<'d> Groups<'d> {
    /// Adds a field to those of its response key. Validation has seen to it that they are the same.
    fn add(&mut self, field: &'d ast::Field) {
        let key = field.response_key().text.as_str();
        if let Some(group) = self.places.get(key).and_then(|place| self.list.get_mut(*place)) {
            group.also.push(field.at);
            return group.selections.push(&field.selection_set);
        }
        self.places.insert(key, self.list.len());
        self.list.push(Group { first: field, also: Vec::new(), selections: vec![&field.selection_set] });
    }
}
