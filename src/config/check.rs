//! The check of the settings: each complaint is one sentence that says which setting, what is wrong
//! with it, and what to write instead. A secret's value is in none of them.

use std::{net::SocketAddr, num::NonZeroU32, path::Path, time::Duration};

use engine::{
    lever::Share,
    settings::{IdentityProvider, LeverSettings, MailSettings, Settings},
    vault::MasterKey,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::{Config, LeverEnvironment, Network, identity, mail};
use crate::{
    command::Failure,
    database::{DatabaseUrl, check_database_url},
};

/// The settings, checked. What needs the listening address or the key file is added at start.
#[derive(Debug, Clone)]
pub struct Checked {
    pub listen: SocketAddr,
    pub public_listen: Option<SocketAddr>,
    pub metrics_listen: Option<SocketAddr>,
    pub public_url: Option<Url>,
    pub database: DatabaseUrl,
    pub master_key: Option<SecretString>,
    pub lever: LeverSettings,
    pub provider_hosts: Vec<String>,
    pub identity_providers: Vec<IdentityProvider>,
    pub proxy: Option<Url>,
    pub catch_up: Duration,
    pub mail: Option<MailSettings>,
    pub late_at_once: u32,
    pub digest_hour: i8,
    pub webhook_hosts: Vec<String>,
    pub trusted_proxies: Vec<Network>,
    pub security_contact: Option<Url>,
}

impl Config {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that cannot be used, in words.
    pub fn check(&self) -> Result<Checked, Failure> {
        Ok(Checked {
            listen: check_address("LISTEN", &self.listen)?,
            public_listen: given(self.public_listen.as_deref())
                .map(|address| check_address("PUBLIC_LISTEN", address))
                .transpose()?,
            metrics_listen: given(self.metrics_listen.as_deref())
                .map(|address| check_address("METRICS_LISTEN", address))
                .transpose()?,
            public_url: given(self.public_url.as_deref()).map(check_public_url).transpose()?,
            database: check_database_url(&self.database_url)?,
            master_key: secret("MASTER_KEY", self.master_key.as_ref(), self.master_key_file.as_deref())?,
            lever: self.check_lever()?,
            provider_hosts: check_hosts("PROVIDER_HOSTS", &self.provider_hosts)?,
            identity_providers: match given(self.sign_in_providers.as_deref()) {
                Some(file) => identity::read(file)?,
                None => Vec::new(),
            },
            proxy: given(self.proxy.as_deref()).map(check_proxy).transpose()?,
            catch_up: check_catch_up(self.catch_up_seconds)?,
            mail: mail::check(
                secret("SMTP_URL", self.smtp_url.as_ref(), self.smtp_url_file.as_deref())?.as_ref(),
                given(self.mail_from.as_deref()),
            )?,
            late_at_once: check_late(self.late_at_once)?,
            digest_hour: check_hour(self.digest_hour)?,
            webhook_hosts: check_hosts("WEBHOOK_HOSTS", &self.webhook_hosts)?,
            trusted_proxies: check_networks(&self.trusted_proxies)?,
            security_contact: given(self.security_contact.as_deref()).map(check_contact).transpose()?,
        })
    }

    fn check_lever(&self) -> Result<LeverSettings, Failure> {
        let (auth, api, audience) = addresses(self.lever_environment);
        let auth_url = lever_address("LEVER_AUTH_URL", given(self.lever_auth_url.as_deref()).or(auth))?;
        let api_url = lever_address("LEVER_API_URL", given(self.lever_api_url.as_deref()).or(api))?;
        if !api_url.path().ends_with("/v1") {
            return Err(wrong("LEVER_API_URL", "it must end in /v1, as in https://api.lever.co/v1"));
        }
        let audience = given(self.lever_audience.as_deref()).or(audience);
        let audience = audience.map_or_else(|| format!("{api_url}/"), str::to_owned);
        if !audience.ends_with('/') {
            return Err(wrong(
                "LEVER_AUDIENCE",
                "it must end in a slash: without it Lever's consent grants nothing useful",
            ));
        }
        let (client_id, client_secret) = self.lever_client()?;
        let calls_per_second = self.calls_per_second()?;
        Ok(LeverSettings { auth_url, api_url, audience, client_id, client_secret, calls_per_second })
    }

    /// Our share of the rate that Lever allows an account.
    ///
    /// # Errors
    /// When it is none, or more than Lever allows.
    pub fn calls_per_second(&self) -> Result<NonZeroU32, Failure> {
        let share = Share::new(self.lever_calls_per_second).map(Share::calls_per_second);
        share
            .ok_or_else(|| wrong("LEVER_CALLS_PER_SECOND", "Lever allows 10 calls a second to an account: say 1 to 10"))
    }

    fn lever_client(&self) -> Result<(String, SecretString), Failure> {
        let id = given(self.lever_client_id.as_deref());
        let secret =
            secret("LEVER_CLIENT_SECRET", self.lever_client_secret.as_ref(), self.lever_client_secret_file.as_deref())?;
        match (id, secret) {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret)),
            (Some(_), None) => {
                Err(wrong("LEVER_CLIENT_SECRET", "it is missing while LEVER_CLIENT_ID is set: set both"))
            }
            (None, Some(_)) => {
                Err(wrong("LEVER_CLIENT_ID", "it is missing while LEVER_CLIENT_SECRET is set: set both"))
            }
            (None, None) => Ok((String::new(), SecretString::from(""))),
        }
    }
}

