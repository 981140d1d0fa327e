//! No fragment contains itself
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragment-Spreads-Must-Not-Form-Cycles)).

use super::{Report, Survey};
use crate::validate::Violation;
use crate::validate::survey::{Definition, DefinitionKind, Step};
use std::collections::{HashMap, HashSet};

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let mut search = Search { survey, report, done: HashSet::new() };
    for definition in &survey.definitions {
        if let DefinitionKind::Fragment(fragment) = definition.kind {
            search.visit(&fragment.name.text, definition);
        }
    }
}

struct Search<'a, 's, 'r> {
    survey: &'s Survey<'a>,
    report: &'r mut Report,
    done: HashSet<&'s str>,
}

/// A fragment on the way, and those of its spreads that are still to be followed.
struct Open<'s> {
    name: &'s str,
    pending: std::slice::Iter<'s, usize>,
}

impl<'s> Search<'_, 's, '_> {
    /// Follows the spreads from a fragment depth first, with a stack of its own: chains may be thousands long.
    fn visit(&mut self, name: &'s str, start: &'s Definition<'_>) {
        if !self.done.insert(name) {
            return;
        }
        let survey = self.survey;
        let mut way = vec![Open { name, pending: start.spreads.iter() }];
        let mut path: Vec<usize> = Vec::new();
        let mut places = HashMap::from([(name, 0)]);
        while let Some(open) = way.last_mut() {
            let Some(place) = open.pending.next().copied() else {
                places.remove(open.name);
                way.pop();
                path.pop();
                continue;
            };
            let Some(used) = survey.spreads.get(place) else { continue };
            let spread = used.spread.name.text.as_str();
            if let Some(from) = places.get(spread) {
                let cycle = path.iter().skip(*from).chain([&place]).copied().collect::<Vec<_>>();
                self.cycle(start.enter, &cycle);
                continue;
            }
            let fragment = survey.fragments.get(spread).and_then(|at| survey.definitions.get(*at));
            if let Some(fragment) = fragment.filter(|_| self.done.insert(spread)) {
                places.insert(spread, way.len());
                path.push(place);
                way.push(Open { name: spread, pending: fragment.spreads.iter() });
            }
        }
    }

    fn cycle(&mut self, step: Step, cycle: &[usize]) {
        let spreads =
            cycle.iter().filter_map(|place| self.survey.spreads.get(*place)).map(|used| used.spread);
        let mut names: Vec<String> = spreads.clone().map(|spread| spread.name.text.clone()).collect();
        let name = names.pop().unwrap_or_default();
        self.report.push(step, Violation::FragmentCycle { name, by: names }, spreads.map(|spread| spread.at));
    }
}
