//! Turns the command line and the environment into [`Config`].

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// What the gateway is told when it starts. Each option can also be given by the environment.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Config {
    /// Address and port to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,

    /// Where the database is, as a URL or as libpq's key=value pairs. The user is a login role that is a member of `saas_blog_api`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,

    /// PEM file with the certificates that may vouch for the database, instead of the system's
    #[arg(long, env = "DATABASE_CA")]
    pub(crate) database_ca: Option<PathBuf>,

    /// Connections to the database that requests share
    #[arg(long, env = "POOL_SIZE", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) pool_size: u16,

    /// Seconds between two looks for events that no notification has told of
    #[arg(long, env = "POLL_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) poll_seconds: u64,

    /// Seconds that a request may take
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) request_timeout: u64,

    /// Origins whose pages may read answers, such as <https://blog.example>; none if not given
    #[arg(long, env = "CORS_ORIGIN", value_delimiter = ',')]
    pub(crate) cors_origin: Vec<String>,
}
