//! Lever in trouble: told to wait, half of it down, garbage, another host, candidates we may not see, and
//! one-time refresh tokens wanted by many at once.

use std::{sync::Arc, time::Duration};

use engine::{
    Engine,
    connection::{self, ConnectionState},
    invite::{InviteState, Row},
    job,
    lever::Api,
    note::{self, NoteState},
    verdict::{self, Verdict},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{POSTING, Sender, World, soon};

const ADA: &str = "ada@mail.example";
const OPPORTUNITIES: &str = "/v1/opportunities";

fn status(code: u16) -> Value {
    json!({ "status": { "code": code } })
}

/// Somebody enters the stage while Lever's opportunities answer so, that many times.
async fn enters_while(world: &World, email: &str, kind: &Value, times: u32) -> String {
    world.fault_at_lever(json!({ "path_prefix": OPPORTUNITIES, "kind": kind, "times": times })).await;
    let id = world.applies("Ada Example", Some(email), Some(POSTING)).await;
    world.moves_to_stage(&id).await;
    id
}

/// A moment of the wall clock, which the stand-in's answers are dated by, as HTTP writes it.
fn http_date(seconds_from_now: i64) -> String {
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds_from_now);
    then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn whatever_retry_after_says_it_is_waited_and_then_done() {
    let (world, _) = World::attached().await;
    let hour = 3_600;
    // What it says, for how long it is quiet, and after how long it is done.
    let waits = [
        (json!(1), 4, 60),
        (json!(30), 25, 60),
        (json!(null), 4, 60),
        (json!("-5"), 4, 60),
        (json!("soon"), 4, 60),
        (json!(http_date(-60)), 4, 60),
        (json!(http_date(600)), 300, 700),
        (json!("Wed, 21 Oct 2037 07:28:00 GMT"), hour - 60, hour + 60),
        (json!(hour), hour - 60, hour + 60),
        (json!(20 * hour), hour - 60, hour + 60),
    ];
    for (n, (wait, quiet, done)) in waits.iter().enumerate() {
        let email = format!("candidate.{n}@mail.example");
        let busy = json!({ "status": { "code": 429, "retry_after": wait } });
        let id = enters_while(&world, &email, &busy, 1).await;
        world.drain().await;
        world.rest().await;
        let theirs = format!("{OPPORTUNITIES}/{id}");
        let asked = world.asked_of_lever("GET", &theirs).await;
        assert_eq!(asked, 1, "it met the 429: {wait}");
        world.advance(Duration::from_secs(*quiet));
        world.drain().await;
        assert_eq!(world.asked_of_lever("GET", &theirs).await, asked, "asked too soon: {wait}");
        world.advance(Duration::from_secs(done - quiet));
        world.until("noted", async || world.note_says(&id, &["Status: Sent"]).await).await;
        assert_eq!(world.sent_to(&email).await, 1, "{wait}");
    }
}

#[tokio::test]
async fn a_wait_of_an_hour_holds_up_one_candidate_and_not_the_company() {
    let (world, _) = World::attached().await;
    let busy = json!({ "status": { "code": 429, "retry_after": 3600 } });
    let told = enters_while(&world, ADA, &busy, 1).await;
    world.drain().await;
    world.rest().await;
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    world.until("the other is noted", async || world.note_says(&ben, &["Status: Sent"]).await).await;
    assert!(world.notes(&told).await.is_empty());
}

#[tokio::test]
async fn ten_minutes_with_half_of_the_calls_failing_cost_few_attempts() {
    let (world, _) = World::attached().await;
    for (seed, code) in [500, 502, 503, 504].into_iter().enumerate() {
        let fault = json!({ "path_prefix": OPPORTUNITIES, "kind": status(code), "rate": 0.16, "seed": seed + 7 });
        world.fault_at_lever(fault).await;
    }
    let mut all = Vec::new();
    for n in 0..12 {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        all.push(id);
    }
    for _ in 0..60 {
        world.drain().await;
        world.advance(Duration::from_secs(10));
    }
    world.forget_faults_at_lever().await;
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(10));
    }
    world.drain().await;
    for id in &all {
        let left = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
        assert!(world.note_says(id, &["Status: Sent"]).await, "{left:#?}");
        let asked = world.asked_of_lever("GET", &format!("{OPPORTUNITIES}/{id}")).await;
        assert!(asked <= 24, "{asked} calls for one candidate and its note");
    }
    assert_eq!(world.sent().await.len(), all.len());
}

