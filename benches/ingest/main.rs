//! Durable ingest of webhooks, in one run beside a handler that stores nothing and one that inserts a row
//! a request: `cargo bench -p benches --bench ingest [-- --quick]`, on SQLite and, where TEST_DATABASE_URL
//! names one, on PostgreSQL (`script/postgres --durable cargo bench …`).
//!
//! Only the ratios count: all three share the machine with the load, a thread of this process with 32
//! connections over 127.0.0.1, each of which sends its next message when the last is answered. What is
//! measured is Axum and the engine without the program's layers and without the dispatcher.

#[path = "../alone.rs"]
mod alone;
mod load;
mod message;
mod place;
mod server;

use std::time::Duration;

use load::{Measured, Pace};
use place::Place;
use server::{Kind, Server};

const ROUNDS: usize = 3;
const USUAL: Duration = Duration::from_millis(3400);
const QUICK: Duration = Duration::from_millis(700);
/// Arrivals a second, about as many as a company's busiest day could bring.
const BURST: u32 = 500;
const WARM_UP: Duration = Duration::from_millis(300);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    runtime.block_on(run(if quick { QUICK } else { USUAL }));
    runtime.shutdown_background();
}

async fn run(time: Duration) {
    println!(
        "{} connections, {} bytes a message, {ROUNDS} rounds of {time:?} each",
        load::CONNECTIONS,
        message::size()
    );
    compare("SQLite", &Place::sqlite(), time).await;
    match Place::postgres().await {
        Some(place) => compare(&place.described().await, &place, time).await,
        None => println!("\nPostgreSQL: not measured, TEST_DATABASE_URL names none"),
    }
}

async fn compare(name: &str, place: &Place, time: Duration) {
    let heads = ["per s", "× bare", "p50 ms", "p99 ms", "max ms", "CPU µs"].map(|head| format!("{head:>10}"));
    println!("\n{name}\n{:<24}{}", "", heads.concat());
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = Vec::new();
        for kind in [Kind::Bare, Kind::Insert, Kind::Candilever] {
            round.push((kind, measure(kind, place, Pace::AsAnswered, time).await));
        }
        let bare = round[0].1.per_second();
        for (kind, measured) in &round {
            let [p50, p99, most] = [0.5, 0.99, 1.0].map(|share| measured.milliseconds(share));
            let (rate, share) = (measured.per_second(), measured.per_second() / bare);
            let busy = measured.processor();
            println!("{:<24}{rate:>10.0}{share:>10.3}{p50:>10.2}{p99:>10.2}{most:>10.1}{busy:>10.1}", kind.name());
        }
        rounds.push(round);
    }
    summary(&rounds);
    burst(place, time * 3).await;
}

/// Messages that come at a fixed rate, whatever became of those before.
async fn burst(place: &Place, time: Duration) {
    let measured = measure(Kind::Candilever, place, Pace::Steady(BURST), time).await;
    let [p50, p99, most] = [0.5, 0.99, 1.0].map(|share| measured.milliseconds(share));
    let (rate, busy) = (measured.per_second(), measured.processor());
    println!(
        "{BURST} arrivals a second for {time:?}: {rate:.0} a second answered, p50 {p50:.2} ms, p99 {p99:.2} ms, \
         max {most:.1} ms, {busy:.0} µs of the processor each"
    );
}

async fn measure(kind: Kind, place: &Place, pace: Pace, time: Duration) -> Measured {
    let server = Server::start(kind, place).await;
    load::send(server.address, server.path.clone(), server.token.clone(), Pace::AsAnswered, WARM_UP).await;
    let before = server.rows().await;
    let measured = load::send(server.address, server.path.clone(), server.token.clone(), pace, time).await;
    let after = server.rows().await;
    assert_eq!(measured.refused, 0, "{}: every message is taken", kind.name());
    if let (Some(before), Some(after)) = (before, after) {
        // Those that were under way at the end may be there too.
        assert!(after - before >= measured.answered(), "{}: whatever was answered is there", kind.name());
    }
    server.stop().await;
    measured
}

fn summary(rounds: &[Vec<(Kind, Measured)>]) {
    let rate = |round: &[(Kind, Measured)], index: usize| round[index].1.per_second();
    let of_bare = middle(rounds.iter().map(|round| rate(round, 2) / rate(round, 0)));
    let of_insert = middle(rounds.iter().map(|round| rate(round, 2) / rate(round, 1)));
    let p99 = middle(rounds.iter().map(|round| round[2].1.milliseconds(0.99)));
    println!("middle of the rounds: {of_bare:.3} × bare, {of_insert:.1} × one insert a request, p99 {p99:.1} ms");
}

fn middle(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
