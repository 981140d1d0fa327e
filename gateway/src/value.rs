//! Turns what a client sent into parameters of a statement, and the JSON of a row into bytes, with no copy that can be spared.

use std::error::Error;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Any = Box<dyn Error + Sync + Send>;

/// A statement's parameter.
pub(crate) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A parameter of type `jsonb`: the JSON text as the client wrote it.
#[derive(Debug)]
pub(crate) struct Jsonb<'a>(pub(crate) &'a RawValue);

impl ToSql for Jsonb<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Any> {
        // The version of the binary form, which is the text.
        out.put_u8(1);
        out.put_slice(self.0.get().as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }

    to_sql_checked!();
}

/// A token as a parameter of type `text`. It shows itself to nobody: the driver can log parameters by their `Debug`.
pub(crate) struct Token<'a>(pub(crate) &'a str);

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(token)")
    }
}

impl ToSql for Token<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Any> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TEXT
    }

    to_sql_checked!();
}

/// The JSON in the only column of a row; the bytes keep the row.
pub(crate) fn json(row: Row) -> Result<Bytes, tokio_postgres::Error> {
    // Looked at before, so that a row of something else is an error and not an empty answer.
    row.try_get::<_, JsonText<'_>>(0)?;
    Ok(Bytes::from_owner(JsonRow(row)))
}

struct JsonRow(Row);

impl AsRef<[u8]> for JsonRow {
    fn as_ref(&self) -> &[u8] {
        self.0.try_get(0).map_or(&[], |JsonText(text)| text)
    }
}

/// A `json` value as PostgreSQL sends it.
struct JsonText<'a>(&'a [u8]);

impl<'a> FromSql<'a> for JsonText<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Any> {
        Ok(Self(raw))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}
