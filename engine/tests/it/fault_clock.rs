//! The wall clock jumps: nothing storms, and nothing waits for a time that will not come.

use std::{sync::atomic::Ordering, time::Duration};

use engine::{
    clock::{Clock, Moment},
    job,
};
use serde_json::json;

use crate::world::{POSTING, World};

const HOUR: i64 = 3_600_000;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;

fn set(world: &World, at: Moment) {
    let Clock::Manual(clock) = &world.engine.clock else { panic!("the world's clock is the test's") };
    clock.store(at.0, Ordering::SeqCst);
}

/// What a dispatcher does at its start and every hour, and all that is due.
async fn works(world: &World) {
    job::schedule_standing_work(&world.engine).await.expect("the database works");
    job::drain(&world.engine).await.expect("the database works");
}

async fn calls(world: &World) -> usize {
    world.asked_of_lever("GET", "/v1").await + world.asked_of_canditech("GET", "/api").await
}

#[tokio::test]
async fn a_clock_that_jumps_and_comes_back_leaves_nothing_behind() {
    let (world, _) = World::attached().await;
    world.without_a_rate().await;
    for (n, jump) in [-HOUR, TEN_YEARS, i64::MIN, HOUR].into_iter().enumerate() {
        world.tick();
        let now = world.engine.clock.now();
        works(&world).await;
        // Somebody's note is refused for the moment while the clock is wrong.
        let id = world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        let down = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_before", "times": 1 });
        world.fault_at_lever(down).await;
        let before = calls(&world).await;
        set(&world, if jump == i64::MIN { Moment(0) } else { Moment(now.0 + jump) });
        works(&world).await;
        works(&world).await;
        assert!(calls(&world).await - before < 40, "a storm of calls after a jump of {jump} ms");

        set(&world, now);
        world.tick();
        works(&world).await;
        // A time an hour ahead may be meant; what no honest clock can have said is due at once.
        world.advance(Duration::from_secs(if jump == HOUR { 65 * 60 } else { 5 * 60 }));
        works(&world).await;
        world.until("noted", async || world.note_says(&id, &["Status: Sent"]).await).await;
    }
    assert_eq!(world.sent().await.len(), 4);
}
