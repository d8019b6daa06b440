//! The note in Lever: one per invite, kept in step with what we know, never a pile of them. Only
//! our own notes are ever touched.

mod look;
mod merge;
mod store;
mod text;
pub(crate) mod write;

pub(crate) use store::{doubt_unwritten, forget_standing};

use crate::{Engine, access::Member, clock::Moment, fault::FlowError, id::InviteId, invite::Invite};

/// Whether the note in Lever says what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteState {
    InStep,
    /// A write is on its way.
    Updating,
    /// It could not be written; why, and what to do.
    Problem(String),
    /// Somebody deleted or edited it in Lever.
    ChangedInLever,
}

/// The note as Lever has it now.
#[derive(Debug, Clone)]
pub struct NoteNow {
    /// `None` when there is none, or Lever cannot be asked now.
    pub text: Option<String>,
    pub state: NoteState,
    pub written_at: Option<Moment>,
}

/// Reads the invite's note from Lever.
///
/// # Errors
/// Not found when this person may not see the invite.
pub async fn as_lever_has_it(engine: &Engine, member: &Member, invite: &InviteId) -> Result<NoteNow, FlowError> {
    look::as_lever_has_it(engine, member, invite).await
}

/// Whether the invite is at a point that belongs in Lever.
pub(crate) fn is_wanted(invite: &Invite) -> bool {
    text::status(invite).is_some()
}
