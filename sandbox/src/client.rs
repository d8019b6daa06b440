//! What the stand-ins send webhooks and callbacks with.

use std::time::Duration;

/// A client that follows no redirect and waits no longer than `patience`.
pub(crate) fn client(name: &str, patience: Duration) -> reqwest::Client {
    // Whoever installed a provider first has the say; either can speak to a receiver.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    #[expect(clippy::disallowed_methods, reason = "the stand-in knows nothing of the engine's client")]
    let builder = reqwest::Client::builder();
    builder
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(name)
        .no_proxy()
        .build()
        .expect("the client needs nothing but the TLS provider installed above")
}
