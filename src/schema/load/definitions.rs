//! Turns SDL text into the definitions that it has, which are not looked at yet.

use super::{SchemaError, sdl};
use async_graphql_parser::{Positioned, parse_schema};

#[derive(Default)]
pub(super) struct Definitions {
    pub(super) types: Vec<sdl::TypeDefinition>,
    pub(super) directives: Vec<sdl::DirectiveDefinition>,
    /// What `schema { … }` says; without it the roots are known by their names.
    schema: Option<sdl::SchemaDefinition>,
}

impl Definitions {
    /// The names of the roots of queries, mutations and subscriptions
    /// ([spec](https://spec.graphql.org/October2021/#sec-Root-Operation-Types.Default-Root-Operation-Type-Names)).
    pub(super) fn roots(&self) -> [Option<String>; 3] {
        let name = |name: &Option<Positioned<async_graphql_value::Name>>| {
            name.as_ref().map(|name| name.node.to_string())
        };
        match &self.schema {
            Some(schema) => [&schema.query, &schema.mutation, &schema.subscription].map(name),
            None => ["Query", "Mutation", "Subscription"].map(|name| Some(name.to_owned())),
        }
    }
}

/// The types, directives and roots of an SDL text.
pub(super) fn definitions(text: &str) -> Result<Definitions, SchemaError> {
    let document = parse_schema(text).map_err(|e| SchemaError::Syntax(e.to_string()))?;
    let mut found = Definitions::default();
    for definition in document.definitions {
        match definition {
            sdl::TypeSystemDefinition::Type(ty) if !ty.node.extend => found.types.push(ty.node),
            sdl::TypeSystemDefinition::Directive(mut directive) => {
                directive.node.is_repeatable = is_repeatable(text, &directive.node);
                found.directives.push(directive.node);
            }
            sdl::TypeSystemDefinition::Schema(schema) if !schema.node.extend => {
                found.schema = Some(schema.node);
            }
            _ => return Err(SchemaError::Unsupported("extension".to_owned())),
        }
    }
    Ok(found)
}

/// Whether `repeatable` stands before the locations. async-graphql-parser says so of every directive.
fn is_repeatable(text: &str, directive: &sdl::DirectiveDefinition) -> bool {
    let Some(location) = directive.locations.first() else { return false };
    let before = text.lines().take(location.pos.line.saturating_sub(1)).collect::<Vec<_>>().join(" ");
    let line = text.lines().nth(location.pos.line.saturating_sub(1)).unwrap_or_default();
    let start: String = line.chars().take(location.pos.column.saturating_sub(1)).collect();
    let before = format!("{before} {start}");
    let before = before.trim_end().trim_end_matches('|').trim_end();
    before.strip_suffix("on").is_some_and(|before| before.trim_end().ends_with("repeatable"))
}
