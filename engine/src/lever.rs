//! Lever: its API as typed calls within its rate, its signature, and our copy of its catalogue.

mod signature;

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::{ContactId, LeverNoteId, LeverUserId, OpportunityId, OrganizationId, PostingId, StageId},
};

pub use signature::signature_is_genuine;

/// A call to Lever did not succeed.
#[derive(Debug, Error)]
pub enum LeverError {
    /// No connection, or it was revoked: work waits for a person.
    #[error("not connected to Lever")]
    NotConnected,
    /// 403: scope, role or confidentiality.
    #[error("Lever forbids it")]
    Forbidden,
    /// 404.
    #[error("Lever does not have it")]
    NotFound,
    /// 429, or our own bucket is empty for that long.
    #[error("Lever's rate limit")]
    RateLimited { retry_after: Option<Duration> },
    /// Another 4xx: repeating it is useless.
    #[error("Lever refused it with status {status}")]
    Refused { status: u16 },
    /// 5xx, network, time-out: the outcome of a write is unknown.
    #[error("Lever did not answer properly: {0}")]
    Temporary(String),
    /// An answer that is not what the contract says.
    #[error("an unexpected answer from Lever: {0}")]
    BadAnswer(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An opportunity as read from Lever with its applications expanded.
#[derive(Debug, Clone)]
pub struct Opportunity {
    pub id: OpportunityId,
    pub contact: ContactId,
    pub name: String,
    pub emails: Vec<String>,
    pub stage: StageId,
    /// When it entered its present stage: the last change into it, else `lastAdvancedAt`.
    pub entered_stage_at: Moment,
    pub postings: Vec<PostingId>,
    pub owner: Option<LeverUserId>,
    pub followers: Vec<LeverUserId>,
    pub archived: bool,
    pub anonymized: bool,
    pub confidential: bool,
    /// The profile in Lever; never parsed.
    pub url: Option<String>,
}

/// A note of ours in Lever.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: LeverNoteId,
    pub text: String,
    pub deleted: bool,
}

/// Lever's API for one organization: every call takes a slot of the account's rate and a fresh token.
#[derive(Clone)]
pub struct Api {
    pub(crate) engine: Engine,
    pub(crate) organization: OrganizationId,
}

impl Api {
    /// The API as `organization` is connected to it.
    #[must_use]
    pub fn new(engine: &Engine, organization: &OrganizationId) -> Self {
        Self { engine: engine.clone(), organization: organization.clone() }
    }

    /// Reads an opportunity; `NotFound` also for one we may not see.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn opportunity(&self, _id: &OpportunityId) -> Result<Opportunity, LeverError> {
        unimplemented!("E1")
    }

    /// Everybody who stands in `stage` now and is not archived, optionally only those who advanced since.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn opportunities_in(
        &self,
        _stage: &StageId,
        _posting: Option<&PostingId>,
        _advanced_since: Option<Moment>,
    ) -> Result<Vec<Opportunity>, LeverError> {
        unimplemented!("E1")
    }

    /// A posting as Lever has it now; `None` when it is gone or not visible to us.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn posting(&self, _id: &PostingId) -> Result<Option<PostingChoice>, LeverError> {
        unimplemented!("E1")
    }

    /// A stage as Lever has it now; `None` when it is gone.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn stage(&self, _id: &StageId) -> Result<Option<StageChoice>, LeverError> {
        unimplemented!("E1")
    }

    /// The notes of an opportunity.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn notes(&self, _opportunity: &OpportunityId) -> Result<Vec<Note>, LeverError> {
        unimplemented!("E1")
    }

    /// Writes a new note, without mailing followers.
    ///
    /// # Errors
    /// See [`LeverError`]; after `Temporary` it may exist: look for the marker before repeating.
    pub async fn create_note(&self, _opportunity: &OpportunityId, _text: &str) -> Result<LeverNoteId, LeverError> {
        unimplemented!("E1")
    }

    /// Replaces a note's text in place.
    ///
    /// # Errors
    /// See [`LeverError`]; `Refused`, `Forbidden` and `NotFound` mean that another way is needed.
    pub async fn update_note(
        &self,
        _opportunity: &OpportunityId,
        _note: &LeverNoteId,
        _text: &str,
    ) -> Result<(), LeverError> {
        unimplemented!("E1")
    }

    /// Deletes a note of ours; one that is gone already is fine.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn delete_note(&self, _opportunity: &OpportunityId, _note: &LeverNoteId) -> Result<(), LeverError> {
        unimplemented!("E1")
    }
}

/// A webhook's body, as Lever sends it. Only `token` and `triggeredAt` are signed; `data` is a hint.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookBody {
    pub id: Option<String>,
    pub event: String,
    #[serde(rename = "triggeredAt")]
    pub triggered_at: serde_json::Value,
    pub token: String,
    pub signature: String,
    #[serde(default)]
    pub data: WebhookData,
}

impl WebhookBody {
    /// `triggeredAt` as it was signed: Lever sends a number, some relays make text of it.
    #[must_use]
    pub fn triggered_at_text(&self) -> String {
        self.triggered_at.as_str().map_or_else(|| self.triggered_at.to_string(), str::to_owned)
    }

    /// When it was triggered; `None` when that is no moment.
    #[must_use]
    pub fn triggered(&self) -> Option<Moment> {
        self.triggered_at_text().parse().ok().map(Moment)
    }

    /// Only what the signature covers, and the signature, to be judged later.
    pub(crate) fn signed_part(&self) -> String {
        let part = serde_json::json!({
            "event": self.event,
            "triggeredAt": self.triggered_at,
            "token": self.token,
            "signature": self.signature,
        });
        part.to_string()
    }
}

/// The hints in a webhook.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookData {
    pub opportunity_id: Option<String>,
    pub to_stage_id: Option<String>,
}

/// A posting of our copy, for the wizard's first step.
#[derive(Debug, Clone)]
pub struct PostingChoice {
    pub id: PostingId,
    pub title: String,
    /// published, internal, closed, draft, pending, rejected.
    pub state: String,
    pub team: Option<String>,
    pub department: Option<String>,
    pub location: Option<String>,
    pub req_code: Option<String>,
    pub confidential: bool,
}

/// Postings whose title, team or location contains `query`, open ones first; at most `limit`, and how many there are.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn postings(
    _engine: &Engine,
    _member: &Member,
    _query: &str,
    _limit: i64,
) -> Result<(Vec<PostingChoice>, i64), FlowError> {
    unimplemented!("E1")
}

/// One posting of our copy that still exists.
///
/// # Errors
/// When the database fails.
pub async fn posting(
    _engine: &Engine,
    _organization: &OrganizationId,
    _id: &PostingId,
) -> Result<Option<PostingChoice>, StoreError> {
    unimplemented!("E1")
}

/// A stage of our copy, in pipeline order.
#[derive(Debug, Clone)]
pub struct StageChoice {
    pub id: StageId,
    pub name: String,
    /// Named "Canditech Stage", whatever its case.
    pub suggested: bool,
}

/// The pipeline's stages that still exist.
///
/// # Errors
/// When the database fails.
pub async fn stages(_engine: &Engine, _organization: &OrganizationId) -> Result<Vec<StageChoice>, StoreError> {
    unimplemented!("E1")
}

/// Reads the catalogue (users, postings, stages) from Lever into our copy; roles follow the users.
///
/// # Errors
/// See [`LeverError`].
pub async fn sync(_engine: &Engine, _organization: &OrganizationId) -> Result<(), LeverError> {
    unimplemented!("E1")
}
