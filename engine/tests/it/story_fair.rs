//! Many organizations on one queue: nobody waits for somebody else's backlog, or for their slow account.

use std::time::Duration;

use engine::{
    Engine,
    access::{Member, Role},
    invite::InviteState,
    job::{self, Work},
    lever::{Api, LeverError},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, add_user};

async fn big_company(world: &World) -> Member {
    add_user(&world.engine, "Big Company", "boss@big.example", Role::SuperAdmin).await
}

/// `n` candidates of theirs to look at, all due before anything else.
async fn backlog(world: &World, of: &Member, n: usize, named: &str) {
    let due = world.engine.clock.now().before(Duration::from_secs(3600));
    let mut tx = world.engine.db.write().await.expect("a transaction");
    for n in 0..n {
        let work = Work::Reconcile { opportunity: format!("{named}-{n}").into() };
        job::enqueue(&mut tx, &of.organization, &work, due, None).await.expect("enqueues");
    }
    tx.commit().await.expect("commits");
}

async fn left_of(world: &World, of: &Member) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE organization_id = $1 AND state = 'open'")
        .bind(of.organization.as_str())
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable")
}

async fn held_for(world: &World, of: &Member) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE organization_id = $1 AND lease_token IS NOT NULL")
        .bind(of.organization.as_str())
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable")
}

#[tokio::test]
async fn a_candidate_of_a_small_company_does_not_wait_for_a_huge_backlog() {
    let (world, _) = World::attached().await;
    let big = big_company(&world).await;
    backlog(&world, &big, 3_000, "o").await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.tick();
    let claims = job::drain_some(&world.engine, 32).await.expect("the database works");
    assert_eq!(world.the_invite().await.state, InviteState::Sent, "after {claims} claims");
    assert_eq!(world.sent().await.len(), 1);
    assert!(left_of(&world, &big).await > 2_960, "the backlog is hardly touched");
}

#[tokio::test]
async fn what_a_person_waits_for_goes_before_polls_that_are_due_for_longer() {
    let (world, _) = World::attached().await;
    world.drain().await;
    let due = world.engine.clock.now().before(Duration::from_secs(3600));
    let mut tx = world.engine.db.write().await.expect("a transaction");
    for n in 0..300 {
        let poll = Work::LookAgain { opportunity: format!("o-{n}").into() };
        job::enqueue(&mut tx, &world.admin.organization, &poll, due, None).await.expect("enqueues");
    }
    tx.commit().await.expect("commits");
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.tick();
    let claims = job::drain_some(&world.engine, 36).await.expect("the database works");
    assert_eq!(world.sent_to("ada@mail.example").await, 1, "after {claims} claims");
    assert!(left_of(&world, &world.admin).await > 250, "most of the polls are still to come");
}

#[tokio::test]
async fn every_company_with_a_backlog_gets_on() {
    let world = World::new().await;
    everybody_gets_on(&world, &world.engine).await;
}

#[tokio::test]
async fn every_company_gets_on_however_the_database_joins() {
    let world = World::new().await;
    let mut settings = world.engine.settings.as_ref().clone();
    if settings.database_url.starts_with("postgres") {
        settings.database_url += "?options=-c%20enable_hashjoin%3Doff%20-c%20enable_mergejoin%3Doff";
    }
    let engine = Engine::open(settings, world.engine.clock.clone()).await.expect("the engine opens");
    everybody_gets_on(&world, &engine).await;
}

async fn everybody_gets_on(world: &World, engine: &Engine) {
    let mut companies = Vec::new();
    for n in 0..9 {
        let email = format!("boss@company-{n}.example");
        let company = add_user(&world.engine, &format!("Company {n}"), &email, Role::SuperAdmin).await;
        backlog(world, &company, 40, "o").await;
        companies.push(company);
    }
    // Twelve places a round for nine companies: after three rounds everybody had four of them.
    job::drain_some(engine, 36).await.expect("the database works");
    for company in &companies {
        assert_eq!(left_of(world, company).await, 36, "{}", company.organization);
    }
}

#[tokio::test]
async fn an_account_that_does_not_answer_holds_up_nobody_else() {
    let (world, _) = World::attached().await;
    let big = big_company(&world).await;
    world.connect_for(&big).await;
    world.drain().await;
    let silence = json!({ "path_prefix": "/v1/opportunities/slow", "kind": { "delay": { "ms": 60_000 } } });
    world.fault_at_lever(silence).await;
    backlog(&world, &big, 40, "slow").await;
    let dispatcher = tokio::spawn(job::dispatch(world.in_time(), CancellationToken::new()));
    while held_for(&world, &big).await < 8 {
        tokio::task::yield_now().await;
    }
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let sent = async {
        while world.sent().await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), sent).await.expect("it is sent while the others wait");
    dispatcher.abort();
}

#[tokio::test]
async fn a_job_whose_turn_at_lever_is_far_is_put_back_and_has_tried_nothing() {
    let world = World::connected().await;
    world.drain().await;
    let busy = json!({ "status": { "code": 429, "retry_after": 20 } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/stages", "kind": busy, "times": 1 })).await;
    let api = Api::new(&world.engine, &world.admin.organization);
    let refused = api.stage(&world.stage.as_str().into()).await;
    assert!(matches!(refused, Err(LeverError::RateLimited { .. })));
    backlog(&world, &world.admin, 1, "later").await;
    let (now, asked) = (world.engine.clock.now(), world.asked_of_lever("GET", "/v1/").await);
    let began = tokio::time::Instant::now();
    assert_eq!(job::drain(&world.engine).await.expect("the database works"), 1);
    assert!(began.elapsed() < Duration::from_secs(1), "it does not wait for its turn");
    assert_eq!(world.asked_of_lever("GET", "/v1/").await, asked);
    let jobs = job::unfinished(&world.engine, &world.admin, 10).await.expect("the list");
    let later = jobs.iter().find(|job| job.kind == "reconcile").expect("the job");
    assert_eq!((later.state.as_str(), later.attempt), ("open", 0));
    let due = later.due_at.expect("it falls due").since(now);
    assert!((15..=21).contains(&due.as_secs()), "as soon as there is a turn: {due:?}");
}
