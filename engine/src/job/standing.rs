//! The work that comes back by itself: started here, kept going by each run's own answer.

use std::time::Duration;

use super::{Work, enqueue, store};
use crate::{
    Engine, access, clock::Moment, delivery, erasure, fault::StoreError, id::OrganizationId, invite, notice,
    organization, provider,
};

/// How often the catalogues are read.
pub(super) const SYNC_EVERY: Duration = Duration::from_secs(3600);
/// Further ahead than any work plans.
const FURTHEST: Duration = Duration::from_secs(25 * 3600);
/// Messages hold ids of candidates, and whatever a provider put into them.
const KEEP_MESSAGES: Duration = Duration::from_secs(30 * 24 * 3600);
const KEEP_FINISHED: Duration = Duration::from_secs(14 * 24 * 3600);

/// One organization's trouble is no other's.
fn logged(organization: &OrganizationId, done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::error!(%organization, %error, "housekeeping was put off by an hour");
    }
}

/// Makes sure that the catalogues are synced and that attached stages are polled, for everybody.
/// Harmless to repeat: what is scheduled already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn schedule_standing_work(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut all: Vec<(OrganizationId, Work, Moment)> = Vec::new();
    for organization in store::connected_organizations(&engine.db).await? {
        all.push((organization, Work::SyncLever, now.after(SYNC_EVERY)));
    }
    for (organization, account) in store::accounts(&engine.db).await? {
        all.push((organization, Work::SyncProvider { account }, now.after(SYNC_EVERY)));
    }
    for (organization, stage) in store::attached_stages(&engine.db).await? {
        all.push((organization, Work::CatchUp { stage }, now));
    }
    let mut tx = engine.db.write().await?;
    for (organization, work, due) in &all {
        enqueue(&mut tx, organization, work, *due, None).await?;
    }
    store::mend_due_times(&mut tx, now.after(FURTHEST), now).await?;
    store::wake_what_can_go_on(&mut tx, now).await?;
    store::forget_finished(&mut tx, now.before(KEEP_FINISHED)).await?;
    notice::forget_old(&mut tx, now).await?;
    provider::forget_former(&mut tx, now).await?;
    access::tries::forget_made_good(&mut tx, now).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    for organization in store::connected_organizations(&engine.db).await? {
        logged(&organization, invite::sweep(engine, &organization).await);
    }
    for (organization, _) in organization::all(&engine.db).await? {
        let forgotten = delivery::forget_handled(&engine.db, &organization, now.before(KEEP_MESSAGES)).await;
        logged(&organization, forgotten);
        logged(&organization, erasure::erase_old(engine, &organization).await);
    }
    engine.db.forget_deleted().await
}
