//! The background work of the stand-in: sends the callbacks that are due and expires what is over.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Canditech;
use super::callback::{Due, Proof};

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
    let status = match request(&client, &due).send().await {
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

fn request(client: &reqwest::Client, due: &Due) -> reqwest::RequestBuilder {
    match &due.proof {
        Proof::Key(key) => client.patch(&due.url).basic_auth(key, Some("")),
        Proof::Signed(secret) => {
            // The receiver judges the age of a message by the world's clock, not by the one that tests move.
            let timestamp = jiff::Timestamp::now().as_second();
            client
                .post(&due.url)
                .header("content-type", "application/json")
                .header("webhook-id", &due.webhook_id)
                .header("webhook-timestamp", timestamp)
                .header("webhook-signature", secret.sign(&due.webhook_id, timestamp, due.body.as_bytes()))
                .body(due.body.clone())
        }
    }
}
