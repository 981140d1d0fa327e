//! The client's variables as values of their types (spec 3.5 and 6.1.2).

use saas_blog::operation::Input::{self, Boolean, Float, Int, List, Null, String as Text};
use serde_json::{Value as Json, json};

use crate::common::{none_wrong, request, verdict};

/// What the only variable of this type becomes.
fn coerced(ty: &str, variables: Json) -> Result<Option<Input>, String> {
    let request = request(format!("query ($x: {ty}) {{ me {{ id }} }}")).variables(variables);
    let mut inputs =
        request.coerced().map_err(|failures| failures.iter().map(verdict).collect::<String>())?;
    assert_eq!(inputs.len(), 1);
    Ok(inputs.remove(0))
}

fn text(text: &str) -> Input {
    Text(text.to_owned())
}

#[test]
fn values_that_fit() {
    let good = [
        ("Int", json!(0), Int(0)),
        ("Int", json!(2_147_483_647), Int(i32::MAX)),
        ("Int", json!(-2_147_483_648), Int(i32::MIN)),
        ("Int", json!(3.0), Int(3)),
        ("Int", json!(-0.0), Int(0)),
        ("Int", json!(1e3), Int(1_000)),
        ("Float", json!(1), Float(1.0)),
        ("Float", json!(1.5), Float(1.5)),
        ("Float", json!(1e308), Float(1e308)),
        ("Float", number("123456789012345678901234567890"), Float(123_456_789_012_345_678_901_234_567_890.0)),
        ("Boolean", json!(true), Boolean(true)),
        ("Boolean", json!(false), Boolean(false)),
        ("String", json!(""), text("")),
        ("String", json!("é😀\u{0}"), text("é😀\u{0}")),
        ("ID", json!("abc"), text("abc")),
        ("ID", json!(42), text("42")),
        ("ID", json!(-42), text("-42")),
        ("ID", json!(3.0), text("3")),
        ("ID", json!(9_223_372_036_854_775_807_i64), text("9223372036854775807")),
        ("DateTime", json!("2026-11-23T10:15:00Z"), text("2026-11-23T10:15:00Z")),
        ("Int", json!(null), Null),
        ("[Int]", json!([1, null]), List(vec![Int(1), Null])),
        ("[Int]", json!([]), List(vec![])),
        ("[Int]", json!(1), List(vec![Int(1)])),
        ("[Int!]!", json!([1, 2]), List(vec![Int(1), Int(2)])),
        ("[[ID]]", json!(1), List(vec![List(vec![text("1")])])),
        ("[[ID]]", json!([["a"], "b", null]), List(vec![List(vec![text("a")]), List(vec![text("b")]), Null])),
    ];
    let wrong = good.into_iter().filter_map(|(ty, value, wanted)| {
        let found = coerced(ty, json!({"x": value}));
        (found.as_ref() != Ok(&Some(wanted.clone())))
            .then(|| format!("{ty} {value}\n- {wanted:?}\n+ {found:?}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

/// A number as serde reads it from text.
fn number(digits: &str) -> Json {
    serde_json::from_str(digits).unwrap()
}

#[test]
fn values_that_do_not_fit() {
    let bad = [
        ("Int", json!(2_147_483_648_i64), "x", "Int"),
        ("Int", json!(-2_147_483_649_i64), "x", "Int"),
        ("Int", json!(1.5), "x", "Int"),
        ("Int", json!(1e10), "x", "Int"),
        ("Int", number("123456789012345678901234567890"), "x", "Int"),
        ("Int", json!("1"), "x", "Int"),
        ("Int", json!(true), "x", "Int"),
        ("Int!", json!(1.5), "x", "Int"),
        ("Float", json!("1.5"), "x", "Float"),
        ("Float", json!(false), "x", "Float"),
        ("Boolean", json!(1), "x", "Boolean"),
        ("Boolean", json!("true"), "x", "Boolean"),
        ("String", json!(1), "x", "String"),
        ("String", json!(true), "x", "String"),
        ("String", json!(["a"]), "x", "String"),
        ("String", json!({"a": 1}), "x", "String"),
        ("ID", json!(1.5), "x", "ID"),
        ("ID", json!(true), "x", "ID"),
        ("ID", json!({}), "x", "ID"),
        ("DateTime", json!(1), "x", "DateTime"),
        ("[Int]", json!([1, "2"]), "x[1]", "Int"),
        ("[Int!]", json!([1, null]), "x[1]", "Int!"),
        ("[[Int]]", json!([[1], [2, [3]]]), "x[1][1]", "Int"),
        ("[Int]", json!("1"), "x", "Int"),
    ];
    let wrong = bad.into_iter().filter_map(|(ty, value, place, expected)| {
        let wanted = format!(
            "BAD_USER_INPUT 1:8: Variable \"$x\" got invalid value at {place}; expected type \"{expected}\"."
        );
        let found = coerced(ty, json!({"x": value}));
        (found.as_ref().err() != Some(&wanted)).then(|| format!("{ty} {value}\n- {wanted}\n+ {found:?}"))
    });
    none_wrong(&wrong.collect::<Vec<_>>());
}

#[test]
fn null_absent_and_default() {
    let missing =
        |ty| Err(format!("BAD_USER_INPUT 1:8: Variable \"$x\" of required type \"{ty}\" was not provided."));
    let invalid = || {
        Err("BAD_USER_INPUT 1:8: Variable \"$x\" got invalid value at x; expected type \"Int\".".to_owned())
    };
    let (given, null, absent) = (|| json!({"x": 1}), || json!({"x": null}), || json!({"other": 1}));
    for (ty, variables, wanted) in [
        ("Int", given(), Ok(Some(Int(1)))),
        ("Int", null(), Ok(Some(Null))),
        ("Int", absent(), Ok(None)),
        ("Int = 5", given(), Ok(Some(Int(1)))),
        ("Int = 5", null(), Ok(Some(Null))),
        ("Int = 5", absent(), Ok(Some(Int(5)))),
        ("Int = null", absent(), Ok(Some(Null))),
        ("Int!", given(), Ok(Some(Int(1)))),
        ("Int!", null(), missing("Int!")),
        ("Int!", absent(), missing("Int!")),
        ("Int! = 5", null(), missing("Int!")),
        ("Int! = 5", absent(), Ok(Some(Int(5)))),
        ("Int = 99999999999", absent(), invalid()),
        ("Int = 99999999999", given(), Ok(Some(Int(1)))),
        ("Float = 5", absent(), Ok(Some(Float(5.0)))),
        ("ID = 5", absent(), Ok(Some(text("5")))),
        ("ID = \"\"\"\n  a\n\"\"\"", absent(), Ok(Some(text("a")))),
        ("Boolean = true", absent(), Ok(Some(Boolean(true)))),
        ("[Int] = 5", absent(), Ok(Some(List(vec![Int(5)])))),
        ("[Int] = [1, null]", absent(), Ok(Some(List(vec![Int(1), Null])))),
        ("[Int!]!", json!({"x": null}), missing("[Int!]!")),
    ] {
        assert_eq!(coerced(ty, variables.clone()), wanted, "{ty} {variables}");
    }
}

#[test]
fn every_variable_that_is_wrong_is_told() {
    let request = request("query ($a: Int!, $b: Boolean, $c: ID,\n $d: Int!) { me { id } }")
        .variables(json!({"b": 1, "c": "x", "d": null}));
    assert_eq!(
        request.verdict(),
        "BAD_USER_INPUT 1:8: Variable \"$a\" of required type \"Int!\" was not provided.\n\
         BAD_USER_INPUT 1:18: Variable \"$b\" got invalid value at b; expected type \"Boolean\".\n\
         BAD_USER_INPUT 2:2: Variable \"$d\" of required type \"Int!\" was not provided."
    );
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
        let verdict = ask(json!({"x": null}));
        assert!(
            verdict.starts_with("BAD_USER_INPUT 1:")
                && verdict.ends_with(" of required type \"ID!\" must not be null."),
            "{verdict}"
        );
    }
}
