//! Resend, extend and cancel: done at the provider, once each.

use std::{sync::Arc, time::Duration};

use engine::{
    fault::FlowError,
    invite::{
        InviteState,
        verb::{Request, Standing, Verb, Why},
    },
};
use serde_json::{Value, json};

use super::stage::{ADA, DAY, ask, ask_as, mails, said, sent, standing, unclear_answers, verb_goes_wrong};
use crate::world::{POSTING, World};

#[tokio::test]
async fn resending_mails_the_same_link_once_however_often_it_is_pressed() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..3 {
        let shown = ask_as(&world, &world.admin, &row.id, version, Request::Resend).await.expect("a second click");
        assert_eq!(shown, row.id);
    }
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::UnderWay);
    world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
    assert_eq!(mails(&world).await, [ADA, ADA]);
    ask_as(&world, &world.admin, &row.id, version, Request::Resend).await.expect("the same click, late");
    world.drain().await;
    assert_eq!(mails(&world).await.len(), 2);
    let links: Vec<Value> = world.sent().await[0]["mails"].as_array().expect("mails").clone();
    assert_eq!(links[0]["link"], links[1]["link"]);
    assert_eq!(said(&world, &row.id, "nora asked to send it again.").await, 1);
    assert!(world.note_says(&ada, &["Status: Sent"]).await);
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Possible, "and once more, on a new word");
}

#[tokio::test]
async fn a_resend_whose_answer_is_lost_mails_once() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Resend).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
        assert_eq!(mails(&world).await.len(), 2, "{kind}");
    }
}

#[tokio::test]
async fn extending_moves_the_deadline_and_opens_what_had_expired() {
    let (world, ada, row) = sent().await;
    let before = world.detail(&row.id).await.expires_at.expect("a deadline");
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, Request::Extend { days: 3 }).await.expect("a double click");
    }
    world.until("it is later", async || world.detail(&row.id).await.expires_at > Some(before)).await;
    let after = world.detail(&row.id).await.expires_at.expect("a deadline");
    assert_eq!((after.since(before).as_secs() + 1) / 86_400, 3, "once");

    world.advance(DAY * 30);
    world.until_state(InviteState::Expired).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Expired"]).await).await;
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Not(Why::Expired));
    ask(&world, &row.id, Request::Extend { days: 2 }).await.expect("an expired one opens again");
    world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    assert_eq!(world.sent().await[0]["status"], "sent");
    world.submits(ADA, Some(70)).await;
    // The wall's clock is in what the stand-in signs: a month away from ours, only our own question counts.
    world.advance(Duration::from_secs(7 * 3_600));
    world.until("it can be taken", async || world.note_says(&ada, &["Score: 70/100"]).await).await;
}

#[tokio::test]
async fn an_extension_whose_answer_is_lost_adds_its_days_once() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        let before = world.detail(&row.id).await.expires_at.expect("a deadline");
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Extend { days: 5 }).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("it is done", async || said(&world, &row.id, "deadline was moved").await >= 1).await;
        let after = world.detail(&row.id).await.expires_at.expect("a deadline");
        assert_eq!((after.since(before).as_secs() + 1) / 86_400, 5, "{kind}");
    }
}

#[tokio::test]
async fn cancelling_takes_it_back_there_and_the_note_says_so() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, Request::Cancel).await.expect("a double click");
    }
    assert_eq!(standing(&world, &row.id, Verb::Extend).await, Standing::Not(Why::BeingTakenBack));
    let cancelled = world.until_state(InviteState::Cancelled).await;
    world
        .until("its reason", async || {
            world.the_invite().await.reason.is_some_and(|reason| reason.contains("nora cancelled it"))
        })
        .await;
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
    assert_eq!(world.sent().await[0]["status"], "cancelled");
    ask_as(&world, &world.admin, &cancelled.id, version, Request::Cancel).await.expect("it is so already");
    assert_eq!(said(&world, &row.id, "took it back").await, 1);
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::Not(Why::Over));
}

#[tokio::test]
async fn a_cancel_whose_answer_is_lost_is_looked_up() {
    for kind in unclear_answers() {
        let (world, ada, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Cancel).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
        world.until("told once", async || said(&world, &row.id, "took it back").await == 1).await;
        let calls = world.asked_of_canditech("POST", "/api/invites/").await;
        assert!((1..=2).contains(&calls), "{kind}: {calls}");
    }
}

#[tokio::test]
async fn a_candidate_who_started_meanwhile_is_not_cancelled() {
    let (world, ada, row) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    ask(&world, &row.id, Request::Cancel).await.expect("nobody knows yet that she started");
    world.until_state(InviteState::Started).await;
    assert_eq!(said(&world, &row.id, "It was not cancelled: it is too late for that.").await, 1);
    world.until("noted", async || world.note_says(&ada, &["Status: Started"]).await).await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::Not(Why::Started));
    let late = ask(&world, &row.id, Request::Cancel).await;
    assert!(matches!(late, Err(FlowError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn what_was_not_sent_is_cancelled_here_alone() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Not(Why::NotSent));
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, row.version, Request::Cancel).await.expect("a double click");
    }
    assert_eq!(world.the_invite().await.state, InviteState::Cancelled);
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.advance(Duration::from_secs(3_600));
    world.drain().await;
    assert_eq!((world.sent().await.len(), world.notes(&ada).await.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_never_shows_one_half_from_before_a_change_and_one_from_after_it() {
    let (world, _, row) = sent().await;
    let world = Arc::new(world);
    for moved in 1..=20 {
        let before = world.detail(&row.id).await.expires_at;
        ask(&world, &row.id, Request::Extend { days: 1 }).await.expect("asked");
        let (reader, id) = (Arc::clone(&world), row.id.clone());
        let reading = tokio::spawn(async move {
            loop {
                let page = reader.detail(&id).await;
                let told = page.timeline.iter().filter(|entry| entry.sentence == "The deadline was moved.").count();
                assert_eq!(told == moved, page.expires_at > before, "extension {moved}");
                if told == moved {
                    return;
                }
            }
        });
        while !reading.is_finished() {
            world.drain().await;
        }
        reading.await.expect("each page is of one moment");
    }
}
