//! Attachments: posting × stage → assessment, and the one decision that says which of them match an
//! opportunity, which do not, and why.

pub(crate) mod catch_up;
pub(crate) mod decision;
mod flow;
mod look_up;
mod standing;
pub(crate) mod store;

use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    fault::FlowError,
    id::{AssessmentId, AttachmentId, InviteId, OpportunityId, PostingId, StageId},
    invite,
};

/// Whether an attachment sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    Active,
    Paused,
    Removed,
}

impl AttachmentState {
    /// The name in addresses and in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Removed => "removed",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        [Self::Active, Self::Paused, Self::Removed].into_iter().find(|state| state.slug() == slug)
    }
}

/// Why a provider cannot be asked to send an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOffered {
    /// It is not in the provider's list.
    Deleted,
    Archived,
    /// It is not published.
    Draft,
}

impl NotOffered {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "deleted" => Some(Self::Deleted),
            "archived" => Some(Self::Archived),
            "draft" => Some(Self::Draft),
            _ => None,
        }
    }
}

/// An attachment as lists show it.
#[derive(Debug, Clone)]
pub struct AttachmentRow {
    pub id: AttachmentId,
    /// `None` is "any position".
    pub posting: Option<PostingId>,
    pub posting_title: Option<String>,
    /// The posting's state in Lever, where there is one.
    pub posting_state: Option<String>,
    pub stage: StageId,
    pub stage_name: String,
    /// The stage is no longer in Lever's pipeline: nothing can be sent.
    pub stage_gone: bool,
    pub assessment: AssessmentId,
    pub assessment_name: String,
    /// The provider does not offer it (any more): nothing can be sent.
    pub not_offered: Option<NotOffered>,
    pub state: AttachmentState,
    pub valid_days: Option<i64>,
    pub created_by: String,
    pub created_at: Moment,
    pub invites: i64,
    pub version: i64,
}

/// What to attach.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    pub posting: Option<PostingId>,
    pub stage: StageId,
    pub assessment: AssessmentId,
    /// How long the candidate has, in days; `None` leaves it to the provider.
    pub valid_days: Option<i64>,
}

/// Something worth knowing before the last Next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The posting is closed or a draft: candidates may never reach the stage.
    PostingNotOpen { state: String },
    /// Attached already, exactly so.
    AlreadyAttached,
    /// Other assessments on the same position and stage: each candidate gets all of them.
    AlsoAttached { assessments: Vec<String> },
    /// An attachment for a position replaces "any position" on that stage.
    ReplacesAnyPosition { assessment: String },
    /// The key may list but not send.
    ProviderCannotSend,
}

/// The attachments that are not removed, newest first.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn list(engine: &Engine, member: &Member) -> Result<Vec<AttachmentRow>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(store::shown(&engine.db, &member.organization).await?)
}

/// One attachment.
///
/// # Errors
/// Not found, or forbidden.
pub async fn get(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<AttachmentRow, FlowError> {
    member.require(Permission::ManageAttachments)?;
    store::shown_one(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)
}

/// What to warn of before attaching.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn warnings(engine: &Engine, member: &Member, new: &NewAttachment) -> Result<Vec<Warning>, FlowError> {
    flow::warnings(engine, member, new).await
}

/// Attaches, after reading posting and stage from Lever again. Nobody is invited by it.
///
/// # Errors
/// Refused when the posting, stage or assessment vanished, or it is attached already.
pub async fn attach(engine: &Engine, member: &Member, new: NewAttachment) -> Result<AttachmentId, FlowError> {
    flow::attach(engine, member, new).await
}

/// Pauses, resumes or removes. Entries during a pause wait; removing makes nothing due.
///
/// # Errors
/// Conflict when `version` is not the present one.
pub async fn set_state(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    state: AttachmentState,
    version: i64,
) -> Result<(), FlowError> {
    flow::set_state(engine, member, id, state, version).await
}

/// Edits: another assessment ends this attachment and makes a new one; the days change in place. Future
/// entries only. Answers the attachment that holds from now on.
///
/// # Errors
/// As [`attach`]; conflict when `version` is not the present one.
pub async fn edit(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    assessment: AssessmentId,
    valid_days: Option<i64>,
    version: i64,
) -> Result<AttachmentId, FlowError> {
    flow::edit(engine, member, id, assessment, valid_days, version).await
}

/// An opportunity in Lever, and what is decided about it.
#[derive(Debug, Clone)]
pub struct Outlook {
    pub opportunity: OpportunityId,
    pub name: String,
    /// The positions by title; empty for a lead without one.
    pub positions: Vec<String>,
    pub stage_name: String,
    pub entered_at: Moment,
    pub archived: bool,
    /// The profile in Lever.
    pub url: Option<String>,
    /// What is decided about each attachment, those on the opportunity's stage first.
    pub decided: Vec<Decided>,
    /// Its invites, newest first.
    pub invites: Vec<invite::Row>,
}

/// What is decided about one attachment, in words.
#[derive(Debug, Clone)]
pub struct Decided {
    pub attachment: AttachmentId,
    /// `None` is "any position".
    pub position: Option<String>,
    pub stage_name: String,
    pub assessment_name: String,
    /// On the stage where the opportunity stands.
    pub on_stage: bool,
    pub matches: bool,
    pub why: String,
    pub next: String,
    /// The invite that came of it, or of another attachment that gives the same.
    pub invite: Option<InviteId>,
}

/// Looks in Lever for whomever `text` names (an e-mail address, a link to a profile, an id), and says
/// what is decided about each of their opportunities. Sends nothing and writes nothing; whom this person
/// may not see is not found.
///
/// # Errors
/// Refused when the text names nobody; Lever's.
pub async fn look_up(engine: &Engine, member: &Member, text: &str) -> Result<Vec<Outlook>, FlowError> {
    look_up::look_up(engine, member, text).await
}

/// A candidate who stands in the attachment's stage now.
#[derive(Debug, Clone)]
pub struct Standing {
    pub opportunity: OpportunityId,
    pub name: String,
    pub entered_at: Moment,
    /// Why an invite would not go out, e.g. "has it already"; `None` when it would.
    pub why_not: Option<String>,
}

/// Who stands in the attachment's stage now, read from Lever; sends nothing.
///
/// # Errors
/// Lever's, not found, or forbidden.
pub async fn standing(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<Vec<Standing>, FlowError> {
    standing::standing(engine, member, id).await
}

/// Invites those of them whom a person chose; answers how many are due now.
///
/// # Errors
/// As [`standing`].
pub async fn invite_standing(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    chosen: &[OpportunityId],
) -> Result<usize, FlowError> {
    standing::invite_standing(engine, member, id, chosen).await
}
