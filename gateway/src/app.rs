//! What all requests share.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::database::Database;
use crate::live::Live;

/// Upper ends of the histogram's buckets, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// How often the measurements of the histogram are counted, so that they do not pile up while nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// The state of the process.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) database: Database,
    pub(crate) live: Arc<Live>,
    pub(crate) metrics: PrometheusHandle,
    /// Cancelled when the process is asked to end: long answers end themselves then.
    pub(crate) shutdown: CancellationToken,
    /// What the process waits for before it ends: connections, and whatever else ends by `shutdown`.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// To be called within the runtime, once.
    pub(crate) fn new(config: Config) -> Result<Self, Box<dyn Error>> {
        let database = Database::new(&config)?;
        let metrics = recorder()?;
        let live = Arc::new(Live::new(config.poll_seconds));
        let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
        Ok(Self { config, database, live, metrics, shutdown, tasks })
    }
}

/// Where `counter!` and its like write to from now on.
fn recorder() -> Result<PrometheusHandle, Box<dyn Error>> {
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    describe_counter!(
        "saas_blog_gateway_requests_total",
        "Requests by method, route and status; 499: the client went away"
    );
    describe_histogram!(
        "saas_blog_gateway_request_seconds",
        Unit::Seconds,
        "From a request's header to its response's"
    );
    describe_gauge!(
        "saas_blog_gateway_pool_connections",
        "Connections to the database by state, and requests that await one"
    );
    let upkept = handle.clone();
    tokio::spawn(async move {
        let mut ticks = interval(UPKEEP);
        loop {
            ticks.tick().await;
            upkept.run_upkeep();
        }
    });
    Ok(handle)
}
