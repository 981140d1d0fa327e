//! Requests that are small to write and huge to answer: each gets its answer at once.

use std::time::{Duration, Instant};

use saas_blog::limits::Limits;

use crate::common::{Request, numbered, request};

/// No limits on the text itself, so that all stages meet it.
fn open() -> Limits {
    Limits { tokens: u64::MAX, ..Limits::default() }
}

/// Two seconds for what ships; an unoptimised build beside other tests gets more.
const AT_ONCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

fn verdict_at_once(request: &Request) -> String {
    let start = Instant::now();
    let verdict = request.verdict();
    let (time, begin) = (start.elapsed(), &request.query[..request.query.len().min(100)]);
    assert!(time < AT_ONCE, "{time:?}: {begin}");
    verdict
}

fn exceeded(limit: &str, value: u64) -> String {
    format!("LIMIT_EXCEEDED: The request exceeds the limit {limit} of {value}.")
}

fn repeated(before: &str, count: usize, piece: impl Fn(usize) -> String, after: &str) -> String {
    format!("{before}{}{after}", numbered(0..count, piece))
}

/// 36 kB that would be 2^950 fields.
#[test]
fn fragments_that_double_at_each_step() {
    let piece = |n| format!("fragment F{n} on Query{{...F{} ...F{}}}", n + 1, n + 1);
    let bomb = |count| repeated("{...F0}", count, piece, &format!("fragment F{count} on Query{{me{{id}}}}"));
    assert!(bomb(950).len() > 36_000);
    assert_eq!(verdict_at_once(&request(bomb(950))), exceeded("max_nesting", 100));
    assert_eq!(verdict_at_once(&request(bomb(90))), exceeded("max_fields", 5_000));
    // Without the limit too each fragment is visited once.
    let start = Instant::now();
    let open = Limits { fields: u64::MAX, ..Limits::default() };
    assert_eq!(request(bomb(30)).limits(open).collected().unwrap().fields.len(), 1);
    assert!(start.elapsed() < AT_ONCE);
}

/// The same by fields, which fragments bring to 2^40.
#[test]
fn fields_that_double_at_each_step() {
    let piece = |n| {
        format!(
            "fragment F{n} on Post{{a:author{{posts{{nodes{{...F{}}}}}}}b:author{{posts{{nodes{{...F{}}}}}}}}}",
            n + 1,
            n + 1
        )
    };
    let bomb =
        |count| repeated("{posts{nodes{...F0}}}", count, piece, &format!("fragment F{count} on Post{{id}}"));
    assert_eq!(verdict_at_once(&request(bomb(40))), exceeded("max_nesting", 100));
    assert_eq!(verdict_at_once(&request(bomb(20))), exceeded("max_fields", 5_000));
    let wide = Limits { fields: u64::MAX, ..Limits::default() };
    assert_eq!(verdict_at_once(&request(bomb(20)).limits(wide)), exceeded("max_depth", 12));
}

#[test]
fn ten_thousand_chained_fragments() {
    let piece = |n| format!("fragment F{n} on Query{{...F{}}}", n + 1);
    let chain = repeated("{...F0}", 10_000, piece, "fragment F10000 on Query{me{id}}");
    assert_eq!(verdict_at_once(&request(&chain)), exceeded("max_tokens", 10_000));
    assert_eq!(verdict_at_once(&request(&chain).limits(open())), exceeded("max_nesting", 100));
    // In the other order, and each spread twice.
    let piece = |n| format!("fragment F{} on Query{{...F{n} ...F{n}}}", n + 1);
    let chain = repeated("fragment F0 on Query{me{id}}", 10_000, piece, "{...F10000}");
    assert_eq!(verdict_at_once(&request(&chain).limits(open())), exceeded("max_nesting", 100));
}

#[test]
fn cycles_of_fragments() {
    let piece = |n: usize| format!("fragment F{n} on Query{{...F{}}}", (n + 1) % 2_000);
    let cycle = repeated("{...F0}", 2_000, piece, "");
    let verdict = verdict_at_once(&request(cycle).limits(open()));
    assert_eq!(verdict.lines().count(), 1);
    assert!(verdict.contains("Cannot spread fragment \"F0\" within itself via \"F1\", "), "{verdict}");
    assert!(verdict.len() < 1_000);
    let piece = |n| format!("fragment F{n} on Query{{...F{n} me{{id}}}}");
    let verdict = verdict_at_once(&request(repeated("{me{id}}", 700, piece, "")));
    assert_eq!(verdict.lines().count(), 100);
}

/// All fragments spread all others that come behind them: a million ways, each fragment looked at once.
#[test]
fn fragments_that_spread_all_others() {
    let spreads = |from: usize| numbered(from..70, |n| format!("...F{n} "));
    let piece = |n| format!("fragment F{n} on Query{{{}__typename}}", spreads(n + 1));
    assert_eq!(verdict_at_once(&request(repeated("{...F0}", 70, piece, ""))), exceeded("max_fields", 5_000));
    let piece = |n| format!("fragment F{n} on Query{{me{{id}}}}");
    let wide = repeated(&format!("{{{}}}", numbered(0..800, |n| format!("...F{n} "))), 800, piece, "");
    assert_eq!(verdict_at_once(&request(wide)), exceeded("max_root_fields", 20));
}

