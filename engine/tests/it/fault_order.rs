//! What is checked and then done is done as it was checked, whatever comes between: work stands still at every
//! single point at which it waits for the database or for an answer, and somebody else acts there.

use std::{future::Future, time::Duration};

use engine::{
    access::{self, Member, Role, second_factor},
    attachment::{self, AttachmentState},
    db::Flavour,
    erasure,
    fault::{FlowError, Refusal},
    id::AttachmentId,
    invite::{
        InviteState, Row,
        verb::{self, Request},
    },
    job,
    verdict::{self, Verdict},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    fault_kill::{SURE, work, works_on},
    world::{POSTING, Sender, World},
};

/// Whoever waits for so long waits for the work that stands still: a transaction of it is open.
const HELD_UP: Duration = Duration::from_millis(30);
/// The work stands still at its `n`th wait, the other is done there, and the work goes on; false when the work was
/// done before that.
async fn comes_between(work: impl Future<Output = ()>, n: usize, other: impl Future<Output = ()>) -> bool {
    let (mut work, mut other) = (Box::pin(work), Box::pin(other));
    if !works_on(&mut work, n).await {
        other.await;
        return false;
    }
    while timeout(HELD_UP, &mut other).await.is_err() {
        if !works_on(&mut work, 1).await {
            other.await;
            return true;
        }
    }
    work.await;
    true
}

/// Somebody of whom the test asks what became of them.
struct Candidate {
    opportunity: String,
    email: String,
}

impl World {
    async fn row_of(&self, candidate: &Candidate) -> Option<Row> {
        let id: Option<String> = sqlx::query_scalar("SELECT id FROM invites WHERE opportunity_id = $1")
            .bind(&candidate.opportunity)
            .fetch_optional(self.engine.db.read())
            .await
            .expect("the database works");
        Some(self.detail(&id?.as_str().into()).await.row)
    }
}

/// For one candidate after another, the other comes between the work a wait later each time, until the work is done
/// before that. What is to happen first and what is to be true in the end are the caller's.
async fn everywhere(
    world: &World,
    first: impl AsyncFn(&Candidate),
    other: impl AsyncFn(&Candidate),
    at_last: impl AsyncFn(&Candidate, usize),
) {
    // On PostgreSQL an answer is often there before anybody waits.
    let least = if world.engine.db.flavour() == Flavour::Sqlite { 30 } else { 12 };
    everywhere_of(world, least, first, other, at_last).await;
}

/// The same for work that waits at least so many times.
async fn everywhere_of(
    world: &World,
    least: usize,
    first: impl AsyncFn(&Candidate),
    other: impl AsyncFn(&Candidate),
    at_last: impl AsyncFn(&Candidate, usize),
) {
    let (mut between, mut after) = (0, 0);
    for place in 0.. {
        let email = format!("candidate.{place}@mail.example");
        let opportunity = world.applies("Ada Example", Some(&email), Some(POSTING)).await;
        let candidate = Candidate { opportunity, email };
        world.moves_to_stage(&candidate.opportunity).await;
        first(&candidate).await;
        let came = comes_between(work(world), place, other(&candidate)).await;
        at_last(&candidate, place).await;
        (between, after) = if came { (between + 1, 0) } else { (between, after + 1) };
        if after == SURE {
            break;
        }
    }
    assert!(between >= least, "it came between {between} times only: is the work still done here?");
}

async fn nothing(_: &Candidate) {}

async fn is_noted(world: &World, candidate: &Candidate, line: &str, place: usize) {
    let says = async || world.note_says(&candidate.opportunity, &[line]).await;
    world.until(&format!("between at wait {place}: the note says {line}"), says).await;
}

/// The first callbacks of a candidate who submits are on disk before any of it is looked at.
async fn submits(world: &World, candidate: &Candidate) {
    is_noted(world, candidate, "Status: Sent", 0).await;
    world.submits(&candidate.email, Some(87)).await;
    for _ in 0..2 {
        world.hear(Sender::Canditech).await;
    }
}

#[tokio::test]
async fn another_process_does_not_do_it_once_more() {
    let (world, _) = World::attached().await;
    let second = world.second_process().await;
    let drains = async |_: &Candidate| {
        job::drain(&second).await.expect("the database works");
    };
    everywhere(&world, nothing, drains, async |candidate, place| {
        is_noted(&world, candidate, "Status: Sent", place).await;
        assert_eq!(world.sent_to(&candidate.email).await, 1, "between at wait {place}");
    })
    .await;
}

