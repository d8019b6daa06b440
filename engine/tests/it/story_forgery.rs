//! What is not Lever's or the provider's changes nothing; what is theirs counts once.

use std::time::Duration;

use engine::{
    connection,
    delivery::{self, Received},
    invite::InviteState,
    provider::{CallbackHeaders, Protocol},
};
use serde_json::{Value, json};

use crate::world::{Arrival, POSTING, Sender, World};

const ADA: &str = "ada@mail.example";

async fn a_webhook(world: &World) -> (String, Arrival) {
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    (ada, world.hear(Sender::Lever).await)
}

async fn again(world: &World, arrival: &Arrival, change: impl FnOnce(&mut Value)) -> Received {
    let mut body: Value = serde_json::from_slice(&arrival.body).expect("JSON");
    change(&mut body);
    let body = serde_json::to_vec(&body).expect("JSON");
    delivery::receive_lever(&world.engine, &arrival.endpoint, &body).await.expect("the database works")
}

#[tokio::test]
async fn a_replayed_or_altered_webhook_is_harmless() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    assert_eq!(arrival.received, Received::Accepted);
    assert_eq!(again(&world, &arrival, |_| ()).await, Received::Repeated);
    let other = again(&world, &arrival, |body| body["data"]["opportunityId"] = json!("another")).await;
    assert_eq!(other, Received::Repeated, "the token counts once, whatever the data says");
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_stores_nothing() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    let before = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(again(&world, &arrival, |body| body["token"] = json!("f".repeat(48))).await, Received::Refused);
    assert_eq!(
        again(&world, &arrival, |body| body["triggeredAt"] = json!(1_790_000_000_000_i64)).await,
        Received::Refused
    );
    assert_eq!(again(&world, &arrival, |body| body["signature"] = json!("0".repeat(64))).await, Received::Refused);
    let unknown = delivery::receive_lever(&world.engine, "no-such-endpoint", &arrival.body).await;
    assert_eq!(unknown.expect("the database works"), Received::Refused);
    let after = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(before, after);
}

/// Every bit of a signature but one is right, or a part of the message is another's or missing.
fn forgeries(genuine: &Value) -> Vec<Value> {
    let signature = genuine["signature"].as_str().expect("a signature").to_owned();
    let mut all = Vec::new();
    for place in 0..signature.len() {
        for digit in "0123456789abcdef".chars().filter(|digit| !signature[place..].starts_with(*digit)) {
            let mut forged = signature.clone();
            forged.replace_range(place..=place, digit.encode_utf8(&mut [0; 4]));
            all.push(json!({ "signature": forged }));
        }
    }
    for signature in [String::new(), signature[..62].to_owned(), format!("{signature}00"), "z".repeat(64)] {
        all.push(json!({ "signature": signature }));
    }
    all.push(json!({ "token": "" }));
    all.push(json!({ "triggeredAt": 0 }));
    all
}

#[tokio::test]
async fn of_a_thousand_forgeries_none_is_taken_and_none_is_stored() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    let genuine: Value = serde_json::from_slice(&arrival.body).expect("JSON");
    let before = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    let all = forgeries(&genuine);
    assert!(all.len() > 950, "{} of them", all.len());
    for forged in all {
        let received = again(&world, &arrival, |body| {
            for (name, value) in forged.as_object().expect("members") {
                body[name] = value.clone();
            }
        });
        assert_eq!(received.await, Received::Refused, "{forged}");
    }
    let after = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_genuine_webhook_that_comes_a_day_late_is_acted_on() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.lever("/sandbox/webhooks/mode", json!({ "hold": true })).await;
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(23 * 3600));
    world.lever("/sandbox/webhooks/release", json!({ "order": "oldest" })).await;
    assert_eq!(world.hear(Sender::Lever).await.received, Received::Accepted);
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn what_is_no_message_is_malformed() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let huge = vec![b' '; delivery::MAX_BODY + 1];
    for (body, received) in [
        (&b"{"[..], Received::Malformed),
        (b"\xff\xfe", Received::Malformed),
        (b"{\"event\":\"x\0\"}", Received::Malformed),
        (&huge, Received::Malformed),
        // Where no signature can be, nothing more is read.
        (deep.as_bytes(), Received::Refused),
    ] {
        let told = delivery::receive_lever(&world.engine, &arrival.endpoint, body).await.expect("the database works");
        assert_eq!(told, received);
    }
    let nul = again(&world, &arrival, |body| body["data"]["opportunityId"] = json!("a\u{0}b")).await;
    assert_eq!(nul, Received::Malformed);
}

