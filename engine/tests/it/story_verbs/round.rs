//! A retake, and another address for what was sent: the next round, once.

use std::time::Duration;

use engine::{
    fault::{FlowError, Refusal},
    id::InviteId,
    invite::{
        self, Filter, InviteState, Row,
        verb::{Request, Standing, Verb, Why},
    },
};
use serde_json::json;

use super::stage::{
    ADA, BETTER, ask, ask_as, completed, mails, said, sent, standing, unclear_answers, verb_goes_wrong,
};
use crate::world::{POSTING, World, text};

/// The round that came after an invite's.
async fn next_round(world: &World, id: &InviteId) -> Row {
    let all = world.invites().await;
    all.into_iter().find(|row| row.id != *id).unwrap_or_else(|| panic!("one more round than {id}"))
}

#[tokio::test]
async fn a_retake_is_a_new_round_with_a_new_link() {
    let (world, ada, row) = completed().await;
    world.moves(&ada, "offer").await;
    let (one, other) = tokio::join!(ask(&world, &row.id, Request::Retake), ask(&world, &row.id, Request::Retake));
    let again = one.expect("asked");
    assert_eq!(again, other.expect("a double click"));
    assert_ne!(again, row.id);
    world.until("it is sent", async || next_round(&world, &row.id).await.state == InviteState::Sent).await;
    let there = world.sent().await;
    assert_eq!(there.len(), 2);
    assert_eq!((&there[1]["retake_of"], &there[1]["attempt"]), (&there[0]["invite_id"], &json!(2)));
    assert_ne!(there[0]["candidate_url"], there[1]["candidate_url"]);
    assert_eq!(mails(&world).await, [ADA, ADA]);
    assert_eq!(world.detail(&again).await.round, 2);
    assert_eq!(world.detail(&row.id).await.row.state, InviteState::Completed, "what was is not touched");
    assert_eq!(standing(&world, &row.id, Verb::Retake).await, Standing::Not(Why::NewerRound));
    assert_eq!(ask(&world, &row.id, Request::Retake).await.expect("it is there"), again);
    world.until("each has its note", async || world.notes(&ada).await.len() == 2).await;
    let id = text(&there[1]["invite_id"]);
    world.canditech("/sandbox/complete", json!({ "invite": id, "score": 90 })).await;
    world.until("the second score", async || world.detail(&again).await.row.score.is_some()).await;
    assert_eq!(world.detail(&row.id).await.row.score.map(|score| score.value), Some(40_000));
}

#[tokio::test]
async fn a_retake_whose_answer_is_lost_makes_one_round() {
    for kind in unclear_answers() {
        let (world, _, row) = completed().await;
        verb_goes_wrong(&world, kind.clone()).await;
        let again = ask(&world, &row.id, Request::Retake).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("sent", async || world.detail(&again).await.row.state == InviteState::Sent).await;
        assert_eq!((world.sent().await.len(), mails(&world).await.len()), (2, 2), "{kind}");
    }
}

#[tokio::test]
async fn nobody_who_is_archived_gets_a_retake() {
    let (world, ada, row) = completed().await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada })).await;
    let again = ask(&world, &row.id, Request::Retake).await.expect("asked");
    world.until("it ends", async || world.detail(&again).await.row.state == InviteState::Cancelled).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_wrong_address_is_corrected_before_it_is_sent_to() {
    let (world, attachment) = World::attached().await;
    pause(&world, &attachment).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    for _ in 0..2 {
        let request = Request::CorrectEmail { email: format!(" {BETTER} ") };
        ask_as(&world, &world.admin, &row.id, row.version, request).await.expect("a double click");
    }
    assert_eq!(said(&world, &row.id, "corrected the e-mail address").await, 1);
    resume(&world, &attachment).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(mails(&world).await, [BETTER], "Lever's address is looked at once more, and does not count");
}

async fn pause(world: &World, attachment: &engine::id::AttachmentId) {
    set_state(world, attachment, engine::attachment::AttachmentState::Paused).await;
}

async fn resume(world: &World, attachment: &engine::id::AttachmentId) {
    set_state(world, attachment, engine::attachment::AttachmentState::Active).await;
}

async fn set_state(world: &World, attachment: &engine::id::AttachmentId, state: engine::attachment::AttachmentState) {
    let row = engine::attachment::get(&world.engine, &world.admin, attachment).await.expect("there");
    engine::attachment::set_state(&world.engine, &world.admin, attachment, state, row.version).await.expect("set");
}

#[tokio::test]
async fn a_missing_address_is_given_here_and_it_goes_on() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    let odd = Request::CorrectEmail { email: "ada at mail".into() };
    let refused = ask(&world, &row.id, odd).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::Email))), "{refused:?}");
    ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("corrected");
    let typed = Filter { name: Some(BETTER.into()), ..Filter::default() };
    let page = invite::page(&world.engine, &world.admin, &typed).await.expect("the list");
    assert_eq!(page.rows.len(), 1, "found by the address that was given");
    world.until_state(InviteState::Sent).await;
    assert_eq!(mails(&world).await, [BETTER]);
}

#[tokio::test]
async fn what_went_to_a_wrong_address_is_taken_back_and_sent_anew() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    let correct = || Request::CorrectEmail { email: BETTER.into() };
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, correct()).await.expect("a double click");
    }
    let other = Request::CorrectEmail { email: "somebody@else.example".into() };
    let conflict = ask(&world, &row.id, other).await;
    assert!(matches!(conflict, Err(FlowError::Conflict)), "{conflict:?}");
    world.until("both are known", async || world.invites().await.len() == 2).await;
    let again = next_round(&world, &row.id).await;
    world.until("sent", async || world.detail(&again.id).await.row.state == InviteState::Sent).await;
    assert_eq!(mails(&world).await, [ADA, BETTER]);
    let states: Vec<String> = world.sent().await.iter().map(|invite| text(&invite["status"])).collect();
    assert_eq!(states, ["cancelled", "sent"]);
    let late = ask_as(&world, &world.admin, &row.id, version, correct()).await;
    assert_eq!(late.expect("the same click, late"), again.id);
    let statuses = async || {
        let notes = world.notes(&ada).await;
        let has = |line: &str| notes.iter().filter(|note| note.lines().any(|other| other == line)).count();
        (has("Status: Cancelled"), has("Status: Sent"))
    };
    world.until("noted", async || statuses().await == (1, 1)).await;
}

#[tokio::test]
async fn a_correction_whose_answers_are_lost_sends_one_anew() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        let send = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": kind.clone(), "times": 1 });
        world.fault_at_canditech(send).await;
        ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
        for _ in 0..3 {
            world.drain().await;
            world.advance(Duration::from_secs(120));
        }
        world.until("both are known", async || world.invites().await.len() == 2).await;
        let again = next_round(&world, &row.id).await;
        world.until("sent", async || world.detail(&again.id).await.row.state == InviteState::Sent).await;
        assert_eq!(mails(&world).await, [ADA, BETTER], "{kind}");
    }
}

#[tokio::test]
async fn a_mail_that_bounced_goes_to_a_better_address() {
    let (world, _, row) = sent().await;
    world.canditech("/sandbox/error", json!({ "invite": ADA })).await;
    world.until_state(InviteState::Failed).await;
    let again = ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
    assert_ne!(again, row.id, "there is nothing to take back");
    world.until("sent", async || world.detail(&again).await.row.state == InviteState::Sent).await;
    assert_eq!(mails(&world).await, [ADA, BETTER]);
    assert_eq!(world.asked_of_canditech("POST", "/api/invites/").await, 0);
}