#[tokio::test]
async fn whoever_cancels_has_it_cancelled_or_hears_that_it_is_not() {
    let (world, _) = World::attached().await;
    let cancels = async |candidate: &Candidate| {
        let Some(row) = world.row_of(candidate).await else { return };
        match verb::ask(&world.engine, &world.admin, &row.id, row.version, Request::Cancel).await {
            Ok(_) | Err(FlowError::Conflict | FlowError::Provider(_)) => {}
            Err(other) => panic!("{other}"),
        }
    };
    everywhere(&world, nothing, cancels, async |candidate, place| {
        let settled = async || {
            world.advance(Duration::from_secs(5));
            let state = world.row_of(candidate).await.map(|row| row.state);
            let noted = world.notes(&candidate.opportunity).await;
            match state {
                Some(InviteState::Sent) => noted.len() == 1 && noted[0].contains("Status: Sent"),
                // One that was never sent has no note.
                Some(InviteState::Cancelled) => noted.iter().all(|note| note.contains("Status: Cancelled")),
                _ => false,
            }
        };
        world.until(&format!("between at wait {place}: it is told as it is"), settled).await;
        let row = world.row_of(candidate).await.expect("an invite");
        let there = world.sent().await;
        let theirs = || there.iter().filter(|invite| invite["candidate"]["email"] == candidate.email.as_str());
        assert!(theirs().count() <= 1, "between at wait {place}");
        let open = theirs().filter(|invite| invite["status"] != "cancelled").count();
        assert_eq!(open, usize::from(row.state == InviteState::Sent), "between at wait {place}: {row:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_erased_is_gone_everywhere() {
    let (world, _) = World::attached().await;
    let erases = async |candidate: &Candidate| {
        let Some(row) = world.row_of(candidate).await else { return };
        erasure::on_request(&world.engine, &world.admin, &row.id).await.expect("erased");
    };
    everywhere(&world, nothing, erases, async |candidate, place| {
        if world.row_of(candidate).await.is_none_or(|row| row.candidate_name == "Ada Example") {
            // There was nobody to erase yet.
            is_noted(&world, candidate, "Status: Sent", place).await;
            return;
        }
        let forgotten = async || {
            world.advance(Duration::from_secs(5));
            world.notes(&candidate.opportunity).await.is_empty() && world.sent_to(&candidate.email).await == 0
        };
        world.until(&format!("between at wait {place}: gone from Lever and from the provider"), forgotten).await;
        work(&world).await;
        assert!(forgotten().await, "between at wait {place}: and it stays so");
    })
    .await;
    let left = "SELECT COUNT(*) FROM invites WHERE anonymized_at IS NOT NULL
                AND (candidate_email IS NOT NULL OR candidate_name <> 'Anonymised candidate' OR candidate_url IS NOT NULL)";
    let left: i64 = sqlx::query_scalar(left).fetch_one(world.engine.db.read()).await.expect("a number");
    assert_eq!(left, 0, "what an erasure took is not written once more");
}

#[tokio::test]
async fn whoever_judges_is_heard() {
    let (world, _) = World::attached().await;
    let judges = async |candidate: &Candidate| {
        let row = world.row_of(candidate).await.expect("an invite");
        match verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await {
            Ok(_) => {}
            // Not completed yet.
            Err(FlowError::Conflict | FlowError::Refused(_)) => {}
            Err(other) => panic!("{other}"),
        }
    };
    everywhere(
        &world,
        async |candidate| submits(&world, candidate).await,
        judges,
        async |candidate, place| {
            is_noted(&world, candidate, "Score: 87/100", place).await;
            let row = world.row_of(candidate).await.expect("an invite");
            let line = if row.verdict == Verdict::Passed { "Verdict: passed" } else { "Verdict: n/a" };
            // Verdicts gather for two seconds.
            world.advance(Duration::from_secs(3));
            is_noted(&world, candidate, line, place).await;
        },
    )
    .await;
}

#[tokio::test]
async fn whoever_enters_during_a_pause_is_invited_whenever_it_ends() {
    let (world, attachment) = World::attached().await;
    let pauses = async |_: &Candidate| {
        switch(&world, &attachment, AttachmentState::Paused).await;
        world.advance(Duration::from_secs(5));
    };
    let resumes = async |_: &Candidate| switch(&world, &attachment, AttachmentState::Active).await;
    // What is paused is looked at and no more.
    everywhere_of(&world, 6, pauses, resumes, async |candidate, place| {
        is_noted(&world, candidate, "Status: Sent", place).await;
        assert_eq!(world.sent_to(&candidate.email).await, 1, "between at wait {place}");
    })
    .await;
}

async fn switch(world: &World, id: &AttachmentId, state: AttachmentState) {
    let version = attachment::get(&world.engine, &world.admin, id).await.expect("there").version;
    attachment::set_state(&world.engine, &world.admin, id, state, version).await.expect("switched");
}

#[tokio::test]
async fn a_pause_that_comes_and_goes_leaves_nobody_out() {
    let (world, attachment) = World::attached().await;
    let pauses = async |_: &Candidate| switch(&world, &attachment, AttachmentState::Paused).await;
    everywhere(&world, nothing, pauses, async |candidate, place| {
        switch(&world, &attachment, AttachmentState::Active).await;
        is_noted(&world, candidate, "Status: Sent", place).await;
        assert_eq!(world.sent_to(&candidate.email).await, 1, "between at wait {place}");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_moved_out_of_the_stage_is_sent_one_or_none_and_it_is_told_which() {
    let (world, _) = World::attached().await;
    let leaves = async |candidate: &Candidate| {
        world.lever("/sandbox/move", json!({ "opportunity": candidate.opportunity, "stage": "offer" })).await;
        world.hear(Sender::Lever).await;
    };
    everywhere(&world, nothing, leaves, async |candidate, place| {
        let settled = async || {
            let noted = world.notes(&candidate.opportunity).await;
            match world.row_of(candidate).await.map(|row| row.state) {
                Some(InviteState::Sent) => noted.len() == 1 && noted[0].contains("Status: Sent"),
                Some(InviteState::Cancelled) | None => noted.is_empty(),
                Some(_) => false,
            }
        };
        world.until(&format!("between at wait {place}: it is told as it is"), settled).await;
        let is_sent = world.row_of(candidate).await.is_some_and(|row| row.state == InviteState::Sent);
        assert_eq!(world.sent_to(&candidate.email).await, usize::from(is_sent), "between at wait {place}");
    })
    .await;
}

const PASSWORD: &str = "correct horse battery";
const THEIRS: &str = "what a thief would choose";
const REPLACED: &str = "what the terminal was given";

/// For one person after another, their password is replaced at the terminal at a later wait of the work.
async fn replaced_everywhere(
    world: &World,
    first: impl AsyncFn(&Member),
    work: impl AsyncFn(&Member),
    at_last: impl AsyncFn(&Member, usize),
) {
    let (mut between, mut after) = (0, 0);
    for place in 0.. {
        let sam = world.member(&format!("sam.{place}@halden.example"), Role::Admin).await;
        first(&sam).await;
        let replaces = async {
            let new = REPLACED.to_owned().into();
            access::set_password(&world.engine, &sam.email, new).await.expect("replaced");
        };
        let came = comes_between(work(&sam), place, replaces).await;
        at_last(&sam, place).await;
        (between, after) = if came { (between + 1, 0) } else { (between, after + 1) };
        if after == SURE {
            break;
        }
    }
    assert!(between >= 3, "it came between {between} times only: is the work still done here?");
}

fn may_be_refused(outcome: &Result<(), FlowError>) {
    assert!(matches!(outcome, Ok(()) | Err(FlowError::Refused(Refusal::PresentPassword))), "{outcome:?}");
}

#[tokio::test]
async fn a_password_that_was_replaced_meanwhile_changes_nothing_any_more() {
    let world = World::new().await;
    let changes = async |sam: &Member| {
        let (present, new) = (PASSWORD.to_owned().into(), THEIRS.to_owned().into());
        may_be_refused(&access::change_password(&world.engine, sam, "a session", present, new).await);
    };
    replaced_everywhere(
        &world,
        async |_| {},
        changes,
        async |sam, place| {
            let signs_in = async |password: &str| {
                access::sign_in(&world.engine, &sam.email, password.to_owned().into()).await.expect("works").is_some()
            };
            assert!(signs_in(REPLACED).await && !signs_in(THEIRS).await, "between at wait {place}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_password_that_was_replaced_meanwhile_turns_no_second_factor_off() {
    let world = World::new().await;
    let has_one = async |sam: &Member| {
        let sets_up = "INSERT INTO second_factors (user_id, key, confirmed_at, created_at, last_step, wrong)
                       VALUES ($1, $2, 1, 1, 0, 0)";
        let mut tx = world.engine.db.write().await.expect("a turn");
        let key = b"sealed".as_slice();
        sqlx::query(sets_up).bind(sam.user.as_str()).bind(key).execute(&mut *tx).await.expect("it is on");
        tx.commit().await.expect("committed");
    };
    let turns_off = async |sam: &Member| {
        may_be_refused(&second_factor::turn_off(&world.engine, sam, PASSWORD.to_owned().into()).await);
    };
    replaced_everywhere(&world, has_one, turns_off, async |sam, place| {
        // In the order in which they were done: each is written while the person is held.
        let deeds: Vec<String> = sqlx::query_scalar("SELECT action FROM audit_entries WHERE subject = $1 ORDER BY id")
            .bind(sam.user.as_str())
            .fetch_all(world.engine.db.read())
            .await
            .expect("readable");
        let at = |action: &str| deeds.iter().position(|deed| deed == action);
        assert!(at("second_factor_off") < at("password_changed"), "between at wait {place}: {deeds:?}");
    })
    .await;
}
