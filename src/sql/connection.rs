//! Turns a page of a list into one sub-select: its rows are read once, whatever is asked of them.
//!
//! Keyset paging over (`created_at`, `id`): the cost of a page does not depend on how deep it lies.

use super::ast::{Alias, Columns, Expr, From, Select};
use super::json::Json;
use super::object::{Builder, Scope};
use crate::plan::{Connection, Cursor, EdgePart, InfoPart, Member, Page, Parameter, Part};
use crate::schema::{Identifier, Order};

/// What is asked of a page decides how its rows are read.
struct Reading<'a, 'b> {
    connection: &'a Connection<'b>,
    /// One row more than the page tells whether the list goes on.
    one_more: bool,
    row: Scope,
}

impl Builder {
    /// The connection's JSON as one value.
    pub(super) fn connection(&mut self, connection: &Connection<'_>, around: &mut Scope) -> Expr {
        let mut json = Json::default();
        match self.page(connection, around, &mut json) {
            From::Nothing => json.finish(),
            rows => Expr::Scalar(Box::new(Select::value(json.finish(), rows, Vec::new()))),
        }
    }

    /// Writes the connection's JSON, and gives the rows that it is made of.
    pub(super) fn page(&mut self, connection: &Connection<'_>, around: &mut Scope, json: &mut Json) -> From {
        let number = self.next();
        let mut table = Scope::new(Alias::Table(number));
        let conditions = self.conditions(&connection.rows, &mut table, around);
        let one_more = asks(connection, |info| *info == beyond(&connection.page));
        let mut reading = Reading { connection, one_more, row: Scope::new(Alias::Page(number)) };
        json.object(&connection.members, |json, member| {
            json.key(&member.key);
            self.part(&member.value, &mut reading, around, json);
        });
        if reads_rows(connection) {
            rows_of_page(&mut reading, &mut table, conditions)
        } else {
            From::Nothing
        }
    }

    fn part(&mut self, part: &Part<'_>, reading: &mut Reading<'_, '_>, around: &mut Scope, json: &mut Json) {
        match part {
            Part::Typename(name) => json.constant(&format!("\"{name}\"")),
            Part::TotalCount => json.value(self.count(&reading.connection.rows, around)),
            Part::Nodes(members) => self.list(reading, json, |builder, reading, node| {
                builder.object(members, &mut reading.row, node);
            }),
            Part::Edges(members) => self.list(reading, json, |builder, reading, edge| {
                edge.object(members, |json, member| {
                    json.key(&member.key);
                    match &member.value {
                        EdgePart::Typename(name) => json.constant(&format!("\"{name}\"")),
                        EdgePart::Cursor => json.quoted(cursor(reading)),
                        EdgePart::Node(members) => builder.object(members, &mut reading.row, json),
                    }
                });
            }),
            Part::PageInfo(members) => json.object(members, |json, member| {
                json.key(&member.key);
                self.info(member.value, reading, around, json);
            }),
        }
    }

    /// The items of the page in brackets.
    fn list<'a, 'b>(
        &mut self,
        reading: &mut Reading<'a, 'b>,
        json: &mut Json,
        write: impl FnOnce(&mut Self, &mut Reading<'a, 'b>, &mut Json),
    ) {
        let items = self.joined(on_page(reading), |builder, item| write(builder, reading, item));
        json.constant("[");
        json.value(items);
        json.constant("]");
    }

    fn info(
        &mut self,
        info: InfoPart<'_>,
        reading: &mut Reading<'_, '_>,
        around: &mut Scope,
        json: &mut Json,
    ) {
        match info {
            InfoPart::Typename(name) => json.constant(&format!("\"{name}\"")),
            InfoPart::StartCursor => json.value(end_of(reading, Expr::Integer(1))),
            InfoPart::EndCursor => {
                let last = Expr::Call("least", vec![rows(), size(&reading.connection.page)]);
                json.value(end_of(reading, last.cast("int4")));
            }
            InfoPart::HasNextPage | InfoPart::HasPreviousPage => self.goes_on(info, reading, around, json),
        }
    }

    /// Whether the list goes on at this end of the page: there was one row more, or one lies beyond the cursor.
    fn goes_on(
        &mut self,
        info: InfoPart<'_>,
        reading: &Reading<'_, '_>,
        around: &mut Scope,
        json: &mut Json,
    ) {
        let page = &reading.connection.page;
        let entity = reading.connection.rows.entity;
        let (cursor, operator) = match info {
            InfoPart::HasNextPage => (&page.before, at_or_after(entity.order)),
            _ => (&page.after, at_or_after(entity.order.reversed())),
        };
        let probe = cursor.as_ref().map(|cursor| {
            self.exists(&reading.connection.rows, around, |row| Some(compare(row, operator, cursor)))
        });
        let more = (info == beyond(page)).then(|| rows().binary(">", size(page)));
        match (more, probe) {
            (Some(more), Some(probe)) => json.value(more.binary("OR", probe).boolean()),
            (Some(one), None) | (None, Some(one)) => json.value(one.boolean()),
            (None, None) => json.constant("false"),
        }
    }
}

