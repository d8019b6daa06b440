//! The callbacks of the stand-in Canditech: signed, repeated until taken, and misbehaving on demand.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::canditech_stage::{Received, SECRET, Stage, verifies};

const ROTATED: &str = "whsec_Ju267U1YOvZ/0QHj8cmxDbuU4/OVZtHeGBcjVV4DR3o=";

fn kinds(received: &[Received]) -> Vec<String> {
    received.iter().map(Received::kind).collect()
}

#[test]
fn the_receiver_of_these_tests_knows_the_worked_vectors() {
    let plain = br#"{"type":"assessment.completed","timestamp":"2026-01-15T10:00:00Z","data":{"invite_id":"inv_0001","status":"completed","score":{"value":81,"max":100}}}"#;
    let v1 = "v1,+J9/3nw9ySlrf2m7aUKlWFA6/yYPmLdIsZ82zjKK/xs=";
    let check =
        |timestamp, body: &[u8], signature: &str| verifies(SECRET, "msg_0001_completed", timestamp, body, signature);
    assert!(check(1_768_471_200, plain, v1));
    assert!(check(1_768_471_200, plain, &format!("v1,AAAA {v1}")));
    assert!(!check(1_768_471_201, plain, v1));
    assert!(!check(1_768_471_200, &plain[1..], v1));
    assert!(!check(1_768_471_200, plain, &v1.replace("v1,", "v2,")));
    assert!(!check(1_768_471_200, plain, v1.trim_end_matches('=')));

    let v2 = "v1,KE4a/4HR7jo8SYHPzbI7WW9D3r3DLpq0Oq7WaV+R2fo=";
    assert!(verifies(SECRET, "evt-empty", 1_768_471_201, b"{}", v2));
    let utf8 = r#"{"type":"assessment.verdict_changed","timestamp":"2026-01-15T10:05:00Z","data":{"invite_id":"inv_0002","verdict":"passed","reviewer":"Zoë Müller"}}"#;
    let v3 = "v1,Egfsog9s7+zc1pTPu5rq7UHkLh/Mp0e/HUsNK6PLbz8=";
    assert!(verifies(SECRET, "evt_utf8_0002", 1_768_471_500, utf8.as_bytes(), v3));
    let line = b"{\"type\":\"assessment.started\",\"timestamp\":\"2026-01-15T09:00:00Z\",\"data\":{\"invite_id\":\"inv_0003\",\"status\":\"started\"}}\n";
    let v4 = "v1,lGmL3mkt2VlHjL4mJT3NJ9yJz1MMxq2AyiHn68a3dVo=";
    assert!(verifies(ROTATED, "evt_rotated_0003", 1_768_467_600, line, v4));
    let old = "v1,tm1kP1EmCW4393oREicTeMSRs/nYZCGLSjehGYOIbAc=";
    assert!(!verifies(ROTATED, "evt_rotated_0003", 1_768_467_600, line, old));
}