#[tokio::test]
async fn an_address_that_no_database_could_hold_is_unknown() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    for address in ["\0", "a\0b", "a\nb", "", "\u{fffd}", &"e".repeat(100_000)] {
        let received = delivery::receive_lever(&world.engine, address, &arrival.body).await;
        assert_eq!(received.expect("no failure of ours"), Received::Refused, "{address:.9?}");
        for protocol in [Protocol::Canditech, Protocol::GreenhousePartner] {
            for address in [address.to_owned(), format!("{address}/x"), format!("x/{address}")] {
                let headers = CallbackHeaders::default();
                let received = delivery::receive_provider(&world.engine, protocol, &address, &headers, b"{}").await;
                assert_eq!(received.expect("no failure of ours"), Received::Refused, "{protocol:?} {address:.9?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_signed_at_all_is_refused_and_counted_as_what_is_signed_wrongly() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    let refused = async || {
        world.engine.inbox.settle().await;
        let overview = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("connected");
        overview.refused_count
    };
    let before = refused().await;
    for part in ["signature", "token", "triggeredAt"] {
        let unsigned = again(&world, &arrival, |body| drop(body.as_object_mut().expect("members").remove(part)));
        assert_eq!(unsigned.await, Received::Refused, "without {part}");
    }
    assert_eq!(again(&world, &arrival, |body| body["signature"] = json!([])).await, Received::Refused);
    assert_eq!(again(&world, &arrival, |body| *body = json!(null)).await, Received::Refused);
    assert_eq!(refused().await - before, 5, "people see that something came");
}

#[tokio::test]
async fn an_empty_ping_is_a_ping_and_no_event() {
    let (world, _) = World::attached().await;
    let (_, arrival) = a_webhook(&world).await;
    let before = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(again(&world, &arrival, |body| body["data"] = json!({})).await, Received::Ping);
    let after = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_webhook_that_comes_days_late_is_refused() {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "hold": true })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(73 * 3600));
    world.lever("/sandbox/webhooks/release", json!({})).await;
    assert_eq!(world.hear(Sender::Lever).await.received, Received::Refused);
}

#[tokio::test]
async fn a_forged_or_repeated_callback_changes_nothing() {
    let (world, _) = World::attached().await;
    let (_, _) = a_webhook(&world).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    let arrival = loop {
        let arrival = world.hear(Sender::Canditech).await;
        if String::from_utf8_lossy(&arrival.body).contains("assessment.completed") {
            break arrival;
        }
    };
    assert_eq!(arrival.received, Received::Accepted);
    let send = async |endpoint: &str, headers, body: &[u8]| {
        delivery::receive_provider(&world.engine, Protocol::Canditech, endpoint, headers, body).await.expect("stored")
    };
    assert_eq!(send(&arrival.endpoint, &arrival.headers, &arrival.body).await, Received::Repeated);
    let altered = [arrival.body.as_slice(), b" "].concat();
    assert_eq!(send(&arrival.endpoint, &arrival.headers, &altered).await, Received::Refused);
    assert_eq!(send("no-such-endpoint", &arrival.headers, &arrival.body).await, Received::Refused);
    let mut moved = arrival.headers.clone();
    moved.id.push('x');
    assert_eq!(send(&arrival.endpoint, &moved, &arrival.body).await, Received::Refused);
    let row = world.until_state(InviteState::Completed).await;
    assert_eq!(row.score.map(|score| score.value), Some(87_000));
}
