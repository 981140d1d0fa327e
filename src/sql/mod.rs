//! Turns a [`Plan`] into a [`Program`]: SQL text with `$n`, and the parameters. It cannot fail.
//!
//! JSON is built as text: `concat` and an aggregate over sub-selects that are in order already are four to five
//! times as fast as `jsonb_build_object` and `jsonb_agg` (ARCHITECTURE.md has the figures).

mod ast;
mod connection;
mod json;
mod object;
mod print;

use crate::plan::{self, Checks, Gap, Member, Parameter, Plan, Value};
use crate::schema::Identifier;
use crate::syntax::At;
use object::Builder;

/// The statements that answer an operation. `S` is what a statement has become: text, or text with a plan.
#[derive(Debug)]
pub struct Program<S = Statement> {
    /// What is called before, where something can be written: each gives whether all was ready.
    pub fills: Vec<S>,
    /// What is done, in this order. A query is one step.
    pub steps: Vec<Step<S>>,
    /// Whether each step gives the value of one root field, and not the whole answer: the steps of a mutation.
    pub serial: bool,
    /// What is looked at before the first statement runs.
    pub checks: Checks,
    /// What is looked for in the answer.
    pub gaps: Vec<Gap>,
    /// How many sub-selects read a table: PostgreSQL's planner takes a quarter of a megabyte for each.
    pub relations: u64,
}

/// A call, if it is for a field that writes, and then a statement that gives JSON text.
#[derive(Debug)]
pub struct Step<S> {
    /// The root field that the step is for; none where there are several.
    pub field: Option<RootField>,
    /// The call of a function that writes.
    pub call: Option<Call<S>>,
    /// The events that the selection is made for, each time anew: the step of a subscription.
    pub events: Option<Events<S>>,
    /// One row with one column: the answer, or the field's value, as JSON text. No row for an event whose own is not there.
    pub selection: S,
}

/// A call of a function that gives back the row which it has written.
#[derive(Debug)]
pub struct Call<S> {
    /// One row with one column: the row that was written.
    pub statement: S,
    /// The column of that row which holds the tenant's key.
    pub tenant: Identifier,
}

/// The events of a subscription.
#[derive(Debug)]
pub struct Events<S> {
    /// Their topic.
    pub topic: String,
    /// What they are about.
    pub subject: Option<Subject<S>>,
}

/// What the events of a subscription are about.
#[derive(Debug)]
pub struct Subject<S> {
    /// One row with one column: the key of the row; no row where it is not there for the caller.
    pub statement: S,
    /// What it is called, such as `post`.
    pub name: String,
}

/// A field of the operation's root.
#[derive(Debug, Clone)]
pub struct RootField {
    /// Its response key.
    pub key: String,
    /// Where it stands.
    pub at: At,
}

/// One SQL statement. Plans of one shape have the same text.
#[derive(Debug)]
pub struct Statement {
    /// The text.
    pub text: String,
    /// The values of `$1`, `$2`, …
    pub parameters: Vec<Parameter>,
}

/// The statements that answer a plan.
#[must_use]
pub fn build(plan: Plan<'_>) -> Program {
    let Plan { root, serial, fills, checks, gaps } = plan;
    let fills = fills.into_iter().map(|function| statement(&object::fill(function))).collect();
    let (steps, relations): (Vec<_>, Vec<_>) = if serial {
        root.iter().map(|member| step(Some(member), |builder| builder.member(&member.value))).unzip()
    } else {
        let only = if let [only] = root.as_slice() { Some(only) } else { None };
        std::iter::once(step(only, |builder| builder.answer(&root))).unzip()
    };
    Program { fills, steps, serial, checks, gaps, relations: relations.iter().sum() }
}

/// A step, and how many sub-selects it has.
fn step(
    member: Option<&Member<Value<'_>>>,
    select: impl FnOnce(&mut Builder) -> ast::Select,
) -> (Step<Statement>, u64) {
    let mut builder = Builder::default();
    let selection = statement(&select(&mut builder));
    let call = match member.map(|member| &member.value) {
        Some(Value::Written { call, entity, .. }) => {
            Some(Call { statement: statement(&object::call(call, entity)), tenant: entity.tenant.clone() })
        }
        _ => None,
    };
    let events = match member.map(|member| &member.value) {
        Some(Value::Event { events, .. }) => Some(self::events(events)),
        _ => None,
    };
    let field = member.map(|member| RootField { key: member.key.clone(), at: member.at });
    (Step { field, call, events, selection }, builder.relations())
}

fn events(events: &plan::Events<'_>) -> Events<Statement> {
    let subject = events.subject.as_ref().map(|rows| Subject {
        statement: statement(&Builder::default().key(rows)),
        name: rows.entity.name.to_lowercase(),
    });
    Events { topic: events.topic.to_owned(), subject }
}

fn statement(select: &ast::Select) -> Statement {
    let (text, parameters) = print::print(select);
    Statement { text, parameters }
}

impl<S> Program<S> {
    /// The same with each statement turned into something else.
    #[must_use]
    pub fn map<T>(self, mut turn: impl FnMut(S) -> T) -> Program<T> {
        let Self { fills, steps, serial, checks, gaps, relations } = self;
        let fills = fills.into_iter().map(&mut turn).collect();
        let steps = steps.into_iter().map(|Step { field, call, events, selection }| {
            let call = call.map(|Call { statement, tenant }| Call { statement: turn(statement), tenant });
            let events = events.map(|Events { topic, subject }| {
                let turned = |Subject { statement, name }| Subject { statement: turn(statement), name };
                Events { topic, subject: subject.map(turned) }
            });
            Step { field, call, events, selection: turn(selection) }
        });
        Program { fills, steps: steps.collect(), serial, checks, gaps, relations }
    }

    /// The statements of all steps, in the order in which they run.
    pub fn statements(&self) -> impl Iterator<Item = &S> {
        self.steps.iter().flat_map(|step| {
            let call = step.call.iter().map(|call| &call.statement);
            let subject = step.events.iter().flat_map(|events| &events.subject);
            let subject = subject.map(|subject| &subject.statement);
            call.chain(subject).chain(std::iter::once(&step.selection))
        })
    }
}
