//! The note as Lever has it now, beside what it should say.

use super::{
    NoteNow, NoteState, choice,
    merge::same,
    store::{self, Written},
    write::says,
};
use crate::{
    Engine,
    access::Member,
    fault::FlowError,
    id::InviteId,
    invite::{self, Invite},
    lever::{Api, Note},
};

pub(super) async fn as_lever_has_it(engine: &Engine, member: &Member, id: &InviteId) -> Result<NoteNow, FlowError> {
    if !invite::is_visible(engine, member, id).await? {
        return Err(FlowError::NotFound);
    }
    let invite = invite::get(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)?;
    if invite.anonymized_at.is_some() {
        return Ok(NoteNow { text: None, state: NoteState::Erased, written_at: None });
    }
    let written = store::get(&engine.db, &member.organization, id).await?;
    let in_lever = read(engine, &invite, &written).await;
    let desired = choice::shown(engine, &invite).await?;
    let state = state(desired.as_deref(), &written, in_lever.as_ref());
    let text = in_lever.and_then(|notes| notes.map(|note| note.text));
    Ok(NoteNow { text, state, written_at: written.at })
}

/// `None` when Lever cannot be asked now; `Some(None)` when it has no such note.
async fn read(engine: &Engine, invite: &Invite, written: &Written) -> Option<Option<Note>> {
    let Some(id) = &written.note else { return Some(None) };
    let notes = Api::new(engine, &invite.organization).notes(&invite.opportunity).await.ok()?;
    Some(notes.into_iter().find(|note| note.id == *id && !note.deleted))
}

fn state(desired: Option<&str>, written: &Written, in_lever: Option<&Option<Note>>) -> NoteState {
    if let Some(problem) = &written.problem {
        return NoteState::Problem(problem.clone());
    }
    let Some(desired) = desired else { return NoteState::InStep };
    let up_to_date = written.note.is_some() && written.text.as_deref().is_some_and(|text| says(text, desired));
    if !up_to_date {
        return NoteState::Updating;
    }
    match in_lever {
        None => NoteState::InStep,
        Some(Some(note)) if written.whole().is_some_and(|text| same(text, &note.text)) => NoteState::InStep,
        Some(_) => NoteState::ChangedInLever,
    }
}
