//! Turns a statement's parameters and a request's values into what the database is given.

use super::cursor::{self, Place};
use super::{Argument, Checks, Cursor, Introspection, PageSize, Parameter};
use crate::error::{Error, Fault, InputError};
use crate::limits::Limits;
use crate::operation::{Input, Inputs, Source, literal};
use crate::schema::{Role, Schema, Scopes, introspection};
use std::borrow::Cow;
use std::cell::Cell;
use uuid::Uuid;

/// Who asks: the verified token, and what the database says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The role.
    pub role: Role,
    /// Which operator it is: the `kid` of its key, and the user that its token names if it names one.
    pub operator: Option<String>,
    /// The scopes that the token names; all of them where it names none.
    pub scopes: Scopes,
    /// The tenant; an operator has none.
    pub tenant: Option<Tenant>,
    /// The user; an operator has none.
    pub user: Option<User>,
}

/// The caller's tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// `pk_tenant`
    pub key: i64,
    /// `id`
    pub id: Uuid,
    /// `identifier`
    pub identifier: String,
}

/// The caller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct User {
    /// `pk_user`
    pub key: i64,
    /// `id`
    pub id: Uuid,
}

/// A value for a statement, of the SQL type that its name says; `None` is null.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// `bigint`
    Bigint(Option<i64>),
    /// `uuid`
    Uuid(Option<[u8; 16]>),
    /// `boolean`
    Boolean(bool),
    /// `timestamptz`, microseconds since 2000-01-01 UTC
    Timestamptz(i64),
    /// `text`
    Text(String),
    /// What another statement has given: a row that was written, or the key of an event's row.
    Given,
}

/// What the parameters of one request get their values from.
#[derive(Debug)]
pub struct Values<'a> {
    schema: &'a Schema,
    caller: Option<&'a Caller>,
    inputs: &'a Inputs<'a>,
    limits: &'a Limits,
    /// How many bytes about the schema the answer has room for.
    left: Cell<usize>,
}

impl<'a> Values<'a> {
    /// The values of a request of this caller; without a token there is none.
    #[must_use]
    pub fn new(
        schema: &'a Schema,
        caller: Option<&'a Caller>,
        inputs: &'a Inputs<'a>,
        limits: &'a Limits,
    ) -> Self {
        let left = Cell::new(usize::try_from(limits.answer_bytes).unwrap_or(usize::MAX));
        Self { schema, caller, inputs, limits, left }
    }

    /// Looks at what is no parameter.
    ///
    /// # Errors
    /// A value is not what its argument takes, names a foreign tenant, or asks for more than the limits allow.
    pub fn check(&self, checks: &Checks) -> Result<(), Fault> {
        // An operator has no tenant: the function decides what becomes of one that it names.
        let operates = self.caller.is_some_and(|caller| caller.role == Role::Operator);
        for argument in checks.tenants.iter().filter(|_| !operates) {
            let text = self.text(argument)?;
            let own = self.caller.and_then(|caller| caller.tenant.as_ref()).is_some_and(|tenant| {
                tenant.identifier == text || uuid(&text) == Some(tenant.id.into_bytes())
            });
            if !own {
                return Err(blame(argument, Error::ForeignTenant));
            }
        }
        for cursor in &checks.cursors {
            self.place(cursor)?;
        }
        self.check_pages(&checks.load.lists)?;
        Ok(checks.load.check(self.limits, &|page| self.size(page))?)
    }

    /// For how many events at most one call gives answers.
    #[must_use]
    pub fn most_events(&self, checks: &Checks) -> u64 {
        checks.load.times(self.limits, &|page| self.size(page))
    }

    fn size(&self, page: &PageSize) -> u64 {
        self.page_size(page).map_or(u64::MAX, u64::from)
    }

    /// The values of a statement's parameters, in their order.
    ///
    /// # Errors
    /// A value is not what its argument takes.
    pub fn of(&self, parameters: &[Parameter]) -> Result<Vec<Bound>, Fault> {
        parameters.iter().map(|parameter| self.bound(parameter)).collect()
    }

    fn check_pages(&self, lists: &[(PageSize, super::Load)]) -> Result<(), Fault> {
        lists.iter().try_for_each(|(page, load)| {
            self.page_size(page)?;
            self.check_pages(&load.lists)
        })
    }

