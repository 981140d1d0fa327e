//! Turns connections into requests, until the process is asked to end.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use crate::app::App;

/// How long a client may take no byte of an answer that waits for it.
const STALL: Duration = Duration::from_secs(30);
/// Bytes of a request's header. Of these a URI may have 65 534.
const MAX_HEADER: usize = 128 * 1024;
const MAX_HEADERS: usize = 100;
/// How long accepting rests when there is no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);
/// How long requests may take to end when the process is asked to end, beside their own time limit.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT, and then until every request has been answered.
pub(crate) async fn serve(app: Arc<App>, router: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(app.config.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => answer(stream, &app, router.clone()),
                Err(error) => {
                    tracing::warn!(%error, "no connection was accepted");
                    sleep(NO_ROOM).await;
                }
            },
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    drop(listener);
    drain(&app).await;
    Ok(())
}

/// Answers the requests of a connection, one after the other, in a task of its own.
fn answer(stream: TcpStream, app: &App, router: Router) {
    // An answer is written whole: waiting for more to send would only delay its end.
    let _delayed_at_worst = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(STALL));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(app.config.idle_timeout))
        .max_buf_size(MAX_HEADER)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
        .with_upgrades();
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection has ended");
        }
    });
}

/// Lets requests end, and whatever else goes on, but not for ever.
async fn drain(app: &App) {
    tracing::info!("ending");
    app.shutdown.cancel();
    app.tasks.close();
    if timeout(Duration::from_secs(app.config.request_timeout) + LAST_WORDS, app.tasks.wait()).await.is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}
