//! Turns the members of a plan into sub-selects that give their JSON.

use super::ast::{Alias, Columns, Expr, From, Select};
use super::json::Json;
use crate::plan::{Call, Condition, Format, Found, Gap, Member, Parameter, Rows, Value};
use crate::schema::{Entity, Identifier};

/// Counts the aliases and the lists of a statement.
#[derive(Debug, Default)]
pub(super) struct Builder {
    aliases: usize,
    lists: u32,
    /// The lists around the part that is being built.
    level: u32,
}

/// The row that members are read from, and which of its columns they read.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) alias: Alias,
    pub(super) columns: Vec<Identifier>,
}

impl Scope {
    pub(super) fn new(alias: Alias) -> Self {
        Self { alias, columns: Vec::new() }
    }

    pub(super) fn column(&mut self, column: &Identifier) -> Expr {
        if !self.columns.contains(column) {
            self.columns.push(column.clone());
        }
        Expr::Column(self.alias, column.clone())
    }
}

impl Builder {
    /// The whole answer. The root's members have no row around them, so its scope is never read.
    pub(super) fn answer(&mut self, root: &[Member<Value<'_>>]) -> Select {
        let mut scope = Scope::new(Alias::Table(self.next()));
        let mut json = Json::default();
        json.constant("{\"data\":");
        if let [Member { key, value: Value::Event { object, .. }, .. }] = root {
            return self.event(key, object, &mut scope, json);
        }
        let from = if let [Member { key, value: Value::Connection(connection), .. }] = root {
            // The rows of an only list are those of the whole statement: its answer is not copied once more.
            json.constant("{");
            json.key(key);
            let from = self.page(connection, &mut scope, &mut json);
            json.constant("}");
            from
        } else {
            self.object(root, &mut scope, &mut json);
            From::Nothing
        };
        json.constant("}");
        Select::value(json.finish(), from, Vec::new())
    }

    /// The answer for one event: no row where the event's own is not there any more.
    fn event(&mut self, key: &str, object: &Found<'_>, around: &mut Scope, mut json: Json) -> Select {
        self.select(&object.rows, around, |builder, row| {
            json.constant("{");
            json.key(key);
            builder.object(&object.members, row, &mut json);
            json.constant("}}");
            json.finish()
        })
    }

    /// The key of a row.
    pub(super) fn key(&mut self, rows: &Rows<'_>) -> Select {
        let mut around = Scope::new(Alias::Table(self.next()));
        self.select(rows, &mut around, |_, row| row.column(&rows.entity.key))
    }

    /// One member's value as JSON text.
    pub(super) fn member(&mut self, value: &Value<'_>) -> Select {
        if let Value::Written { entity, members, .. } = value {
            return self.written(entity, members);
        }
        let mut scope = Scope::new(Alias::Table(self.next()));
        let mut json = Json::default();
        self.value(value, &mut scope, &mut json);
        Select::value(json.finish(), From::Nothing, Vec::new())
    }

    /// How many sub-selects there are; the answer itself has a number too.
    pub(super) fn relations(&self) -> u64 {
        self.aliases.saturating_sub(1) as u64
    }

    pub(super) fn next(&mut self) -> usize {
        self.aliases += 1;
        self.aliases - 1
    }

    pub(super) fn object(&mut self, members: &[Member<Value<'_>>], scope: &mut Scope, json: &mut Json) {
        json.object(members, |json, member| {
            json.key(&member.key);
            self.value(&member.value, scope, json);
        });
    }

    fn value(&mut self, value: &Value<'_>, scope: &mut Scope, json: &mut Json) {
        match value {
            Value::Typename(name) => {
                json.constant("\"");
                json.constant(name);
                json.constant("\"");
            }
            Value::Column { column, format, nullable, owner: None } => {
                column_value(scope.column(column), *format, *nullable, json);
            }
            Value::Column { column, format, owner: Some(owner), .. } => {
                let own = scope.column(owner).equals(Expr::Parameter(Parameter::UserKey));
                let value = nullable_value(scope.column(column), *format);
                json.value(Expr::Case(Box::new(own), Box::new(value), Box::new(Expr::text("null"))));
            }
            Value::Reference { rows, gap } => {
                let id = |_: &mut Self, row: &mut Scope| row.column(&Identifier::new("id"));
                let id = Expr::Scalar(Box::new(self.select(rows, scope, id))).cast("text");
                match gap {
                    Some(gap) => json.quoted(id.or_else(mark(*gap))),
                    None => json.value(Expr::Call("to_json", vec![id]).cast("text").or_null()),
                }
            }
            Value::Count(rows) => json.value(self.count(rows, scope)),
            Value::Written { entity, members, .. } => {
                json.value(Expr::Scalar(Box::new(self.written(entity, members))));
            }
            Value::List { call, members } => json.value(self.function_list(call, members)),
            // It is the only field of its root (`answer`).
            Value::Event { object, .. } => json.value(self.found(object, scope)),
            Value::One { object, gap } => {
                let missing = gap.map_or_else(|| Expr::text("null"), mark);
                json.value(self.found(object, scope).or_else(missing));
            }
            Value::Any(objects) if objects.is_empty() => json.constant("null"),
            Value::Any(objects) => {
                let objects = objects.iter().map(|object| self.found(object, scope));
                let null = std::iter::once(Expr::text("null"));
                json.value(Expr::Call("coalesce", objects.chain(null).collect()));
            }
            Value::Failed(gap) => json.value(mark(*gap)),
            Value::Introspection(introspection) => {
                json.value(Expr::Parameter(Parameter::Introspection(Box::new(introspection.clone()))));
            }
            Value::Connection(connection) => json.value(self.connection(connection, scope)),
        }
    }

    /// An object's JSON, or null where there is no row.
    fn found(&mut self, object: &Found<'_>, scope: &mut Scope) -> Expr {
        Expr::Scalar(Box::new(self.select(&object.rows, scope, |builder, row| {
            let mut json = Json::default();
            builder.object(&object.members, row, &mut json);
            json.finish()
        })))
    }

    /// The JSON of a row that was written: it is at hand, so it is not read again.
    fn written(&mut self, entity: &Entity, members: &[Member<Value<'_>>]) -> Select {
        let mut row = Scope::new(Alias::Table(self.next()));
        let mut json = Json::default();
        self.object(members, &mut row, &mut json);
        let from = From::Row(Parameter::Written(entity.table.clone()), row.alias);
        Select::value(json.finish(), from, Vec::new())
    }

    /// The rows of a function in brackets, in its order.
    fn function_list(&mut self, call: &Call<'_>, members: &[Member<Value<'_>>]) -> Expr {
        let mut row = Scope::new(Alias::Page(self.next()));
        let items = self.joined(None, |builder, item| builder.object(members, &mut row, item));
        let mut json = Json::default();
        json.constant("[");
        json.value(items);
        json.constant("]");
        let rows = From::Function(call.function.clone(), arguments(call), row.alias);
        Expr::Scalar(Box::new(Select::value(json.finish(), rows, Vec::new())))
    }

    /// The items of a list, with commas between them. The aggregate counts their bytes at the level of the list, which is
    /// how many lists are around it, and ends the statement once there are too many for the answer (`src/pg/join.rs`).
    ///
    /// The number of the list makes no two aggregates equal: PostgreSQL would compute equal ones once, so that they
    /// would be counted once and yet stand in the answer under each of their keys.
    pub(super) fn joined(
        &mut self,
        filter: Option<Box<Expr>>,
        write: impl FnOnce(&mut Self, &mut Json),
    ) -> Expr {
        let mut item = Json::default();
        self.lists += 1;
        let (level, number) = (Expr::Integer(self.level.into()), Expr::Integer(self.lists.into()));
        self.level += 1;
        write(self, &mut item);
        self.level -= 1;
        Expr::Aggregate("saas_blog.join_items", vec![item.finish(), level, number], filter)
    }

    pub(super) fn count(&mut self, rows: &Rows<'_>, scope: &mut Scope) -> Expr {
        Expr::Scalar(Box::new(self.select(rows, scope, |_, _| Expr::Aggregate("count", Vec::new(), None))))
    }

    /// Whether there is such a row for which the condition, if any, holds too.
    pub(super) fn exists(
        &mut self,
        rows: &Rows<'_>,
        around: &mut Scope,
        condition: impl FnOnce(&mut Scope) -> Option<Expr>,
    ) -> Expr {
        let mut row = Scope::new(Alias::Table(self.next()));
        let mut conditions = self.conditions(rows, &mut row, around);
        conditions.extend(condition(&mut row));
        let from = From::Table(rows.entity.table.clone(), row.alias);
        let columns = Columns::Values(Vec::new());
        Expr::Exists(Box::new(Select { columns, from, conditions, order: Vec::new(), limit: None }))
    }

    /// A sub-select of one value from the rows.
    fn select(
        &mut self,
        rows: &Rows<'_>,
        around: &mut Scope,
        value: impl FnOnce(&mut Self, &mut Scope) -> Expr,
    ) -> Select {
        let mut row = Scope::new(Alias::Table(self.next()));
        let conditions = self.conditions(rows, &mut row, around);
        let value = value(self, &mut row);
        Select::value(value, From::Table(rows.entity.table.clone(), row.alias), conditions)
    }

    pub(super) fn conditions(&mut self, rows: &Rows<'_>, row: &mut Scope, around: &mut Scope) -> Vec<Expr> {
        let condition = |condition: &Condition<'_>| match condition {
            Condition::Tenant => {
                row.column(&rows.entity.tenant).equals(Expr::Parameter(Parameter::TenantKey))
            }
            Condition::Parent { column, parent } => row.column(column).equals(around.column(parent)),
            Condition::Live(deleted) => Expr::IsNull(Box::new(row.column(deleted))),
            Condition::Deleted(deleted) => Expr::IsNotNull(Box::new(row.column(deleted))),
            Condition::True(column) => row.column(column),
            Condition::Equals(column, value) => row.column(column).equals(Expr::Parameter(value.clone())),
            Condition::KeyOf(column, rows) => {
                let key = self.select(rows, around, |_, row| row.column(&rows.entity.key));
                row.column(column).equals(Expr::Scalar(Box::new(key)))
            }
            Condition::Exists(rows) => self.exists(rows, row, |_| None),
        };
        rows.conditions.iter().map(condition).collect()
    }
}

/// A call of a function, whose row is one value. (In FROM it would be stored before it is read.) The cast does nothing,
/// but a function that gives back something else is refused before it is called: it would be read as a row.
pub(super) fn call(call: &Call<'_>, entity: &Entity) -> Select {
    let function = Expr::Function(call.function.clone(), arguments(call));
    let row = Expr::RowOf(Box::new(function), entity.table.clone());
    Select::value(row, From::Nothing, Vec::new())
}

/// A call of a function without arguments, for what it does.
pub(super) fn fill(function: &Identifier) -> Select {
    Select::value(Expr::Function(function.clone(), Vec::new()), From::Nothing, Vec::new())
}

fn arguments(call: &Call<'_>) -> Vec<(Identifier, Expr)> {
    let arguments = call.arguments.iter().map(|(name, parameter, cast)| {
        let value = Expr::Parameter(parameter.clone());
        (name.clone(), cast.map_or_else(|| value.clone(), |ty| value.clone().cast(ty)))
    });
    arguments.collect()
}

/// What stands for a value that is missing.
fn mark(gap: usize) -> Expr {
    Expr::Call("chr", vec![Expr::Integer(Gap::MARK.into())]).binary("||", Expr::text(gap.to_string()))
}

fn column_value(value: Expr, format: Format, nullable: bool, json: &mut Json) {
    match format {
        _ if nullable => json.value(nullable_value(value, format)),
        Format::Plain => json.quoted(value),
        Format::Text => json.value(Expr::Call("to_json", vec![value])),
        Format::Boolean => json.value(value.boolean()),
        Format::Timestamp => json.quoted(timestamp(value)),
        Format::Raw => json.value(value),
    }
}

fn nullable_value(value: Expr, format: Format) -> Expr {
    match format {
        Format::Timestamp => Expr::Call("to_json", vec![timestamp(value)]).cast("text"),
        Format::Raw => value.cast("text"),
        Format::Plain | Format::Text | Format::Boolean => Expr::Call("to_json", vec![value]).cast("text"),
    }
    .or_null()
}

/// RFC 3339 in UTC, whatever the session's time zone is.
fn timestamp(value: Expr) -> Expr {
    let format = Expr::text("YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"");
    Expr::Call("to_char", vec![Expr::AtUtc(Box::new(value)), format])
}
