//! Our share of Lever's rate is kept, by one process and by several, and Lever never says 429. How much of it
//! is used is the machine's business too: `benches/drain` measures it.

use std::{num::NonZeroU32, time::Duration};

use engine::{
    Engine,
    access::Role,
    fault::FlowError,
    job,
    lever::{self, Share},
    settings::{Settings, USUAL_CALLS_PER_SECOND},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, Sender, World};

/// A process with another share than the usual one.
async fn process(world: &World, share: u32) -> Engine {
    let mut settings = Settings::clone(&world.engine.settings);
    settings.lever.calls_per_second = NonZeroU32::new(share).expect("not zero");
    Engine::open(settings, world.in_time().clock).await.expect("the engine opens")
}

/// Moves candidates, whose webhooks wait until all of them are there, and drains them; answers when Lever
/// was asked, in milliseconds. It never said 429.
async fn drained(candidates: usize, processes: usize, share: u32, levers: u32) -> Vec<i64> {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/rate", json!({ "per_second": levers, "burst": 2 * levers })).await;
    drained_in(world, candidates, processes, share).await
}

async fn drained_in(world: World, candidates: usize, processes: usize, share: u32) -> Vec<i64> {
    world.drain().await;
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": candidates, "posting": POSTING })).await;
    let body = json!({ "opportunities": made["opportunities"], "stage": world.stage });
    world.lever("/sandbox/bulk-move", body).await;
    for _ in 0..candidates {
        world.hear(Sender::Lever).await;
    }
    let before = world.lever_ledger("/v1/opportunities").await.len();
    work_until_noted(&world, candidates, processes, share).await;
    let calls = &world.lever_ledger("/v1/opportunities").await[before..];
    assert!(calls.len() >= 2 * candidates, "{} calls", calls.len());
    assert!(calls.iter().all(|call| call["status"] != 429), "Lever says 429 to {processes} processes");
    let mut times: Vec<i64> = calls.iter().map(|call| call["at"].as_i64().expect("a time")).collect();
    times.sort_unstable();
    times
}

async fn work_until_noted(world: &World, candidates: usize, processes: usize, share: u32) {
    let (stop, mut work) = (CancellationToken::new(), Vec::new());
    for _ in 0..processes {
        work.push(tokio::spawn(job::dispatch(process(world, share).await, stop.clone())));
    }
    let noted = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while world.asked_of_lever("POST", "/v1/opportunities").await < candidates {
            look.tick().await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(180), noted).await.is_err() {
        let left = job::unfinished(&world.engine, &world.admin, 100).await.expect("readable");
        panic!("not all are noted: {left:#?}");
    }
    stop.cancel();
    for dispatcher in work {
        dispatcher.await.expect("without a panic");
    }
}

/// A second's worth may go at once; what left apart may arrive together on a busy machine, half a second's worth.
fn assert_kept(share: i64, times: &[i64]) {
    for seconds in 1..=4 {
        let most = most_within(times, seconds);
        assert!(most <= share * (seconds + 1) + share / 2 + 1, "{most} calls in {seconds} s");
    }
}

/// The most calls of any stretch of so many seconds.
fn most_within(times: &[i64], seconds: i64) -> i64 {
    let stretch = |(n, at): (usize, &i64)| times[n..].iter().take_while(|other| **other < at + seconds * 1_000).count();
    let most = times.iter().enumerate().map(stretch).max().unwrap_or(0);
    i64::try_from(most).expect("a small number")
}

#[tokio::test]
async fn at_levers_own_rate_nine_a_second_are_never_exceeded() {
    let times = drained(40, 1, 9, 10).await;
    assert_kept(9, &times);
}

#[tokio::test]
async fn three_processes_have_one_share_among_them() {
    let times = drained(60, 3, 40, 80).await;
    assert_kept(40, &times);
}

#[tokio::test]
async fn the_share_is_a_super_admins_to_choose_and_counts_more_than_the_setting() {
    let (world, _) = World::attached().await;
    let server = process(&world, USUAL_CALLS_PER_SECOND.get()).await;
    let share = async || lever::share(&server, &world.admin).await.expect("readable");
    assert_eq!(share().await, i64::from(USUAL_CALLS_PER_SECOND.get()), "the server's setting");
    let eight = Share::new(8).expect("a share");
    let admin = world.member("otto@halden.example", Role::Admin).await;
    let refused = lever::choose_share(&world.engine, &admin, eight).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))), "{refused:?}");
    lever::choose_share(&world.engine, &world.admin, eight).await.expect("chosen");
    assert_eq!(share().await, 8);
    world.lever("/sandbox/rate", json!({ "per_second": 80, "burst": 160 })).await;
    let times = drained_in(world, 16, 1, 40).await;
    assert_kept(8, &times);
}

#[tokio::test]
async fn nobody_chooses_a_share_before_there_is_a_connection() {
    let world = World::new().await;
    let chosen = lever::choose_share(&world.engine, &world.admin, Share::new(2).expect("a share")).await;
    assert!(matches!(chosen, Err(FlowError::NotConnected)), "{chosen:?}");
}
