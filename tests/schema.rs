//! The schema: what of the SDL is public, and that its bindings name what `sql/` has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;

use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};
use common::{file, golden, none_wrong, schema};
use saas_blog::schema::{BLOG, Binding, Entity, Field, Filter, Identifier, TypeId, print};

fn document(text: &str) -> ServiceDocument {
    parse_schema(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Every type, field and argument of a document, such as `Query.posts(first: Int): PostConnection!`.
fn signatures(document: &ServiceDocument) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { panic!("{definition:?}") };
        let name = &definition.node.name.node;
        let (fields, interfaces) = match &definition.node.kind {
            TypeKind::Object(object) => (&object.fields[..], &object.implements[..]),
            TypeKind::Interface(interface) => (&interface.fields[..], &interface.implements[..]),
            TypeKind::Scalar => (&[][..], &[][..]),
            other => panic!("{other:?}"),
        };
        found.insert(format!(
            "{name} {:?}",
            interfaces.iter().map(|name| name.node.as_str()).collect::<Vec<_>>()
        ));
        for field in fields {
            let arguments = field.node.arguments.iter().map(|argument| {
                let default = argument.node.default_value.as_ref().map(|value| value.node.to_string());
                format!("{}: {} {default:?}", argument.node.name.node, argument.node.ty.node)
            });
            let arguments = arguments.collect::<Vec<_>>().join(", ");
            found.insert(format!("{name}.{}({arguments}): {}", field.node.name.node, field.node.ty.node));
        }
    }
    found
}

/// Every description of a document.
fn descriptions(document: &ServiceDocument) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        found.extend(definition.node.description.as_ref().map(|text| text.node.clone()));
        let fields = match &definition.node.kind {
            TypeKind::Object(object) => &object.fields[..],
            TypeKind::Interface(interface) => &interface.fields[..],
            _ => &[],
        };
        for field in fields {
            found.extend(field.node.description.as_ref().map(|text| text.node.clone()));
            let arguments = field.node.arguments.iter();
            found.extend(
                arguments.filter_map(|argument| Some(argument.node.description.as_ref()?.node.clone())),
            );
        }
    }
    found
}

#[test]
fn the_public_sdl() {
    none_wrong(
        &golden("tests/golden/schema.graphql", &(print(schema()) + "\n")).into_iter().collect::<Vec<_>>(),
    );
}

/// The file says how each field is bound; the public SDL has the same types, fields, arguments and descriptions.
#[test]
fn the_public_sdl_is_the_file_without_its_bindings() {
    let public = print(schema());
    let (public, private) = (document(&public), document(BLOG));
    assert_eq!(signatures(&public), signatures(&private));
    assert_eq!(descriptions(&public), descriptions(&private));
    assert!(signatures(&public).len() > 80 && descriptions(&public).len() > 30);
}

#[test]
fn no_binding_leaks() {
    let public = print(schema());
    for (directive, count) in [("@", 1), ("@specifiedBy(url: ", 1)] {
        assert_eq!(public.matches(directive).count(), count, "{public}");
    }
    for secret in ["tb_", "pk_", "fk_", "_at\"", "read:", "SUBSCRIBER", "OPERATOR"] {
        assert!(!public.contains(secret), "{secret}: {public}");
    }
    for scalar in ["ID", "String", "Boolean", "Int", "Float"] {
        assert!(!public.contains(&format!("scalar {scalar}")), "{scalar}");
    }
}

#[test]
fn the_public_sdl_prints_as_itself_again() {
    let public = print(schema());
    let scalars_only: String = public
        .split("\n\n")
        .filter(|definition| definition.contains("scalar ") && !definition.contains('{'))
        .collect::<Vec<_>>()
        .join("\n\n");
    let loaded =
        saas_blog::schema::load(&format!("{scalars_only} type Query {{ a: DateTime @column(name: \"a\") }}"));
    assert!(print(&loaded.unwrap()).starts_with(&scalars_only));
}