    fn bound(&self, parameter: &Parameter) -> Result<Bound, Fault> {
        Ok(match parameter {
            Parameter::TenantKey => {
                Bound::Bigint(self.caller.and_then(|caller| caller.tenant.as_ref()).map(|tenant| tenant.key))
            }
            Parameter::UserKey => {
                Bound::Bigint(self.caller.and_then(|caller| caller.user.as_ref()).map(|user| user.key))
            }
            Parameter::Written(_) | Parameter::Event => Bound::Given,
            Parameter::Uuid(argument) => Bound::Uuid(uuid(&self.text(argument)?)),
            Parameter::Boolean(argument) => {
                Bound::Boolean(self.input(argument)?.as_ref() == &Input::Boolean(true))
            }
            Parameter::Text(argument) => {
                let text = self.text(argument)?;
                if text.contains('\0') {
                    let error = InputError::ControlCharacters(argument.name.clone());
                    return Err(blame(argument, Error::Input(error)));
                }
                Bound::Text(text)
            }
            Parameter::PageSize(page) => Bound::Bigint(Some(self.page_size(page)?.into())),
            Parameter::CursorTime(cursor) => Bound::Timestamptz(self.place(cursor)?.time),
            Parameter::CursorId(cursor) => Bound::Uuid(Some(self.place(cursor)?.id)),
            Parameter::Introspection(introspection) => Bound::Text(self.introspection(introspection)?),
        })
    }

    fn introspection(&self, introspection: &Introspection) -> Result<String, Fault> {
        let Introspection { name, asked, .. } = introspection;
        let variable = |place| matches!(self.inputs.variables.get(place), Some(Some(Input::Boolean(true))));
        let written = match name {
            None => introspection::of_schema(self.schema, asked, &variable, self.left.get()),
            Some(name) => {
                let name = self.text(name)?;
                introspection::of_type(self.schema, &name, asked, &variable, self.left.get())
            }
        };
        let too_long = |_| Error::Limit { limit: "max_answer_bytes", value: self.limits.answer_bytes };
        let text = written.map_err(too_long)?;
        self.left.set(self.left.get().saturating_sub(text.len()));
        Ok(text)
    }

    /// The argument's value. Validation has made sure of its type, so what is left to fail is a number's size.
    fn input(&self, argument: &Argument) -> Result<Cow<'_, Input>, Fault> {
        let wrong = || blame(argument, Error::Input(InputError::Misfit(argument.name.clone())));
        match &argument.source {
            Source::Variable(place) => {
                let value = self.inputs.variables.get(*place).and_then(Option::as_ref);
                value.map(Cow::Borrowed).ok_or_else(wrong)
            }
            Source::Literal(value) => literal(self.schema, &argument.ty, value, self.inputs.literals)
                .map(Cow::Owned)
                .ok_or_else(wrong),
            Source::Default(value) => Ok(Cow::Owned(value.clone())),
        }
    }

    fn text(&self, argument: &Argument) -> Result<String, Fault> {
        Ok(match self.input(argument)?.into_owned() {
            Input::String(text) => text,
            other => other.into_json().to_string(),
        })
    }

    fn page_size(&self, page: &PageSize) -> Result<u32, Fault> {
        let Some(argument) = &page.0 else { return Ok(PageSize::DEFAULT) };
        let Input::Int(size) = *self.input(argument)? else { return Ok(PageSize::DEFAULT) };
        let most = self.limits.page_size;
        u32::try_from(size).ok().filter(|size| u64::from(*size) <= most).ok_or_else(|| {
            blame(argument, Error::Input(InputError::PageSize { argument: argument.name.clone(), most }))
        })
    }

    fn place(&self, cursor: &Cursor) -> Result<Place, Fault> {
        let argument = &cursor.argument;
        cursor::decode(&self.text(argument)?, cursor.tag)
            .ok_or_else(|| blame(argument, Error::Input(InputError::Cursor(argument.name.clone()))))
    }
}

fn blame(argument: &Argument, error: Error) -> Fault {
    Fault::of_field(error, argument.at, &argument.path)
}

/// A UUID in its usual form of 36 characters; the other spellings that PostgreSQL knows name nothing.
fn uuid(text: &str) -> Option<[u8; 16]> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(Uuid::into_bytes)
}
