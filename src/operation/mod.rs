//! Turns a valid document, an operation name and variables into an [`Operation`]: one merged field tree.

mod collect;
mod input;

pub use collect::{Field, Operation, Source, collect};
pub use input::{Input, Inputs, Misfit, State, coerce, literal};

use crate::error::{Error, Fault, Unresolved};
use crate::schema::{Schema, TypeId, TypeRef};
use crate::syntax::At;
use crate::syntax::ast::{
    self, Directive, Document, FragmentDefinition, OperationDefinition, OperationKind, Selection, Value,
    ValueKind,
};
use crate::validate::{Assumptions, Measure, introspects, measure};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// A document with the operation that a request means.
#[derive(Debug)]
pub struct Executable {
    /// Tells it from every other one of the process.
    pub id: u64,
    document: Document,
    /// What must hold of the literals of a request of the same shape, or else it is not valid.
    pub assumptions: Assumptions,
    chosen: usize,
    /// The root type of the operation.
    pub root: TypeId,
    /// The operation's variables, in the order of their definitions.
    pub variables: Vec<Variable>,
    /// How large the operation is with its fragments expanded.
    pub measure: Measure,
    /// Whether it asks for more than the schema itself: for any root field but `__typename`, `__schema` and `__type`.
    pub asks_data: bool,
    /// The first `__schema` or `__type` of the operation, and where it stands.
    pub introspection: Option<(String, At)>,
    /// Whether what it does is taken back (`@dryRun`).
    pub dry_run: bool,
}

/// A variable definition whose type is known.
#[derive(Debug)]
pub struct Variable {
    /// The name without the dollar sign.
    pub name: String,
    /// Where it is defined.
    pub at: At,
    /// What it takes.
    pub ty: TypeRef,
    /// What it is when it is not given.
    pub default: Option<Value>,
    /// Whether a `@skip` or `@include` reads it, so that its value decides which fields there are.
    pub switch: bool,
}

impl Executable {
    /// The operation that the request means.
    #[must_use]
    pub fn operation(&self) -> Option<&OperationDefinition> {
        self.document.operations.get(self.chosen)
    }

    /// What kind of operation it is.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        self.operation().map_or(OperationKind::Query, |operation| operation.kind)
    }

    /// The document's selection set of a fragment, with its type condition.
    fn fragment(&self, name: &str) -> Option<&FragmentDefinition> {
        self.document.fragments.iter().find(|fragment| fragment.name.text == name)
    }

    /// The place of a variable among the definitions.
    fn variable(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|variable| variable.name == name)
    }
}

/// Which functions a request was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// `graphql.resolve`, `graphql.execute` and `graphql.explain`: queries and mutations.
    Execute,
    /// `graphql.subscribe` and `graphql.next`: subscriptions.
    Subscribe,
}

impl Entry {
    /// Whether the operation may be sent there.
    ///
    /// # Errors
    /// It goes to the other functions.
    pub fn takes(self, executable: &Executable) -> Result<(), Fault> {
        let kind = executable.kind();
        let error = match (self, kind) {
            (Self::Execute, OperationKind::Subscription) => Error::Subscription,
            (Self::Subscribe, OperationKind::Query | OperationKind::Mutation) => {
                Error::NotSubscription(word(kind))
            }
            _ => return Ok(()),
        };
        Err(Fault {
            error,
            at: executable.operation().map(|operation| operation.at).into_iter().collect(),
            path: Vec::new(),
        })
    }
}

