//! One call to a provider, whatever its protocol: only to a listed host, in time, of a bounded size, no
//! redirect followed. What a refusal means is the protocol's to say.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use url::Url;

use super::{Account, ProviderError};
use crate::http::{self, Unreadable};

const TIME: Duration = Duration::from_secs(15);
const LARGEST: usize = 1024 * 1024;
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// An answer that was no refusal.
pub(super) struct Answer {
    pub body: Vec<u8>,
}

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        http::read_json(&self.body).map_err(|fault| match fault {
            Unreadable::NotJson => ProviderError::Temporary("the answer is no JSON".into()),
            Unreadable::Shape(place) => ProviderError::BadAnswer(format!("at {place}")),
        })
    }
}

/// Calls an address below the account's.
pub(super) async fn call(
    account: &Account,
    method: Method,
    path: &[&str],
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    refusal: fn(u16, &[u8]) -> ProviderError,
) -> Result<Answer, ProviderError> {
    if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return Err(ProviderError::NotFound);
    }
    let mut url = account.base_url.clone();
    url.path_segments_mut().map_err(|()| ProviderError::NotFound)?.pop_if_empty().extend(path);
    // The list of allowed hosts may have changed since the account was stored.
    if !account.engine.http.may_reach(&url) {
        return Err(ProviderError::Refused("its host is not on the list of allowed hosts".into()));
    }
    let request = shape(account.engine.http.inner().request(method, url).timeout(TIME));
    let answer = request.send().await;
    let answered = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    account.engine.counts.call(account.protocol.slug(), answered);
    let answer = answer.map_err(|error| unanswered(&error))?;
    let (status, wait) = (answer.status().as_u16(), http::retry_after(&answer, LONGEST_WAIT));
    let body = http::body_up_to(answer, LARGEST).await;
    match (status, body) {
        (200..=299, Some(body)) => Ok(Answer { body }),
        (200..=299, None) => Err(ProviderError::Temporary("the answer broke off".into())),
        (429, _) => Err(ProviderError::RateLimited { retry_after: wait }),
        (status, body) => Err(refusal(status, &body.unwrap_or_default())),
    }
}

/// Without a connection nothing can have happened there; after any other failure it may have.
fn unanswered(error: &reqwest::Error) -> ProviderError {
    let why = http::failure(error).to_owned();
    if error.is_connect() { ProviderError::Unreached(why) } else { ProviderError::Temporary(why) }
}

/// After an accepted send that cannot be read, the invite may exist.
pub(super) fn as_unknown(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::BadAnswer(what) => ProviderError::Temporary(what),
        other => other,
    }
}

/// Whether a person may be sent to this address: https (http for loopback), at the provider's own host
/// or one that is listed.
pub(super) fn may_show(account: &Account, address: &str) -> bool {
    leads_to(address, &account.base_url, |url| account.engine.http.may_reach(url))
}

fn leads_to(address: &str, base: &Url, is_listed: impl Fn(&Url) -> bool) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    let plain = url.username().is_empty() && url.password().is_none();
    let own = url.host_str() == base.host_str();
    safe && plain && (own || is_listed(&url))
}

/// Lever has one name, a provider two.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.split_once(char::is_whitespace).map_or((name, ""), |(first, rest)| (first, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_the_provider_or_to_a_listed_host_over_https() {
        let base = Url::parse("https://api.canditech.example/v1").expect("an address");
        let leads = |address: &str| leads_to(address, &base, |url| url.host_str() == Some("reports.example"));
        for address in
            ["https://api.canditech.example/r/1", "https://reports.example/r/1", "https://api.canditech.example:8443/"]
        {
            assert!(leads(address), "{address}");
        }
        for address in [
            "http://api.canditech.example/r/1",
            "https://evil.example/r/1",
            "https://api.canditech.example.evil.example/",
            "https://api.canditech.example@evil.example/",
            "https://nora@api.canditech.example/",
            "https://nora:key@reports.example/",
            "//api.canditech.example/",
            "javascript:alert(1)//api.canditech.example",
            "data:text/html,<script>",
            "ftp://api.canditech.example/",
            "file:///etc/passwd",
            "http://localhost/r/1",
            "https:",
            "",
        ] {
            assert!(!leads(address), "{address}");
        }
    }

    #[test]
    fn a_name_is_split_at_its_first_gap() {
        assert_eq!(split_name(" Ada Example "), ("Ada", "Example"));
        assert_eq!(split_name("Ada Maria  Example"), ("Ada", "Maria  Example"));
        assert_eq!(split_name("Ada"), ("Ada", ""));
        assert_eq!(split_name(""), ("", ""));
    }
}
