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
    /// The OpenID providers that people may sign in with.
    pub identity_providers: Vec<IdentityProvider>,
    /// What calls go through, but for those to this machine.
    pub proxy: Option<Url>,
    /// The poll that finds what no webhook told.
    pub catch_up: Duration,
    /// The way out for mail; without it nobody is mailed.
    pub mail: Option<MailSettings>,
    /// So many late entries are invited without a person's word; more wait for it together.
    pub late_at_once: u32,
    /// When a day's digest goes out: the hour in UTC, 0 to 23.
    pub digest_hour: i8,
    /// Exact `host[:port]` list that an organization's outgoing webhook may name.
    pub webhook_hosts: Vec<String>,
}

/// The mail server that takes our mail, and who we are there.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    /// The name and the password that it asks for.
    pub credentials: Option<(String, SecretString)>,
    /// The sender: an address, or `Name <address>`.
    pub from: String,
}

/// How the way to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte.
    Tls,
    /// From its `STARTTLS` on, which it must offer.
    StartTls,
    /// Not at all: within this machine.
    None,
}

/// An OpenID provider that people may sign in with, and our registration there.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// Its part of our addresses.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Exactly as it calls itself.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
    /// The e-mail domains that it may vouch for, in small letters.
    pub domains: Vec<String>,
    /// The organization whose list of people in Lever lets newcomers in.
    pub organization: Option<String>,
    /// Whether an address is the person's though the provider does not say so.
    pub vouches_for_email: bool,
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
    /// Every host that may be called, with its port where that is not the usual one.
    #[must_use]
    pub fn outbound_hosts(&self) -> Vec<String> {
        let with_port = |url: &Url| match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => Some(format!("{host}:{port}")),
            (Some(host), None) => Some(host.to_owned()),
            (None, _) => None,
        };
        let issuers = self.identity_providers.iter().filter_map(|one| Url::parse(&one.issuer).ok());
        let own = [self.lever.auth_url.clone(), self.lever.api_url.clone()].into_iter().chain(issuers);
        let mail = self.mail.iter().map(|mail| format!("{}:{}", mail.host, mail.port));
        let listed = self.provider_hosts.iter().chain(&self.webhook_hosts).cloned();
        let mut all: Vec<String> = own.filter_map(|url| with_port(&url)).chain(mail).chain(listed).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The hosts that the installation itself names: Lever's, our own, those of the OpenID providers, and the proxy.
    #[must_use]
    pub fn trusted_names(&self) -> Vec<String> {
        let issuers = self.identity_providers.iter().filter_map(|one| Url::parse(&one.issuer).ok());
        let own = [self.lever.auth_url.clone(), self.lever.api_url.clone(), self.public_url.clone()];
        own.into_iter()
            .chain(issuers)
            .chain(self.proxy.clone())
            .filter_map(|url| url.host_str().map(str::to_owned))
            .collect()
    }

    /// An address of ours, from a path that starts with `/`.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
