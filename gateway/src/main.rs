//! The HTTP side of `saas_blog`: turns requests of the web into calls of `graphql.execute`, `graphql.subscribe` and
//! `graphql.next`, and their answers into responses. It knows no schema and no rule of the blog.

mod app;
mod config;
mod database;
mod live;
mod refusal;
mod request;
mod router;
mod serve;
mod tls;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

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
async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).init();
    let app = Arc::new(App::new(config)?);
    live::start(&app);
    let router = router::router(&app);
    serve::serve(app, router).await
}
