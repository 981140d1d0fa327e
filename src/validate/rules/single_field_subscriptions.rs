//! A subscription has one root field, which is no meta-field
//! ([spec](https://spec.graphql.org/October2021/#sec-Single-root-field)).

use super::{Report, Survey};
use crate::schema::TypeId;
use crate::syntax::ast::{Directive, Field, OperationKind, Selection, ValueKind};
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;
use std::collections::{HashMap, HashSet};

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let Some(root) = survey.schema.subscription else { return };
    for definition in &survey.definitions {
        let DefinitionKind::Operation(operation, _) = definition.kind else { continue };
        if operation.kind != OperationKind::Subscription {
            continue;
        }
        let mut roots =
            Roots { survey, root, groups: Vec::new(), places: HashMap::new(), visited: HashSet::new() };
        roots.collect(&operation.selection_set);
        let name = operation.name.as_ref().map_or_else(
            || "Anonymous Subscription".to_owned(),
            |name| format!("Subscription \"{}\"", name.text),
        );
        if roots.groups.len() > 1 {
            let extra = roots.groups.iter().skip(1).flatten().map(|field| field.at);
            report.push(definition.enter, Violation::SubscriptionOfSeveralFields(name.clone()), extra);
        }
        let is_meta =
            |group: &&Vec<&Field>| group.first().is_some_and(|field| field.name.text.starts_with("__"));
        for group in roots.groups.iter().filter(is_meta) {
            let at = group.iter().map(|field| field.at);
            report.push(definition.enter, Violation::SubscriptionOfIntrospection(name.clone()), at);
        }
    }
}

struct Roots<'a, 's> {
    survey: &'s Survey<'a>,
    root: TypeId,
    /// The fields of each response key.
    groups: Vec<Vec<&'a Field>>,
    /// Where the group of a response key is.
    places: HashMap<&'a str, usize>,
    visited: HashSet<&'a str>,
}

impl<'a> Roots<'a, '_> {
    /// Notes the root fields in document order, with a stack of its own: chains of fragments may be long.
    fn collect(&mut self, selection_set: &'a [Selection]) {
        let mut stack = vec![selection_set.iter()];
        while let Some(selections) = stack.last_mut() {
            let Some(selection) = selections.next() else {
                stack.pop();
                continue;
            };
            if left_out(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => self.add(field),
                Selection::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref().map(|name| name.text.as_str());
                    if condition.is_none_or(|name| self.applies(name)) {
                        stack.push(inline.selection_set.iter());
                    }
                }
                Selection::FragmentSpread(spread) => stack.extend(self.fragment(&spread.name.text)),
            }
        }
    }

    fn fragment(&mut self, name: &'a str) -> Option<std::slice::Iter<'a, Selection>> {
        let definition = self.survey.definitions.get(*self.survey.fragments.get(name)?)?;
        let DefinitionKind::Fragment(fragment) = definition.kind else { return None };
        let first = self.visited.insert(name);
        (first && self.applies(&fragment.type_condition.text)).then(|| fragment.selection_set.iter())
    }

    fn applies(&self, condition: &str) -> bool {
        self.survey.schema.named(condition).is_some_and(|ty| self.survey.schema.is_a(self.root, ty))
    }

    fn add(&mut self, field: &'a Field) {
        let next = self.groups.len();
        let place = *self.places.entry(&field.response_key().text).or_insert(next);
        match self.groups.get_mut(place) {
            Some(group) => group.push(field),
            None => self.groups.push(vec![field]),
        }
    }
}

/// Whether a `@skip` or `@include` leaves it out whatever the variables are.
fn left_out(directives: &[Directive]) -> bool {
    directives.iter().any(|directive| {
        let condition = directive.arguments.iter().find(|argument| argument.name.text == "if");
        let value = condition.map(|condition| &condition.value.kind);
        match directive.name.text.as_str() {
            "skip" => value == Some(&ValueKind::Boolean(true)),
            "include" => value == Some(&ValueKind::Boolean(false)),
            _ => false,
        }
    })
}
