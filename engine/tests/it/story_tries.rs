//! Guessing at passwords and codes takes long, at whichever server, and nobody is locked out for good.

use std::{net::IpAddr, time::Duration};

use engine::{
    Engine,
    access::tries::{forgive, may_try},
    job,
};

use crate::world::World;

const NORA: &str = "nora@halden.example";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

async fn tries(engine: &Engine, account: &str, from: Option<IpAddr>) -> bool {
    may_try(engine, account, from).await.expect("the database works")
}

/// How many of so many tries are heard.
async fn heard(engine: &Engine, many: usize, mut one: impl FnMut(usize) -> (String, Option<IpAddr>)) -> usize {
    let mut heard = 0;
    for n in 0..many {
        let (account, from) = one(n);
        heard += usize::from(tries(engine, &account, from).await);
    }
    heard
}

async fn counts(world: &World) -> i64 {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM tries");
    count.fetch_one(world.engine.db.read()).await.expect("a number")
}

#[tokio::test]
async fn the_ninth_try_on_an_account_waits_half_a_minute_at_every_server() {
    let world = World::new().await;
    let second = world.second_process().await;
    for n in 0..8 {
        assert!(tries(if n % 2 == 0 { &world.engine } else { &second }, NORA, None).await);
    }
    for engine in [&world.engine, &second] {
        assert!(!tries(engine, NORA, None).await);
        assert!(tries(engine, "tomas@halden.example", None).await, "another account is not touched");
    }
    world.engine.clock.advance(HALF_A_MINUTE);
    assert!(tries(&second, NORA, None).await);
    assert!(!tries(&world.engine, NORA, None).await);
}

#[tokio::test]
async fn tries_that_come_at_the_same_moment_are_all_counted() {
    let world = World::new().await;
    let second = world.second_process().await;
    let all = (0..40).map(|n| tries(if n % 2 == 0 { &world.engine } else { &second }, NORA, None));
    let heard = futures::future::join_all(all).await.into_iter().filter(|heard| *heard).count();
    assert_eq!(heard, 8);
}

#[tokio::test]
async fn a_network_that_tries_many_accounts_is_stopped_too() {
    let world = World::new().await;
    let address = Some(IpAddr::from([192, 0, 2, 1]));
    let many = |n: usize| (format!("{n}@halden.example"), address);
    assert_eq!(heard(&world.engine, 100, many).await, 50);
    assert_eq!(counts(&world).await, 51, "of the rest only the network's count is kept, and fifty accounts'");
    assert_eq!(heard(&world.engine, 20, |_| (NORA.into(), address)).await, 0);
    let elsewhere = Some(IpAddr::from([192, 0, 2, 2]));
    assert!(tries(&world.engine, NORA, elsewhere).await, "who was stopped by the network used up nothing of hers");
    let network = |n: usize| (format!("{n}@x.example"), format!("2001:db8:1:2:{n:x}::{n:x}").parse().ok());
    assert_eq!(heard(&world.engine, 100, network).await, 50, "one customer's network of IPv6 is one");
    assert!(tries(&world.engine, "kim@x.example", "2001:db8:1:3::1".parse().ok()).await, "the network beside it");
    assert!(!tries(&world.engine, "kim@y.example", "::ffff:192.0.2.1".parse().ok()).await, "the same address");
}

#[tokio::test]
async fn an_account_is_one_however_it_is_written() {
    let world = World::new().await;
    let spelt = ["nora@halden.example", "NORA@halden.example", " nora@Halden.Example ", "Nora@HALDEN.example\t"];
    assert_eq!(heard(&world.engine, 30, |n| (spelt[n % spelt.len()].into(), None)).await, 8);
    forgive(&world.engine, "NORA@HALDEN.EXAMPLE").await.expect("forgiven");
    assert!(tries(&world.engine, NORA, None).await);
}

#[tokio::test]
async fn of_thousands_of_tries_an_account_hears_two_a_minute_and_is_never_locked_for_good() {
    let world = World::new().await;
    // Each from another address, for twenty-four minutes.
    let (step, began) = (Duration::from_millis(720), world.engine.clock.now());
    let mut heard = Vec::new();
    for n in 0..2_000_u32 {
        if tries(&world.engine, NORA, Some(IpAddr::from(n.to_be_bytes()))).await {
            heard.push(world.engine.clock.now());
        }
        world.engine.clock.advance(step);
    }
    let in_a_minute =
        heard.iter().map(|from| heard.iter().filter(|at| *at >= from && at.since(*from).as_secs() < 60).count());
    let most = in_a_minute.max().unwrap_or_default();
    assert!(most <= 10, "eight that may come at once, and two made good in that minute: {most}");
    let minutes = usize::try_from(world.engine.clock.now().since(began).as_secs() / 60).expect("few");
    assert!(heard.len() <= 8 + 2 * minutes, "{}", heard.len());
    world.engine.clock.advance(HALF_A_MINUTE);
    assert!(tries(&world.engine, NORA, None).await, "waiting helps");
    // What is made good is not kept.
    world.engine.clock.advance(Duration::from_hours(1));
    job::schedule_standing_work(&world.engine).await.expect("done");
    assert_eq!(counts(&world).await, 0);
}
