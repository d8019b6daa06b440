//! Work claimed, run and written down, with nothing to do outside, beside a row that is changed a commit, in one
//! run: `cargo bench -p benches --bench jobs`, on SQLite and, where TEST_DATABASE_URL names one, on PostgreSQL with
//! two servers (`script/postgres --durable cargo bench …`).
//!
//! The work is to ask after invites that do not exist: one read each, and done.

#[path = "../alone.rs"]
mod alone;
#[path = "../ingest/place.rs"]
mod place;

use std::time::{Duration, Instant};

use engine::{
    Engine,
    job::{self, Work},
};
use place::Place;
use tokio_util::sync::CancellationToken;

const ROUNDS: usize = 3;
const COMPANIES: usize = 8;
const JOBS: usize = 20_000;
/// Rows that are changed one by one.
const CHANGES: usize = 2_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    runtime.block_on(async {
        println!("{JOBS} jobs of {COMPANIES} companies, {ROUNDS} rounds");
        compare("SQLite", &Place::sqlite(), 1).await;
        match Place::postgres().await {
            Some(place) => compare(&place.described().await, &place, 2).await,
            None => println!("\nPostgreSQL: not measured, TEST_DATABASE_URL names none"),
        }
    });
    runtime.shutdown_background();
}

async fn compare(name: &str, place: &Place, servers: usize) {
    println!("\n{name}, servers: {servers}\n{:>14}{:>22}{:>8}", "jobs a second", "changes a second", "ratio");
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let url = place.fresh().await;
        let engine = alone::engine(&url).await;
        fill(&engine).await;
        let changes = per_second(CHANGES, change_one_by_one(&engine).await);
        let jobs = per_second(JOBS, work_off(&url, &engine, servers).await);
        println!("{jobs:>14.0}{changes:>22.0}{:>8.2}", jobs / changes);
        ratios.push(jobs / changes);
        engine.db.close().await;
    }
    ratios.sort_by(f64::total_cmp);
    println!("middle of the rounds: {:.2} × one change a commit", ratios[ROUNDS / 2]);
}

fn per_second(many: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(many).expect("a small number")) / took.as_secs_f64()
}

async fn fill(engine: &Engine) {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await.expect("a transaction");
    for company in 0..COMPANIES {
        sqlx::query("INSERT INTO organizations (id, name, name_fold, created_at) VALUES ($1, $1, $1, 0)")
            .bind(format!("org_{company}"))
            .execute(&mut *tx)
            .await
            .expect("a row");
    }
    for number in 0..JOBS {
        let work = Work::Fetch { invite: format!("inv_{number}").into() };
        let company = format!("org_{}", number % COMPANIES).into();
        job::enqueue(&mut tx, &company, &work, now, None).await.expect("enqueued");
    }
    tx.commit().await.expect("stored");
}

/// The least that a durable queue does: one row changed and flushed, and then the next.
async fn change_one_by_one(engine: &Engine) -> Duration {
    let began = Instant::now();
    for number in 0..CHANGES {
        let mut tx = engine.db.write().await.expect("a transaction");
        sqlx::query("UPDATE organizations SET created_at = $1 WHERE id = 'org_0'")
            .bind(i64::try_from(number).expect("a small number"))
            .execute(&mut *tx)
            .await
            .expect("changed");
        tx.commit().await.expect("stored");
    }
    began.elapsed()
}

/// Until nothing is left.
async fn work_off(url: &str, engine: &Engine, servers: usize) -> Duration {
    let (stop, mut dispatchers) = (CancellationToken::new(), Vec::new());
    let began = Instant::now();
    for _ in 0..servers {
        dispatchers.push(tokio::spawn(job::dispatch(alone::engine(url).await, stop.clone())));
    }
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while left(engine).await {
        look.tick().await;
    }
    let took = began.elapsed();
    stop.cancel();
    for dispatcher in dispatchers {
        dispatcher.await.expect("it does not panic");
    }
    took
}

async fn left(engine: &Engine) -> bool {
    let open = "SELECT id FROM jobs WHERE kind = 'fetch' AND due_at IS NOT NULL LIMIT 1";
    sqlx::query(open).fetch_optional(engine.db.read()).await.expect("an answer").is_some()
}
