//! A server that sleeps past its leases and wakes, and work that kills its server each time.

use std::time::Duration;

use engine::{
    fault::FlowError,
    invite::InviteState,
    job::{self, Work},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, soon};

const CANDIDATES: usize = 12;
/// Longer than a lease lasts.
const ASLEEP: Duration = Duration::from_secs(90);
/// Twice that is longer than a lease, which is a minute.
const MOST_OF_A_LEASE: Duration = Duration::from_secs(35);

/// How often the sends were begun that are not done.
async fn begun(world: &World) -> i64 {
    sqlx::query_scalar("SELECT CAST(COALESCE(SUM(attempt), 0) AS BIGINT) FROM jobs WHERE kind = 'send'")
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable")
}

#[tokio::test]
async fn a_server_that_sleeps_past_its_lease_wakes_and_does_nothing_twice() {
    let (world, _) = World::attached().await;
    // Whatever it sends is taken at once, and it sleeps before it hears of that.
    let late = json!({ "delay_after": { "ms": 2_500 } });
    let path = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": late, "times": 4 });
    world.fault_at_canditech(path).await;
    let mut all = Vec::new();
    for n in 0..CANDIDATES {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        all.push(id);
    }
    let sleeper = world.second_process().await;
    let asleep = tokio::spawn(async move { job::drain(&sleeper).await });
    while begun(&world).await == 0 || world.sent().await.is_empty() {
        assert!(!asleep.is_finished(), "it is in the middle of a send");
        tokio::task::yield_now().await;
    }
    world.advance(ASLEEP);
    for id in &all {
        world.until("another one goes on", async || world.note_says(id, &["Status: Sent"]).await).await;
    }
    // What it wakes with is worth nothing: its leases are others'.
    asleep.await.expect("without a panic").expect("the database works");
    world.drain().await;
    for (n, id) in all.iter().enumerate() {
        assert_eq!(world.sent_to(&format!("candidate.{n}@mail.example")).await, 1, "candidate {n}");
        assert_eq!(world.notes(id).await.len(), 1, "candidate {n}");
    }
    assert!(world.invites().await.iter().all(|row| row.state == InviteState::Sent));
}

/// Until when the look at a candidate is somebody's, and how often it was begun.
async fn look(world: &World) -> (i64, i64) {
    let look = "SELECT due_at, attempt FROM jobs WHERE kind = 'reconcile' AND lease_token IS NOT NULL";
    sqlx::query_as(look).fetch_optional(world.engine.db.read()).await.expect("readable").unwrap_or_default()
}

#[tokio::test]
async fn work_that_takes_longer_than_a_lease_stays_with_the_server_that_began_it() {
    let (world, _) = World::attached().await;
    world.drain().await;
    let slow = json!({ "path_prefix": "/v1/opportunities/", "kind": { "delay": { "ms": 29_000 } }, "times": 1 });
    world.fault_at_lever(slow).await;
    let stop = CancellationToken::new();
    let server = tokio::spawn(job::dispatch(world.second_process().await, stop.clone()));
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    soon("it looks at the candidate", async || look(&world).await.1 == 1).await;
    let (before, _) = look(&world).await;
    world.advance(MOST_OF_A_LEASE);
    // Its heart beats by no clock of ours.
    soon("it says that it is still at it", async || look(&world).await.0 > before).await;
    world.advance(MOST_OF_A_LEASE);
    world.drain().await;
    assert_eq!(look(&world).await.1, 1, "nobody else began it");
    stop.cancel();
    server.await.expect("without a panic");
}

/// The server starts on what is due, and is gone in the middle of it.
async fn starts_and_dies(world: &World) {
    let engine = world.second_process().await;
    let before = begun(world).await;
    let server = tokio::spawn(async move { job::drain(&engine).await });
    while begun(world).await == before {
        assert!(!server.is_finished(), "it has something to send");
        tokio::task::yield_now().await;
    }
    server.abort();
    server.await.expect_err("it died in the middle");
}

#[tokio::test]
async fn work_that_kills_its_server_each_time_is_set_aside_and_can_be_done_again() {
    let (world, _) = World::attached().await;
    let stuck = json!({ "path_prefix": "/api/invites", "kind": { "delay": { "ms": 20_000 } } });
    world.fault_at_canditech(stuck).await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    for _ in 0..5 {
        starts_and_dies(&world).await;
        world.advance(ASLEEP);
    }
    world.drain().await;
    let left = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    let aside = left.iter().find(|job| job.kind == "send").expect("the send is listed");
    assert_eq!(aside.state, "dead", "{aside:?}");
    let why = aside.last_error.as_deref().unwrap_or_default();
    assert_eq!(why, "set aside: 5 times its server went away in the middle of it");
    let row = world.the_invite().await;
    assert!(matches!(row.state, InviteState::Unclear | InviteState::Failed) && row.reason.is_some(), "{row:?}");

    // Others are served meanwhile, and a person may have it done again.
    world.forget_faults_at_canditech().await;
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    world.until("the other is noted", async || world.note_says(&ben, &["Status: Sent"]).await).await;
    job::replay(&world.engine, &world.admin, &aside.id).await.expect("it is done again");
    let twice = job::replay(&world.engine, &world.admin, &aside.id).await;
    assert!(matches!(twice, Err(FlowError::Conflict)));
    world.drain().await;
    let left = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    assert!(left.iter().all(|job| job.state != "dead"), "{left:?}");
}

#[tokio::test]
async fn a_start_that_came_to_an_end_makes_up_for_those_that_did_not() {
    let (world, _) = World::attached().await;
    let stuck = json!({ "path_prefix": "/api/invites", "kind": { "delay": { "ms": 20_000 } } });
    for round in 0..3 {
        world.fault_at_canditech(stuck.clone()).await;
        if round == 0 {
            let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
            world.moves_to_stage(&ada).await;
        }
        for _ in 0..3 {
            starts_and_dies(&world).await;
            world.advance(ASLEEP);
        }
        world.forget_faults_at_canditech().await;
        let down = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
        world.fault_at_canditech(down).await;
        world.drain().await;
        world.forget_faults_at_canditech().await;
        world.advance(Duration::from_secs(600));
    }
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn standing_work_that_kills_its_server_is_set_aside_too() {
    let world = World::connected().await;
    world.drain().await;
    let mut tx = world.engine.db.write().await.expect("a transaction");
    let now = world.engine.clock.now();
    job::enqueue(&mut tx, &world.admin.organization, &Work::SyncLever, now, None).await.expect("enqueues");
    sqlx::query("UPDATE jobs SET due_at = $1, lease_token = 'gone', broken = 4 WHERE kind = 'sync_lever'")
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .expect("one row");
    tx.commit().await.expect("commits");
    world.drain().await;
    let left = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    assert!(left.iter().any(|job| job.kind == "sync_lever" && job.state == "dead"), "{left:?}");
}
