//! Turns a directive in the SDL into its arguments, with the defaults that `bindings.graphql` declares.

use super::SchemaError;
use super::bindings::Identifier;
use async_graphql_parser::types::{
    ConstDirective, DirectiveDefinition, ServiceDocument, TypeSystemDefinition,
};
use async_graphql_parser::{Positioned, parse_schema};
use async_graphql_value::ConstValue;
use std::collections::HashMap;

const BINDINGS: &str = include_str!("bindings.graphql");

/// The directives that bind the schema to SQL: name → argument → default.
pub(super) struct Declarations(HashMap<String, HashMap<String, Option<ConstValue>>>);

/// One use of a directive: every declared argument that is given or has a default.
pub(super) struct Use {
    name: String,
    values: HashMap<String, ConstValue>,
}

impl Declarations {
    /// The private directives, and the public ones that an SDL text can use.
    pub(super) fn load(public: &[DirectiveDefinition]) -> Result<Self, SchemaError> {
        let document: ServiceDocument =
            parse_schema(BINDINGS).map_err(|e| SchemaError::Syntax(e.to_string()))?;
        let private = document.definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Directive(directive) => Some(&directive.node),
            _ => None,
        });
        Ok(Self(private.chain(public).map(declaration).collect()))
    }

    /// The use of the directive `name` among `directives`; an undeclared directive or argument is an error.
    pub(super) fn find(
        &self,
        directives: &[Positioned<ConstDirective>],
        name: &str,
    ) -> Result<Option<Use>, SchemaError> {
        for directive in directives {
            let known = directive.node.name.node.as_str();
            let declared =
                self.0.get(known).ok_or_else(|| SchemaError::UnknownDirective(known.to_owned()))?;
            if known != name {
                continue;
            }
            let mut values: HashMap<String, ConstValue> = declared
                .iter()
                .filter_map(|(argument, default)| Some((argument.clone(), default.clone()?)))
                .collect();
            for (argument, value) in &directive.node.arguments {
                let argument = argument.node.to_string();
                if !declared.contains_key(&argument) {
                    return Err(SchemaError::UnknownDirective(format!("{known}({argument}:)")));
                }
                values.insert(argument, value.node.clone());
            }
            return Ok(Some(Use { name: name.to_owned(), values }));
        }
        Ok(None)
    }
}

fn declaration(directive: &DirectiveDefinition) -> (String, HashMap<String, Option<ConstValue>>) {
    let arguments = directive.arguments.iter().map(|argument| {
        let argument = &argument.node;
        (argument.name.node.to_string(), argument.default_value.as_ref().map(|value| value.node.clone()))
    });
    (directive.name.node.to_string(), arguments.collect())
}

impl Use {
    fn wrong(&self, argument: &str) -> SchemaError {
        SchemaError::Argument { directive: self.name.clone(), argument: argument.to_owned() }
    }

    pub(super) fn string(&self, argument: &str) -> Result<Option<String>, SchemaError> {
        match self.values.get(argument) {
            None | Some(ConstValue::Null) => Ok(None),
            Some(ConstValue::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(argument)),
        }
    }

    pub(super) fn required(&self, argument: &str) -> Result<String, SchemaError> {
        self.string(argument)?.ok_or_else(|| self.wrong(argument))
    }

    pub(super) fn identifier(&self, argument: &str) -> Result<Identifier, SchemaError> {
        self.required(argument).map(Identifier::new)
    }

    pub(super) fn optional_identifier(&self, argument: &str) -> Result<Option<Identifier>, SchemaError> {
        Ok(self.string(argument)?.map(Identifier::new))
    }

    pub(super) fn boolean(&self, argument: &str) -> Result<bool, SchemaError> {
        match self.values.get(argument) {
            Some(ConstValue::Boolean(value)) => Ok(*value),
            _ => Err(self.wrong(argument)),
        }
    }

    pub(super) fn integer(&self, argument: &str) -> Result<u32, SchemaError> {
        match self.values.get(argument) {
            Some(ConstValue::Number(n)) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
            _ => None,
        }
        .ok_or_else(|| self.wrong(argument))
    }

    /// The enum value of an argument.
    pub(super) fn name(&self, argument: &str) -> Result<String, SchemaError> {
        match self.values.get(argument) {
            Some(ConstValue::Enum(name)) => Ok(name.to_string()),
            _ => Err(self.wrong(argument)),
        }
    }

    /// The enum values of a list argument; none where it is omitted.
    pub(super) fn names(&self, argument: &str) -> Result<Vec<String>, SchemaError> {
        let Some(value) = self.values.get(argument) else { return Ok(Vec::new()) };
        let ConstValue::List(items) = value else { return Err(self.wrong(argument)) };
        items
            .iter()
            .map(|item| match item {
                ConstValue::Enum(name) => Ok(name.to_string()),
                _ => Err(self.wrong(argument)),
            })
            .collect()
    }
}
