//! Turns the syntax tree of async-graphql-parser into ours.
//!
//! A shape has the tokens of the document, and the tree has its nodes in the same order. So the place of a node is found
//! by counting the tokens that come before it, and the number of a literal by counting the literals.

use async_graphql_parser::Positioned;
use async_graphql_parser::types as parsed;
use async_graphql_value::{Name as ParsedName, Value as ParsedValue};

use super::ast::{
    Argument, At, Directive, Field, FragmentDefinition, FragmentSpread, Hole, InlineFragment, Name,
    OperationDefinition, OperationKind, Selection, Type, Value, ValueKind, VariableDefinition,
};
use super::shape::{DEFAULT, DESCRIPTION, original};

/// How many tokens and literals of the document are passed.
pub(super) struct Passed {
    pub(super) tokens: u32,
    pub(super) literals: u32,
}

impl Passed {
    /// An operation; `shorthand` if it has no keyword.
    pub(super) fn operation(
        &mut self,
        name: Option<&ParsedName>,
        operation: &parsed::OperationDefinition,
        shorthand: bool,
    ) -> OperationDefinition {
        let at = self.here();
        self.description(&operation.directives);
        self.pass(u32::from(!shorthand));
        OperationDefinition {
            at,
            kind: match operation.ty {
                parsed::OperationType::Query => OperationKind::Query,
                parsed::OperationType::Mutation => OperationKind::Mutation,
                parsed::OperationType::Subscription => OperationKind::Subscription,
            },
            name: name.map(|name| self.name(name)),
            variables: self
                .row(&operation.variable_definitions, |passed, variable| passed.variable(&variable.node)),
            directives: self.directives(&operation.directives),
            selection_set: self.selection_set(&operation.selection_set),
        }
    }

    /// A fragment.
    pub(super) fn fragment(
        &mut self,
        name: &ParsedName,
        fragment: &parsed::FragmentDefinition,
    ) -> FragmentDefinition {
        let at = self.here();
        self.description(&fragment.directives);
        self.pass(1);
        FragmentDefinition {
            at,
            name: self.name(name),
            type_condition: self.type_condition(&fragment.type_condition.node),
            directives: self.directives(&fragment.directives),
            selection_set: self.selection_set(&fragment.selection_set),
        }
    }

    fn variable(&mut self, definition: &parsed::VariableDefinition) -> VariableDefinition {
        let at = self.here();
        self.description(&definition.directives);
        self.pass(1);
        let name = self.name(&definition.name.node);
        self.pass(1);
        let ty = self.ty(&definition.var_type.node);
        let default = pseudo(&definition.directives, DEFAULT).map(|value| {
            self.pass(1);
            self.value(value)
        });
        VariableDefinition { at, name, ty, default, directives: self.directives(&definition.directives) }
    }

    fn ty(&mut self, ty: &parsed::Type) -> Type {
        let nullable = match &ty.base {
            parsed::BaseType::Named(name) => Type::Named(self.name(name)),
            parsed::BaseType::List(item) => {
                self.pass(1);
                let item = self.ty(item);
                self.pass(1);
                Type::List(Box::new(item))
            }
        };
        if ty.nullable {
            return nullable;
        }
        self.pass(1);
        Type::NonNull(Box::new(nullable))
    }

    fn selection_set(&mut self, set: &Positioned<parsed::SelectionSet>) -> Vec<Selection> {
        self.row(&set.node.items, |passed, selection| match &selection.node {
            parsed::Selection::Field(field) => Selection::Field(passed.field(&field.node)),
            parsed::Selection::FragmentSpread(spread) => {
                let at = passed.here();
                passed.pass(1);
                Selection::FragmentSpread(FragmentSpread {
                    at,
                    name: passed.name(&spread.node.fragment_name.node),
                    directives: passed.directives(&spread.node.directives),
                })
            }
            parsed::Selection::InlineFragment(fragment) => {
                Selection::InlineFragment(passed.inline_fragment(&fragment.node))
            }
        })
    }

    fn field(&mut self, field: &parsed::Field) -> Field {
        let at = self.here();
        let alias = field.alias.as_ref().map(|alias| {
            let alias = self.name(&alias.node);
            self.pass(1);
            alias
        });
        Field {
            at,
            alias,
            name: self.name(&field.name.node),
            arguments: self.arguments(&field.arguments),
            directives: self.directives(&field.directives),
            braces: (!field.selection_set.node.items.is_empty()).then(|| self.here()),
            selection_set: self.selection_set(&field.selection_set),
        }
    }

