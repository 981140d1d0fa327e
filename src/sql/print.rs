//! Turns the tree of a statement into text. This is the only place that writes SQL.

use super::ast::{Alias, Columns, Expr, From, Select};
use crate::plan::Parameter;
use crate::schema::{Identifier, Order};
use std::fmt::Write as _;

/// A function takes at most 100 arguments (`FUNC_MAX_ARGS`).
const MOST_ARGUMENTS: usize = 90;

/// The text of a statement and the values of its `$n`.
pub(super) fn print(select: &Select) -> (String, Vec<Parameter>) {
    let mut printer = Printer::default();
    printer.select(select);
    (printer.text, printer.parameters)
}

#[derive(Default)]
struct Printer {
    text: String,
    parameters: Vec<Parameter>,
}

impl Printer {
    fn append_syntax(&mut self, syntax: &str) {
        self.text.push_str(syntax);
    }

    fn append_identifier(&mut self, identifier: &str) {
        self.text.push('"');
        self.text.push_str(&identifier.replace('"', "\"\""));
        self.text.push('"');
    }

    /// `$n`: equal parameters share a number.
    fn append_param(&mut self, parameter: &Parameter) {
        let known = self.parameters.iter().position(|known| known == parameter);
        let number = known.unwrap_or_else(|| {
            self.parameters.push(parameter.clone());
            self.parameters.len() - 1
        });
        let _ = write!(self.text, "${}", number + 1);
    }

    /// A constant. Constants are names of the schema, response keys and formats: none has a backslash, so that
    /// the text means the same whatever `standard_conforming_strings` is.
    fn append_text(&mut self, text: &str) {
        self.text.push('\'');
        self.text.push_str(&text.replace('\'', "''"));
        self.text.push('\'');
    }

    fn append_alias(&mut self, alias: Alias) {
        let (letter, number) = match alias {
            Alias::Table(number) => ('t', number),
            Alias::Page(number) => ('p', number),
        };
        let _ = write!(self.text, "{letter}{number}");
    }

