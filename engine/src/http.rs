//! The way out: one HTTP client with time-outs, a size cap, no redirects, and a guard on where a
//! provider account may point.

use std::time::Duration;

use url::Url;

use crate::fault::StartError;

/// Answers larger than this are refused: Lever's and the providers' are far smaller.
pub const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// The HTTP client and the hosts that provider accounts may name.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    provider_hosts: Vec<String>,
}

impl Client {
    /// Makes the client; `provider_hosts` is the exact `host[:port]` allow-list.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(provider_hosts: &[String]) -> Result<Self, StartError> {
        // A second installation is refused, which is fine: the first one holds.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "the one place where the client is made")]
        let inner = reqwest::Client::builder()
            .user_agent(concat!("candilever/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|e| StartError::Settings(format!("the HTTP client cannot be set up: {e}")))?;
        Ok(Self { inner, provider_hosts: provider_hosts.to_vec() })
    }

    /// The client itself.
    #[must_use]
    pub fn inner(&self) -> &reqwest::Client {
        &self.inner
    }

    /// Whether a provider account may name this address: https (http for loopback), and listed.
    #[must_use]
    pub fn may_reach(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && loopback);
        scheme && url.username().is_empty() && url.password().is_none() && self.provider_hosts.contains(&named)
    }
}

/// Reads an answer's body up to [`MAX_ANSWER`]; `None` when it is larger or breaks off.
pub async fn body(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if out.len() + chunk.len() > MAX_ANSWER {
            return None;
        }
        out.extend_from_slice(&chunk);
    }
    Some(out)
}