#[tokio::test]
async fn garbage_about_a_candidate_is_tried_again_and_never_acted_on() {
    let (world, _) = World::attached().await;
    let with = |body: &str| json!({ "status": { "code": 200, "body": body } });
    let kinds = [
        json!("html200"),
        json!("truncated"),
        json!("drop_before"),
        json!({ "flood": { "bytes": 6_000_000 } }),
        with(""),
        with("null"),
        with("{}"),
        with("{\"data\":[]}"),
        with("{\"data\":{\"id\":7,\"stage\":{}}}"),
    ];
    for (n, kind) in kinds.iter().enumerate() {
        let email = format!("candidate.{n}@mail.example");
        let id = enters_while(&world, &email, kind, 1).await;
        world.drain().await;
        assert_eq!(world.sent_to(&email).await, 0, "{kind}");
        world.advance(Duration::from_secs(60));
        world.until("noted", async || world.note_says(&id, &["Status: Sent"]).await).await;
        assert_eq!(world.sent_to(&email).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_token() {
    let (world, _) = World::attached().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = elsewhere.local_addr().expect("an address");
    let visits = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let listening = tokio::spawn(async move {
        while elsewhere.accept().await.is_ok() {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    for (n, code) in [301_u16, 302, 307, 308].into_iter().enumerate() {
        let there = format!("http://{address}/v1/opportunities");
        let kind = json!({ "status": { "code": code, "location": there } });
        let id = enters_while(&world, &format!("candidate.{n}@mail.example"), &kind, 1).await;
        world.drain().await;
        assert!(world.notes(&id).await.is_empty());
    }
    assert_eq!(visits.load(std::sync::atomic::Ordering::SeqCst), 0, "nobody came");
    listening.abort();
}

#[tokio::test]
async fn a_candidate_we_may_not_see_is_asked_for_twice_at_most() {
    for code in [403, 404] {
        let (world, _) = World::attached().await;
        let id = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
        let one = format!("{OPPORTUNITIES}/{id}");
        world.fault_at_lever(json!({ "path_prefix": one, "kind": status(code) })).await;
        world.moves_to_stage(&id).await;
        for _ in 0..4 {
            world.drain().await;
            world.advance(Duration::from_secs(60));
        }
        assert!(world.asked_of_lever("GET", &one).await <= 2);
        assert_eq!(world.sent().await.len(), 0);
        let told = engine::delivery::list(&world.engine, &world.admin, None, 10).await.expect("the list");
        let outcome = told.iter().find_map(|delivery| delivery.outcome.clone());
        assert_eq!(outcome.as_deref(), Some("Lever no longer shows this candidate"));
    }
}

/// Ada's result is noted, and then Lever is down.
async fn completed_before_lever_is_down() -> (World, String, Row) {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    world.fault_at_lever(json!({ "path_prefix": OPPORTUNITIES, "kind": status(503) })).await;
    (world, ada, row)
}

#[tokio::test]
async fn a_verdict_given_while_lever_is_down_is_pending_and_comes_true() {
    let (world, ada, row) = completed_before_lever_is_down().await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Failed, None, None).await.expect("completed");
    for minute in 0..10 {
        world.drain().await;
        if minute == 1 {
            verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
        }
        world.advance(Duration::from_secs(60));
    }
    let now = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert!(matches!(now.state, NoteState::Updating | NoteState::Problem(_)), "{now:?}");
    world.forget_faults_at_lever().await;
    let before = world.asked_of_lever("PUT", OPPORTUNITIES).await;
    world.advance(Duration::from_secs(45));
    world.until("in step again", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    assert_eq!(world.asked_of_lever("PUT", OPPORTUNITIES).await - before, 1);
}

#[tokio::test]
async fn a_verdict_that_is_taken_back_while_lever_is_down_leaves_no_problem_behind() {
    let (world, ada, row) = completed_before_lever_is_down().await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    let problems = async || note::problems(&world.engine, &world.admin, 10).await.expect("the list").len();
    let told = async || {
        world.advance(Duration::from_secs(60));
        problems().await == 1
    };
    world.until("it is said that it takes long", told).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::NotGiven, None, None).await.expect("completed");
    let settled = async || {
        world.advance(Duration::from_secs(60));
        problems().await == 0
    };
    world.until("nothing is missing any more", settled).await;
    world.forget_faults_at_lever().await;
    let now = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!(now.state, NoteState::InStep);
    assert!(world.note_says(&ada, &["Verdict: n/a"]).await);
}

/// Another process on the same database.
async fn replica(world: &World) -> Engine {
    Engine::open((*world.engine.settings).clone(), world.engine.clock.clone()).await.expect("it opens")
}

#[tokio::test]
async fn two_processes_and_fifty_calls_renew_the_token_once_an_hour() {
    let world = World::connected().await;
    let second = replica(&world).await;
    for hour in 0..5 {
        world.advance(Duration::from_secs(3_601));
        let before = world.asked_of_lever("POST", "/oauth/token").await;
        let calls = (0..50).map(|n| {
            let engine = if n % 2 == 0 { &world.engine } else { &second };
            let (api, stage) = (Api::new(engine, &world.admin.organization), world.stage.as_str().into());
            tokio::spawn(async move { api.stage(&stage).await })
        });
        for call in calls.collect::<Vec<_>>() {
            assert!(call.await.expect("no panic").expect("an answer").is_some());
        }
        assert_eq!(world.asked_of_lever("POST", "/oauth/token").await - before, 1, "hour {hour}");
    }
    second.db.close().await;
}

#[tokio::test]
async fn a_renewal_that_dies_with_its_answer_keeps_all_work_for_the_reconnect() {
    let (world, _) = World::attached().await;
    world.advance(Duration::from_secs(3_601));
    world.fault_at_lever(json!({ "path_prefix": "/oauth/token", "kind": "drop_after", "times": 1 })).await;
    for n in 0..3 {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves(&id, &world.stage).await;
        world.hear(Sender::Lever).await;
    }
    for _ in 0..3 {
        world.drain().await;
        world.advance(Duration::from_secs(60));
    }
    let state = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there").state;
    assert_eq!(state, ConnectionState::Revoked);
    let renewals = world.asked_of_lever("POST", "/oauth/token").await;
    world.advance(Duration::from_secs(20 * 24 * 3600));
    world.drain().await;
    assert_eq!(world.asked_of_lever("POST", "/oauth/token").await, renewals, "a refused token is not tried again");
    let waiting = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    assert!(waiting.iter().filter(|job| job.kind == "reconcile" && job.state == "waiting").count() >= 3);
    world.connect().await;
    let told = async || {
        let rows = world.invites().await;
        rows.len() == 3 && rows.iter().all(|row| row.state == InviteState::Sent || row.reason.is_some())
    };
    world.until("all of it goes on", told).await;
}

#[tokio::test]
async fn an_answer_that_never_comes_holds_up_nobody_else_and_is_given_up_soon() {
    is_given_up_and_holds_up_nobody(json!({ "delay": { "ms": 120_000 } })).await;
}

#[tokio::test]
async fn an_answer_that_comes_a_byte_a_second_is_given_up_as_well() {
    is_given_up_and_holds_up_nobody(json!({ "drip": { "ms": 1000 } })).await;
}

async fn is_given_up_and_holds_up_nobody(slowness: Value) {
    let (world, _) = World::attached().await;
    let slow = world.applies("Slow Example", Some("slow@mail.example"), Some(POSTING)).await;
    let path = format!("{OPPORTUNITIES}/{slow}");
    world.fault_at_lever(json!({ "path_prefix": path, "kind": slowness, "times": 1 })).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let dispatcher = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    let began = tokio::time::Instant::now();
    world.moves_to_stage(&slow).await;
    for n in 0..10 {
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
    }
    soon("the others are sent", async || world.sent().await.len() == 10).await;
    assert!(began.elapsed() < Duration::from_secs(25), "they waited for the slow one: {:?}", began.elapsed());
    let gave_up = async || {
        let open = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
        open.iter().any(|job| job.kind == "reconcile" && job.last_error.is_some())
    };
    soon("the call is given up", gave_up).await;
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    world.advance(Duration::from_secs(60));
    soon("the slow one is sent too", async || world.sent().await.len() == 11).await;
    stop.cancel();
    dispatcher.await.expect("without a panic");
}

#[tokio::test]
async fn a_list_that_goes_round_is_given_up_at_once_and_what_is_known_stays() {
    let (world, _) = World::attached().await;
    let page = json!({ "data": [], "hasNext": true, "next": "the same" }).to_string();
    let round = json!({ "path_prefix": "/v1/postings", "kind": { "status": { "code": 200, "body": page } } });
    world.fault_at_lever(round).await;
    let asked = async || world.asked_of_lever("GET", "/v1/postings").await;
    let before = asked().await;
    connection::sync_now(&world.engine, &world.admin).await.expect_err("a list without an end");
    assert!(asked().await - before <= 2, "{} pages", asked().await - before);
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
}