/// The word for an operation of this kind.
fn word(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Query => "query",
        OperationKind::Mutation => "mutation",
        OperationKind::Subscription => "subscription",
    }
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Chooses the operation of a valid document
/// ([spec](https://spec.graphql.org/October2021/#GetOperation())).
///
/// # Errors
/// No operation, several without a name, an unknown name, or a kind of operation that the schema has no root for.
pub fn choose(
    schema: &Schema,
    document: Document,
    assumptions: Assumptions,
    name: Option<&str>,
) -> Result<Executable, Fault> {
    let chosen = position(&document, name).map_err(Error::Operation)?;
    let operation = document.operations.get(chosen).ok_or(Error::Operation(Unresolved::Nothing))?;
    let root = match operation.kind {
        OperationKind::Query => Some(schema.query),
        OperationKind::Mutation => schema.mutation,
        OperationKind::Subscription => schema.subscription,
    };
    let no_root = || Fault::at(Error::Operation(Unresolved::NoSuchRoot(word(operation.kind))), operation.at);
    let root = root.ok_or_else(no_root)?;
    let switches = switches(&document);
    let variables = operation.variables.iter().filter_map(|definition| {
        Some(Variable {
            name: definition.name.text.clone(),
            at: definition.at,
            ty: schema.type_ref(&definition.ty)?,
            default: definition.default.clone(),
            switch: switches.contains(&definition.name.text),
        })
    });
    let variables = variables.collect();
    let measure = measure(&document, operation);
    let fields = fields_of(&document, &operation.selection_set);
    let asks_data = fields.root.iter().any(|name| *name != "__typename" && !introspects(name));
    let introspection = fields.schema.map(|field| (field.name.text.clone(), field.at));
    let dry_run = operation.directives.iter().any(|directive| directive.name.text == "dryRun");
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(Executable {
        id,
        document,
        assumptions,
        chosen,
        root,
        variables,
        measure,
        asks_data,
        introspection,
        dry_run,
    })
}

/// Fields of an operation, each fragment looked at once.
#[derive(Default)]
struct Fields<'a> {
    /// Those of the root.
    root: Vec<&'a str>,
    /// The first `__schema` or `__type` anywhere.
    schema: Option<&'a ast::Field>,
}

fn fields_of<'a>(document: &'a Document, selections: &'a [Selection]) -> Fields<'a> {
    let mut fields = Fields::default();
    find_fields(document, selections, true, &mut HashSet::new(), &mut fields);
    fields
}

fn find_fields<'a>(
    document: &'a Document,
    selections: &'a [Selection],
    at_root: bool,
    seen: &mut HashSet<(&'a str, bool)>,
    fields: &mut Fields<'a>,
) {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                if at_root {
                    fields.root.push(&field.name.text);
                }
                if introspects(&field.name.text) {
                    fields.schema.get_or_insert(field);
                }
                find_fields(document, &field.selection_set, false, seen, fields);
            }
            Selection::InlineFragment(inline) => {
                find_fields(document, &inline.selection_set, at_root, seen, fields);
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.name.text.as_str();
                let fragment = document.fragments.iter().find(|fragment| fragment.name.text == name);
                if let Some(fragment) = fragment.filter(|_| seen.insert((name, at_root))) {
                    find_fields(document, &fragment.selection_set, at_root, seen, fields);
                }
            }
        }
    }
}

fn position(document: &Document, name: Option<&str>) -> Result<usize, Unresolved> {
    let Some(name) = name else {
        return match document.operations.len() {
            0 => Err(Unresolved::Nothing),
            1 => Ok(0),
            _ => Err(Unresolved::Ambiguous),
        };
    };
    let named = |operation: &OperationDefinition| operation.name.as_ref().is_some_and(|n| n.text == name);
    document.operations.iter().position(named).ok_or_else(|| Unresolved::Unknown(name.to_owned()))
}

/// The variables that any `@skip` or `@include` of the document reads.
fn switches(document: &Document) -> HashSet<String> {
    let mut found = HashSet::new();
    for operation in &document.operations {
        find_switches(&operation.selection_set, &mut found);
    }
    for fragment in &document.fragments {
        find_switches(&fragment.selection_set, &mut found);
    }
    found
}

fn find_switches(selection_set: &[Selection], found: &mut HashSet<String>) {
    for selection in selection_set {
        let (directives, inner): (&[Directive], &[Selection]) = match selection {
            Selection::Field(field) => (&field.directives, &field.selection_set),
            Selection::InlineFragment(fragment) => (&fragment.directives, &fragment.selection_set),
            Selection::FragmentSpread(spread) => (&spread.directives, &[]),
        };
        for argument in directives.iter().flat_map(|directive| &directive.arguments) {
            if let ValueKind::Variable(name) = &argument.value.kind {
                found.insert(name.clone());
            }
        }
        find_switches(inner, found);
    }
}
