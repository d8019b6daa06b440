//! Attaching, pausing, editing, removing: none of it invites anybody by itself.

use std::time::Duration;

use engine::{
    attachment::{self, AttachmentState, Warning},
    fault::{FlowError, Refusal},
    id::AttachmentId,
    invite::InviteState,
};

use crate::world::{ENGLISH, POSTING, PYTHON, Sender, World};

const ADA: &str = "ada@mail.example";

async fn set(world: &World, id: &AttachmentId, state: AttachmentState) {
    world.tick();
    let row = attachment::get(&world.engine, &world.admin, id).await.expect("there");
    attachment::set_state(&world.engine, &world.admin, id, state, row.version).await.expect("changes");
}

#[tokio::test]
async fn attaching_makes_nobody_due_but_offers_those_who_stand_there() {
    let world = World::connected().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.moves_to_stage(&ben).await;
    world.advance(Duration::from_secs(5));
    let id = world.attach(Some(POSTING), PYTHON).await;
    world.advance(Duration::from_secs(600));
    world.drain().await;
    assert_eq!(world.invites().await.len(), 0);

    let standing = attachment::standing(&world.engine, &world.admin, &id).await.expect("read from Lever");
    assert_eq!(standing.len(), 2);
    assert!(standing.iter().all(|one| one.why_not.is_none()));
    let chosen = [ada.as_str().into()];
    let due = attachment::invite_standing(&world.engine, &world.admin, &id, &chosen).await.expect("invites");
    assert_eq!(due, 1);
    world.until_state(InviteState::Sent).await;

    let again = attachment::invite_standing(&world.engine, &world.admin, &id, &chosen).await.expect("harmless");
    assert_eq!(again, 0);
    let standing = attachment::standing(&world.engine, &world.admin, &id).await.expect("read from Lever");
    let of_ada = standing.iter().find(|one| one.name == "Ada Example").expect("still there");
    assert_eq!(of_ada.why_not.as_deref(), Some("has it already"));
}

#[tokio::test]
async fn an_attachment_for_a_position_replaces_any_position_there() {
    let world = World::connected().await;
    world.attach(None, ENGLISH).await;
    world.attach(Some(POSTING), PYTHON).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some("Data Analyst")).await;
    world.moves_to_stage(&ada).await;
    world.moves_to_stage(&ben).await;
    world.until("both have theirs", async || world.sent().await.len() == 2).await;
    let rows = world.invites().await;
    let of = |name: &str| rows.iter().find(|row| row.candidate_name == name).expect("invited").assessment_name.clone();
    assert_eq!(of("Ada Example"), "Python, 60 min");
    assert_eq!(of("Ben Example"), "English, 20 min");
}

#[tokio::test]
async fn entries_during_a_pause_wait_and_go_on_at_its_end() {
    let (world, id) = World::attached().await;
    set(&world, &id, AttachmentState::Paused).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("paused")));
    assert_eq!(world.sent().await.len(), 0);
    world.advance(Duration::from_secs(5));
    set(&world, &id, AttachmentState::Active).await;
    world.until_state(InviteState::Sent).await;
}

#[tokio::test]
async fn removing_ends_what_waits_and_attaching_again_invites_nobody_twice() {
    let (world, id) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let ben = world.applies("Ben Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.moves_to_stage(&ben).await;
    world.until("one is sent", async || world.sent().await.len() == 1).await;
    set(&world, &id, AttachmentState::Removed).await;
    let of_ben = world.invites().await.into_iter().find(|row| row.candidate_name == "Ben Example").expect("there");
    assert_eq!(of_ben.state, InviteState::Cancelled);
    world.attach(Some(POSTING), PYTHON).await;
    for stage in ["offer", world.stage.as_str()] {
        world.moves(&ada, stage).await;
        world.hear(Sender::Lever).await;
        world.drain().await;
    }
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn the_same_three_cannot_be_attached_twice_and_what_vanished_not_at_all() {
    let (world, _) = World::attached().await;
    let again = world.try_attach(Some(POSTING), PYTHON).await;
    assert!(matches!(again, Err(FlowError::Refused(Refusal::AlreadyAttached))), "{again:?}");
    let archived = world.try_attach(Some(POSTING), "as_excel").await;
    assert!(matches!(archived, Err(FlowError::Refused(Refusal::AssessmentGone))), "{archived:?}");
    let posting_gone = attachment::NewAttachment {
        posting: Some("00000000-0000-4000-8000-000000000000".into()),
        stage: world.stage.as_str().into(),
        assessment: ENGLISH.into(),
        valid_days: None,
    };
    let gone = attachment::attach(&world.engine, &world.admin, posting_gone).await;
    assert!(matches!(gone, Err(FlowError::Refused(Refusal::PostingGone))), "{gone:?}");
    world.lever("/sandbox/stages/remove", serde_json::json!({ "text": crate::world::STAGE })).await;
    let gone = world.try_attach(Some(POSTING), ENGLISH).await;
    assert!(matches!(gone, Err(FlowError::Refused(Refusal::StageGone))), "{gone:?}");
}

#[tokio::test]
async fn warnings_say_what_is_there_already() {
    let world = World::connected().await;
    world.attach(None, ENGLISH).await;
    world.attach(Some(POSTING), PYTHON).await;
    let new = attachment::NewAttachment {
        posting: Some(world.posting(POSTING).await.as_str().into()),
        stage: world.stage.as_str().into(),
        assessment: "as_data".into(),
        valid_days: None,
    };
    let warnings = attachment::warnings(&world.engine, &world.admin, &new).await.expect("readable");
    assert_eq!(
        warnings,
        [
            Warning::AlsoAttached { assessments: vec!["Python, 60 min".into()] },
            Warning::ReplacesAnyPosition { assessment: "English, 20 min".into() }
        ]
    );
}

#[tokio::test]
async fn another_assessment_counts_for_future_entries_only() {
    let (world, id) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.advance(Duration::from_secs(5));
    let version = attachment::get(&world.engine, &world.admin, &id).await.expect("there").version;
    let new =
        attachment::edit(&world.engine, &world.admin, &id, ENGLISH.into(), Some(3), version).await.expect("edits");
    assert_ne!(new, id);
    let rows = attachment::list(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(rows.iter().map(|row| row.assessment_name.as_str()).collect::<Vec<_>>(), ["English, 20 min"]);
    world.advance(Duration::from_secs(600));
    world.drain().await;
    assert_eq!(world.sent().await.len(), 1);
    let stale = attachment::edit(&world.engine, &world.admin, &new, ENGLISH.into(), None, 99).await;
    assert!(matches!(stale, Err(FlowError::Conflict)));
}
