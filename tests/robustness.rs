//! Whatever a request says, the stages come to an end without a panic, and what they say obeys some laws.
//!
//! A property test: [`generate`] makes cases of all kinds, [`laws`] says what must hold of each, and `proptest` runs them
//! and makes those that fail smaller. Every case has a number, which a failure prints:
//!
//! | variable | means | without it |
//! | --- | --- | --- |
//! | `FUZZ_SECONDS` | how long to run; `make test` says 60 | 5; one case where `FUZZ_SEED` is set |
//! | `FUZZ_SEED` | the number of the first case, which is printed before it runs | the time of day |
//!
//! `make fuzz` runs it for as long as is wanted, optimised, with the checks of overflow that a release has not.
//!
//! Each case runs in a thread of its own, named after it, with the 2 MB that PostgreSQL lets a statement take of the
//! stack (`max_stack_depth`): a stack that is exhausted ends the process, and Rust then names the thread and no more.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

#[path = "robustness/generate.rs"]
mod generate;
#[path = "robustness/grammar.rs"]
mod grammar;
#[path = "robustness/laws.rs"]
mod laws;
#[path = "robustness/mutate.rs"]
mod mutate;
#[path = "robustness/nest.rs"]
mod nest;
#[path = "robustness/seeds.rs"]
mod seeds;
#[path = "robustness/shrink.rs"]
mod shrink;
#[path = "robustness/tokens.rs"]
mod tokens;
#[path = "robustness/values.rs"]
mod values;

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, mpsc};
use std::time::{Duration, Instant, SystemTime};

use common::{Request, file};
use laws::Events;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use saas_blog::schema::{self, Schema};

/// A request, and the chance by which the laws vary it.
#[derive(Clone)]
struct Case {
    request: Request,
    salt: u64,
    /// How many variations are tried: of a smaller request the same chance makes another one.
    variations: u64,
}

/// The case as a person needs it to see what is wrong, without the schema's definitions.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { schema, query, variables, operation_name, role, scopes, limits, entry } = &self.request;
        let schema = schemas().iter().position(|known| std::ptr::eq(*known, *schema)).map(|at| SCHEMAS[at]);
        writeln!(f, "schema {schema:?}, {role:?}, {scopes:?}, {entry:?}, operation {operation_name:?}")?;
        writeln!(
            f,
            "{limits:?}\nvariables {variables}\nsalt {} and {} more\n--- query\n{query}\n---",
            self.salt,
            self.variations - 1
        )?;
        writeln!(f, "or {query:?}")
    }
}

/// The schema that has tables behind it, and two that try what it has none of.
const SCHEMAS: [&str; 3] =
    ["src/schema/blog.graphql", "tests/fixtures/validation.graphql", "tests/rules/extra.graphql"];

fn schemas() -> [&'static Schema; 3] {
    static OTHERS: LazyLock<[Schema; 2]> =
        LazyLock::new(|| [1, 2].map(|at| schema::read(&file(SCHEMAS[at])).unwrap()));
    [common::schema(), &OTHERS[0], &OTHERS[1]]
}

/// `max_stack_depth`
const STACK: usize = 2 << 20;
/// Who takes longer is taken for one that never ends; it includes making the case smaller.
const FOREVER: Duration = Duration::from_mins(5);

/// The case of a number.
fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 1,
        // The number is all that is needed to come back to a case.
        failure_persistence: None,
        max_shrink_iters: 100_000,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// What happened to the case of a number, or a report of how it fails.
fn outcome(seed: u64, show: bool) -> Result<Events, String> {
    let (events, found) = (Cell::new(Vec::new()), OnceCell::new());
    let result = runner(seed).run(&generate::Cases, |case| {
        if found.set(case.clone()).is_ok() && show {
            eprintln!("{case:?}");
        }
        for salt in (0..case.variations).map(|more| case.salt.wrapping_add(more)) {
            events.set(laws::check(&case.request, salt)?);
        }
        Ok(())
    });
    result.map(|()| events.take()).map_err(|error| match error {
        TestError::Fail(why, smallest) => {
            let found = found.into_inner();
            format!("FUZZ_SEED={seed} breaks a law\n\nfound:\n{found:?}\nthe smallest:\n{smallest:?}\n{why}")
        }
        TestError::Abort(why) => format!("FUZZ_SEED={seed}: {why}"),
    })
}

/// Runs a case on a stack of its own.
fn apart(seed: u64, show: bool) -> Result<Events, String> {
    let (sender, receiver) = mpsc::channel();
    let name = format!("FUZZ_SEED={seed}");
    let work = move || drop(sender.send(outcome(seed, show)));
    let thread = std::thread::Builder::new().name(name.clone()).stack_size(STACK).spawn(work).unwrap();
    let outcome = receiver.recv_timeout(FOREVER).map_err(|error| format!("{name}: {error}"))?;
    thread.join().unwrap();
    outcome
}

/// What has to happen now and then, if the cases are to show anything.
const EVENTS: [&str; 14] = [
    "ok",
    "a call",
    "events",
    "NOT_A_SUBSCRIPTION",
    "valid",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_USER_INPUT",
    "LIMIT_EXCEEDED",
    "FORBIDDEN",
    "another document",
    "other literals hold",
    "other literals do not",
    "other variables in the same states",
];

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{variable}={value}: {error}")))
}

/// As long as is asked for; the answers of some thousand cases are of most kinds.
#[test]
fn no_request_does_harm() {
    let seed = number("FUZZ_SEED");
    let seconds = number("FUZZ_SECONDS").unwrap_or(if seed.is_some() { 0 } else { 5 });
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let first = seed.unwrap_or_else(|| now().as_secs() * 1_000_000);
    // The schemas and the seeds are read on the large stack of this thread.
    let _ = (schemas(), seeds::seeds());
    let start = Instant::now();
    let (next, events) = (AtomicU64::new(first), Mutex::new(BTreeMap::<&str, u64>::new()));
    let reports = Mutex::new(Vec::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let late = number > first && start.elapsed() >= Duration::from_secs(seconds);
            if late || !reports.lock().unwrap().is_empty() {
                return;
            }
            match apart(number, seed == Some(number)) {
                Err(report) => reports.lock().unwrap().push(report),
                Ok(happened) => {
                    let mut events = events.lock().unwrap();
                    happened.into_iter().chain(["cases"]).for_each(|e| *events.entry(e).or_default() += 1);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        (0..std::thread::available_parallelism().unwrap().get()).for_each(|_| drop(scope.spawn(work)));
    });
    let (events, reports) = (events.into_inner().unwrap(), reports.into_inner().unwrap());
    assert!(reports.is_empty(), "{}", reports.join("\n\n"));
    let cases = events["cases"];
    println!("from FUZZ_SEED={first} in {:?}: {events:#?}", start.elapsed());
    // So many that chance has little to say: one in two thousand of each, at least.
    if cases > 10_000 {
        let rare = EVENTS.iter().filter(|event| events.get(*event).is_none_or(|count| count * 2_000 < cases));
        assert_eq!(rare.collect::<Vec<_>>(), Vec::<&&str>::new(), "{events:#?}");
    }
}
