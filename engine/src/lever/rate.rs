//! Our share of Lever's rate: one GCRA bucket an account, in the database, for all processes.
//!
//! It runs on the wall clock always: it guards a server that does, and a wait must end even where a
//! test's clock stands still.

use std::time::Duration;

use super::{LeverError, store};
use crate::{Engine, clock::Clock, fault::StoreError, id::OrganizationId};

/// After a 429 that names no wait.
pub(super) const BREATHER: Duration = Duration::from_secs(2);
/// About a second's worth may go at once.
pub(super) const BURST_MICROS: i64 = 1_000_000;
/// A slot that is further ahead is not waited for: the job comes back later.
pub(super) const LONGEST_WAIT_MICROS: i64 = 2_000_000;
/// How long the rate stays halved after a 429.
const SLOW_FOR: Duration = Duration::from_mins(1);

fn now_micros() -> i64 {
    Clock::System.now().0.saturating_mul(1000)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Takes the next slot, waiting for it when it is near.
///
/// # Errors
/// `Busy` when it is far, `NotConnected` without a connection.
pub(super) async fn take_slot(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let now = now_micros();
    match store::reserve_slot(engine, organization, now).await? {
        store::Slot::At(start) => {
            let wait = start.saturating_sub(BURST_MICROS).saturating_sub(now);
            if let Some(wait) = u64::try_from(wait).ok().filter(|wait| *wait > 0) {
                tokio::time::sleep(Duration::from_micros(wait)).await;
            }
            Ok(())
        }
        store::Slot::Far(start) => {
            let wait = u64::try_from(start.saturating_sub(BURST_MICROS).saturating_sub(now)).unwrap_or(0);
            Err(LeverError::Busy { wait: Duration::from_micros(wait) })
        }
        store::Slot::NoConnection => Err(LeverError::NotConnected),
    }
}

/// Holds everybody back after a 429, and halves the rate for a while.
pub(super) async fn slow_down(
    engine: &Engine,
    organization: &OrganizationId,
    wait: Option<Duration>,
) -> Result<(), StoreError> {
    let now = now_micros();
    let next = now + BURST_MICROS + micros(wait.unwrap_or(BREATHER).min(Duration::from_secs(30)));
    store::slow_down(engine, organization, next, now + micros(SLOW_FOR)).await
}
