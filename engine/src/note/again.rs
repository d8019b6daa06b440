//! Notes that Lever did not take: which they are, and another try on a person's word.

use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::FlowError,
    id::InviteId,
    invite::{self, Row},
    job::{self, Work},
};

pub(super) async fn problems(engine: &Engine, member: &Member, most: i64) -> Result<Vec<(Row, String)>, FlowError> {
    member.require(Permission::UseCandidates)?;
    Ok(invite::seen::with_note_problem(&engine.db, member, most).await?)
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
