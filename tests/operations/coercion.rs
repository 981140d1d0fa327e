//! The client's variables as values of their types (spec 3.5 and 6.1.2).
//!
//! `coercion.txt` is what graphql-js says about the same variables (`tests/reference/coercion.mjs`), message by message.
//! What we do in another way has a test of its own here, with the reason.

use saas_blog::operation::Input::{self, Boolean, Float, Int, List, Null, Object, String as Text};
use saas_blog::operation::{choose, coerce};
use saas_blog::schema::{Schema, read};
use saas_blog::syntax::{Limits, parse, scan};
use saas_blog::validate::Assumptions;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::common::{self, file, none_wrong, request};

fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let parts = ["tests/fixtures/validation.graphql", "tests/operations/coercion.graphql"].map(file);
        read(&parts.concat()).unwrap()
    });
    &SCHEMA
}

type Coerced = Result<Vec<(String, Option<Input>)>, Vec<String>>;

/// The document's variables with their names, or `line:column: message` of each error.
fn coerced(schema: &Schema, document: &str, variables: &Json, suggest: bool) -> Coerced {
    let scan = scan(document, &Limits { max_tokens: 10_000, max_nesting: 100 }).unwrap();
    let executable = choose(schema, parse(&scan).unwrap(), Assumptions::default(), None).unwrap();
    let given = variables.as_object().unwrap();
    match coerce(schema, &executable, given, scan.literals(), suggest) {
        Ok(inputs) => {
            let names = executable.variables.iter().map(|variable| variable.name.clone());
            Ok(names.zip(inputs.variables).collect())
        }
        Err(faults) => Err(faults.into_iter().map(|fault| told(&fault.located(&scan))).collect()),
    }
}

fn told(failure: &saas_blog::error::Failure) -> String {
    assert_eq!(failure.error.code(), "BAD_USER_INPUT");
    let places = failure.locations.iter().map(|place| format!("{}:{}", place.line, place.column));
    format!("{}: {}", places.collect::<Vec<_>>().join(", "), failure.error)
}

/// What the only variable of this type becomes.
fn one(ty: &str, variables: &Json) -> Result<Option<Input>, String> {
    let mut values = coerced(schema(), &format!("query ($x: {ty}) {{ __typename }}"), variables, true)
        .map_err(|messages| messages.join("\n"))?;
    assert_eq!(values.len(), 1);
    Ok(values.remove(0).1)
}

/// A value as JavaScript prints it.
fn printed(input: &Input) -> String {
    match input {
        Null => "null".to_owned(),
        Int(number) => number.to_string(),
        Float(number) => number.to_string(),
        Boolean(value) => value.to_string(),
        Text(text) => Json::from(text.as_str()).to_string(),
        List(items) => format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(",")),
        Object(fields) => object(fields.iter().map(|(name, input)| (name, input))),
        Input::Json(value) => value.to_string(),
    }
}

