//! A process may die at any place: its work is dropped at every single point at which it waits for the
//! database or for an answer, and the next process goes on.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use engine::{db::Flavour, job};
use serde_json::json;

use crate::world::{POSTING, Sender, World};

/// Works on until the `n`th wait from here; false when the work is done before that.
pub async fn works_on(work: &mut Pin<Box<impl Future<Output = ()>>>, n: usize) -> bool {
    let mut waits = 0;
    poll_fn(|context| {
        if waits == n {
            return Poll::Ready(true);
        }
        waits += 1;
        work.as_mut().poll(context).map(|()| false)
    })
    .await
}

/// Does what is due, until nothing is.
pub async fn work(world: &World) {
    job::drain(&world.engine).await.expect("the database works");
}

/// Works until the `n`th wait and dies there; false when the work was done before that.
async fn dies_at(world: &World, n: usize) -> bool {
    works_on(&mut Box::pin(work(world)), n).await
}

/// The next process knows that the one before is gone.
async fn next_process(world: &World) {
    job::take_over(&world.engine).await.expect("taken over");
}

async fn notes_say(world: &World, opportunity: &str, line: &str) -> bool {
    world.note_says(opportunity, &[line]).await
}

/// An answer that is there already is not waited for: only after so many times in a row that the work was
/// done first are there no more places.
pub const SURE: usize = 4;

/// The same for one candidate after another, dying a wait later each time, until the work is done before
/// that. What is to happen first is the caller's; in the end the note has the line. Answers how often it died.
async fn dies_everywhere(world: &World, line: &str, first: impl AsyncFn(&str, &str)) -> usize {
    let (mut deaths, mut survived) = (0, 0);
    for place in 0.. {
        let email = format!("candidate.{place}@mail.example");
        let id = world.applies("Ada Example", Some(&email), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        first(&id, &email).await;
        let died = dies_at(world, place).await;
        next_process(world).await;
        world.until("the note says it", async || notes_say(world, &id, line).await).await;
        assert_eq!(world.sent_to(&email).await, 1, "dead at wait {place}");
        (deaths, survived) = if died { (deaths + 1, 0) } else { (deaths, survived + 1) };
        if survived == SURE {
            break;
        }
    }
    deaths
}

/// Counted were 87 and 43 to 47 deaths on SQLite, 40 to 101 and 23 to 57 on PostgreSQL, whose answers are
/// often there before anybody waits. Fewer than these would mean that the work is done elsewhere.
fn assert_many(world: &World, deaths: usize, [sqlite, postgres]: [usize; 2]) {
    let least = if world.engine.db.flavour() == Flavour::Sqlite { sqlite } else { postgres };
    assert!(deaths >= least, "died {deaths} times only: is the work still done here?");
}

#[tokio::test]
async fn whoever_dies_anywhere_between_the_webhook_and_the_note_invites_once() {
    let (world, _) = World::attached().await;
    let places = dies_everywhere(&world, "Status: Sent", async |_, _| ()).await;
    assert_many(&world, places, [60, 30]);
}

#[tokio::test]
async fn whoever_dies_anywhere_between_the_result_and_the_note_tells_it_once() {
    let (world, _) = World::attached().await;
    let submitted = async |id: &str, email: &str| {
        world.until("the note is there", async || notes_say(&world, id, "Status: Sent").await).await;
        world.submits(email, Some(87)).await;
        // Both callbacks are on disk before any of it is looked at.
        for _ in 0..2 {
            world.hear(Sender::Canditech).await;
        }
    };
    let places = dies_everywhere(&world, "Score: 87/100", submitted).await;
    assert_many(&world, places, [35, 15]);
}

/// The receipts that are whole: the note and the provider's copy, each settled as it happened.
const WHOLE: &str =
    "SELECT COUNT(*) FROM erasures WHERE note = 'deleted' AND provider = 'accepted' AND address IS NULL";
const DEEDS: &str = "SELECT COUNT(*) FROM audit_entries WHERE action = 'candidate_erased'";

async fn count(world: &World, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(world.engine.db.read()).await.expect("a number")
}

#[tokio::test]
async fn whoever_dies_anywhere_in_an_erasure_leaves_one_whole_receipt() {
    let (world, _) = World::attached().await;
    let (mut deaths, mut survived) = (0, 0);
    for place in 0.. {
        let email = format!("candidate.{place}@mail.example");
        let id = world.applies("Ada Example", Some(&email), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        world.until("the note is there", async || notes_say(&world, &id, "Status: Sent").await).await;
        world.lever("/sandbox/anonymize", json!({ "opportunity": id, "keep_notes": true })).await;
        world.moves(&id, "offer").await;
        world.hear(Sender::Lever).await;
        let died = dies_at(&world, place).await;
        next_process(&world).await;
        let nth = i64::try_from(place).expect("few") + 1;
        let is_settled = async || {
            world.advance(Duration::from_secs(10));
            count(&world, WHOLE).await == nth
        };
        world.until(&format!("dead at wait {place}: the receipt is whole"), is_settled).await;
        assert_eq!(world.notes(&id).await, Vec::<String>::new(), "dead at wait {place}");
        assert_eq!((world.sent_to(&email).await, count(&world, DEEDS).await), (0, nth), "dead at wait {place}");
        (deaths, survived) = if died { (deaths + 1, 0) } else { (deaths, survived + 1) };
        if survived == SURE {
            break;
        }
    }
    assert_many(&world, deaths, [25, 10]);
}
