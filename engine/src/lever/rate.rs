//! Our share of Lever's rate: one GCRA bucket an account, in the database, for all processes.
//!
//! It runs on the wall clock always, put right by the database's: it guards a server that does, and a wait
//! must end even where a test's clock stands still.

use std::time::Duration;

use super::{
    LeverError,
    store::share::{self, Turn},
};
use crate::{Engine, fault::StoreError, id::OrganizationId};

/// After a 429 that names no wait.
pub(super) const BREATHER: Duration = Duration::from_secs(2);
/// About a second's worth may go at once.
pub(super) const BURST_MICROS: i64 = 1_000_000;
/// A slot that is further ahead is not waited for: the job comes back later.
pub(super) const LONGEST_WAIT_MICROS: i64 = 2_000_000;
/// How long one answer holds everybody back: whoever was told to waits longer, and the next one asks.
const LONGEST_HOLD: Duration = Duration::from_mins(1);
/// How long the rate takes to creep back after a 429; the interval's SQL says the same.
const SLOW_FOR: Duration = Duration::from_mins(1);

fn now_micros(engine: &Engine) -> i64 {
    engine.clock.on_the_wall().0.saturating_mul(1000)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A turn that was waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admitted {
    /// Calls in a row that failed before.
    pub failures: i64,
    /// Lever does not answer: this turn is for finding out whether it does again.
    pub is_probe: bool,
}

/// Takes the next turn, waiting for it when it is near.
///
/// # Errors
/// `Busy` when it is far, `Down` when Lever does not answer, `NotConnected` without a connection.
pub(super) async fn take_turn(engine: &Engine, organization: &OrganizationId) -> Result<Admitted, LeverError> {
    let now = now_micros(engine);
    match share::take_turn(engine, organization, now).await? {
        Turn::At { start, failures, is_probe } => {
            let wait = start.saturating_sub(BURST_MICROS).saturating_sub(now);
            if let Some(wait) = u64::try_from(wait).ok().filter(|wait| *wait > 0) {
                tokio::time::sleep(Duration::from_micros(wait)).await;
            }
            Ok(Admitted { failures, is_probe })
        }
        Turn::Far(start) => {
            let wait = u64::try_from(start.saturating_sub(BURST_MICROS).saturating_sub(now)).unwrap_or(0);
            Err(LeverError::Busy { wait: Duration::from_micros(wait) })
        }
        Turn::Down(until) => Err(LeverError::Down { wait: until.since(engine.clock.now()) }),
        Turn::NoConnection => Err(LeverError::NotConnected),
    }
}

/// Holds everybody back after a 429, and halves the rate, which creeps back.
pub(super) async fn slow_down(
    engine: &Engine,
    organization: &OrganizationId,
    wait: Option<Duration>,
) -> Result<(), StoreError> {
    let now = now_micros(engine);
    let next = now + BURST_MICROS + micros(wait.unwrap_or(BREATHER).min(LONGEST_HOLD));
    share::slow_down(engine, organization, next, now + micros(SLOW_FOR)).await
}
