//! The rules about [fields](https://spec.graphql.org/October2021/#sec-Validation.Fields), their
//! [arguments](https://spec.graphql.org/October2021/#sec-Validation.Arguments),
//! [directives](https://spec.graphql.org/October2021/#sec-Validation.Directives) and
//! [variables](https://spec.graphql.org/October2021/#sec-Validation.Variables).

use super::Faults;
use super::document::type_condition;
use super::values::{Declared, value};
use crate::error::Violation;
use crate::operation::type_ref;
use crate::schema::{self, Schema, TypeId, TypeKind, TypeRef};
use crate::syntax::ast::{
    Argument, Directive, Document, Field, Name, OperationDefinition, OperationKind, Selection, Type,
    ValueKind,
};
use std::collections::{HashMap, HashSet};

/// Every operation with the fragments that it spreads.
pub(super) fn operations(schema: &Schema, document: &Document, faults: &mut Faults) {
    for operation in &document.operations {
        let root = match operation.kind {
            OperationKind::Query => Some(schema.query),
            OperationKind::Mutation => schema.mutation,
            OperationKind::Subscription => schema.subscription,
        };
        let mut walk = Walk { schema, document, faults, variables: HashMap::new(), visited: HashSet::new() };
        walk.variables(operation);
        walk.directives(&operation.directives, false);
        if let Some(root) = root {
            walk.selection_set(root, &operation.selection_set);
        }
    }
}

struct Walk<'a, 'f> {
    schema: &'a Schema,
    document: &'a Document,
    faults: &'f mut Faults,
    variables: HashMap<&'a str, Declared>,
    visited: HashSet<&'a str>,
}

