//! The queue: once, again when asked meanwhile, and a dispatcher that stops without losing anything.

use std::time::Duration;

use engine::{
    clock::Moment,
    invite::InviteState,
    job::{self, WaitsFor, Work},
    live::Change,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, soon};

async fn enqueue(world: &World, work: &Work, due: Moment) {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    job::enqueue(&mut tx, &world.admin.organization, work, due, None).await.expect("enqueues");
    tx.commit().await.expect("commits");
}

async fn open_jobs(world: &World) -> Vec<job::JobRow> {
    job::unfinished(&world.engine, &world.admin, 100).await.expect("the list")
}

#[tokio::test]
async fn the_same_work_is_enqueued_once_and_the_earlier_time_counts() {
    let world = World::new().await;
    let work = Work::Reconcile { opportunity: "o1".into() };
    let now = world.engine.clock.now();
    enqueue(&world, &work, now.after(Duration::from_secs(600))).await;
    enqueue(&world, &work, now.after(Duration::from_secs(60))).await;
    enqueue(&world, &work, now.after(Duration::from_secs(900))).await;
    let jobs = open_jobs(&world).await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].due_at, Some(now.after(Duration::from_secs(60))));
}

#[tokio::test]
async fn work_without_a_connection_waits_and_is_woken() {
    let world = World::new().await;
    enqueue(&world, &Work::Reconcile { opportunity: "o1".into() }, world.engine.clock.now()).await;
    assert_eq!(world.drain().await, 1);
    assert_eq!(open_jobs(&world).await[0].state, "waiting");
    let mut tx = world.engine.db.write().await.expect("a transaction");
    let organization = &world.admin.organization;
    let now = world.engine.clock.now();
    assert_eq!(job::wake(&mut tx, organization, WaitsFor::Provider, now).await.expect("wakes"), 0);
    assert_eq!(job::wake(&mut tx, organization, WaitsFor::Lever, now).await.expect("wakes"), 1);
    tx.commit().await.expect("commits");
    assert_eq!(world.drain().await, 1);
}

#[tokio::test]
async fn the_dispatcher_carries_a_candidate_through_and_stops() {
    let (world, _) = World::attached().await;
    let mut news = world.engine.live.listen();
    let stop = CancellationToken::new();
    let dispatcher = tokio::spawn(job::dispatch(world.in_time(), stop.clone()));
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let sent = async {
        loop {
            let (_, change) = news.recv().await.expect("news");
            if matches!(change, Change::Invite { .. }) && world.the_invite().await.state == InviteState::Sent {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), sent).await.expect("it is sent");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), dispatcher).await.expect("it stops").expect("without a panic");
}

#[tokio::test]
async fn two_dispatchers_send_each_candidate_one_invite() {
    let (world, _) = World::attached().await;
    let stop = CancellationToken::new();
    let dispatchers = [(), ()].map(|()| tokio::spawn(job::dispatch(world.in_time(), stop.clone())));
    let mut news = world.engine.live.listen();
    for n in 0..5 {
        let email = format!("candidate.{n}@mail.example");
        let id = world.applies(&format!("Candidate {n}"), Some(&email), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
    }
    let all_sent = async {
        while world.invites().await.iter().filter(|row| row.state == InviteState::Sent).count() < 5 {
            news.recv().await.expect("news");
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all_sent).await.expect("all are sent");
    stop.cancel();
    for dispatcher in dispatchers {
        dispatcher.await.expect("without a panic");
    }
    assert_eq!(world.sent().await.len(), 5);
}

#[tokio::test]
async fn a_burst_of_moves_costs_two_calls_to_lever_each() {
    let (world, _) = World::attached().await;
    let reads = async || world.asked_of_lever("GET", "/v1/opportunities").await;
    let notes = async || world.asked_of_lever("POST", "/v1/opportunities").await;
    let stop = CancellationToken::new();
    let dispatcher = tokio::spawn(job::dispatch(world.in_time(), stop.clone()));
    // The poll at the start asks twice: with confidential ones, which is refused, and without.
    soon("the poll at the start", async || reads().await == 2).await;
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": 12, "posting": POSTING })).await;
    let body = json!({ "opportunities": made["opportunities"], "stage": world.stage });
    world.lever("/sandbox/bulk-move", body).await;
    soon("all are noted", async || notes().await == 12).await;
    stop.cancel();
    dispatcher.await.expect("without a panic");
    assert_eq!(world.sent().await.len(), 12);
    assert_eq!((reads().await, notes().await), (2 + 12, 12));
}
