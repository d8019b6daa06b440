//! The provider in trouble, and its callbacks: repeated, turned round, forged, about nobody, and at the
//! same moment as our own question.

use std::time::Duration;

use engine::{
    delivery::Received,
    invite::{
        InviteState,
        verb::{self, Request},
    },
    job,
    provider::Protocol,
    verdict::{self, Verdict},
};
use serde_json::{Value, json};

use crate::world::{Arrival, POSTING, PYTHON, Sender, World};

const ADA: &str = "ada@mail.example";

async fn sent() -> (World, String) {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    (world, ada)
}

#[tokio::test]
async fn a_send_of_unknown_outcome_is_looked_up_after_a_key_that_was_refused_in_between() {
    let (world, _) = World::attached().await;
    // It is taken, the answer is lost, and the key is no good when that is looked up.
    let lost = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_canditech(lost).await;
    let refused = json!({ "path_prefix": "/api/invites", "method": "GET", "kind": { "status": { "code": 401 } } });
    world.fault_at_canditech(refused).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    world.advance(Duration::from_secs(61));
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("provider")));
    world.forget_faults_at_canditech().await;
    world.connect_provider(Protocol::Canditech).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.asked_of_canditech("POST", "/api/invites").await, 1, "it was found, and not sent once more");
    assert_eq!(world.sent_to(ADA).await, 1);
}

async fn whose_address_is_refused() -> (World, String) {
    let (world, _) = World::attached().await;
    let refused = r#"{"error":{"code":"invalid_candidate","field":"candidate.email"}}"#;
    let refused = json!({ "status": { "code": 422, "body": refused } });
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": refused, "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some("ada@mail.exmaple"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("does not accept the e-mail address")));
    (world, ada)
}

#[tokio::test]
async fn an_address_that_the_provider_refuses_is_corrected_in_lever_and_it_goes_on() {
    let (world, ada) = whose_address_is_refused().await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": ["ada@mail.example"] })).await;
    world.advance(Duration::from_secs(16 * 60));
    world.until_state(InviteState::Sent).await;
    assert_eq!((world.sent_to("ada@mail.example").await, world.sent().await.len()), (1, 1));
}

#[tokio::test]
async fn an_address_that_the_provider_refuses_is_corrected_here_and_it_goes_on() {
    let (world, _) = whose_address_is_refused().await;
    let row = world.the_invite().await;
    let correction = Request::CorrectEmail { email: "ada@mail.example".into() };
    verb::ask(&world.engine, &world.admin, &row.id, row.version, correction).await.expect("corrected");
    world.until_state(InviteState::Sent).await;
    assert_eq!((world.sent_to("ada@mail.example").await, world.sent().await.len()), (1, 1));
}

#[tokio::test]
async fn what_failed_before_it_was_sent_goes_to_the_address_that_somebody_corrects() {
    let (world, _) = World::attached().await;
    let refusal = json!({ "status": { "code": 400, "body": "{}" } });
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": refusal, "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some("ada@mail.exmaple"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Failed).await;
    let correction = Request::CorrectEmail { email: "ada@mail.example".into() };
    verb::ask(&world.engine, &world.admin, &row.id, row.version, correction).await.expect("corrected");
    world.until_state(InviteState::Sent).await;
    assert_eq!((world.sent_to("ada@mail.example").await, world.sent().await.len()), (1, 1));
}

