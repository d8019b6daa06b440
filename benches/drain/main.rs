//! How much of our share of Lever's rate is used while moved candidates are drained, and whether Lever ever
//! says 429: `cargo bench -p benches --bench drain [-- --candidates 2000 --factor 10 --latency 0]`, on SQLite
//! and, where TEST_DATABASE_URL names one, on PostgreSQL with one and with three processes' engines
//! (`script/postgres --durable cargo bench …`); `--only postgres-3` and `--share 9` leave out the rest.
//!
//! The stand-in Lever and we both go faster by the factor; at 1 it is Lever's own rate. The latency is what
//! the stand-in waits before it answers, in milliseconds. Everybody is moved before the work begins.

mod company;
#[path = "../ingest/place.rs"]
mod place;
mod tally;

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use company::Company;
use place::Place;

/// Of the ten a second that Lever allows.
const SHARES: [u32; 2] = [5, 9];

/// How large, how fast, how far away.
#[derive(Clone, Copy)]
pub struct Plan {
    pub candidates: usize,
    pub factor: u32,
    pub latency: Duration,
}

fn main() {
    let plan = Plan {
        candidates: argument("--candidates").unwrap_or(2_000),
        factor: argument("--factor").unwrap_or(10),
        latency: Duration::from_millis(argument("--latency").unwrap_or(0)),
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    runtime.block_on(run(plan));
    runtime.shutdown_background();
}

fn argument<T: FromStr>(name: &str) -> Option<T> {
    std::env::args().skip_while(|argument| argument != name).nth(1)?.parse().ok()
}

async fn run(plan: Plan) {
    let Plan { candidates, factor, latency } = plan;
    println!("{candidates} candidates, {factor} × Lever's rate, answers after {latency:?}");
    let heads =
        ["share/s", "calls", "seconds", "of share", "peak", "429", "per invite"].map(|head| format!("{head:>11}"));
    println!("{:<12}{}", "", heads.concat());
    drain("sqlite-1", &Place::sqlite(), 1, plan).await;
    match Place::postgres().await {
        Some(place) => {
            println!("{}", place.described().await);
            drain("postgres-1", &place, 1, plan).await;
            drain("postgres-3", &place, 3, plan).await;
        }
        None => println!("PostgreSQL: not measured, TEST_DATABASE_URL names none"),
    }
}

/// Drains on a database with so many processes, at each share.
async fn drain(name: &str, place: &Place, processes: usize, plan: Plan) {
    if argument("--only").is_some_and(|only: String| only != name) {
        return;
    }
    let only: Option<u32> = argument("--share");
    for share in SHARES.into_iter().filter(|share| only.is_none_or(|only| only == *share)) {
        let rate = NonZeroU32::new(share * plan.factor).expect("a factor of 1 or more");
        let company = Company::open(&place.fresh().await, rate, processes, plan).await;
        company.moves_everybody().await;
        let tally = company.drain().await;
        let (calls, seconds, refused) = (tally.calls, tally.lasted.as_secs_f64(), tally.refused);
        let (used, peak) = (tally.used * 100.0, tally.peak * 100.0);
        let each = tally.per_invite;
        println!("{name:<12}{share:>11}{calls:>11}{seconds:>11.1}{used:>10.1}%{peak:>10.1}%{refused:>11}{each:>11.2}");
        company.close().await;
    }
}
