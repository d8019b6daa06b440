//! What happens to each candidate before the server dies, and what is to become of it afterwards.

use std::time::Duration;

use engine::{
    Engine,
    attachment::{self, AttachmentState},
    clock::Clock,
    delivery::{self, Received},
    invite::{InviteState, Row, verb::Request},
    job,
    provider::Protocol,
    settings::Settings,
    verdict::{self, Verdict},
};
use serde_json::{Value, json};

use crate::{
    story_verbs::stage::{ask, verb_goes_wrong},
    world::{ENGLISH, POSTING, Sender, World, text},
};

const HOUR: Duration = Duration::from_secs(3_601);
/// Invited, and noted, before anything else happens to them.
const INVITED: [&str; 13] = [
    "sent",
    "resent",
    "extended",
    "started",
    "called",
    "changing",
    "completed",
    "pending",
    "judged",
    "expired",
    "declined",
    "cancelled",
    "retaken",
];

fn email(name: &str) -> String {
    format!("{name}@mail.example")
}

fn called(name: &str) -> String {
    format!("Candidate {name}")
}

/// What is to stand in the end: the states of the candidate's rounds, how many invites Canditech has, and the
/// lines of the note.
fn ends(name: &str, states: &[&str], sent: usize, note: &[&str]) -> Value {
    json!({ "email": email(name), "states": states, "sent": sent, "note": note })
}

async fn enters(world: &World, name: &str) -> String {
    let opportunity = world.applies(&called(name), Some(&email(name)), Some(POSTING)).await;
    world.moves_to_stage(&opportunity).await;
    opportunity
}

async fn opportunity(world: &World, name: &str) -> String {
    let state = world.lever_state().await;
    let all = state["opportunities"].as_array().expect("a list");
    text(&all.iter().find(|one| one["name"] == called(name)).expect("the candidate")["id"])
}

/// The candidate's newest round.
async fn row(world: &World, name: &str) -> Row {
    let all = world.invites().await;
    all.into_iter().find(|row| row.candidate_name == called(name)).unwrap_or_else(|| panic!("an invite for {name}"))
}

async fn until(world: &World, name: &str, state: InviteState) {
    world.until_patiently(name, async || row(world, name).await.state == state).await;
}

async fn at_canditech(world: &World, act: &str, name: &str) {
    world.canditech(&format!("/sandbox/{act}"), json!({ "invite": email(name) })).await;
}

async fn gives(world: &World, name: &str, value: Verdict) {
    let id = row(world, name).await.id;
    verdict::give(&world.engine, &world.admin, &id, value, None, None).await.expect("given");
}

/// Everybody's life up to the moment when the server dies; answers what is to become of them.
pub async fn live(world: &World) -> Vec<Value> {
    let mut all = given_up_on(world).await;
    all.extend(well(world).await);
    all.extend(waiting(world).await);
    all.extend(cut_off(world).await);
    all.extend(shut_out(world).await);
    all.extend(just_heard(world).await);
    all
}

