//! Turns the places of a directive's definition into their names.

use async_graphql_parser::types::{DirectiveDefinition, DirectiveLocation as Location};

pub(super) fn names(directive: &DirectiveDefinition) -> Vec<&'static str> {
    // The parser does not know this place, where graphql-js lets `@deprecated` stand too.
    let unknown = (directive.name.node == "deprecated").then_some("DIRECTIVE_DEFINITION");
    directive.locations.iter().map(|location| name(location.node)).chain(unknown).collect()
}

/// A directive's location as the specification writes it
/// ([spec](https://spec.graphql.org/October2021/#DirectiveLocations)).
fn name(location: Location) -> &'static str {
    match location {
        Location::Query => "QUERY",
        Location::Mutation => "MUTATION",
        Location::Subscription => "SUBSCRIPTION",
        Location::Field => "FIELD",
        Location::FragmentDefinition => "FRAGMENT_DEFINITION",
        Location::FragmentSpread => "FRAGMENT_SPREAD",
        Location::InlineFragment => "INLINE_FRAGMENT",
        Location::VariableDefinition => "VARIABLE_DEFINITION",
        Location::Schema => "SCHEMA",
        Location::Scalar => "SCALAR",
        Location::Object => "OBJECT",
        Location::FieldDefinition => "FIELD_DEFINITION",
        Location::ArgumentDefinition => "ARGUMENT_DEFINITION",
        Location::Interface => "INTERFACE",
        Location::Union => "UNION",
        Location::Enum => "ENUM",
        Location::EnumValue => "ENUM_VALUE",
        Location::InputObject => "INPUT_OBJECT",
        Location::InputFieldDefinition => "INPUT_FIELD_DEFINITION",
    }
}
