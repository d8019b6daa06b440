//! The wall clock jumps: nothing storms, and nothing waits for a time that will not come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use engine::{
    Engine,
    clock::{Clock, Moment},
    db::Flavour,
    delivery::Received,
    doctor, job,
    lever::Api,
    settings::Settings,
};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, PYTHON, Sender, World, soon};

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

/// Moves somebody in Lever, whose webhook is lost, and sees that the poll finds them.
#[tokio::test]
async fn a_clock_that_is_minutes_off_costs_one_refused_call_an_hour_at_most() {
    let hours = 6;
    for (off, refused_an_hour) in [(-HOUR / 6, 1), (HOUR / 6, 0)] {
        let world = World::connected().await;
        let api = Api::new(&world.engine, &world.admin.organization);
        set(&world, Moment(world.engine.clock.now().0 + off));
        let before = world.asked_of_lever("POST", "/oauth/token").await;
        for _ in 0..hours * 12 {
            world.pass(Duration::from_secs(5 * 60));
            api.stage(&world.stage.as_str().into()).await.expect("an answer");
        }
        let calls = world.lever_ledger("/v1/stages").await;
        let refused = calls.iter().filter(|call| call["status"] == 401).count();
        assert!(refused <= hours * refused_an_hour, "{refused} of {} calls, {off} ms off", calls.len());
        let renewed = world.asked_of_lever("POST", "/oauth/token").await - before;
        assert!((hours - 1..=hours + 2).contains(&renewed), "{renewed} times in {hours} hours, {off} ms off");
    }
}

async fn a_lost_move_is_found(world: &World, email: &str) {
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let id = world.applies("Ada Example", Some(email), Some(POSTING)).await;
    world.moves(&id, &world.stage).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": false })).await;
    world.pass(Duration::from_secs(301));
    job::drain(&world.engine).await.expect("the database works");
    let sent = async || {
        job::drain(&world.engine).await.expect("the database works");
        world.sent_to(email).await == 1
    };
    soon(&format!("{email} is found"), sent).await;
}

#[tokio::test]
async fn moves_that_no_webhook_tells_are_found_after_any_jump_and_by_a_clock_that_is_wrong() {
    let (world, _) = World::attached().await;
    for (n, jump) in [2 * HOUR, TEN_YEARS].into_iter().enumerate() {
        world.tick();
        let now = world.engine.clock.now();
        set(&world, Moment(now.0 + jump));
        works(&world).await;
        set(&world, now);
        world.tick();
        works(&world).await;
        // What was put off by the wrong clock is taken up within the hour.
        world.advance(Duration::from_secs(65 * 60));
        works(&world).await;
        a_lost_move_is_found(&world, &format!("jump.{n}@mail.example")).await;
    }
    for (n, off) in [HOUR / 4, -HOUR / 4].into_iter().enumerate() {
        world.tick();
        set(&world, Moment(world.engine.clock.now().0 + off));
        works(&world).await;
        for again in 0..2 {
            a_lost_move_is_found(&world, &format!("off.{n}.{again}@mail.example")).await;
        }
        set(&world, Moment(world.engine.clock.now().0 - off));
    }
}

#[tokio::test]
async fn a_clock_that_is_a_quarter_of_an_hour_off_refuses_no_webhook_and_the_doctor_tells_of_it() {
    for off in [HOUR / 4, -HOUR / 4] {
        let (world, _) = World::attached().await;
        world.tick();
        let right = world.engine.clock.now();
        set(&world, Moment(right.0 + off));
        let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
        world.moves(&ada, &world.stage).await;
        assert_eq!(world.hear(Sender::Lever).await.received, Received::Accepted, "{off} ms off");
        job::drain(&world.engine).await.expect("the database works");
        assert!(world.note_says(&ada, &["Status: Sent"]).await, "{off} ms off");

        let findings = doctor::examine(&world.engine).await.expect("the database works");
        let told = findings[0].ahead_of_lever.expect("Lever's answers are dated");
        assert!((told - off).abs() < 60_000, "{off} ms off, told as {told}");

        // Callbacks are good for five minutes; what they were to tell is asked for.
        world.submits("ada@mail.example", Some(87)).await;
        assert_eq!(world.hear(Sender::Canditech).await.received, Received::Refused, "{off} ms off");
        set(&world, right);
        world.advance(Duration::from_secs(35 * 60));
        world.until("noted", async || world.note_says(&ada, &["Status: Completed", "Score: 87/100"]).await).await;
        assert_eq!(world.sent().await.len(), 1);
    }
}

#[tokio::test]
async fn whoever_enters_right_after_the_attachment_is_due_and_whoever_entered_before_is_not_whatever_our_clock_says() {
    for off in [HOUR / 12, -HOUR / 12] {
        let world = World::connected().await;
        let early = world.applies("Early Example", Some("early@mail.example"), Some(POSTING)).await;
        world.moves_to_stage(&early).await;
        // Dates are told to the second.
        world.advance(Duration::from_secs(10));
        let right = world.engine.clock.now();
        set(&world, Moment(right.0 + off));
        world.attach(Some(POSTING), PYTHON).await;
        set(&world, right);
        world.advance(Duration::from_secs(10));
        let late = world.applies("Late Example", Some("late@mail.example"), Some(POSTING)).await;
        world.moves_to_stage(&late).await;
        world.drain().await;
        assert_eq!(world.sent_to("late@mail.example").await, 1, "{off} ms off");
        assert_eq!(world.sent_to("early@mail.example").await, 0, "{off} ms off");
    }
}

/// Another server, whose own clock is so many minutes wrong, at work.
async fn server(world: &World, minutes: i64, stop: &CancellationToken) -> JoinHandle<()> {
    let own = Clock::Shifted(Arc::new(AtomicI64::new(minutes * 60_000)));
    let settings = Settings::clone(&world.engine.settings);
    let engine = Engine::open(settings, Clock::shared(own)).await.expect("the engine opens");
    tokio::spawn(job::dispatch(engine, stop.clone()))
}

#[tokio::test]
async fn servers_whose_clocks_are_minutes_apart_do_nothing_twice() {
    let (world, _) = World::attached().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // One server alone.
        return;
    }
    let slow = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay": { "ms": 3_000 } } });
    world.fault_at_canditech(slow).await;
    // Due for all of them, whatever their clocks say.
    world.tick();
    set(&world, world.engine.clock.now().before(Duration::from_mins(10)));
    let mut all = Vec::new();
    for n in 0..4 {
        all.push(world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await);
        world.moves_to_stage(&all[n]).await;
    }
    let stop = CancellationToken::new();
    let late = server(&world, -5, &stop).await;
    let claimed = async || {
        let jobs = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
        jobs.iter().filter(|job| job.kind == "send" && job.attempt > 0).count() == all.len()
    };
    soon("the slow one sends", claimed).await;
    let early = server(&world, 5, &stop).await;
    let noted = async || {
        let mut noted = 0;
        for opportunity in &all {
            noted += usize::from(world.note_says(opportunity, &["Status: Sent"]).await);
        }
        noted == all.len()
    };
    soon("all are noted", noted).await;
    stop.cancel();
    for server in [late, early] {
        server.await.expect("no panic");
    }
    assert_eq!(world.asked_of_canditech("POST", "/api/invites").await, all.len(), "sends");
    assert_eq!(world.asked_of_lever("POST", "/v1/opportunities").await, all.len(), "notes");
}
