//! Sends the webhooks that are due, and the pings of Verify Connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Lever;
use super::webhook::{Due, Webhook};

/// How soon a retry that fell due, or a moved clock, is noticed.
const TICK: Duration = Duration::from_millis(200);

/// Runs until the stand-in is gone.
pub(super) async fn run(lever: Weak<Lever>) {
    while let Some(lever) = lever.upgrade() {
        let now = lever.now();
        let due = lever.account().hooks.take_due(now);
        for (_, due) in by_address(due) {
            tokio::spawn(send(Arc::downgrade(&lever), lever.client.clone(), due));
        }
        let wake = Arc::clone(&lever.wake);
        drop(lever);
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

fn by_address(due: Vec<Due>) -> BTreeMap<String, Vec<Due>> {
    let mut addresses: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for one in due {
        addresses.entry(one.url.clone()).or_default().push(one);
    }
    addresses
}

/// One after the other, so that what is released newest first also arrives so.
async fn send(lever: Weak<Lever>, client: reqwest::Client, due: Vec<Due>) {
    for one in due {
        let connection = if one.alone { "close" } else { "keep-alive" };
        let request = client.post(&one.url).header(reqwest::header::CONNECTION, connection).json(&one.body);
        let answer = answer(request).await;
        let Some(lever) = lever.upgrade() else { return };
        lever.change(|account, now| account.hooks.settle(&one.id, answer, now));
    }
}

/// Sends the empty ping and says what is wrong with the answer.
pub(super) async fn verify(lever: &Lever, webhook: &Webhook) -> Result<(), String> {
    match answer(lever.client.post(&webhook.url).json(&webhook.ping(lever.now()))).await? {
        200..=299 => Ok(()),
        status => Err(format!("the address answered {status}")),
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<u16, String> {
    match request.send().await {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
        Err(_) => Err("no connection".to_owned()),
    }
}
