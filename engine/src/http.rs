//! The way out: one HTTP client with time-outs, a size cap, no redirects, and a guard on where a
//! provider account may point.

mod resolver;

use std::{sync::Arc, time::Duration};

use oauth2::{HttpRequest, HttpResponse};
use reqwest::header;
use serde::de::DeserializeOwned;
use thiserror::Error;
use url::Url;

use self::resolver::Guarded;
use crate::{
    clock::{Clock, Moment},
    fault::StartError,
    settings::Settings,
};

/// Answers larger than this are refused: Lever's and the providers' are far smaller.
pub const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// The HTTP client and the hosts that provider accounts may name.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    provider_hosts: Vec<String>,
    webhook_hosts: Vec<String>,
}

impl Client {
    /// Makes the client, which calls as the settings allow.
    ///
    /// # Errors
    /// When TLS or the proxy cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self, StartError> {
        // A second installation is refused, which is fine: the first one holds.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let named = [settings.provider_hosts.as_slice(), &settings.webhook_hosts].concat();
        #[expect(clippy::disallowed_methods, reason = "the one place where the client is made")]
        let builder = reqwest::Client::builder()
            .user_agent(concat!("candilever/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Guarded::new(&named, &settings.trusted_names())));
        let builder = match &settings.proxy {
            Some(proxy) => builder.proxy(through(proxy)?),
            None => builder,
        };
        let inner =
            builder.build().map_err(|e| StartError::Settings(format!("the HTTP client cannot be set up: {e}")))?;
        let (provider_hosts, webhook_hosts) = (settings.provider_hosts.clone(), settings.webhook_hosts.clone());
        Ok(Self { inner, provider_hosts, webhook_hosts })
    }

    /// The client itself.
    #[must_use]
    pub fn inner(&self) -> &reqwest::Client {
        &self.inner
    }

    /// Whether a provider account may name this address: https (http for loopback), and listed.
    #[must_use]
    pub fn may_reach(&self, url: &Url) -> bool {
        is_listed(&self.provider_hosts, url)
    }

    /// The same for an organization's outgoing webhook.
    #[must_use]
    pub fn may_tell(&self, url: &Url) -> bool {
        is_listed(&self.webhook_hosts, url)
    }
}

fn is_listed(hosts: &[String], url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    scheme && url.username().is_empty() && url.password().is_none() && hosts.contains(&named)
}

/// What is on this machine is called directly. A proxy finds the addresses of names by itself.
fn through(proxy: &Url) -> Result<reqwest::Proxy, StartError> {
    let proxy = reqwest::Proxy::all(proxy.clone());
    let proxy = proxy.map_err(|_| StartError::Settings("CANDILEVER_PROXY cannot be used".into()))?;
    Ok(proxy.no_proxy(reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1")))
}

/// No usable answer came; what it says holds nothing of the answer.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// Sends a request of an OAuth library's.
///
/// # Errors
/// When no usable answer comes: what a server in trouble or in haste says is no verdict on a grant.
pub async fn carry(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let request = reqwest::Request::try_from(request).map_err(|_| NoAnswer("no request".into()))?;
    let answer = client.execute(request).await.map_err(|error| NoAnswer(failure(&error).into()))?;
    let status = answer.status();
    if status.is_server_error() || status == reqwest::StatusCode::TOO_MANY_REQUESTS {
        return Err(NoAnswer(format!("status {}", status.as_u16())));
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let body = body(answer).await.ok_or_else(|| NoAnswer("the answer broke off".into()))?;
    let mut response = oauth2::http::Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
    Ok(response)
}

/// Reads an answer's body up to [`MAX_ANSWER`]; `None` when it is larger or breaks off.
pub async fn body(answer: reqwest::Response) -> Option<Vec<u8>> {
    body_up_to(answer, MAX_ANSWER).await
}

/// Reads an answer's body up to `limit` bytes; `None` when it is larger or breaks off.
pub async fn body_up_to(mut answer: reqwest::Response, limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if out.len() + chunk.len() > limit {
            return None;
        }
        out.extend_from_slice(&chunk);
    }
    Some(out)
}

/// What went wrong on the way, without the address: that may name people.
#[must_use]
pub fn failure(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke off"
    }
}

/// The wait that a `Retry-After` header asks for, in seconds or by a date, at most `longest`.
#[must_use]
pub fn retry_after(answer: &reqwest::Response, longest: Duration) -> Option<Duration> {
    asked_wait(text(answer, &header::RETRY_AFTER)?, text(answer, &header::DATE)).map(|wait| wait.min(longest))
}

/// When an answer was given, by the clock of whoever gave it; to the second.
#[must_use]
pub fn dated(answer: &reqwest::Response) -> Option<Moment> {
    moment(text(answer, &header::DATE)?)
}

fn text<'a>(answer: &'a reqwest::Response, name: &header::HeaderName) -> Option<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok())
}

