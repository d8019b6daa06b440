//! From a job to the noun that does it, and what becomes of that noun when a job is given up.

use std::time::Instant;

use tracing::Instrument as _;

use super::{Outcome, Run, Work, standing, store::Claimed};
use crate::{
    Engine, attachment, db::Tx, erasure, fault::StoreError, id::OrganizationId, invite, lever, live, note, notice,
    provider, verdict,
};

/// Runs one job to its outcome.
pub(super) async fn run(engine: &Engine, job: &Claimed) -> Outcome {
    let Ok(work) = serde_json::from_str::<Work>(&job.payload) else {
        return Outcome::Dead("the work is not of this version".into());
    };
    let span = tracing::info_span!("job", id = %job.id, organization = %job.organization, kind = work.kind());
    let (run, began) = (perform(engine, &job.organization, &work, job.attempt), Instant::now());
    let outcome = run.instrument(span).await.unwrap_or_else(|broken_off| broken_off);
    engine.counts.job(work.kind(), &outcome, began.elapsed());
    // Whatever this caused is due at once.
    engine.wake.notify_one();
    outcome
}

async fn perform(engine: &Engine, organization: &OrganizationId, work: &Work, attempt: i64) -> Run {
    match work {
        Work::Reconcile { opportunity } => invite::reconcile::reconcile(engine, organization, opportunity).await,
        Work::LookAgain { opportunity } => {
            let looked = invite::reconcile::reconcile(engine, organization, opportunity).await;
            // What stands here waits by itself, and who is not reached now is looked at in the next pass.
            match looked {
                Ok(_) | Err(Outcome::Wait(..)) => Ok(Outcome::Done),
                Err(outcome) => Err(outcome),
            }
        }
        Work::Send { invite } => invite::send::send(engine, organization, invite, attempt).await,
        Work::Fetch { invite } => invite::fetch::fetch(engine, organization, invite).await,
        Work::WriteNote { invite } => note::write::write(engine, organization, invite, attempt).await,
        Work::TellVerdict { invite } => verdict::tell::tell(engine, organization, invite).await,
        Work::CarryOut { invite } => invite::verb::carry_out::carry_out(engine, organization, invite).await,
        Work::CatchUp { stage } => attachment::catch_up::catch_up(engine, organization, stage).await,
        Work::EraseNote { invite } => note::erase::erase(engine, organization, invite).await,
        Work::EraseAtProvider { invite } => erasure::ask(engine, organization, invite).await,
        Work::SyncLever => {
            lever::sync(engine, organization).await?;
            Ok(Outcome::Again(engine.clock.now().after(standing::SYNC_EVERY)))
        }
        Work::SyncProvider { account } => {
            provider::sync(engine, account).await?;
            Ok(Outcome::Again(engine.clock.now().after(standing::SYNC_EVERY)))
        }
        Work::CheckChain => notice::check_chain(engine, organization).await,
        Work::Notify { notice } => notice::notify(engine, organization, notice).await,
    }
}

/// Brings what a dead job was for to a person's attention.
pub(super) async fn give_up(
    engine: &Engine,
    tx: &mut Tx,
    job: &Claimed,
    reason: &str,
) -> Result<Option<live::Change>, StoreError> {
    let Ok(work) = serde_json::from_str::<Work>(&job.payload) else { return Ok(None) };
    let now = engine.clock.now();
    match &work {
        Work::Send { invite } => invite::send::give_up(tx, &job.organization, invite, now).await,
        Work::Reconcile { opportunity } => {
            invite::reconcile::give_up(tx, &job.organization, opportunity, reason, now).await
        }
        Work::TellVerdict { invite } => verdict::tell::give_up(tx, &job.organization, invite, now).await,
        Work::CarryOut { invite } => invite::verb::carry_out::give_up(tx, &job.organization, invite, now).await,
        Work::LookAgain { .. }
        | Work::Fetch { .. }
        | Work::WriteNote { .. }
        | Work::CatchUp { .. }
        | Work::EraseNote { .. }
        | Work::EraseAtProvider { .. }
        | Work::SyncLever
        | Work::SyncProvider { .. }
        | Work::Notify { .. }
        | Work::CheckChain => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_survives_the_way_to_the_database_and_back() {
        let work = Work::Reconcile { opportunity: "o1".into() };
        let text = serde_json::to_string(&work).expect("plain data");
        assert_eq!(text, r#"{"kind":"reconcile","opportunity":"o1"}"#);
        assert_eq!(serde_json::from_str::<Work>(&text).expect("the same"), work);
    }
}