/// The end at which a page has its one row more.
fn beyond(page: &Page) -> InfoPart<'static> {
    if page.backward { InfoPart::HasPreviousPage } else { InfoPart::HasNextPage }
}

fn asks(connection: &Connection<'_>, wanted: impl Fn(&InfoPart<'_>) -> bool) -> bool {
    connection.members.iter().any(|member| match &member.value {
        Part::PageInfo(members) => members.iter().any(|Member { value, .. }| wanted(value)),
        _ => false,
    })
}

fn reads_rows(connection: &Connection<'_>) -> bool {
    let lists = |member: &Member<Part<'_>>| matches!(member.value, Part::Nodes(_) | Part::Edges(_));
    let ends = |info: &InfoPart<'_>| {
        matches!(info, InfoPart::StartCursor | InfoPart::EndCursor) || *info == beyond(&connection.page)
    };
    connection.members.iter().any(lists) || asks(connection, ends)
}

/// The rows of the page in the list's order.
fn rows_of_page(reading: &mut Reading<'_, '_>, table: &mut Scope, mut conditions: Vec<Expr>) -> From {
    let Connection { rows, page, .. } = reading.connection;
    let natural = rows.entity.order;
    conditions.extend(page.after.iter().map(|cursor| compare(table, after(natural), cursor)));
    conditions.extend(page.before.iter().map(|cursor| compare(table, after(natural.reversed()), cursor)));
    let order = keyset(table, if page.backward { natural.reversed() } else { natural });
    let outer_order = page.backward.then(|| keyset(&mut reading.row, natural));
    let columns = reading.row.columns.iter().map(|column| Expr::Column(table.alias, column.clone()));
    let limit = if reading.one_more { size(page).binary("+", Expr::Integer(1)) } else { size(page) };
    let inner = Select {
        columns: Columns::Named(columns.collect(), reading.one_more.then(|| order.clone())),
        from: From::Table(rows.entity.table.clone(), table.alias),
        conditions,
        order,
        limit: Some(limit),
    };
    let inner = From::Select(Box::new(inner), reading.row.alias);
    let Some(order) = outer_order else { return inner };
    let sorted = Select { columns: Columns::All, from: inner, conditions: Vec::new(), order, limit: None };
    From::Select(Box::new(sorted), reading.row.alias)
}

/// Leaves out the one row more.
fn on_page(reading: &Reading<'_, '_>) -> Option<Box<Expr>> {
    let number = Expr::RowNumber(reading.row.alias);
    reading.one_more.then(|| Box::new(number.binary("<=", size(&reading.connection.page))))
}

/// How many rows were read.
fn rows() -> Expr {
    Expr::Aggregate("count", Vec::new(), None)
}

fn size(page: &Page) -> Expr {
    Expr::Parameter(Parameter::PageSize(page.size.clone()))
}

/// The cursor of the page's row at this place; null on an empty page.
fn end_of(reading: &mut Reading<'_, '_>, place: Expr) -> Expr {
    let cursors = Expr::Aggregate("array_agg", vec![cursor(reading)], on_page(reading));
    Expr::Call("to_json", vec![Expr::Element(Box::new(cursors), Box::new(place))]).cast("text").or_null()
}

/// A row's cursor: base64 of the list's tag, the row's time and its id.
fn cursor(reading: &mut Reading<'_, '_>) -> Expr {
    let [a, b, c] = reading.connection.page.tag;
    let tag = Expr::Call("decode", vec![Expr::text(format!("{a:02x}{b:02x}{c:02x}")), Expr::text("hex")]);
    let time = Expr::Call("timestamptz_send", vec![reading.row.column(&time_column())]);
    let id = Expr::Call("uuid_send", vec![reading.row.column(&id_column())]);
    Expr::Call("encode", vec![tag.binary("||", time).binary("||", id), Expr::text("base64")])
}

fn compare(row: &mut Scope, operator: &'static str, cursor: &Cursor) -> Expr {
    let time = Expr::Parameter(Parameter::CursorTime(cursor.clone()));
    let id = Expr::Parameter(Parameter::CursorId(cursor.clone()));
    let place = Expr::Row(vec![row.column(&time_column()), row.column(&id_column())]);
    place.binary(operator, Expr::Row(vec![time, id]))
}

fn keyset(row: &mut Scope, order: Order) -> Vec<(Expr, Order)> {
    vec![(row.column(&time_column()), order), (row.column(&id_column()), order)]
}

fn after(order: Order) -> &'static str {
    match order {
        Order::Ascending => ">",
        Order::Descending => "<",
    }
}

fn at_or_after(order: Order) -> &'static str {
    match order {
        Order::Ascending => ">=",
        Order::Descending => "<=",
    }
}

fn time_column() -> Identifier {
    Identifier::new("created_at")
}

fn id_column() -> Identifier {
    Identifier::new("id")
}
