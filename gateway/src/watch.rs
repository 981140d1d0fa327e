//! Turns a request that nobody waits for any more into a connection that others can use.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long an abandoned statement may still run before it is cancelled. Most have ended by then, and a cancellation
/// costs two connections.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long a cancelled statement may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Sees to a connection whose request is given up, as it is when the client goes away: the future that waits for the
/// answer is dropped then, and the statement goes on.
pub(crate) struct Watch {
    over: Option<Arc<Object>>,
    cancels: bool,
    tls: MakeRustlsConnect,
}

impl Watch {
    pub(crate) fn over(client: &Arc<Object>, cancels: bool, tls: &MakeRustlsConnect) -> Self {
        Self { over: Some(Arc::clone(client)), cancels, tls: tls.clone() }
    }

    /// The request was answered: there is nothing to see to.
    pub(crate) fn end(mut self) {
        self.over = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let (Some(client), Ok(runtime)) = (self.over.take(), Handle::try_current()) {
            runtime.spawn(clear(client, self.cancels, self.tls.clone()));
        }
    }
}

/// Gives the connection back to the pool when its statement has ended. What was cancelled is closed instead: the
/// cancellation may arrive late, and would hit another request's statement.
async fn clear(client: Arc<Object>, cancels: bool, tls: MakeRustlsConnect) {
    let mut ended = Box::pin(client.simple_query(""));
    if !cancels {
        // The statement's own time limit bounds this.
        let _ended_or_lost = ended.await;
        return;
    }
    if timeout(PATIENCE, &mut ended).await.is_err() {
        // Whether or not it arrives, the connection is closed in the end.
        let _sent_or_lost = timeout(LAST_WORDS, client.cancel_token().cancel_query(tls)).await;
        let _ended_or_late = timeout(LAST_WORDS, ended).await;
        drop(Arc::into_inner(client).map(Object::take));
    }
}
