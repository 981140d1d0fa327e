//! Turns a schema into documents that are meant to be valid over it, but for what the given frequency of slips spoils.

use saas_blog::schema::{DirectiveDefinition, Field, InputValue, Schema, TypeId, TypeRef};

use super::values::{self, literal, name};
use crate::common::Random;

/// A document on its way.
pub(super) struct Grammar<'r> {
    schema: &'static Schema,
    random: &'r mut Random,
    /// One in so many choices is wrong; 0: none is.
    slips: usize,
    /// How many selections are left to be made.
    budget: usize,
    fragments: Vec<Fragment>,
    variables: Vec<(String, TypeRef)>,
    /// Fragments of earlier operations, whose names are taken.
    taken: usize,
}

struct Fragment {
    name: String,
    on: TypeId,
    /// `None` while it is written.
    text: Option<String>,
}

/// A document, and the types of its variables.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) variables: Vec<(String, TypeRef)>,
}

/// A document of one to three operations with their fragments.
pub(super) fn document(schema: &'static Schema, random: &mut Random) -> Written {
    let slips = [0, 0, 0, 60, 15, 4][random.below(6)];
    let operations = [1, 1, 1, 1, 2, 3][random.below(6)];
    let mut written = Written { text: String::new(), variables: Vec::new() };
    let mut taken = 0;
    for number in 0..operations {
        let budget = [4, 12, 30, 80][random.below(4)];
        let (fragments, variables) = (Vec::new(), Vec::new());
        let mut grammar = Grammar { schema, random, slips, budget, fragments, variables, taken };
        let anonymous = operations == 1 && grammar.one_in(3);
        let name = if anonymous { String::new() } else { format!("Op{number}") };
        let text = grammar.operation(&name);
        taken += grammar.fragments.len();
        written.variables.append(&mut grammar.variables);
        let mut parts: Vec<String> =
            grammar.fragments.into_iter().filter_map(|fragment| fragment.text).collect();
        parts.insert(random.below(parts.len() + 1), text);
        written.text.push_str(&parts.join("\n"));
        written.text.push('\n');
    }
    written
}