/// What no longer goes on by itself.
async fn given_up_on(world: &World) -> Vec<Value> {
    let gone = json!({ "status": { "code": 404, "body": "{\"error\":{\"code\":\"assessment_not_found\"}}" } });
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites", "method": "POST", "kind": gone })).await;
    enters(world, "failed").await;
    until(world, "failed", InviteState::Failed).await;
    world.forget_faults_at_canditech().await;
    let refusal = json!({ "status": { "code": 400, "body": "{}" } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities/", "method": "GET", "kind": refusal })).await;
    enters(world, "replayed").await;
    world.drain().await;
    world.forget_faults_at_lever().await;
    vec![ends("failed", &["failed"], 0, &[]), ends("replayed", &["sent"], 1, &["Status: Sent"])]
}

/// The usual course of things.
async fn well(world: &World) -> Vec<Value> {
    for name in INVITED {
        let opportunity = enters(world, name).await;
        world.until("noted", async || world.note_says(&opportunity, &["Status: Sent"]).await).await;
    }
    at_canditech(world, "start", "started").await;
    change_is_lost(world, "changing").await;
    for (name, score) in [("completed", Some(87)), ("pending", None), ("judged", Some(40)), ("retaken", Some(12))] {
        world.submits(&email(name), score).await;
    }
    at_canditech(world, "expire", "expired").await;
    at_canditech(world, "decline", "declined").await;
    ask(world, &row(world, "cancelled").await.id, Request::Cancel).await.expect("asked");
    // The stand-in's calls are dated by the wall's clock, which ours has left: only our own question counts.
    world.advance(HOUR * 7);
    for (name, state) in [
        ("started", InviteState::Started),
        ("changing", InviteState::Started),
        ("expired", InviteState::Expired),
        ("declined", InviteState::Declined),
        ("cancelled", InviteState::Cancelled),
        ("completed", InviteState::Completed),
        ("pending", InviteState::Completed),
        ("judged", InviteState::Completed),
        ("retaken", InviteState::Completed),
    ] {
        until(world, name, state).await;
    }
    gives(world, "judged", Verdict::Failed).await;
    ask(world, &row(world, "retaken").await.id, Request::Retake).await.expect("asked");
    until(world, "retaken", InviteState::Sent).await;
    vec![
        ends("sent", &["sent"], 1, &["Status: Sent"]),
        ends("resent", &["sent"], 1, &["Status: Sent"]),
        ends("extended", &["sent"], 1, &["Status: Sent"]),
        ends("started", &["started"], 1, &["Status: Started"]),
        ends("called", &["started"], 1, &["Status: Started"]),
        ends("changing", &["started"], 1, &["Status: Started"]),
        ends("completed", &["completed"], 1, &["Status: Completed", "Score: 87/100", "Verdict: passed"]),
        ends("pending", &["completed"], 1, &["Status: Completed", "Score: pending"]),
        ends("judged", &["completed"], 1, &["Status: Completed", "Score: 40/100", "Verdict: failed"]),
        ends("expired", &["expired"], 1, &["Status: Expired"]),
        ends("declined", &["declined"], 1, &[]),
        ends("cancelled", &["cancelled"], 1, &["Status: Cancelled"]),
        ends("retaken", &["completed", "sent"], 2, &["Status: Sent"]),
    ]
}

/// The candidate starts, and nobody knows whether the note was changed.
async fn change_is_lost(world: &World, name: &str) {
    let notes = format!("/v1/opportunities/{}/notes", opportunity(world, name).await);
    world.fault_at_lever(json!({ "path_prefix": notes, "method": "PUT", "kind": "drop_after" })).await;
    at_canditech(world, "start", name).await;
}

/// Who waits for something that a person or time brings.
async fn waiting(world: &World) -> Vec<Value> {
    let english = world.attach(Some("Data Analyst"), ENGLISH).await;
    let version = attachment::get(&world.engine, &world.admin, &english).await.expect("there").version;
    attachment::set_state(&world.engine, &world.admin, &english, AttachmentState::Paused, version)
        .await
        .expect("paused");
    for (name, address, posting) in [
        ("addressless", None, Some(POSTING)),
        ("positionless", Some(email("positionless")), None),
        ("paused", Some(email("paused")), Some("Data Analyst")),
    ] {
        let opportunity = world.applies(&called(name), address.as_deref(), posting).await;
        world.moves_to_stage(&opportunity).await;
        until(world, name, InviteState::Waiting).await;
    }
    out_of_time(world).await;
    vec![
        ends("addressless", &["sent"], 1, &["Status: Sent"]),
        // There are two assessments, of which the position would tell one.
        ends("positionless", &["waiting", "waiting"], 0, &[]),
        ends("paused", &["waiting"], 0, &[]),
        ends("late", &["sent"], 1, &["Status: Sent"]),
        // A person decides.
        ends("unclear", &["unclear"], 1, &[]),
    ]
}

/// What a day brings about: a send that nobody could ask about is given up, and a move that no webhook told is late.
async fn out_of_time(world: &World) {
    let taken = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_after" });
    let silent = json!({ "path_prefix": "/api/invites", "method": "GET", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(taken).await;
    world.fault_at_canditech(silent).await;
    enters(world, "unclear").await;
    for _ in 0..5 {
        world.drain().await;
        world.advance(HOUR);
    }
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let late = world.applies(&called("late"), Some(&email("late")), Some(POSTING)).await;
    world.moves(&late, &world.stage).await;
    world.advance(HOUR * 25);
    until(world, "late", InviteState::Waiting).await;
    until(world, "unclear", InviteState::Unclear).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": false })).await;
    world.forget_faults_at_canditech().await;
}

/// Whose calls were cut off in the middle, at every kind of call that changes something.
async fn cut_off(world: &World) -> Vec<Value> {
    for (name, kind) in [("taken", "drop_after"), ("untaken", "drop_before")] {
        let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": kind, "times": 1 });
        world.fault_at_canditech(fault).await;
        enters(world, name).await;
        world.drain().await;
    }
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_lever(fault).await;
    enters(world, "noting").await;
    world.drain().await;
    verb_goes_wrong(world, json!("drop_after")).await;
    ask(world, &row(world, "resent").await.id, Request::Resend).await.expect("asked");
    world.drain().await;
    leased(world).await;
    ["taken", "untaken", "noting", "leased"].map(|name| ends(name, &["sent"], 1, &["Status: Sent"])).to_vec()
}

/// Another server dies in the middle of a send, and its lease stands.
async fn leased(world: &World) {
    let stuck = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay": { "ms": 60_000 } } });
    world.fault_at_canditech(stuck).await;
    enters(world, "leased").await;
    let engine = world.second_process().await;
    let server = tokio::spawn(async move { job::drain(&engine).await });
    let begun = "SELECT COUNT(*) FROM invites WHERE send_intent_at IS NOT NULL AND candidate_email = $1";
    let begun = async || -> i64 {
        sqlx::query_scalar(begun).bind(email("leased")).fetch_one(world.engine.db.read()).await.expect("a count")
    };
    while begun().await == 0 {
        assert!(!server.is_finished(), "it has something to send");
        tokio::task::yield_now().await;
    }
    server.abort();
    server.await.expect_err("it died in the middle");
    world.forget_faults_at_canditech().await;
}

/// Canditech's key is refused, and then Lever's access is revoked.
async fn shut_out(world: &World) -> Vec<Value> {
    job::schedule_standing_work(&world.engine).await.expect("scheduled");
    let refused = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 401 } } });
    world.fault_at_canditech(refused).await;
    enters(world, "refused").await;
    until(world, "refused", InviteState::Waiting).await;
    world.forget_faults_at_canditech().await;
    world.revoke_in_lever().await;
    enters(world, "revoked").await;
    world.drain().await;
    ["refused", "revoked"].map(|name| ends(name, &["sent"], 1, &["Status: Sent"])).to_vec()
}

/// What has come in when the server dies, and nothing of it is begun.
async fn just_heard(world: &World) -> Vec<Value> {
    enters(world, "arrived").await;
    is_told(world, "called").await;
    gives(world, "completed", Verdict::Passed).await;
    let found = json!({ "opportunity": opportunity(world, "addressless").await, "emails": [email("addressless")] });
    world.lever("/sandbox/email", found).await;
    ask(world, &row(world, "extended").await.id, Request::Extend { days: 3 }).await.expect("asked");
    vec![ends("arrived", &["sent"], 1, &["Status: Sent"])]
}

/// Canditech tells that the candidate started; a process takes that whose clock is the wall's, as the call's date.
async fn is_told(world: &World, name: &str) {
    let clock = Clock::System;
    let engine = Engine::open(Settings::clone(&world.engine.settings), clock).await.expect("an engine");
    world.forget_what_was_heard().await;
    at_canditech(world, "start", name).await;
    let call = world.hear(Sender::Canditech).await;
    let kept = delivery::receive_provider(&engine, Protocol::Canditech, &call.endpoint, &call.headers, &call.body);
    assert_eq!(kept.await.expect("stored"), Received::Accepted);
}