    fn inline_fragment(&mut self, fragment: &parsed::InlineFragment) -> InlineFragment {
        let at = self.here();
        self.pass(1);
        InlineFragment {
            at,
            type_condition: fragment.type_condition.as_ref().map(|on| self.type_condition(&on.node)),
            directives: self.directives(&fragment.directives),
            selection_set: self.selection_set(&fragment.selection_set),
        }
    }

    fn type_condition(&mut self, condition: &parsed::TypeCondition) -> Name {
        self.pass(1);
        self.name(&condition.on.node)
    }

    /// The directives of the request, without those that hold a description or a default.
    fn directives(&mut self, directives: &[Positioned<parsed::Directive>]) -> Vec<Directive> {
        let theirs = directives.iter().filter(|directive| original(&directive.node.name.node).is_some());
        theirs
            .map(|directive| {
                let at = self.here();
                self.pass(1);
                Directive {
                    at,
                    name: self.name(&directive.node.name.node),
                    arguments: self.arguments(&directive.node.arguments),
                }
            })
            .collect()
    }

    fn arguments(
        &mut self,
        arguments: &[(Positioned<ParsedName>, Positioned<ParsedValue>)],
    ) -> Vec<Argument> {
        self.row(arguments, |passed, (name, value)| {
            let name = passed.name(&name.node);
            passed.pass(1);
            Argument { name, value: passed.value(&value.node) }
        })
    }

    fn value(&mut self, value: &ParsedValue) -> Value {
        let at = self.here();
        self.pass(1);
        let kind = match value {
            ParsedValue::Variable(name) => ValueKind::Variable(self.name(name).text),
            ParsedValue::Number(number) if number.is_f64() => ValueKind::Float(self.hole()),
            ParsedValue::Number(_) => ValueKind::Int(self.hole()),
            ParsedValue::String(_) => ValueKind::String(self.hole()),
            ParsedValue::Boolean(value) => ValueKind::Boolean(*value),
            ParsedValue::Enum(name) => ValueKind::Enum(original(name).unwrap_or_default().to_owned()),
            ParsedValue::List(values) => {
                let values = values.iter().map(|value| self.value(value)).collect();
                self.pass(1);
                ValueKind::List(values)
            }
            ParsedValue::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| self.object_field(key, value)).collect();
                self.pass(1);
                ValueKind::Object(fields)
            }
            // Binary values come from variables only, never from text.
            ParsedValue::Null | ParsedValue::Binary(_) => ValueKind::Null,
        };
        Value { at, kind }
    }

    fn object_field(&mut self, key: &ParsedName, value: &ParsedValue) -> (Name, Value) {
        let key = self.name(key);
        self.pass(1);
        (key, self.value(value))
    }

    /// Passes a description, if there is one: it comes before the node that it describes.
    fn description(&mut self, directives: &[Positioned<parsed::Directive>]) {
        if pseudo(directives, DESCRIPTION).is_some() {
            self.pass(1);
            self.hole();
        }
    }

    /// The items between two brackets; without items there are no brackets.
    fn row<T, U>(&mut self, items: &[T], mut convert: impl FnMut(&mut Self, &T) -> U) -> Vec<U> {
        let brackets = u32::from(!items.is_empty());
        self.pass(brackets);
        let converted = items.iter().map(|item| convert(self, item)).collect();
        self.pass(brackets);
        converted
    }

    fn name(&mut self, name: &ParsedName) -> Name {
        let at = self.here();
        self.pass(1);
        Name { text: original(name).unwrap_or_default().to_owned(), at }
    }

    fn hole(&mut self) -> Hole {
        self.literals += 1;
        Hole(self.literals - 1)
    }

    fn here(&self) -> At {
        At(self.tokens)
    }

    fn pass(&mut self, tokens: u32) {
        self.tokens += tokens;
    }
}

/// The value of one of the directives that the shape adds.
fn pseudo<'a>(directives: &'a [Positioned<parsed::Directive>], name: &str) -> Option<&'a ParsedValue> {
    let directive = directives.iter().find(|directive| directive.node.name.node == name)?;
    directive.node.arguments.first().map(|(_, value)| &value.node)
}
