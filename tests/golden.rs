//! Stages 2 to 6: the SQL of every shape of query, as files to read, and what must hold of all of it.
//!
//! `tests/golden/*.graphql` are requests, each with its caller in comments on top; the `.sql` beside it has the statement
//! broken into lines, its parameters with the values that they get, and its checks. `BLESS=1 cargo test` writes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "golden/printed.rs"]
mod printed;

use std::collections::HashSet;
use std::path::Path;

use common::sql::{most_arguments, tables};
use common::{Compiled, ID, Request, golden, none_wrong, numbered, request, scopes, subscription};
use saas_blog::limits::Limits;
use saas_blog::plan::Parameter;
use saas_blog::schema::Role;
use serde_json::json;

/// The requests of the folder by name.
fn cases() -> Vec<(String, Request)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let requests = files.filter(|path| path.extension().is_some_and(|ending| ending == "graphql"));
    let named = requests.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let cases = named.filter(|(name, _)| name != "schema");
    let mut cases: Vec<_> =
        cases.map(|(name, path)| (name, headed(&std::fs::read_to_string(path).unwrap()))).collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

/// A request whose caller, variables, operation and limits are told by the comments on top of it.
fn headed(text: &str) -> Request {
    let subscribes = text.lines().any(|line| line.starts_with("subscription"));
    let mut found = if subscribes { subscription(text) } else { request(text) };
    for line in text.lines() {
        let Some((key, value)) = line.strip_prefix("# ").and_then(|line| line.split_once(": ")) else {
            break;
        };
        match key {
            "role" => found.role = value.parse::<Role>().unwrap(),
            "scopes" if value == "none" => found.scopes = scopes(Some(&[])),
            "scopes" => found.scopes = scopes(Some(&value.split(' ').collect::<Vec<_>>())),
            "variables" => found.variables = serde_json::from_str(value).unwrap(),
            "operation" => found.operation_name = Some(value.to_owned()),
            "max_aliases" => found.limits = Limits { aliases: value.parse().unwrap(), ..found.limits },
            "shows" => {}
            _ => panic!("{line}"),
        }
    }
    found
}

fn compiled(request: &Request) -> Compiled {
    request.compiled().unwrap_or_else(|failures| panic!("{failures:?}: {}", request.query))
}

#[test]
fn every_request_has_its_sql() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|(name, request)| {
            golden(&format!("tests/golden/{name}.sql"), &printed::printed(&compiled(request)))
        })
        .collect();
    none_wrong(&wrong);
}

#[test]
fn every_sql_file_has_its_request() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let endings = ["graphql", "sql"].map(|ending| {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|found| found == ending));
        files
            .map(|path| path.with_extension(""))
            .filter(|path| !path.ends_with("schema"))
            .collect::<HashSet<_>>()
    });
    let [requests, statements] = endings;
    assert_eq!(requests, statements);
    assert!(requests.len() > 90);
}

/// PostgreSQL's `FUNC_MAX_ARGS` is 100.
#[test]
fn no_call_has_more_than_a_hundred_arguments() {
    for (name, request) in cases() {
        for text in request.texts() {
            assert!(most_arguments(&text) <= 100, "{name}");
        }
    }
    let keys = numbered(0..300, |key| format!("k{key}: title "));
    for query in
        [format!("{{ post(id: \"{ID}\") {{ {keys} }} }}"), format!("{{ posts {{ nodes {{ {keys} }} }} }}")]
    {
        let request = request(query).limits(Limits { aliases: 300, ..Limits::default() });
        let text = request.sql();
        assert!(most_arguments(&text) <= 100 && text.contains("\"k299\":"));
    }
}

#[test]
fn the_counter_of_arguments_counts() {
    for (text, most) in [
        ("f()", 1),
        ("f(a, b, c)", 3),
        ("f(a, g(b, c, d), h('(,,,,,', \"x,,,,\"))", 3),
        ("f('it''s, (, ', g(a, b), c)", 3),
    ] {
        assert_eq!(most_arguments(text), most, "{text}");
    }
}

/// Beside row-level security, the compiled SQL says itself which tenant it reads.
#[test]
fn every_table_is_read_for_one_tenant() {
    let mut reads = 0;
    for (name, request) in cases() {
        let program = compiled(&request).program;
        let tables = program.statements().flat_map(|statement| {
            let tenant = statement.parameters.iter().position(|found| *found == Parameter::TenantKey);
            tables(&statement.text).into_iter().map(move |(table, alias, rest)| (tenant, table, alias, rest))
        });
        for (key, table, alias, rest) in tables {
            let column = if table == "tb_tenant" { "pk_tenant" } else { "fk_tenant" };
            let own = format!(" WHERE {alias}.\"{column}\" = ${}", key.map_or(0, |at| at + 1));
            let after = rest.strip_prefix(own.as_str());
            let alone = after.is_some_and(|rest| {
                [")", " AND ", " ORDER BY ", " LIMIT "].iter().any(|end| rest.starts_with(end))
            });
            // `tenants` is the one field that crosses tenants, for operators.
            let every =
                table == "tb_tenant" && request.role == Role::Operator && request.query.contains("tenants");
            assert!(alone || every, "{name}: {table} {alias}{rest}");
            reads += 1;
        }
    }
    assert!(reads > 150, "{reads}");
}

#[test]
fn aliases_are_the_same_every_time_and_given_once() {
    for (name, request) in cases() {
        let texts = request.texts();
        assert_eq!(texts, request.texts(), "{name}");
        for text in texts {
            let numbers: Vec<u32> = tables(&text)
                .iter()
                .map(|(_, alias, _)| alias.trim_start_matches('t').parse().unwrap())
                .collect();
            let distinct: HashSet<_> = numbers.iter().collect();
            assert_eq!(distinct.len(), numbers.len(), "{name}: {numbers:?}");
        }
    }
}

