//! Turns connections into requests, until the process is asked to end.

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;

/// Serves until SIGTERM or SIGINT, and then until every request has been answered.
pub(crate) async fn serve(app: Arc<App>, router: Router) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(app.config.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let ended = app.shutdown.clone();
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            ended.cancel();
        })
        .await?;
    app.tasks.close();
    app.tasks.wait().await;
    Ok(())
}
