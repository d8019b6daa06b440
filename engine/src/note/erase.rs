//! Our note goes with the candidate who was erased in Lever: deleted, with whatever else stands in it, or emptied where
//! Lever lets us change it only.

use std::time::Duration;

use super::{
    store::{self, Written},
    text,
};
use crate::{
    Engine,
    erasure::{NoteFate, absence, store as receipts},
    fault::StoreError,
    id::{InviteId, LeverNoteId, OrganizationId},
    invite::{self, Invite},
    job::{Outcome, Run},
    lever::{Api, LeverError, Note},
    live::Change,
};

/// What stands in a note that may not be deleted.
const EMPTY: &str = "The candidate of this note was erased.";
/// A create that is under way has arrived after that long, or never will.
const ARRIVES: Duration = Duration::from_mins(2);

/// Takes the note away, unless that is settled.
pub(crate) async fn erase(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Run {
    let Some(invite) = invite::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    let receipt = receipts::receipt(&engine.db, organization, id).await?;
    if receipt.is_none_or(|receipt| receipt.note != NoteFate::Open) {
        return Ok(Outcome::Done);
    }
    let written = store::get(&engine.db, organization, id).await?;
    if written.note.is_none() && written.create_intent_at.is_none() {
        let fate = if receipts::is_note_begun(&engine.db, id).await? { NoteFate::Deleted } else { NoteFate::NotThere };
        return settle(engine, &invite, fate).await;
    }
    if !absence::is_the_account_of(&engine.db, organization, invite.created_at).await? {
        // The one that is connected now knows nothing of the note, which may still be there.
        return settle(engine, &invite, NoteFate::Refused).await;
    }
    let arrives = written.create_intent_at.map(|at| at.after(ARRIVES));
    if let Some(arrives) = arrives.filter(|at| *at > engine.clock.now()) {
        return Ok(Outcome::Again(arrives));
    }
    let fate = Desk { engine, api: Api::new(engine, organization), invite: &invite, written: &written }.run().await?;
    settle(engine, &invite, fate).await
}

struct Desk<'a> {
    engine: &'a Engine,
    api: Api,
    invite: &'a Invite,
    written: &'a Written,
}

impl Desk<'_> {
    async fn run(&self) -> Result<NoteFate, LeverError> {
        let all = match self.api.notes(&self.invite.opportunity).await {
            // The candidate is gone, and the notes with them.
            Err(LeverError::NotFound) => Vec::new(),
            Err(LeverError::Forbidden) => return Ok(NoteFate::Refused),
            read => read?,
        };
        let marker = text::marker(self.invite);
        let ours: Vec<Note> = all
            .into_iter()
            .filter(|note| !note.deleted && (self.is_known(&note.id) || note.text.contains(&marker)))
            .collect();
        let may_be_gone = if ours.is_empty() {
            receipts::is_note_begun(&self.engine.db, &self.invite.id).await?
        } else {
            self.begin().await?
        };
        let mut fate = if may_be_gone { NoteFate::Deleted } else { NoteFate::NotThere };
        for note in &ours {
            match self.take_away(note).await? {
                // Somebody else's, who quotes ours.
                NoteFate::Refused if !self.is_known(&note.id) => {}
                one => fate = worse(fate, one),
            }
        }
        Ok(fate)
    }

    fn is_known(&self, id: &LeverNoteId) -> bool {
        self.written.note.as_ref() == Some(id)
    }

    /// What is not there after this was taken away by us; whether an earlier run came as far.
    async fn begin(&self) -> Result<bool, StoreError> {
        let mut tx = self.engine.db.write().await?;
        let before = receipts::begin_note(&mut tx, &self.invite.id, self.engine.clock.now()).await?;
        tx.commit().await?;
        Ok(before)
    }

    async fn take_away(&self, note: &Note) -> Result<NoteFate, LeverError> {
        match self.api.delete_note(&self.invite.opportunity, &note.id).await {
            Ok(()) => return Ok(NoteFate::Deleted),
            Err(LeverError::Forbidden | LeverError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        if note.text.trim() == EMPTY {
            return Ok(NoteFate::Emptied);
        }
        match self.api.update_note(&self.invite.opportunity, &note.id, EMPTY).await {
            Ok(_) => Ok(NoteFate::Emptied),
            Err(LeverError::NotFound) => Ok(NoteFate::Deleted),
            Err(LeverError::Forbidden | LeverError::Refused { .. }) => Ok(NoteFate::Refused),
            Err(error) => Err(error),
        }
    }
}

/// Of what became of several notes, what a person has to know.
fn worse(one: NoteFate, other: NoteFate) -> NoteFate {
    let order = [NoteFate::Refused, NoteFate::Emptied, NoteFate::Deleted];
    order.into_iter().find(|fate| [one, other].contains(fate)).unwrap_or(one)
}

async fn settle(engine: &Engine, invite: &Invite, fate: NoteFate) -> Run {
    let mut tx = engine.db.write().await?;
    receipts::settle_note(&mut tx, &invite.id, fate, engine.clock.now()).await?;
    store::forget(&mut tx, &invite.id).await?;
    tx.commit().await?;
    let change = Change::Invite { invite: invite.id.clone(), version: invite.version };
    engine.live.tell(&invite.organization, change);
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_notes_the_one_that_stays_is_told_of() {
        assert_eq!(worse(NoteFate::NotThere, NoteFate::Deleted), NoteFate::Deleted);
        assert_eq!(worse(NoteFate::Deleted, NoteFate::Emptied), NoteFate::Emptied);
        assert_eq!(worse(NoteFate::Refused, NoteFate::Deleted), NoteFate::Refused);
        assert_eq!(worse(NoteFate::NotThere, NoteFate::NotThere), NoteFate::NotThere);
    }
}
