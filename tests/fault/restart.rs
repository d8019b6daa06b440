//! Servers are restarted one after another while webhooks come without a pause, as an update of all of them
//! does it: nobody outside notices, nobody is lost, nobody is invited twice.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::json;

use crate::{
    halden::{Halden, STAGE, until},
    oracle::Judgement,
    people::{Candidate, Story},
    postgres,
    simulation::{self, Plan, Town},
};

/// How often each server is restarted.
const ROUNDS: usize = 3;
/// How often Lever tells of each move.
const REPEATS: usize = 10;
/// From one move to the next.
const PACE: Duration = Duration::from_millis(80);
/// How many webhooks are answered between two restarts, at least.
const BETWEEN: u64 = 200;
/// Of so many webhooks one may be answered with anything but 2xx.
const ONE_IN: u64 = 2_000;

/// How many webhooks came to an end so far, were answered 2xx, and are still to be delivered.
async fn answers(halden: &Halden) -> [u64; 3] {
    let answers = halden.read(&format!("{}/sandbox/webhooks/answers", halden.sandbox.lever_url())).await;
    ["all", "taken", "open"].map(|name| answers[name].as_u64().expect("a number"))
}

/// Candidates move, one after another, until it is over.
async fn crowd(halden: &Halden, over: &AtomicBool) -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut pace = tokio::time::interval(PACE);
    while !over.load(Ordering::Relaxed) {
        pace.tick().await;
        let email = format!("candidate.{}@mail.example", all.len());
        let opportunity = halden.applies(&format!("Candidate {}", all.len()), &email).await;
        halden.lever("/sandbox/move", json!({ "opportunity": opportunity, "stage": STAGE })).await;
        all.push(Candidate { opportunity, email, story: Story::Stays });
    }
    all
}

#[tokio::test]
async fn servers_that_are_restarted_one_after_another_answer_all_the_time_and_lose_nobody() {
    let Some(server) = postgres::server() else { return };
    let Town { companies, mut fleet, address: _kept } = simulation::town(&Plan::of_restarts(server)).await;
    let halden = &companies[0];
    // A kept connection may be closed just when the next request is sent on it: whoever keeps connections sends
    // that once more, and no server can spare it that.
    halden.lever("/sandbox/webhooks/mode", json!({ "duplicate": REPEATS - 1, "alone": true })).await;
    let over = AtomicBool::new(false);
    let enough = async || {
        let before = answers(halden).await[0];
        until("the load goes on", async || answers(halden).await[0] > before + BETWEEN).await;
    };
    let restarts = async {
        fleet.restart_in_turn(halden, ROUNDS, enough).await;
        over.store(true, Ordering::Relaxed);
    };
    let ((), candidates) = tokio::join!(restarts, crowd(halden, &over));

    until("every webhook is answered 2xx", async || answers(halden).await[2] == 0).await;
    let [all, taken, _] = answers(halden).await;
    assert!(all >= u64::try_from(candidates.len() * REPEATS).expect("few"), "each was sent: {all}");
    println!("{all} webhooks, {} not answered 2xx", all - taken);
    assert!((all - taken) * ONE_IN <= all, "{} of {all} webhooks were not answered 2xx", all - taken);
    until("all is as it must be", async || Judgement::of(halden, &candidates).await.is_clean()).await;
    let judgement = Judgement::of(halden, &candidates).await;
    assert!(judgement.is_clean(), "{judgement}: {:#?}", judgement.sentences());
}
