//! Doing given-up work again on a person's word. It compares what should be with what is, so nothing
//! that happened happens twice; a send that nobody can tell about stays a person's to decide.

use super::{
    Work, store,
    store::look::{dead, lay_to_rest},
};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    clock::Moment,
    db::Tx,
    delivery,
    fault::{FlowError, StoreError},
    id::{DeliveryId, JobId, OrganizationId},
    live::Change,
};

pub(super) async fn replay(engine: &Engine, member: &Member, id: &JobId) -> Result<(), FlowError> {
    member.require(Permission::ManageAttachments)?;
    let mut tx = engine.db.write().await?;
    let payload = dead(&mut tx, &member.organization, id).await?.ok_or(FlowError::Conflict)?;
    let Ok(work) = serde_json::from_str::<Work>(&payload) else { return Err(FlowError::Conflict) };
    if let Work::Reconcile { opportunity } = &work {
        delivery::open_given_up(&mut tx, &member.organization, opportunity.as_str()).await?;
    }
    let now = engine.clock.now();
    do_again(&mut tx, &member.organization, &work, now, None).await?;
    let deed = Deed { after: vec![("work", work.kind().to_owned())], ..Deed::plain(Action::WorkReplayed, id.as_str()) };
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Enqueues work in place of what was given up of it.
pub(crate) async fn do_again(
    tx: &mut Tx,
    organization: &OrganizationId,
    work: &Work,
    now: Moment,
    delivery: Option<&DeliveryId>,
) -> Result<(), StoreError> {
    lay_to_rest(tx, organization, work).await?;
    store::enqueue(tx, organization, work, now, delivery).await
}
