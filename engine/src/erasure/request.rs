//! Somebody asks to be forgotten: a Super Admin has all that is held about them erased, at once.

use super::{Cause, erase};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::By,
    fault::FlowError,
    id::InviteId,
    invite::{self, News},
};

/// Erases the candidate of this invite, with all invites of theirs; what is not sent yet is not sent. Lever's own
/// record is not ours to erase.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found for an invite that is not the organization's.
pub async fn on_request(engine: &Engine, member: &Member, id: &InviteId) -> Result<(), FlowError> {
    member.require(Permission::EraseCandidates)?;
    let (by, now) = (By::Person(member.user.clone()), engine.clock.now());
    let mut news = News::default();
    let mut tx = engine.db.write().await?;
    let asked = invite::hold(&mut tx, &member.organization, id).await?.ok_or(FlowError::NotFound)?;
    for invite in &mut invite::hold_of_contact(&mut tx, &member.organization, &asked.contact).await? {
        if erase(engine, &mut tx, invite, (Cause::Request, &by, member.from), now).await? {
            if invite.is_unsent() {
                invite::cancel(&mut tx, invite, super::UNSENT, now).await?;
            }
            news.of(invite);
        }
    }
    tx.commit().await?;
    news.tell(engine, &member.organization);
    Ok(())
}
