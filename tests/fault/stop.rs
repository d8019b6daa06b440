//! Told to stop in the middle of it, once or twice: what is open ends, and nobody is invited twice or
//! forgotten afterwards.

use std::time::Duration;

use serde_json::json;

use crate::{
    halden::{Halden, until},
    program::Program,
};

const CANDIDATES: usize = 24;

/// Candidates are on their way, and every send takes its time.
async fn busy(halden: &mut Halden) -> (Program, Vec<String>) {
    let program = halden.start().await;
    halden.set_up(&program).await;
    let slow = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay_after": { "ms": 400 } } });
    halden.fault_at_canditech(slow).await;
    let mut all = Vec::new();
    for n in 0..CANDIDATES {
        all.push(halden.applies("Ada Berg", &format!("candidate.{n}@mail.example")).await);
    }
    let body = json!({ "opportunities": all, "stage": crate::halden::STAGE });
    halden.lever("/sandbox/bulk-move", body).await;
    until("some are sent", async || halden.sent().await.len() > 3).await;
    (program, all)
}

async fn everybody_once(halden: &Halden, all: &[String]) {
    halden.forget_faults().await;
    let _again = halden.start().await;
    until("all are noted", async || {
        let state = halden.lever_state().await;
        let noted = |one: &&serde_json::Value| one["notes"].as_array().is_some_and(|notes| notes.len() == 1);
        state["opportunities"].as_array().expect("a list").iter().filter(noted).count() == all.len()
    })
    .await;
    assert_eq!(halden.sent().await.len(), all.len());
}

#[tokio::test]
async fn a_server_told_to_stop_ends_its_work_soon_and_the_next_one_goes_on() {
    let mut halden = Halden::new().await;
    let (mut program, all) = busy(&mut halden).await;
    program.signal("TERM").await;
    let (code, took) = program.ended().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(25), "{took:?}");
    assert!(halden.sent().await.len() < all.len(), "it stopped in the middle");
    everybody_once(&halden, &all).await;
}

#[tokio::test]
async fn a_server_told_twice_ends_at_once_and_loses_nobody() {
    for signals in [["TERM", "TERM"], ["INT", "HUP"]] {
        let mut halden = Halden::new().await;
        let (mut program, all) = busy(&mut halden).await;
        // Answers that never come would hold the first signal's end.
        let stuck = json!({ "path_prefix": "/api", "kind": { "delay": { "ms": 14_000 } } });
        halden.forget_faults().await;
        halden.fault_at_canditech(stuck).await;
        program.signal(signals[0]).await;
        while program.get("/healthz").send().await.is_ok() {}
        program.signal(signals[1]).await;
        let (code, took) = program.ended().await;
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "{signals:?}: {took:?}");
        everybody_once(&halden, &all).await;
    }
}
