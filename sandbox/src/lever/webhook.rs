//! Webhooks: who wants to hear of what, what is to be sent, and how it is signed.
//!
//! The signature is in the body and covers the token and the time, not the data, as Lever's does.

use std::collections::{BTreeSet, VecDeque};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::event::Event;
use super::model::Millis;
use crate::random;

/// As many as Lever's settings show.
const LOGGED: usize = 1_000;
/// More than these are never under way at once: a bulk move must not flood whoever listens.
const AT_ONCE: usize = 50;
/// Ways in which somebody can come to apply.
pub(super) const ORIGINS: [&str; 6] = ["applied", "sourced", "referred", "university", "internal", "agency"];

/// Who made a webhook, and so who can see and change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Maker {
    /// A person, in settings.
    Hand,
    /// A credential of the API.
    Credential(String),
}

/// One subscription.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) event: Event,
    pub(super) url: String,
    pub(super) origins: Vec<String>,
    pub(super) maker: Maker,
    /// Its own for those made through the API, the account's for the others.
    pub(super) signature_token: String,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    /// What the last Verify Connection came to: nothing yet, fine, or why not.
    pub(super) verified: Option<Result<(), String>>,
}

impl Webhook {
    /// As lists show it; the signature token is shown at creation only.
    pub(super) fn json(&self) -> Value {
        let configuration =
            if self.event.takes_origins() { json!({ "conditions": { "origins": self.origins } }) } else { json!({}) };
        json!({
            "id": self.id, "event": self.event, "url": self.url, "configuration": configuration,
            "createdAt": self.created_at, "updatedAt": self.updated_at,
        })
    }

    /// Lever's test of an address: an event without data.
    pub(super) fn ping(&self, now: Millis) -> Value {
        message(self.event, &json!({}), &self.signature_token, &random::hex::<24>(), now)
    }
}

/// How deliveries misbehave, for tests.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mode {
    /// Nothing is sent.
    drop: bool,
    /// How many more times each is sent.
    duplicate: u32,
    /// Kept until released.
    hold: bool,
    /// Each retry gets a new token and signature.
    fresh_token: bool,
    /// Sent without the top-level id.
    without_id: bool,
    /// Each goes over a connection of its own, and none is kept for the next.
    alone: bool,
    /// The waits before each retry; as many retries as there are waits.
    retry_ms: Vec<Millis>,
}

impl Default for Mode {
    fn default() -> Self {
        let retry_ms = vec![1_000, 2_000, 4_000, 8_000, 16_000];
        Self { drop: false, duplicate: 0, hold: false, fresh_token: false, without_id: false, alone: false, retry_ms }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Waiting,
    Sending,
    Held,
    Delivered,
    Failed,
    Dropped,
}

/// One message to one address.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Delivery {
    pub(super) id: String,
    pub(super) event: Event,
    pub(super) url: String,
    pub(super) state: State,
    pub(super) attempts: usize,
    pub(super) last_answer: Option<String>,
    pub(super) triggered_at: Millis,
    due_at: Millis,
    data: Value,
    token: String,
    #[serde(skip)]
    signature_token: String,
}

impl Delivery {
    /// The body as it goes out now.
    fn body(&self, mode: &Mode) -> Value {
        let mut body = message(self.event, &self.data, &self.signature_token, &self.token, self.triggered_at);
        if !mode.without_id {
            body["id"] = json!(self.id);
        }
        body
    }
}

/// What the order of release is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    #[default]
    Oldest,
    Newest,
}

/// A message that is due.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) body: Value,
    /// No connection is kept for it.
    pub(super) alone: bool,
}

/// How the attempts to deliver went so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers {
    /// All attempts that came to an end.
    pub(super) all: usize,
    /// Those that were answered 2xx.
    pub(super) taken: usize,
}

/// The webhooks of an account.
#[derive(Debug)]
pub(super) struct Hooks {
    pub(super) all: Vec<Webhook>,
    /// The events that are switched on in settings; those made through the API need no switch.
    pub(super) enabled: BTreeSet<Event>,
    /// Signs what hand-made webhooks send.
    pub(super) signature_token: String,
    /// Newest last.
    pub(super) deliveries: VecDeque<Delivery>,
    pub(super) answers: Answers,
    pub(super) mode: Mode,
}