/// A date is compared with the answer's own: whoever wrote both has one clock.
fn asked_wait(text: &str, written: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = written.and_then(moment).unwrap_or_else(|| Clock::System.now());
    let then = moment(text)?;
    (then > now).then(|| then.since(now))
}

fn moment(date: &str) -> Option<Moment> {
    jiff::fmt::rfc2822::parse(date.trim()).ok().map(|date| Moment(date.timestamp().as_millisecond()))
}

/// Why a body is not what the contract says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// No JSON at all: empty, cut off, a page for people. Whoever sent it is in trouble.
    NotJson,
    /// JSON of another shape; where in it, never what stood there.
    Shape(String),
}

/// Reads JSON, saying where it went wrong and never what stood there.
///
/// # Errors
/// See [`Unreadable`].
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() { Unreadable::Shape(error.path().to_string()) } else { Unreadable::NotJson }
    });
    let read = read?;
    json.end().map_err(|_| Unreadable::NotJson)?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_may_be_reached_only_where_it_is_listed() {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let hosts = ["localhost:4010", "api.canditech.example", "10.0.0.7"].map(str::to_owned).into();
        let client = Client { inner: reqwest::Client::default(), provider_hosts: hosts, webhook_hosts: Vec::new() };
        for (url, allowed) in [
            ("http://localhost:4010/api", true),
            ("https://api.canditech.example/v1", true),
            ("https://10.0.0.7/", true),
            ("http://10.0.0.7/", false),
            ("http://api.canditech.example/v1", false),
            ("https://api.canditech.example:8443/v1", false),
            ("http://localhost:4011/api", false),
            ("http://localhost/api", false),
            ("https://key@api.canditech.example/", false),
            ("https://api.canditech.example.evil.example/", false),
            ("ftp://api.canditech.example/", false),
            ("file:///etc/passwd", false),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(client.may_reach(&url), allowed, "{url}");
            assert!(!client.may_tell(&url), "{url}: the two lists are two");
        }
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date() {
        let written = Some("Tue, 24 Nov 2026 19:00:00 GMT");
        for (text, wait) in [
            ("30", Some(30)),
            (" 0 ", Some(0)),
            ("Tue, 24 Nov 2026 19:01:30 GMT", Some(90)),
            ("Tue, 24 Nov 2026 18:59:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("Tue, 24 Nov 2026", None),
        ] {
            assert_eq!(asked_wait(text, written), wait.map(Duration::from_secs), "{text}");
        }
        let far = asked_wait("Wed, 21 Oct 2099 07:28:00 GMT", Some("nonsense"));
        assert!(far.is_some_and(|wait| wait > Duration::from_hours(24)), "by our own clock: {far:?}");
    }

    #[test]
    fn json_faults_are_told_by_place_only() {
        type Shape = std::collections::BTreeMap<String, Vec<i64>>;
        assert_eq!(read_json::<Shape>(br#"{"a":[1,"secret"]}"#), Err(Unreadable::Shape("a[1]".into())));
        for body in ["", "<html>", "{\"a\":[1", "{} trailing"] {
            assert_eq!(read_json::<Shape>(body.as_bytes()), Err(Unreadable::NotJson), "{body}");
        }
    }
}