impl Checked {
    /// The engine's settings, once the address and the key are known.
    pub fn settings(&self, public_url: Url, master_key: MasterKey) -> Settings {
        Settings {
            database_url: self.database.url.clone(),
            master_key,
            public_url,
            lever: self.lever.clone(),
            provider_hosts: self.provider_hosts.clone(),
            identity_providers: self.identity_providers.clone(),
            proxy: self.proxy.clone(),
            catch_up: self.catch_up,
            mail: self.mail.clone(),
            late_at_once: self.late_at_once,
            digest_hour: self.digest_hour,
            webhook_hosts: self.webhook_hosts.clone(),
        }
    }

    /// Where Candilever is reached: as configured, or the address it listens on.
    ///
    /// # Errors
    /// When it listens on more than this machine and nobody said by which name it is reached.
    pub fn public_url(&self, listening: SocketAddr) -> Result<Url, Failure> {
        self.public_url.clone().map_or_else(|| check_public_url(&format!("http://{listening}")), Ok)
    }
}

/// An empty variable is how a deployment says "not set".
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A secret, or what stands in the file that is to hold it.
fn secret(setting: &str, given: Option<&SecretString>, file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    let given = given.filter(|secret| is_given(secret)).cloned();
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else { return Ok(given) };
    if given.is_some() {
        return Err(wrong(setting, &format!("it is set, and {setting}_FILE too: set one of them")));
    }
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|error| wrong(&format!("{setting}_FILE"), &format!("it cannot be read ({error})")))?;
    let secret = SecretString::from(text.trim());
    if is_given(&secret) { Ok(Some(secret)) } else { Err(wrong(&format!("{setting}_FILE"), "the file is empty")) }
}

fn check_proxy(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.host().is_some());
    url.ok_or_else(|| wrong("PROXY", "it is no address of a proxy: write it like http://proxy.example.com:3128"))
}

fn check_contact(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).ok().filter(|url| ["mailto", "https"].contains(&url.scheme()));
    url.ok_or_else(|| wrong("SECURITY_CONTACT", "it is no address: write it like mailto:security@example.com"))
}

fn is_given(secret: &SecretString) -> bool {
    !secret.expose_secret().trim().is_empty()
}

pub(super) fn wrong(setting: &str, why: &str) -> Failure {
    Failure::Usage(format!("CANDILEVER_{setting}: {why}."))
}

