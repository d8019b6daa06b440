//! The configuration: every setting by flag or environment variable, with its default, checked once
//! at start. `candilever --help` is its reference.

mod check;
mod identity;
mod mail;
mod network;

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::FalseyValueParser};
use secrecy::SecretString;

pub use check::Checked;
pub use network::Network;

/// The settings as given. [`Config::check`] turns them into what the program works with.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Address to listen on; port 0 picks a free one and prints it
    #[arg(long, env = "CANDILEVER_LISTEN", global = true, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// A second address, with the routes alone that the internet has to reach: webhooks, callbacks, the returns from
    /// consent and sign-in, report links. All else can stay within your network then
    #[arg(long, env = "CANDILEVER_PUBLIC_LISTEN", global = true, value_name = "ADDRESS")]
    pub public_listen: Option<String>,

    /// An address that tells numbers for whoever watches, as OpenMetrics under /metrics: how much is due, waits or was
    /// given up, requests, calls. Anybody who reaches it may read them; default: nowhere
    #[arg(long, env = "CANDILEVER_METRICS_LISTEN", global = true, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,

    /// Where people and machines reach Candilever, without a path; default: the printed address
    #[arg(long, env = "CANDILEVER_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,

    /// The database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME
    #[arg(
        long,
        env = "CANDILEVER_DATABASE_URL",
        global = true,
        value_name = "URL",
        default_value = "sqlite://candilever.db",
        hide_env_values = true
    )]
    pub database_url: String,

    /// 32 bytes in base64 that wrap the keys of stored secrets; default: a key file beside the
    /// embedded database, made at the first start
    #[arg(long, env = "CANDILEVER_MASTER_KEY", global = true, value_name = "BASE64", hide_env_values = true)]
    pub master_key: Option<SecretString>,

    /// File that the master key stands in, in place of the setting itself
    #[arg(long, env = "CANDILEVER_MASTER_KEY_FILE", global = true, value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,

    /// Which Lever to connect to; `custom` takes the three addresses below
    #[arg(
        long,
        env = "CANDILEVER_LEVER_ENVIRONMENT",
        global = true,
        value_name = "NAME",
        default_value = "production"
    )]
    pub lever_environment: LeverEnvironment,

    /// The client id that Lever gave when it registered this installation
    #[arg(long, env = "CANDILEVER_LEVER_CLIENT_ID", global = true, value_name = "ID")]
    pub lever_client_id: Option<String>,

    /// The client secret that goes with it
    #[arg(long, env = "CANDILEVER_LEVER_CLIENT_SECRET", global = true, value_name = "SECRET", hide_env_values = true)]
    pub lever_client_secret: Option<SecretString>,

    /// File that the client secret stands in, in place of the setting itself
    #[arg(long, env = "CANDILEVER_LEVER_CLIENT_SECRET_FILE", global = true, value_name = "FILE")]
    pub lever_client_secret_file: Option<PathBuf>,

    /// Base of Lever's consent page (`/authorize`) and token address (`/oauth/token`); default: by environment
    #[arg(long, env = "CANDILEVER_LEVER_AUTH_URL", global = true, value_name = "URL")]
    pub lever_auth_url: Option<String>,

    /// Lever's API, ending in /v1; default: by environment
    #[arg(long, env = "CANDILEVER_LEVER_API_URL", global = true, value_name = "URL")]
    pub lever_api_url: Option<String>,

    /// The audience that Lever's consent is asked for, with its trailing slash; default: by environment
    #[arg(long, env = "CANDILEVER_LEVER_AUDIENCE", global = true, value_name = "URL")]
    pub lever_audience: Option<String>,

    /// Calls a second to each Lever account, 1 to 10: Lever allows 10, and the company's other integrations
    /// want some of them
    #[arg(long, env = "CANDILEVER_LEVER_CALLS_PER_SECOND", global = true, value_name = "NUMBER", default_value = "5")]
    pub lever_calls_per_second: u32,

    /// Hosts that a provider account may name: exact host[:port], separated by commas. A private or
    /// loopback address only when it is named here
    #[arg(
        long,
        env = "CANDILEVER_PROVIDER_HOSTS",
        global = true,
        value_name = "HOSTS",
        default_value = "",
        hide_default_value = true
    )]
    pub provider_hosts: String,

    /// The mail server that takes our mail: smtps://USER:PASSWORD@HOST (encrypted from the first byte, port 465) or
    /// smtp://USER:PASSWORD@HOST (by STARTTLS, port 587; unencrypted on this machine alone); default: nobody is mailed
    #[arg(long, env = "CANDILEVER_SMTP_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,

    /// File that the mail server's URL stands in, in place of the setting itself
    #[arg(long, env = "CANDILEVER_SMTP_URL_FILE", global = true, value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,

    /// Whom our mail is from: an address, or "Name <address>"
    #[arg(long, env = "CANDILEVER_MAIL_FROM", global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// How many candidates whose entry is more than a day late are invited without a person's word; more wait for it
    #[arg(
        long,
        env = "CANDILEVER_LATE_AT_ONCE",
        global = true,
        value_name = "NUMBER",
        default_value = "25",
        allow_hyphen_values = true
    )]
    pub late_at_once: i64,

    /// From which hour on, in UTC, the daily digest of what needs attention is mailed
    #[arg(long, env = "CANDILEVER_DIGEST_HOUR", global = true, value_name = "HOUR", default_value = "6")]
    pub digest_hour: i8,

    /// Hosts that an organization may name to be told by a signed webhook: exact host[:port], separated by commas; a
    /// private address only when it is named here. Default: none
    #[arg(
        long,
        env = "CANDILEVER_WEBHOOK_HOSTS",
        global = true,
        value_name = "HOSTS",
        default_value = "",
        hide_default_value = true
    )]
    pub webhook_hosts: String,

    /// Proxy that calls to Lever, providers and sign-ins go through, as http://HOST:PORT; default: none, whatever the
    /// environment says. This machine is called directly
    #[arg(long, env = "CANDILEVER_PROXY", global = true, value_name = "URL", hide_env_values = true)]
    pub proxy: Option<String>,

    /// File that lists the OpenID providers people may sign in with (see docs/SIGN-IN.md); default: passwords alone
    #[arg(long, env = "CANDILEVER_SIGN_IN_PROVIDERS", global = true, value_name = "FILE")]
    pub sign_in_providers: Option<String>,

    /// How often attached stages are read, to find moves that no webhook told
    #[arg(long, env = "CANDILEVER_CATCH_UP_SECONDS", global = true, value_name = "SECONDS", default_value = "900")]
    pub catch_up_seconds: u64,

    /// Proxies in front whose X-Forwarded-For and X-Forwarded-Host are believed: addresses or networks,
    /// separated by commas
    #[arg(
        long,
        env = "CANDILEVER_TRUSTED_PROXIES",
        global = true,
        value_name = "NETWORKS",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: String,

    /// Whom to tell of a weakness of this installation: an address as mailto: or https:, told in
    /// /.well-known/security.txt; default: none, and no such file
    #[arg(long, env = "CANDILEVER_SECURITY_CONTACT", global = true, value_name = "URL")]
    pub security_contact: Option<String>,

    /// Serve though the user is root, who may do everything: only where there is no other user, as in some containers
    #[arg(
        long,
        env = "CANDILEVER_AS_ROOT",
        global = true,
        value_parser = FalseyValueParser::new(),
        hide_env_values = true
    )]
    pub as_root: bool,

    /// What to log: a level (error, warn, info, debug), or levels by part (info,engine=debug)
    #[arg(long, env = "CANDILEVER_LOG", global = true, value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// How the log is written
    #[arg(long, env = "CANDILEVER_LOG_FORMAT", global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// The Lever environments that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LeverEnvironment {
    Production,
    Sandbox,
    Eu,
    Custom,
}

/// The forms of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}
