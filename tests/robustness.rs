//! Whatever a request says, the stages come to an end without a panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use common::sql::most_arguments;
use common::{ROLES, Random, Request, file, request, scopes};
use serde_json::{Value as Json, json};

/// What is put into a request, parted by spaces: names, values, and all else.
const PIECES: [&str; 3] = [
    "me post posts comments users tenants deletedPosts nodes edges node cursor pageInfo hasNextPage hasPreviousPage \
     startCursor endCursor totalCount __typename id email author content commentCount a first last limit after before \
     tenantId postId authorId published if skip include F Node Post User Query Int Boolean query fragment on",
    "0 -1 3 1.5 101 2147483648 123456789012345678901234567890 \"s\" \"demo\" \"\"\"s\"\"\" true false null ENUM $id $x $first",
    "{ } ( ) [ ] : = @ ! $ ... \" \"\"\" \\ # é \u{0}",
];

/// The tokens of the golden files' requests, and a third as many that have nothing to do with the schema.
fn sources() -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|ending| ending == "graphql") && !path.ends_with("schema.graphql")
    });
    paths.sort();
    let golden = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let fixtures = file("tests/fixtures/syntax.jsonl");
    let fixtures = fixtures.lines().step_by(4).map(|line| serde_json::from_str::<Json>(line).unwrap());
    let texts = golden.chain(fixtures.map(|fixture| fixture["query"].as_str().unwrap().to_owned()));
    texts.map(|text| tokens(&text)).filter(|tokens| !tokens.is_empty()).collect()
}

/// The text's tokens: words, strings without spaces, and single characters. Comments are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    for word in lines.flat_map(str::split_whitespace) {
        let mut last = ' ';
        for character in word.chars() {
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '+' | '/' | '.');
            match tokens.last_mut() {
                Some(token) if is_word(last) && is_word(character) => token.push(character),
                _ => tokens.push(character.to_string()),
            }
            last = character;
        }
    }
    tokens
}

/// One of the pieces of a kind.
fn piece(random: &mut Random, kind: usize) -> Vec<String> {
    let pieces: Vec<&str> = PIECES[kind].split_whitespace().collect();
    vec![random.pick(&pieces).to_owned()]
}

fn kind(token: &str) -> usize {
    match token.chars().next() {
        Some('a'..='z' | 'A'..='Z' | '_') => 0,
        Some('0'..='9' | '-' | '"') => 1,
        _ => 2,
    }
}

/// The tokens with up to three changes: a token exchanged for one of its kind, a part taken out, doubled, or put in from
/// another text.
fn mutated(random: &mut Random, sources: &[Vec<String>]) -> String {
    let mut text = sources[random.below(sources.len())].clone();
    for _ in 0..random.below(4) {
        let place = random.below(text.len().max(1));
        let choice = random.below(14);
        // Most changes are to a word or a value, so that many texts are requests still.
        let is_word = |(_, token): &(usize, &String)| choice < 5 || kind(token) < 2;
        let (from, word) = text.iter().enumerate().skip(place).find(is_word).unwrap_or((0, &text[0]));
        let to = (from + random.below(6)).min(text.len());
        let (to, part) = match choice {
            0 => (to, Vec::new()),
            1 => (to, [&text[from..to], &text[from..to]].concat()),
            2 => {
                let other = &sources[random.below(sources.len())];
                let begin = random.below(other.len());
                (from, other[begin..(begin + random.below(20)).min(other.len())].to_vec())
            }
            3 => {
                let kind = random.below(3);
                (from, piece(random, kind))
            }
            _ => (from + 1, piece(random, kind(word))),
        };
        text.splice(from..to, part);
        text.extend(text.is_empty().then(|| "{".to_owned()));
    }
    text.join(" ")
}

fn variables(random: &mut Random) -> Json {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(3.0),
        json!(1.5),
        json!(2_147_483_648_i64),
        json!(1e308),
        json!(""),
        json!("demo"),
        json!("+qTyAAJ8pXNXwAAzMzMzMzMzMzMzMzMzMzMz"),
        json!([]),
        json!([[null]]),
        json!({"a": {}}),
        json!("\u{0}"),
        json!(common::ID),
    ];
    let mut variables = json!({});
    for name in
        ["x", "id", "first", "after", "before", "tenant", "published", "author", "yes", "no", "none", "null"]
    {
        if random.below(4) > 0 {
            variables[name] = values[random.below(values.len())].clone();
        }
    }
    variables
}

fn any_request(random: &mut Random, sources: &[Vec<String>]) -> Request {
    let claims: [Option<&[&str]>; 4] =
        [None, Some(&[]), Some(&["read:posts"]), Some(&["read:posts", "read:users"])];
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
                assert!(
                    most_arguments(&compiled.statement.text) <= 100 && compiled.statement.text.is_ascii()
                );
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
