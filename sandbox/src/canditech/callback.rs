//! The queue of callbacks: what is to be told to whom, when next, and how each attempt went.
//!
//! An event keeps its `webhook-id` and body over all attempts. `Mode` makes the sender misbehave.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::invite::Event;
use super::model::{Invite, Millis, rfc3339};
use super::signature::Secret;
use crate::random;

/// The waits after each failed attempt; after the last one the sender gives up.
const WAITS_MS: [Millis; 11] =
    [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 86_400_000];

/// How the sender misbehaves, for tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mode {
    /// Events are lost: nothing is ever sent.
    pub drop: bool,
    /// Each event is sent a second time after it was taken, under the same id.
    pub duplicate: bool,
    /// Events wait for a release.
    pub hold: bool,
    /// Before each event goes another one that claims a perfect result, signed with a wrong secret.
    pub forge: bool,
}

/// Where one callback stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Waiting,
    InFlight,
    Held,
    Delivered,
    /// The receiver answered 410.
    Stopped,
    GivenUp,
    Dropped,
    /// Nobody has set a secret or an address.
    NotSetUp,
}

/// One try and what came of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    pub at: String,
    /// The HTTP status, or 0 where there was no answer.
    pub status: u16,
}

/// One event on its way to one address.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub webhook_id: String,
    pub event: &'static str,
    pub invite_id: String,
    pub url: String,
    pub body: String,
    pub stage: Stage,
    pub next_at: Millis,
    pub attempts: Vec<Attempt>,
    /// Sends still owed: two for a duplicate.
    pub copies: u32,
    pub forged: bool,
    /// Over the partner protocol: an empty PATCH with this key.
    pub partner_key: Option<String>,
}

/// How one send shows that it is genuine.
pub(crate) enum Proof {
    /// A Standard Webhooks signature over a POST.
    Signed(Secret),
    /// The partner protocol: a PATCH without a body, the key as the user of HTTP Basic.
    Key(String),
}

/// One send that is due now.
pub(crate) struct Due {
    pub index: usize,
    pub webhook_id: String,
    pub url: String,
    pub body: String,
    pub proof: Proof,
}

/// All callbacks of the account, its secret and its address.
#[derive(Default)]
pub(crate) struct Callbacks {
    pub secret: Option<Secret>,
    /// Where events go whose invite names no address of its own.
    pub address: Option<String>,
    pub mode: Mode,
    pub all: Vec<Callback>,
    open: BTreeSet<usize>,
    stopped: HashSet<String>,
}

impl Callbacks {
    /// Takes up what a person set; an address that had answered 410 is tried again.
    pub fn set_up(&mut self, secret: Option<Secret>, address: Option<String>) {
        (self.secret, self.address) = (secret, address);
        self.stopped.clear();
    }

    pub fn queue(&mut self, invite: &Invite, event: Event, data: &Value, now: Millis) {
        // The partner protocol tells of a finished test and of nothing else.
        if invite.partner_key.is_some() && event != Event::Completed {
            return;
        }
        let url = invite.callback_url.clone().or_else(|| self.address.clone());
        let set_up = url.is_some() && (self.secret.is_some() || invite.partner_key.is_some());
        let url = url.unwrap_or_default();
        if self.mode.forge && set_up {
            let (body, url) = (forged_body(data, now), url.clone());
            self.push(Callback { forged: true, ..callback(invite, Event::Completed, url, body, now) });
        }
        let body = json!({ "type": event.name(), "timestamp": rfc3339(now), "data": data }).to_string();
        let mut next = callback(invite, event, url, body, now);
        next.copies = if self.mode.duplicate { 2 } else { 1 };
        next.stage = self.first_stage(set_up, &next.url);
        self.push(next);
    }

    fn first_stage(&self, set_up: bool, url: &str) -> Stage {
        match self.mode {
            _ if !set_up => Stage::NotSetUp,
            Mode { drop: true, .. } => Stage::Dropped,
            _ if self.stopped.contains(url) => Stage::Stopped,
            Mode { hold: true, .. } => Stage::Held,
            _ => Stage::Waiting,
        }
    }

    fn push(&mut self, callback: Callback) {
        if callback.stage == Stage::Waiting {
            self.open.insert(self.all.len());
        }
        self.all.push(callback);
    }

    /// Lets the held ones go; the order may be turned round.
    pub fn release(&mut self, order: Order, now: Millis) -> usize {
        let mut held: Vec<usize> = (0..self.all.len()).filter(|index| self.all[*index].stage == Stage::Held).collect();
        if order == Order::Reversed {
            let bodies: Vec<Callback> = held.iter().rev().map(|index| self.all[*index].clone()).collect();
            for (index, callback) in held.iter().zip(bodies) {
                self.all[*index] = callback;
            }
        }
        for index in &held {
            (self.all[*index].stage, self.all[*index].next_at) = (Stage::Waiting, now);
        }
        let released = held.len();
        self.open.extend(held.drain(..));
        released
    }

