//! What all requests share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::database::Database;
use crate::live::Live;

/// The state of the process.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) database: Database,
    pub(crate) live: Arc<Live>,
    /// Cancelled when the process is asked to end: long answers end themselves then.
    pub(crate) shutdown: CancellationToken,
    /// Tasks that the process waits for before it ends, beside the requests.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// Nothing is connected yet: the database may start after the gateway.
    pub(crate) fn new(config: Config) -> Result<Self, Box<dyn std::error::Error>> {
        let database = Database::new(&config)?;
        let live = Arc::new(Live::new(config.poll_seconds));
        Ok(Self { config, database, live, shutdown: CancellationToken::new(), tasks: TaskTracker::new() })
    }
}
