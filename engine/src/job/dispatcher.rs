//! The dispatcher: claims what is due, runs it on tasks of its own, and writes down how it ended.
//! Only the dispatcher touches the queue; a lost lease makes a late answer worthless.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    Outcome, WaitsFor, Work, backoff,
    desk::Desk,
    run, standing, store,
    store::{Claimed, Until},
    turn::{AT_ONCE, Share, Turns},
};
use crate::{Engine, audit, db::Tx, fault::StoreError, id::OrganizationId, live, notice, random};

const LEASE: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_secs(1);
/// How often the chain is looked at, for those who are told when it breaks.
const WATCH: Duration = Duration::from_secs(60);
/// What a server that is gone was at is taken up at once by the next one, and after more and more pauses
/// when that goes away too.
pub(super) const PAUSE_AFTER_A_DEATH: Duration = Duration::from_secs(10);
/// Work that its server outlived so seldom is what kills it, not an accident.
const TOO_OFTEN: i64 = 5;
/// Those who stop a program kill it after ten seconds, most of them.
const LAST_ORDERS: Duration = Duration::from_secs(8);

pub(super) async fn dispatch(engine: Engine, stop: CancellationToken) {
    let mut desk = Desk::default();
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    let mut watch = tokio::time::interval(WATCH);
    let mut housekeeping = tokio::time::interval(standing::SYNC_EVERY);
    while !stop.is_cancelled() {
        let full = match turn(&engine, &mut desk).await {
            Ok(claimed) => desk.running.len() >= AT_ONCE || claimed == 0,
            Err(error) => {
                tracing::error!(%error, "the job queue cannot be reached");
                true
            }
        };
        if !full {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = desk.tasks.join_next_with_id() => desk.note_end(ended),
            () = engine.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = heartbeat.tick() => {
                logged(engine.clock.follow(&engine.db).await, "the database did not say what time it is");
                logged(engine.vault.follow(&engine.db, &engine.settings.master_key).await, "no new data key was learned of");
                logged(extend(&engine, &desk).await, "leases were not extended");
                logged(audit::seal(&engine).await.map(drop), "the audit log was not sealed");
            }
            _ = watch.tick() => logged(notice::watch(&engine).await, "the chain was not looked at"),
            _ = housekeeping.tick() => logged(standing::schedule_standing_work(&engine).await, "standing work was not scheduled"),
        }
    }
    close(&engine, desk).await;
}

fn logged(result: Result<(), StoreError>, what: &'static str) {
    if let Err(error) = result {
        tracing::error!(%error, "{what}");
    }
}

/// One turn: writes down what ended and claims as much as there is room for, in one transaction.
async fn turn(engine: &Engine, desk: &mut Desk) -> Result<usize, StoreError> {
    desk.collect();
    desk.note_rests(engine.clock.now());
    let shares = shares(engine, &mut desk.turns, desk.running.values()).await?;
    if desk.ended.is_empty() && shares.is_empty() {
        return Ok(0);
    }
    let mut tx = engine.db.write_what_can_be_redone().await?;
    let mut changes = write_all(engine, &mut tx, &desk.ended).await?;
    let jobs = claim(engine, &mut tx, &shares, &mut changes).await?;
    tx.commit().await?;
    let ended = std::mem::take(&mut desk.ended);
    tell(engine, changes);
    let count = jobs.len();
    desk.start(engine, jobs);
    go_on_if_it_came(engine, &ended).await?;
    Ok(count)
}

/// Looks once more for what was put to wait: see [`store::go_on_if_it_came`].
async fn go_on_if_it_came(engine: &Engine, ended: &[(Claimed, Outcome)]) -> Result<(), StoreError> {
    let due = engine.clock.now().after(backoff::wait(1, None, 0));
    let mut waits = ended.iter().filter_map(|(job, outcome)| match outcome {
        Outcome::Wait(what, _) => Some((job, *what)),
        _ => None,
    });
    let Some(first) = waits.next() else { return Ok(()) };
    let mut tx = engine.db.write_what_can_be_redone().await?;
    for (job, what) in std::iter::once(first).chain(waits) {
        store::go_on_if_it_came(&mut tx, job, what, due).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Who may claim how much; only reads, so that an idle process writes nothing.
async fn shares<'a>(
    engine: &Engine,
    turns: &mut Turns,
    running: impl ExactSizeIterator<Item = &'a Claimed>,
) -> Result<Vec<Share>, StoreError> {
    let now = engine.clock.now();
    if running.len() >= AT_ONCE || !store::claim::is_any_due(&engine.db, now).await? {
        return Ok(Vec::new());
    }
    turns.shares(&engine.db, running, now).await
}

async fn claim(
    engine: &Engine,
    tx: &mut Tx,
    shares: &[Share],
    changes: &mut Changes,
) -> Result<Vec<Claimed>, StoreError> {
    let now = engine.clock.now();
    let lease = random::token();
    let mut jobs = Vec::new();
    for share in shares {
        for job in store::claim::claim(tx, &engine.db, share, (now, now.after(LEASE)), &lease).await? {
            if job.broken < TOO_OFTEN {
                jobs.push(job);
            } else {
                let reason = format!("set aside: {TOO_OFTEN} times its server went away in the middle of it");
                changes.extend(bury(engine, tx, &job, &reason).await?);
            }
        }
    }
    Ok(jobs)
}

type Changes = Vec<(OrganizationId, live::Change)>;

fn tell(engine: &Engine, changes: Changes) {
    for (organization, change) in changes {
        engine.live.tell(&organization, change);
    }
}

async fn write_all(engine: &Engine, tx: &mut Tx, ended: &[(Claimed, Outcome)]) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    for (job, outcome) in ended {
        changes.extend(write_down(engine, tx, job, outcome).await?);
    }
    Ok(changes)
}

