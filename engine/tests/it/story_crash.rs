//! Lost answers and a process that dies in the middle: one invite all the same.

use std::time::Duration;

use engine::{invite::InviteState, job};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World};

const ADA: &str = "ada@mail.example";

#[tokio::test]
async fn a_send_whose_answer_is_lost_makes_one_invite() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    assert_eq!(world.sent().await.len(), 1, "it went out, and we do not know");
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_garbled_answer_is_looked_up_and_not_repeated() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "truncated", "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_crash_between_the_intent_and_the_answer_is_survived() {
    let (world, _) = World::attached().await;
    dies_in_the_middle_of_a_send(&world).await;
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Queued, "the dead process still holds the lease");
    world.advance(Duration::from_secs(120));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

/// A process that has its intent on disk and its call under way, and is gone.
async fn dies_in_the_middle_of_a_send(world: &World) {
    let fault =
        json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay": { "ms": 60_000 } }, "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let engine = world.engine.clone();
    let process = tokio::spawn(async move { job::drain(&engine).await });
    while intents(world).await == 0 {
        tokio::task::yield_now().await;
    }
    process.abort();
    process.await.expect_err("it died in the middle of its call");
    // Where it died before the call was heard, the next one is to be as quick as any.
    world.forget_faults_at_canditech().await;
}

async fn intents(world: &World) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM invites WHERE send_intent_at IS NOT NULL")
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable")
}

#[tokio::test]
async fn a_provider_that_is_down_is_tried_for_a_day_and_then_a_person_is_asked() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(3_601));
    }
    world.drain().await;
    let row = world.the_invite().await;
    assert!(matches!(row.state, InviteState::Unclear | InviteState::Failed), "{row:?}");
    assert!(row.reason.is_some());
    assert_eq!(world.sent().await.len(), 0);
}

#[tokio::test]
async fn what_takes_too_long_at_the_end_is_handed_back_and_due_at_once() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay": { "ms": 60_000 } } });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let stop = CancellationToken::new();
    let process = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    while intents(&world).await == 0 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(15), process).await.expect("it ends in time").expect("without a panic");
    world.forget_faults_at_canditech().await;
    // The clock stands still: no lease runs out.
    job::drain(&world.second_process().await).await.expect("the database works");
    assert_eq!(world.the_invite().await.state, InviteState::Sent);
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn whoever_knows_the_dead_process_gone_does_not_wait_for_its_leases() {
    let (world, _) = World::attached().await;
    dies_in_the_middle_of_a_send(&world).await;
    assert_eq!(job::take_over(&world.engine).await.expect("taken over"), 1);
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}
