//! The lists of introspection do not lie within each other again and again: types have fields, which have types.
//!
//! The specification has no such rule; it is graphql-js's, with its limit.

use super::{Report, Survey};
use crate::validate::Violation;
use crate::validate::survey::Item;
use std::collections::HashMap;

/// So many lists within each other are too many.
const MOST: usize = 3;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let mut depths = Depths { survey, fine: HashMap::new() };
    let mut refused = 0;
    for used in &survey.fields {
        if used.enter < refused {
            continue; // It stands in one that is refused.
        }
        let is_root = matches!(used.field.name.text.as_str(), "__schema" | "__type");
        if is_root && used.selection_set.is_some_and(|inner| depths.too_deep(inner, 0)) {
            refused = used.leave;
            report.push(used.enter, Violation::IntrospectionDepth, [used.field.at]);
        }
    }
}

struct Depths<'a, 's> {
    survey: &'s Survey<'a>,
    /// The greatest depth at which a fragment is known not to be too deep.
    fine: HashMap<usize, usize>,
}

impl Depths<'_, '_> {
    fn too_deep(&mut self, selection_set: usize, depth: usize) -> bool {
        let survey = self.survey;
        let items = survey.selection_sets.get(selection_set).map_or(&[][..], |found| &found.items);
        items.iter().any(|item| match item {
            Item::Field(place) => self.field_too_deep(*place, depth),
            Item::Spread(place) => self.spread_too_deep(*place, depth),
        })
    }

    fn field_too_deep(&mut self, place: usize, depth: usize) -> bool {
        let Some(used) = self.survey.fields.get(place) else { return false };
        let name = used.field.name.text.as_str();
        let list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        let depth = depth + usize::from(list);
        depth >= MOST || used.selection_set.is_some_and(|inner| self.too_deep(inner, depth))
    }

    fn spread_too_deep(&mut self, place: usize, depth: usize) -> bool {
        let survey = self.survey;
        let Some(fragment) = survey.fragment_of(place) else { return false };
        if self.fine.get(&fragment).is_some_and(|fine| *fine >= depth) {
            return false;
        }
        let inner = survey.definitions.get(fragment).map(|definition| definition.selection_set);
        let too_deep = inner.is_some_and(|inner| self.too_deep(inner, depth));
        if !too_deep {
            self.fine.insert(fragment, depth);
        }
        too_deep
    }
}
