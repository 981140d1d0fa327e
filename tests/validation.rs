//! Stage 3: every document that breaks a rule of section 5 is refused, in graphql-js's words, and no other is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use saas_blog::error::Failure;
use saas_blog::limits::Limits;
use saas_blog::schema::{self, Schema};
use saas_blog::syntax::{self, Scan};
use saas_blog::validate::{self, validate_by};
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

/// What is wrong with a document, by the wanted rules.
fn wrong(schema: &Schema, text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Failure> {
    let scan = match scanned(text) {
        Ok(scan) => scan,
        Err(failure) => return vec![failure],
    };
    let document = match syntax::parse(&scan) {
        Ok(document) => document,
        Err(error) => return vec![saas_blog::error::Error::from(error).into()],
    };
    let limits = Limits { fields: 100_000, ..Limits::default() };
    let valid = validate_by(schema, &document, scan.literals(), &limits, true, wanted);
    valid.err().unwrap_or_default().into_iter().map(|fault| fault.located(&scan)).collect()
}

fn sentences(failures: &[Failure]) -> Vec<String> {
    failures.iter().map(|failure| failure.error.to_string()).collect()
}

/// Every verdict is graphql-js's, and so are the first three sentences of a document that is refused, but for two
/// things: a block string is quoted as any other string, and of several conflicts between fields the order may differ.
#[test]
fn every_verdict_of_the_fixtures() {
    let (mut verdicts, mut differ, mut refused) = (Vec::new(), 0, 0);
    for fixture in lines("tests/fixtures/validation.jsonl") {
        let found = sentences(&wrong(&FIXTURES, fixture["query"].as_str().unwrap(), |_| true));
        if found.is_empty() != fixture["valid"].as_bool().unwrap() {
            verdicts.push(format!("{fixture}: {found:#?}"));
        }
        if let Some(messages) = fixture["errors"].as_array() {
            refused += 1;
            let first: Vec<&str> = found.iter().take(3).map(String::as_str).collect();
            let messages: Vec<&str> = messages.iter().map(|message| message.as_str().unwrap()).collect();
            let conflicts = messages.iter().filter(|message| message.contains("conflict because")).count();
            let allowed = conflicts > 1 || messages.iter().any(|message| message.contains("\"\"\""));
            assert!(first == messages || allowed, "{fixture}: {found:#?}");
            differ += usize::from(first != messages);
        }
    }
    assert!(verdicts.is_empty(), "{}", verdicts.join("\n"));
    assert!(refused > 700 && differ <= 4, "{differ} of {refused}");
}

/// A case of a table in `tests/rules`; `tests/reference/rules.mjs` makes sure that graphql-js says the same.
struct Case<'a> {
    title: &'a str,
    extra: bool,
    document: String,
    errors: Vec<&'a str>,
}

fn cases(table: &str) -> Vec<Case<'_>> {
    let parts = table.split("\n=== ").skip(1).map(|part| {
        let mut lines: Vec<&str> = part.trim_end().lines().collect();
        let title = lines.remove(0);
        let extra = lines.first() == Some(&"schema: extra");
        let rule = lines.iter().position(|line| *line == "---").unwrap_or(lines.len());
        let document = lines[usize::from(extra)..rule].join("\n");
        Case { title, extra, document, errors: lines.get(rule + 1..).unwrap_or_default().to_vec() }
    });
    parts.collect()
}

/// An error as the tables write it: its places, and its sentence.
fn line(failure: &Failure) -> String {
    let places = failure.locations.iter().map(|place| format!("{}:{}", place.line, place.column));
    let sentence = failure.error.to_string().replace('\n', "⏎");
    format!("{}: {sentence}", places.collect::<Vec<_>>().join(", "))
}

/// Cases in which less is said than graphql-js says, all about documents that another rule refuses.
const LESS: [&str; 5] = [
    // Nobody spreads the fragment, or two spread each other: what it selects is not looked at.
    "within a fragment that is nowhere spread",
    "fragments that go in circles, and conflict",
    "a fragment that spreads itself deeper, and conflicts",
    "fragments that go in circles through a list",
    // Of two fields that conflict, the one that stands in a fragment is named last, but here.
    "deeper, a fragment on one side",
];

/// Whether a document defines types: only `executable_definitions` looks at such definitions.
fn defines_types(document: &str) -> bool {
    scanned(document)
        .is_ok_and(|scan| syntax::parse(&scan).is_ok_and(|document| !document.type_system.is_empty()))
}

