//! Stage 3: every document that breaks a rule of section 5 is refused, in graphql-js's words, and no other is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use saas_blog::error::{Failure, Fault};
use saas_blog::limits::Limits;
use saas_blog::schema::{self, Schema};
use saas_blog::syntax::{self, Scan};
use saas_blog::validate::validate;
use serde_json::Value as Json;

fn file(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn lines(path: &str) -> Vec<Json> {
    file(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The schema of the fixtures.
static FIXTURES: LazyLock<Schema> =
    LazyLock::new(|| schema::read(&file("tests/fixtures/validation.graphql")).unwrap());

fn scanned(text: &str) -> Result<Scan<'_>, Failure> {
    let limits = syntax::Limits { max_tokens: 100_000, max_nesting: 200 };
    syntax::scan(text, &limits).map_err(|error| saas_blog::error::Error::from(error).into())
}

/// What is wrong with a document, as sentences.
fn wrong(schema: &Schema, text: &str) -> Vec<String> {
    let scan = match scanned(text) {
        Ok(scan) => scan,
        Err(failure) => return vec![failure.error.to_string()],
    };
    let document = match syntax::parse(&scan) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let limits = Limits { fields: 100_000, ..Limits::default() };
    let faults = validate(schema, &document, scan.literals(), &limits, true).err().unwrap_or_default();
    faults.into_iter().map(|fault: Fault| fault.located(&scan).error.to_string()).collect()
}

#[test]
fn every_verdict_of_the_fixtures() {
    let (mut verdicts, mut sentences, mut refused) = (Vec::new(), Vec::new(), 0);
    for fixture in lines("tests/fixtures/validation.jsonl") {
        let found = wrong(&FIXTURES, fixture["query"].as_str().unwrap());
        let valid = fixture["valid"].as_bool().unwrap();
        if found.is_empty() != valid {
            verdicts.push(format!("{fixture}: {found:#?}"));
        }
        if let Some(messages) = fixture["errors"].as_array() {
            refused += 1;
            let first: Vec<&str> = found.iter().take(3).map(String::as_str).collect();
            if first != messages.iter().map(|m| m.as_str().unwrap()).collect::<Vec<_>>() {
                sentences.push(format!("{fixture}: {found:#?}"));
            }
        }
    }
    for wrong in verdicts.iter().take(5).chain(sentences.iter().take(10)) {
        println!("{wrong}\n");
    }
    println!("{} verdicts differ, {} of {refused} sentences", verdicts.len(), sentences.len());
    assert!(verdicts.is_empty() && sentences.is_empty());
}
