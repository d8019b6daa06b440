//! The partner protocol: it cannot recognise a repeated send, so a lost answer is put before a person, and
//! its callbacks say nothing but that something happened.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{
    access::Role,
    delivery::{self, Received},
    invite::{self, Decision, InviteState, Row},
    job,
    provider::{self, AccountOverview, AccountState, CallbackHeaders, OtherProtocol, Protocol},
};
use serde_json::{Value, json};

use crate::world::{NOBODY, POSTING, Sender, World, add_user};

const ADA: &str = "ada@mail.example";
const PARTNER: Protocol = Protocol::GreenhousePartner;

/// Ada is moved while a send goes wrong in this way; what is due was done.
async fn moved_while(kind: Value) -> (World, String) {
    let (world, _) = World::attached_over(PARTNER).await;
    let fault = json!({ "path_prefix": "/greenhouse/send_test", "kind": kind, "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    (world, ada)
}

async fn sent() -> (World, String, Row) {
    let (world, _) = World::attached_over(PARTNER).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    (world, ada, row)
}

async fn decide(world: &World, row: &Row, decision: Decision) {
    let ids = [row.id.clone()];
    let done = invite::decide(&world.engine, &world.admin, &ids, decision).await.expect("a Super Admin may");
    assert_eq!(done, 1);
}

/// The address at which an account is called back, without what leads to it.
fn endpoint(account: &AccountOverview) -> String {
    account.callback_url.rsplit('/').next().expect("an endpoint").to_owned()
}

fn basic(key: &str) -> CallbackHeaders {
    let authorization = format!("Basic {}", STANDARD.encode(format!("{key}:")));
    CallbackHeaders { authorization, ..CallbackHeaders::default() }
}

#[tokio::test]
async fn a_lost_answer_is_put_before_a_person_and_never_repeated() {
    let kinds = [json!("drop_after"), json!("truncated"), json!("html200"), json!({ "status": { "code": 502 } })];
    for kind in kinds {
        let went_out = usize::from(kind == json!("drop_after") || kind == json!("truncated"));
        let (world, ada) = moved_while(kind.clone()).await;
        let row = world.until_state(InviteState::Unclear).await;
        assert!(row.reason.is_some_and(|reason| reason.contains("Nobody can tell")), "{kind}");
        for _ in 0..5 {
            world.advance(Duration::from_secs(3_600));
            world.drain().await;
        }
        world.moves(&ada, "offer").await;
        world.moves_to_stage(&ada).await;
        world.drain().await;
        assert_eq!(
            (world.the_invite().await.state, world.sent().await.len()),
            (InviteState::Unclear, went_out),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn the_persons_word_sends_it_again_once() {
    let (world, _) = moved_while(json!("drop_before")).await;
    let row = world.until_state(InviteState::Unclear).await;
    decide(&world, &row, Decision::Send).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_callback_for_what_was_unclear_proves_that_it_was_sent() {
    let (world, _) = moved_while(json!("drop_after")).await;
    world.until_state(InviteState::Unclear).await;
    world.canditech("/sandbox/callbacks/mode", json!({ "duplicate": true })).await;
    world.submits(ADA, Some(87)).await;
    for _ in 0..2 {
        assert_eq!(world.hear(Sender::Canditech).await.received, Received::Accepted);
        world.drain().await;
    }
    let row = world.the_invite().await;
    assert_eq!(row.state, InviteState::Sent);
    assert!(row.reason.is_some_and(|reason| reason.contains("look for the result there")));
    let timeline = world.detail(&row.id).await.timeline;
    assert_eq!(timeline.iter().filter(|entry| entry.kind == "problem").count(), 1, "told once: {timeline:?}");
}

#[tokio::test]
async fn a_process_that_dies_in_the_middle_of_a_send_leaves_it_unclear() {
    let (world, _) = World::attached_over(PARTNER).await;
    let slow = json!({ "path_prefix": "/greenhouse/send_test", "kind": { "delay": { "ms": 60_000 } }, "times": 1 });
    world.fault_at_canditech(slow).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let engine = world.engine.clone();
    let process = tokio::spawn(async move { job::drain(&engine).await });
    while intents(&world).await == 0 {
        tokio::task::yield_now().await;
    }
    process.abort();
    process.await.expect_err("it died in the middle of its call");
    job::take_over(&world.engine).await.expect("taken over");
    world.until_state(InviteState::Unclear).await;
}

async fn intents(world: &World) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM invites WHERE send_intent_at IS NOT NULL")
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable")
}

#[tokio::test]
async fn what_surely_did_not_go_out_is_tried_again_by_itself() {
    let (world, _) = moved_while(json!({ "status": { "code": 429, "retry_after": 30 } })).await;
    assert_eq!(world.the_invite().await.state, InviteState::Queued);
    world.advance(Duration::from_secs(120));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_leaves_nothing_unclear() {
    let (world, _) = World::attached_over(PARTNER).await;
    let nowhere = world.speak_at(PARTNER, &format!("http://{NOBODY}/greenhouse"), OtherProtocol::Ask).await;
    assert_eq!(nowhere.expect("saved").state, AccountState::Unreachable);
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    assert_eq!((world.the_invite().await.state, intents(&world).await), (InviteState::Queued, 0));
    world.connect_provider(PARTNER).await;
    world.advance(Duration::from_secs(3_600));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn each_invite_has_a_callback_address_of_its_own() {
    let (world, _, row) = sent().await;
    let account = world.account().await;
    assert_eq!(account.callback_secret, None, "there is none to hand over");
    world.submits(ADA, Some(87)).await;
    let arrival = world.hear(Sender::Canditech).await;
    let endpoint = endpoint(&account);
    assert_eq!(arrival.endpoint, format!("{endpoint}/{}", row.id));
    assert!(endpoint.len() >= 32, "unguessable: {endpoint}");
    assert!(arrival.body.is_empty());
}

#[tokio::test]
async fn a_forged_callback_is_refused_and_the_genuine_one_counts() {
    let (world, ada, _) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "forge": true })).await;
    world.submits(ADA, Some(87)).await;
    let heard = [world.hear(Sender::Canditech).await.received, world.hear(Sender::Canditech).await.received];
    assert_eq!(heard, [Received::Refused, Received::Accepted]);
    world.until("the score is noted", async || world.note_says(&ada, &["Score: 87"]).await).await;
}

#[tokio::test]
async fn only_the_key_at_the_right_address_is_believed() {
    let (world, _, row) = sent().await;
    let account = world.account().await;
    let endpoint = endpoint(&account);
    let send = async |protocol, address: &str, headers: &CallbackHeaders, body: &[u8]| {
        delivery::receive_provider(&world.engine, protocol, address, headers, body).await.expect("the database works")
    };
    let (own, key) = (format!("{endpoint}/{}", row.id), basic("ctk_demo_org_key"));
    let before = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    for headers in [CallbackHeaders::default(), basic(""), basic("ctk_demo_org_ke"), basic("ctk_demo_list_only")] {
        assert_eq!(send(PARTNER, &own, &headers, b"").await, Received::Refused);
    }
    assert_eq!(send(PARTNER, &format!("nowhere/{}", row.id), &key, b"").await, Received::Refused);
    assert_eq!(send(Protocol::Canditech, &endpoint, &key, b"{}").await, Received::Refused, "another protocol");
    assert_eq!(send(PARTNER, &endpoint, &key, b"").await, Received::Malformed, "no invite is named");
    assert_eq!(send(PARTNER, &format!("{endpoint}/{}", "x".repeat(300)), &key, b"").await, Received::Malformed);
    let after = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len();
    assert_eq!(before, after, "nothing of these was stored");
    assert_eq!(send(PARTNER, &format!("{endpoint}/inv_unknown"), &key, b"").await, Received::Accepted);
    let newest = delivery::list(&world.engine, &world.admin, None, 1).await.expect("the list").remove(0);
    assert_eq!(newest.outcome.as_deref(), Some("Unknown invite"));
    assert_eq!(send(PARTNER, &own, &key, b"").await, Received::Accepted);
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Sent, "a callback is a hint, not a result");
}

/// The address at which the provider's account of an organization of its own is called back.
async fn endpoint_of_another_company(world: &World) -> String {
    let boss = add_user(&world.engine, "Other Company", "boss@other.example", Role::SuperAdmin).await;
    let base = world.account().await.base_url;
    let key = Some("ctk_demo_org_key".to_owned().into());
    provider::save_and_test(&world.engine, &boss, PARTNER, &base, key, OtherProtocol::Ask).await.expect("an account");
    let account = provider::account(&world.engine, &boss).await.expect("readable").expect("an account");
    endpoint(&account)
}

#[tokio::test]
async fn another_companys_callback_about_our_invite_changes_nothing() {
    let (world, ada, row) = sent().await;
    let theirs = endpoint_of_another_company(&world).await;
    world.drain().await;
    let version_and_questions =
        async || (world.the_invite().await.version, world.asked_of_canditech("GET", "/greenhouse/test_status").await);
    let before = version_and_questions().await;
    let address = format!("{theirs}/{}", row.id);
    let received =
        delivery::receive_provider(&world.engine, PARTNER, &address, &basic("ctk_demo_org_key"), b"{}").await;
    assert_eq!(received.expect("the database works"), Received::Accepted, "it is theirs, and about nobody they know");
    world.drain().await;
    assert_eq!(version_and_questions().await, before);
    assert!(world.note_says(&ada, &["Status: Sent"]).await);
}

#[tokio::test]
async fn repeated_callbacks_change_nothing() {
    let (world, ada, row) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "duplicate": true })).await;
    world.submits(ADA, Some(87)).await;
    for _ in 0..2 {
        assert_eq!(world.hear(Sender::Canditech).await.received, Received::Accepted);
        world.drain().await;
    }
    world.until("the score is noted", async || world.note_says(&ada, &["Score: 87"]).await).await;
    let timeline = world.detail(&row.id).await.timeline;
    assert_eq!(timeline.iter().filter(|entry| entry.kind == "completed").count(), 1, "{timeline:?}");
}

