//! Webhooks as the network makes them: reordered, rewritten, from a clock ahead of ours, or not at all.

use std::time::Duration;

use engine::{
    connection,
    delivery::{self, Received},
    invite::InviteState,
};
use serde_json::{Value, json};

use crate::world::{Arrival, POSTING, Sender, World, signed};

/// Takes a webhook in, written in another way.
async fn rewritten(world: &World, arrival: &Arrival, write: impl FnOnce(Value) -> String) -> Received {
    let body = write(serde_json::from_slice(&arrival.body).expect("JSON"));
    delivery::receive_lever(&world.engine, &arrival.endpoint, body.as_bytes()).await.expect("the database works")
}

/// The members of an object, the last first.
fn turned_round(value: &Value) -> String {
    let Value::Object(members) = value else { return value.to_string() };
    let members: Vec<String> =
        members.iter().rev().map(|(name, value)| format!("{} : {}", json!(name), turned_round(value))).collect();
    format!("{{\n\t{}\n}}", members.join(" ,\n\t"))
}

#[tokio::test]
async fn a_webhook_that_is_written_differently_is_the_same_webhook() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    let arrival = world.hear(Sender::Lever).await;
    assert_eq!(rewritten(&world, &arrival, |body| turned_round(&body)).await, Received::Repeated);
    let more = rewritten(&world, &arrival, |mut body| {
        body["unheardOf"] = json!({ "deep": [1, null, "x"] });
        body["data"]["also"] = json!(true);
        body.to_string()
    });
    assert_eq!(more.await, Received::Repeated);
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn of_histories_told_backwards_only_the_present_counts() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "hold": true })).await;
    let here = world.stage.as_str();
    let histories: [&[&str]; 6] = [
        &[here],
        &[here, "offer"],
        &["offer", here],
        &[here, "offer", here],
        &["offer"],
        &[here, "offer", here, "offer"],
    ];
    let mut due = Vec::new();
    let mut moves = 0;
    for round in 0..3 {
        for (n, history) in histories.iter().enumerate() {
            let email = format!("candidate.{round}.{n}@mail.example");
            let id = world.applies("Ada Example", Some(&email), Some(POSTING)).await;
            for stage in *history {
                world.moves(&id, stage).await;
                moves += 1;
            }
            if history.last() == Some(&here) {
                due.push(email);
            }
        }
    }
    world.lever("/sandbox/webhooks/release", json!({ "order": "newest" })).await;
    for _ in 0..moves {
        world.hear(Sender::Lever).await;
        world.drain().await;
    }
    world.until("all are sent", async || world.sent().await.len() >= due.len()).await;
    world.drain().await;
    let mut sent: Vec<String> =
        world.sent().await.iter().map(|invite| crate::world::text(&invite["candidate"]["email"])).collect();
    sent.sort();
    due.sort();
    assert_eq!(sent, due);
}

#[tokio::test]
async fn a_lever_whose_clock_is_ten_minutes_ahead_is_heard_and_one_a_day_ahead_is_not() {
    let (world, _) = World::attached().await;
    for (ahead, expected) in
        [(Duration::from_secs(600), Received::Accepted), (Duration::from_secs(25 * 3600), Received::Refused)]
    {
        let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
        world.lever("/sandbox/clock", json!({ "advance_ms": ahead.as_millis() })).await;
        world.moves(&ada, &world.stage).await;
        assert_eq!(world.hear(Sender::Lever).await.received, expected, "{ahead:?} ahead");
    }
}

#[tokio::test]
async fn a_webhook_that_is_off_for_two_hours_loses_nobody_and_repeats_nobody() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": 40, "posting": POSTING })).await;
    for opportunity in made["opportunities"].as_array().expect("a list") {
        world.moves(opportunity.as_str().expect("an id"), &world.stage).await;
        world.advance(Duration::from_secs(180));
    }
    world.until("all are sent", async || world.sent().await.len() == 40).await;
    // The webhook is back and tells of one of them again.
    world.lever("/sandbox/webhooks/mode", json!({})).await;
    let one = crate::world::text(&made["opportunities"][0]);
    for stage in ["offer", world.stage.as_str()] {
        world.moves(&one, stage).await;
        world.hear(Sender::Lever).await;
        world.drain().await;
    }
    assert_eq!(world.sent().await.len(), 40);
}

#[tokio::test]
async fn a_valid_signature_around_another_companys_candidate_shows_nobody_anything() {
    let (world, boss) = World::with_another_company().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    let key = "what the other company's Lever signs with";
    connection::paste_signature_token(&world.engine, &boss, key).await.expect("pasted");
    let theirs = connection::overview(&world.engine, &boss).await.expect("readable").expect("connected");
    let endpoint = theirs.webhook_url.rsplit('/').next().expect("an endpoint").to_owned();
    let asked = world.asked_of_lever("GET", &format!("/v1/opportunities/{ada}")).await;
    for n in 0..3 {
        let data = json!({ "opportunityId": ada, "toStageId": world.stage });
        let body = signed(key, &format!("token {n}"), world.engine.clock.now(), &data).to_string();
        let received = delivery::receive_lever(&world.engine, &endpoint, body.as_bytes()).await;
        assert_eq!(received.expect("the database works"), Received::Accepted, "it is theirs to say");
        world.drain().await;
    }
    // Asked with their own token, their Lever does not know her; ours was not asked.
    assert_eq!(world.asked_of_other(&format!("/v1/opportunities/{ada}")).await, [404, 404, 404]);
    assert_eq!(world.asked_of_lever("GET", &format!("/v1/opportunities/{ada}")).await, asked);
    assert_eq!((world.invites_for(&boss).await.len(), world.invites().await.len()), (0, 0));
    let told = delivery::list(&world.engine, &boss, None, 10).await.expect("the list");
    let outcomes: Vec<_> = told.iter().filter_map(|delivery| delivery.outcome.as_deref()).collect();
    assert_eq!(outcomes, ["Lever no longer shows this candidate"; 3], "each is told of");
    assert!(delivery::list(&world.engine, &world.admin, None, 10).await.expect("the list").is_empty());
}

#[tokio::test]
async fn of_webhooks_of_which_a_third_is_lost_nobody_is_left_out_and_nobody_repeated() {
    let (world, _) = World::attached().await;
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": 60, "posting": POSTING })).await;
    let (mut dice, mut lost) = (2026_u32, 0);
    for opportunity in made["opportunities"].as_array().expect("a list") {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let is_lost = (dice >> 16) % 3 == 0;
        world.lever("/sandbox/webhooks/mode", json!({ "drop": is_lost })).await;
        world.moves(opportunity.as_str().expect("an id"), &world.stage).await;
        if is_lost {
            lost += 1;
        } else {
            world.hear(Sender::Lever).await;
        }
    }
    assert!((10..=30).contains(&lost), "{lost} of 60 are lost");
    world.until_patiently("those that were heard of are sent", async || world.sent().await.len() == 60 - lost).await;
    world.advance(Duration::from_secs(301));
    world.until_patiently("all are sent", async || world.sent().await.len() == 60).await;
    let mut to: Vec<String> =
        world.sent().await.iter().map(|invite| crate::world::text(&invite["candidate"]["email"])).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 60, "one each");
}
