//! How long an invite takes, and what the job engine does alone; run by hand:
//! `cargo test --release -p engine --test it measure_latency -- --ignored --nocapture --test-threads 1`,
//! and the same behind `script/postgres --durable`.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use engine::{
    access::Role,
    job::{self, Work},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, add_user};

const CANDIDATES: usize = 100;
const COMPANIES: usize = 8;
const JOBS: usize = 500;

async fn count(world: &World, what: &'static str) -> i64 {
    sqlx::query_scalar(what).fetch_one(world.engine.db.read()).await.expect("a number")
}

async fn until(world: &World, what: &'static str, expected: i64) {
    while count(world, what).await != expected {
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}

/// The middle and the 99th of a hundred.
fn shown(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |hundredths: usize| times[(times.len() * hundredths).div_ceil(100) - 1];
    format!("p50 {:.1?}, p99 {:.1?}", at(50), at(99))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a promise"]
async fn from_the_webhook_to_the_sent_invite() {
    let (world, _) = World::attached().await;
    let reads = world.asked_of_lever("GET", "/v1/opportunities").await;
    let stop = CancellationToken::new();
    let dispatcher = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    let (mut answered, mut sent, mut upstream) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..CANDIDATES {
        let ada = world.applies("Ada Example", Some(&format!("ada{n}@mail.example")), Some(POSTING)).await;
        world.tick();
        let began = Instant::now();
        world.moves_to_stage(&ada).await;
        answered.push(began.elapsed());
        let began = Instant::now();
        let many = i64::try_from(n + 1).expect("a small number");
        until(&world, "SELECT COUNT(*) FROM invites WHERE state = 'sent'", many).await;
        sent.push(began.elapsed());
        // An idle system: what this one caused is over before the next one moves.
        until(&world, "SELECT COUNT(*) FROM jobs WHERE state = 'open' AND priority < 9", 0).await;
        let began = Instant::now();
        world.asked_of_lever("GET", "/v1/none").await;
        upstream.push(began.elapsed());
    }
    let reads = world.asked_of_lever("GET", "/v1/opportunities").await - reads;
    let notes = world.asked_of_lever("POST", "/v1/opportunities").await;
    stop.cancel();
    dispatcher.await.expect("without a panic");
    let mut report = std::io::stderr();
    let lines = [
        format!("{:?}, {CANDIDATES} candidates, one after the other", world.engine.db.flavour()),
        format!("  move in Lever -> webhook answered, stand-in included: {}", shown(answered)),
        format!("  webhook answered -> invite sent, two calls to stand-ins included: {}", shown(sent)),
        format!("  a call to a stand-in by itself: {}", shown(upstream)),
        format!("  calls to Lever in all, polls included: {reads} reads and {notes} notes"),
    ];
    for line in lines {
        writeln!(report, "{line}").expect("a place to write");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a promise"]
async fn jobs_that_do_nothing() {
    let world = World::new().await;
    let now = world.engine.clock.now();
    for n in 0..COMPANIES {
        let boss = format!("boss{n}@company.example");
        let company = add_user(&world.engine, &format!("Company {n}"), &boss, Role::SuperAdmin).await;
        let mut tx = world.engine.db.write().await.expect("a transaction");
        for n in 0..JOBS {
            // Nobody of that name was invited: the job finds that out and is done.
            let work = Work::Send { invite: format!("inv_{n}").as_str().into() };
            job::enqueue(&mut tx, &company.organization, &work, now, None).await.expect("enqueues");
        }
        tx.commit().await.expect("commits");
    }
    let mut report = std::io::stderr();
    let replicas = if world.engine.db.flavour() == engine::db::Flavour::Postgres { 2 } else { 1 };
    let (stop, mut dispatchers) = (CancellationToken::new(), JoinSet::new());
    let began = Instant::now();
    for _ in 0..replicas {
        dispatchers.spawn(job::dispatch(world.second_process().await, stop.clone()));
    }
    until(&world, "SELECT COUNT(*) FROM jobs WHERE finished_at IS NULL AND kind = 'send'", 0).await;
    let took = began.elapsed();
    stop.cancel();
    dispatchers.join_all().await;
    let done = u32::try_from(COMPANIES * JOBS).expect("a small number");
    let rate = f64::from(done) / took.as_secs_f64();
    let flavour = world.engine.db.flavour();
    writeln!(report, "{flavour:?}, {replicas} replica(s): {done} jobs in {took:?}, {rate:.0} a second")
        .expect("a place");
}
