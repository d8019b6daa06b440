//! Attachments: posting × stage → assessment, and the one decision that says which of them match an
//! opportunity, which do not, and why.

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::FlowError,
    id::{AssessmentId, AttachmentId, OpportunityId, PostingId, StageId},
};

/// Whether an attachment sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    Active,
    Paused,
    Removed,
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
    /// The provider no longer offers it: nothing can be sent.
    pub assessment_gone: bool,
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
pub async fn list(_engine: &Engine, _member: &Member) -> Result<Vec<AttachmentRow>, FlowError> {
    unimplemented!("E2")
}

/// One attachment.
///
/// # Errors
/// Not found, or forbidden.
pub async fn get(_engine: &Engine, _member: &Member, _id: &AttachmentId) -> Result<AttachmentRow, FlowError> {
    unimplemented!("E2")
}

/// What to warn of before attaching.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn warnings(_engine: &Engine, _member: &Member, _new: &NewAttachment) -> Result<Vec<Warning>, FlowError> {
    unimplemented!("E2")
}

/// Attaches, after reading posting and stage from Lever again. Nobody is invited by it.
///
/// # Errors
/// Refused when the posting, stage or assessment vanished, or it is attached already.
pub async fn attach(_engine: &Engine, _member: &Member, _new: NewAttachment) -> Result<AttachmentId, FlowError> {
    unimplemented!("E2")
}

/// Pauses, resumes or removes. Entries during a pause wait; removing makes nothing due.
///
/// # Errors
/// Conflict when `version` is not the present one.
pub async fn set_state(
    _engine: &Engine,
    _member: &Member,
    _id: &AttachmentId,
    _state: AttachmentState,
    _version: i64,
) -> Result<(), FlowError> {
    unimplemented!("E2")
}

/// Edits: another assessment ends this attachment and makes a new one; the days change in place. Future
/// entries only. Answers the attachment that holds from now on.
///
/// # Errors
/// As [`attach`]; conflict when `version` is not the present one.
pub async fn edit(
    _engine: &Engine,
    _member: &Member,
    _id: &AttachmentId,
    _assessment: AssessmentId,
    _valid_days: Option<i64>,
    _version: i64,
) -> Result<AttachmentId, FlowError> {
    unimplemented!("E2")
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
pub async fn standing(_engine: &Engine, _member: &Member, _id: &AttachmentId) -> Result<Vec<Standing>, FlowError> {
    unimplemented!("E2")
}

/// Invites those of them whom a person chose; answers how many are due now.
///
/// # Errors
/// As [`standing`].
pub async fn invite_standing(
    _engine: &Engine,
    _member: &Member,
    _id: &AttachmentId,
    _chosen: &[OpportunityId],
) -> Result<usize, FlowError> {
    unimplemented!("E2")
}