/// DESIGN.md §3 for what this step has of it: types, and fields with their arguments.
#[test]
fn the_names_that_the_outside_world_relies_on() {
    let found = signatures(&document(&print(schema())));
    for wanted in [
        "Query.me(): User",
        "Query.tenant(): Tenant",
        "Query.node(id: ID! None): Node",
        "Query.post(id: ID! None): Post",
        "Query.posts(first: Int None, after: String None, last: Int None, before: String None, limit: Int None, tenantId: ID None, published: Boolean None, authorId: ID None): PostConnection!",
        "Query.deletedPosts(first: Int None, after: String None, last: Int None, before: String None): PostConnection!",
        "Query.comments(postId: ID! None, first: Int None, after: String None, last: Int None, before: String None): CommentConnection!",
        "Query.user(id: ID! None): User",
        "Query.users(first: Int None, after: String None, last: Int None, before: String None): UserConnection!",
        "Query.tenants(first: Int None, after: String None, last: Int None, before: String None): TenantConnection!",
        "Tenant [\"Node\"]",
        "User [\"Node\"]",
        "User.email(): String",
        "User.posts(first: Int None, after: String None, last: Int None, before: String None): PostConnection!",
        "Post [\"Node\"]",
        "Post.deletedAt(): DateTime",
        "Post.updatedAt(): DateTime!",
        "Post.author(): User!",
        "Post.comments(first: Int None, after: String None, last: Int None, before: String None): CommentConnection!",
        "Post.commentCount(): Int!",
        "Comment [\"Node\"]",
        "Comment.postId(): ID!",
        "Comment.userId(): ID!",
        "Comment.author(): User!",
        "Comment.post(): Post!",
        "PostConnection.edges(): [PostEdge!]!",
        "PostConnection.nodes(): [Post!]!",
        "PageInfo.hasNextPage(): Boolean!",
        "PageInfo.endCursor(): String",
    ] {
        assert!(found.contains(wanted), "{wanted}: {found:#?}");
    }
}

/// The columns of a table as `sql/` defines it.
fn columns<'a>(sql: &'a str, table: &str) -> BTreeSet<&'a str> {
    let begin = format!("CREATE TABLE saas_blog.{table} (\n");
    let (_, body) = sql.split_once(&begin).unwrap_or_else(|| panic!("no table {table}"));
    let (body, _) = body.split_once("\n);").unwrap();
    let names = body.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase())).collect()
}

/// The columns of a type's own row that its bindings name, beside `id` and `created_at`, over which all pages are read.
fn entity_columns(entity: &Entity) -> impl Iterator<Item = &str> {
    let Entity { key, tenant, deleted, visible, within, .. } = entity;
    let others =
        visible.iter().map(|visible| &visible.column).chain(within.iter().map(|within| &within.column));
    let columns = [key, tenant].into_iter().chain(deleted).chain(others);
    columns.map(Identifier::as_str).chain(["id", "created_at"])
}

/// The columns that a field's binding names, each with the type whose table must have it.
fn field_columns(parent: TypeId, field: &Field) -> Vec<(TypeId, &Identifier)> {
    match &field.binding {
        Some(Binding::Column { column, private }) => std::iter::once(column)
            .chain(private.iter().map(|p| &p.owner))
            .map(|column| (parent, column))
            .collect(),
        Some(Binding::Reference { column, .. } | Binding::One { column }) => vec![(parent, column)],
        Some(Binding::Count { of, parent }) => vec![(*of, parent)],
        Some(Binding::Rows(list)) => {
            let columns = list.parent.iter().chain(list.own.iter().map(|own| &own.column));
            columns.map(|column| (list.of, column)).collect()
        }
        Some(
            Binding::Find
            | Binding::Me
            | Binding::Node
            | Binding::Call(_)
            | Binding::Part(_)
            | Binding::Meta(_),
        )
        | None => Vec::new(),
    }
}

/// The columns that the arguments restrict, each with the type of the rows that the field reads.
fn argument_columns(field: &Field) -> Vec<(TypeId, &Identifier)> {
    let rows = match &field.binding {
        Some(Binding::Rows(list)) => vec![list.of],
        _ => schema().possible(field.ty.named()),
    };
    let filters = field.arguments.iter().filter_map(|argument| match argument.filter.as_ref()? {
        Filter::Column(column) | Filter::KeyOf { column, .. } => Some(column),
        Filter::Tenant => None,
    });
    filters.flat_map(|column| rows.iter().map(move |of| (*of, column))).collect()
}

/// Every column that a binding names is one of the table that the binding reads.
#[test]
fn every_column_of_the_sdl_is_in_the_tables() {
    let sql = [file("sql/tables.sql"), file("sql/audit.sql")].concat();
    let mut wrong = Vec::new();
    let mut named = 0;
    let mut check = |of: TypeId, column: &str, by: &str| {
        let table = schema().get(of).entity().unwrap_or_else(|| panic!("{by} has no table")).table.as_str();
        named += 1;
        if !columns(&sql, table).contains(column) {
            wrong.push(format!("{by}: {table} has no column {column}"));
        }
    };
    for (id, ty) in schema().types() {
        for column in ty.entity().into_iter().flat_map(entity_columns) {
            check(id, column, &ty.name);
        }
        for field in ty.fields() {
            for (of, column) in field_columns(id, field).into_iter().chain(argument_columns(field)) {
                check(of, column.as_str(), &format!("{}.{}", ty.name, field.name));
            }
        }
    }
    none_wrong(&wrong);
    assert!(named > 50, "{named}");
}
