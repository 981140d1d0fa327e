//! A request on its way through the pure stages, as `resolve.rs` takes it, for callers that tests choose.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

pub(crate) mod sql;

use std::sync::LazyLock;

use saas_blog::error::{Error, Failure, Fault};
use saas_blog::limits::Limits;
use saas_blog::operation::{self, Entry, Executable, Input, Inputs, Operation};
use saas_blog::plan::{self, Bound, Caller, Tenant, User, Values};
use saas_blog::schema::{self, Role, Schema, Scopes};
use saas_blog::sql::Program;
use saas_blog::syntax::{self, Scan};
use saas_blog::validate::validate;
use serde_json::Value as Json;
use uuid::Uuid;

/// The keys and ids of the tenant and user in whose name tests ask.
pub(crate) const TENANT: (i64, Uuid) = (11, Uuid::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111));
pub(crate) const USER: (i64, Uuid) = (22, Uuid::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222));
/// The id of a row that may or may not exist.
pub(crate) const ID: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const ROLES: [Role; 4] = [Role::Subscriber, Role::Editor, Role::Admin, Role::Operator];

/// A request, its caller and the limits that hold.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) schema: &'static Schema,
    pub(crate) query: String,
    pub(crate) variables: Json,
    pub(crate) operation_name: Option<String>,
    pub(crate) role: Role,
    pub(crate) scopes: Scopes,
    pub(crate) limits: Limits,
    pub(crate) entry: Entry,
}

/// What a request becomes before any value is looked at, and its values.
pub(crate) struct Compiled {
    pub(crate) program: Program,
    /// Those of each statement, in the order of the program.
    pub(crate) values: Result<Vec<Vec<Bound>>, Failure>,
}

pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema::load(schema::BLOG).unwrap());
    &SCHEMA
}

/// The scopes of these names; `None` is a token without the claim.
pub(crate) fn scopes(names: Option<&[&str]>) -> Scopes {
    let place = |name: &&str| schema().scopes.iter().position(|known| known == name).unwrap();
    names.map_or(Scopes::ALL, |names| {
        names.iter().map(|name| Scopes::at(place(name))).fold(Scopes::NONE, Scopes::union)
    })
}

/// A request of an admin with all scopes and the default limits.
pub(crate) fn request(query: impl Into<String>) -> Request {
    Request {
        schema: schema(),
        query: query.into(),
        variables: Json::Object(serde_json::Map::new()),
        operation_name: None,
        role: Role::Admin,
        scopes: Scopes::ALL,
        limits: Limits::default(),
        entry: Entry::Execute,
    }
}

/// The same of a request that opens a subscription.
pub(crate) fn subscription(query: impl Into<String>) -> Request {
    Request { entry: Entry::Subscribe, ..request(query) }
}

impl Request {
    /// The same for another schema than the blog's.
    pub(crate) fn over(self, schema: &'static Schema) -> Self {
        Self { schema, ..self }
    }

    pub(crate) fn variables(self, variables: Json) -> Self {
        Self { variables, ..self }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { operation_name: Some(name.to_owned()), ..self }
    }

    pub(crate) fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    pub(crate) fn scopes(self, scopes: Scopes) -> Self {
        Self { scopes, ..self }
    }