fn check_address(setting: &str, text: &str) -> Result<SocketAddr, Failure> {
    text.parse().map_err(|_| wrong(setting, &format!("{text:?} is no address: write it like 127.0.0.1:8080")))
}

fn check_public_url(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text)
        .map_err(|_| wrong("PUBLIC_URL", "it is no URL: write it like https://candilever.example.com"))?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("PUBLIC_URL", "it must be a scheme and a host alone, as in https://candilever.example.com"));
    }
    if is_https_or_loopback(&url) {
        return Ok(url);
    }
    let why = "sessions over plain http can be stolen, so other than on this machine it must begin with https:// \
               (put a proxy with a certificate in front and write its address)";
    Err(wrong("PUBLIC_URL", why))
}

pub(super) fn is_https_or_loopback(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

type Addresses = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// Lever's addresses. European accounts consent at the same place and are sent on to their data centre.
fn addresses(environment: LeverEnvironment) -> Addresses {
    let of = |auth, api, audience| (Some(auth), Some(api), Some(audience));
    match environment {
        LeverEnvironment::Production => {
            of("https://auth.lever.co", "https://api.lever.co/v1", "https://api.lever.co/v1/")
        }
        LeverEnvironment::Eu => of("https://auth.lever.co", "https://api.eu.lever.co/v1", "https://api.lever.co/v1/"),
        LeverEnvironment::Sandbox => {
            of("https://sandbox-lever.auth0.com", "https://api.sandbox.lever.co/v1", "https://api.sandbox.lever.co/v1/")
        }
        LeverEnvironment::Custom => (None, None, None),
    }
}

fn lever_address(setting: &str, text: Option<&str>) -> Result<Url, Failure> {
    let text = text.ok_or_else(|| wrong(setting, "LEVER_ENVIRONMENT is custom, which needs it: set it"))?;
    let url = Url::parse(text.trim_end_matches('/')).map_err(|_| wrong(setting, "it is no URL"))?;
    if is_https_or_loopback(&url) { Ok(url) } else { Err(wrong(setting, "it must begin with https://")) }
}

fn check_catch_up(seconds: u64) -> Result<Duration, Failure> {
    if (1..=86_400).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(wrong("CATCH_UP_SECONDS", "it must be between 1 and 86400 (a day)"))
}

fn check_late(number: i64) -> Result<u32, Failure> {
    u32::try_from(number).map_err(|_| wrong("LATE_AT_ONCE", "it must be a number of candidates, 0 or more"))
}

fn check_hour(hour: i8) -> Result<i8, Failure> {
    if (0..24).contains(&hour) { Ok(hour) } else { Err(wrong("DIGEST_HOUR", "it must be an hour of a day, 0 to 23")) }
}

fn check_hosts(setting: &str, text: &str) -> Result<Vec<String>, Failure> {
    parts(text).map(|part| check_host(setting, part)).collect()
}

fn check_host(setting: &str, text: &str) -> Result<String, Failure> {
    let url = Url::parse(&format!("https://{text}/")).ok();
    let alone = |url: &Url| url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let host = url.filter(alone).and_then(|url| url.host().map(|host| host.to_string()));
    let host =
        host.ok_or_else(|| wrong(setting, &format!("{text:?} is no host: write host or host:port, without https://")))?;
    // The port as written: `Url` drops the one that https has anyway.
    let port = text.rsplit_once(':').filter(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    Ok(port
        .map_or_else(|| host.clone(), |(_, port)| if port == "443" { host.clone() } else { format!("{host}:{port}") }))
}

fn check_networks(text: &str) -> Result<Vec<Network>, Failure> {
    let network = |part: &str| {
        Network::parse(part).ok_or_else(|| {
            wrong(
                "TRUSTED_PROXIES",
                &format!("{part:?} is no address or network: write it like 10.0.0.1 or 10.0.0.0/8"),
            )
        })
    };
    parts(text).map(network).collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}
