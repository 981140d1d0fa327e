//! Stage 2: text becomes a document, or a sentence about what is wrong with it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use saas_blog::syntax::ast::{Document, Selection, Type, Value, ValueKind};
use saas_blog::syntax::{At, Limits, Literal, Location, Scan, SyntaxError, parse, scan};

#[path = "syntax/hostile.rs"]
mod hostile;

const LIMITS: Limits = Limits { max_tokens: 10_000, max_nesting: 100 };

pub(crate) fn scanned(text: &str) -> Scan<'_> {
    scan(text, &LIMITS).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn parsed(text: &str) -> Result<Document, SyntaxError> {
    parse(&scan(text, &LIMITS)?)
}

fn document(text: &str) -> Document {
    parsed(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn fixtures(file: &str) -> Vec<serde_json::Value> {
    let path = format!("{}/tests/fixtures/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_verdict_of_the_syntax_fixtures() {
    for fixture in fixtures("syntax.jsonl") {
        let outcome = parsed(fixture["query"].as_str().unwrap());
        assert_eq!(outcome.is_ok(), fixture["parses"].as_bool().unwrap(), "{fixture}: {outcome:?}");
    }
}

/// All sentences are those of graphql-js, but for what is wrong inside of a type system definition.
#[test]
fn every_verdict_and_sentence_of_the_validation_fixtures() {
    let fixtures = fixtures("validation.jsonl");
    let differ = fixtures.iter().filter(|fixture| {
        let error = parsed(fixture["query"].as_str().unwrap()).err();
        let sentence = error.as_ref().map(ToString::to_string);
        assert_eq!(sentence.is_some(), fixture["syntax"].is_string(), "{fixture}");
        let differs = sentence.as_deref() != fixture["syntax"].as_str();
        assert!(!differs || matches!(error, Some(SyntaxError::TypeSystem { .. })), "{error:?}: {fixture}");
        differs
    });
    assert_eq!(differ.count(), 2);
}

/// Sentences and places are those of graphql-js 16.15.
#[test]
fn the_first_error_is_told_where_it_is() {
    for (text, sentence, line, column) in [
        ("", "Unexpected <EOF>.", 1, 1),
        ("{", "Expected Name, found <EOF>.", 1, 2),
        ("{ a", "Expected Name, found <EOF>.", 1, 4),
        ("\n\n  { a }\r\n  }", "Unexpected \"}\".", 4, 3),
        ("{ é }", "Unexpected character: U+00E9.", 1, 3),
        ("{ a \u{7} }", "Unexpected character: U+0007.", 1, 5),
        ("{ a(s: \"😀\" é) }", "Unexpected character: U+00E9.", 1, 13),
        ("{ a .. }", "Unexpected character: \".\".", 1, 5),
        ("{ a ? }", "Unexpected character: \"?\".", 1, 5),
        (
            "{ a(x: 'y') }",
            "Unexpected single quote character ('), did you mean to use a double quote (\")?",
            1,
            8,
        ),
        ("{ a(x: 01) }", "Invalid number, unexpected digit after 0: \"1\".", 1, 9),
        ("{ a(x: 1.) }", "Invalid number, expected digit but got: \")\".", 1, 10),
        ("{ a(x: -", "Invalid number, expected digit but got: <EOF>.", 1, 9),
        ("{ a(x: 1e\"", "Invalid number, expected digit but got: '\"'.", 1, 10),
        ("{ a(x: \"b", "Unterminated string.", 1, 10),
        ("{ a(x: \"b\n\") }", "Unterminated string.", 1, 10),
        ("{ a(x: \"\"\"b\n\"", "Unterminated string.", 2, 2),
        ("{ a(x: \"\\x41\") }", "Invalid character escape sequence: \"\\x\".", 1, 9),
        ("{ a(x: \"\\\u{0}\") }", "Invalid character escape sequence: \"\\\\u0000\".", 1, 9),
        ("{ a(x: \"\\uD83D\") }", "Invalid Unicode escape sequence: \"\\uD83D\".", 1, 9),
        ("{ a(x: \"\\u{110000}\") }", "Invalid Unicode escape sequence: \"\\u{110000}\".", 1, 9),
        ("{ a(x: \"\\u{}\") }", "Invalid Unicode escape sequence: \"\\u{}\".", 1, 9),
        ("{ a(x: \"\\u00g0\") }", "Invalid Unicode escape sequence: \"\\u00g0\".", 1, 9),
        ("{ a(\"x\\u0000y\") }", "Expected Name, found String \"x\\u0000y\".", 1, 5),
        ("{ \"x\\u009fy\" }", "Expected Name, found String \"x\\u009Fy\".", 1, 3),
        (
            "\"doc\" { a }",
            "Unexpected description, descriptions are not supported on shorthand queries.",
            1,
            1,
        ),
        ("\"doc\" a", "Unexpected description, only GraphQL definitions support descriptions.", 1, 1),
        ("\"doc\" 1", "Unexpected Int \"1\".", 1, 7),
        ("query ($a: Int = $b) { a }", "Unexpected variable \"$b\" in constant value.", 1, 18),
        ("query ($a: Int = [$]) { a }", "Unexpected \"$\".", 1, 19),
        ("fragment on on A { a }", "Unexpected Name \"on\".", 1, 10),
        ("fragment A { a }", "Expected \"on\", found \"{\".", 1, 12),
        ("{ a } type X { }", "Invalid type system definition.", 1, 7),
        // Of two errors, the first.
        ("{ 1 } \"", "Expected Name, found Int \"1\".", 1, 3),
        ("{ a } \"", "Unterminated string.", 1, 8),
    ] {
        let error = parsed(text).unwrap_err();
        assert_eq!(error.to_string(), format!("Syntax Error: {sentence}"), "{text:?}");
        assert_eq!(error.location(), Some(Location { line, column }), "{text:?}");
    }
}

#[test]
fn equal_shapes() {
    for (one, other) in [
        ("{ a(x: 1, y: \"b\") }", "#c\n{a(x:2 y:\"\")}"),
        ("{ a(x: \"b\") }", "{ a(x: \"\"\"\n  b\n\"\"\") }"),
        ("{ a(x: 1.5) }", "{ a(x: -0e10) }"),
        ("\"one\" query Q { a }", "\"two\" query Q { a }"),
        ("query Q($x: [Int!] = [1, 2]) { a }", "query Q($x:[Int!]=[3 4]){a}"),
        ("{ a } type X { a: Int = 1 }", "{a}type X{a:Int=2}"),
        ("\u{feff}{ a }", "{a,,,}"),
    ] {
        assert_eq!(scanned(one).shape(), scanned(other).shape());
    }
}

#[test]
fn different_shapes() {
    let texts = [
        "{ a }",
        "query { a }",
        "query Q { a }",
        "query _Q { a }",
        "query Q @description { a }",
        "query Q @description(is: \"0\") { a }",
        "\"0\" query Q { a }",
        "\"0\" query { a }",
        "mutation { a }",
        "subscription { a }",
        "{ a } { a }",
        "{ a: a }",
        "{ _a }",
        "{ a b }",
        "{ ab }",
        "{ a { b } }",
        "{ a ... { b } }",
        "{ a(x: 1) }",
        "{ a(x: 1.0) }",
        "{ a(x: \"1\") }",
        "{ a(x: true) }",
        "{ a(x: false) }",
        "{ a(x: null) }",
        "{ a(x: true_) }",
        "{ a(x: nullable) }",
        "{ a(x: $true) }",
        "{ a(x: [1 2]) }",
        "{ a(x: [[1] 2]) }",
        "{ a(x: {k: 1, k: 2}) }",
        "{ a(x: {k: 1, j: 2}) }",
        "{ a(x: {k: 1, _1k: 2}) }",
        "{ a(x: {k: 1}, k: 2) }",
        "{ a(x: {}) }",
        "{ a(x: []) }",
        "query ($x: Int = 1) { a }",
        "query ($x: Int @default(is: 1)) { a }",
        "query (\"1\" $x: Int) { a }",
        "query ($x: Int @description(is: \"1\")) { a }",
        "query (\"1\" $x: Int = 1) { a }",
        "query ($x: Int! = 1) { a }",
        "query ($x: [Int] = 1) { a }",
        "{ ...F } fragment F on T { a }",
        "{ ... on F } fragment F on T { a }",
        "{ a } scalar A scalar B",
        "{ a } scalar A { b }",
        "{ a } type A { b: C }",
        "scalar A { a }",
    ];
    let shapes: HashSet<String> = texts.iter().map(|text| scanned(text).shape().to_owned()).collect();
    // One of them is no document, and has no shape.
    assert_eq!(shapes.len(), texts.len());
    assert!(shapes.contains(""));
}

#[test]
fn a_shape_holds_no_literal() {
    let scan = scanned(
        "\"s3cret\" query($v: T = \"s3cret\") { a(x: \"s3cret\", y: 73219, z: [7.3219, \"\"\"s3cret\"\"\"]) }",
    );
    assert!(!scan.shape().contains("s3cret") && !scan.shape().contains("3219"), "{}", scan.shape());
    let string = || Literal::String("s3cret".to_owned());
    let numbers = [Literal::Int("73219".to_owned()), Literal::Float("7.3219".to_owned())];
    let [int, float] = numbers;
    let block_string = Literal::BlockString("s3cret".to_owned());
    assert_eq!(scan.literals(), [string(), string(), string(), int, float, block_string]);
}

#[test]
fn literals_are_decoded() {
    for (text, value) in [
        (r#""""#, ""),
        (r#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u{1F600}\uD83D\uDE00\u{00000041}""#, "A😀😀A"),
        (r#""""""""#, ""),
        (r#""""a \""" b""""#, "a \"\"\" b"),
        (r#""""\n""""#, "\\n"),
        ("\"\"\"\n    a\r\n      b\r\r    \n    c\n\n\"\"\"", "a\n  b\n\n\nc"),
    ] {
        let value = value.to_owned();
        let block = text.starts_with("\"\"\"");
        let literal = if block { Literal::BlockString(value) } else { Literal::String(value) };
        let text = format!("{{ a(x: {text}) }}");
        assert_eq!(scanned(&text).literals(), [literal], "{text}");
    }
}

#[test]
fn names_are_read_as_they_are_written() {
    let text = "query true($null: falsey) { on: query(true: truex, o: {on: null_, on: on, _0: $null}) { ...null_ ... on on { _ } } }";
    let document = document(text);
    let operation = &document.operations[0];
    assert_eq!(operation.name.as_ref().unwrap().text, "true");
    assert_eq!(operation.variables[0].name.text, "null");
    let Selection::Field(field) = &operation.selection_set[0] else { panic!() };
    assert_eq!((field.response_key().text.as_str(), field.name.text.as_str()), ("on", "query"));
    assert_eq!(field.arguments[0].value.kind, ValueKind::Enum("truex".to_owned()));
    let ValueKind::Object(fields) = &field.arguments[1].value.kind else { panic!() };
    let keys: Vec<_> = fields.iter().map(|(key, _)| key.text.as_str()).collect();
    assert_eq!(keys, ["on", "on", "_0"]);
    assert_eq!(fields[2].1.kind, ValueKind::Variable("null".to_owned()));
    let Selection::FragmentSpread(spread) = &field.selection_set[0] else { panic!() };
    assert_eq!(spread.name.text, "null_");
    let Selection::InlineFragment(inline) = &field.selection_set[1] else { panic!() };
    assert_eq!(inline.type_condition.as_ref().unwrap().text, "on");
}

#[test]
fn nodes_know_their_places() {
    let text = "\"d\" query Q(\"d\" $x: [T!]! = [{k: 1}] @d(a: 2)) @e {\n  a: b(c: [A, $x, 3]) @f(g: \"h\") { ...F }\n}\nfragment F on U { i }";
    let scan = scanned(text);
    let document = parse(&scan).unwrap();
    let found = |at: At, expected: &str| {
        let Location { line, column } = scan.locate(at);
        let line = text.lines().nth(line - 1).unwrap();
        assert!(line[column - 1..].starts_with(expected), "{expected}: {}", &line[column - 1..]);
    };
    let operation = &document.operations[0];
    found(operation.at, "\"d\" query");
    found(operation.name.as_ref().unwrap().at, "Q");
    let variable = &operation.variables[0];
    found(variable.at, "\"d\" $x");
    found(variable.name.at, "x");
    found(variable.ty.at(), "[T!]!");
    let Type::NonNull(list) = &variable.ty else { panic!() };
    let Type::List(item) = &**list else { panic!() };
    found(item.at(), "T!]!");
    let Value { at, kind: ValueKind::List(values) } = variable.default.as_ref().unwrap() else { panic!() };
    found(*at, "[{k");
    let ValueKind::Object(fields) = &values[0].kind else { panic!() };
    found(values[0].at, "{k");
    found(fields[0].0.at, "k");
    found(fields[0].1.at, "1}]");
    found(variable.directives[0].at, "@d");
    found(variable.directives[0].arguments[0].value.at, "2))");
    found(operation.directives[0].at, "@e");
    let Selection::Field(field) = &operation.selection_set[0] else { panic!() };
    found(field.at, "a: b");
    found(field.name.at, "b(c");
    let ValueKind::List(values) = &field.arguments[0].value.kind else { panic!() };
    found(values[1].at, "$x, 3");
    found(values[2].at, "3])");
    found(field.directives[0].name.at, "f(g");
    found(field.directives[0].arguments[0].value.at, "\"h\"");
    let Selection::FragmentSpread(spread) = &field.selection_set[0] else { panic!() };
    found(spread.at, "...F");
    found(document.fragments[0].at, "fragment F");
    found(document.fragments[0].type_condition.at, "U {");
}

#[test]
fn holes_are_numbered_through_the_document() {
    let text = "\"0\" query(\"1\" $x: T = 2 @d(a: \"3\")) { a(x: {k: 4.0, k: 5}) } \"6\" fragment F on T { a(x: 7) }";
    let found = format!("{:?}", document(text));
    for hole in ["Int(Hole(2))", "String(Hole(3))", "Float(Hole(4))", "Int(Hole(5))", "Int(Hole(7))"] {
        assert!(found.contains(hole), "{hole}: {found}");
    }
}

#[test]
fn nothing_is_merged() {
    let document = document(
        "{ a } query A { a } query A { a } { a } fragment F on T { a } fragment F on T { a(x: 1, x: 2) }",
    );
    assert_eq!((document.operations.len(), document.fragments.len()), (4, 2));
    let Selection::Field(field) = &document.fragments[1].selection_set[0] else { panic!() };
    assert_eq!(field.arguments.len(), 2);
}

#[test]
fn type_system_definitions_are_found() {
    for (text, count) in [
        ("{ a } type X { a: Int }", 1),
        ("scalar A { a }", 1),
        ("scalar A union B = | A | type type type { a: Int } { a } query Q { a }", 3),
        (
            "\"d\" schema @d(a: \"s\") { query: Q } extend schema @d directive @type repeatable on FIELD | QUERY { a }",
            3,
        ),
        ("extend type type implements type & input @d \"d\" input X { a: [Int!]! = [1] @d }", 2),
    ] {
        assert_eq!(document(text).type_system.len(), count, "{text}");
    }
}
