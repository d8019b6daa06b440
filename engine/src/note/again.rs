//! Notes that Lever did not take: which they are, and another try on a person's word.

use super::store;
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{InviteId, OrganizationId},
    invite::{self, Row},
    job::{self, Work},
};

pub(super) async fn problems(engine: &Engine, member: &Member, most: i64) -> Result<Vec<(Row, String)>, FlowError> {
    member.require(Permission::UseCandidates)?;
    Ok(invite::seen::with_note_problem(&engine.db, member, most).await?)
}

/// Lever is connected anew, perhaps with more rights: whatever it did not take is tried again.
pub(crate) async fn try_all_again(tx: &mut Tx, organization: &OrganizationId, now: Moment) -> Result<(), StoreError> {
    for invite in store::with_a_problem(tx, organization).await? {
        job::enqueue(tx, organization, &Work::WriteNote { invite }, now, None).await?;
    }
    Ok(())
}

/// The work compares what should be with what is: one that is in step by now is left alone.
pub(super) async fn try_again(engine: &Engine, member: &Member, invite: &InviteId) -> Result<(), FlowError> {
    if !invite::is_visible(engine, member, invite).await? {
        return Err(FlowError::NotFound);
    }
    let mut tx = engine.db.write().await?;
    let work = Work::WriteNote { invite: invite.clone() };
    let now = engine.clock.now();
    job::enqueue(&mut tx, &member.organization, &work, now, None).await?;
    audit::record(&mut tx, member, &Deed::plain(Action::NoteTriedAgain, invite.as_str()), now).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}
