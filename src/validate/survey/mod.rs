//! Turns a document into lists of what stands in it, each item with the types around it: what the rules look at.
//!
//! A walk takes one step at each node that it enters or leaves. Rules that go over different lists then find things in
//! one order, that of the document.

mod walk;

use crate::schema::{self, DirectiveDefinition, Schema, TypeId, TypeRef};
use crate::suggest::{did_you_mean, suggestions};
use crate::syntax::Literal;
use crate::syntax::ast::{
    Argument, At, Directive, Document, Field, FragmentDefinition, FragmentSpread, InlineFragment, Name,
    OperationDefinition, Type, Value, ValueKind,
};
use std::collections::HashMap;
use std::ops::Range;

/// The number of a step of the walk.
pub(super) type Step = usize;

/// All that stands in a document.
pub(super) struct Survey<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a Document,
    pub(super) literals: &'a [Literal],
    /// Whether errors may name what the request does not: they would tell of a schema that is not to be seen.
    pub(super) suggestions: bool,
    /// Operations and fragments in the order of the document.
    pub(super) definitions: Vec<Definition<'a>>,
    /// The last fragment of each name, as a place in `definitions`.
    pub(super) fragments: HashMap<&'a str, usize>,
    pub(super) fields: Vec<FieldUse<'a>>,
    pub(super) inline_fragments: Vec<InlineUse<'a>>,
    pub(super) spreads: Vec<SpreadUse<'a>>,
    /// Selection sets with their inline fragments opened: those are no response level of their own.
    pub(super) selection_sets: Vec<SelectionSet>,
    pub(super) type_names: Vec<(Step, &'a Name)>,
    /// The nodes that can have directives.
    pub(super) sites: Vec<Site<'a>>,
    pub(super) directives: Vec<DirectiveUse<'a>>,
    /// The arguments of fields.
    pub(super) arguments: Vec<ArgumentUse<'a>>,
    /// All values, each before those inside of it.
    pub(super) values: Vec<ValueUse<'a>>,
    /// The step at which the document is left.
    pub(super) end: Step,
}

/// An operation or a fragment.
pub(super) struct Definition<'a> {
    pub(super) kind: DefinitionKind<'a>,
    pub(super) enter: Step,
    pub(super) leave: Step,
    pub(super) selection_set: usize,
    /// Its spreads, as places in `spreads`: those of a selection set before those further down.
    pub(super) spreads: Vec<usize>,
    /// The values below its own selection set and directives, in `values`.
    pub(super) values: Range<usize>,
    /// The step at which each of its variables is entered.
    pub(super) variables: Vec<Step>,
}

#[derive(Clone, Copy)]
pub(super) enum DefinitionKind<'a> {
    /// With the types of its variables; none for an unknown one.
    Operation(&'a OperationDefinition, &'a [Option<TypeRef>]),
    Fragment(&'a FragmentDefinition),
}

pub(super) struct FieldUse<'a> {
    pub(super) field: &'a Field,
    pub(super) parent: Option<TypeId>,
    pub(super) definition: Option<&'a schema::Field>,
    /// The selection set that has it, in `selection_sets`.
    pub(super) home: usize,
    pub(super) selection_set: Option<usize>,
    pub(super) enter: Step,
    pub(super) leave: Step,
}

pub(super) struct InlineUse<'a> {
    pub(super) inline: &'a InlineFragment,
    /// The type around it.
    pub(super) parent: Option<TypeId>,
    /// The type that it stands for.
    pub(super) ty: Option<TypeId>,
    pub(super) step: Step,
}

pub(super) struct SpreadUse<'a> {
    pub(super) spread: &'a FragmentSpread,
    pub(super) parent: Option<TypeId>,
    pub(super) step: Step,
}

pub(super) struct SelectionSet {
    pub(super) items: Vec<Item>,
    pub(super) step: Step,
}

#[derive(Clone, Copy)]
pub(super) enum Item {
    /// A place in `fields`.
    Field(usize),
    /// A place in `spreads`.
    Spread(usize),
}

pub(super) struct Site<'a> {
    pub(super) directives: &'a [Directive],
    pub(super) step: Step,
}

pub(super) struct DirectiveUse<'a> {
    pub(super) directive: &'a Directive,
    pub(super) definition: Option<&'a DirectiveDefinition>,
    pub(super) location: &'static str,
    pub(super) enter: Step,
    pub(super) leave: Step,
}

pub(super) struct ArgumentUse<'a> {
    pub(super) argument: &'a Argument,
    /// The field that has it, in `fields`.
    pub(super) field: usize,
    pub(super) step: Step,
}