#[tokio::test]
async fn a_result_that_no_callback_told_is_asked_for() {
    let (world, ada, _) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    world.submits(ADA, None).await;
    world.advance(Duration::from_secs(16 * 60));
    world.until_state(InviteState::Completed).await;
    world.until("no score is no zero", async || world.note_says(&ada, &["Score: pending"]).await).await;
    world.canditech("/sandbox/rescore", json!({ "invite": ADA, "score": 62 })).await;
    world.advance(Duration::from_secs(7 * 3600));
    world.until("the late score is noted", async || world.note_says(&ada, &["Score: 62"]).await).await;
}

#[tokio::test]
async fn a_refused_key_makes_it_wait_and_a_good_one_sends_it_once() {
    let (world, _) = moved_while(json!({ "status": { "code": 401 } })).await;
    assert_eq!(world.until_state(InviteState::Waiting).await.reason.map(|reason| reason.is_empty()), Some(false));
    assert_eq!(world.account().await.state, AccountState::Refused);
    world.connect_provider(PARTNER).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_test_that_is_gone_and_a_refusal_fail_with_words() {
    for code in [404, 422, 409] {
        let (world, _) = moved_while(json!({ "status": { "code": code } })).await;
        let row = world.until_state(InviteState::Failed).await;
        assert!(row.reason.is_some_and(|reason| !reason.is_empty()), "{code}");
        assert_eq!(world.sent().await.len(), 0);
    }
}
