//! The part of SQL that compiled statements are written in.

use crate::plan::Parameter;
use crate::schema::{Identifier, Order};

/// A name that a sub-select gives to its rows. The number counts up in the order of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alias {
    /// Rows of a table.
    Table(usize),
    /// The rows of one page of a list.
    Page(usize),
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Text(String),
    Integer(i64),
    Column(Alias, Identifier),
    RowNumber(Alias),
    Parameter(Parameter),
    /// A function of `pg_catalog`.
    Call(&'static str, Vec<Expr>),
    /// A function of the schema `saas_blog`, its arguments by name.
    Function(Identifier, Vec<(Identifier, Expr)>),
    /// An aggregate of `pg_catalog`, or of ours with its schema, over the rows of a page, as far as they are on it.
    Aggregate(&'static str, Vec<Expr>, Option<Box<Expr>>),
    /// `concat(…)`: JSON text; null adds nothing to it.
    Concat(Vec<Expr>),
    Binary(Box<Expr>, &'static str, Box<Expr>),
    Row(Vec<Expr>),
    IsNull(Box<Expr>),
    IsNotNull(Box<Expr>),
    Case(Box<Expr>, Box<Expr>, Box<Expr>),
    Cast(Box<Expr>, &'static str),
    /// A value that is a row of this table of the schema `saas_blog`, and nothing else.
    RowOf(Box<Expr>, Identifier),
    Element(Box<Expr>, Box<Expr>),
    AtUtc(Box<Expr>),
    Exists(Box<Select>),
    Scalar(Box<Select>),
}

/// A sub-select.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) columns: Columns,
    pub(super) from: From,
    pub(super) conditions: Vec<Expr>,
    pub(super) order: Vec<(Expr, Order)>,
    pub(super) limit: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) enum Columns {
    /// Values without names; none for a sub-select whose rows alone count.
    Values(Vec<Expr>),
    /// Columns under their own names, and the number of each row in this order where it is wanted.
    Named(Vec<Expr>, Option<Vec<(Expr, Order)>>),
    /// Whatever the rows have.
    All,
}

#[derive(Debug, Clone)]
pub(super) enum From {
    Nothing,
    /// A table of the schema `saas_blog`.
    Table(Identifier, Alias),
    Select(Box<Select>, Alias),
    /// The rows that a function of the schema `saas_blog` gives, its arguments by name.
    Function(Identifier, Vec<(Identifier, Expr)>, Alias),
    /// The one row that a parameter holds.
    Row(Parameter, Alias),
}

impl Expr {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn binary(self, operator: &'static str, right: Self) -> Self {
        Self::Binary(Box::new(self), operator, Box::new(right))
    }

    pub(super) fn equals(self, right: Self) -> Self {
        self.binary("=", right)
    }

    pub(super) fn cast(self, ty: &'static str) -> Self {
        Self::Cast(Box::new(self), ty)
    }

    /// `true` or `false` as JSON has it; `concat` would print `t` and `f`.
    pub(super) fn boolean(self) -> Self {
        Self::Case(Box::new(self), Box::new(Self::text("true")), Box::new(Self::text("false")))
    }

    /// The JSON text, or `null`.
    pub(super) fn or_null(self) -> Self {
        self.or_else(Self::text("null"))
    }

    /// The value, or the other where it is null.
    pub(super) fn or_else(self, other: Self) -> Self {
        Self::Call("coalesce", vec![self, other])
    }
}

impl Select {
    /// Values alone.
    pub(super) fn value(value: Expr, from: From, conditions: Vec<Expr>) -> Self {
        Self { columns: Columns::Values(vec![value]), from, conditions, order: Vec::new(), limit: None }
    }
}
