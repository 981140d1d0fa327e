//! The path of a request through the stages, a line a stage.

use crate::error::{Error, Failure, Fault, InputError, Step, Violation};
use crate::events;
use crate::idempotency::{self, Idempotent};
use crate::kept::Kept;
use crate::limits::{Limits, within};
use crate::operation::{self, Entry, Executable, Inputs, State};
use crate::pg::{self, Entries, Prepared, Session};
use crate::plan::{self, Bound, Gap, Values};
use crate::response::Missing;
use crate::schema::{self, Role, Schema, Scopes};
use crate::settings;
use crate::sql::{self, Program, RootField};
use crate::statistics::Operation;
use crate::syntax::ast::OperationKind;
use crate::syntax::{self, Scan};
use crate::validate;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::LazyLock;

/// A request, as the SQL functions take it.
pub(crate) struct Request {
    pub(crate) query: Option<String>,
    pub(crate) variables: Entries,
    pub(crate) jwt: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) extensions: Entries,
    pub(crate) entry: Entry,
}

/// A request that may run: its statements, their values, and the role that they run as until this is dropped.
pub(crate) struct Ready {
    pub(crate) program: Rc<Program<Prepared>>,
    /// What each statement of the program gets, in the same order.
    pub(crate) values: Vec<Vec<Bound>>,
    /// For how many events at most it gives answers, if it is a subscription.
    pub(crate) most_events: u64,
    /// The cursor behind which a subscription begins.
    pub(crate) resume: Option<String>,
    /// Whether what it does is taken back.
    pub(crate) dry_run: bool,
    /// Under which key its answer is kept, if it is.
    pub(crate) idempotent: Option<Idempotent>,
    #[allow(dead_code, reason = "it is held for what its end does")]
    session: Session,
}

/// The schema; a fault in the SDL is found by the project's tests, and here an internal error.
pub(crate) fn schema() -> Result<&'static Schema, Error> {
    static SCHEMA: LazyLock<Result<Schema, String>> =
        LazyLock::new(|| schema::load(schema::BLOG).map_err(|fault| fault.to_string()));
    SCHEMA.as_ref().map_err(|fault| Error::Internal(fault.clone()))
}

/// Takes a request through all stages up to its statements.
///
/// # Errors
/// What the first stage that fails has found; nothing was read but the token's key, tenant and user.
pub(crate) fn prepare(request: &Request) -> Result<Ready, Vec<Failure>> {
    let one = |error: Error| vec![Failure::from(error)];
    let schema = schema().map_err(one)?;
    let limits = settings::limits();
    let query = request.query.as_deref().ok_or(Error::Input(InputError::NoQuery)).map_err(one)?;
    let variables = request.variables.read(&limits).map_err(one)?;
    let extensions = request.extensions.read(&limits).map_err(one)?;
    let key = idempotency::key(&extensions).map_err(|error| one(Error::Input(error)))?;
    let resume = events::resumed(&extensions).map_err(|error| one(Error::Input(error)))?;
    let scan = syntax::scan(query, &scan_limits(&limits)).map_err(|e| one(e.into()))?;
    let session = pg::log_in(request.jwt.as_deref(), &schema.scopes).map_err(one)?;
    let name = request.operation_name.as_deref();
    // Nobody reads more, and to find a place is to read the text.
    let most = usize::try_from(limits.errors).unwrap_or(usize::MAX).max(1);
    let located = |faults: Vec<Fault>| {
        faults.into_iter().take(most).map(|fault| fault.located(&scan)).collect::<Vec<_>>()
    };
    let executable = executable(schema, &scan, name, &limits).map_err(located)?;
    request.entry.takes(&executable).map_err(|fault| located(vec![fault]))?;
    introspectable(&executable).map_err(|fault| located(vec![fault]))?;
    let inputs =
        operation::coerce(schema, &executable, &variables, scan.literals(), settings::introspection())
            .map_err(located)?;
    authenticated(&executable, &session).map_err(one)?;
    executable.measure.check(&limits).map_err(one)?;
    let program = program(schema, &executable, &inputs, &session).map_err(|fault| located(vec![fault]))?;
    within("max_relations", program.relations, limits.relations).map_err(one)?;
    let values = Values::new(schema, session.caller.as_ref(), &inputs, &limits);
    let most_events = values.most_events(&program.checks);
    let values = bound(&program, &values).map_err(|fault| located(vec![fault]))?;
    let dry_run = executable.dry_run;
    let key = key.filter(|_| !dry_run && executable.kind() == OperationKind::Mutation);
    // Without a caller there is nobody whose key it is, and nothing that writes.
    let idempotent = key.zip(session.caller.as_ref()).map(|(key, caller)| Idempotent {
        operator: caller.operator.clone(),
        key,
        body: idempotency::body(query, &variables, name, (caller.role, caller.scopes)),
    });
    Ok(Ready { program, values, most_events, resume, dry_run, idempotent, session })
}

/// The values of all statements, once all that is no value is looked at.
fn bound(program: &Program<Prepared>, values: &Values<'_>) -> Result<Vec<Vec<Bound>>, Fault> {
    values.check(&program.checks)?;
    program.statements().map(|prepared| values.of(&prepared.statement.parameters)).collect()
}

/// How many places of one error are told.
const MOST_PLACES: usize = 20;

/// Says which root field has failed, unless the failure knows better.
pub(crate) fn blame(failure: &mut Failure, request: &Request, field: &RootField) {
    if failure.path.is_empty() {
        failure.path.push(Step::Key(field.key.clone()));
        failure.locations.extend(located_in(request, |scan| scan.locate(field.at)));
    }
}

