//! The HTTP side of `saas_blog`.
//!
//! It turns requests of the web into calls of `graphql.execute`, `graphql.subscribe` and `graphql.next`, and their
//! answers into responses. It knows no schema and no rule of the blog: any other program could do the same.

mod accept;
mod answer;
mod app;
mod config;
mod database;
mod database_error;
mod etag;
mod graphql;
mod health;
mod live;
mod observe;
mod refusal;
mod request;
mod router;
mod serve;
mod sse;
mod tls;
mod trace;
mod ui;
mod value;
mod watch;
mod websocket;

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use rustix::process::{Resource, getrlimit, setrlimit};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::App;
use crate::config::Config;

fn main() -> ExitCode {
    match run(Config::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    log_to_stderr(config.log_level);
    raise_limit_of_files();
    let app = Arc::new(App::new(config)?);
    live::start(&app);
    let router = router::router(&app)?;
    serve::serve(app, router).await
}

/// One JSON object a line. Of the libraries only what goes wrong: their debugging lines have parameters in them.
fn log_to_stderr(level: Level) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(io::stderr);
    let filter = Targets::new().with_default(level.min(Level::WARN)).with_target("saas_blog_gateway", level);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

/// Every connection is an open file, and many systems allow a process only 1 024 unless it asks for more.
fn raise_limit_of_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