impl Grammar<'_> {
    fn one_in(&mut self, many: usize) -> bool {
        self.random.below(many) == 0
    }

    fn slips(&mut self) -> bool {
        self.slips > 0 && self.random.below(self.slips) == 0
    }

    fn operation(&mut self, name: &str) -> String {
        let schema = self.schema;
        let kinds = [
            ("query", Some(schema.query)),
            ("mutation", schema.mutation),
            ("subscription", schema.subscription),
        ];
        let (kind, root) = kinds[[0, 0, 0, 0, 1, 1, 1, 2][self.random.below(8)]];
        let selections = self.selection_set(root.unwrap_or(schema.query), 0);
        let directives = self.directives(&kind.to_uppercase());
        let definitions: Vec<String> =
            self.variables.clone().into_iter().map(|(name, ty)| self.variable(&name, &ty)).collect();
        if kind == "query" && name.is_empty() && definitions.is_empty() && directives.is_empty() {
            return selections;
        }
        let variables =
            if definitions.is_empty() { String::new() } else { format!("({})", definitions.join(" ")) };
        let description = if self.one_in(20) { "\"what it is for\" " } else { "" };
        format!("{description}{kind} {name}{variables}{directives}{selections}")
    }

    fn variable(&mut self, name: &str, ty: &TypeRef) -> String {
        let mut text = format!("${name}: {}", self.schema.display(ty));
        if self.one_in(3) {
            let constant = literal(self.schema, self.random, ty.nullable(), &mut |_, _| None);
            text = format!("{text} = {constant}");
        }
        text
    }

    /// `@skip`, `@include` and whatever else the schema has, where it may stand.
    fn directives(&mut self, location: &str) -> String {
        let mut text = String::new();
        // What a mutation can say of itself makes another operation of it.
        while self.one_in(if location == "MUTATION" { 3 } else { 12 }) {
            let slips = self.slips();
            let fits = |directive: &&DirectiveDefinition| slips || directive.locations.contains(&location);
            let fitting: Vec<_> = self.schema.directives.iter().filter(fits).collect();
            let Some(last) = fitting.len().checked_sub(1) else { break };
            let directive = fitting[self.random.below(last + 1)];
            if slips || !text.contains(&directive.name) {
                let arguments = self.arguments(&directive.arguments);
                text = format!("{text} @{}{arguments}", directive.name);
            }
        }
        text
    }

    fn selection_set(&mut self, parent: TypeId, depth: usize) -> String {
        let mut selections: Vec<String> = Vec::new();
        for _ in 0..=self.random.below(4) {
            if let Some(last) = selections.last().filter(|_| self.random.below(10) == 0) {
                selections.push(last.clone());
                continue;
            }
            let selection = self.selection(parent, depth);
            selections.push(selection);
        }
        format!("{{ {} }}", selections.join(" "))
    }

    fn selection(&mut self, parent: TypeId, depth: usize) -> String {
        self.budget = self.budget.saturating_sub(1);
        match self.random.below(9) {
            0 if depth < 10 => {
                let on = self.condition(parent);
                let condition = if on == parent && self.one_in(2) {
                    String::new()
                } else {
                    format!(" on {}", self.schema.get(on).name)
                };
                let directives = self.directives("INLINE_FRAGMENT");
                format!("...{condition}{directives} {}", self.selection_set(on, depth + 1))
            }
            1 if depth < 10 => {
                let fragment = self.fragment(parent, depth);
                let directives = self.directives("FRAGMENT_SPREAD");
                format!("...{fragment}{directives}")
            }
            _ => self.field(parent, depth),
        }
    }

    /// A type that a fragment on the parent can name.
    fn condition(&mut self, parent: TypeId) -> TypeId {
        let slips = self.slips();
        let fits = |id: &TypeId| self.schema.get(*id).is_composite() && self.schema.overlap(*id, parent);
        let ids = self.schema.types().map(|(id, _)| id);
        let fitting: Vec<TypeId> = ids.filter(|id| slips || fits(id)).collect();
        // Nothing fits where a slip has put a selection set on a leaf.
        if fitting.is_empty() || self.one_in(2) { parent } else { fitting[self.random.below(fitting.len())] }
    }

    /// The name of a fragment for the parent: an earlier one, or a new one.
    fn fragment(&mut self, parent: TypeId, depth: usize) -> String {
        let (slips, again, schema) = (self.slips(), self.one_in(2), self.schema);
        let usable = |fragment: &&Fragment| {
            slips || fragment.text.is_some() && schema.overlap(fragment.on, parent) && again
        };
        let known: Vec<String> = self.fragments.iter().filter(usable).map(|f| f.name.clone()).collect();
        if !known.is_empty() {
            return known[self.random.below(known.len())].clone();
        }
        let (on, number) = (self.condition(parent), self.fragments.len());
        let name = format!("F{}", self.taken + number);
        self.fragments.push(Fragment { name: name.clone(), on, text: None });
        let directives = self.directives("FRAGMENT_DEFINITION");
        let selections = self.selection_set(on, depth + 1);
        self.fragments[number].text =
            Some(format!("fragment {name} on {}{directives} {selections}", schema.get(on).name));
        name
    }

    fn field(&mut self, parent: TypeId, depth: usize) -> String {
        let definition = self.schema.get(parent);
        let full = depth >= 10 || self.budget == 0;
        let schema = self.schema;
        let ends = |field: &&Field| schema.get(field.ty.named()).is_leaf();
        let fields: Vec<&Field> = definition.fields().iter().filter(|field| !full || ends(field)).collect();
        if self.slips() {
            return name(self.schema, self.random);
        }
        if fields.is_empty() || self.one_in(12) {
            return "__typename".to_owned();
        }
        let about = schema.field(parent, ["__schema", "__type"][self.random.below(2)]);
        let about = about.filter(|field| self.random.below(10) == 0 && (!full || ends(field)));
        let field = about.unwrap_or(fields[self.random.below(fields.len())]);
        let arguments = self.arguments(&field.arguments);
        // The same key with other arguments could not be merged.
        let alias = if (arguments.is_empty() || self.one_in(10)) && !self.one_in(12) {
            String::new()
        } else {
            format!("a{}: ", self.random.below(1_000))
        };
        let directives = self.directives("FIELD");
        let is_leaf = ends(&field) ^ self.slips();
        let selections =
            if is_leaf { String::new() } else { self.selection_set(field.ty.named(), depth + 1) };
        format!("{alias}{}{arguments}{directives} {selections}", field.name)
    }

    fn arguments(&mut self, declared: &[InputValue]) -> String {
        let mut arguments = Vec::new();
        // Two sizes for one page are refused.
        let mut sized = false;
        for argument in declared {
            let is_size = matches!(argument.name.as_str(), "first" | "last" | "limit");
            // Hardly any text is a cursor, and hardly any a tenant.
            let rare = matches!(argument.name.as_str(), "after" | "before" | "tenantId") && !self.one_in(6);
            let left_out = self.random.below(3) > 0 || is_size && sized || rare;
            let left_out = left_out && !argument.is_required();
            if left_out || self.slips() {
                continue;
            }
            sized |= is_size;
            let name = if self.slips() { name(self.schema, self.random) } else { argument.name.clone() };
            arguments.push(format!("{name}: {}", self.value(&argument.ty)));
        }
        if self.slips() {
            arguments.push(format!("{}: 1", name(self.schema, self.random)));
        }
        if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
    }

    fn value(&mut self, ty: &TypeRef) -> String {
        if self.slips() {
            return values::any(self.random, 3);
        }
        let (schema, slips, variables) = (self.schema, self.slips, &mut self.variables);
        literal(schema, self.random, ty, &mut |random, ty| {
            if random.below(3) > 0 {
                return None;
            }
            let careless = slips > 0 && random.below(slips) == 0;
            let fits = |known: &TypeRef| careless || known == ty;
            let known: Vec<&str> =
                variables.iter().filter(|(_, known)| fits(known)).map(|(name, _)| name.as_str()).collect();
            if !known.is_empty() && random.below(2) == 0 {
                return Some(format!("${}", known[random.below(known.len())]));
            }
            let name = format!("v{}", variables.len());
            variables.push((name.clone(), ty.clone()));
            Some(format!("${name}"))
        })
    }
}
