//! What is more than a day late: a few go out by themselves, many wait for somebody's word.

use std::time::Duration;

use engine::{
    attachment::{self, AttachmentState},
    id::AttachmentId,
    invite::{self, Decision, InviteState},
    settings::Settings,
};
use serde_json::{Value, json};

use crate::world::{POSTING, World};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// `n` candidates enter the stage, no webhook tells of it, and the poll finds them a day and an hour later.
async fn late(n: usize) -> World {
    late_at_an_attachment(n).await.0
}

async fn late_at_an_attachment(n: usize) -> (World, AttachmentId) {
    let (world, attachment) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": n, "posting": POSTING })).await;
    let all: Vec<Value> = made["opportunities"].as_array().expect("a list").clone();
    world.lever("/sandbox/bulk-move", json!({ "opportunities": all, "stage": world.stage })).await;
    world.advance(DAY + Duration::from_secs(3600));
    let waits = async || world.invites().await.iter().filter(|row| row.state == InviteState::Waiting).count() == n;
    world.until_patiently("they gather", waits).await;
    world.advance(Duration::from_secs(5 * 60 + 1));
    (world, attachment)
}

#[tokio::test]
async fn how_many_go_out_by_themselves_is_a_setting() {
    let (mut world, _) = late_at_an_attachment(2).await;
    let settings = Settings { late_at_once: 1, ..Settings::clone(&world.engine.settings) };
    world.engine.settings = settings.into();
    world.drain().await;
    assert_eq!(world.sent().await.len(), 0);
    assert_eq!(invite::awaiting_approval(&world.engine, &world.admin).await.expect("the list").len(), 2);
}

#[tokio::test]
async fn a_pause_does_not_stand_for_the_word_that_many_late_ones_wait_for() {
    let (world, id) = late_at_an_attachment(26).await;
    world.drain().await;
    for state in [AttachmentState::Paused, AttachmentState::Active] {
        let version = attachment::get(&world.engine, &world.admin, &id).await.expect("there").version;
        attachment::set_state(&world.engine, &world.admin, &id, state, version).await.expect("switched");
        world.advance(Duration::from_secs(60));
        world.drain().await;
    }
    assert_eq!(world.sent().await.len(), 0);
    let waiting = invite::awaiting_approval(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(waiting.len(), 26);
}

#[tokio::test]
async fn a_few_late_ones_go_out_by_themselves() {
    let world = late(2).await;
    world.until("both are sent", async || world.sent().await.len() == 2).await;
}

#[tokio::test]
async fn many_late_ones_wait_together_for_a_person() {
    let world = late(26).await;
    world.drain().await;
    assert_eq!(world.sent().await.len(), 0);
    let waiting = invite::awaiting_approval(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(waiting.len(), 26);
    let ids: Vec<_> = waiting.iter().map(|row| row.id.clone()).collect();
    let dropped = invite::decide(&world.engine, &world.admin, &ids[1..], Decision::Drop).await.expect("allowed");
    assert_eq!(dropped, 25);
    let sent = invite::decide(&world.engine, &world.admin, &ids[..1], Decision::Send).await.expect("allowed");
    assert_eq!(sent, 1);
    world.until("the chosen one is sent", async || world.sent().await.len() == 1).await;
    let states: Vec<_> = world.invites().await.iter().map(|row| row.state).collect();
    assert_eq!(states.iter().filter(|state| **state == InviteState::Cancelled).count(), 25);
}
