//! The checklist and the chain over what really happened.

use engine::{
    checklist::{self, Chain, StepKind, StepState},
    connection,
};
use serde_json::json;

use crate::world::World;

async fn states(world: &World) -> Vec<(StepKind, StepState)> {
    let steps = checklist::checklist(&world.engine, &world.admin).await.expect("the steps");
    steps.into_iter().map(|step| (step.kind, step.state)).collect()
}

async fn state_of(world: &World, kind: StepKind) -> StepState {
    states(world).await.into_iter().find(|(found, _)| *found == kind).expect("every step").1
}

async fn chain(world: &World) -> Chain {
    checklist::chain(&world.engine, &world.admin).await.expect("the chain")
}

#[tokio::test]
async fn a_set_up_turns_done_step_by_step() {
    let world = World::new().await;
    assert!(states(&world).await.iter().all(|(_, state)| *state == StepState::Open));
    assert_eq!(chain(&world).await.sentence, "Lever is not connected yet");
    world.connect().await;
    for kind in [StepKind::Connected, StepKind::WebhookCreated, StepKind::Verified, StepKind::Stage] {
        assert_eq!(state_of(&world, kind).await, StepState::Done, "{kind:?}");
    }
    assert_eq!(state_of(&world, StepKind::StageChangesArrive).await, StepState::Open);
    assert_eq!(chain(&world).await.sentence, "Canditech is not set up yet");
    world.connect_provider(engine::provider::Protocol::Canditech).await;
    assert_eq!(state_of(&world, StepKind::Provider).await, StepState::Done);
    assert!(chain(&world).await.well);
    world.attach(None, crate::world::PYTHON).await;
    assert_eq!(state_of(&world, StepKind::FirstAttachment).await, StepState::Done);
    assert_eq!(state_of(&world, StepKind::FirstInvite).await, StepState::Open);
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(crate::world::POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until("an assessment goes out", async || !world.sent().await.is_empty()).await;
    assert!(states(&world).await.iter().all(|(_, state)| *state == StepState::Done), "{:?}", states(&world).await);
    assert_eq!(chain(&world).await.sentence, "All connected");
    assert!(chain(&world).await.last_event_at.is_some());
}

#[tokio::test]
async fn a_renamed_stage_stays_done_and_a_removed_one_needs_attention() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/stages/rename", json!({ "stage": world.stage, "text": "Online test" })).await;
    connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    assert_eq!(state_of(&world, StepKind::Stage).await, StepState::Done);
    world.lever("/sandbox/stages/remove", json!({ "text": "Online test" })).await;
    connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    assert_eq!(state_of(&world, StepKind::Stage).await, StepState::Attention);
}

#[tokio::test]
async fn a_lost_connection_says_who_waits() {
    let (world, _) = World::attached().await;
    world.revoke_in_lever().await;
    let _refused = connection::sync_now(&world.engine, &world.admin).await.expect_err("revoked");
    assert_eq!(state_of(&world, StepKind::Connected).await, StepState::Attention);
    let told = chain(&world).await;
    assert_eq!((told.well, told.sentence.as_str()), (false, "Lever ended the connection"));
    assert!(told.stopped.is_some_and(|banner| banner.contains("Connect again")));
}