fn object<'a>(fields: impl Iterator<Item = (&'a String, &'a Input)>) -> String {
    let fields = fields.map(|(name, input)| format!("\"{name}\":{}", printed(input)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// The lines of the table that tell what becomes of the variables.
fn lines(document: &str, variables: &str, suggest: bool) -> Vec<String> {
    let variables = serde_json::from_str(variables).unwrap();
    match coerced(schema(), document, &variables, suggest) {
        Ok(values) => {
            let given = values.iter().filter_map(|(name, input)| Some((name, input.as_ref()?)));
            vec![format!("< {}", object(given))]
        }
        Err(messages) => messages.into_iter().map(|message| format!("! {message}")).collect(),
    }
}

#[test]
fn variables_become_what_graphql_js_makes_of_them() {
    let table = file("tests/operations/coercion.txt");
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for section in table.split("\n=== ").skip(1) {
        let (title, rest) = section.split_once('\n').unwrap();
        let (document, rest) = rest.split_once("\n> ").unwrap();
        for case in rest.trim_end().split("\n> ") {
            let (variables, wanted) = case.split_once('\n').unwrap();
            let found = lines(document, variables, !title.ends_with("without suggestions")).join("\n");
            if found != wanted {
                wrong.push(format!("{title}: {variables}\n{wanted}\nbut found\n{found}"));
            }
            cases += 1;
        }
    }
    assert!(cases >= 200, "{cases} cases");
    none_wrong(&wrong);
}

fn text(text: &str) -> Input {
    Text(text.to_owned())
}

/// A number as serde reads it from text.
fn number(digits: &str) -> Json {
    serde_json::from_str(digits).unwrap()
}

/// The table cannot tell 3 from 3.0, nor a string from a custom scalar.
#[test]
fn values_have_the_kind_of_their_type() {
    let good = [
        ("Int", json!(3.0), Int(3)),
        ("Int", json!(-0.0), Int(0)),
        ("Float", json!(1), Float(1.0)),
        ("Float", json!(1e308), Float(1e308)),
        ("Float", number("123456789012345678901234567890"), Float(123_456_789_012_345_678_901_234_567_890.0)),
        ("Boolean", json!(true), Boolean(true)),
        ("ID", json!(3.0), text("3")),
        ("PostStatus", json!("DRAFT"), text("DRAFT")),
        ("JSON", json!(3), Input::Json(json!(3))),
        ("JSON", json!("a"), Input::Json(json!("a"))),
        ("[JSON]", json!([null, [null]]), List(vec![Null, Input::Json(json!([null]))])),
        ("JSON", Json::Null, Null),
        ("Inner", json!({"text": "a"}), Object(vec![("text".into(), text("a")), ("number".into(), Int(5))])),
        ("IntFilter", json!({"in": 1}), Object(vec![("in".into(), List(vec![Int(1)]))])),
    ];
    let wrong = good.into_iter().filter_map(|(ty, value, wanted)| {
        let found = one(ty, &json!({"x": value}));
        (found.as_ref() != Ok(&Some(wanted.clone())))
            .then(|| format!("{ty} {value}\n- {wanted:?}\n+ {found:?}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

#[test]
fn null_absent_and_default() {
    for (ty, variables, wanted) in [
        ("Int", json!({"x": null}), Some(Null)),
        ("Int", json!({"other": 1}), None),
        ("Int = 5", json!({"x": null}), Some(Null)),
        ("Int = 5", json!({}), Some(Int(5))),
        ("Int = null", json!({}), Some(Null)),
        ("Float = 5", json!({}), Some(Float(5.0))),
        ("ID = 5", json!({}), Some(text("5"))),
        ("JSON = 5", json!({}), Some(Input::Json(json!(5)))),
        ("JSON = 5.0", json!({}), Some(Input::Json(json!(5.0)))),
        (
            "JSON = 12345678901234567890123",
            json!({}),
            Some(Input::Json(json!(12_345_678_901_234_567_890_123.0))),
        ),
        ("Int = 99999999999", json!({"x": 1}), Some(Int(1))),
    ] {
        assert_eq!(one(ty, &variables), Ok(wanted), "{ty} {variables}");
    }
}

/// A literal's kind is a matter of validation, which sees the shape of a document alone; what fills its holes comes with
/// each request.
#[test]
fn defaults_that_hold_too_much() {
    let blog = common::schema();
    for (schema, ty, wanted) in [
        (
            schema(),
            "Int = 2147483648",
            "1:18: Int cannot represent non 32-bit signed integer value: 2147483648",
        ),
        (
            schema(),
            "[Int] = [1, -99999999999]",
            "1:24: Int cannot represent non 32-bit signed integer value: -99999999999",
        ),
        (
            schema(),
            "[[Int]] = 99999999999",
            "1:22: Int cannot represent non 32-bit signed integer value: 99999999999",
        ),
        (
            schema(),
            "PostFilter = {and: [{words: {eq: 1}}, {words: {eq: 3000000000}}]}",
            "1:63: Int cannot represent non 32-bit signed integer value: 3000000000",
        ),
        // graphql-js takes it for infinity, which is no Float (spec 3.5.2).
        (schema(), "Float = 1e999", "1:20: Float cannot represent non numeric value: 1e999"),
        (schema(), "JSON = {a: [1e999]}", "1:19: Expected type \"JSON\"."),
        (
            blog,
            "DateTime = \"today\"",
            "1:23: DateTime cannot represent what is no RFC 3339 date-time: \"today\"",
        ),
    ] {
        let found = coerced(schema, &format!("query ($x: {ty}) {{ __typename }}"), &json!({}), true);
        assert_eq!(found, Err(vec![wanted.to_owned()]), "{ty}");
    }
}

/// graphql-js leaves the form of a custom scalar to its users. Ours is RFC 3339; the table's schema does not say so, and
/// there a `DateTime` is any JSON.
#[test]
fn a_date_time_is_one() {
    let ask = |value: Json| {
        coerced(common::schema(), "query ($x: DateTime) { __typename }", &json!({"x": value}), true)
    };
    for good in ["2026-11-23T10:15:00Z", "2024-02-29T23:59:59.123456+05:45"] {
        assert_eq!(ask(json!(good)), Ok(vec![("x".to_owned(), Some(text(good)))]));
    }
    for (bad, shown) in [
        (json!("2026-11-23"), "\"2026-11-23\""),
        (json!("2023-02-29T10:15:00Z"), "\"2023-02-29T10:15:00Z\""),
        (json!(1_763_892_900), "1763892900"),
        (json!({"a": true}), "{ a: true }"),
    ] {
        let wanted = format!(
            "1:8: Variable \"$x\" got invalid value {shown}; DateTime cannot represent what is no RFC 3339 date-time: {shown}"
        );
        assert_eq!(ask(bad), Err(vec![wanted]));
    }
}

/// JavaScript rounds integers beyond 53 bits, which are other ids then.
#[test]
fn a_long_integer_keeps_its_digits() {
    for digits in ["9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615"]
    {
        assert_eq!(one("ID", &json!({"x": number(digits)})), Ok(Some(text(digits))));
        let wanted = format!(
            "1:8: Variable \"$x\" got invalid value {digits}; \
             Int cannot represent non 32-bit signed integer value: {digits}"
        );
        assert_eq!(one("Int", &json!({"x": number(digits)})), Err(wanted));
    }
}

/// graphql-js repeats strings, keys and names as they are, whatever they hold and however long they are.
#[test]
fn messages_are_short_and_printable() {
    let long = "\u{0}\u{1b}[31m\u{7f}\u{85}\n".repeat(10_000);
    let nested = (0..90).fold(json!({long.as_str(): long}), |inner, _| json!({"and": [inner]}));
    let name = "v".repeat(10_000);
    for (ty, value) in [
        ("Int", json!(long)),
        ("Int", json!({long.as_str(): 1})),
        ("Int", json!(vec!["x".repeat(1_000_000); 20])),
        ("Colour", json!(long)),
        ("Colour", json!([long])),
        ("Wide", json!({long.as_str(): 1})),
        ("PostFilter", nested),
    ] {
        let document = format!("query (${name}: {ty}) {{ __typename }}");
        let messages = coerced(schema(), &document, &json!({name.as_str(): value}), true).unwrap_err();
        for message in messages {
            assert!(message.chars().count() < 1_500, "{ty}: {} characters", message.chars().count());
            assert!(!message.chars().any(char::is_control), "{ty}: {message:?}");
        }
    }
    assert_eq!(
        one("Int", &json!({"x": "a\u{7f}\u{85}\u{0}"})).unwrap_err(),
        "1:8: Variable \"$x\" got invalid value \"a\\u007f\\u0085\\u0000\"; \
         Int cannot represent non-integer value: \"a\\u007f\\u0085\\u0000\""
    );
    let cut = format!("\"{}...", "é".repeat(199));
    assert_eq!(
        one("Int", &json!({"x": "é".repeat(200)})).unwrap_err(),
        format!(
            "1:8: Variable \"$x\" got invalid value {cut}; Int cannot represent non-integer value: {cut}"
        )
    );
}

/// As in graphql-js with its `maxErrors` of 100.
#[test]
fn a_hundred_errors_are_enough() {
    for (items, wanted) in [(99, 99), (100, 100), (101, 101), (500_000, 101)] {
        let start = Instant::now();
        let messages = coerced(
            schema(),
            "query ($x: [Int!], $y: Int!) { __typename }",
            &json!({"x": vec![Json::Null; items], "y": 1}),
            true,
        )
        .unwrap_err();
        assert_eq!(messages.len(), wanted);
        let last = messages.last().unwrap();
        let enough = ": Too many errors processing variables, error limit reached. Execution aborted.";
        assert_eq!(last == enough, items > 100, "{last}");
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

/// Before, it was left out: `comments` listed those on all posts of the tenant, and `post` any of them.
#[test]
fn null_for_a_non_null_argument_by_way_of_a_default() {
    for query in
        ["{ post(id: $x) { id } }", "{ comments(postId: $x) { totalCount } }", "{ user(id: $x) { id } }"]
    {
        let ask =
            |variables| request(format!("query ($x: ID = \"a\") {query}")).variables(variables).verdict();
        assert_eq!(ask(json!({})), "ok");
        assert_eq!(ask(json!({"x": "b"})), "ok");
        // The field fails when it is asked, not the request.
        let null = request(format!("query ($x: ID = \"a\") {query}")).variables(json!({"x": null}));
        let gaps = null.compiled().unwrap().program.gaps;
        assert_eq!(gaps.len(), 1);
        let (code, message) = (gaps[0].error.code(), gaps[0].error.to_string());
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.ends_with(" of non-null type \"ID!\" must not be null."), "{message}");
    }
}
