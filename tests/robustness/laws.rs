//! Turns a request into what happened to it, or into the law that its answer breaks.

use std::time::{Duration, Instant};

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use saas_blog::error::{Error, Failure, InputError};
use saas_blog::operation::Executable;
use saas_blog::plan::{Bound, Parameter};
use saas_blog::response;
use saas_blog::sql::{Program, Statement, Step};
use saas_blog::syntax::{self, Scan, SyntaxError};
use saas_blog::validate::validate;
use serde_json::Value as Json;

use super::tokens::{is_literal, tokens};
use super::{mutate, values};
use crate::common::sql::{called, is_balanced, most_arguments, places};
use crate::common::{Compiled, Random, Request, schema};

/// What all stages together say of one case may take no longer; an unoptimised build beside other tests gets more.
const GENEROUS: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });
/// No message is longer, in characters.
const LONGEST_MESSAGE: usize = 3_003;

type Law = Result<(), TestCaseError>;

/// What happened to a request, so that none of the laws goes untried.
pub(super) type Events = Vec<&'static str>;

/// Checks all that holds of every request. The first event is the code of the first error, or `ok`.
pub(super) fn check(request: &Request, salt: u64) -> Result<Events, TestCaseError> {
    let (start, mut random) = (Instant::now(), Random(salt));
    let compiled = request.compiled();
    let failures = match &compiled {
        Ok(compiled) => {
            statements(compiled)?;
            compiled.values.as_ref().err().into_iter().cloned().collect()
        }
        Err(failures) => {
            prop_assert!(!failures.is_empty(), "refused, but nothing is wrong");
            failures.clone()
        }
    };
    errors(request, &failures)?;
    prop_assert_eq!(answer(&compiled), answer(&request.compiled()), "not the same answer twice");
    let mut events = vec![failures.first().map_or("ok", |failure| failure.error.code())];
    events.extend(compiled.iter().filter(|_| failures.is_empty()).filter_map(writes));
    if let Ok(scan) = request.scan()
        && !scan.shape().is_empty()
    {
        white_space(request, &scan, &compiled, &mut random)?;
        shapes(request, &scan, &mut random, &mut events)?;
        literals(request, &scan, &mut random, &mut events)?;
    }
    prop_assert!(start.elapsed() < GENEROUS, "it took {:?}", start.elapsed());
    Ok(events)
}

/// All of an answer.
fn answer(compiled: &Result<Compiled, Vec<Failure>>) -> String {
    match compiled {
        Ok(Compiled { program, values }) => format!("{program:?}\n{values:?}"),
        Err(failures) => format!("{failures:?}"),
    }
}

/// All of an answer but lines and columns.
fn placeless(compiled: &Result<Compiled, Vec<Failure>>) -> String {
    let told = |failure: &Failure| format!("{} {} {:?}", failure.error.code(), failure.error, failure.path);
    match compiled {
        Ok(Compiled { program, values: Ok(values) }) => format!("{program:?}\n{values:?}"),
        Ok(Compiled { program, values: Err(failure) }) => format!("{program:?}\n{}", told(failure)),
        Err(failures) => failures.iter().map(told).collect::<Vec<_>>().join("\n"),
    }
}

/// Whether the request writes something.
fn writes(compiled: &Compiled) -> Option<&'static str> {
    let any = |is: fn(&Step<Statement>) -> bool| compiled.program.steps.iter().any(is);
    let subscribes = any(|step| step.events.is_some()).then_some("events");
    subscribes.or_else(|| any(|step| step.call.is_some()).then_some("a call"))
}

/// A query is one statement; only the steps of a mutation call, and each of them is for a field.
fn steps(program: &Program) -> Law {
    if program.serial {
        prop_assert!(program.steps.iter().all(|step| step.field.is_some()), "{program:?}");
    } else {
        prop_assert!(matches!(program.steps.as_slice(), [only] if only.call.is_none()), "{program:?}");
    }
    for step in &program.steps {
        let call = step.call.as_ref().is_none_or(|call| called(&call.statement.text).is_some());
        prop_assert!(call && called(&step.selection.text).is_none(), "{step:?}");
    }
    Ok(())
}

