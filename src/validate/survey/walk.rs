//! The walk through a document: a step at each node that it enters or leaves.

use super::{
    ArgumentUse, Definition, DefinitionKind, DirectiveUse, FieldUse, InlineUse, Item, SelectionSet, Site,
    SpreadUse, Step, Survey, ValueUse, type_name,
};
use crate::schema::{self, TypeId, TypeKind, TypeRef};
use crate::syntax::ast::{
    Argument, Directive, Field, InlineFragment, Name, OperationDefinition, OperationKind, Selection, Value,
    ValueKind,
};

impl<'a> Survey<'a> {
    pub(super) fn step(&mut self) -> Step {
        self.end += 1;
        self.end
    }

    pub(super) fn definition(&mut self, kind: DefinitionKind<'a>) {
        let at = self.definitions.len();
        let enter = self.step();
        let mut values = self.values.len();
        self.definitions.push(Definition {
            kind,
            enter,
            leave: enter,
            selection_set: 0,
            spreads: Vec::new(),
            values: 0..0,
            variables: Vec::new(),
        });
        let mut variables = Vec::new();
        let selection_set = match kind {
            DefinitionKind::Operation(operation, types) => {
                let (root, location) = match operation.kind {
                    OperationKind::Query => (Some(self.schema.query), "QUERY"),
                    OperationKind::Mutation => (self.schema.mutation, "MUTATION"),
                    OperationKind::Subscription => (self.schema.subscription, "SUBSCRIPTION"),
                };
                variables = self.variables(operation, types);
                values = self.values.len();
                self.site(&operation.directives, location, enter);
                self.selection_set(root, &operation.selection_set)
            }
            DefinitionKind::Fragment(fragment) => {
                self.fragments.insert(&fragment.name.text, at);
                let step = self.step();
                self.type_names.push((step, &fragment.type_condition));
                self.site(&fragment.directives, "FRAGMENT_DEFINITION", enter);
                self.selection_set(self.composite(&fragment.type_condition.text), &fragment.selection_set)
            }
        };
        let leave = self.step();
        let values = values..self.values.len();
        let spreads = self.spreads_in(match kind {
            DefinitionKind::Operation(operation, _) => &operation.selection_set,
            DefinitionKind::Fragment(fragment) => &fragment.selection_set,
        });
        if let Some(definition) = self.definitions.get_mut(at) {
            *definition = Definition { kind, enter, leave, selection_set, spreads, values, variables };
        }
    }