    fn separated<T>(&mut self, items: &[T], separator: &str, mut one: impl FnMut(&mut Self, &T)) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.append_syntax(separator);
            }
            one(self, item);
        }
    }

    fn select(&mut self, select: &Select) {
        self.append_syntax("SELECT");
        self.columns(&select.columns);
        self.from(&select.from);
        if !select.conditions.is_empty() {
            self.append_syntax(" WHERE ");
            self.separated(&select.conditions, " AND ", Self::expr);
        }
        if !select.order.is_empty() {
            self.append_syntax(" ORDER BY ");
            self.order(&select.order);
        }
        if let Some(limit) = &select.limit {
            self.append_syntax(" LIMIT ");
            self.expr(limit);
        }
    }

    fn columns(&mut self, columns: &Columns) {
        match columns {
            Columns::All => self.append_syntax(" *"),
            Columns::Values(values) => {
                self.append_syntax(if values.is_empty() { "" } else { " " });
                self.separated(values, ", ", Self::expr);
            }
            Columns::Named(columns, number) => {
                self.append_syntax(if columns.is_empty() { "" } else { " " });
                self.separated(columns, ", ", Self::expr);
                if let Some(order) = number {
                    self.append_syntax(if columns.is_empty() { " " } else { ", " });
                    self.append_syntax("row_number() OVER (ORDER BY ");
                    self.order(order);
                    self.append_syntax(") AS n");
                }
            }
        }
    }

    fn from(&mut self, from: &From) {
        match from {
            From::Nothing => {}
            From::Table(table, alias) => {
                self.append_syntax(" FROM saas_blog.");
                self.append_identifier(table.as_str());
                self.append_syntax(" ");
                self.append_alias(*alias);
            }
            From::Function(function, arguments, alias) => {
                self.append_syntax(" FROM ");
                self.function(function.as_str(), arguments);
                self.append_syntax(" ");
                self.append_alias(*alias);
            }
            From::Row(parameter, alias) => {
                self.append_syntax(" FROM (SELECT (");
                self.append_param(parameter);
                self.append_syntax(").*) ");
                self.append_alias(*alias);
            }
            From::Select(select, alias) => {
                self.append_syntax(" FROM (");
                self.select(select);
                self.append_syntax(") ");
                self.append_alias(*alias);
            }
        }
    }

    fn order(&mut self, order: &[(Expr, Order)]) {
        self.separated(order, ", ", |printer, (key, order)| {
            printer.expr(key);
            if *order == Order::Descending {
                printer.append_syntax(" DESC");
            }
        });
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Text(text) => self.append_text(text),
            Expr::Integer(number) => {
                let _ = write!(self.text, "{number}");
            }
            Expr::Column(alias, column) => {
                self.append_alias(*alias);
                self.append_syntax(".");
                self.append_identifier(column.as_str());
            }
            Expr::RowNumber(alias) => {
                self.append_alias(*alias);
                self.append_syntax(".n");
            }
            Expr::Parameter(parameter) => self.append_param(parameter),
            Expr::Call(function, arguments) => self.call(function, arguments),
            Expr::Function(function, arguments) => self.function(function.as_str(), arguments),
            Expr::Concat(pieces) => self.concat(pieces),
            Expr::Aggregate(function, arguments, filter) => {
                self.aggregate(function, arguments, filter.as_deref());
            }
            Expr::Binary(left, operator, right) => {
                self.operand(left);
                self.append_syntax(" ");
                self.append_syntax(operator);
                self.append_syntax(" ");
                self.operand(right);
            }
            Expr::Row(values) => self.call("", values),
            Expr::IsNull(value) => self.suffixed(value, " IS NULL"),
            Expr::IsNotNull(value) => self.suffixed(value, " IS NOT NULL"),
            Expr::AtUtc(value) => self.suffixed(value, " AT TIME ZONE 'UTC'"),
            Expr::Cast(value, ty) => {
                self.operand(value);
                self.append_syntax("::");
                self.append_syntax(ty);
            }
            Expr::RowOf(value, table) => {
                self.operand(value);
                self.append_syntax("::saas_blog.");
                self.append_identifier(table.as_str());
            }
            Expr::Case(condition, then, otherwise) => self.case(condition, then, otherwise),
            Expr::Element(array, place) => {
                self.append_syntax("(");
                self.expr(array);
                self.append_syntax(")[");
                self.expr(place);
                self.append_syntax("]");
            }
            Expr::Exists(select) => {
                self.append_syntax("EXISTS ");
                self.parenthesised(select);
            }
            Expr::Scalar(select) => self.parenthesised(select),
        }
    }

    /// A part of an operator's expression: in parentheses where it is one itself.
    fn operand(&mut self, expr: &Expr) {
        if matches!(expr, Expr::Binary(..)) {
            self.append_syntax("(");
            self.expr(expr);
            self.append_syntax(")");
        } else {
            self.expr(expr);
        }
    }

    fn suffixed(&mut self, value: &Expr, suffix: &str) {
        self.operand(value);
        self.append_syntax(suffix);
    }

    fn parenthesised(&mut self, select: &Select) {
        self.append_syntax("(");
        self.select(select);
        self.append_syntax(")");
    }

    fn call(&mut self, function: &str, arguments: &[Expr]) {
        self.append_syntax(function);
        self.append_syntax("(");
        self.separated(arguments, ", ", Self::expr);
        self.append_syntax(")");
    }

    fn function(&mut self, function: &str, arguments: &[(Identifier, Expr)]) {
        self.append_syntax("saas_blog.");
        self.append_identifier(function);
        self.append_syntax("(");
        self.separated(arguments, ", ", |printer, (name, value)| {
            printer.append_identifier(name.as_str());
            printer.append_syntax(" => ");
            printer.expr(value);
        });
        self.append_syntax(")");
    }

    /// `concat(…)`, nested where there are too many pieces for one call.
    fn concat(&mut self, pieces: &[Expr]) {
        if pieces.len() <= MOST_ARGUMENTS {
            return self.call("concat", pieces);
        }
        let chunk = pieces.len().div_ceil(MOST_ARGUMENTS).max(MOST_ARGUMENTS);
        self.append_syntax("concat(");
        let chunks: Vec<&[Expr]> = pieces.chunks(chunk).collect();
        self.separated(&chunks, ", ", |printer, chunk| printer.concat(chunk));
        self.append_syntax(")");
    }

    fn aggregate(&mut self, function: &str, arguments: &[Expr], filter: Option<&Expr>) {
        if arguments.is_empty() {
            self.append_syntax(function);
            self.append_syntax("(*)");
        } else {
            self.call(function, arguments);
        }
        if let Some(filter) = filter {
            self.append_syntax(" FILTER (WHERE ");
            self.expr(filter);
            self.append_syntax(")");
        }
    }

    fn case(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) {
        self.append_syntax("CASE WHEN ");
        self.expr(condition);
        self.append_syntax(" THEN ");
        self.expr(then);
        self.append_syntax(" ELSE ");
        self.expr(otherwise);
        self.append_syntax(" END");
    }
}
