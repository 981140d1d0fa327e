//! `@skip` and `@include` (spec 3.13.1 and 3.13.2).

use saas_blog::operation::State;
use serde_json::{Value as Json, json};

use crate::common::{request, verdicts};

const SELECTIONS: [(&str, &str); 5] = [
    ("name DIRECTIVES", ""),
    ("... DIRECTIVES { name }", ""),
    ("... on User DIRECTIVES { name }", ""),
    ("...F DIRECTIVES", " fragment F on User { name }"),
    ("...F DIRECTIVES", " fragment F on Node { ... on User { name } }"),
];

/// The two directives in this order, each with its value, by a literal or by the variable of its name.
fn directives(values: [(&str, Option<bool>); 2], by_variables: bool) -> String {
    let one = |(name, value): (&str, Option<bool>)| {
        let value = value.map(|value| if by_variables { format!("${name}") } else { value.to_string() });
        value.map_or_else(String::new, |value| format!(" @{name}(if: {value})"))
    };
    values.map(one).concat()
}

/// A selection is there if it is not skipped and is included, whatever it is and however the conditions are told.
#[test]
fn every_combination_on_every_selection() {
    let values = [None, Some(false), Some(true)];
    let combinations = values.iter().flat_map(|skip| values.iter().map(move |include| (*skip, *include)));
    let mut cases = 0;
    for (skip, include) in combinations {
        let (first, second) = (("skip", skip), ("include", include));
        let given =
            [first, second].into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        let variables: Json = given.collect();
        let there = skip != Some(true) && include != Some(false);
        for (values, by_variables) in [
            ([first, second], false),
            ([first, second], true),
            ([second, first], false),
            ([second, first], true),
        ] {
            for (selection, fragment) in SELECTIONS {
                let selection = selection.replace("DIRECTIVES", &directives(values, by_variables));
                let used = values.iter().filter(|(_, value)| by_variables && value.is_some());
                let defined = used.map(|(name, _)| format!("${name}: Boolean! = true"));
                let defined = defined.collect::<Vec<_>>().join(", ");
                let defined = if defined.is_empty() { defined } else { format!("query ({defined}) ") };
                let query = format!("{defined}{{ me {{ id {selection} }} }}{fragment}");
                let text = request(&query).variables(variables.clone()).sql();
                assert_eq!(text.contains("\"name\""), there, "{query}: {text}");
                assert!(text.contains("\"id\""));
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 9 * 4 * 5);
}

/// A skipped spread is not a visit.
#[test]
fn a_fragment_that_is_skipped_once_is_there_the_second_time() {
    let query = "{ me { ...F @skip(if: true) ...F } } fragment F on User { name }";
    assert!(request(query).sql().contains("\"name\""));
}

#[test]
fn a_condition_is_a_boolean() {
    let query = |ty: &str| format!("query ($v: {ty}) {{ me {{ id name @skip(if: $v) }} }}");
    let null = |column| {
        format!("BAD_USER_INPUT 1:{column}: Argument \"if\" of non-null type \"Boolean!\" must not be null.")
    };
    let position = |ty, column| {
        format!(
            "GRAPHQL_VALIDATION_FAILED 1:8 1:{column}: Variable \"$v\" of type \"{ty}\" used in position expecting type \"Boolean!\"."
        )
    };
    verdicts([
        (request(query("Boolean!")).variables(json!({"v": true})), "ok"),
        (request(query("Boolean = true")), "ok"),
        (request(query("Boolean = true")).variables(json!({"v": null})), null(53).as_str()),
        (
            request(query("Boolean = true").replace("skip", "include")).variables(json!({"v": null})),
            &null(56),
        ),
        (request(query("Boolean")), &position("Boolean", 46)),
        (request(query("Boolean = null")), &position("Boolean", 53)),
        (request(query("Int!")).variables(json!({"v": 1})), &position("Int!", 43)),
        (
            request("{ me @skip(if: null) { id } }"),
            "GRAPHQL_VALIDATION_FAILED 1:16: Expected value of type \"Boolean!\", found null.",
        ),
        (
            request("{ me @include(if: \"true\") { id } }"),
            "GRAPHQL_VALIDATION_FAILED 1:19: Boolean cannot represent a non boolean value: \"true\"",
        ),
    ]);
}

/// What a kept statement is found by: the value of a switch, and of all others only whether there is one.
#[test]
fn the_states_of_variables() {
    let request = request(
        "query ($a: Boolean!, $b: Boolean, $c: Int, $d: Int = 1, $e: ID) {
           me @skip(if: $a) { id } posts(published: $b, first: $c, last: $d, authorId: $e) { totalCount }
         }",
    );
    let states = |variables| {
        let request = request.clone().variables(variables);
        let scan = request.scan().unwrap();
        let executable = request.executable(&scan).unwrap();
        request.inputs(&scan, &executable).unwrap().states(&executable)
    };
    let [absent, null, given] = [State::Absent, State::Null, State::Given];
    let (on, off) = (State::Switch(true), State::Switch(false));
    assert_eq!(states(json!({"a": true})), [on, absent, absent, given, absent]);
    assert_eq!(
        states(json!({"a": false, "b": true, "c": null, "d": null})),
        [off, given, null, null, absent]
    );
    assert_eq!(
        states(json!({"a": false, "b": false, "c": 1, "d": 2, "e": "x"})),
        [off, given, given, given, given]
    );
    assert_eq!(
        states(json!({"a": false, "b": null, "c": 7, "d": 9, "e": "y"})),
        [off, null, given, given, given]
    );
}