#[test]
fn a_million_of_anything() {
    let million = |unit: &str| unit.repeat(1_000_000);
    for (query, wanted) in [
        (format!("{{ me {{ id {} }} }}", million(",")), "ok".to_owned()),
        (format!("{{ me {{ id {} }} }}", million("#\n")), "ok".to_owned()),
        (format!("{{ me {{ id {} }} }}", million(" \t\r\n")), "ok".to_owned()),
        (format!("{{ post(id: \"{}\") {{ id }} }}", million("x")), "ok".to_owned()),
        (format!("{{ post(id: {}) {{ id }} }}", million("9")), "ok".to_owned()),
        (
            format!("{{ posts(first: {}) {{ totalCount }} }}", million("9")),
            format!(
                "GRAPHQL_VALIDATION_FAILED 1:16: Int cannot represent non 32-bit signed integer value: {}...",
                "9".repeat(1_000)
            ),
        ),
        (format!("{{ me {{ {} }} }}", million("a:id ")), exceeded("max_tokens", 10_000)),
        (format!("{{ me {{ id {} }} }}", million("@skip(if:true)")), exceeded("max_tokens", 10_000)),
        (million("{a"), exceeded("max_nesting", 100)),
        (format!("{{ post(id: {}", million("[")), exceeded("max_nesting", 100)),
        (format!("{{ post(id: {}", million("{a:")), exceeded("max_nesting", 100)),
        (million("query Q{a}"), exceeded("max_tokens", 10_000)),
    ] {
        assert_eq!(verdict_at_once(&request(query)), wanted);
    }
}

/// As many as the limit on tokens lets through.
#[test]
fn thousands_of_anything() {
    let rows = [
        (repeated("{me{", 3_300, |n| format!("a{n}:id "), "}}"), exceeded("max_aliases", 50)),
        (repeated("{me{", 4_990, |_| "id ".to_owned(), "}}"), "ok".to_owned()),
        (repeated("{", 2_400, |_| "me{id}".to_owned(), "}"), exceeded("max_root_fields", 20)),
        (repeated("{me{", 1_200, |_| "id@skip(if:true)".to_owned(), "}}"), exceeded("max_directives", 50)),
        (repeated("{me{", 2_400, |_| "...{id}".to_owned(), "}}"), "ok".to_owned()),
        (repeated("{me{", 4_990, |_| "...F ".to_owned(), "}}fragment F on User{id}"), "ok".to_owned()),
    ];
    for (query, wanted) in rows {
        assert_eq!(verdict_at_once(&request(&query)), wanted, "{}", &query[..100]);
    }
    let many = [
        repeated("{me{id", 1_400, |_| "@skip(if:true)".to_owned(), "}}"),
        repeated("{me{", 4_900, |n| format!("f{n} "), "}}"),
        repeated("{post(", 3_300, |n| format!("a{n}:1 "), "){id}}"),
        repeated("query(", 2_400, |n| format!("$v{n}:Int "), "){posts(first:$w){totalCount}}"),
        repeated("", 1_200, |n| format!("query Q{} {{me{{id}}}}", n % 2), ""),
        repeated("{me{", 4_900, |n| format!("...F{n} "), "}}"),
    ];
    for query in many {
        let verdict = verdict_at_once(&request(&query));
        assert!(
            verdict.lines().count() <= 100 && verdict.starts_with("GRAPHQL_VALIDATION_FAILED"),
            "{}: {verdict}",
            &query[..100]
        );
    }
}

/// Two hundred objects of one key with a hundred fields each are merged without comparing each with each.
#[test]
fn overlapping_fields() {
    let inner = numbered(0..100, |key| format!("k{key}:title "));
    let post = |_| format!("posts(first:1){{nodes{{{inner}}}}}");
    let query = repeated("{", 200, post, "}");
    let limits = Limits { aliases: u64::MAX, root_fields: u64::MAX, fields: u64::MAX, ..open() };
    assert_eq!(verdict_at_once(&request(&query).limits(limits)), "ok");
    assert_eq!(verdict_at_once(&request(&query).limits(open())), exceeded("max_fields", 5_000));
    // And as many that conflict, with all of their reasons.
    let post = |n| format!("posts(first:{n}){{nodes{{{inner}}}}}");
    let conflicts = repeated("{", 200, post, "}");
    let verdict = verdict_at_once(&request(&conflicts).limits(limits));
    assert_eq!(verdict.lines().count(), 100);
}

/// Each field conflicts with all others by what is selected below it: one reason for each of tens of thousands of pairs.
#[test]
fn overlapping_fields_that_conflict_below() {
    let wide = numbered(0..1_600, |n| format!("me{{x:f{n}}}"));
    let deep = numbered(0..600, |n| format!("posts{{nodes{{author{{x:f{n}}}}}}}"));
    for fields in [wide, deep] {
        let verdict = verdict_at_once(&request(format!("{{{fields}}}")));
        assert_eq!(verdict.lines().count(), 100);
    }
}