/// Each statement is one that PostgreSQL can read, and all of its parameters have values.
fn statements(compiled: &Compiled) -> Law {
    let Compiled { program, values } = compiled;
    steps(program)?;
    if let Ok(values) = values {
        prop_assert_eq!(values.len(), program.statements().count());
    }
    for (place, statement) in program.statements().enumerate() {
        let values = values.as_ref().ok().and_then(|values| values.get(place));
        self::statement(statement, values)?;
    }
    Ok(())
}

fn statement(statement: &Statement, values: Option<&Vec<Bound>>) -> Law {
    prop_assert!(statement.text.is_ascii() && is_balanced(&statement.text), "{}", statement.text);
    prop_assert!(most_arguments(&statement.text) <= 100, "{}", statement.text);
    let mut places = places(&statement.text);
    places.sort_unstable();
    places.dedup();
    prop_assert!(places.into_iter().eq(1..=statement.parameters.len()), "{}", statement.text);
    if let Some(values) = values {
        prop_assert_eq!(values.len(), statement.parameters.len());
        for (parameter, value) in statement.parameters.iter().zip(values) {
            if let (Parameter::Introspection(_), Bound::Text(text)) = (parameter, value) {
                let json = serde_json::from_str::<Json>(text);
                prop_assert!(json.is_ok() && !text.contains(char::is_control), "{json:?}: {text}");
            }
        }
    }
    Ok(())
}

/// The errors are few, of the client's making, short, printable, and about the text.
fn errors(request: &Request, failures: &[Failure]) -> Law {
    // Of variables one error more says that there are more.
    let counted = failures.iter().filter(|failure| failure.error != Error::Input(InputError::TooMany));
    prop_assert!(counted.count() <= 100, "{} errors", failures.len());
    let lines: Vec<usize> = lines(&request.query).map(|line| line.encode_utf16().count()).collect();
    // Fields of the other schemas have no tables behind them.
    let bound = std::ptr::eq(request.schema, schema());
    for failure in failures {
        let unreadable = matches!(failure.error, Error::Syntax(SyntaxError::Unreadable { .. }));
        prop_assert!(!unreadable, "the parser reads no {failure:?}");
        prop_assert!(!bound || failure.error.code() != "INTERNAL_SERVER_ERROR", "{failure:?}");
        for place in &failure.locations {
            let length = place.line.checked_sub(1).and_then(|line| lines.get(line));
            let inside = length.is_some_and(|length| (1..=length + 1).contains(&place.column));
            prop_assert!(inside, "not in the text: {failure:?}");
        }
    }
    let answer: Json = serde_json::from_str(&response::failed(failures, usize::MAX)).unwrap();
    for error in answer["errors"].as_array().unwrap() {
        let message = error["message"].as_str().unwrap();
        // A block string is quoted as it is written, on several lines.
        let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        prop_assert!(!message.contains(controls), "{message:?}");
        prop_assert!(message.chars().count() <= LONGEST_MESSAGE, "{} characters", message.chars().count());
    }
    Ok(())
}

/// The lines of a text as GraphQL has them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// What GraphQL ignores between tokens changes nothing but lines and columns.
fn white_space(
    request: &Request,
    scan: &Scan<'_>,
    compiled: &Result<Compiled, Vec<Failure>>,
    random: &mut Random,
) -> Law {
    let relaid = Request { query: mutate::relaid(random, &request.query), ..request.clone() };
    let again = relaid.scan();
    let again = again.map_err(|failures| TestCaseError::fail(format!("{failures:?}: {}", relaid.query)))?;
    prop_assert_eq!(scan.shape(), again.shape(), "{}", relaid.query);
    prop_assert_eq!(scan.literals(), again.literals(), "{}", relaid.query);
    prop_assert_eq!(placeless(compiled), placeless(&relaid.compiled()), "{}", relaid.query);
    Ok(())
}

