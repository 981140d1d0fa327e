//! The rules about whole definitions: [operations](https://spec.graphql.org/October2021/#sec-Validation.Operations)
//! and [fragments](https://spec.graphql.org/October2021/#sec-Validation.Fragments).

use super::Faults;
use crate::error::Violation;
use crate::schema::Schema;
use crate::syntax::ast::{Document, FragmentDefinition, Name, Selection};
use std::collections::{HashMap, HashSet};

/// Operations have names that tell them apart; nothing in a request defines types.
pub(super) fn definitions(document: &Document, faults: &mut Faults) {
    for at in &document.type_system {
        faults.push(Violation::NotExecutable("type system".to_owned()), *at);
    }
    let mut names = HashSet::new();
    for operation in &document.operations {
        match &operation.name {
            None if document.operations.len() > 1 => {
                faults.push(Violation::LoneAnonymousOperation, operation.at);
            }
            Some(name) if !names.insert(&name.text) => {
                faults.push(Violation::DuplicateOperation(name.text.clone()), name.at);
            }
            _ => {}
        }
    }
}

/// Fragments have names of their own, stand on types that have fields, and make no cycle.
pub(super) fn fragments(schema: &Schema, document: &Document, faults: &mut Faults) {
    let mut by_name: HashMap<&str, &FragmentDefinition> = HashMap::new();
    for fragment in &document.fragments {
        if by_name.insert(&fragment.name.text, fragment).is_some() {
            faults.push(Violation::DuplicateFragment(fragment.name.text.clone()), fragment.name.at);
        }
        type_condition(schema, &fragment.type_condition, faults);
    }
    let mut search = Search { by_name, done: HashSet::new(), faults };
    for fragment in &document.fragments {
        search.visit(fragment);
    }
}

/// A fragment stands on a type that has fields.
pub(super) fn type_condition(schema: &Schema, name: &Name, faults: &mut Faults) {
    match schema.named(&name.text) {
        None => faults.push(Violation::UnknownType(name.text.clone()), name.at),
        Some(id) if schema.get(id).is_leaf() => {
            faults.push(Violation::FragmentOnLeaf(name.text.clone()), name.at);
        }
        Some(_) => {}
    }
}

struct Search<'a, 'f> {
    by_name: HashMap<&'a str, &'a FragmentDefinition>,
    done: HashSet<&'a str>,
    faults: &'f mut Faults,
}

impl<'a> Search<'a, '_> {
    /// Follows the spreads from a fragment depth first, with a stack of our own: chains may be thousands long.
    fn visit(&mut self, start: &'a FragmentDefinition) {
        if !self.done.insert(&start.name.text) {
            return;
        }
        let mut open = HashSet::from([start.name.text.as_str()]);
        let mut stack = vec![(start.name.text.as_str(), spreads(&start.selection_set))];
        while let Some((name, pending)) = stack.last_mut() {
            let Some(spread) = pending.pop() else {
                open.remove(*name);
                stack.pop();
                continue;
            };
            if open.contains(spread.text.as_str()) {
                self.faults.push(Violation::FragmentCycle(spread.text.clone()), spread.at);
                continue;
            }
            let Some(next) = self.by_name.get(spread.text.as_str()) else { continue };
            if self.done.insert(&next.name.text) {
                open.insert(&next.name.text);
                stack.push((&next.name.text, spreads(&next.selection_set)));
            }
        }
    }
}

/// The spreads in a selection set, the first one last.
fn spreads(selection_set: &[Selection]) -> Vec<&Name> {
    let mut found = Vec::new();
    find_spreads(selection_set, &mut found);
    found.reverse();
    found
}

fn find_spreads<'a>(selection_set: &'a [Selection], found: &mut Vec<&'a Name>) {
    for selection in selection_set {
        match selection {
            Selection::FragmentSpread(spread) => found.push(&spread.name),
            Selection::Field(field) => find_spreads(&field.selection_set, found),
            Selection::InlineFragment(inline) => find_spreads(&inline.selection_set, found),
        }
    }
}
