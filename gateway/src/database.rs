//! Turns a call of the extension into the bytes of its answer, over a pool of connections.

use std::fs;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Status,
};
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Connection, Row, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::Config;
use crate::database_error::DatabaseError;
use crate::tls;
use crate::value::{self, Parameter};
use crate::watch::Watch;

/// A connection of its own, as LISTEN needs it.
pub(crate) type OwnConnection = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// How long a request waits for one of the pool's connections.
const WAIT: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection is silent before the server is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// How much longer than its statement a request waits, so that it is as a rule PostgreSQL that ends the statement.
const GRACE: Duration = Duration::from_secs(2);

/// How a statement is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It is cancelled where nobody waits for it any more.
    Reading,
    /// The same, in a READ ONLY transaction.
    ReadOnly,
    /// It goes on to its end.
    Writing,
}

/// The connections to the database.
pub(crate) struct Database {
    pool: Pool,
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    patience: Duration,
}

impl Database {
    /// Connects to nothing yet: the database may start after the gateway.
    pub(crate) fn new(config: &Config) -> Result<Self, Box<dyn std::error::Error>> {
        let postgres = settings(config)?;
        let tls = tls::connector(postgres.get_ssl_mode(), config.database_ca.as_deref())
            .map_err(|error| format!("--database-ca: {error}"))?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(postgres.clone(), tls.clone(), recycling))
            .max_size(config.pool_size.into())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CONNECT))
            .post_create(limit_statements(config.request_timeout))
            .build()?;
        Ok(Self {
            pool,
            config: postgres,
            tls,
            patience: Duration::from_secs(config.request_timeout) + GRACE,
        })
    }

    /// The JSON that a statement of one row and one column gives. The statement's text is a constant: all else is bound.
    pub(crate) async fn json(
        &self,
        statement: &'static str,
        parameters: &[Parameter<'_>],
    ) -> Result<Bytes, DatabaseError> {
        self.run(statement, parameters, Access::Reading).await
    }

    /// The same, with a choice of how.
    pub(crate) async fn run(
        &self,
        statement: &'static str,
        parameters: &[Parameter<'_>],
        access: Access,
    ) -> Result<Bytes, DatabaseError> {
        let client = Arc::new(self.client().await?);
        let watch = Watch::over(&client, access != Access::Writing, &self.tls);
        let answer = timeout(self.patience, answer(&client, statement, parameters, access)).await?;
        watch.end();
        if let Err(DatabaseError::Internal(_)) = answer {
            // Whatever is wrong with it, a fresh connection may not have it.
            drop(Arc::into_inner(client).map(Object::take));
        }
        answer
    }

    /// One of the pool's connections.
    pub(crate) async fn client(&self) -> Result<Object, DatabaseError> {
        Ok(self.pool.get().await?)
    }

    /// A connection beside the pool; its messages are read by polling the second half.
    pub(crate) async fn connect(&self) -> Result<(Client, OwnConnection), DatabaseError> {
        Ok(self.config.connect(self.tls.clone()).await?)
    }

    /// How many connections there are, how many of them wait for a request, and how many requests for them.
    pub(crate) fn status(&self) -> Status {
        self.pool.status()
    }
}

/// What `--database-url` says, with what the gateway adds to it.
fn settings(config: &Config) -> Result<tokio_postgres::Config, Box<dyn std::error::Error>> {
    // libpq's strictest word means what `require` means here.
    let url = config.database_url.replace("sslmode=verify-full", "sslmode=require");
    // The reason may quote the URL, and so a password.
    let mut settings =
        tokio_postgres::Config::from_str(&url).map_err(|_| "--database-url is not understood")?;
    if settings.get_hosts().is_empty() && settings.get_hostaddrs().is_empty() {
        return Err("--database-url names no host: a socket's directory is one, too".into());
    }
    settings.application_name("saas-blog-gateway").connect_timeout(CONNECT);
    // By default a server that has vanished is missed after two hours by who only listens.
    settings.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).keepalives_retries(3);
    // Nothing is asked where a statement has been sent and never arrives: that would be missed for a quarter of an hour.
    settings.tcp_user_timeout(3 * KEEPALIVE);
    if let Some(path) = &config.database_password_file {
        let read = fs::read_to_string(path).map_err(|error| format!("--database-password-file: {error}"))?;
        settings.password(read.trim_end_matches(['\r', '\n']));
    }
    Ok(settings)
}

/// A connection's own limit for a statement, unless its role has a tighter one.
fn limit_statements(seconds: u64) -> Hook {
    let set = format!(
        "SELECT pg_catalog.set_config('statement_timeout', '{seconds}s', false) FROM pg_catalog.pg_settings
         WHERE name = 'statement_timeout' AND setting::bigint NOT BETWEEN 1 AND {}",
        seconds * 1000
    );
    Hook::async_fn(move |client, _| {
        let set = set.clone();
        Box::pin(async move { client.batch_execute(&set).await.map_err(HookError::Backend) })
    })
}

async fn answer(
    client: &Object,
    statement: &'static str,
    parameters: &[Parameter<'_>],
    access: Access,
) -> Result<Bytes, DatabaseError> {
    let prepared = client.prepare_cached(statement).await?;
    let row = match access {
        Access::ReadOnly => read_only(client, &prepared, parameters).await?,
        Access::Reading | Access::Writing => client.query_one(&prepared, parameters).await?,
    };
    Ok(value::json(row)?)
}

/// All three are sent at once, so that no end of this function leaves the transaction open.
async fn read_only(
    client: &Object,
    prepared: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<Row, tokio_postgres::Error> {
    let (begun, row, ended) = tokio::join!(
        biased;
        client.batch_execute("BEGIN READ ONLY"),
        client.query_one(prepared, parameters),
        client.batch_execute("COMMIT"),
    );
    begun?;
    let row = row?;
    ended?;
    Ok(row)
}
