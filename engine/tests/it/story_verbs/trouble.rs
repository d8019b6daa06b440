//! Processes that die, keys that are refused, providers that are down, backups, and candidates who are forgotten.

use std::time::Duration;

use engine::{
    invite::{
        self, InviteState,
        verb::{Request, Standing, Verb, Why},
    },
    job, pause,
    provider::Protocol,
    restore::after_restore,
};
use serde_json::json;

use super::stage::{BETTER, DAY, ask, mails, said, sent, standing, verb_goes_wrong};
use crate::world::Sender;

#[tokio::test]
async fn a_process_that_dies_in_the_middle_of_a_verb_has_it_done_once() {
    let slow = json!({ "delay_after": { "ms": 60_000 } });
    for (request, what) in [
        (Request::Resend, "Sent again"),
        (Request::Extend { days: 4 }, "deadline was moved"),
        (Request::Cancel, "took it back"),
    ] {
        let (world, _, row) = sent().await;
        let before = world.detail(&row.id).await.expires_at.expect("a deadline");
        verb_goes_wrong(&world, slow.clone()).await;
        ask(&world, &row.id, request.clone()).await.expect("asked");
        let there = world.sent().await;
        let engine = world.engine.clone();
        let process = tokio::spawn(async move { job::drain(&engine).await });
        while world.sent().await == there {
            tokio::task::yield_now().await;
        }
        process.abort();
        process.await.expect_err("it died in the middle of its call");
        job::take_over(&world.engine).await.expect("taken over");
        world.until("it is done", async || said(&world, &row.id, what).await == 1).await;
        let (mails, after) = (mails(&world).await.len(), world.detail(&row.id).await.expires_at);
        let days = (after.expect("a deadline").since(before).as_secs() + 1) / 86_400;
        let expected = match request {
            Request::Resend => (2, 0),
            Request::Extend { .. } => (1, 4),
            _ => (1, 0),
        };
        assert_eq!((mails, days), expected, "{request:?}");
    }
}

#[tokio::test]
async fn two_processes_do_it_once() {
    let (world, _, row) = sent().await;
    let second = world.second_process().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    let (one, other) = tokio::join!(job::drain(&world.engine), job::drain(&second));
    one.expect("the database works");
    other.expect("the database works");
    assert_eq!((mails(&world).await.len(), said(&world, &row.id, "Sent again").await), (2, 1));
}

#[tokio::test]
async fn a_refused_key_makes_a_verb_wait_and_a_good_one_has_it_done() {
    let (world, ada, row) = sent().await;
    verb_goes_wrong(&world, json!({ "status": { "code": 401 } })).await;
    ask(&world, &row.id, Request::Cancel).await.expect("asked");
    world.drain().await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::UnderWay);
    world.advance(DAY * 2);
    world.drain().await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::UnderWay, "it is not given up");
    world.connect_provider(Protocol::Canditech).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
}

#[tokio::test]
async fn a_provider_that_is_down_for_a_day_is_told_of_and_the_verb_can_be_asked_for_again() {
    let (world, _, row) = sent().await;
    let down = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(3_601));
    }
    world.drain().await;
    assert_eq!(said(&world, &row.id, "gave no clear answer for 24 hours").await, 1);
    world.forget_faults_at_canditech().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked again");
    world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
    assert_eq!(mails(&world).await.len(), 2);
}

#[tokio::test]
async fn a_cancel_makes_the_resend_before_it_needless() {
    let (world, _, row) = sent().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    ask(&world, &row.id, Request::Cancel).await.expect("and thought better of it");
    world.until("taken back", async || said(&world, &row.id, "took it back").await == 1).await;
    world.drain().await;
    assert_eq!((mails(&world).await.len(), said(&world, &row.id, "not sent again").await), (1, 0));
}

#[tokio::test]
async fn a_restored_backup_looks_before_it_repeats() {
    let (world, ada, row) = sent().await;
    ask(&world, &row.id, Request::Cancel).await.expect("asked");
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
    for statement in [
        "UPDATE verbs SET begun_at = NULL, ended_at = NULL",
        "UPDATE invites SET state = 'sent', reason = NULL",
        "UPDATE jobs SET state = 'open', finished_at = NULL, due_at = 0 WHERE kind = 'carry_out'",
    ] {
        let mut tx = world.engine.db.write().await.expect("a transaction");
        sqlx::query(statement).execute(&mut *tx).await.expect("as the backup has it");
        tx.commit().await.expect("stored");
    }
    after_restore(&world.engine.db, world.engine.clock.now()).await.expect("restored");
    assert!(pause::end(&world.engine.db, world.engine.clock.now()).await.expect("resumed"));
    let before = world.asked_of_canditech("POST", "/api/invites/").await;
    world.until_state(InviteState::Cancelled).await;
    assert_eq!(world.asked_of_canditech("POST", "/api/invites/").await, before, "it was looked up");
}

#[tokio::test]
async fn an_anonymised_candidate_leaves_no_address_behind() {
    let (world, ada, row) = sent().await;
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites/", "kind": { "status": { "code": 503 } } })).await;
    ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    let forgotten = async || {
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM verbs WHERE email IS NOT NULL OR ended_at IS NULL")
            .fetch_one(world.engine.db.read())
            .await
            .expect("readable");
        world.advance(Duration::from_secs(60));
        kept == 0
    };
    world.until("it is forgotten", forgotten).await;
    assert_eq!(standing(&world, &row.id, Verb::CorrectEmail).await, Standing::Not(Why::Anonymized));
    assert_eq!(invite::page(&world.engine, &world.admin, &invite::Filter::default()).await.expect("a list").count, 1);
}
