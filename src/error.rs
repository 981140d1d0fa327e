//! Every way a request can fail, as the one kind of error that a GraphQL answer carries.

use crate::code::Code;
use crate::operation::Misfit;
use crate::syntax::{At, Location, Scan, SyntaxError};
pub use crate::validate::Violation;
use serde::Serialize;
use std::fmt;
use thiserror::Error;

/// Why a request fails: one variant a cause, its sentence for people in `Display`.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// The text is no GraphQL document.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// No token, or one that is refused for whatever reason: all look the same to the client.
    #[error("A valid token is needed for this request.")]
    Unauthenticated,
    /// The document breaks a rule of [section 5](https://spec.graphql.org/October2021/#sec-Validation).
    #[error("{0}")]
    Validation(Box<Violation>),
    /// The document does not say which operation is meant
    /// ([spec](https://spec.graphql.org/October2021/#GetOperation())).
    #[error("{0}")]
    Operation(Unresolved),
    /// A value of the client's is not what the argument or variable takes.
    #[error("{0}")]
    Input(InputError),
    /// The token's role or scopes do not cover a field.
    #[error("You may not ask for field \"{0}\".")]
    Forbidden(String),
    /// `tenantId` names another tenant than the token.
    #[error("The token does not belong to this tenant.")]
    ForeignTenant,
    /// A limit of the installation is exceeded.
    #[error("The request exceeds the limit {limit} of {value}.")]
    Limit {
        /// The setting without its prefix, such as `max_depth`.
        limit: &'static str,
        /// What it allows.
        value: u64,
    },
    /// A subscription was sent to `graphql.resolve` or `graphql.execute`.
    #[error("A subscription is opened with graphql.subscribe.")]
    Subscription,
    /// Another operation was sent to `graphql.subscribe` or `graphql.next`.
    #[error("Only a subscription is opened with graphql.subscribe: a {0} goes to graphql.execute.")]
    NotSubscription(&'static str),
    /// What a subscription is about is not there, or not there for the caller.
    #[error("There is no such {0}.")]
    NoSubject(String),
    /// A function or a constraint of the database says no.
    #[error("{message}")]
    Refused {
        /// Which kind of refusal it is.
        refusal: Refusal,
        /// The reason, a sentence for people.
        message: String,
        /// The argument to blame, if it is one.
        field: Option<String>,
    },
    /// A mutation in a transaction that is READ ONLY, or on a standby.
    #[error("Nothing can be written here: the transaction is read-only, or the server is a standby.")]
    ReadOnly,
    /// A non-null field has no value ([spec](https://spec.graphql.org/October2021/#sec-Handling-Field-Errors)).
    #[error("Cannot return null for non-nullable field {0}.")]
    Missing(String),
    /// Of what a mutation has written something is missing by the time that its answer is read, because others write too.
    #[error("What the answer is about was changed at the same time: send the request again.")]
    Overtaken,
    /// A fault of ours or of the database; the server's log has the cause under this id.
    #[error("An internal error occurred (id {0}).")]
    Internal(String),
}

/// Why the database refuses to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A value that it does not take.
    Input,
    /// A row that the caller may not change.
    Forbidden,
    /// A row that is not there, or not there for the caller.
    NotFound,
    /// Something else has come first.
    Conflict,
}

/// Why no operation is chosen.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Unresolved {
    /// The document has fragments only.
    #[error("Must provide an operation.")]
    Nothing,
    /// Several operations and no `operationName`.
    #[error("Must provide operation name if query contains multiple operations.")]
    Ambiguous,
    /// The schema has no root for this kind of operation.
    #[error("Schema is not configured to execute {0} operation.")]
    NoSuchRoot(&'static str),
    /// No operation of this name.
    #[error("Unknown operation named \"{}\".", printable(.0))]
    Unknown(String),
}