    pub(crate) fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    pub(crate) fn scan(&self) -> Result<Scan<'_>, Vec<Failure>> {
        let count = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
        let limits =
            syntax::Limits { max_tokens: count(self.limits.tokens), max_nesting: count(self.limits.nesting) };
        syntax::scan(&self.query, &limits).map_err(|error| vec![Error::from(error).into()])
    }

    /// The valid document with the chosen operation.
    pub(crate) fn executable(&self, scan: &Scan<'_>) -> Result<Executable, Vec<Failure>> {
        let located = |faults: Vec<Fault>| faults.into_iter().map(|fault| fault.located(scan)).collect();
        let document = syntax::parse(scan).map_err(|error| located(vec![Error::from(error).into()]))?;
        let valid = validate(self.schema, &document, scan.literals(), &self.limits, true);
        let assumptions = valid.map_err(located)?;
        let chosen = operation::choose(self.schema, document, assumptions, self.operation_name.as_deref());
        let taken = chosen.and_then(|executable| self.entry.takes(&executable).map(|()| executable));
        taken.map_err(|fault| located(vec![fault]))
    }

    /// The values of the variables.
    pub(crate) fn inputs<'a>(
        &self,
        scan: &'a Scan<'_>,
        executable: &Executable,
    ) -> Result<Inputs<'a>, Vec<Failure>> {
        let variables = self.variables.as_object().unwrap();
        operation::coerce(self.schema, executable, variables, scan.literals(), true)
            .map_err(|faults| faults.into_iter().map(|fault| fault.located(scan)).collect())
    }

    /// The values of the variables alone.
    pub(crate) fn coerced(&self) -> Result<Vec<Option<Input>>, Vec<Failure>> {
        let scan = self.scan()?;
        Ok(self.inputs(&scan, &self.executable(&scan)?)?.variables)
    }

    /// The merged field tree.
    pub(crate) fn collected(&self) -> Result<Operation<'static>, Vec<Failure>> {
        let scan = self.scan()?;
        let executable = self.executable(&scan)?;
        let inputs = self.inputs(&scan, &executable)?;
        operation::collect(self.schema, &executable, &inputs).map_err(|fault| vec![fault.located(&scan)])
    }

    /// The statements, and the values or what is wrong with them.
    pub(crate) fn compiled(&self) -> Result<Compiled, Vec<Failure>> {
        let scan = self.scan()?;
        self.compiled_by(&scan, &self.executable(&scan)?)
    }

    /// The same by a document of the scan's shape.
    pub(crate) fn compiled_by(
        &self,
        scan: &Scan<'_>,
        executable: &Executable,
    ) -> Result<Compiled, Vec<Failure>> {
        let inputs = self.inputs(scan, executable)?;
        let located = |fault: Fault| vec![fault.located(scan)];
        executable.measure.check(&self.limits).map_err(|error| vec![error.into()])?;
        let operation = operation::collect(self.schema, executable, &inputs).map_err(located)?;
        let plan = plan::build(self.schema, &operation, self.role, self.scopes).map_err(located)?;
        let program = saas_blog::sql::build(plan);
        let caller = caller(self.role, self.scopes);
        let values = Values::new(self.schema, Some(&caller), &inputs, &self.limits);
        let bound = values
            .check(&program.checks)
            .and_then(|()| program.statements().map(|statement| values.of(&statement.parameters)).collect());
        Ok(Compiled { values: bound.map_err(|fault| fault.located(scan)), program })
    }

    /// The texts of the statements; a query has one.
    pub(crate) fn texts(&self) -> Vec<String> {
        let compiled = self.compiled().unwrap_or_else(|failures| panic!("{failures:?}: {}", self.query));
        compiled.program.statements().map(|statement| statement.text.clone()).collect()
    }

    /// The text of a query's statement.
    pub(crate) fn sql(&self) -> String {
        self.texts().remove(0)
    }

    /// What is wrong with the request, in the order of the stages.
    pub(crate) fn failures(&self) -> Vec<Failure> {
        match self.compiled() {
            Err(failures) => failures,
            Ok(compiled) => compiled.values.err().into_iter().collect(),
        }
    }

    /// The only thing that is wrong, as `CODE line:column path: sentence`; `ok` where nothing is.
    pub(crate) fn verdict(&self) -> String {
        let verdicts: Vec<String> = self.failures().iter().map(verdict).collect();
        if verdicts.is_empty() { "ok".to_owned() } else { verdicts.join("\n") }
    }
}

/// A failure on one line, without the parts that it does not have.
pub(crate) fn verdict(failure: &Failure) -> String {
    let places = failure.locations.iter().map(|place| format!(" {}:{}", place.line, place.column));
    let path: Vec<String> = failure.path.iter().map(ToString::to_string).collect();
    let path = if path.is_empty() { String::new() } else { format!(" {}", path.join(".")) };
    format!("{}{}{path}: {}", failure.error.code(), places.collect::<String>(), failure.error)
}

pub(crate) fn caller(role: Role, scopes: Scopes) -> Caller {
    let of_tenant = role != Role::Operator;
    Caller {
        role,
        operator: (!of_tenant).then(|| "key".to_owned()),
        scopes,
        tenant: of_tenant.then(|| Tenant { key: TENANT.0, id: TENANT.1, identifier: "demo".to_owned() }),
        user: of_tenant.then_some(User { key: USER.0, id: USER.1 }),
    }
}

/// A file of the project.
pub(crate) fn file(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a text with a golden file, or writes the file where `BLESS` is set; gives what differs.
pub(crate) fn golden(path: &str, found: &str) -> Option<String> {
    let full = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(full, found).unwrap();
        return None;
    }
    let wanted = std::fs::read_to_string(full).unwrap_or_default();
    let at = wanted.lines().zip(found.lines()).take_while(|(wanted, found)| wanted == found).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
    (wanted != found).then(|| format!("{path}:{}\n- {}\n+ {}", at + 1, line(&wanted), line(found)))
}

/// What `piece` gives for each number, one behind the other.
pub(crate) fn numbered(numbers: std::ops::Range<usize>, piece: impl Fn(usize) -> String) -> String {
    numbers.map(piece).collect::<Vec<_>>().concat()
}

/// Fails with all rows that are wrong, not just the first.
pub(crate) fn none_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Checks a table of requests and their verdicts.
pub(crate) fn verdicts<'a>(rows: impl IntoIterator<Item = (Request, &'a str)>) {
    let differing = rows.into_iter().filter_map(|(request, wanted)| {
        let found = request.verdict();
        (found != wanted)
            .then(|| format!("{}\nvariables: {}\n- {wanted}\n+ {found}", request.query, request.variables))
    });
    none_wrong(&differing.collect::<Vec<_>>());
}

/// A linear congruential generator with the constants of Knuth's MMIX: the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}
