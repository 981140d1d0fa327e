//! Turns the client's variables into coerced values
//! ([spec](https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values)).

mod inspect;
mod json;
mod literal;
mod misfit;
mod scalar;

pub(super) use literal::default;
pub use literal::literal;
pub use misfit::Misfit;

use super::{Executable, Variable};
use crate::error::{Error, Fault, InputError, printable};
use crate::schema::Schema;
use crate::syntax::{At, Literal};
use json::Coercer;
use serde_json::Value as Json;

/// How many errors are looked for, as in graphql-js.
const MOST_FAULTS: usize = 100;

/// A value that fits its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Null, where the type admits it.
    Null,
    /// `Int`
    Int(i32),
    /// `Float`
    Float(f64),
    /// `Boolean`
    Boolean(bool),
    /// `String`, `ID`, an enum's name, or an RFC 3339 date-time.
    String(String),
    /// A list.
    List(Vec<Input>),
    /// An input object: the fields that are given or have a default, in the order of the SDL.
    Object(Vec<(String, Input)>),
    /// A custom scalar of which nothing is known.
    Json(Json),
}

impl Input {
    /// The value as JSON.
    #[must_use]
    pub fn into_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Int(number) => number.into(),
            Self::Float(number) => number.into(),
            Self::Boolean(value) => value.into(),
            Self::String(text) => text.into(),
            Self::List(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, value.into_json())).collect()
            }
            Self::Json(value) => value,
        }
    }
}

/// The values of one request: its variables in the order of their definitions, and its literals.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The variables; `None` for one that is not given and has no default.
    pub variables: Vec<Option<Input>>,
    /// The document's literals, which its holes number.
    pub literals: &'a [Literal],
}

/// What a variable's value changes in the compiled statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Not given.
    Absent,
    /// Given as null.
    Null,
    /// Given: its value is a parameter.
    Given,
    /// The value of a variable that a `@skip` or `@include` reads.
    Switch(bool),
}

impl Inputs<'_> {
    /// The states of all variables: requests of one shape and equal states share a statement.
    #[must_use]
    pub fn states(&self, executable: &Executable) -> Vec<State> {
        self.variables
            .iter()
            .zip(&executable.variables)
            .map(|(input, variable)| state(input.as_ref(), variable))
            .collect()
    }
}

fn state(input: Option<&Input>, variable: &Variable) -> State {
    match input {
        None => State::Absent,
        Some(Input::Null) => State::Null,
        Some(Input::Boolean(value)) if variable.switch => State::Switch(*value),
        Some(_) => State::Given,
    }
}

/// What is wrong with the variables, up to a number beyond which nobody reads on.
#[derive(Default)]
struct Faults(Vec<Fault>);

/// So much is wrong that the rest is not looked at.
struct Full;

impl Faults {
    fn push(&mut self, error: InputError, at: At) -> Result<(), Full> {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault::at(Error::Input(error), at));
            return Ok(());
        }
        self.0.push(Error::Input(InputError::TooMany).into());
        Err(Full)
    }
}

/// The request's variables, each coerced to its type.
///
/// `suggest` says whether an error names what the schema has instead of a misspelt name.
///
/// # Errors
/// One for each place in a variable that does not fit, and for each variable that is missing; at most 100, and one that
/// says that there are more.
pub fn coerce<'a>(
    schema: &Schema,
    executable: &Executable,
    given: &serde_json::Map<String, Json>,
    literals: &'a [Literal],
    suggest: bool,
) -> Result<Inputs<'a>, Vec<Fault>> {
    let mut faults = Faults::default();
    let variables: Result<Vec<_>, Full> = executable
        .variables
        .iter()
        .map(|variable| {
            let coercer = Coercer::new(schema, variable, suggest, &mut faults);
            coerce_variable(coercer, given.get(&variable.name), literals)
        })
        .collect();
    match variables {
        Ok(variables) if faults.0.is_empty() => Ok(Inputs { variables, literals }),
        _ => Err(faults.0),
    }
}

/// The variable's value; `None` where it has none, or where what is wrong is noted.
fn coerce_variable(
    mut coercer: Coercer<'_>,
    given: Option<&Json>,
    literals: &[Literal],
) -> Result<Option<Input>, Full> {
    let Coercer { schema, variable, .. } = coercer;
    let (name, ty) = (|| printable(&variable.name), || schema.display(&variable.ty).to_string());
    let (error, at) = match (given, &variable.default) {
        (None, Some(default)) => match literal::coerce(schema, &variable.ty, default, literals) {
            Ok(input) => return Ok(Some(input)),
            Err((misfit, at)) => (InputError::Literal(Box::new(misfit)), at),
        },
        (None, None) if variable.ty.is_non_null() => {
            (InputError::MissingVariable { variable: name(), ty: ty() }, variable.at)
        }
        (None, None) => return Ok(None),
        (Some(Json::Null), _) if variable.ty.is_non_null() => {
            (InputError::NullVariable { variable: name(), ty: ty() }, variable.at)
        }
        (Some(value), _) => return coercer.value(&variable.ty, value),
    };
    coercer.faults.push(error, at)?;
    Ok(None)
}