    /// The spreads in a selection set, as places in `spreads`, and then those in the selection sets within it, the last
    /// of these first.
    fn spreads_in(&self, selection_set: &[Selection]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut stack = vec![selection_set];
        while let Some(selections) = stack.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) => stack.push(&field.selection_set),
                    Selection::InlineFragment(inline) => stack.push(&inline.selection_set),
                    Selection::FragmentSpread(spread) => {
                        found.extend(self.spreads.binary_search_by_key(&spread.at, |used| used.spread.at));
                    }
                }
            }
        }
        found
    }

    /// The variables of an operation, with the step at which each is entered.
    fn variables(&mut self, operation: &'a OperationDefinition, types: &'a [Option<TypeRef>]) -> Vec<Step> {
        let mut steps = Vec::new();
        for (variable, ty) in operation.variables.iter().zip(types) {
            let step = self.step();
            steps.push(step);
            let named = self.step();
            self.type_names.push((named, type_name(&variable.ty)));
            let input = ty.as_ref().filter(|ty| self.schema.get(ty.named()).is_input());
            if let Some(default) = &variable.default {
                self.value(default, None, input, None, false);
            }
            self.site(&variable.directives, "VARIABLE_DEFINITION", step);
        }
        steps
    }

    /// A selection set, as a place in `selection_sets`.
    fn selection_set(&mut self, parent: Option<TypeId>, selections: &'a [Selection]) -> usize {
        let (home, step) = (self.selection_sets.len(), self.step());
        self.selection_sets.push(SelectionSet { items: Vec::new(), step });
        self.selections(home, parent, selections);
        self.step();
        home
    }

    fn selections(&mut self, home: usize, parent: Option<TypeId>, selections: &'a [Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(home, parent, field),
                Selection::InlineFragment(inline) => self.inline_fragment(home, parent, inline),
                Selection::FragmentSpread(spread) => {
                    let step = self.step();
                    self.item(home, Item::Spread(self.spreads.len()));
                    self.spreads.push(SpreadUse { spread, parent, step });
                    self.site(&spread.directives, "FRAGMENT_SPREAD", step);
                }
            }
        }
    }

    fn inline_fragment(&mut self, home: usize, parent: Option<TypeId>, inline: &'a InlineFragment) {
        let step = self.step();
        let ty = match &inline.type_condition {
            None => parent,
            Some(name) => self.composite(&name.text),
        };
        self.inline_fragments.push(InlineUse { inline, parent, ty, step });
        if let Some(name) = &inline.type_condition {
            let step = self.step();
            self.type_names.push((step, name));
        }
        self.site(&inline.directives, "INLINE_FRAGMENT", step);
        self.step();
        self.selections(home, ty, &inline.selection_set);
        self.step();
    }

    fn item(&mut self, home: usize, item: Item) {
        if let Some(selection_set) = self.selection_sets.get_mut(home) {
            selection_set.items.push(item);
        }
    }

    fn field(&mut self, home: usize, parent: Option<TypeId>, field: &'a Field) {
        let enter = self.step();
        let schema = self.schema;
        let definition = parent.and_then(|parent| schema.field(parent, &field.name.text));
        let place = self.fields.len();
        self.item(home, Item::Field(place));
        let used = FieldUse { field, parent, definition, home, selection_set: None, enter, leave: enter };
        self.fields.push(used);
        for argument in &field.arguments {
            let step = self.step();
            self.arguments.push(ArgumentUse { argument, field: place, step });
            self.argument(argument, definition.map_or(&[], |definition| &definition.arguments));
        }
        self.site(&field.directives, "FIELD", enter);
        let ty =
            definition.map(|definition| definition.ty.named()).filter(|id| schema.get(*id).is_composite());
        let inner = (!field.selection_set.is_empty()).then(|| self.selection_set(ty, &field.selection_set));
        let leave = self.step();
        if let Some(field) = self.fields.get_mut(place) {
            (field.selection_set, field.leave) = (inner, leave);
        }
    }

    fn site(&mut self, directives: &'a [Directive], location: &'static str, step: Step) {
        self.sites.push(Site { directives, step });
        for directive in directives {
            let enter = self.step();
            let definition = self.schema.directive(&directive.name.text);
            let place = self.directives.len();
            self.directives.push(DirectiveUse { directive, definition, location, enter, leave: enter });
            for argument in &directive.arguments {
                self.step();
                self.argument(argument, definition.map_or(&[], |definition| &definition.arguments));
            }
            let leave = self.step();
            if let Some(directive) = self.directives.get_mut(place) {
                directive.leave = leave;
            }
        }
    }

    fn argument(&mut self, argument: &'a Argument, declared: &'a [schema::InputValue]) {
        let declared = declared.iter().find(|declared| declared.name == argument.name.text);
        let has_default = declared.is_some_and(|declared| declared.default.is_some());
        self.value(&argument.value, None, declared.map(|declared| &declared.ty), None, has_default);
    }

    fn value(
        &mut self,
        value: &'a Value,
        key: Option<&'a Name>,
        ty: Option<&'a TypeRef>,
        around: Option<&'a TypeRef>,
        has_default: bool,
    ) {
        let (place, step) = (self.values.len(), self.step());
        self.values.push(ValueUse { value, key, ty, around, has_default, step, end: place });
        match &value.kind {
            ValueKind::List(items) => {
                let item_ty = ty.map(|ty| match ty.nullable() {
                    TypeRef::List(inner) => inner,
                    other => other,
                });
                for item in items {
                    self.value(item, None, item_ty, ty, false);
                }
            }
            ValueKind::Object(fields) => {
                let declared = ty.map(|ty| &self.schema.get(ty.named()).kind);
                let declared = match declared {
                    Some(TypeKind::InputObject(object)) => &object.fields[..],
                    _ => &[],
                };
                for (key, value) in fields {
                    let declared = declared.iter().find(|declared| declared.name == key.text);
                    let has_default = declared.is_some_and(|declared| declared.default.is_some());
                    self.value(value, Some(key), declared.map(|declared| &declared.ty), ty, has_default);
                }
            }
            _ => {}
        }
        let end = self.values.len();
        if let Some(used) = self.values.get_mut(place) {
            used.end = end;
        }
    }
}
