//! `candilever sandbox`: the stand-ins for Lever and Canditech alone, for a Candilever of your own.

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
    let ports = (config.lever_listen.port(), config.canditech_listen.port());
    sandbox::start(config).await.map_err(|error| {
        Failure::Usage(format!(
            "The stand-ins cannot listen on the ports {} and {} ({error}): stop what uses them, or name others with \
             --lever-port and --canditech-port.",
            ports.0, ports.1
        ))
    })
}

fn introduce(stand_ins: &sandbox::Sandbox, config: &sandbox::Config) {
    let (lever, canditech) = (stand_ins.lever_url(), stand_ins.canditech_url());
    let host = canditech.trim_start_matches("http://");
    terminal::say(&format!("Stand-in for Lever:      {lever}"));
    terminal::say(&format!("Stand-in for Canditech:  {canditech}"));
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
