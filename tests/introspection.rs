//! What the schema says of itself, compared with graphql-js: `tests/reference/introspection_cases.mjs` writes its answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::LazyLock;

use common::{file, none_wrong, numbered, request, verdicts};
use saas_blog::limits::Limits;
use saas_blog::operation;
use saas_blog::plan::{self, Bound, Parameter, Values};
use saas_blog::schema::{self, Role, Schema, Scopes, print};
use saas_blog::syntax;
use saas_blog::validate::validate;
use serde_json::Value as Json;

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| schema::read(&file("tests/introspection/schema.graphql")).unwrap());

/// The answer to a request that asks for nothing but the schema and `__typename`, or what is wrong with it.
fn answered(schema: &Schema, query: &str, variables: &Json, limits: &Limits) -> Result<String, String> {
    let limits_of_text = syntax::Limits { max_tokens: 100_000, max_nesting: 100 };
    let scan = syntax::scan(query, &limits_of_text).map_err(|error| error.to_string())?;
    let document = syntax::parse(&scan).map_err(|error| error.to_string())?;
    let assumptions = validate(schema, &document, scan.literals(), limits, true)
        .map_err(|faults| faults[0].error.to_string())?;
    let executable = operation::choose(schema, document, assumptions, None).unwrap();
    assert!(!executable.asks_data);
    let variables = variables.as_object().unwrap();
    let inputs = operation::coerce(schema, &executable, variables, scan.literals(), true).unwrap();
    executable.measure.check(limits).map_err(|error| error.to_string())?;
    let operation = operation::collect(schema, &executable, &inputs).unwrap();
    let plan = plan::build(schema, &operation, Role::Subscriber, Scopes::NONE).unwrap();
    let members: Vec<(String, Option<String>)> = plan
        .root
        .iter()
        .map(|member| match &member.value {
            plan::Value::Typename(name) => (member.key.clone(), Some(format!("\"{name}\""))),
            _ => (member.key.clone(), None),
        })
        .collect();
    let program = saas_blog::sql::build(plan);
    let statement = &program.steps[0].selection;
    let values = Values::new(schema, None, &inputs, limits).of(&statement.parameters);
    let values = values.map_err(|fault| fault.error.to_string())?;
    let mut texts =
        statement.parameters.iter().zip(values).map(|(parameter, value)| match (parameter, value) {
            (Parameter::Introspection(_), Bound::Text(text)) => text,
            other => panic!("{other:?}"),
        });
    let members = members.into_iter().map(|(key, constant)| {
        let value = constant.unwrap_or_else(|| texts.next().unwrap());
        format!("\"{key}\":{value}")
    });
    Ok(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
}

/// Key by key in the order of the request: graphql-js's answer is written without spaces too.
#[test]
fn every_answer_is_that_of_graphql_js() {
    let answers = file("tests/introspection/answers.jsonl");
    let mut wrong = Vec::new();
    for line in answers.lines() {
        let (_, wanted) = line.strip_suffix('}').unwrap().split_once(",\"data\":").unwrap();
        let case: Json = serde_json::from_str(line).unwrap();
        let query = case["query"].as_str().unwrap();
        let found = answered(&SCHEMA, query, &case["variables"], &Limits::default());
        if found.as_deref() != Ok(wanted) {
            let at = found.iter().flat_map(|found| found.chars()).zip(wanted.chars());
            let at = at.take_while(|(found, wanted)| found == wanted).count();
            let piece = |text: &str| text.chars().skip(at.saturating_sub(60)).take(160).collect::<String>();
            wrong.push(format!(
                "{}\n- {}\n+ {}",
                case["title"],
                piece(wanted),
                piece(&found.unwrap_or_else(|e| e))
            ));
        }
    }
    none_wrong(&wrong);
    assert!(answers.lines().count() > 25);
}

/// The query that tools send is as deep as the limit lets it be.
#[test]
fn the_usual_query_is_within_the_limit() {
    let answers = file("tests/introspection/answers.jsonl");
    let case: Json = serde_json::from_str(answers.lines().last().unwrap()).unwrap();
    let none = Json::Object(serde_json::Map::new());
    let ask = |introspection_depth| {
        let limits = Limits { introspection_depth, ..Limits::default() };
        answered(&SCHEMA, case["query"].as_str().unwrap(), &none, &limits)
    };
    assert!(ask(15).is_ok());
    assert_eq!(ask(14).unwrap_err(), "The request exceeds the limit max_introspection_depth of 14.");
}

/// What graphql-js accepts as a schema, and prints as it was given: nested lists, defaults, escapes, deprecation.
#[test]
fn the_sdl_prints_as_itself_again() {
    let printed = print(&SCHEMA);
    let again = print(&schema::read(&printed).unwrap());
    assert_eq!(printed, again);
    for line in [
        "filter: Filter = {text: \"x\", limits: [1, 2], kind: NEW, old: false}",
        "filters: [Filter!] = [{text: \"y\", limits: [1, 2], kind: NEW, nested: {text: \"y\", limits: [3], kind: OLD, old: false}, old: false}]",
        "ratios: [Float] = [1e+50, 1e-7, -0.5, 1e+21, 123456789012, 0.1, null]",
        "ids: [ID!]! = [7, 8, \"08\", \"a\"]",
        "kinds: [[Kind!]!] = [[NEW]]",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
}

/// No directive that binds the schema to SQL, and nothing of what it says.
#[test]
fn no_binding_leaks() {
    let everything = "{ __schema { types { name description fields(includeDeprecated: true) { name description args { name description defaultValue } } enumValues { name description } } directives { name description args { name } } } }";
    let text =
        answered(common::schema(), everything, &Json::Object(serde_json::Map::new()), &Limits::default());
    let text = text.unwrap();
    assert!(text.len() > 10_000);
    for secret in ["tb_", "pk_", "fk_", "_at\"", "read:", "SUBSCRIBER", "\"access\"", "\"table\"", "__Meta"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// Writing stops where the answer may not be longer: the nested lists below are gigabytes.
#[test]
fn aliases_within_each_other_are_stopped() {
    let aliases = |name: &str, inner: &str| numbered(0..16, |n| format!("{name}{n}: {inner} "));
    let leaves = aliases("l", "description");
    let fields = format!("{{ type {{ {} }} }}", aliases("b", &format!("fields {{ type {{ {leaves} }} }}")));
    let query = format!("{{ __schema {{ types {{ {} }} }} }}", aliases("a", &format!("fields {fields}")));
    for most in [1, 100, 10_000, 1 << 20] {
        let limits = Limits { answer_bytes: most, fields: 100_000, aliases: 100_000, ..Limits::default() };
        let begun = std::time::Instant::now();
        let found = answered(&SCHEMA, &query, &Json::Object(serde_json::Map::new()), &limits);
        assert_eq!(found.unwrap_err(), format!("The request exceeds the limit max_answer_bytes of {most}."));
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
}

/// All fields about the schema have the room of one answer together, also if they ask for the same.
#[test]
fn the_room_of_an_answer_is_shared() {
    let ask = |fields: usize, most: u64| {
        let query =
            format!("{{ {} }}", numbered(0..fields, |n| format!("a{n}: __type(name: \"Kind\") {{ name }} ")));
        let limits = Limits { answer_bytes: most, ..Limits::default() };
        answered(&SCHEMA, &query, &Json::Object(serde_json::Map::new()), &limits)
    };
    let one = r#"{"name":"Kind"}"#.len() as u64;
    assert!(ask(1, one).is_ok() && ask(10, 10 * one).is_ok());
    assert!(ask(1, one - 1).is_err() && ask(10, 10 * one - 1).is_err());
}

/// The statement is one whatever is asked, and what is asked of the schema is a parameter of it.
#[test]
fn one_statement_with_the_data() {
    let asked =
        request("query ($n: String!) { me { id } __schema { types { name } } a: __type(name: $n) { name } }");
    let compiled = asked.variables(serde_json::json!({"n": "User"})).compiled().unwrap();
    let text = &compiled.program.steps[0].selection.text;
    assert_eq!(text.matches("SELECT").count(), 2, "{text}");
    assert!(!text.contains("PageInfo") && !text.contains("\"name\""), "{text}");
    let values = compiled.values.unwrap();
    assert!(values.concat().contains(&Bound::Text("{\"name\":\"User\"}".to_owned())), "{values:?}");
}

#[test]
fn who_asks_for_data() {
    let asks = |query: &str| {
        let asked = request(query);
        let scan = asked.scan().unwrap();
        asked.executable(&scan).unwrap().asks_data
    };
    for query in [
        "{ __typename }",
        "{ __schema { queryType { name } } t: __type(name: \"User\") { name } }",
        "{ ...F ... { __typename } } fragment F on Query { __schema { types { fields { name } } } }",
    ] {
        assert!(!asks(query), "{query}");
    }
    for query in [
        "{ __schema { queryType { name } } me { id } }",
        "{ ...F __typename } fragment F on Query { ... { me { __typename } } }",
        "{ __schema: me { id } }",
        "{ me @skip(if: true) { id } __typename }",
        "{ a: node(id: 1) { __typename } }",
    ] {
        assert!(asks(query), "{query}");
    }
}

/// Where the first field stands that is refused while introspection is off.
#[test]
fn the_first_field_about_the_schema() {
    let first = |query: &str| {
        let asked = request(query);
        let scan = asked.scan().unwrap();
        let executable = asked.executable(&scan).unwrap();
        executable.introspection.map(|(name, at)| (name, scan.locate(at).column))
    };
    for (query, wanted) in [
        ("{ __typename me { __typename } }", None),
        ("{ __schema: me { id } }", None),
        ("{ me { id } a: __type(name: \"User\") { name } __schema { description } }", Some(("__type", 13))),
        (
            "{ ...F __schema { description } } fragment F on Query { __type(name: \"User\") { name } }",
            Some(("__type", 57)),
        ),
        ("{ ... @skip(if: true) { __schema @skip(if: true) { description } } }", Some(("__schema", 25))),
    ] {
        let wanted = wanted.map(|(name, column)| (name.to_owned(), column));
        assert_eq!(first(query), wanted, "{query}");
    }
}

#[test]
fn requests_that_are_refused() {
    verdicts([
        (
            request("{ me { __schema { description } } }"),
            "GRAPHQL_VALIDATION_FAILED 1:8: Cannot query field \"__schema\" on type \"User\".",
        ),
        (
            request("{ __schema { types { nope } } }"),
            "GRAPHQL_VALIDATION_FAILED 1:22: Cannot query field \"nope\" on type \"__Type\". Did you mean \"name\"?",
        ),
    ]);
}
