//! Lever does not answer: after a few failures in a row an account's work waits behind one probe, in the
//! database, for all processes, and all of it is due when the probe is answered. Other accounts go on.
//!
//! The probe is a read of its own: no candidate's call is repeated for it, and none that always fails
//! keeps everybody else waiting.

use std::time::Duration;

use super::{LeverError, call::Raw, rate::Admitted, store::share};
use crate::{
    Engine,
    clock::Moment,
    fault::StoreError,
    id::OrganizationId,
    job::{self, WaitsFor},
    live::Change,
    random,
};

/// So many failures in a row are no accident.
const TOO_MANY: i64 = 3;
/// The next probe comes after this, and up to as much longer as [`SPREAD`].
const PAUSE: Duration = Duration::from_secs(10);
const SPREAD: Duration = Duration::from_secs(20);
/// Longer than the HTTP client waits in all: whoever probes is gone after that.
pub(super) const PROBE_LASTS: Duration = Duration::from_secs(45);
/// When those come back who met a probe under way.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// What the outcome of a call says about Lever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answers, whatever it says.
    Well,
    Trouble,
    /// It was not asked.
    None,
}

/// What a call's outcome says about Lever.
pub(super) fn sign<T>(outcome: &Result<(Raw, T), LeverError>) -> Sign {
    match outcome {
        Ok((raw, _)) if raw.is_trouble() => Sign::Trouble,
        Ok(_) => Sign::Well,
        Err(LeverError::Temporary(_)) => Sign::Trouble,
        Err(_) => Sign::None,
    }
}

fn next_probe(now: Moment) -> Moment {
    let dice = f64::from(u32::from_le_bytes(random::bytes())) / f64::from(u32::MAX);
    now.after(PAUSE + SPREAD.mul_f64(dice))
}

/// Notes what a call said about Lever. Nothing is written while all goes well.
pub(super) async fn note(
    engine: &Engine,
    organization: &OrganizationId,
    turn: Admitted,
    sign: Sign,
) -> Result<(), StoreError> {
    match sign {
        Sign::Well if turn.failures > 0 => share::forget_failures(engine, organization).await,
        Sign::Trouble => {
            let probe = next_probe(engine.clock.now());
            if share::count_failure(engine, organization, TOO_MANY, probe).await? == TOO_MANY {
                tracing::warn!(organization = %organization, "Lever does not answer: work waits behind one probe");
                engine.live.tell(organization, Change::SetUp);
            }
            Ok(())
        }
        Sign::Well | Sign::None => Ok(()),
    }
}

/// The probe was not answered: the next one is later. Answers how long that is.
pub(super) async fn goes_on(engine: &Engine, organization: &OrganizationId) -> Result<Duration, StoreError> {
    let now = engine.clock.now();
    let probe = next_probe(now);
    share::stay_down(engine, organization, probe).await?;
    Ok(probe.since(now))
}

/// The probe was answered: whatever waited is due.
pub(super) async fn is_over(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let all = share::is_back(&mut tx, organization).await?;
    for one in &all {
        job::due_again(&mut tx, one, WaitsFor::Lever, now).await?;
    }
    tx.commit().await?;
    tracing::info!(organization = %organization, "Lever answers again");
    engine.wake.notify_one();
    for one in &all {
        engine.live.tell(one, Change::SetUp);
    }
    Ok(())
}