pub(super) struct ValueUse<'a> {
    pub(super) value: &'a Value,
    /// The name under which an object has it.
    pub(super) key: Option<&'a Name>,
    /// What is expected here.
    pub(super) ty: Option<&'a TypeRef>,
    /// What is expected of the list or object around it.
    pub(super) around: Option<&'a TypeRef>,
    /// Whether the argument or field has a default for an absent variable.
    pub(super) has_default: bool,
    pub(super) step: Step,
    /// The values inside of it end before this place in `values`.
    pub(super) end: usize,
}

/// The types of all variables of a document, by operation.
pub(super) fn variable_types(schema: &Schema, document: &Document) -> Vec<Vec<Option<TypeRef>>> {
    let of = |operation: &OperationDefinition| {
        operation.variables.iter().map(|variable| schema.type_ref(&variable.ty)).collect()
    };
    document.operations.iter().map(of).collect()
}

impl<'a> Survey<'a> {
    /// Walks through the document, whose variables have these types.
    pub(super) fn of(
        schema: &'a Schema,
        document: &'a Document,
        literals: &'a [Literal],
        types: &'a [Vec<Option<TypeRef>>],
        suggestions: bool,
    ) -> Self {
        let mut survey = Self {
            schema,
            document,
            literals,
            suggestions,
            definitions: Vec::new(),
            fragments: HashMap::new(),
            fields: Vec::new(),
            inline_fragments: Vec::new(),
            spreads: Vec::new(),
            selection_sets: Vec::new(),
            type_names: Vec::new(),
            sites: Vec::new(),
            directives: Vec::new(),
            arguments: Vec::new(),
            values: Vec::new(),
            end: 0,
        };
        let operations = document.operations.iter().zip(types);
        let operations = operations.map(|(operation, types)| DefinitionKind::Operation(operation, types));
        let fragments = document.fragments.iter().map(DefinitionKind::Fragment);
        let mut kinds: Vec<_> = operations.chain(fragments).collect();
        kinds.sort_by_key(|kind| match kind {
            DefinitionKind::Operation(operation, _) => operation.at,
            DefinitionKind::Fragment(fragment) => fragment.at,
        });
        for kind in kinds {
            survey.definition(kind);
        }
        survey.step();
        survey
    }

    /// The type of a fragment, if it is one that has fields.
    pub(super) fn composite(&self, name: &str) -> Option<TypeId> {
        self.schema.named(name).filter(|id| self.schema.get(*id).is_composite())
    }

    /// The fragment that a spread names, as a place in `definitions`.
    pub(super) fn fragment_of(&self, spread: usize) -> Option<usize> {
        self.fragments.get(self.spreads.get(spread)?.spread.name.text.as_str()).copied()
    }

    /// "Did you mean …?" with those of the known names that are like this one.
    pub(super) fn suggestion<'n>(&self, name: &str, known: impl Iterator<Item = &'n str>) -> String {
        self.suggestion_of("", name, known)
    }

    /// As [`Self::suggestion`], and saying `what` the names are.
    pub(super) fn suggestion_of<'n>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> String {
        if self.suggestions { did_you_mean(what, &suggestions(name, known)) } else { String::new() }
    }

    /// The variables that a definition reads, with those of the fragments that it spreads.
    pub(super) fn variables_of(&self, operation: usize) -> Vec<&ValueUse<'a>> {
        let fragments = self.reached([operation]);
        let definitions = std::iter::once(operation).chain(fragments);
        let values = definitions.filter_map(|at| self.values.get(self.definitions.get(at)?.values.clone()));
        values.flatten().filter(|found| matches!(found.value.kind, ValueKind::Variable(_))).collect()
    }

    /// The fragments that definitions spread, directly or by way of others, in the order in which they are met.
    pub(super) fn reached(&self, from: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut seen = vec![false; self.definitions.len()];
        let mut reached = Vec::new();
        let mut pending: Vec<usize> = from.into_iter().collect();
        let mut next = 0;
        while let Some(at) = pending.get(next).copied() {
            next += 1;
            let spreads = self.definitions.get(at).map_or(&[][..], |definition| &definition.spreads);
            for fragment in spreads.iter().filter_map(|spread| self.fragment_of(*spread)) {
                if let Some(seen) = seen.get_mut(fragment).filter(|seen| !**seen) {
                    *seen = true;
                    reached.push(fragment);
                    pending.push(fragment);
                }
            }
        }
        reached
    }
}

/// The name inside of all lists and non-nulls.
pub(super) fn type_name(ty: &Type) -> &Name {
    match ty {
        Type::Named(name) => name,
        Type::List(inner) | Type::NonNull(inner) => type_name(inner),
    }
}

impl Definition<'_> {
    /// Its first token.
    pub(super) fn at(&self) -> At {
        match self.kind {
            DefinitionKind::Operation(operation, _) => operation.at,
            DefinitionKind::Fragment(fragment) => fragment.at,
        }
    }
}
