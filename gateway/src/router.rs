//! Turns a path and a method into the function that answers.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::get;

use crate::app::App;
use crate::refusal::Refusal;

/// All that the gateway answers.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(Arc::clone(app))
}

async fn ready(State(app): State<Arc<App>>) -> Result<Bytes, Refusal> {
    app.database
        .json("SELECT to_json(graphql.schema() IS NOT NULL)", &[])
        .await
        .map_err(|error| Refusal::from(&error))
}