/// PostgreSQL computes equal aggregates once, which would count their bytes once.
#[test]
fn no_two_lists_are_the_same() {
    let texts = cases()
        .into_iter()
        .flat_map(|(name, request)| request.texts().into_iter().map(move |text| (name.clone(), text)));
    for (name, text) in texts {
        let numbers: Vec<(u32, u32)> = text
            .split("), ")
            .filter_map(|rest| rest.split(')').next()?.split_once(", "))
            .filter_map(|(level, number)| Some((level.parse().ok()?, number.parse().ok()?)))
            .collect();
        assert_eq!(numbers.len(), text.matches("saas_blog.join_items(").count(), "{name}: {numbers:?}");
        let distinct: HashSet<u32> = numbers.iter().map(|(_, number)| *number).collect();
        assert_eq!(distinct.len(), numbers.len(), "{name}: {numbers:?}");
    }
}

/// The request with other values in its literals; none of them is what its argument takes.
fn with_other_literals(query: &str) -> String {
    let mut text = String::new();
    let mut rest = query.trim_start();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.split_once('\n').unwrap().1;
    }
    let mut characters = rest.chars().peekable();
    while let Some(character) = characters.next() {
        let in_name = text.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_');
        match character {
            '"' => {
                while characters.next().is_some_and(|next| next != '"') {}
                text.push_str(r#""s3cret' $1 \" ;--\\""#);
            }
            '0'..='9' if !in_name => {
                while characters.next_if(char::is_ascii_digit).is_some() {}
                text.push_str("987654321");
            }
            _ => text.push(character),
        }
    }
    text
}

/// All that is kept of a request for later ones of its shape.
fn kept(request: &Request) -> String {
    let Compiled { program, .. } = compiled(request);
    format!("{:?}\n{:?}", program.steps, program.checks)
}

#[test]
fn no_literal_is_kept() {
    let mut changed = 0;
    for (name, request) in cases() {
        let before = kept(&request);
        let query = with_other_literals(&request.query);
        changed += usize::from(query.contains("s3cret") || query.contains("987654321"));
        // The comments on top are gone, so what is kept names no places in the text either.
        let after = kept(&Request { query, ..request });
        assert_eq!(before, after, "{name}");
        assert!(!after.contains("s3cret") && !after.contains("987654321"), "{name}: {after}");
    }
    assert!(changed > 30, "{changed}");
}

#[test]
fn no_value_of_a_variable_is_kept() {
    let mut changed = 0;
    for (name, request) in cases() {
        let before = kept(&request);
        let mut variables = request.variables.clone();
        for value in variables.as_object_mut().unwrap().values_mut() {
            match value {
                // Nothing but a date-time fits where one was.
                serde_json::Value::String(text) if text.ends_with("123456Z") => {
                    *text = "1987-06-05T04:03:02.654321Z".to_owned();
                }
                serde_json::Value::String(text) => *text = "s3cret' $1 \" ;--\\".to_owned(),
                serde_json::Value::Number(number) => *number = 987_654_321.into(),
                _ => continue,
            }
            changed += 1;
        }
        let after = kept(&request.variables(variables));
        assert_eq!(before, after, "{name}");
    }
    assert!(changed > 10, "{changed}");
}

#[test]
fn a_thousand_titles_are_one_shape() {
    let mut shapes = HashSet::new();
    let mut texts = HashSet::new();
    for number in 0..1_000_u128 {
        let id = uuid::Uuid::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834));
        let literal = request(format!(
            "{{ post(id: \"{id}\") {{ title }} posts(tenantId: \"title {number} '\", first: {number}) {{ totalCount }} }}"
        ));
        shapes.insert(literal.scan().unwrap().shape().to_owned());
        texts.insert(literal.sql());
    }
    assert_eq!((shapes.len(), texts.len()), (1, 1));
    let by_variables = |number: i32| {
        let variables = json!({"id": format!("title {number}"), "first": number});
        request("query($id: ID!, $first: Int) { comments(postId: $id, first: $first) { totalCount nodes { id } } }")
            .variables(variables)
            .sql()
    };
    assert_eq!((0..1_000).map(by_variables).collect::<HashSet<_>>().len(), 1);
}

/// What is written is a parameter like what is looked for.
#[test]
fn a_thousand_new_titles_are_one_program() {
    let by_literals = |number: i32| {
        let (title, name) = (format!("title {number} '$1"), format!("post-{number}"));
        format!(
            "mutation {{ createPost(title: \"{title}\", content: \"{number}\", identifier: \"{name}\") {{ id }} }}"
        )
    };
    let by_variables = "mutation ($title: String!, $since: DateTime) { updatePost(id: 1, title: $title, ifUpdatedAt: $since) { id } }";
    let (mut shapes, mut programs) = (HashSet::new(), HashSet::new());
    for number in 0..1_000 {
        let literal = request(by_literals(number));
        shapes.insert(literal.scan().unwrap().shape().to_owned());
        let since = format!("{}-01-01T00:00:00Z", 1_000 + number);
        let variables = json!({"title": format!("title {number}"), "since": since});
        programs.insert([kept(&literal), kept(&request(by_variables).variables(variables))]);
    }
    assert_eq!((shapes.len(), programs.len()), (1, 1));
    let [literal, variable] = programs.into_iter().next().unwrap();
    assert!(!literal.contains("title 0") && !variable.contains("title 0") && !variable.contains("1000-01"));
}
