//! Whether the time that a refusal takes tells how much of a forged signature was right, or who is known here:
//! signatures that are wrong in their first digit against such that are wrong in their last, 20,000 of each, and a
//! thousand wrong passwords of somebody's and of nobody's, taken in turns in one run:
//! `cargo bench -p benches --bench timing`.
//!
//! Measured are the check by itself, where nothing hides a difference, the whole way of a webhook over HTTP, and
//! what proves a provider's callback over either protocol; and, so that one sees what a leak would look like, a
//! comparison that stops at the first difference.

#[path = "../alone.rs"]
mod alone;
mod callback;
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

use engine::{
    access::{self, NewUser, Role},
    clock::Clock,
    lever::signature_is_genuine,
};
use line::Line;
use place::Place;
use serde_json::Value;
use server::{Kind, Server};

const SAMPLES: usize = 20_000;
const WARM_UP: usize = 500;
/// A password takes some twenty milliseconds.
const SIGN_INS: usize = 1_000;
/// Below it the two can be told apart.
const LEAST: f64 = 0.01;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    let leak = compare("stops at the first difference", |forgery| timed(|| stops_early(forgery)));
    assert!(leak < LEAST, "the measurement sees a leak");
    let check = compare("the check", |forgery| timed(|| is_genuine(forgery)));
    let whole = runtime.block_on(over_http());
    let signed = compare_pairs("a callback's signature", callback::signed, |forgery| timed(|| forgery.is_genuine()));
    let keyed = compare_pairs("a callback's key", callback::keyed, |forgery| timed(|| forgery.is_genuine()));
    let known = runtime.block_on(sign_in());
    let all = [
        ("the check", check),
        ("over HTTP", whole),
        ("a callback's signature", signed),
        ("a callback's key", keyed),
        ("signing in", known),
    ];
    for (what, likely) in all {
        assert!(likely > LEAST, "{what}: the two groups can be told apart, p = {likely:.4}");
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
    in_turns(number, made_in_turns(number, |number, is_first| forged(number, if is_first { 0 } else { 63 })))
}

/// Two, of which now the one and now the other is made first: what was made last is at hand.
fn made_in_turns<T>(number: usize, make: impl Fn(usize, bool) -> T) -> [T; 2] {
    if (number >> 1).is_multiple_of(2) {
        let first = make(2 * number, true);
        [first, make(2 * number + 1, false)]
    } else {
        let last = make(2 * number, false);
        [make(2 * number + 1, true), last]
    }
}

fn in_turns<T>(number: usize, [first, last]: [T; 2]) -> [(usize, T); 2] {
    let (first, last) = ((0, first), (1, last));
    if (number ^ number >> 3 ^ number >> 7).is_multiple_of(2) { [first, last] } else { [last, first] }
}

fn compare(what: &str, time: impl FnMut(&Forgery) -> u64) -> f64 {
    compare_pairs(what, pair, time)
}

fn compare_pairs<T>(what: &str, pair: impl Fn(usize) -> [(usize, T); 2], mut time: impl FnMut(&T) -> u64) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..WARM_UP + SAMPLES {
        for (group, forgery) in pair(number) {
            let took = time(&forgery);
            if number >= WARM_UP {
                times[group].push(took);
            }
        }
    }
    said(what, DIGITS, &times)
}

/// What the two groups of a comparison have wrong.
const DIGITS: [&str; 2] = ["with the first digit wrong", "with the last"];

fn said(what: &str, groups: [&str; 2], [first, last]: &[Vec<u64>; 2]) -> f64 {
    let likely = rank::likelihood(first, last);
    let middle = |times: &[u64]| {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    };
    let (many, [one, other]) = (first.len(), groups);
    let (first, last) = (middle(first), middle(last));
    println!("{what}: {many} each, p50 {first} ns {one}, {last} ns {other}; p = {likely:.3}");
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
    said("over HTTP", DIGITS, &times)
}

/// A wrong password of somebody who is known, and one of nobody's.
async fn sign_in() -> f64 {
    let place = Place::sqlite();
    let engine = server::engine(&place.fresh().await, KEY).await;
    let new = NewUser {
        organization: "Halden".into(),
        email: "nora@halden.example".into(),
        name: "Nora".into(),
        role: Role::SuperAdmin,
        password: "correct horse battery".to_owned().into(),
    };
    access::add_user(&engine, new).await.expect("a user");
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..SIGN_INS {
        for (group, email) in in_turns(number, ["nora@halden.example", "nobody@halden.example"]) {
            let began = Instant::now();
            let wrong = access::sign_in(&engine, email, format!("a wrong password {number}").into()).await;
            times[group].push(u64::try_from(began.elapsed().as_nanos()).expect("a short time"));
            assert!(wrong.expect("the database works").is_none(), "it is wrong");
        }
    }
    engine.db.close().await;
    said("signing in", ["of somebody who is known", "of nobody"], &times)
}
