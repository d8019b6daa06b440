//! Lever is down: an account's work waits behind one probe, in all processes, and all of it goes on within
//! a minute of the end. Nobody else notices.

use std::time::Duration;

use engine::{
    checklist::{self, StepKind, StepState},
    lever::{Api, LeverError},
};
use serde_json::{Value, json};

use crate::world::{POSTING, World};

const OPPORTUNITIES: &str = "/v1/opportunities";
const STEP: Duration = Duration::from_secs(10);

fn down() -> Value {
    json!({ "path_prefix": "/v1", "kind": { "status": { "code": 503 } } })
}

async fn moved(world: &World, n: usize) -> Vec<String> {
    let mut all = Vec::new();
    for n in 0..n {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        all.push(id);
    }
    all
}

async fn all_noted(world: &World, all: &[String]) -> bool {
    for id in all {
        if !world.note_says(id, &["Status: Sent"]).await {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn an_hour_of_outage_is_asked_about_seldom_and_over_within_a_minute() {
    let (world, _) = World::attached().await;
    world.fault_at_lever(down()).await;
    let all = moved(&world, 6).await;
    let before = world.asked_of_lever("GET", "/v1").await;
    for _ in 0..360 {
        world.drain().await;
        world.advance(STEP);
    }
    // A probe comes every 10 to 30 seconds; a few calls more found out that it is down.
    let asked = world.asked_of_lever("GET", "/v1").await - before;
    assert!((120..=370).contains(&asked), "{asked} calls in an hour");
    assert_eq!(world.sent().await.len(), 0);
    world.forget_faults_at_lever().await;
    for _ in 0..6 {
        world.advance(STEP);
        world.drain().await;
    }
    assert!(all_noted(&world, &all).await, "{:#?}", world.invites().await);
    assert_eq!(world.sent().await.len(), all.len());
}

/// Lever fails until we know that it is down.
async fn goes_down(world: &World) {
    world.fault_at_lever(down()).await;
    let api = Api::new(&world.engine, &world.admin.organization);
    for _ in 0..3 {
        let failed = api.stage(&world.stage.as_str().into()).await;
        assert!(matches!(failed, Err(LeverError::Temporary(_))), "{failed:?}");
    }
}

#[tokio::test]
async fn what_one_process_found_out_the_other_knows() {
    let world = World::connected().await;
    let other = world.second_process().await;
    goes_down(&world).await;
    let asked = world.asked_of_lever("GET", "/v1").await;
    let there = Api::new(&other, &world.admin.organization);
    let put_off = there.stage(&world.stage.as_str().into()).await;
    assert!(matches!(put_off, Err(LeverError::Down { wait }) if (10..=30).contains(&wait.as_secs())), "{put_off:?}");
    assert_eq!(world.asked_of_lever("GET", "/v1").await, asked, "Lever is left alone");

    // Of many who come when it is time, one asks.
    world.advance(Duration::from_secs(30));
    let calls = (0..20).map(|n| {
        let engine = if n % 2 == 0 { &world.engine } else { &other };
        let (api, stage) = (Api::new(engine, &world.admin.organization), world.stage.as_str().into());
        tokio::spawn(async move { api.stage(&stage).await })
    });
    for call in calls.collect::<Vec<_>>() {
        let put_off = call.await.expect("no panic");
        assert!(matches!(put_off, Err(LeverError::Down { .. })), "{put_off:?}");
    }
    assert_eq!(world.asked_of_lever("GET", "/v1").await, asked + 1);

    // Answered, it is over for both.
    world.forget_faults_at_lever().await;
    world.advance(Duration::from_secs(30));
    for engine in [&other, &world.engine] {
        let api = Api::new(engine, &world.admin.organization);
        assert!(api.stage(&world.stage.as_str().into()).await.expect("an answer").is_some());
    }
}

#[tokio::test]
async fn an_outage_stands_on_the_checklist_while_it_lasts() {
    let world = World::connected().await;
    let connected = async || {
        let steps = checklist::checklist(&world.engine, &world.admin).await.expect("the steps");
        steps.into_iter().find(|step| step.kind == StepKind::Connected).expect("the step")
    };
    assert_eq!(connected().await.state, StepState::Done);
    let since = world.engine.clock.now();
    goes_down(&world).await;
    let step = connected().await;
    assert_eq!((step.state, step.at), (StepState::Attention, Some(since)));
    assert!(step.proof.contains("does not answer"), "{}", step.proof);
    let chain = checklist::chain(&world.engine, &world.admin).await.expect("the chain");
    assert!(!chain.well && chain.sentence.starts_with("Lever does not answer"), "{chain:?}");
    assert!(chain.stopped.is_none(), "nobody has to do anything");
    world.forget_faults_at_lever().await;
    world.advance(Duration::from_secs(30));
    Api::new(&world.engine, &world.admin.organization).stage(&world.stage.as_str().into()).await.expect("an answer");
    assert_eq!(connected().await.state, StepState::Done);
}

#[tokio::test]
async fn the_other_company_does_not_notice() {
    let (world, boss) = World::with_another_company().await;
    world.at_other("/sandbox/faults", down()).await;
    let theirs = Api::new(&world.engine, &boss.organization);
    let stage = world.stage.as_str().into();
    for _ in 0..3 {
        assert!(matches!(theirs.stage(&stage).await, Err(LeverError::Temporary(_))));
    }
    assert!(matches!(theirs.stage(&stage).await, Err(LeverError::Down { .. })));
    let ours = Api::new(&world.engine, &world.admin.organization);
    assert!(ours.stage(&stage).await.expect("an answer").is_some());
    let asked = world.asked_of_other("/v1").await.len();
    let chain = checklist::chain(&world.engine, &world.admin).await.expect("the chain");
    assert!(!chain.sentence.contains("does not answer"), "{chain:?}");
    world.forget_faults_at_other().await;
    world.advance(Duration::from_secs(30));
    theirs.stage(&stage).await.expect("an answer");
    assert_eq!(world.asked_of_other("/v1").await.len(), asked + 2, "one probe and the call");
}

#[tokio::test]
async fn a_candidate_whom_lever_always_fails_on_keeps_nobody_waiting_for_long() {
    let (world, _) = World::attached().await;
    let broken = world.applies("Broken Example", Some("broken@mail.example"), Some(POSTING)).await;
    let path = format!("{OPPORTUNITIES}/{broken}");
    world.fault_at_lever(json!({ "path_prefix": path, "kind": { "status": { "code": 500 } } })).await;
    world.moves_to_stage(&broken).await;
    for n in 0..30 {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        for _ in 0..4 {
            world.drain().await;
            world.advance(STEP);
        }
        assert!(world.note_says(&id, &["Status: Sent"]).await, "candidate {n} waits");
    }
    let asked = world.asked_of_lever("GET", &path).await;
    assert!(asked <= 40, "{asked} calls for the one in twenty minutes");
}
