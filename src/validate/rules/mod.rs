//! The rules of [section 5](https://spec.graphql.org/October2021/#sec-Validation): one file each, named and ordered as
//! in graphql-js. `tests/rules` has a table of documents for each.

mod executable_definitions;
mod fields_on_correct_type;
mod fragments_on_composite_types;
mod known_argument_names;
mod known_directives;
mod known_fragment_names;
mod known_type_names;
mod lone_anonymous_operation;
mod max_introspection_depth;
mod no_fragment_cycles;
mod no_undefined_variables;
mod no_unused_fragments;
mod no_unused_variables;
mod overlapping_fields_can_be_merged;
mod possible_fragment_spreads;
mod provided_required_arguments;
mod scalar_leafs;
mod single_field_subscriptions;
mod unique_argument_names;
mod unique_directives_per_location;
mod unique_fragment_names;
mod unique_input_field_names;
mod unique_operation_names;
mod unique_variable_names;
mod values_of_correct_type;
mod variables_are_input_types;
mod variables_in_allowed_position;

use super::report::Report;
use super::survey::Survey;
use crate::syntax::ast::Name;
use std::collections::HashMap;

/// Looks through a document for what breaks it.
pub(super) type Rule = fn(&Survey<'_>, &mut Report);

/// Every rule by its name.
pub(super) const RULES: [(&str, Rule); 27] = [
    ("executable_definitions", executable_definitions::check),
    ("unique_operation_names", unique_operation_names::check),
    ("lone_anonymous_operation", lone_anonymous_operation::check),
    ("single_field_subscriptions", single_field_subscriptions::check),
    ("known_type_names", known_type_names::check),
    ("fragments_on_composite_types", fragments_on_composite_types::check),
    ("variables_are_input_types", variables_are_input_types::check),
    ("scalar_leafs", scalar_leafs::check),
    ("fields_on_correct_type", fields_on_correct_type::check),
    ("unique_fragment_names", unique_fragment_names::check),
    ("known_fragment_names", known_fragment_names::check),
    ("no_unused_fragments", no_unused_fragments::check),
    ("possible_fragment_spreads", possible_fragment_spreads::check),
    ("no_fragment_cycles", no_fragment_cycles::check),
    ("unique_variable_names", unique_variable_names::check),
    ("no_undefined_variables", no_undefined_variables::check),
    ("no_unused_variables", no_unused_variables::check),
    ("known_directives", known_directives::check),
    ("unique_directives_per_location", unique_directives_per_location::check),
    ("known_argument_names", known_argument_names::check),
    ("unique_argument_names", unique_argument_names::check),
    ("values_of_correct_type", values_of_correct_type::check),
    ("provided_required_arguments", provided_required_arguments::check),
    ("variables_in_allowed_position", variables_in_allowed_position::check),
    ("overlapping_fields_can_be_merged", overlapping_fields_can_be_merged::check),
    ("unique_input_field_names", unique_input_field_names::check),
    ("max_introspection_depth", max_introspection_depth::check),
];

/// The names that are there more than once, each with all its places, in the order of their first ones.
fn repeated<'a>(names: impl IntoIterator<Item = &'a Name>) -> Vec<Vec<&'a Name>> {
    let mut groups: Vec<Vec<&Name>> = Vec::new();
    let mut places = HashMap::new();
    for name in names {
        let place = *places.entry(name.text.as_str()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(name),
            None => groups.push(vec![name]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// The second and every later one of equal names, each with the first.
fn second<'a>(names: impl IntoIterator<Item = &'a Name>) -> Vec<[&'a Name; 2]> {
    let mut first: HashMap<&str, &Name> = HashMap::new();
    let mut found = Vec::new();
    for name in names {
        match first.get(name.text.as_str()) {
            Some(earlier) => found.push([*earlier, name]),
            None => drop(first.insert(&name.text, name)),
        }
    }
    found
}
