//! Turns a document without fragment cycles into how deep its selection sets lie within each other.

use crate::syntax::ast::{Document, Selection};
use std::collections::HashMap;

/// The deepest selection set, fragments expanded. A loop with a stack of its own: chains of fragments may be long.
pub(super) fn nesting(document: &Document) -> u64 {
    let outlines: HashMap<&str, Outline> =
        document.fragments.iter().map(|f| (f.name.text.as_str(), Outline::of(&f.selection_set))).collect();
    let mut heights: HashMap<&str, u64> = HashMap::new();
    for name in outlines.keys() {
        let mut stack = vec![*name];
        while let Some(top) = stack.last() {
            let Some(outline) = outlines.get(top).filter(|_| !heights.contains_key(top)) else {
                stack.pop();
                continue;
            };
            let unknown = outline
                .spreads
                .iter()
                .map(|(spread, _)| *spread)
                .find(|spread| outlines.contains_key(spread) && !heights.contains_key(spread));
            match unknown {
                Some(spread) => stack.push(spread),
                None => {
                    heights.insert(top, outline.height(&heights));
                }
            }
        }
    }
    let operations = document.operations.iter().map(|o| Outline::of(&o.selection_set).height(&heights));
    operations.chain(heights.values().copied()).max().unwrap_or(0)
}

/// What a selection set adds to the depth: its own, and the spreads with the depth at which they stand.
struct Outline<'a> {
    own: u64,
    spreads: Vec<(&'a str, u64)>,
}

impl<'a> Outline<'a> {
    fn of(selection_set: &'a [Selection]) -> Self {
        let mut outline = Self { own: 0, spreads: Vec::new() };
        outline.add(selection_set, 1);
        outline
    }

    fn add(&mut self, selection_set: &'a [Selection], depth: u64) {
        self.own = self.own.max(depth);
        for selection in selection_set {
            match selection {
                Selection::FragmentSpread(spread) => self.spreads.push((&spread.name.text, depth)),
                Selection::InlineFragment(inline) => self.add(&inline.selection_set, depth + 1),
                Selection::Field(field) if field.selection_set.is_empty() => {}
                Selection::Field(field) => self.add(&field.selection_set, depth + 1),
            }
        }
    }

    fn height(&self, heights: &HashMap<&str, u64>) -> u64 {
        let below =
            self.spreads.iter().map(|(spread, depth)| depth + heights.get(spread).copied().unwrap_or(0));
        below.fold(self.own, u64::max)
    }
}