/// Documents are of one shape if and only if they differ in nothing but literals: what a session keeps for one is never
/// taken for another.
fn shapes(request: &Request, scan: &Scan<'_>, random: &mut Random, events: &mut Events) -> Law {
    let of = |text: &str| tokens(text).iter().map(|token| kind(token).to_owned()).collect::<Vec<_>>();
    for _ in 0..3 {
        let query = mutate::mutated(request.schema, random, &request.query, &request.query);
        let other = Request { query, ..request.clone() };
        let Ok(changed) = other.scan() else { continue };
        if !changed.shape().is_empty() {
            let same = of(&request.query) == of(&other.query);
            events.extend((!same).then_some("another document"));
            prop_assert_eq!(scan.shape() == changed.shape(), same, "{}", other.query);
        }
    }
    Ok(())
}

/// A token, or which kind of literal it is.
fn kind(token: &str) -> &str {
    match token {
        string if string.starts_with('"') => "a string",
        number if is_literal(number) && number.contains(['.', 'e', 'E']) => "a float",
        number if is_literal(number) => "an int",
        other => other,
    }
}

/// A document of the same shape is valid if and only if what was assumed holds of its literals; and the document that a
/// session keeps then answers it as its own would.
fn literals(request: &Request, scan: &Scan<'_>, random: &mut Random, events: &mut Events) -> Law {
    let valid = |scan: &Scan<'_>| {
        let document = syntax::parse(scan).ok()?;
        validate(request.schema, &document, scan.literals(), &request.limits, true).ok()
    };
    let Some(assumptions) = valid(scan) else { return Ok(()) };
    events.push("valid");
    prop_assert!(assumptions.hold(scan.literals()), "not even of its own: {assumptions:?}");
    let kept = request.executable(scan);
    if let Ok(kept) = &kept {
        states(request, scan, kept, random, events)?;
    }
    for _ in 0..3 {
        let other = Request { query: mutate::refilled(random, &request.query), ..request.clone() };
        let refilled = other.scan();
        let refilled =
            refilled.map_err(|failures| TestCaseError::fail(format!("{failures:?}: {}", other.query)))?;
        prop_assert_eq!(scan.shape(), refilled.shape(), "{}", other.query);
        let holds = assumptions.hold(refilled.literals());
        let changed = scan.literals() != refilled.literals();
        events.extend(changed.then_some(if holds { "other literals hold" } else { "other literals do not" }));
        prop_assert_eq!(holds, valid(&refilled).is_some(), "{:?} of {}", assumptions, other.query);
        if let Ok(kept) = kept.as_ref().ok().filter(|_| holds).ok_or(()) {
            let (by_kept, fresh) = (other.compiled_by(&refilled, kept), other.compiled());
            prop_assert_eq!(answer(&by_kept), answer(&fresh), "{}", other.query);
        }
    }
    Ok(())
}

/// Requests of one shape whose variables are in the same states share a statement.
fn states(
    request: &Request,
    scan: &Scan<'_>,
    executable: &Executable,
    random: &mut Random,
    events: &mut Events,
) -> Law {
    let Ok(inputs) = request.inputs(scan, executable) else { return Ok(()) };
    let compiled = |request: &Request| {
        let compiled = request.compiled_by(scan, executable);
        compiled.map_or_else(|failures| format!("{failures:?}"), |compiled| format!("{:?}", compiled.program))
    };
    for _ in 0..if executable.variables.is_empty() { 0 } else { 5 } {
        let mut variables = request.variables.clone();
        for variable in &executable.variables {
            if random.below(2) == 0 {
                variables[&variable.name] = values::json(request.schema, random, &variable.ty);
            }
        }
        let other = request.clone().variables(variables);
        let Ok(others) = other.inputs(scan, executable) else { continue };
        if inputs.states(executable) == others.states(executable) && inputs.variables != others.variables {
            events.push("other variables in the same states");
            prop_assert_eq!(compiled(request), compiled(&other), "with {}", other.variables);
        }
    }
    Ok(())
}
