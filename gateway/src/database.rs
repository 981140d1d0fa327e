//! Turns a call of the extension into the bytes of its answer, over a pool of connections.

use std::str::FromStr;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use serde_json::value::RawValue;
use thiserror::Error;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Connection, Row, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::Config;
use crate::tls;

type Any = Box<dyn std::error::Error + Sync + Send>;

/// A statement's parameter.
pub(crate) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A connection of its own, as LISTEN needs it.
pub(crate) type OwnConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// How long a request waits for one of the pool's connections.
const WAIT: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(5);

/// Why there is no answer, as far as a client may know it.
#[derive(Debug, Error)]
pub(crate) enum DatabaseError {
    /// No connection, too many of them, or a conflict with another transaction: worth another try soon.
    #[error("The database is busy. Please try again.")]
    Busy(#[source] Any),
    /// The statement was cancelled, as a rule because it took too long.
    #[error("The request took too long.")]
    Timeout(#[source] Any),
    /// PostgreSQL refuses what it was given as text or JSON.
    #[error("The request has text, a number or JSON that the database cannot hold.")]
    BadInput(#[source] Any),
    /// Anything else; the log has it.
    #[error("Internal server error.")]
    Internal(#[source] Any),
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code().map(|state| state.code().to_owned()) else {
            return if error.to_string().contains("deserializing") {
                Self::Internal(error.into())
            } else {
                Self::Busy(error.into())
            };
        };
        match state.as_str() {
            "57014" => Self::Timeout(error.into()),
            "40001" | "40P01" => Self::Busy(error.into()),
            code if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => {
                Self::Busy(error.into())
            }
            code if ["22", "54"].iter().any(|class| code.starts_with(class)) => Self::BadInput(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<deadpool_postgres::PoolError> for DatabaseError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Busy(error.into())
    }
}

/// The connections to the database.
pub(crate) struct Database {
    pool: Pool,
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Database {
    /// Connects to nothing yet.
    pub(crate) fn new(config: &Config) -> Result<Self, Box<dyn std::error::Error>> {
        let mut postgres = tokio_postgres::Config::from_str(&config.database_url)
            .map_err(|error| format!("--database-url: {error}"))?;
        postgres.application_name("saas-blog-gateway").connect_timeout(CONNECT);
        let tls = tls::connector(postgres.get_ssl_mode(), config.database_ca.as_deref())?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(postgres.clone(), tls.clone(), recycling))
            .max_size(config.pool_size.into())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CONNECT))
            .post_create(limit_statements(config.request_timeout))
            .build()?;
        Ok(Self { pool, config: postgres, tls })
    }

    /// The JSON that a statement of one row and one column gives. The statement's text is a constant: all else is bound.
    pub(crate) async fn json(
        &self,
        statement: &'static str,
        parameters: &[Parameter<'_>],
    ) -> Result<Bytes, DatabaseError> {
        let client = self.pool.get().await?;
        let prepared = client.prepare_cached(statement).await?;
        let row = client.query_one(&prepared, parameters).await?;
        answer(row)
    }

    /// One of the pool's connections.
    pub(crate) async fn client(&self) -> Result<Object, DatabaseError> {
        Ok(self.pool.get().await?)
    }

    /// A connection beside the pool; its messages are read by polling the second half.
    pub(crate) async fn connect(&self) -> Result<(Client, OwnConnection), DatabaseError> {
        Ok(self.config.connect(self.tls.clone()).await?)
    }
}

/// The column of a row, without a copy: the bytes keep the row.
fn answer(row: Row) -> Result<Bytes, DatabaseError> {
    // Looked at once before, so that a row of something else is an error and not an empty answer.
    let _checked: JsonText<'_> = row.try_get(0)?;
    Ok(Bytes::from_owner(JsonRow(row)))
}

struct JsonRow(Row);

impl AsRef<[u8]> for JsonRow {
    fn as_ref(&self) -> &[u8] {
        self.0.try_get(0).map_or(&[], |JsonText(text)| text)
    }
}

/// A connection's own limit for a statement, unless its role has a tighter one.
fn limit_statements(seconds: u64) -> Hook {
    let set = format!(
        "SELECT set_config('statement_timeout', '{seconds}s', false) FROM pg_catalog.pg_settings
         WHERE name = 'statement_timeout' AND setting::bigint NOT BETWEEN 1 AND {}",
        seconds * 1000
    );
    Hook::async_fn(move |client, _| {
        let set = set.clone();
        Box::pin(async move { client.batch_execute(&set).await.map_err(HookError::Backend) })
    })
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
