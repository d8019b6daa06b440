//! What happens to the candidate in Lever meanwhile, and what it means for the invite.

use std::time::Duration;

use engine::invite::InviteState;
use serde_json::json;

use crate::world::{POSTING, Sender, World};

const ADA: &str = "ada@mail.example";

#[tokio::test]
async fn a_candidate_without_email_waits_and_goes_on_when_there_is_one() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("No e-mail address")));
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.until_state(InviteState::Sent).await;
}

#[tokio::test]
async fn a_lead_without_a_position_waits() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), None).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("No position")));
}

#[tokio::test]
async fn whoever_leaves_while_the_send_is_being_retried_gets_nothing() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_before", "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Queued);
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.advance(Duration::from_secs(60));
    let row = world.until_state(InviteState::Cancelled).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("Left the stage")));
    assert_eq!(world.sent().await.len(), 0);
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_archived_while_waiting_is_cancelled() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada })).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    let row = world.until_state(InviteState::Cancelled).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("Archived")));
}

#[tokio::test]
async fn a_deleted_candidate_who_was_waiting_is_cancelled() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    world.lever("/sandbox/delete", json!({ "opportunity": ada })).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.until_state(InviteState::Cancelled).await;
}

#[tokio::test]
async fn whoever_leaves_after_the_send_keeps_the_invite_and_the_result_is_noted() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Sent);
    world.submits(ADA, Some(70)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 70/100"]).await).await;
}

#[tokio::test]
async fn whoever_comes_back_is_not_invited_twice() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    for stage in ["offer", world.stage.as_str()] {
        world.moves(&ada, stage).await;
        world.hear(Sender::Lever).await;
        world.drain().await;
    }
    assert_eq!(world.sent().await.len(), 1);
    assert_eq!(world.the_invite().await.state, InviteState::Sent);
}

#[tokio::test]
async fn an_anonymised_candidate_leaves_no_personal_data() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let invite = world.until_state(InviteState::Sent).await;
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.until("the name is gone", async || world.the_invite().await.candidate_name != "Ada Example").await;
    let detail = world.detail(&invite.id).await;
    assert_eq!((detail.candidate_email, detail.lever_url, detail.report_link), (None, None, None));
}