#[tokio::test]
async fn whatever_goes_wrong_while_sending_one_invite_goes_out() {
    let (world, _) = World::attached().await;
    let with = |code: u16, body: &str| json!({ "status": { "code": code, "body": body } });
    let kinds = [
        json!({ "status": { "code": 429, "retry_after": 2 } }),
        json!({ "status": { "code": 429, "retry_after": "tomorrow" } }),
        with(500, "<h1>Oops</h1>"),
        with(503, ""),
        with(200, ""),
        with(200, "null"),
        with(201, "{\"invite_id\":null}"),
        json!("html200"),
        json!("truncated"),
        json!({ "flood": { "bytes": 2_000_000 } }),
        json!("drop_before"),
        json!("drop_after"),
    ];
    for (n, kind) in kinds.iter().enumerate() {
        let email = format!("candidate.{n}@mail.example");
        // The send goes wrong, and the first question after it too.
        for method in ["POST", "GET"] {
            let fault = json!({ "path_prefix": "/api/invites", "method": method, "kind": kind, "times": 1 });
            world.fault_at_canditech(fault).await;
        }
        let id = world.applies("Ada Example", Some(&email), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        for _ in 0..4 {
            world.drain().await;
            world.advance(Duration::from_secs(45));
        }
        world.until("noted", async || world.note_says(&id, &["Status: Sent"]).await).await;
        assert_eq!(world.sent_to(&email).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn twenty_ambiguous_sends_make_twenty_invites() {
    let (world, _) = World::attached().await;
    for kind in ["drop_after", "truncated"] {
        let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": kind, "rate": 0.5, "seed": 11 });
        world.fault_at_canditech(fault).await;
    }
    for n in 0..20 {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
    }
    let all_sent = async || {
        world.advance(Duration::from_secs(30));
        world.invites().await.iter().filter(|row| row.state == InviteState::Sent).count() == 20
    };
    world.until_patiently("all are sent", all_sent).await;
    assert_eq!(world.sent().await.len(), 20);
}

/// Takes a callback in again, as it came.
async fn again(world: &World, arrival: &Arrival) -> Received {
    let protocol = engine::provider::Protocol::Canditech;
    let (endpoint, headers) = (&arrival.endpoint, &arrival.headers);
    let received = engine::delivery::receive_provider(&world.engine, protocol, endpoint, headers, &arrival.body).await;
    received.expect("the database works")
}

#[tokio::test]
async fn callbacks_that_come_twenty_times_and_backwards_end_in_one_true_note() {
    let (world, ada) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "hold": true, "duplicate": true })).await;
    world.submits(ADA, Some(87)).await;
    world.canditech("/sandbox/verdict", json!({ "invite": ADA, "verdict": "passed", "by": "Priya" })).await;
    world.canditech("/sandbox/callbacks/release", json!({ "order": "reversed" })).await;
    let mut heard = Vec::new();
    // Started, completed and the verdict, each twice.
    while heard.len() < 6 {
        heard.push(world.hear(Sender::Canditech).await);
        world.drain().await;
    }
    for arrival in &heard {
        for _ in 0..20 {
            assert_eq!(again(&world, arrival).await, Received::Repeated);
        }
    }
    let lines = ["Status: Completed", "Score: 87/100", "Verdict: passed"];
    world.until("noted", async || world.note_says(&ada, &lines).await).await;
    world.drain().await;
    assert_eq!(world.detail(&world.the_invite().await.id).await.verdicts.len(), 1);
}

#[tokio::test]
async fn forged_callbacks_change_nothing() {
    let (world, ada) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "forge": true })).await;
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    let forged = async { while world.hear(Sender::Canditech).await.received != Received::Refused {} };
    tokio::time::timeout(Duration::from_secs(20), forged).await.expect("the forged one comes and is refused");
    world.until_state(InviteState::Started).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Started", "Score: pending"]).await).await;
}

#[tokio::test]
async fn a_callback_about_an_invite_of_somebody_else_is_taken_and_changes_nothing() {
    let (world, ada) = sent().await;
    let theirs = world.invites_elsewhere("grace@mail.example", PYTHON).await;
    let told = world.hear(Sender::Canditech).await;
    assert!(matches!(told.received, Received::Accepted | Received::Repeated), "{:?}", told.received);
    world.canditech("/sandbox/start", json!({ "invite": theirs })).await;
    world.canditech("/sandbox/complete", json!({ "invite": theirs, "score": 99 })).await;
    for _ in 0..2 {
        world.hear(Sender::Canditech).await;
    }
    world.drain().await;
    assert_eq!(world.invites().await.len(), 1);
    assert!(world.note_says(&ada, &["Status: Sent", "Score: pending"]).await);
}

/// Whether a callback tells of that score.
fn tells(arrival: &Arrival, score: u32) -> bool {
    let body: Value = serde_json::from_slice(&arrival.body).expect("JSON");
    body["data"]["score"]["value"] == json!(score)
}

#[tokio::test]
async fn a_callback_and_our_own_question_at_the_same_moment_are_one_result() {
    let (world, ada) = sent().await;
    for score in [40_u32, 55, 70, 85] {
        if score == 40 {
            world.submits(ADA, Some(score)).await;
        } else {
            world.canditech("/sandbox/rescore", json!({ "invite": ADA, "score": score })).await;
        }
        while !tells(&world.hear(Sender::Canditech).await, score) {}
        // Our own question falls due as the callback is on disk, and two processes take them up.
        world.advance(Duration::from_secs(7 * 24 * 3600 + 1));
        let (one, other) = tokio::join!(job::drain(&world.engine), job::drain(&world.engine));
        one.expect("the database works");
        other.expect("the database works");
        let line = format!("Score: {score}/100");
        world.until("noted", async || world.note_says(&ada, &[&line]).await).await;
    }
    let detail = world.detail(&world.the_invite().await.id).await;
    let completed = detail.timeline.iter().filter(|entry| entry.kind == "completed").count();
    assert_eq!(completed, 1, "{:#?}", detail.timeline);
}