fn located_in<T>(request: &Request, find: impl FnOnce(&Scan<'_>) -> T) -> Option<T> {
    let query = request.query.as_deref().unwrap_or_default();
    syntax::scan(query, &scan_limits(&settings::limits())).ok().map(|scan| find(&scan))
}

/// The errors of missing values, with their places in the request's text.
pub(crate) fn missing(request: &Request, gaps: &[Gap], missing: Vec<Missing>) -> Vec<Failure> {
    let failures = |scan: &Scan<'_>| {
        let failure = |Missing { gap, path }| {
            let gap = gaps.get(gap)?;
            let locations = gap.at.iter().take(MOST_PLACES).map(|at| scan.locate(*at)).collect();
            Some(Failure { error: gap.error.clone(), locations, path })
        };
        missing.into_iter().filter_map(failure).collect()
    };
    located_in(request, failures).unwrap_or_default()
}

fn scan_limits(limits: &Limits) -> syntax::Limits {
    let count = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
    syntax::Limits { max_tokens: count(limits.tokens), max_nesting: count(limits.nesting) }
}

/// The installation decides whether the schema may be asked about.
fn introspectable(executable: &Executable) -> Result<(), Fault> {
    match &executable.introspection {
        Some((field, at)) if !settings::introspection() => {
            let violation = Violation::IntrospectionDisabled(field.clone());
            Err(Fault::at(Error::Validation(Box::new(violation)), *at))
        }
        _ => Ok(()),
    }
}

/// Without a token only the schema may be asked about.
fn authenticated(executable: &Executable, session: &Session) -> Result<(), Error> {
    if session.caller.is_none() && executable.asks_data { Err(Error::Unauthenticated) } else { Ok(()) }
}

/// All statements of a session together, in bytes of SQL; its plans take some hundred times as much.
const MOST_SQL: usize = 512 << 10;
/// All documents of a session together, in bytes of their shapes.
const MOST_SHAPES: usize = 512 << 10;

type DocumentKey = (String, Option<String>);
/// What the document is counted as, and what runs.
type KnownDocument = (Option<Operation>, Rc<Executable>);
type ProgramKey = (u64, Role, Scopes, Vec<State>);

thread_local! {
    // Never dropped: the plans belong to PostgreSQL, whose memory is gone when a thread's values are dropped.
    static DOCUMENTS: RefCell<ManuallyDrop<Kept<DocumentKey, KnownDocument>>> =
        RefCell::new(ManuallyDrop::new(Kept::new(MOST_SHAPES)));
    static PROGRAMS: RefCell<ManuallyDrop<Kept<ProgramKey, Rc<Program<Prepared>>>>> =
        RefCell::new(ManuallyDrop::new(Kept::new(MOST_SQL)));
}

/// The valid document of a shape: parsed and validated when the session first sees it.
fn executable(
    schema: &Schema,
    scan: &Scan<'_>,
    name: Option<&str>,
    limits: &Limits,
) -> Result<Rc<Executable>, Vec<Fault>> {
    let key = (scan.shape().to_owned(), name.map(str::to_owned));
    let known = DOCUMENTS.with_borrow_mut(|kept| kept.get(&key));
    let counted_as = known.as_ref().map_or_else(|| Operation::of(scan, name), |(operation, _)| *operation);
    pg::operation(counted_as);
    if let Some((_, known)) = known.filter(|(_, known)| known.assumptions.hold(scan.literals())) {
        return Ok(known);
    }
    let document = syntax::parse(scan).map_err(|e| vec![Fault::from(Error::from(e))])?;
    pg::check_for_interrupts();
    let assumptions =
        validate::validate(schema, &document, scan.literals(), limits, settings::introspection())?;
    let executable =
        Rc::new(operation::choose(schema, document, assumptions, name).map_err(|fault| vec![fault])?);
    let weight = scan.shape().len();
    let most = settings::plan_cache_size();
    let gone =
        DOCUMENTS.with_borrow_mut(|kept| kept.put(key, (counted_as, Rc::clone(&executable)), weight, most));
    drop(gone);
    Ok(executable)
}

/// The statements of a document for a caller's rights: compiled and planned when the session first needs them.
fn program(
    schema: &'static Schema,
    executable: &Executable,
    inputs: &Inputs<'_>,
    session: &Session,
) -> Result<Rc<Program<Prepared>>, Fault> {
    let nobody = (Role::Subscriber, Scopes::NONE);
    let (role, scopes) = session.caller.as_ref().map_or(nobody, |caller| (caller.role, caller.scopes));
    let key = (executable.id, role, scopes, inputs.states(executable));
    let known = PROGRAMS.with_borrow_mut(|kept| kept.get(&key));
    if let Some(known) = known.filter(|known| known.statements().all(Prepared::is_current)) {
        pg::plan_cache_hit();
        return Ok(known);
    }
    let operation = operation::collect(schema, executable, inputs)?;
    let plan = plan::build(schema, &operation, role, scopes)?;
    let program = Rc::new(sql::build(plan).map(Prepared::new));
    let weight = program.statements().map(|prepared| prepared.statement.text.len()).sum();
    let most = settings::plan_cache_size();
    let gone = PROGRAMS.with_borrow_mut(|kept| kept.put(key, Rc::clone(&program), weight, most));
    drop(gone);
    Ok(program)
}
