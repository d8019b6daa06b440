//! A webhook that is silent, gone or bent: seen by asking, told on the checklist, mended by a person.

use std::time::Duration;

use engine::{
    checklist::{self, StepKind, StepState},
    connection::{self, HookFound},
    invite::InviteState,
};
use serde_json::{Value, json};

use crate::{
    connect_person::{NORA, Person},
    connect_webhook::{SETTINGS, by_hand, form, made_by_hand},
    world::{POSTING, PYTHON, Sender, World},
};

const POLL: Duration = Duration::from_secs(301);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn step(world: &World, kind: StepKind) -> (StepState, String) {
    let steps = checklist::checklist(&world.engine, &world.admin).await.expect("the steps");
    let step = steps.into_iter().find(|step| step.kind == kind).expect("every step");
    (step.state, step.proof)
}

async fn arrives(world: &World) -> StepState {
    step(world, StepKind::StageChangesArrive).await.0
}

/// Somebody enters the stage.
async fn enters(world: &World, email: &str) -> String {
    let id = world.applies("Ada Example", Some(email), Some(POSTING)).await;
    world.moves(&id, &world.stage).await;
    id
}

async fn heard_of_one(world: &World) {
    enters(world, "first@mail.example").await;
    world.hear(Sender::Lever).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(arrives(world).await, StepState::Done);
    world.advance(Duration::from_secs(60));
}

async fn looks(world: &World) -> usize {
    world.asked_of_lever("GET", "/v1/webhooks").await
}

async fn changes(world: &World, what: Value) {
    world.lever("/sandbox/webhooks/change", what).await;
}

async fn found(world: &World) -> HookFound {
    connection::look_at_webhooks(&world.engine, &world.admin).await.expect("Lever answers")
}

#[tokio::test]
async fn a_silent_webhook_is_seen_within_one_poll_and_an_event_ends_it() {
    let (world, _) = World::attached().await;
    heard_of_one(&world).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    enters(&world, "second@mail.example").await;
    let before = looks(&world).await;
    world.advance(POLL);
    world.until("the second is sent", async || world.sent().await.len() == 2).await;
    let (state, proof) = step(&world, StepKind::StageChangesArrive).await;
    assert_eq!(state, StepState::Attention, "{proof}");
    assert!(proof.contains("was found by asking; no webhook told of it"), "{proof}");
    let chain = checklist::chain(&world.engine, &world.admin).await.expect("the chain");
    assert!(!chain.well && chain.sentence.contains("found by asking"), "{chain:?}");
    assert_eq!(looks(&world).await - before, 1, "Lever's list was looked at, once");
    assert_eq!(found(&world).await, HookFound::InOrder);

    // The gap keeps its beginning, and more of it costs no more than a look with each poll.
    world.advance(POLL);
    enters(&world, "third@mail.example").await;
    world.advance(POLL);
    world.until("the third is sent", async || world.sent().await.len() == 3).await;
    assert_eq!(step(&world, StepKind::StageChangesArrive).await.1, proof);
    assert_eq!(looks(&world).await - before, 3, "the button's and the poll's");

    world.lever("/sandbox/webhooks/mode", json!({})).await;
    enters(&world, "fourth@mail.example").await;
    world.hear(Sender::Lever).await;
    assert_eq!(arrives(&world).await, StepState::Done);
    // Later polls see the same moves, and that is no new gap.
    world.advance(POLL);
    world.drain().await;
    assert_eq!(arrives(&world).await, StepState::Done);
}

#[tokio::test]
async fn a_webhook_that_is_late_is_no_gap() {
    let (world, _) = World::attached().await;
    heard_of_one(&world).await;
    world.lever("/sandbox/webhooks/mode", json!({ "hold": true })).await;
    world.advance(POLL - Duration::from_secs(90));
    world.drain().await;
    enters(&world, "late@mail.example").await;
    world.advance(Duration::from_secs(90));
    world.until("it is found", async || world.sent().await.len() == 2).await;
    assert_eq!(arrives(&world).await, StepState::Done, "it may still be on its way");
    world.lever("/sandbox/webhooks/release", json!({})).await;
    world.lever("/sandbox/webhooks/mode", json!({})).await;
    world.hear(Sender::Lever).await;
    world.advance(POLL);
    world.drain().await;
    assert_eq!(arrives(&world).await, StepState::Done);
}

