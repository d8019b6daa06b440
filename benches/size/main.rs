//! What the Candidates tab and the dashboard cost with 1,000, 100,000 and 1,000,000 invites, and the ratio:
//! `cargo bench -p benches --bench size [-- --quick]`, on SQLite and, where TEST_DATABASE_URL names one, on
//! PostgreSQL (`script/postgres cargo bench …`). `--quick` leaves the million out.
//!
//! Each number is the median in milliseconds of a call of the engine, warm, on an idle database: the statements
//! of a page (its rows and its count), the way to the database and back, and the reading of the rows.

#[path = "../alone.rs"]
mod alone;
mod ask;
#[path = "../ingest/place.rs"]
mod place;
mod seed;

use std::time::Instant;

use place::Place;

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// What a list may take, however many there are.
const GOAL: f64 = 5.0;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let sizes = if quick { &SIZES[..2] } else { &SIZES[..] };
    let runtime = tokio::runtime::Runtime::new().expect("threads to work on");
    runtime.block_on(run(sizes));
    runtime.shutdown_background();
}

async fn run(sizes: &[usize]) {
    compare("SQLite", &Place::sqlite(), sizes).await;
    match Place::postgres().await {
        Some(place) => compare(&place.described().await, &place, sizes).await,
        None => println!("\nPostgreSQL: not measured, TEST_DATABASE_URL names none"),
    }
}

async fn compare(name: &str, place: &Place, sizes: &[usize]) {
    println!("\n{name}");
    let asks = ask::all();
    let mut columns = Vec::new();
    for &rows in sizes {
        let engine = alone::engine(&place.fresh().await).await;
        let began = Instant::now();
        seed::fill(&engine, rows).await;
        println!("{rows} invites made in {:.1} s", began.elapsed().as_secs_f64());
        let mut column = Vec::new();
        for ask in &asks {
            column.push(ask.measure(&engine).await);
        }
        columns.push(column);
        engine.db.close().await;
    }
    table(&asks, sizes, &columns);
}

fn table(asks: &[ask::Ask], sizes: &[usize], columns: &[Vec<f64>]) {
    let heads: String = sizes.iter().map(|rows| format!("{rows:>12}")).collect();
    println!("{:<48}{heads}{:>10}", "ms (median)", "ratio");
    for (row, ask) in asks.iter().enumerate() {
        let times: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        let cells: String = times.iter().map(|time| format!("{time:>12.2}")).collect();
        let (first, last) = (times[0], times[times.len() - 1]);
        let over = if last > GOAL { "  over 5 ms" } else { "" };
        println!("{:<48}{cells}{:>10.1}{over}", ask.name, last / first);
    }
}
