//! The schema: what of the SDL is public, and that its bindings name what `sql/` has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;

use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};
use common::{file, golden, none_wrong, schema};
use saas_blog::schema::{
    BLOG, Binding, Entity, Field, Filter, Identifier, InputValue, ListFunction, TypeId, print,
};

fn document(text: &str) -> ServiceDocument {
    parse_schema(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Every type, field, argument and directive of a document, such as `Query.posts(first: Int): PostConnection!`.
fn signatures(document: &ServiceDocument) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for definition in &document.definitions {
        let definition = match definition {
            TypeSystemDefinition::Type(definition) => definition,
            TypeSystemDefinition::Directive(directive) => {
                let directive = &directive.node;
                assert!(directive.arguments.is_empty());
                let places: Vec<_> = directive.locations.iter().map(|place| &place.node).collect();
                found.insert(format!("@{} {places:?}", directive.name.node));
                continue;
            }
            TypeSystemDefinition::Schema(schema) => panic!("{schema:?}"),
        };
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
        if let TypeSystemDefinition::Directive(directive) = definition {
            found.extend(directive.node.description.as_ref().map(|text| text.node.clone()));
        }
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
    for (directive, count) in [("@", 2), ("@specifiedBy(url: ", 1), ("directive @dryRun on MUTATION\n", 1)] {
        assert_eq!(public.matches(directive).count(), count, "{public}");
    }
    for secret in ["tb_", "pk_", "fk_", "fn_", "_at\"", "read:", "write:", "SUBSCRIBER", "OPERATOR"] {
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

/// DESIGN.md §3 for what there is of it: types, and fields with their arguments.
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
        "Query.auditLogs(entityType: String None, entityId: ID None, userId: ID None, first: Int None, after: String None, last: Int None, before: String None): AuditLogConnection!",
        "@dryRun [Mutation]",
        "Mutation.createTenant(name: String! None, identifier: String! None, subscriptionTier: String Some(\"\\\"free\\\"\")): Tenant!",
        "Mutation.createUser(tenantId: ID None, email: String! None, name: String! None, role: String Some(\"\\\"subscriber\\\"\"), identifier: String None): User!",
        "Mutation.updateUser(id: ID! None, name: String None, role: String None): User!",
        "Mutation.createPost(tenantId: ID None, title: String! None, content: String! None, published: Boolean Some(\"false\"), identifier: String None): Post!",
        "Mutation.updatePost(id: ID! None, title: String None, content: String None, published: Boolean None, ifUpdatedAt: DateTime None): Post!",
        "Mutation.deletePost(id: ID! None): Post!",
        "Mutation.restorePost(id: ID! None): Post!",
        "Mutation.createComment(postId: ID! None, content: String! None): Comment!",
        "Mutation.deleteComment(id: ID! None): Comment!",
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
        "AuditLog [\"Node\"]",
        "AuditLog.userId(): ID",
        "AuditLog.entityType(): String!",
        "AuditLog.entityId(): ID!",
        "AuditLog.action(): String!",
        "AuditLog.changes(): JSON!",
        "AuditLog.createdAt(): DateTime!",
        "AuditLog.user(): User",
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
            | Binding::List(_)
            | Binding::Event(_)
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
        // What is no row of a table is one of a function: the test behind this one looks at it.
        let of_function = listed().iter().any(|(of, _)| *of == id) && ty.entity().is_none();
        for field in ty.fields().iter().filter(|_| !of_function) {
            for (of, column) in field_columns(id, field).into_iter().chain(argument_columns(field)) {
                check(of, column.as_str(), &format!("{}.{}", ty.name, field.name));
            }
        }
    }
    none_wrong(&wrong);
    assert!(named > 50, "{named}");
}

/// The types of the rows that functions give, each with its field's list.
fn listed() -> Vec<(TypeId, &'static ListFunction)> {
    let fields = schema().types().flat_map(|(_, ty)| ty.fields());
    let lists = fields.filter_map(|field| match &field.binding {
        Some(Binding::List(list)) => Some((field.ty.named(), list)),
        _ => None,
    });
    lists.collect()
}

/// The function of a list gives rows of the table behind the type, or rows that have every column which the type names; what
/// is called before it says whether it was ready.
#[test]
fn every_function_of_a_list_gives_its_rows() {
    let sql = [file("sql/search_posts.sql"), file("sql/popular.sql")].concat();
    assert!(listed().len() >= 2);
    for (of, list) in listed() {
        let name = list.function.as_str();
        let begin = format!("CREATE FUNCTION saas_blog.{name}(");
        let (_, definition) = sql.split_once(&begin).unwrap_or_else(|| panic!("no function {name}"));
        let (_, returned) = definition.split_once(")\nRETURNS ").unwrap();
        if let Some(entity) = schema().get(of).entity() {
            let row = format!("SETOF saas_blog.{} ", entity.table.as_str());
            assert!(returned.starts_with(&row), "{name}");
        } else {
            let (columns, _) = returned.strip_prefix("TABLE (").unwrap().split_once(")\n").unwrap();
            let columns: Vec<&str> = columns.split(", ").filter_map(|one| one.split(' ').next()).collect();
            let fields = schema().get(of).fields().iter();
            for (_, column) in fields.flat_map(|field| field_columns(of, field)) {
                assert!(columns.contains(&column.as_str()), "{name} has no column {column:?}");
            }
        }
        if let Some(fill) = &list.fill {
            let begin = format!("CREATE FUNCTION saas_blog.{}()\nRETURNS boolean ", fill.as_str());
            assert!(sql.contains(&begin), "{fill:?}");
        }
    }
}

/// The arguments of a function as `sql/` defines it, each with its type and whether it can be left out; and what the
/// function gives.
fn function<'a>(sql: &'a str, name: &str) -> (Vec<(&'a str, &'a str, bool)>, &'a str) {
    let begin = format!("CREATE FUNCTION saas_blog.{name}(");
    let mut definitions = sql.split(begin.as_str()).skip(1);
    let definition = definitions.next().unwrap_or_else(|| panic!("no function {name}"));
    assert!(definitions.next().is_none(), "two functions {name}");
    let (arguments, rest) = definition.split_once(")\nRETURNS ").unwrap();
    let arguments = arguments.split(',').map(|argument| {
        let (argument, default) = argument.split_once(" DEFAULT ").map_or((argument, ""), |found| found);
        let (name, ty) = argument.trim().split_once(' ').unwrap();
        (name, ty, !default.is_empty())
    });
    (arguments.collect(), rest.split_whitespace().next().unwrap())
}

/// The name that an argument has in SQL, and the type that its values have there.
fn in_sql(argument: &InputValue) -> (String, &'static str) {
    let letters = argument.name.chars().map(|letter| match letter {
        'A'..='Z' => format!("_{}", letter.to_ascii_lowercase()),
        _ => letter.to_string(),
    });
    let ty = match schema().get(argument.ty.named()).name.as_str() {
        _ if matches!(argument.filter, Some(Filter::Tenant)) => "text",
        "ID" => "uuid",
        "String" => "text",
        "Boolean" => "boolean",
        "DateTime" => "timestamptz",
        other => panic!("{other}"),
    };
    (letters.collect(), ty)
}

/// Each function of a mutation takes what the compiled SQL passes by name, may be called without what the SDL lets one leave
/// out or make null, and gives a row of the table behind the field's type.
#[test]
fn every_function_of_the_sdl_is_in_the_mutations() {
    let sql = file("sql/mutations.sql");
    let mutation = schema().mutation.unwrap();
    for field in schema().get(mutation).fields() {
        let Some(Binding::Call(name)) = &field.binding else { panic!("{} calls nothing", field.name) };
        let (mut found, returned) = function(&sql, name.as_str());
        let mut wanted: Vec<(String, &str)> = field.arguments.iter().map(in_sql).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        let types: Vec<(String, &str)> =
            found.iter().map(|(name, ty, _)| ((*name).to_owned(), *ty)).collect();
        assert_eq!(types, wanted, "{name:?}");
        for argument in &field.arguments {
            let optional = found.iter().any(|(name, _, default)| *name == in_sql(argument).0 && *default);
            assert_eq!(optional, !argument.ty.is_non_null(), "{name:?}({})", argument.name);
        }
        let table = &schema().get(field.ty.named()).entity().unwrap().table;
        assert_eq!(returned, format!("saas_blog.{}", table.as_str()), "{name:?}");
    }
}

/// Only the fields of a mutation run one after the other, so nothing else may call.
#[test]
fn only_mutations_call() {
    let calls = |field: &Field| matches!(field.binding, Some(Binding::Call(_)));
    for (id, ty) in schema().types().filter(|(id, _)| Some(*id) != schema().mutation) {
        assert!(!ty.fields().iter().any(calls), "{id:?}");
    }
}