#[tokio::test]
async fn an_assessment_that_is_gone_fails_once_with_what_to_do() {
    let gone = json!({ "error": { "code": "assessment_not_found", "message": "There is no such assessment." } });
    let refusals: [(u16, Value); 2] = [(404, gone), (422, json!({ "error": { "code": "assessment_not_published" } }))];
    for (code, body) in refusals {
        let (world, _) = World::attached().await;
        let kind = json!({ "status": { "code": code, "body": body.to_string() } });
        world.fault_at_canditech(json!({ "path_prefix": "/api/invites", "method": "POST", "kind": kind })).await;
        let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
        world.moves_to_stage(&ada).await;
        let row = world.until_state(InviteState::Failed).await;
        assert!(row.reason.is_some_and(|reason| reason.ends_with('.')), "it says what to do");
        for _ in 0..5 {
            world.advance(Duration::from_secs(3600));
            world.drain().await;
        }
        assert!(world.asked_of_canditech("POST", "/api/invites").await <= 3);
        assert_eq!(world.sent().await.len(), 0);
    }
}

#[tokio::test]
async fn a_score_that_is_corrected_months_after_without_a_word_is_found_and_the_verdict_stays() {
    let (world, ada) = sent().await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("the verdict is noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    let before = world.asked_of_canditech("GET", "/api/invites").await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    for _ in 0..50 {
        world.advance(Duration::from_secs(24 * 3600));
        world.drain().await;
    }
    let asked = world.asked_of_canditech("GET", "/api/invites").await - before;
    assert!((5..=20).contains(&asked), "{asked} questions in 50 days");
    world.canditech("/sandbox/rescore", json!({ "invite": ADA, "score": 62 })).await;
    for _ in 0..8 {
        world.advance(Duration::from_secs(24 * 3600));
        world.drain().await;
    }
    assert!(world.note_says(&ada, &["Score: 62/100", "Verdict: passed"]).await, "{:?}", world.notes(&ada).await);
    let now = world.the_invite().await;
    assert_eq!((now.state, now.verdict), (InviteState::Completed, Verdict::Passed));
    let timeline = world.detail(&row.id).await.timeline;
    let sentences: Vec<&str> = timeline.iter().map(|entry| entry.sentence.as_str()).collect();
    assert!(sentences.contains(&"Score changed from 87/100 to 62/100."), "{sentences:?}");
}

#[tokio::test]
async fn while_the_quota_is_used_up_everybody_waits_and_goes_out_once_when_there_is_more() {
    for by_itself in [false, true] {
        let (world, _) = World::attached().await;
        // Right after a test of the account there may be news: then it is tried once more.
        world.advance(Duration::from_secs(120));
        let used_up = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 402 } } });
        world.fault_at_canditech(used_up).await;
        let emails = [0, 1, 2, 3].map(|n| format!("candidate.{n}@mail.example"));
        for email in &emails {
            let id = world.applies("Ada Example", Some(email), Some(POSTING)).await;
            world.moves_to_stage(&id).await;
        }
        let all_are = async |state| world.invites().await.iter().filter(|row| row.state == state).count() == 4;
        world.until("all wait", async || all_are(InviteState::Waiting).await).await;
        let reasons = world.invites().await.into_iter().filter_map(|row| row.reason).collect::<Vec<_>>();
        assert!(reasons.iter().all(|reason| reason.contains("provider")), "{reasons:?}");
        let tries = async || world.asked_of_canditech("POST", "/api/invites").await;
        assert_eq!(tries().await, 4, "one each");
        for _ in 0..6 {
            world.advance(Duration::from_secs(300));
            world.drain().await;
        }
        assert_eq!(tries().await, 4, "nobody asks for what there is not");
        world.forget_faults_at_canditech().await;
        if by_itself {
            job::schedule_standing_work(&world.engine).await.expect("the database works");
            world.advance(Duration::from_secs(3_600));
        } else {
            world.connect_provider(Protocol::Canditech).await;
        }
        world.until("all are sent", async || all_are(InviteState::Sent).await).await;
        for email in &emails {
            assert_eq!(world.sent_to(email).await, 1, "{email}");
        }
    }
}
