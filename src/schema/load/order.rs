//! Turns the definitions of an SDL text into all types of its schema, in the order in which introspection lists them.

use super::sdl;
use std::collections::HashSet;

/// The SDL's types in its order, each followed by the built-in ones that it names first; then what the directives name,
/// and what introspection needs. A scalar of the specification that nothing names is left out
/// ([spec](https://spec.graphql.org/October2021/#sec-Scalars.Built-in-Scalars)).
pub(super) fn ordered(
    types: Vec<sdl::TypeDefinition>,
    built_in: Vec<sdl::TypeDefinition>,
    directives: &[sdl::DirectiveDefinition],
) -> Vec<sdl::TypeDefinition> {
    let mut order = Order { built_in: &built_in, seen: HashSet::new(), names: Vec::new() };
    order.seen.extend(types.iter().map(|ty| ty.name.node.as_str()));
    let mut ordered = Vec::new();
    for ty in &types {
        let named = order.names.len();
        order.references(ty);
        ordered.push((ty.name.node.as_str(), order.names.split_off(named)));
    }
    for argument in directives.iter().flat_map(|directive| &directive.arguments) {
        order.named(&argument.node.ty.node);
    }
    order.built_in("__Schema");
    let ordered: Vec<String> = ordered
        .into_iter()
        .flat_map(|(name, references)| std::iter::once(name).chain(references))
        .chain(order.names)
        .map(str::to_owned)
        .collect();
    let mut left: Vec<_> = types.into_iter().chain(built_in).collect();
    let mut taken = Vec::with_capacity(ordered.len());
    for name in ordered {
        if let Some(at) = left.iter().position(|ty| ty.name.node == name.as_str()) {
            taken.push(left.remove(at));
        }
    }
    // A type that is defined twice is left for the caller to refuse.
    taken.extend(left.into_iter().filter(|ty| !is_built_in(ty)));
    taken
}

fn is_built_in(ty: &sdl::TypeDefinition) -> bool {
    matches!(ty.name.node.as_str(), "Int" | "Float" | "String" | "Boolean" | "ID")
}

struct Order<'a> {
    built_in: &'a [sdl::TypeDefinition],
    seen: HashSet<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Order<'a> {
    /// What a definition names: of interfaces and objects each field's type before its arguments'.
    fn references(&mut self, definition: &'a sdl::TypeDefinition) {
        match &definition.kind {
            sdl::TypeKind::Object(sdl::ObjectType { fields, .. })
            | sdl::TypeKind::Interface(sdl::InterfaceType { fields, .. }) => {
                for field in fields {
                    self.named(&field.node.ty.node);
                    for argument in &field.node.arguments {
                        self.named(&argument.node.ty.node);
                    }
                }
            }
            sdl::TypeKind::InputObject(input) => {
                for field in &input.fields {
                    self.named(&field.node.ty.node);
                }
            }
            sdl::TypeKind::Scalar | sdl::TypeKind::Enum(_) | sdl::TypeKind::Union(_) => {}
        }
    }

    fn named(&mut self, ty: &'a sdl::Type) {
        match &ty.base {
            sdl::BaseType::List(inner) => self.named(inner),
            sdl::BaseType::Named(name) => self.built_in(name),
        }
    }

    /// Notes a built-in type that is not noted yet, and what it names.
    fn built_in(&mut self, name: &'a str) {
        let built_in = self.built_in;
        let found = built_in.iter().find(|ty| ty.name.node == name);
        if let Some(definition) = found.filter(|ty| self.seen.insert(ty.name.node.as_str())) {
            self.names.push(&definition.name.node);
            self.references(definition);
        }
    }
}