    /// Takes what is due, at most one per invite, so that an event overtakes another only by a retry.
    pub fn take_due(&mut self, now: Millis) -> Vec<Due> {
        let mut busy: HashSet<String> = HashSet::new();
        let in_flight = self.open.iter().filter(|index| self.all[**index].stage == Stage::InFlight);
        busy.extend(in_flight.map(|index| self.all[*index].invite_id.clone()));
        let mut due = Vec::new();
        for index in &self.open {
            let callback = &mut self.all[*index];
            let ready = callback.stage == Stage::Waiting && callback.next_at <= now;
            if !ready || !busy.insert(callback.invite_id.clone()) {
                continue;
            }
            let Some(proof) = callback.proof(self.secret.as_ref()) else { continue };
            callback.stage = Stage::InFlight;
            let (webhook_id, url, body) = (callback.webhook_id.clone(), callback.url.clone(), callback.body.clone());
            due.push(Due { index: *index, webhook_id, url, body, proof });
        }
        due
    }

    /// Notes how an attempt went and decides what comes next. Status 0 is no answer.
    pub fn settle(&mut self, index: usize, status: u16, now: Millis) {
        let callback = &mut self.all[index];
        callback.attempts.push(Attempt { at: rfc3339(now), status });
        callback.stage = match status {
            200..=299 if callback.copies > 1 => Stage::Waiting,
            200..=299 => Stage::Delivered,
            410 => Stage::Stopped,
            _ if callback.forged => Stage::GivenUp,
            _ => match WAITS_MS.get(callback.attempts.len() - 1) {
                Some(wait) => {
                    callback.next_at = now + spread(*wait);
                    Stage::Waiting
                }
                None => Stage::GivenUp,
            },
        };
        if matches!(status, 200..=299) {
            callback.copies = callback.copies.saturating_sub(1);
        }
        if callback.stage == Stage::Stopped {
            self.stopped.insert(callback.url.clone());
        }
        if callback.stage != Stage::Waiting {
            self.open.remove(&index);
        }
    }

    /// Makes every waiting retry due at once.
    pub fn retry_now(&mut self, now: Millis) -> usize {
        for index in &self.open {
            self.all[*index].next_at = now;
        }
        self.open.len()
    }
}

/// In which order held callbacks go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    #[default]
    Kept,
    Reversed,
}

impl Callback {
    /// `None` when there is no secret to sign with.
    fn proof(&self, secret: Option<&Secret>) -> Option<Proof> {
        Some(match (&self.partner_key, self.forged) {
            (Some(_), true) => Proof::Key("ctk_somebody_else".to_owned()),
            (Some(key), false) => Proof::Key(key.clone()),
            (None, true) => Proof::Signed(wrong_secret()),
            (None, false) => Proof::Signed(secret?.clone()),
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "webhook_id": self.webhook_id, "type": self.event, "invite_id": self.invite_id, "url": self.url,
            "stage": self.stage, "forged": self.forged, "attempts": self.attempts,
            "next_at": (self.stage == Stage::Waiting).then(|| rfc3339(self.next_at)), "body": self.body,
        })
    }
}

fn callback(invite: &Invite, event: Event, url: String, body: String, now: Millis) -> Callback {
    Callback {
        webhook_id: format!("evt_{}", random::hex::<12>()),
        event: event.name(),
        invite_id: invite.id.clone(),
        url,
        body,
        stage: Stage::Waiting,
        next_at: now,
        attempts: Vec::new(),
        copies: 1,
        forged: false,
        partner_key: invite.partner_key.clone(),
    }
}

fn forged_body(data: &Value, now: Millis) -> String {
    let mut data = data.clone();
    data["status"] = json!("completed");
    data["score"] = json!({ "value": 100, "max": 100 });
    data["verdict"] = json!("passed");
    json!({ "type": Event::Completed.name(), "timestamp": rfc3339(now), "data": data }).to_string()
}

fn wrong_secret() -> Secret {
    Secret::parse("whsec_d3Jvbmcgc2VjcmV0IG9mIHNvbWVib2R5IGVsc2U=").expect("the text is a whole secret")
}

/// Up to a tenth longer, so that retries do not march in step.
fn spread(wait: Millis) -> Millis {
    wait + (random::fraction() * 0.1 * 1000.0) as Millis * wait / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_last_longer_than_a_day() {
        assert!(WAITS_MS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(WAITS_MS.iter().sum::<Millis>() > 24 * 60 * 60 * 1000);
    }

    #[test]
    fn the_spread_adds_a_tenth_at_most() {
        for _ in 0..100 {
            assert!((1_000..=1_100).contains(&spread(1_000)));
        }
    }
}