impl<'a> Walk<'a, '_> {
    fn variables(&mut self, operation: &'a OperationDefinition) {
        for definition in &operation.variables {
            let name = &definition.name;
            let Some(ty) = type_ref(self.schema, &definition.ty) else {
                self.faults.push(Violation::UnknownType(base(&definition.ty).to_owned()), definition.ty.at());
                continue;
            };
            let named = self.schema.get(ty.named());
            if !named.is_leaf() {
                let violation = Violation::NoInputType {
                    variable: name.text.clone(),
                    ty: self.schema.display(&ty).to_string(),
                };
                self.faults.push(violation, definition.ty.at());
            }
            if let Some(default) = definition.default.as_ref().filter(|_| named.is_leaf()) {
                value(self.schema, &ty, default, &HashMap::new(), self.faults);
            }
            let has_default = definition.default.as_ref().is_some_and(|v| v.kind != ValueKind::Null);
            if self.variables.insert(&name.text, Declared { ty, has_default }).is_some() {
                self.faults.push(Violation::DuplicateVariable(name.text.clone()), name.at);
            }
            self.directives(&definition.directives, false);
        }
    }

    fn selection_set(&mut self, parent: TypeId, selection_set: &'a [Selection]) {
        for selection in selection_set {
            match selection {
                Selection::Field(field) => self.field(parent, field),
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives, true);
                    let inner = match &inline.type_condition {
                        None => Some(parent),
                        Some(name) => {
                            type_condition(self.schema, name, self.faults);
                            self.possible(parent, name)
                        }
                    };
                    if let Some(inner) = inner {
                        self.selection_set(inner, &inline.selection_set);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives, true);
                    self.spread(parent, &spread.name);
                }
            }
        }
    }

    fn spread(&mut self, parent: TypeId, name: &'a Name) {
        let found = self.document.fragments.iter().find(|fragment| fragment.name.text == name.text);
        let Some(fragment) = found else {
            self.faults.push(Violation::UnknownFragment(name.text.clone()), name.at);
            return;
        };
        let inner = self.possible(parent, &fragment.type_condition);
        // A fragment is looked at once an operation, however often it is spread.
        if let Some(inner) = inner.filter(|_| self.visited.insert(&fragment.name.text)) {
            self.directives(&fragment.directives, false);
            self.selection_set(inner, &fragment.selection_set);
        }
    }

    /// The type of a condition, if objects of `parent` can be of it.
    fn possible(&mut self, parent: TypeId, name: &Name) -> Option<TypeId> {
        let inner = self.schema.named(&name.text).filter(|id| !self.schema.get(*id).is_leaf())?;
        if self.schema.is_a(parent, inner) || self.schema.is_a(inner, parent) {
            return Some(inner);
        }
        let violation = Violation::ImpossibleFragment {
            parent: self.schema.get(parent).name.clone(),
            ty: name.text.clone(),
        };
        self.faults.push(violation, name.at);
        None
    }

    fn field(&mut self, parent: TypeId, field: &'a Field) {
        self.directives(&field.directives, true);
        let name = &field.name.text;
        let parent = self.schema.get(parent);
        if name == "__typename" {
            self.arguments(
                &[],
                &field.arguments,
                &format!("field \"{}.__typename\"", parent.name),
                "Field",
                &field.name,
            );
            if !field.selection_set.is_empty() {
                let violation = Violation::SelectionOnLeaf { field: name.clone(), ty: "String!".to_owned() };
                self.faults.push(violation, field.at);
            }
            return;
        }
        let Some(definition) = parent.field(name) else {
            let violation = Violation::UnknownField { field: name.clone(), ty: parent.name.clone() };
            self.faults.push(violation, field.at);
            return;
        };
        let owner = format!("field \"{}.{name}\"", parent.name);
        self.arguments(&definition.arguments, &field.arguments, &owner, "Field", &field.name);
        let inner = definition.ty.named();
        let ty = self.schema.display(&definition.ty).to_string();
        match (self.schema.get(inner).is_leaf(), field.selection_set.is_empty()) {
            (true, false) => {
                self.faults.push(Violation::SelectionOnLeaf { field: name.clone(), ty }, field.at);
            }
            (false, true) => {
                self.faults.push(Violation::MissingSelection { field: name.clone(), ty }, field.at);
            }
            (true, true) => {}
            (false, false) => self.selection_set(inner, &field.selection_set),
        }
    }

    fn arguments(
        &mut self,
        declared: &[schema::InputValue],
        given: &[Argument],
        owner: &str,
        kind: &str,
        name: &Name,
    ) {
        let mut names = HashSet::new();
        for argument in given {
            let Name { text, at } = &argument.name;
            if !names.insert(text) {
                self.faults.push(Violation::DuplicateArgument(text.clone()), *at);
            }
            if let Some(declared) = declared.iter().find(|declared| declared.name == *text) {
                value(self.schema, &declared.ty, &argument.value, &self.variables, self.faults);
            } else {
                let violation =
                    Violation::UnknownArgument { argument: text.clone(), owner: owner.to_owned() };
                self.faults.push(violation, *at);
            }
        }
        let missing = |argument: &&schema::InputValue| {
            argument.ty.is_non_null() && argument.default.is_none() && !names.contains(&argument.name)
        };
        for argument in declared.iter().filter(missing) {
            let violation = Violation::MissingArgument {
                owner: format!("{kind} \"{}\"", name.text),
                argument: argument.name.clone(),
                ty: self.schema.display(&argument.ty).to_string(),
            };
            self.faults.push(violation, name.at);
        }
    }

    /// `@skip` and `@include`, which stand on selections only, each once.
    fn directives(&mut self, directives: &'a [Directive], on_selection: bool) {
        let mut names = HashSet::new();
        for directive in directives {
            let name = &directive.name;
            if !matches!(name.text.as_str(), "skip" | "include") {
                self.faults.push(Violation::UnknownDirective(name.text.clone()), directive.at);
                continue;
            }
            if !on_selection {
                self.faults.push(Violation::MisplacedDirective(name.text.clone()), directive.at);
            }
            if !names.insert(&name.text) {
                self.faults.push(Violation::RepeatedDirective(name.text.clone()), directive.at);
            }
            let condition = schema::InputValue {
                name: "if".to_owned(),
                description: None,
                deprecated: None,
                ty: TypeRef::NonNull(Box::new(TypeRef::Named(self.boolean()))),
                default: None,
                filter: None,
            };
            let owner = format!("directive \"@{}\"", name.text);
            self.arguments(&[condition], &directive.arguments, &owner, "Directive", name);
        }
    }

    fn boolean(&self) -> TypeId {
        let scalar = |(id, ty): (TypeId, &schema::TypeDefinition)| {
            (ty.name == "Boolean" && matches!(ty.kind, TypeKind::Scalar(_))).then_some(id)
        };
        self.schema.types().find_map(scalar).unwrap_or(self.schema.query)
    }
}

fn base(ty: &Type) -> &str {
    match ty {
        Type::Named(name) => &name.text,
        Type::List(inner) | Type::NonNull(inner) => base(inner),
    }
}
