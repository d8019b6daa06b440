//! Whether a note is wanted, and when. Of what was sent at once, or by the organization's choice once it is
//! completed. Of what was not sent only by choice, and only once it has stood still for some minutes. A note
//! that is there is kept in step in any case, so that none goes on saying what is no longer so.

pub(super) mod store;

use std::time::Duration;

use super::{Choice, Start, Unsent, text};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed, Facts},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    invite::{Invite, InviteState},
    job::Outcome,
    live::Change,
};

/// What mends itself sooner is not worth a note.
const STANDS_STILL: Duration = Duration::from_secs(5 * 60);

/// So long after a write the next verdict waits: people who change their minds, or disagree, are one write.
const GATHERS: Duration = Duration::from_secs(2);

/// What is known of an invite's note, and what the organization chose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub choice: Choice,
    /// There is a note in Lever, or a create of ours may have made one.
    pub written: bool,
    pub written_at: Option<Moment>,
}

/// When the note is to be looked at after a change; `None` when there is nothing to say.
pub(crate) async fn due(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<Option<Moment>, StoreError> {
    if text::status(invite).is_none() {
        return Ok(None);
    }
    let standing = store::standing(&mut **tx, invite).await?;
    Ok(wanted_from(invite, standing, now).map(|from| from.max(now)))
}

/// From when on a note is wanted; `None` for never. What is wanted at once does not hang on when the invite
/// changed: the clock may have been wrong then.
fn wanted_from(invite: &Invite, standing: Standing, now: Moment) -> Option<Moment> {
    let Standing { choice, written, written_at } = standing;
    if written {
        return Some(written_at.filter(|_| invite.verdict_at.is_some()).map_or(now, |at| gathered(at, now)));
    }
    if !text::is_unsent(invite) {
        let is_time = choice.start == Start::Sent || invite.state == InviteState::Completed;
        return is_time.then_some(now);
    }
    let is_told = choice.unsent == Unsent::Told && invite.state != InviteState::Cancelled;
    is_told.then(|| invite.changed_at.after(STANDS_STILL))
}

/// A write that is said to be still to come was noted by a clock that was wrong.
fn gathered(written_at: Moment, now: Moment) -> Moment {
    if written_at > now { now } else { written_at.after(GATHERS).max(now) }
}

async fn wanted(engine: &Engine, invite: &Invite) -> Result<Option<Moment>, StoreError> {
    let standing = store::standing(engine.db.read(), invite).await?;
    Ok(wanted_from(invite, standing, engine.clock.now()))
}

/// The text to write now; what is too early for one comes back when it no longer is.
pub(super) async fn desired(engine: &Engine, invite: &Invite) -> Result<Option<String>, Outcome> {
    match wanted(engine, invite).await? {
        None => Ok(None),
        Some(from) if from > engine.clock.now() => Err(Outcome::Again(from)),
        Some(_) => Ok(text::desired(invite, &engine.settings)),
    }
}

/// The text that is written or is to be written.
pub(super) async fn shown(engine: &Engine, invite: &Invite) -> Result<Option<String>, StoreError> {
    Ok(wanted(engine, invite).await?.and_then(|_| text::desired(invite, &engine.settings)))
}

fn facts(choice: Choice) -> Facts {
    let start = match choice.start {
        Start::Sent => "sent",
        Start::Completed => "completed",
    };
    let unsent = match choice.unsent {
        Unsent::Told => "told",
        Unsent::NotTold => "not told",
    };
    vec![("from", start.to_owned()), ("not_sent", unsent.to_owned())]
}

pub(super) async fn choose(engine: &Engine, member: &Member, choice: Choice) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let mut tx = engine.db.write().await?;
    let before = store::chosen(&mut *tx, &member.organization).await?;
    store::choose(&mut tx, &member.organization, choice).await?;
    let deed = Deed {
        action: Action::NotesChosen,
        subject: member.organization.as_str(),
        before: facts(before),
        after: facts(choice),
    };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::sample;

    fn at_one_second(invite: &Invite, (start, unsent): (Start, Unsent), written: bool) -> Option<Moment> {
        wanted_from(invite, Standing { choice: Choice { start, unsent }, written, written_at: None }, Moment(1_000))
    }

    #[test]
    fn verdicts_gather_after_a_write_and_what_else_changes_does_not() {
        let choice = Choice { start: Start::Sent, unsent: Unsent::NotTold };
        let at = |verdict_at, written_at| {
            let invite = Invite { state: InviteState::Completed, verdict_at, ..sample() };
            let standing = Standing { choice, written: true, written_at: Some(Moment(written_at)) };
            wanted_from(&invite, standing, Moment(10_000))
        };
        let judged = Some(Moment(9_500));
        assert_eq!(at(judged, 9_000), Some(Moment(11_000)));
        assert_eq!(at(judged, 5_000), Some(Moment(10_000)));
        assert_eq!(at(judged, 99_000), Some(Moment(10_000)), "the clock was wrong");
        assert_eq!(at(None, 9_000), Some(Moment(10_000)));
    }

    #[test]
    fn what_was_not_sent_is_told_by_choice_and_kept_in_step_once_told() {
        let waiting = Invite { state: InviteState::Waiting, changed_at: Moment(1_000), ..sample() };
        let cancelled = Invite { state: InviteState::Cancelled, ..waiting.clone() };
        let at = |invite: &Invite, unsent, written| at_one_second(invite, (Start::Sent, unsent), written);
        assert_eq!(at(&waiting, Unsent::NotTold, false), None);
        assert_eq!(at(&waiting, Unsent::Told, false), Some(Moment(301_000)));
        assert_eq!(at(&waiting, Unsent::NotTold, true), Some(Moment(1_000)));
        assert_eq!(at(&cancelled, Unsent::Told, false), None, "nobody waits for it any more");
        assert_eq!(at(&cancelled, Unsent::NotTold, true), Some(Moment(1_000)));
    }

    #[test]
    fn what_was_sent_is_told_at_once_or_when_completed() {
        let at = Some(Moment(1_000));
        let sent = Invite { state: InviteState::Sent, sent_at: at, changed_at: Moment(1_000), ..sample() };
        let completed = Invite { state: InviteState::Completed, ..sent.clone() };
        let expired = Invite { state: InviteState::Expired, ..sent.clone() };
        let when = |invite: &Invite, start, written| at_one_second(invite, (start, Unsent::Told), written);
        assert_eq!(when(&sent, Start::Sent, false), at);
        assert_eq!(when(&sent, Start::Completed, false), None);
        assert_eq!(when(&sent, Start::Completed, true), at, "it is there: it stays in step");
        assert_eq!(when(&completed, Start::Completed, false), at);
        assert_eq!(when(&expired, Start::Completed, false), None);
    }
}
