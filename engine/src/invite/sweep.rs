//! Anonymised in Lever means erased here, and no event tells of it: so everybody whom we still know by name is looked
//! at again, some an hour, each at most once a day.

mod store;

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Engine,
    fault::StoreError,
    id::OrganizationId,
    job::{self, Work},
};

/// So many are looked at in an hour: a call to Lever each, one in eighteen seconds.
const AN_HOUR: i64 = 200;
const APART: Duration = Duration::from_secs(18);
/// A pass begins no sooner after the one before.
const A_PASS: Duration = Duration::from_hours(24);

/// Puts the next of them on the list of work; to be called once an hour.
pub(crate) async fn sweep(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let (after, began_at) = store::hold(&mut tx, organization, now).await?;
    // A pass that is yet to begin is a wrong clock's.
    if after.is_empty() && began_at <= now && now.since(began_at) < A_PASS {
        tx.commit().await?;
        return Ok(());
    }
    let began_at = if after.is_empty() { now } else { began_at };
    let some = store::next(&mut tx, organization, &after, AN_HOUR).await?;
    let is_last = i64::try_from(some.len()).unwrap_or(i64::MAX) < AN_HOUR;
    let after = some.last().filter(|_| !is_last).map_or("", |(id, _)| id.as_str());
    store::keep(&mut tx, organization, after, began_at).await?;
    let opportunities: BTreeSet<_> = some.iter().map(|(_, opportunity)| opportunity.clone()).collect();
    let mut due = now;
    for opportunity in opportunities {
        job::enqueue(&mut tx, organization, &Work::LookAgain { opportunity }, due, None).await?;
        due = due.after(APART);
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}
