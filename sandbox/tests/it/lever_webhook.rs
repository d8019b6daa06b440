//! Webhooks: made through the API and by hand, signed, repeated, misbehaving on demand.

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, StatusCode};
use sandbox::Seed;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::lever::{Lever, Tokens};
use crate::receiver::Receiver;

fn signed(delivery: &Value, key: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(delivery["token"].as_str().unwrap().as_bytes());
    mac.update(delivery["triggeredAt"].as_i64().unwrap().to_string().as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    delivery["signature"] == hex.as_str()
}

async fn subscribe(lever: &Lever, tokens: &Tokens, event: &str, url: &str) -> Value {
    let body = json!({ "event": event, "url": url, "configuration": { "verifyConnection": true } });
    let (status, answer) = lever.call(&tokens.access, Method::POST, "/v1/webhooks", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["data"].clone()
}

async fn move_to(lever: &Lever, opportunity: &str, stage: &str) {
    lever.admin("/sandbox/move", json!({ "opportunity": opportunity, "stage": stage })).await;
}

#[tokio::test]
async fn a_webhook_is_verified_at_creation_and_then_signs_what_it_sends() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    let made = subscribe(&lever, &tokens, "candidateStageChange", &receiver.url).await;
    let key = made["configuration"]["signatureToken"].as_str().unwrap();
    assert_eq!(key.len(), 48);
    let ping = receiver.wait(1).await.remove(0);
    assert_eq!(ping["data"], json!({}));
    assert!(signed(&ping, key));

    let id = lever.candidate("Ada Byron").await;
    move_to(&lever, &id, "offer").await;
    let delivery = receiver.wait(2).await.remove(1);
    assert!(signed(&delivery, key));
    assert_eq!(delivery["event"], "candidateStageChange");
    let data = &delivery["data"];
    assert_eq!((&data["fromStageId"], &data["toStageId"]), (&json!("applicant-new"), &json!("offer")));
    assert_eq!((&data["opportunityId"], &data["candidateId"]), (&json!(id), &json!(id)));

    let list = lever.get(&tokens.access, "/v1/webhooks").await;
    assert!(list.get("hasNext").is_none());
    assert!(list["data"][0]["configuration"].get("signatureToken").is_none());
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(lever.call(&tokens.access, Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_failed_ping_or_a_plain_address_makes_no_webhook() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    receiver.answer(302);
    for url in [receiver.url.as_str(), "http://hooks.example.com/a", "nonsense"] {
        let body = json!({ "event": "candidateHired", "url": url, "configuration": { "verifyConnection": true } });
        let (status, _) = lever.call(&tokens.access, Method::POST, "/v1/webhooks", Some(body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}");
    }
    assert_eq!(lever.get(&tokens.access, "/v1/webhooks").await["data"], json!([]));
}

#[tokio::test]
async fn a_change_through_the_api_raises_its_event_too() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    subscribe(&lever, &tokens, "candidateStageChange", &receiver.url).await;
    let path = format!("/v1/opportunities/{}/stage", lever.candidate("Ada Byron").await);
    lever.call(&tokens.access, Method::PUT, &path, Some(json!({ "stage": "offer" }))).await;
    assert_eq!(receiver.wait(2).await[1]["data"]["toStageId"], "offer");
}

#[tokio::test]
async fn hiring_raises_two_events_and_deleting_one() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    let events = ["candidateArchiveChange", "candidateHired", "applicationCreated", "candidateDeleted"];
    for event in events {
        subscribe(&lever, &tokens, event, &receiver.url).await;
    }
    let id = lever.candidate("Ada Byron").await;
    lever.admin("/sandbox/archive", json!({ "opportunity": id, "reason": "Hired" })).await;
    lever.admin("/sandbox/delete", json!({ "opportunity": id })).await;
    let arrived = receiver.wait(8).await.split_off(4);
    for event in events {
        assert_eq!(arrived.iter().filter(|one| one["event"] == event).count(), 1, "{event}");
    }
}

#[tokio::test]
async fn what_is_refused_is_sent_again_with_the_same_token_and_given_up_after_five_retries() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    subscribe(&lever, &tokens, "candidateStageChange", &receiver.url).await;
    lever.admin("/sandbox/webhooks/mode", json!({ "retry_ms": [1, 1, 1, 1, 1] })).await;
    receiver.answer(500);
    let id = lever.candidate("Ada Byron").await;
    move_to(&lever, &id, "offer").await;
    let arrived = receiver.wait(7).await.split_off(1);
    assert!(
        arrived.iter().all(|one| one["token"] == arrived[0]["token"] && one["signature"] == arrived[0]["signature"])
    );
    let failed = async {
        while lever.state().await["deliveries"][0]["state"] != "failed" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), failed).await.expect("it gives up");
    assert_eq!(receiver.count(), 7, "one ping, one attempt, five retries");
}