#[tokio::test]
async fn each_step_is_told_signed_and_in_order() {
    let stage = Stage::new().await;
    stage.send("inv_1").await;
    stage.receiver.wait_for(1).await;
    stage.admin("start", json!({ "invite": "inv_1" })).await;
    stage.admin("complete", json!({ "invite": "inv_1", "score": 81 })).await;
    stage.admin("rescore", json!({ "invite": "inv_1", "score": 82 })).await;
    stage.admin("verdict", json!({ "invite": "inv_1", "verdict": "passed", "by": "Priya Raman" })).await;

    let received = stage.receiver.wait_for(5).await;
    let told = ["sent", "started", "completed", "score_changed", "verdict_changed"];
    assert_eq!(kinds(&received), told.map(|kind| format!("assessment.{kind}")));
    assert!(received.iter().all(|one| one.verifies_with(SECRET) && !one.verifies_with(ROTATED)));
    let data = &received[2].json()["data"];
    assert_eq!((&data["score"]["value"], data["metadata"]["invite_id"].as_str()), (&json!(81), Some("inv_1")));
    let revisions: Vec<u64> = received.iter().map(|one| one.json()["data"]["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5]);
    assert_eq!(received[4].json()["data"]["verdict_by"], "Priya Raman");
}

#[tokio::test]
async fn the_other_ends_are_told_too() {
    let stage = Stage::new().await;
    for (reference, act, kind) in [
        ("inv_1", "expire", "assessment.expired"),
        ("inv_2", "decline", "assessment.declined"),
        ("inv_3", "error", "assessment.error"),
    ] {
        stage.send(reference).await;
        stage.admin(act, json!({ "invite": reference })).await;
        wait_for_kind(&stage, kind).await;
    }
}

async fn wait_for_kind(stage: &Stage, kind: &str) {
    let mut count = 1;
    while !kinds(&stage.receiver.wait_for(count).await).iter().any(|seen| seen == kind) {
        count += 1;
    }
}

#[tokio::test]
async fn what_is_not_taken_comes_again_under_the_same_id() {
    let stage = Stage::new().await;
    stage.receiver.answer_next(&[503, 302, 204]);
    stage.send("inv_1").await;
    stage.receiver.wait_for(1).await;
    stage.advance(Duration::from_secs(2)).await;
    stage.receiver.wait_for(2).await;
    stage.advance(Duration::from_secs(6)).await;
    let received = stage.receiver.wait_for(3).await;
    assert!(received.iter().all(|one| one.id == received[0].id && one.body == received[0].body));
    assert!(received.iter().all(|one| one.verifies_with(SECRET)));
    wait_for_stages(&stage, &["delivered"]).await;
}

#[tokio::test]
async fn gone_stops_the_sender() {
    let stage = Stage::new().await;
    stage.receiver.answer_next(&[410]);
    stage.send("inv_1").await;
    stage.receiver.wait_for(1).await;
    wait_for_stages(&stage, &["stopped"]).await;
    stage.admin("start", json!({ "invite": "inv_1" })).await;
    assert_eq!(stages(&stage).await, ["stopped", "stopped"]);
    assert_eq!(stage.receiver.all().len(), 1);
}

async fn callbacks(stage: &Stage) -> Value {
    stage.request(Method::GET, "/sandbox/callbacks").send().await.unwrap().json().await.unwrap()
}

async fn stages(stage: &Stage) -> Vec<String> {
    let all = callbacks(stage).await;
    all["data"].as_array().unwrap().iter().map(|one| one["stage"].as_str().unwrap().to_owned()).collect()
}

/// The sender notes the answer a moment after the receiver gave it.
async fn wait_for_stages(stage: &Stage, wanted: &[&str]) {
    let reached = async {
        while stages(stage).await != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::canditech_stage::LONG_ENOUGH, reached).await.unwrap();
}

#[tokio::test]
async fn it_loses_repeats_and_reorders_on_demand() {
    let stage = Stage::new().await;
    stage.admin("callbacks/mode", json!({ "drop": true })).await;
    stage.send("inv_1").await;
    assert_eq!(stages(&stage).await, ["dropped"]);

    stage.admin("callbacks/mode", json!({ "duplicate": true })).await;
    stage.admin("start", json!({ "invite": "inv_1" })).await;
    let received = stage.receiver.wait_for(2).await;
    assert_eq!(received[0].id, received[1].id);

    stage.admin("callbacks/mode", json!({ "hold": true })).await;
    stage.admin("complete", json!({ "invite": "inv_1", "score": 50 })).await;
    stage.admin("rescore", json!({ "invite": "inv_1", "score": 60 })).await;
    assert_eq!(stage.receiver.all().len(), 2);
    stage.admin("callbacks/release", json!({ "order": "reversed" })).await;
    let received = stage.receiver.wait_for(4).await;
    assert_eq!(kinds(&received[2..]), ["assessment.score_changed", "assessment.completed"]);
}

#[tokio::test]
async fn a_forged_callback_goes_before_the_true_one_and_does_not_verify() {
    let stage = Stage::new().await;
    stage.admin("callbacks/mode", json!({ "forge": true })).await;
    stage.receiver.answer_next(&[401]);
    stage.send("inv_1").await;
    let received = stage.receiver.wait_for(2).await;
    assert_eq!(kinds(&received), ["assessment.completed", "assessment.sent"]);
    assert!(!received[0].verifies_with(SECRET) && received[1].verifies_with(SECRET));
    wait_for_stages(&stage, &["given_up", "delivered"]).await;
}

#[tokio::test]
async fn a_person_sets_the_secret_on_the_page() {
    let stage = Stage::without_secret().await;
    stage.send("inv_1").await;
    assert_eq!(stages(&stage).await, ["not_set_up"]);

    let (status, page) = stage.submit("/settings/callbacks", &[("secret", "nonsense"), ("address", "")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("must begin with whsec_") && page.contains("aria-invalid"));
    let (status, _) = stage.submit("/settings/callbacks", &[("secret", ROTATED), ("address", "")]).await;
    assert_eq!(status, 303);
    let (_, page) = stage.page("/settings/callbacks").await;
    assert!(page.contains("A secret is set; it ends in R3o=."), "{page}");
    assert!(!page.contains(ROTATED));

    stage.admin("start", json!({ "invite": "inv_1" })).await;
    assert!(stage.receiver.wait_for(1).await[0].verifies_with(ROTATED));
    stage.stop().await;
}
