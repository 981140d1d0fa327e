//! Turns one connection that listens to all channels into bells, and makes a new one when it is lost.
//!
//! What a notification carries is never looked at: anybody may send one, and it only means that it is worth looking.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client};

use super::Live;
use super::groups::Bell;
use crate::app::App;
use crate::database::OwnConnection;
use crate::database_error::DatabaseError;

/// What tells the connection from those of the pool in `pg_stat_activity`.
const NAME: &str = "SET application_name TO 'saas-blog-gateway listener'";
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(5);
/// A connection that lasted for so long was a good one: its loss is a new one.
const LASTING: Duration = Duration::from_secs(10);
/// How long nothing needs to come before it is asked whether the server is still there.
const SILENCE: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(10);

/// Listens for ever.
pub(super) async fn run(app: Arc<App>) {
    let mut failures = 0;
    loop {
        let begun = Instant::now();
        let Err(error) = listen(&app).await;
        app.live.channels.lost();
        metrics::counter!("saas_blog_gateway_listener_reconnects_total").increment(1);
        if begun.elapsed() > LASTING {
            failures = 0;
        }
        let wait = FIRST_RETRY
            .saturating_mul(1 << failures.min(10))
            .min(LAST_RETRY)
            .mul_f64(rand::random_range(0.5..1.0));
        failures += 1;
        tracing::warn!("the listening connection is lost, and a new one made");
        error.log();
        tokio::time::sleep(wait).await;
    }
}

/// Never comes: a connection listens until it fails.
enum Never {}

async fn listen(app: &Arc<App>) -> Result<Never, DatabaseError> {
    let connected = tokio::time::timeout(ANSWER, app.database.connect()).await;
    let (client, connection) = connected.map_err(|late| DatabaseError::Busy(late.into()))??;
    let mut reading = Reading(tokio::spawn(read(Arc::clone(app), connection)));
    within(client.batch_execute(NAME)).await?;
    loop {
        let statements = tokio::select! {
            error = &mut reading.0 => return Err(DatabaseError::Busy(error.map_or_else(Into::into, Into::into))),
            statements = next_statements(&app.live, &client) => statements?,
        };
        for channel in &statements {
            app.live.ring(channel, Bell::Hung);
        }
    }
}

/// Runs the statements that are due; the channels that are heard from now on.
async fn next_statements(live: &Live, client: &Client) -> Result<Vec<Arc<str>>, DatabaseError> {
    loop {
        if let Some(statements) = live.channels.statements() {
            within(client.batch_execute(&statements.sql)).await?;
            live.channels.listening(&statements.listen);
            return Ok(statements.listen);
        }
        if tokio::time::timeout(SILENCE, live.channels.changed()).await.is_err() {
            within(client.batch_execute("")).await?;
        }
    }
}

async fn within(
    answer: impl Future<Output = Result<(), tokio_postgres::Error>>,
) -> Result<(), DatabaseError> {
    tokio::time::timeout(ANSWER, answer).await.map_err(|late| DatabaseError::Busy(late.into()))??;
    Ok(())
}

/// Drives the connection; ends with the reason for which it ended.
async fn read(app: Arc<App>, mut connection: OwnConnection) -> String {
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                app.live.ring(notification.channel(), Bell::Rung);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return error.to_string(),
            None => return "the server closed the connection".to_owned(),
        }
    }
}

/// A task that ends with whoever waits for it.
struct Reading(JoinHandle<String>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}