#[tokio::test]
async fn a_toggle_that_is_off_in_lever_is_told_and_one_that_is_on_again_too() {
    let world = by_hand().await;
    let nora = Person::at_lever(&world, NORA).await;
    let (verify, token) = made_by_hand(&world, &nora).await;
    connection::paste_signature_token(&world.engine, &world.admin, &token).await.expect("taken");
    assert!(nora.posts(&verify, &[]).await.contains("works"));
    world.connect_provider(engine::provider::Protocol::Canditech).await;
    world.attach(Some(POSTING), PYTHON).await;
    heard_of_one(&world).await;
    let event = ("event", "candidateStageChange");
    nora.posts(&format!("{SETTINGS}/switch"), &form(&[event])).await;
    enters(&world, "second@mail.example").await;
    world.advance(POLL);
    world.until("the second is sent", async || world.sent().await.len() == 2).await;
    assert_eq!(arrives(&world).await, StepState::Attention);
    assert_eq!(step(&world, StepKind::Verified).await.0, StepState::Done, "a ping proves no toggle");
    assert_eq!(looks(&world).await, 0, "Lever's list shows nobody what was made by hand");
    nora.posts(&format!("{SETTINGS}/switch"), &form(&[event, ("enabled", "on")])).await;
    enters(&world, "third@mail.example").await;
    world.hear(Sender::Lever).await;
    assert_eq!(arrives(&world).await, StepState::Done);
}

#[tokio::test]
async fn whoever_begins_in_an_attached_stage_is_no_gap() {
    let (world, _) = World::attached().await;
    heard_of_one(&world).await;
    let made = json!({ "name": "Bea", "email": "bea@mail.example", "posting": POSTING, "stage": world.stage });
    world.lever("/sandbox/candidates", made).await;
    world.advance(POLL);
    world.until("sent all the same", async || world.sent().await.len() == 2).await;
    assert_eq!(arrives(&world).await, StepState::Done);
}

#[tokio::test]
async fn a_webhook_that_is_deleted_in_lever_is_seen_by_the_next_poll_and_made_anew_by_a_person() {
    let (world, _) = World::attached().await;
    heard_of_one(&world).await;
    changes(&world, json!("remove")).await;
    assert_eq!(step(&world, StepKind::WebhookCreated).await.0, StepState::Done, "nobody could know yet");
    world.advance(POLL);
    world.drain().await;
    let (state, proof) = step(&world, StepKind::WebhookCreated).await;
    assert_eq!(state, StepState::Attention);
    assert!(proof.contains("no longer in Lever's list"), "{proof}");
    let in_lever = async || world.lever_state().await["webhooks"].as_array().map_or(0, Vec::len);
    assert_eq!(in_lever().await, 0, "nothing is made by itself");
    connection::create_webhook(&world.engine, &world.admin).await.expect("made");
    assert_eq!(in_lever().await, 1);
    assert_eq!(step(&world, StepKind::WebhookCreated).await.0, StepState::Done);
    enters(&world, "second@mail.example").await;
    world.hear(Sender::Lever).await;
    world.until("the second is sent", async || world.sent().await.len() == 2).await;
}

#[tokio::test]
async fn a_webhook_that_is_bent_is_told_and_replaced_by_one() {
    let world = World::connected().await;
    assert_eq!(found(&world).await, HookFound::InOrder);
    for (change, expected) in [
        (json!({ "url": "https://elsewhere.example/hook" }), HookFound::Elsewhere),
        (json!({ "origins": ["applied"] }), HookFound::Narrowed),
        (json!("remove"), HookFound::Missing),
    ] {
        changes(&world, change).await;
        assert_eq!(found(&world).await, expected);
        assert_eq!(step(&world, StepKind::WebhookCreated).await.0, StepState::Attention);
        connection::create_webhook(&world.engine, &world.admin).await.expect("made anew");
        assert_eq!(world.lever_state().await["webhooks"].as_array().map(Vec::len), Some(1), "{expected:?}");
        assert_eq!(found(&world).await, HookFound::InOrder);
    }
}

#[tokio::test]
async fn a_list_that_may_not_be_read_is_remembered_and_not_asked_for_again() {
    let (world, _) = World::attached().await;
    heard_of_one(&world).await;
    world
        .fault_at_lever(
            json!({ "path_prefix": "/v1/webhooks", "method": "GET", "kind": { "status": { "code": 403 } } }),
        )
        .await;
    assert_eq!(found(&world).await, HookFound::Forbidden);
    assert_eq!(step(&world, StepKind::WebhookCreated).await.0, StepState::Done);
    let before = looks(&world).await;
    for _ in 0..3 {
        world.advance(DAY);
        world.drain().await;
    }
    assert_eq!(looks(&world).await, before);
}
