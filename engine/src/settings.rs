//! What the program was told: where things are and what they are called.

use std::{num::NonZeroU32, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::vault::MasterKey;

/// The engine's settings, validated by the program at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    pub master_key: MasterKey,
    /// Where people and machines reach Candilever; no trailing slash.
    pub public_url: Url,
    pub lever: LeverSettings,
    /// Exact `host[:port]` list that a provider account may name.
    pub provider_hosts: Vec<String>,
    /// The poll that finds what no webhook told.
    pub catch_up: Duration,
}

/// One Lever environment and our app's registration there.
#[derive(Debug, Clone)]
pub struct LeverSettings {
    /// Base of `/authorize` and `/oauth/token`.
    pub auth_url: Url,
    /// Ends in `/v1`.
    pub api_url: Url,
    /// With its trailing slash: without it the consent grants nothing useful.
    pub audience: String,
    pub client_id: String,
    pub client_secret: SecretString,
    /// Calls a second to each Lever account, of the ten that Lever allows: others call it too.
    pub calls_per_second: NonZeroU32,
}

/// So many unless somebody says otherwise: half of Lever's rate.
pub const USUAL_CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

impl Settings {
    /// An address of ours, from a path that starts with `/`.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
