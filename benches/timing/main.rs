//! Whether the time that a refusal takes tells how much of a forged signature was right: signatures that are
//! wrong in their first digit against such that are wrong in their last, 20,000 of each, taken in turns in
//! one run: `cargo bench -p benches --bench timing`.
//!
//! Measured are the check by itself, where nothing hides a difference, and the whole way of a webhook over
//! HTTP; and, so that one sees what a leak would look like, a comparison that stops at the first difference.

mod line;
#[path = "../ingest/message.rs"]
#[expect(dead_code, reason = "shared with the bench of ingest, which tells sizes")]
mod message;
#[path = "../ingest/place.rs"]
#[expect(dead_code, reason = "shared with the bench of ingest, which measures PostgreSQL too")]
mod place;
mod rank;
#[path = "../ingest/server.rs"]
#[expect(dead_code, reason = "shared with the bench of ingest, which has more to compare")]
mod server;

use std::{hint::black_box, time::Instant};

use engine::{clock::Clock, lever::signature_is_genuine};
use line::Line;
use place::Place;
use serde_json::Value;
use server::{Kind, Server};

const SAMPLES: usize = 20_000;
const WARM_UP: usize = 500;
/// Below it the two can be told apart.
const LEAST: f64 = 0.01;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    let leak = compare("stops at the first difference", |forgery| timed(|| stops_early(forgery)));
    assert!(leak < LEAST, "the measurement sees a leak");
    let check = compare("the check", |forgery| timed(|| is_genuine(forgery)));
    let whole = runtime.block_on(over_http());
    for (what, likely) in [("the check", check), ("over HTTP", whole)] {
        assert!(likely > LEAST, "{what}: the first and the last digit can be told apart, p = {likely:.4}");
    }
    runtime.shutdown_background();
}

/// A webhook with one wrong digit in its signature.
struct Forgery {
    key: &'static str,
    body: String,
    token: String,
    at: String,
    signature: String,
    genuine: String,
}

const KEY: &str = "a signature token of forty-eight characters or so";

/// Each has a token, and so a signature, of its own: nothing learns one by heart.
fn forged(number: usize, place: usize) -> Forgery {
    let at = Clock::System.now().0;
    let number = u64::try_from(number).expect("a small number");
    let body = message::body(KEY, number, at);
    let read: Value = serde_json::from_str(&body).expect("JSON");
    let text = |name: &str| read[name].as_str().expect("text").to_owned();
    let (token, genuine) = (text("token"), text("signature"));
    let mut signature = genuine.clone();
    signature.replace_range(place..=place, other(&genuine[place..=place]));
    let body = body.replace(&genuine, &signature);
    Forgery { key: KEY, body, token, at: at.to_string(), signature, genuine }
}

/// A digit for a digit and a letter for a letter, which are read alike.
fn other(digit: &str) -> &'static str {
    match digit {
        "0" => "1",
        "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => "0",
        "a" => "b",
        _ => "a",
    }
}

fn is_genuine(forgery: &Forgery) -> bool {
    signature_is_genuine(forgery.key, &forgery.token, &forgery.at, &forgery.signature)
}

/// As it must not be done.
fn stops_early(forgery: &Forgery) -> bool {
    // The same work before it.
    let judged = is_genuine(forgery);
    for (claimed, right) in forgery.signature.bytes().zip(forgery.genuine.bytes()) {
        if black_box(claimed) != black_box(right) {
            return judged;
        }
    }
    true
}

fn timed(work: impl FnOnce() -> bool) -> u64 {
    let began = Instant::now();
    let judged = black_box(work());
    let took = began.elapsed();
    assert!(!judged, "it is forged");
    u64::try_from(took.as_nanos()).expect("a short time")
}

/// In pairs, the first of which is now the one and now the other.
fn pair(number: usize) -> [(usize, Forgery); 2] {
    let (first, last) = ((0, forged(2 * number, 0)), (1, forged(2 * number + 1, 63)));
    if (number ^ number >> 3 ^ number >> 7).is_multiple_of(2) { [first, last] } else { [last, first] }
}

fn compare(what: &str, mut time: impl FnMut(&Forgery) -> u64) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..WARM_UP + SAMPLES {
        for (group, forgery) in pair(number) {
            let took = time(&forgery);
            if number >= WARM_UP {
                times[group].push(took);
            }
        }
    }
    said(what, &times)
}

fn said(what: &str, [first, last]: &[Vec<u64>; 2]) -> f64 {
    let likely = rank::likelihood(first, last);
    let middle = |times: &[u64]| {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    };
    let (first, last) = (middle(first), middle(last));
    println!(
        "{what}: {SAMPLES} each, p50 {first} ns with the first digit wrong, {last} ns with the last; p = {likely:.3}"
    );
    likely
}

/// The same over one connection to the handler, the engine and its database.
async fn over_http() -> f64 {
    let place = Place::sqlite();
    let server = Server::start(Kind::Candilever, &place).await;
    let mut line = Line::open(&server).await;
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..WARM_UP + SAMPLES {
        for (group, forgery) in pair(number) {
            let took = line.post(&forgery.body).await;
            if number >= WARM_UP {
                times[group].push(took);
            }
        }
    }
    server.stop().await;
    said("over HTTP", &times)
}