/// Writes down how a run ended; answers what open pages should hear of once that is committed.
async fn write_down(engine: &Engine, tx: &mut Tx, job: &Claimed, outcome: &Outcome) -> Result<Changes, StoreError> {
    let now = engine.clock.now();
    match outcome {
        Outcome::Done => store::finish(tx, job, None, now).await?,
        Outcome::Again(at) => store::finish(tx, job, Some(*at), now).await?,
        Outcome::Retry { after, reason } => return try_again(engine, tx, job, *after, None, reason).await,
        Outcome::Unanswered(what, reason) => return try_again(engine, tx, job, None, Some(*what), reason).await,
        Outcome::NotNow(wait) => store::put_back(tx, job, now.after(*wait)).await?,
        Outcome::Wait(what, reason) => store::wait(tx, job, *what, reason).await?,
        Outcome::Dead(reason) if is_standing(job) => {
            store::retry(tx, job, now.after(standing::SYNC_EVERY), Until::Asked, reason).await?;
        }
        Outcome::Dead(reason) => return bury(engine, tx, job, reason).await,
    }
    Ok(Changes::new())
}

/// Backs off, unless that has been done for long enough: not before `asked`, but when `sooner` comes.
async fn try_again(
    engine: &Engine,
    tx: &mut Tx,
    job: &Claimed,
    asked: Option<Duration>,
    sooner: Option<WaitsFor>,
    reason: &str,
) -> Result<Changes, StoreError> {
    let now = engine.clock.now();
    if backoff::is_exhausted(job.trying_since, now) && !is_standing(job) {
        return bury(engine, tx, job, &format!("given up after 24 hours: {reason}")).await;
    }
    let wait = backoff::wait(job.attempt, asked, u32::from_le_bytes(random::bytes()));
    let until = match sooner {
        Some(what) => Until::Answered(what),
        None if asked.is_some_and(|asked| asked >= wait) => Until::Told,
        None => Until::Asked,
    };
    store::retry(tx, job, now.after(wait), until, reason).await?;
    Ok(Changes::new())
}

fn is_standing(job: &Claimed) -> bool {
    serde_json::from_str::<Work>(&job.payload).is_ok_and(|work| work.is_standing())
}

/// Gives a job up: what it was for comes to a person's attention in the same transaction. One that was
/// asked for meanwhile runs again instead.
async fn bury(engine: &Engine, tx: &mut Tx, job: &Claimed, reason: &str) -> Result<Changes, StoreError> {
    let now = engine.clock.now();
    if !store::bury(tx, job, reason, now).await? {
        store::finish(tx, job, None, now).await?;
        return Ok(Changes::new());
    }
    tracing::warn!(job = %job.id, reason, "a job was given up");
    let change = run::give_up(engine, tx, job, reason).await?;
    Ok(change.map(|change| (job.organization.clone(), change)).into_iter().collect())
}

async fn extend(engine: &Engine, desk: &Desk) -> Result<(), StoreError> {
    if desk.running.is_empty() {
        return Ok(());
    }
    let until = engine.clock.now().after(LEASE);
    let mut tx = engine.db.write_what_can_be_redone().await?;
    for job in desk.running.values() {
        store::extend(&mut tx, job, until).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Lets what runs come to its end; what takes longer is broken off and handed back, due at once.
async fn close(engine: &Engine, mut desk: Desk) {
    let all_ended = async {
        while let Some(ended) = desk.tasks.join_next_with_id().await {
            desk.note_end(ended);
        }
    };
    if tokio::time::timeout(LAST_ORDERS, all_ended).await.is_err() {
        tracing::warn!("some work was broken off; it goes on elsewhere, or at the next start");
    }
    desk.collect();
    desk.tasks.shutdown().await;
    logged(put_away(engine, &desk).await, "the last results were not written down");
}

async fn put_away(engine: &Engine, desk: &Desk) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    let changes = write_all(engine, &mut tx, &desk.ended).await?;
    for job in desk.running.values() {
        store::release(&mut tx, job, engine.clock.now()).await?;
    }
    tx.commit().await?;
    tell(engine, changes);
    go_on_if_it_came(engine, &desk.ended).await
}

pub(super) async fn drain(engine: &Engine, most: usize) -> Result<usize, StoreError> {
    let (mut count, mut turns) = (0, Turns::default());
    loop {
        let shares = shares(engine, &mut turns, [].iter()).await?;
        let (mut tx, mut changes) = (engine.db.write().await?, Changes::new());
        let jobs = claim(engine, &mut tx, &shares, &mut changes).await?;
        tx.commit().await?;
        tell(engine, changes);
        if jobs.is_empty() {
            return Ok(count);
        }
        for job in jobs {
            count += 1;
            let outcome = run::run(engine, &job).await;
            let mut tx = engine.db.write().await?;
            let changes = write_down(engine, &mut tx, &job, &outcome).await?;
            tx.commit().await?;
            tell(engine, changes);
            go_on_if_it_came(engine, &[(job, outcome)]).await?;
        }
        if count >= most {
            return Ok(count);
        }
    }
}
