//! What happens to the candidate in Lever meanwhile, and what it means for the invite.

use std::time::Duration;

use engine::{access::Role, fault::FlowError, invite::InviteState};
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

#[tokio::test]
async fn a_candidate_gets_all_that_is_held_and_nothing_of_anybody_else() {
    let (world, _) = World::attached().await;
    for (name, email) in [("Ada Example", "ada@mail.example"), ("Bo Other", "bo@mail.example")] {
        world.moves_to_stage(&world.applies(name, Some(email), Some(POSTING)).await).await;
        world.until("it is sent", async || world.sent_to(email).await == 1).await;
    }
    world.submits("ada@mail.example", Some(87)).await;
    let ada = async || world.invites().await.into_iter().find(|row| row.candidate_name == "Ada Example").expect("Ada");
    world.until("it is completed", async || ada().await.state == InviteState::Completed).await;
    let invite = ada().await.id;
    engine::verdict::give(
        &world.engine,
        &world.admin,
        &invite,
        engine::verdict::Verdict::Passed,
        Some("A fine one"),
        None,
    )
    .await
    .expect("given");
    let json = engine::invite::export(&world.engine, &world.admin, &invite).await.expect("exported");
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let held = &read["held"];
    assert_eq!(held["invites"].as_array().map(Vec::len), Some(1));
    assert_eq!(held["invites"][0]["candidate_email"], "ada@mail.example");
    assert_eq!(held["invites"][0]["score_thousandths"], 87_000);
    assert_eq!(held["verdicts"][0]["comment"], "A fine one");
    for table in ["search_words", "timeline", "messages"] {
        assert!(held[table].as_array().is_some_and(|rows| !rows.is_empty()), "{table}: {held}");
    }
    assert!(!json.contains("bo@mail.example") && !json.contains("Bo Other"));
    let other = crate::world::add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let foreign = engine::invite::export(&world.engine, &other, &invite).await;
    assert!(matches!(foreign, Err(FlowError::NotFound)));
    let sam = world.member("sam@halden.example", Role::Admin).await;
    let refused = engine::invite::export(&world.engine, &sam, &invite).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    let filter = engine::audit::Filter { area: Some(engine::audit::Area::Candidate), by: None };
    let log = engine::audit::page(&world.engine, &world.admin, &filter, None, 1).await.expect("the log");
    assert_eq!((log[0].action.as_str(), log[0].subject.as_str()), ("candidate_exported", invite.as_str()));
}

#[tokio::test]
async fn whoever_is_anonymised_without_a_word_is_erased_within_a_day() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let invite = world.until_state(InviteState::Sent).await;
    let housekeeping = async || engine::job::schedule_standing_work(&world.engine).await.expect("done");
    housekeeping().await;
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    for _ in 0..25 {
        world.advance(Duration::from_secs(3600));
        housekeeping().await;
    }
    world.until("she is erased", async || world.the_invite().await.candidate_name != "Ada Example").await;
    assert_eq!(world.detail(&invite.id).await.candidate_email, None);
    let path = format!("/v1/opportunities/{ada}");
    let reads = async || {
        let all = world.lever_ledger(&path).await;
        all.iter().filter(|one| one["method"] == "GET" && one["path"] == path.as_str()).count()
    };
    let before = reads().await;
    assert!(before >= 2, "it was read for the move and again");
    for _ in 0..50 {
        world.advance(Duration::from_secs(3600));
        housekeeping().await;
    }
    world.drain().await;
    assert_eq!(reads().await, before, "who is erased is asked for no more");
}