#[test]
fn every_rule_says_what_its_table_says() {
    let extra = schema::read(&file("tests/rules/extra.graphql")).unwrap();
    let (mut checked, mut differ) = (0, Vec::new());
    for rule in validate::rules() {
        let table = file(&format!("tests/rules/{rule}.txt"));
        for case in cases(&table) {
            let schema = if case.extra { &extra } else { &*FIXTURES };
            let found: Vec<String> =
                wrong(schema, &case.document, |name| name == rule).iter().map(line).collect();
            checked += 1;
            let less = LESS.contains(&case.title)
                || defines_types(&case.document) && rule != "executable_definitions";
            if found != case.errors && !less {
                let (said, found) = (case.errors.join("\n"), found.join("\n"));
                differ.push(format!("{rule}: {}\n{}\n-\n{said}\n+\n{found}\n", case.title, case.document));
            }
        }
    }
    assert!(differ.is_empty(), "{} of {checked}:\n{}", differ.len(), differ.join("\n"));
    assert!(checked > 400, "{checked}");
}

/// The operations that graphql-js has judged over the public schema (`tests/reference/generate.mjs`).
#[test]
fn every_verdict_of_the_generated_operations() {
    let blog = schema::load(schema::BLOG).unwrap();
    let (mut valid, mut differ) = ([0, 0], Vec::new());
    let operations = lines("tests/validation/operations.jsonl");
    for operation in &operations {
        let found: Vec<String> =
            wrong(&blog, operation["query"].as_str().unwrap(), |_| true).iter().map(line).collect();
        valid[usize::from(found.is_empty())] += 1;
        assert_eq!(found.is_empty(), operation["valid"].as_bool().unwrap(), "{operation}: {found:#?}");
        let said: Vec<&str> = match (&operation["errors"], &operation["syntax"]) {
            (Json::Array(errors), _) => errors.iter().map(|error| error.as_str().unwrap()).collect(),
            (_, Json::String(syntax)) => vec![syntax],
            _ => Vec::new(),
        };
        if !found.iter().take(3).eq(said.iter()) {
            differ.push(format!("{operation}\n{found:#?}"));
        }
    }
    assert!(valid.iter().sum::<i32>() >= 2_000 && valid[0] >= 1_000 && valid[1] >= 1_000, "{valid:?}");
    // Of documents that break several rules: without fragments to follow, or with several conflicts.
    assert!(differ.len() <= 13, "{}", differ.join("\n\n"));
}

/// graphql-js takes whatever a scalar of our own is given; here a date-time is one of RFC 3339.
#[test]
fn a_date_time_is_one() {
    let sdl = "scalar Time @scalar(kind: DATE_TIME) type Query { a(b: Time, c: [Time!]): Int }";
    let schema = schema::read(sdl).unwrap();
    let said = |arguments: &str| -> Vec<String> {
        wrong(&schema, &format!("{{ a({arguments}) }}"), |_| true).iter().map(line).collect()
    };
    assert!(said("b: \"2026-11-23T10:15:00.123456Z\", c: \"2026-11-23T10:15:00+01:00\"").is_empty());
    assert!(said("b: null, c: []").is_empty());
    for (arguments, place, value) in [
        ("b: \"yesterday\"", "1:8", "\"yesterday\""),
        ("b: 5", "1:8", "5"),
        ("c: [\"2026-11-23T10:15:00Z\", \"2026-02-30T10:15:00Z\"]", "1:33", "\"2026-02-30T10:15:00Z\""),
        ("b: {d: 1}", "1:8", "{d: 1}"),
    ] {
        let sentence = format!("{place}: Time cannot represent what is no RFC 3339 date-time: {value}");
        assert_eq!(said(arguments), [sentence]);
    }
    let (good, bad) = ("{ a(b: \"2026-11-23T10:15:00Z\") }", "{ a(b: \"2026-11-23\") }");
    let (good, bad) = (scanned(good).unwrap(), scanned(bad).unwrap());
    let document = syntax::parse(&good).unwrap();
    let assumptions =
        validate::validate(&schema, &document, good.literals(), &Limits::default(), true).unwrap();
    assert!(assumptions.hold(good.literals()) && !assumptions.hold(bad.literals()));
}
