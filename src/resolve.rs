//! The path of a request through the stages, a line a stage.

use crate::error::{Error, Failure, Fault, InputError, Violation};
use crate::kept::Kept;
use crate::limits::{Limits, within};
use crate::operation::{self, Executable, Inputs, State};
use crate::pg::{self, Prepared, Session, Variables};
use crate::plan::{self, Bound, Gap};
use crate::response::Missing;
use crate::schema::{self, Role, Schema, Scopes};
use crate::settings;
use crate::sql;
use crate::syntax::{self, Scan};
use crate::validate;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::LazyLock;

/// A request, as the SQL functions take it.
pub(crate) struct Request {
    pub(crate) query: Option<String>,
    pub(crate) variables: Variables,
    pub(crate) jwt: Option<String>,
    pub(crate) operation_name: Option<String>,
}

/// A request that may run: its statement, its values, and the role that it runs as until this is dropped.
pub(crate) struct Ready {
    pub(crate) prepared: Rc<Prepared>,
    pub(crate) values: Vec<Bound>,
    #[allow(dead_code, reason = "it is held for what its end does")]
    session: Session,
}

/// The schema; a fault in the SDL is found by the project's tests, and here an internal error.
pub(crate) fn schema() -> Result<&'static Schema, Error> {
    static SCHEMA: LazyLock<Result<Schema, String>> =
        LazyLock::new(|| schema::load(schema::BLOG).map_err(|fault| fault.to_string()));
    SCHEMA.as_ref().map_err(|fault| Error::Internal(fault.clone()))
}

/// Takes a request through all stages up to its statement.
///
/// # Errors
/// What the first stage that fails has found; nothing was read but the token's key, tenant and user.
pub(crate) fn prepare(request: &Request) -> Result<Ready, Vec<Failure>> {
    let one = |error: Error| vec![Failure::from(error)];
    let schema = schema().map_err(one)?;
    let limits = settings::limits();
    let query = request.query.as_deref().ok_or(Error::Input(InputError::NoQuery)).map_err(one)?;
    let variables = request.variables.read(&limits).map_err(one)?;
    let scan = syntax::scan(query, &scan_limits(&limits)).map_err(|e| one(e.into()))?;
    let session = pg::log_in(request.jwt.as_deref(), &schema.scopes).map_err(one)?;
    let name = request.operation_name.as_deref();
    // Nobody reads more, and to find a place is to read the text.
    let most = usize::try_from(limits.errors).unwrap_or(usize::MAX).max(1);
    let located = |faults: Vec<Fault>| {
        faults.into_iter().take(most).map(|fault| fault.located(&scan)).collect::<Vec<_>>()
    };
    let executable = executable(schema, &scan, name, &limits).map_err(located)?;
    introspectable(&executable).map_err(|fault| located(vec![fault]))?;
    let inputs =
        operation::coerce(schema, &executable, &variables, scan.literals(), settings::introspection())
            .map_err(located)?;
    authenticated(&executable, &session).map_err(one)?;
    executable.measure.check(&limits).map_err(one)?;
    let prepared = statement(schema, &executable, &inputs, &session).map_err(|fault| located(vec![fault]))?;
    within("max_relations", prepared.statement.relations, limits.relations).map_err(one)?;
    let (parameters, checks) = (&prepared.statement.parameters, &prepared.statement.checks);
    let values = plan::bind(schema, parameters, checks, session.caller.as_ref(), &inputs, &limits);
    Ok(Ready { values: values.map_err(|fault| located(vec![fault]))?, prepared, session })
}

/// How many places of one error are told.
const MOST_PLACES: usize = 20;

/// The errors of missing values, with their places in the request's text.
pub(crate) fn missing(request: &Request, gaps: &[Gap], missing: Vec<Missing>) -> Vec<Failure> {
    let query = request.query.as_deref().unwrap_or_default();
    let scan = syntax::scan(query, &scan_limits(&settings::limits())).ok();
    let failure = |Missing { gap, path }| {
        let gap = gaps.get(gap)?;
        let places = gap.at.iter().take(MOST_PLACES);
        let locations = scan.iter().flat_map(|scan| places.clone().map(|at| scan.locate(*at))).collect();
        Some(Failure { error: gap.error.clone(), locations, path })
    };
    missing.into_iter().filter_map(failure).collect()
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
type StatementKey = (u64, Role, Scopes, Vec<State>);

thread_local! {
    // Never dropped: the plans belong to PostgreSQL, whose memory is gone when a thread's values are dropped.
    static DOCUMENTS: RefCell<ManuallyDrop<Kept<DocumentKey, Rc<Executable>>>> =
        RefCell::new(ManuallyDrop::new(Kept::new(MOST_SHAPES)));
    static STATEMENTS: RefCell<ManuallyDrop<Kept<StatementKey, Rc<Prepared>>>> =
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
    if let Some(known) = known.filter(|known| known.assumptions.hold(scan.literals())) {
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
    let gone = DOCUMENTS.with_borrow_mut(|kept| kept.put(key, Rc::clone(&executable), weight, most));
    drop(gone);
    Ok(executable)
}

/// The statement of a document for a caller's rights: compiled and planned when the session first needs it.
fn statement(
    schema: &'static Schema,
    executable: &Executable,
    inputs: &Inputs<'_>,
    session: &Session,
) -> Result<Rc<Prepared>, Fault> {
    let nobody = (Role::Subscriber, Scopes::NONE);
    let (role, scopes) = session.caller.as_ref().map_or(nobody, |caller| (caller.role, caller.scopes));
    let key = (executable.id, role, scopes, inputs.states(executable));
    if let Some(known) = STATEMENTS.with_borrow_mut(|kept| kept.get(&key)) {
        return Ok(known);
    }
    let operation = operation::collect(schema, executable, inputs)?;
    let plan = plan::build(schema, &operation, role, scopes)?;
    let prepared = Rc::new(Prepared::new(sql::build(plan)));
    let weight = prepared.statement.text.len();
    let most = settings::plan_cache_size();
    let gone = STATEMENTS.with_borrow_mut(|kept| kept.put(key, Rc::clone(&prepared), weight, most));
    drop(gone);
    Ok(prepared)
}
