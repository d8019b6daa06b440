//! Tokens are good in one of Lever's environments, which their audience names. A server that is set to another one
//! shows them to nobody there: the connection rests until the setting is back, or somebody connects again.

use super::store::environment as store;
use crate::{
    Engine,
    fault::StoreError,
    job::{self, WaitsFor},
    live::Change,
};

const ELSEWHERE: &str = "This server is set to another of Lever's environments than the one that was connected: \
    have CANDILEVER_LEVER_ENVIRONMENT set back, or connect again.";

/// Lays the connections of other environments to rest and wakes those of this one; for a server's start.
///
/// # Errors
/// When the database fails.
pub async fn settle_environment(engine: &Engine) -> Result<(), StoreError> {
    let (audience, now) = (engine.settings.lever.audience.as_str(), engine.clock.now());
    let mut tx = engine.db.write().await?;
    store::learn(&mut tx, audience).await?;
    let resting = store::lay_to_rest(&mut tx, audience, ELSEWHERE, now).await?;
    let back = store::wake(&mut tx, audience, ELSEWHERE, now).await?;
    for organization in &back {
        job::wake(&mut tx, organization, WaitsFor::Lever, now).await?;
    }
    tx.commit().await?;
    for organization in &resting {
        tracing::warn!(%organization, "its connection is of another of Lever's environments and rests");
    }
    for organization in resting.iter().chain(&back) {
        engine.live.tell(organization, Change::SetUp);
    }
    Ok(())
}
