//! From the move in Lever to the verdict in its note.

use std::time::Duration;

use engine::{
    invite::InviteState,
    provider::Protocol,
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{ENGLISH, POSTING, PYTHON, Sender, World};

const ADA: &str = "ada@mail.example";

#[tokio::test]
async fn a_move_becomes_an_invite_a_result_a_verdict_and_one_note() {
    the_whole_flow(Protocol::Canditech, "Score: 87/100", "passed").await;
}

#[tokio::test]
async fn the_partner_protocol_carries_the_same_but_a_maximum_and_the_verdict() {
    the_whole_flow(Protocol::GreenhousePartner, "Score: 87", "n/a").await;
}

/// One story for both protocols: what the note says of the score, and what the provider learns of the verdict.
async fn the_whole_flow(protocol: Protocol, score: &str, verdict_there: &str) {
    let (world, _) = World::attached_over(protocol).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let invite = world.until_state(InviteState::Sent).await;
    assert_eq!((invite.candidate_name.as_str(), invite.assessment_name.as_str()), ("Ada Example", "Python, 60 min"));
    assert_eq!(world.sent().await.len(), 1);
    world.until("the note says Sent", async || world.note_says(&ada, &["Status: Sent", "Score: pending"]).await).await;

    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    let lines = ["Python, 60 min", "Status: Completed", score, "Verdict: n/a"];
    world.until("the note has the result", async || world.note_says(&ada, &lines).await).await;

    let by = &world.admin;
    verdict::give(&world.engine, by, &invite.id, Verdict::Passed, Some("Clear code"), None).await.expect("completed");
    world.until("the note has the verdict", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    world.drain().await;
    let there = &world.sent().await[0];
    assert_eq!(there["verdict"], verdict_there, "what the provider knows of it");

    let detail = world.detail(&invite.id).await;
    assert_eq!(detail.verdicts.len(), 1, "what we told the provider did not come back as an act");
    assert!(detail.report_link.is_some_and(|link| world.engine.settings.address("/r/").len() < link.len()));
    let kinds: Vec<&str> = detail.timeline.iter().map(|entry| entry.kind.as_str()).collect();
    for kind in ["due", "sent", "completed", "score", "verdict"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn eleven_copies_of_a_webhook_send_one_invite() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "duplicate": 10 })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    for _ in 0..10 {
        world.hear(Sender::Lever).await;
        world.drain().await;
    }
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
    assert_eq!(world.notes(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_retry_with_a_fresh_token_is_the_same_stage_change() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "duplicate": 1, "fresh_token": true })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.hear(Sender::Lever).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn two_assessments_on_one_stage_both_go_out() {
    let (world, _) = World::attached().await;
    world.attach(Some(POSTING), ENGLISH).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until("two invites are sent", async || world.sent().await.len() == 2).await;
    world.until("each has its note", async || world.notes(&ada).await.len() == 2).await;
}

#[tokio::test]
async fn another_position_and_another_stage_get_nothing() {
    let (world, _) = World::attached().await;
    let grace = world.applies("Grace Example", Some("grace@mail.example"), Some("Data Analyst")).await;
    world.moves_to_stage(&grace).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.drain().await;
    assert_eq!(world.invites().await.len(), 0);
    let deliveries = engine::delivery::list(&world.engine, &world.admin, None, 50).await.expect("the list");
    let outcomes: Vec<_> = deliveries.iter().filter_map(|delivery| delivery.outcome.as_deref()).collect();
    assert_eq!(
        outcomes,
        ["No attachment on this stage", "Nothing to send. Python, 60 min: applied to another position"]
    );
}

#[tokio::test]
async fn a_move_that_no_webhook_told_is_found_by_the_catch_up_poll() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.drain().await;
    assert_eq!(world.invites().await.len(), 0);
    world.advance(Duration::from_secs(301));
    world.until_state(InviteState::Sent).await;
}

#[tokio::test]
async fn a_result_that_no_callback_told_is_found_by_asking() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    world.submits(ADA, Some(64)).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.until_state(InviteState::Completed).await;
}

#[tokio::test]
async fn a_corrected_score_reaches_the_note() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    world.canditech("/sandbox/rescore", json!({ "invite": ADA, "score": 62 })).await;
    world.until("the new score is noted", async || world.note_says(&ada, &["Score: 62/100"]).await).await;
}

#[tokio::test]
async fn a_result_for_an_expired_invite_completes_it() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.canditech("/sandbox/expire", json!({ "invite": ADA })).await;
    world.until_state(InviteState::Expired).await;
    world.until("the note says so", async || world.note_says(&ada, &["Status: Expired"]).await).await;
}

#[tokio::test]
async fn an_assessment_that_is_archived_before_the_send_fails_with_what_to_do() {
    let (world, _) = World::attached().await;
    world.canditech(&format!("/sandbox/assessments/{PYTHON}/archive"), json!({})).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Failed).await;
    assert!(row.reason.is_some_and(|reason| !reason.is_empty()));
}
