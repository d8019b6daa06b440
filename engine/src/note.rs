//! The note in Lever: one per invite, kept in step with what we know, never a pile of them. Only
//! our own notes are ever touched.

mod again;
mod choice;
pub(crate) mod erase;
mod look;
mod merge;
mod store;
mod text;
pub(crate) mod write;

pub(crate) use store::{doubt_unwritten, forget_standing};

pub(crate) use again::try_all_again;
pub(crate) use choice::due;

use crate::{Engine, access::Member, clock::Moment, fault::FlowError, id::InviteId, invite::Row};

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
    /// The candidate was erased: nothing is written any more.
    Erased,
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

/// From when on an assessment that was sent has a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Sent,
    Completed,
}

/// Whether Lever gets a note about what could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    Told,
    NotTold,
}

/// Which notes Lever gets: the organization's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub start: Start,
    pub unsent: Unsent,
}

/// What the organization chose.
///
/// # Errors
/// When the database fails.
pub async fn chosen(engine: &Engine, member: &Member) -> Result<Choice, FlowError> {
    Ok(choice::store::chosen(engine.db.read(), &member.organization).await?)
}

/// Makes the choice, for what changes from now on. Notes that are there stay, and are kept in step.
///
/// # Errors
/// Forbidden unless the role manages the connection.
pub async fn choose(engine: &Engine, member: &Member, choice: Choice) -> Result<(), FlowError> {
    choice::choose(engine, member, choice).await
}

/// The notes that Lever did not take, of invites this person may see, newest first: which, and why.
///
/// # Errors
/// When the database fails.
pub async fn problems(engine: &Engine, member: &Member, most: i64) -> Result<Vec<(Row, String)>, FlowError> {
    again::problems(engine, member, most).await
}

/// Has a note written that Lever did not take.
///
/// # Errors
/// Not found when this person may not see the invite.
pub async fn try_again(engine: &Engine, member: &Member, invite: &InviteId) -> Result<(), FlowError> {
    again::try_again(engine, member, invite).await
}
