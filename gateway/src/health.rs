//! Turns the state of the process and of the database into what a load balancer and Prometheus ask for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use metrics::gauge;

use crate::app::App;

/// The smallest request that goes the whole way: the database answers, has the extension, and lets us call it.
const PROBE: &str = "SELECT graphql.execute('{ __typename }')";

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Requests can be answered.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let reason = if app.shutdown.is_cancelled() {
        "This gateway is about to end.\n".to_owned()
    } else {
        match app.database.json(PROBE, &[]).await {
            Ok(_) => return "ok\n".into_response(),
            Err(error) => {
                error.log();
                format!("{error}\n")
            }
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], reason).into_response()
}

/// Numbers in Prometheus' text format.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let pool = app.database.status();
    for (state, number) in
        [("max", pool.max_size), ("open", pool.size), ("idle", pool.available), ("awaited", pool.waiting)]
    {
        // More than a gauge can hold exactly there are not.
        #[allow(clippy::cast_precision_loss)]
        gauge!("saas_blog_gateway_pool_connections", "state" => state).set(number as f64);
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}