/// What is wrong with a value of the client's.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum InputError {
    /// No query text at all.
    #[error("A query is needed.")]
    NoQuery,
    /// `variables` is neither null nor an object.
    #[error("Variables must be an object.")]
    VariablesNotObject,
    /// A number in the variables that no scalar can hold.
    #[error("A number in the variables has too many digits.")]
    NumberTooLong,
    /// A value inside a variable does not fit its type.
    #[error("Variable \"${variable}\" got invalid value {value}{}; {misfit}", at_place(variable, place))]
    Variable {
        /// The variable's name.
        variable: String,
        /// The path inside its value, such as `.tags[2]`; empty for the whole.
        place: String,
        /// What is there, printed.
        value: String,
        /// Why it does not fit.
        misfit: Box<Misfit>,
    },
    /// A literal does not fit its type.
    #[error("{0}")]
    Literal(Box<Misfit>),
    /// A variable of a non-null type is missing.
    #[error("Variable \"${variable}\" of required type \"{ty}\" was not provided.")]
    MissingVariable {
        /// The variable's name.
        variable: String,
        /// Its type.
        ty: String,
    },
    /// A variable of a non-null type is null.
    #[error("Variable \"${variable}\" of non-null type \"{ty}\" must not be null.")]
    NullVariable {
        /// The variable's name.
        variable: String,
        /// Its type.
        ty: String,
    },
    /// More is wrong with the variables than anybody reads.
    #[error("Too many errors processing variables, error limit reached. Execution aborted.")]
    TooMany,
    /// A non-null argument got null by way of a variable.
    #[error("Argument \"{argument}\" of non-null type \"{ty}\" must not be null.")]
    NullArgument {
        /// The argument's name.
        argument: String,
        /// Its type.
        ty: String,
    },
    /// A value that the argument's type does not hold.
    #[error("Argument \"{0}\" has a value that does not fit its type.")]
    Misfit(String),
    /// A page size below zero or above the limit.
    #[error("Argument \"{argument}\" must be between 0 and {most}.")]
    PageSize {
        /// `first`, `last` or `limit`.
        argument: String,
        /// The setting `max_page_size`.
        most: u64,
    },
    /// More than one of `first`, `last` and `limit`.
    #[error("Only one of \"first\", \"last\" and \"limit\" can be given.")]
    TwoPageSizes,
    /// Text that is no cursor of this list.
    #[error("Argument \"{0}\" is no cursor of this list.")]
    Cursor(String),
    /// Text with a NUL, which PostgreSQL cannot hold.
    #[error("Argument \"{0}\" contains control characters.")]
    ControlCharacters(String),
    /// A number or a date that is out of the range of its SQL type.
    #[error("A value is out of range.")]
    OutOfRange,
    /// `extensions` is neither null nor an object.
    #[error("Extensions must be an object.")]
    ExtensionsNotObject,
    /// All that a subscription asks for is left out by `@skip` or `@include`.
    #[error("A subscription needs a field: the only one is left out.")]
    NoEvent,
    /// A call of `graphql.next` without a cursor.
    #[error("A cursor is needed: graphql.subscribe gives the first one.")]
    NoCursor,
    /// Text that is no cursor of the subscription, in this database of this server.
    #[error("The cursor does not belong to this subscription on this server: subscribe again.")]
    ForeignCursor,
    /// Events that the cursor's owner may not have got are gone.
    #[error("The cursor is too old, events behind it are gone: subscribe again.")]
    OldCursor,
    /// A standby does not know which transactions run.
    #[error("A standby has no subscriptions: send them to the primary server.")]
    SubscriptionOnStandby,
    /// The caller's transaction has written something, which its snapshot does not tell.
    #[error("A subscription is asked for in a transaction that has written nothing.")]
    SubscriptionWhileWriting,
    /// An idempotency key that is none.
    #[error("An idempotency key is 1 to 128 visible ASCII characters.")]
    IdempotencyKey,
}

/// One error of an answer: the cause, where it stands in the text, and which field it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The cause.
    pub error: Error,
    /// Where it stands in the request's text.
    pub locations: Vec<Location>,
    /// The way down to the value that failed.
    pub path: Vec<Step>,
}

/// A step on the way to a value of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// Into an object: a response key.
    Key(String),
    /// Into a list: a place, from 0.
    Index(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// Errors before they know their text: places are tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The cause.
    pub error: Error,
    /// The tokens at which its parts stand.
    pub at: Vec<At>,
    /// The response keys down to the field.
    pub path: Vec<String>,
}

impl Fault {
    /// An error at a token.
    #[must_use]
    pub fn at(error: Error, at: At) -> Self {
        Self { error, at: vec![at], path: Vec::new() }
    }

    /// An error of a field.
    #[must_use]
    pub fn of_field(error: Error, at: At, path: &[String]) -> Self {
        Self { error, at: vec![at], path: path.to_vec() }
    }

    /// The error with its line and column in the scanned text.
    #[must_use]
    pub fn located(self, scan: &Scan<'_>) -> Failure {
        let failure = Failure::from(self.error);
        let located = self.at.into_iter().map(|at| scan.locate(at));
        Failure {
            locations: failure.locations.into_iter().chain(located).collect(),
            path: self.path.into_iter().map(Step::Key).collect(),
            ..failure
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, at: Vec::new(), path: Vec::new() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let locations = match &error {
            Error::Syntax(syntax) => syntax.location().into_iter().collect(),
            _ => Vec::new(),
        };
        Self { error, locations, path: Vec::new() }
    }
}

impl Error {
    /// Which kind of error it is.
    #[must_use]
    pub fn kind(&self) -> Code {
        match self {
            Self::Syntax(_) => Code::ParseFailed,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Validation(_) => Code::ValidationFailed,
            Self::Operation(_) => Code::OperationUnresolved,
            Self::Input(_) | Self::Refused { refusal: Refusal::Input, .. } => Code::BadUserInput,
            Self::Forbidden(_) | Self::ForeignTenant | Self::Refused { refusal: Refusal::Forbidden, .. } => {
                Code::Forbidden
            }
            Self::NoSubject(_) | Self::Refused { refusal: Refusal::NotFound, .. } => Code::NotFound,
            Self::Overtaken | Self::Refused { refusal: Refusal::Conflict, .. } => Code::Conflict,
            Self::ReadOnly => Code::ReadOnly,
            Self::Limit { .. } => Code::LimitExceeded,
            Self::Subscription => Code::Subscription,
            Self::NotSubscription(_) => Code::NotSubscription,
            Self::Missing(_) | Self::Internal(_) => Code::Internal,
        }
    }

    /// The value of `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().as_str()
    }

    /// The value of `extensions.field`: the argument to blame.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused { field, .. } => field.as_deref(),
            Self::Input(InputError::ControlCharacters(argument)) => Some(argument),
            _ => None,
        }
    }
}

impl From<SyntaxError> for Error {
    fn from(error: SyntaxError) -> Self {
        match error {
            SyntaxError::TooManyTokens { limit, value } | SyntaxError::TooDeep { limit, value } => {
                Self::Limit { limit, value: value as u64 }
            }
            other => Self::Syntax(other),
        }
    }
}

fn at_place(variable: &str, place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" at \"{variable}{place}\"") }
}

/// The text without control characters, so that a message can repeat it.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
