//! What may be answered to a message: judged by the bytes, by another parser than the program's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::message::{Keys, Message, Must, Proof, Sender};
use crate::genuine::lever_signature;

/// The largest message that is read.
const LARGEST: usize = 256 * 1024;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub took: Duration,
}

/// What a refusal says beside its status.
type Said = (BTreeMap<String, String>, String);

/// What came of all.
#[derive(Debug, Default)]
pub struct Tally {
    answers: BTreeMap<(Sender, u16), usize>,
    refusals: BTreeMap<u16, Said>,
    times: Vec<Duration>,
}

impl Tally {
    /// Counts an answer; says what is wrong with it.
    pub fn count(&mut self, keys: &Keys, message: &Message, answer: &Answer) -> Result<(), String> {
        let status = answer.status.as_u16();
        *self.answers.entry((message.sender, status)).or_default() += 1;
        self.times.push(answer.took);
        let allowed = allowed(keys, message);
        if !allowed.contains(&status) {
            return Err(format!("answered {status} and not one of {allowed:?}: {:?}", answer.body));
        }
        if answer.status.is_success() {
            return Ok(());
        }
        let said = (constant(&answer.headers), answer.body.clone());
        if !said.1.is_empty() {
            return Err(format!("{status} says more than the status: {:?}", said.1));
        }
        let before = self.refusals.entry(status).or_insert_with(|| said.clone());
        if *before == said { Ok(()) } else { Err(format!("{status} is told in two ways: {before:?}, {said:?}")) }
    }

    /// Whether there was at least one such answer.
    pub fn has(&self, sender: Sender, status: u16) -> bool {
        self.answers.contains_key(&(sender, status))
    }

    /// How often each sender was told what, and how long it took.
    pub fn summary(&mut self) -> String {
        self.times.sort();
        let took = |share: usize| self.times[(self.times.len() - 1) * share / 100];
        let senders: BTreeSet<Sender> = self.answers.keys().map(|(sender, _)| *sender).collect();
        let told = senders.iter().map(|sender| {
            let of = self.answers.iter().filter(|((other, _), _)| other == sender);
            let each: Vec<String> = of.map(|((_, status), count)| format!("{status} × {count}")).collect();
            format!("{sender:?}: {}", each.join(", "))
        });
        let told = told.collect::<Vec<_>>().join("; ");
        format!("{told}; p50 {:?}, p99 {:?}, longest {:?}", took(50), took(99), took(100))
    }
}

/// The headers that are the same in every answer of that kind: a request's id, the time and the nonce are not.
fn constant(headers: &HeaderMap) -> BTreeMap<String, String> {
    let own = ["date", "x-request-id", "content-security-policy"];
    let value = |name: &str, value: &reqwest::header::HeaderValue| {
        if own.contains(&name) { String::new() } else { String::from_utf8_lossy(value.as_bytes()).into_owned() }
    };
    headers.iter().map(|(name, text)| (name.to_string(), value(name.as_str(), text))).collect()
}

/// The statuses that a message may be answered with.
fn allowed(keys: &Keys, message: &Message) -> Vec<u16> {
    let taken = if message.sender == Sender::Lever { 200 } else { 204 };
    if message.body.len() > LARGEST {
        return vec![413];
    }
    if message.must == Must::BeTaken {
        return vec![taken];
    }
    let is_text = std::str::from_utf8(&message.body).is_ok() && !message.body.contains(&0);
    let json: Option<Value> = serde_json::from_slice(&message.body).ok().filter(|_| is_text);
    match message.sender {
        Sender::Lever => match json {
            Some(json) if message.is_ours && (is_signed(keys, &json) || is_ping(&json)) => vec![taken, 400, 401],
            None | Some(_) => vec![400, 401],
        },
        Sender::Canditech => match (is_text, message.is_ours && matches!(message.proof, Proof::Signed { .. }), json) {
            (true, true, None) => vec![400],
            (false, _, _) => vec![400, 401],
            (true, true, Some(_)) => vec![taken, 400],
            (true, false, _) => vec![401],
        },
        Sender::Partner => match (is_text, message.is_ours && matches!(message.proof, Proof::Basic)) {
            (false, _) => vec![400, 401],
            (true, true) => vec![taken, 400, 401],
            (true, false) => vec![401],
        },
    }
}

fn is_signed(keys: &Keys, json: &Value) -> bool {
    let text = |name: &str| json[name].as_str();
    let at = text("triggeredAt").map_or_else(|| json["triggeredAt"].to_string(), str::to_owned);
    text("token").is_some_and(|token| text("signature") == Some(&lever_signature(&keys.lever_token, token, &at)))
}

fn is_ping(json: &Value) -> bool {
    let members = json["data"].as_object();
    json.get("data").is_none()
        || members.is_some_and(|all| all.iter().all(|(name, value)| name == "contactId" && value.is_null()))
}
