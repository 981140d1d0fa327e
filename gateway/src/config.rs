//! Turns the command line and the environment into [`Config`].

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use clap::value_parser;
use tracing::Level;

/// Serves the GraphQL API of saas_blog over HTTP, WebSocket and server-sent events.
///
/// It calls graphql.execute, graphql.subscribe and graphql.next in the database, and knows no schema of its own.
#[derive(Parser)]
#[command(version, about, max_term_width = 110)]
#[allow(clippy::doc_markdown)] // It is the text of --help.
pub(crate) struct Config {
    /// Address and port to listen on
    #[arg(long, env, default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// The database, as postgresql://user@host/database or as libpq's key=value pairs. The user is a login role that is a
    /// member of saas_blog_api. With sslmode=require the server's certificate and its name are checked; without an
    /// sslmode the connection is encrypted where the server can, as with libpq
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: String,

    /// File that has the password, so that it need not be in the URL
    #[arg(long, env, value_name = "FILE")]
    pub(crate) database_password_file: Option<PathBuf>,

    /// PEM file with the certificates that may vouch for the database, instead of the system's
    #[arg(long, env, value_name = "FILE")]
    pub(crate) database_ca: Option<PathBuf>,

    /// Connections to the database that requests share
    #[arg(long, env, default_value_t = 8, value_name = "NUMBER", value_parser = value_parser!(u16).range(1..))]
    pub(crate) pool_size: u16,

    /// Seconds between two looks for events that no notification has told of
    #[arg(long, env, default_value_t = 15, value_name = "SECONDS", value_parser = value_parser!(u64).range(1..=86400))]
    pub(crate) poll_seconds: u64,

    /// Seconds that a request may take in the database, unless the role has a tighter statement_timeout
    #[arg(long, env, default_value_t = 10, value_name = "SECONDS", value_parser = value_parser!(u64).range(1..=3600))]
    pub(crate) request_timeout: u64,

    /// Seconds that a connection may lie idle, and that a client may take for the header of a request. More than what a
    /// proxy in front keeps its connections for, or it meets some that are just being closed
    #[arg(long, env, default_value_t = 75, value_name = "SECONDS", value_parser = value_parser!(u64).range(1..=3600))]
    pub(crate) idle_timeout: u64,

    /// Origins whose pages may use the API, such as https://blog.example, separated by commas; * is any. Default: none
    #[arg(long, env, value_delimiter = ',', value_name = "ORIGINS")]
    pub(crate) cors_origin: Vec<String>,

    /// What is logged: error, warn, info (a line for each request) or debug
    #[arg(long, env, default_value = "info", value_name = "LEVEL")]
    pub(crate) log_level: Level,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Config::command().debug_assert();
    }
}
