//! The background work of the stand-in: sends the callbacks that are due and expires what is over.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Canditech;
use super::callback::Due;

/// How soon a moved clock is noticed.
const TICK: Duration = Duration::from_millis(200);

/// Runs until the stand-in is gone.
pub(super) async fn run(canditech: Weak<Canditech>) {
    while let Some(canditech) = canditech.upgrade() {
        for due in canditech.take_due() {
            tokio::spawn(send(Arc::downgrade(&canditech), canditech.client.clone(), due));
        }
        let wake = Arc::clone(&canditech.wake);
        drop(canditech);
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn send(canditech: Weak<Canditech>, client: reqwest::Client, due: Due) {
    // The receiver judges the age of a message by the world's clock, not by the one that tests move.
    let timestamp = jiff::Timestamp::now().as_second();
    let request = client
        .post(&due.url)
        .header("content-type", "application/json")
        .header("webhook-id", &due.webhook_id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", due.secret.sign(&due.webhook_id, timestamp, due.body.as_bytes()))
        .body(due.body);
    let status = match request.send().await {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => {
            tracing::debug!(error = %error.without_url(), "a callback got no answer");
            0
        }
    };
    if let Some(canditech) = canditech.upgrade() {
        canditech.settle(due.index, status);
    }
}

/// A client that follows no redirect and does not wait for ever.
pub(super) fn client() -> reqwest::Client {
    // Whoever installed a provider first has the say; either can speak to a receiver.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    #[expect(clippy::disallowed_methods, reason = "the stand-in knows nothing of the engine's client")]
    let builder = reqwest::Client::builder();
    builder
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("Canditech-Stand-In/1")
        .no_proxy()
        .build()
        .expect("the client needs nothing but the TLS provider installed above")
}
