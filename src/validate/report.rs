//! Turns what the rules find into a list in the order of the document, and what they assume of values into one to check.

use super::survey::Step;
use super::violation::Violation;
use crate::error::{Error, Fault};
use crate::schema::{ScalarKind, is_date_time};
use crate::syntax::ast::Hole;
use crate::syntax::{At, Literal};

/// What the rules found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<(Step, usize, Fault)>,
    rule: usize,
    of_rule: usize,
    pub(super) assumptions: Assumptions,
}

impl Report {
    /// The most that anybody reads.
    const MOST: usize = 100;
    /// The most places of one fault: a cycle can have thousands.
    const MOST_PLACES: usize = 20;

    /// What follows is found by the next rule.
    pub(super) fn begin_rule(&mut self) {
        self.rule += 1;
        self.of_rule = 0;
    }

    /// Whether the rule may as well stop looking.
    pub(super) fn is_full(&self) -> bool {
        self.of_rule >= Self::MOST
    }

    /// Notes a violation that is met at this step of the walk, with the tokens where its parts stand.
    pub(super) fn push(&mut self, step: Step, violation: Violation, at: impl IntoIterator<Item = At>) {
        if !self.is_full() {
            self.of_rule += 1;
            let fault = Fault {
                at: at.into_iter().take(Self::MOST_PLACES).collect(),
                ..Fault::from(Error::Validation(Box::new(violation)))
            };
            self.found.push((step, self.rule, fault));
        }
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What is assumed; or the faults, in the order in which a walk through the document with all rules at once meets
    /// them.
    pub(super) fn into_result(mut self) -> Result<Assumptions, Vec<Fault>> {
        if self.found.is_empty() {
            return Ok(self.assumptions);
        }
        self.found.sort_by_key(|(step, rule, _)| (*step, *rule));
        Err(self.found.into_iter().take(Self::MOST).map(|(.., fault)| fault).collect())
    }
}

/// What validation has found to hold of a document's literals. A document of the same shape is valid as well if it holds
/// of its literals too.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Assumptions {
    /// Literals whose text decides whether they are values of the scalar.
    pub fit: Vec<(Hole, ScalarKind)>,
    /// Literals that must be equal, because merged fields have them in the same argument.
    pub equal: Vec<(Hole, Hole)>,
}

impl Assumptions {
    /// Whether all of it holds of these literals.
    #[must_use]
    pub fn hold(&self, literals: &[Literal]) -> bool {
        let literal = |hole: &Hole| literals.get(hole.0 as usize);
        self.fit.iter().all(|(hole, scalar)| literal(hole).is_some_and(|literal| fits(literal, *scalar)))
            && self.equal.iter().all(|(one, other)| literal(one) == literal(other))
    }
}

/// Whether the text of a literal that has the right form is a value of the scalar.
pub(super) fn fits(literal: &Literal, scalar: ScalarKind) -> bool {
    match (scalar, literal) {
        (ScalarKind::Int, Literal::Int(text)) => text.parse::<i32>().is_ok(),
        (ScalarKind::DateTime, literal) => is_date_time(literal.text()),
        _ => true,
    }
}
