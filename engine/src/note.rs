//! The note in Lever: one per invite, kept in step with what we know, never a pile of them. Only
//! our own notes are ever touched.

use crate::{Engine, access::Member, clock::Moment, fault::FlowError, id::InviteId};

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
pub async fn as_lever_has_it(_engine: &Engine, _member: &Member, _invite: &InviteId) -> Result<NoteNow, FlowError> {
    unimplemented!("E2")
}
