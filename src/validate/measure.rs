//! Turns an operation into its size with all fragments expanded, without expanding them.

use super::nesting::nesting;
use crate::error::Error;
use crate::limits::{Limits, within};
use crate::syntax::ast::{Document, FragmentDefinition, OperationDefinition, Selection};
use std::collections::HashMap;

/// How large an operation is once its fragments are expanded. Counts stop at `u32::MAX`, they never wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measure {
    /// The deepest nesting of fields but those of introspection; `{ me { name } }` is 2.
    pub depth: u32,
    /// The deepest nesting of fields from `__schema` or `__type` on; `{ __schema { description } }` is 2.
    pub introspection_depth: u32,
    /// All fields.
    pub fields: u32,
    /// The fields with an alias.
    pub aliases: u32,
    /// All directives.
    pub directives: u32,
    /// The fields of the operation itself.
    pub root_fields: u32,
    /// Selection sets within each other, of the whole document.
    pub nesting: u32,
}

impl Measure {
    /// Checks the size against the limits.
    ///
    /// # Errors
    /// The first limit that it exceeds.
    pub fn check(&self, limits: &Limits) -> Result<(), Error> {
        within("max_nesting", self.nesting.into(), limits.nesting)?;
        within("max_depth", self.depth.into(), limits.depth)?;
        within("max_introspection_depth", self.introspection_depth.into(), limits.introspection_depth)?;
        within("max_root_fields", self.root_fields.into(), limits.root_fields)?;
        within("max_aliases", self.aliases.into(), limits.aliases)?;
        within("max_directives", self.directives.into(), limits.directives)?;
        within("max_fields", self.fields.into(), limits.fields)
    }

    /// Both beside each other in one selection set.
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            root_fields: self.root_fields.saturating_add(other.root_fields),
            nesting: self.nesting.max(other.nesting),
        }
    }
}

/// The size of an operation whose fragments make no cycle.
#[must_use]
pub fn measure(document: &Document, operation: &OperationDefinition) -> Measure {
    let nesting = u32::try_from(nesting(document)).unwrap_or(u32::MAX);
    Measure { nesting, ..Ruler::of(document).operation(operation) }
}

/// The sizes of all operations of a document whose fragments make no cycle.
///
/// Every fragment is measured once, so that a chain of fragments which doubles at each step costs its own length.
pub(super) fn measure_all(document: &Document) -> impl Iterator<Item = Measure> {
    let mut ruler = Ruler::of(document);
    document.operations.iter().map(move |operation| ruler.operation(operation))
}

struct Ruler<'a> {
    definitions: HashMap<&'a str, &'a FragmentDefinition>,
    fragments: HashMap<&'a str, Measure>,
}

impl<'a> Ruler<'a> {
    fn of(document: &'a Document) -> Self {
        let definitions = document.fragments.iter().map(|fragment| (fragment.name.text.as_str(), fragment));
        Self { definitions: definitions.collect(), fragments: HashMap::new() }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> Measure {
        let mut size = self.selection_set(&operation.selection_set);
        size.directives = size.directives.saturating_add(count(operation.directives.len()));
        size
    }

    fn selection_set(&mut self, selections: &'a [Selection]) -> Measure {
        selections.iter().map(|selection| self.selection(selection)).fold(Measure::default(), Measure::beside)
    }

    fn selection(&mut self, selection: &'a Selection) -> Measure {
        let (mut size, directives) = match selection {
            Selection::Field(field) => {
                let mut size = self.selection_set(&field.selection_set);
                size.depth = size.depth.saturating_add(1);
                if introspects(&field.name.text) {
                    // What lies below counts here alone: the usual introspection query is deeper than requests for data.
                    size.introspection_depth = size.introspection_depth.max(size.depth);
                    size.depth = 0;
                }
                size.fields = size.fields.saturating_add(1);
                size.aliases = size.aliases.saturating_add(u32::from(field.alias.is_some()));
                size.root_fields = 1;
                (size, &field.directives)
            }
            Selection::InlineFragment(inline) => {
                (self.selection_set(&inline.selection_set), &inline.directives)
            }
            Selection::FragmentSpread(spread) => (self.fragment(&spread.name.text), &spread.directives),
        };
        size.directives = size.directives.saturating_add(count(directives.len()));
        size
    }

    fn fragment(&mut self, name: &'a str) -> Measure {
        if let Some(size) = self.fragments.get(name) {
            return *size;
        }
        let found = self.definitions.get(name).copied();
        let size =
            found.map_or_else(Measure::default, |fragment| self.selection_set(&fragment.selection_set));
        self.fragments.insert(name, size);
        size
    }
}

/// Whether it is a field of the query root that the schema itself answers.
#[must_use]
pub fn introspects(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