#[tokio::test]
async fn deliveries_can_be_doubled_dropped_held_and_turned_round() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    subscribe(&lever, &tokens, "candidateStageChange", &receiver.url).await;
    let id = lever.candidate("Ada Byron").await;
    lever.admin("/sandbox/webhooks/mode", json!({ "duplicate": 1 })).await;
    move_to(&lever, &id, "offer").await;
    let twice = receiver.wait(3).await;
    assert_eq!(twice[1], twice[2]);

    lever.admin("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    move_to(&lever, &id, "lead-new").await;
    lever.admin("/sandbox/webhooks/mode", json!({ "hold": true, "without_id": true })).await;
    move_to(&lever, &id, "lead-responded").await;
    move_to(&lever, &id, "offer").await;
    lever.admin("/sandbox/webhooks/release", json!({ "order": "newest" })).await;
    let arrived = receiver.wait(5).await.split_off(3);
    assert_eq!(arrived[0]["data"]["toStageId"], "offer");
    assert_eq!(arrived[1]["data"]["toStageId"], "lead-responded");
    assert!(arrived.iter().all(|one| one.get("id").is_none()));
}

#[tokio::test]
async fn a_webhook_made_by_hand_needs_its_switch_and_signs_with_the_accounts_token() {
    let (lever, receiver) = (Lever::start(Seed::Empty).await, Receiver::start().await);
    let tokens = lever.connect().await;
    let path = "/settings/integrations/webhooks";
    let form = [("event", "candidateStageChange"), ("url", receiver.url.as_str())];
    lever.ask(Method::POST, path).form(&form).send().await.unwrap();
    let state = lever.state().await;
    let webhook = state["webhooks"][0]["id"].as_str().unwrap();
    lever.ask(Method::POST, &format!("{path}/{webhook}/verify")).send().await.unwrap();
    let ping = receiver.wait(1).await.remove(0);
    let page = lever.ask(Method::GET, path).send().await.unwrap().text().await.unwrap();
    let key = page.split("value=\"").map(|part| &part[..48.min(part.len())]);
    let key = key.into_iter().find(|text| signed(&ping, text)).expect("the page shows the token that signed the ping");

    assert_eq!(lever.get(&tokens.access, "/v1/webhooks").await["data"], json!([]), "not the app's");
    let id = lever.candidate("Ada Byron").await;
    move_to(&lever, &id, "offer").await;
    let switch = [("event", "candidateStageChange"), ("enabled", "on")];
    lever.ask(Method::POST, &format!("{path}/switch")).form(&switch).send().await.unwrap();
    let page = lever.ask(Method::GET, path).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(">Verified<"));
    move_to(&lever, &id, "lead-new").await;
    let arrived = receiver.wait(2).await;
    assert_eq!(arrived[1]["data"]["toStageId"], "lead-new", "nothing was sent while the event was off");
    assert!(signed(&arrived[1], key));
}
