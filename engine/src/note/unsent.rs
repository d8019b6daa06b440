//! Whether a note is wanted, and when. Of what was sent always, at once. Of what was not sent only by the
//! organization's choice, and only once it has stood still for some minutes; a note that is there is kept
//! in step in any case, so that none goes on saying what is no longer so.

pub(super) mod store;

use std::time::Duration;

use super::{Unsent, text};
use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    invite::{Invite, InviteState},
    job::Outcome,
    live::Change,
};

/// What mends itself sooner is not worth a note.
const STANDS_STILL: Duration = Duration::from_secs(5 * 60);

/// What is known of an invite's note, and what the organization chose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub chosen: bool,
    /// There is a note in Lever, or a create of ours may have made one.
    pub written: bool,
}

/// When the note is to be looked at after a change; `None` when there is nothing to say.
pub(crate) async fn due(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<Option<Moment>, StoreError> {
    if text::status(invite).is_none() {
        return Ok(None);
    }
    if !text::is_unsent(invite) {
        return Ok(Some(now));
    }
    let standing = store::standing(&mut **tx, invite).await?;
    Ok(wanted_from(invite, standing).map(|from| from.max(now)))
}

/// From when on a note about what was not sent is wanted; `None` for never.
fn wanted_from(invite: &Invite, standing: Standing) -> Option<Moment> {
    let ended = invite.state == InviteState::Cancelled;
    match (standing.written, standing.chosen && !ended) {
        (true, _) => Some(invite.changed_at),
        (false, true) => Some(invite.changed_at.after(STANDS_STILL)),
        (false, false) => None,
    }
}

/// The text to write now; what is too early for one comes back when it no longer is.
pub(super) async fn desired(engine: &Engine, invite: &Invite) -> Result<Option<String>, Outcome> {
    if text::is_unsent(invite) {
        let standing = store::standing(engine.db.read(), invite).await?;
        match wanted_from(invite, standing) {
            None => return Ok(None),
            Some(from) if from > engine.clock.now() => return Err(Outcome::Again(from)),
            Some(_) => {}
        }
    }
    Ok(text::desired(invite, &engine.settings))
}

/// The text that is written or is to be written.
pub(super) async fn shown(engine: &Engine, invite: &Invite) -> Result<Option<String>, StoreError> {
    if text::is_unsent(invite) {
        let standing = store::standing(engine.db.read(), invite).await?;
        if wanted_from(invite, standing).is_none() {
            return Ok(None);
        }
    }
    Ok(text::desired(invite, &engine.settings))
}

pub(super) async fn choose(engine: &Engine, member: &Member, choice: Unsent) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let mut tx = engine.db.write().await?;
    store::choose(&mut tx, &member.organization, choice).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::sample;

    #[test]
    fn what_was_not_sent_is_told_by_choice_and_kept_in_step_once_told() {
        let waiting = Invite { state: InviteState::Waiting, changed_at: Moment(1_000), ..sample() };
        let cancelled = Invite { state: InviteState::Cancelled, ..waiting.clone() };
        let at = |invite: &Invite, chosen, written| wanted_from(invite, Standing { chosen, written });
        assert_eq!(at(&waiting, false, false), None);
        assert_eq!(at(&waiting, true, false), Some(Moment(301_000)));
        assert_eq!(at(&waiting, false, true), Some(Moment(1_000)));
        assert_eq!(at(&cancelled, true, false), None, "nobody waits for it any more");
        assert_eq!(at(&cancelled, false, true), Some(Moment(1_000)));
    }
}
