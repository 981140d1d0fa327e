//! Whatever a request says, the stages come to an end without a panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use common::sql::most_arguments;
use common::{ROLES, Random, Request, file, request, scopes};
use serde_json::{Value as Json, json};

/// What is put into a text: tokens, names of the schema, and what is neither.
const PIECES: &[&str] = &[
    "{", "}", "(", ")", "[", "]", ":", "=", "@", "!", "$", "...", "\"", "\"\"\"", "\\", "#", "\n", ",", "{ }", "é", "\u{0}",
    "0", "-1", "1.5", "101", "2147483648", "123456789012345678901234567890", "\"s\"", "true", "null", "ENUM", "$id", "$x",
    "me ", "post ", "posts ", "comments ", "users ", "tenants ", "deletedPosts ", "nodes ", "edges ", "node ", "cursor ",
    "pageInfo ", "hasNextPage ", "hasPreviousPage ", "startCursor ", "endCursor ", "totalCount ", "__typename ", "id ",
    "email ", "author ", "content ", "commentCount ", "a: ", "first: ", "last: ", "limit: ", "after: ", "before: ",
    "tenantId: ", "postId: ", "authorId: ", "published: ", "if: ", "@skip(if: $x) ", "@include(if: true) ", "...F ",
    "... on Node ", "... on Post ", "query ", "fragment F on Post ", "($x: Boolean!) ", "($id: ID = \"a\") ", "first: $x ",
];

/// The requests of the golden files, and queries that have nothing to do with the schema.
fn sources() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "graphql") && !path.ends_with("schema.graphql"));
    paths.sort();
    let golden = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let fixtures = file("tests/fixtures/syntax.jsonl");
    let fixtures = fixtures.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    golden.chain(fixtures.map(|fixture| fixture["query"].as_str().unwrap().to_owned())).collect()
}

/// The text with one to four changes: a piece put in, a part taken out, doubled, or exchanged for one of another text.
fn mutated(random: &mut Random, sources: &[String]) -> String {
    let text = &sources[random.below(sources.len())];
    let mut text: Vec<char> = text.chars().filter(|c| *c != '#').collect();
    for _ in 0..=random.below(4) {
        let from = random.below(text.len() + 1);
        let to = (from + random.below(12)).min(text.len());
        let part: Vec<char> = match random.below(6) {
            0 => Vec::new(),
            1 => text[from..to].repeat(2),
            2 => {
                let other: Vec<char> = sources[random.below(sources.len())].chars().collect();
                let begin = random.below(other.len() + 1);
                other[begin..(begin + random.below(40)).min(other.len())].to_vec()
            }
            _ => random.pick(PIECES).chars().collect(),
        };
        text.splice(from..to, part);
    }
    text.into_iter().collect()
}

fn variables(random: &mut Random) -> Json {
    let values = [
        json!(null), json!(true), json!(false), json!(0), json!(-1), json!(3.0), json!(1.5), json!(2_147_483_648_i64),
        json!(1e308), json!(""), json!("demo"), json!("+qTyAAJ8pXNXwAAzMzMzMzMzMzMzMzMzMzMz"), json!([]), json!([[null]]),
        json!({"a": {}}), json!("\u{0}"), json!(common::ID),
    ];
    let mut variables = json!({});
    for name in ["x", "id", "first", "after", "before", "tenant", "published", "author", "yes", "no", "none", "null"] {
        if random.below(4) > 0 {
            variables[name] = values[random.below(values.len())].clone();
        }
    }
    variables
}

fn any_request(random: &mut Random, sources: &[String]) -> Request {
    let claims: [Option<&[&str]>; 4] = [None, Some(&[]), Some(&["read:posts"]), Some(&["read:posts", "read:users"])];
    let request = request(mutated(random, sources));
    let request = request.role(ROLES[random.below(4)]).scopes(scopes(claims[random.below(4)]));
    let request = if random.below(10) == 0 { request.named("Other") } else { request };
    request.variables(variables(random))
}

/// Every outcome is a statement or errors that a client can read, and most kinds of outcome occur.
#[test]
fn five_thousand_mutated_operations() {
    let sources = sources();
    let mut random = Random(2_026);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let start = Instant::now();
    for _ in 0..5_000 {
        let request = any_request(&mut random, &sources);
        let failures = match request.compiled() {
            Ok(compiled) => {
                assert!(most_arguments(&compiled.statement.text) <= 100 && compiled.statement.text.is_ascii());
                let outcome = compiled.values.as_ref().map_or_else(|failure| failure.error.code(), |_| "ok");
                *outcomes.entry(outcome).or_default() += 1;
                compiled.values.err().into_iter().collect()
            }
            Err(failures) => {
                *outcomes.entry(failures[0].error.code()).or_default() += 1;
                failures
            }
        };
        for failure in &failures {
            assert_ne!(failure.error.code(), "INTERNAL_SERVER_ERROR", "{failure:?}: {}", request.query);
            assert!(!failure.error.to_string().contains(char::is_control), "{failure:?}: {}", request.query);
        }
        serde_json::from_str::<Json>(&saas_blog::response::failed(&failures, 20)).unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    for code in ["ok", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "FORBIDDEN"] {
        assert!(outcomes.get(code).is_some_and(|count| *count >= 20), "{code}: {outcomes:?}");
    }
    println!("{outcomes:?} in {:?}", start.elapsed());
}