impl Hooks {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            enabled: BTreeSet::new(),
            signature_token: random::hex::<24>(),
            deliveries: VecDeque::new(),
            answers: Answers::default(),
            mode: Mode::default(),
        }
    }

    /// Queues a message for everyone who asked for it.
    pub(super) fn raise(&mut self, event: Event, data: &Value, origin: Option<&str>, now: Millis) {
        let listening = |webhook: &&Webhook| {
            webhook.event == event
                && (webhook.maker != Maker::Hand || self.enabled.contains(&event))
                && (!event.takes_origins() || origin.is_none_or(|origin| webhook.origins.iter().any(|o| o == origin)))
        };
        let queued: Vec<Delivery> =
            self.all.iter().filter(listening).map(|webhook| self.delivery(webhook, data, now)).collect();
        for delivery in queued {
            for _ in 0..=self.mode.duplicate {
                self.log(delivery.clone());
            }
        }
    }

    fn delivery(&self, webhook: &Webhook, data: &Value, now: Millis) -> Delivery {
        let state = match (self.mode.drop, self.mode.hold) {
            (true, _) => State::Dropped,
            (false, true) => State::Held,
            (false, false) => State::Waiting,
        };
        Delivery {
            id: random::uuid(),
            event: webhook.event,
            url: webhook.url.clone(),
            state,
            attempts: 0,
            last_answer: None,
            triggered_at: now,
            due_at: now,
            data: data.clone(),
            token: random::hex::<24>(),
            signature_token: webhook.signature_token.clone(),
        }
    }

    fn log(&mut self, delivery: Delivery) {
        if self.deliveries.len() >= LOGGED {
            let settled = |one: &Delivery| matches!(one.state, State::Delivered | State::Failed | State::Dropped);
            if let Some(place) = self.deliveries.iter().position(settled) {
                self.deliveries.remove(place);
            }
        }
        self.deliveries.push_back(delivery);
    }

    /// Sends what was held, from now on.
    pub(super) fn release(&mut self, order: Order, now: Millis) -> usize {
        let (held, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.deliveries).into_iter().partition(|one| one.state == State::Held);
        let (released, mut others) = (held.len(), VecDeque::from(others));
        let waiting = |one| Delivery { state: State::Waiting, due_at: now, ..one };
        match order {
            Order::Oldest => others.extend(held.into_iter().map(waiting)),
            Order::Newest => others.extend(held.into_iter().rev().map(waiting)),
        }
        self.deliveries = others;
        released
    }

    /// How many messages are still to be delivered.
    pub(super) fn open(&self) -> usize {
        let open = |one: &&Delivery| matches!(one.state, State::Waiting | State::Sending | State::Held);
        self.deliveries.iter().filter(open).count()
    }

    /// Takes what is to be sent by now.
    pub(super) fn take_due(&mut self, now: Millis) -> Vec<Due> {
        let mode = &self.mode;
        let under_way = self.deliveries.iter().filter(|one| one.state == State::Sending).count();
        let due = self.deliveries.iter_mut().filter(|one| one.state == State::Waiting && one.due_at <= now);
        let due = due.take(AT_ONCE.saturating_sub(under_way));
        let take = |delivery: &mut Delivery| {
            if mode.fresh_token && delivery.attempts > 0 {
                delivery.token = random::hex::<24>();
            }
            delivery.state = State::Sending;
            delivery.attempts += 1;
            Due { id: delivery.id.clone(), url: delivery.url.clone(), body: delivery.body(mode), alone: mode.alone }
        };
        due.map(take).collect()
    }

    /// Records an answer; anything but 2xx is tried again, later each time, five times at most.
    pub(super) fn settle(&mut self, id: &str, answer: Result<u16, String>, now: Millis) {
        let waits = &self.mode.retry_ms;
        let sent = |one: &&mut Delivery| one.id == id && one.state == State::Sending;
        let Some(delivery) = self.deliveries.iter_mut().rev().find(sent) else { return };
        let delivered = matches!(answer, Ok(200..=299));
        self.answers.all += 1;
        self.answers.taken += usize::from(delivered);
        delivery.last_answer = Some(answer.map_or_else(|why| why, |status| status.to_string()));
        delivery.state = match waits.get(delivery.attempts - 1) {
            _ if delivered => State::Delivered,
            Some(wait) => {
                delivery.due_at = now + wait;
                State::Waiting
            }
            None => State::Failed,
        };
    }
}

/// A signed message.
fn message(event: Event, data: &Value, signature_token: &str, token: &str, triggered_at: Millis) -> Value {
    json!({
        "event": event, "triggeredAt": triggered_at, "token": token,
        "signature": signature(signature_token, token, triggered_at), "data": data,
    })
}

/// HMAC-SHA256 over the token and the time, in lower-case hex.
fn signature(signature_token: &str, token: &str, triggered_at: Millis) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(signature_token.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(token.as_bytes());
    mac.update(triggered_at.to_string().as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::signature;

    #[test]
    fn the_signature_is_the_recorded_one_and_none_of_the_wrong_ones() {
        let recorded = include_str!("../../../engine/tests/fixtures/lever/signature_vectors.json");
        let recorded: Value = serde_json::from_str(recorded).expect("JSON");
        let vectors = recorded["vectors"].as_array().expect("a list");
        assert_eq!(vectors.len(), 13);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().expect("text");
            let at = &vector["triggeredAt"];
            let at = at.as_i64().or_else(|| at.as_str()?.parse().ok()).expect("a time");
            let made = signature(text("signatureToken"), text("token"), at);
            assert_eq!(made == text("signature"), vector["valid"] == true, "{}", text("name"));
        }
    }
}
