//! Turns a case that fails into a smaller one that fails as well, by leaving out parts of it, the larger ones first.

use proptest::strategy::ValueTree;
use serde_json::json;

use super::Case;
use super::tokens::{group, tokens};
use crate::common::{ROLES, scopes};
use saas_blog::limits::Limits;

/// How many variations of a smaller case have to be harmless.
const VARIATIONS: u64 = 10;

/// A case, and what is left to be tried on it.
#[derive(Debug)]
pub(super) struct Shrinking {
    /// The smallest case that is known to fail.
    best: Case,
    /// The case on trial.
    current: Case,
    /// The number of the next simplification that is no cut.
    plain: usize,
    /// How many tokens are cut out, and from where.
    length: usize,
    from: usize,
    /// Whether any cut was good since the longest were tried.
    progress: bool,
}

impl Shrinking {
    pub(super) fn new(case: Case) -> Self {
        let length = tokens(&case.request.query).len();
        Self { best: case.clone(), current: case, plain: 0, length, from: 0, progress: false }
    }

    /// Takes the next smaller case on trial, if there is one; otherwise the best stays.
    fn propose(&mut self) -> bool {
        if let Some(case) = self.plainer() {
            self.current = case;
            return true;
        }
        let tokens = tokens(&self.best.request.query);
        while self.length > 0 {
            if self.from < tokens.len() {
                self.current = Case { variations: VARIATIONS, ..self.best.clone() };
                self.current.request.query = without(&tokens, self.from, self.length);
                return true;
            }
            self.from = 0;
            self.length = if self.length > 6 { self.length / 2 } else { self.length - 1 };
            if self.length == 0 && std::mem::take(&mut self.progress) {
                self.length = tokens.len();
            }
        }
        self.current = self.best.clone();
        false
    }

    /// The best case without something that is not its text.
    fn plainer(&mut self) -> Option<Case> {
        let names: Vec<String> =
            self.best.request.variables.as_object().into_iter().flat_map(|all| all.keys().cloned()).collect();
        let mut case = Case { variations: VARIATIONS, ..self.best.clone() };
        match self.plain {
            0 => case.request.operation_name = None,
            1 => case.request.limits = Limits::default(),
            2 => case.request.role = ROLES[2],
            3 => case.request.scopes = scopes(None),
            4 => case.request.variables = json!({}),
            place => {
                case.request.variables.as_object_mut()?.remove(names.get(place - 5)?);
            }
        }
        self.plain += 1;
        Some(case)
    }
}

/// The tokens without some of them, and without the brackets that follow these.
fn without(tokens: &[String], from: usize, length: usize) -> String {
    let mut to = (from + length).min(tokens.len());
    if length <= 6 {
        if let Some(opened) = (from..to).find_map(|at| group(tokens, at).filter(|group| group.end > to)) {
            to = opened.end;
        }
        while let Some(group) = group(tokens, to) {
            to = group.end;
        }
    }
    [&tokens[..from], &tokens[to..]].concat().join(" ")
}

impl ValueTree for Shrinking {
    type Value = Case;

    fn current(&self) -> Case {
        self.current.clone()
    }

    /// The case on trial has failed.
    fn simplify(&mut self) -> bool {
        self.progress |= self.current.request.query.len() < self.best.request.query.len();
        self.best = self.current.clone();
        self.propose()
    }

    /// The case on trial is harmless.
    fn complicate(&mut self) -> bool {
        self.from += usize::from(self.current.request.query != self.best.request.query);
        self.propose()
    }
}
