//! `candilever sandbox`: the stand-ins alone (Lever, Canditech, a mail server), for a Candilever of your own.

use std::net::{Ipv4Addr, SocketAddr};

use clap::{Args, ValueEnum};

use crate::{command::Failure, serve::Signals, terminal};

/// What the stand-ins listen on and know.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Port of the stand-in for Lever on this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = LEVER_PORT)]
    lever_port: u16,
    /// Port of the stand-in for Canditech on this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = CANDITECH_PORT)]
    canditech_port: u16,
    /// Port of the stand-in for a mail server (SMTP) on this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = SMTP_PORT)]
    smtp_port: u16,
    /// Port of the page that shows the mails that came; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = POST_PORT)]
    post_port: u16,
    /// What the stand-in for Lever holds at the start
    #[arg(long, value_name = "WHAT", default_value = "company")]
    seed: Seed,
    /// A callback address that the OAuth app is registered with, compared exactly; may be repeated.
    /// Default: any loopback address over http
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
}

/// Where the stand-ins listen unless told otherwise.
pub const LEVER_PORT: u16 = 8091;
pub const CANDITECH_PORT: u16 = 8092;
pub const POST_PORT: u16 = 8093;
pub const SMTP_PORT: u16 = 8094;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Seed {
    /// A company with people, positions and candidates
    Company,
    /// The same without candidates
    Empty,
}

impl Sandbox {
    /// Runs the stand-ins until a signal ends them.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn run(self) -> Result<(), Failure> {
        let config = sandbox::Config {
            lever_listen: here(self.lever_port),
            canditech_listen: here(self.canditech_port),
            smtp_listen: here(self.smtp_port),
            post_listen: here(self.post_port),
            seed: match self.seed {
                Seed::Company => sandbox::Seed::Company,
                Seed::Empty => sandbox::Seed::Empty,
            },
            redirect_uris: self.redirect_uri,
            ..sandbox::Config::local()
        };
        let secrets = config.clone();
        let stand_ins = start(config).await?;
        let mut signals = Signals::listen()?;
        introduce(&stand_ins, &secrets);
        signals.next().await;
        stand_ins.stop().await;
        Ok(())
    }
}

/// An address of this machine alone.
pub fn here(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Starts the stand-ins.
///
/// # Errors
/// When a port is taken.
pub async fn start(config: sandbox::Config) -> Result<sandbox::Sandbox, Failure> {
    let ports = [config.lever_listen, config.canditech_listen, config.post_listen, config.smtp_listen];
    sandbox::start(config).await.map_err(|error| {
        let [lever, canditech, post, smtp] = ports.map(|address| address.port());
        Failure::Usage(format!(
            "The stand-ins cannot listen on the ports {lever}, {canditech}, {post} and {smtp} ({error}): stop what uses \
             them, or name others with --lever-port, --canditech-port, --post-port and --smtp-port."
        ))
    })
}

fn introduce(stand_ins: &sandbox::Sandbox, config: &sandbox::Config) {
    let (lever, canditech) = (stand_ins.lever_url(), stand_ins.canditech_url());
    let host = canditech.trim_start_matches("http://");
    terminal::say(&format!("Stand-in for Lever:          {lever}"));
    terminal::say(&format!("Stand-in for Canditech:      {canditech}"));
    terminal::say(&format!("Stand-in for a mail server:  {}", stand_ins.post_url()));
    terminal::say(&format!("It takes mail on:            smtp://{}", stand_ins.smtp_address()));
    terminal::say("\nA Candilever that uses them:\n");
    for (name, value) in [
        ("LEVER_ENVIRONMENT", "custom".to_owned()),
        ("LEVER_CLIENT_ID", config.client_id.clone()),
        ("LEVER_CLIENT_SECRET", config.client_secret.clone()),
        ("LEVER_AUTH_URL", lever.clone()),
        ("LEVER_API_URL", format!("{lever}/v1")),
        ("LEVER_AUDIENCE", format!("{lever}/v1/")),
        ("PROVIDER_HOSTS", host.to_owned()),
    ] {
        terminal::say(&format!("export CANDILEVER_{name}={value}"));
    }
    terminal::say("\nOn its Canditech page:\n");
    terminal::say(&format!("Base URL  {canditech}/api"));
    terminal::say(&format!("API key   {}", config.canditech_key));
    terminal::say(&format!("(Protocol Greenhouse partner: {canditech}/greenhouse, the same key)"));
}
