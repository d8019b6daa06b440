//! Lever: its API as typed calls within its rate, its signature, and our copy of its catalogue.

mod account;
mod api;
mod call;
mod catalogue;
mod levers_clock;
mod outage;
mod rate;
mod share;
mod signature;
mod store;
mod wire;

/// Lever's messages by example.
#[cfg(test)]
#[path = "../tests/fixtures/lever.rs"]
pub(crate) mod fixture;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Engine,
    clock::Moment,
    fault::StoreError,
    id::{ContactId, LeverNoteId, LeverUserId, OpportunityId, OrganizationId, PostingId, StageId},
};

pub(crate) use account::{Identity, account_of, identify};
pub(crate) use api::{Absence, RemoteWebhook, Seen, Verify};
pub(crate) use catalogue::gone_stages;
pub use catalogue::{posting, postings, stages, sync};
pub use levers_clock::LeversClock;
pub use share::{LEVERS_OWN, Share, choose_share, share};
pub use signature::signature_is_genuine;
pub(crate) use store::share::open as open_account;

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
    /// 429.
    #[error("Lever's rate limit")]
    RateLimited { retry_after: Option<Duration> },
    /// The call was not made: our own share of the rate is used up for that long.
    #[error("our share of Lever's rate is used up")]
    Busy { wait: Duration },
    /// The call was not made: Lever has not answered for a while, and is asked again after that long.
    #[error("Lever does not answer at present")]
    Down { wait: Duration },
    /// The call was not made: the installation is paused.
    #[error("the installation is paused")]
    Paused,
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
    /// It came there by a move; otherwise it began there, of which Lever tells in other ways.
    pub moved: bool,
    pub postings: Vec<PostingId>,
    pub owner: Option<LeverUserId>,
    pub followers: Vec<LeverUserId>,
    pub archived: bool,
    pub anonymized: bool,
    pub confidential: bool,
    /// The profile in Lever; never parsed.
    pub url: Option<String>,
}

/// Whom to look for: Lever finds people by e-mail address and by contact, not by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    Email(String),
    Contact(ContactId),
}

/// A note of ours in Lever.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: LeverNoteId,
    pub text: String,
    pub deleted: bool,
}

/// Lever's API for one organization: every call takes a turn of the account's rate and a fresh token.
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
}

/// What the signature of a webhook covers, and the signature: read before anything else of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedPart {
    pub token: String,
    pub triggered_at: serde_json::Value,
    pub signature: String,
}

impl SignedPart {
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
}

/// The rest of a webhook, which nobody signs: a hint where to look.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookBody {
    pub event: String,
    #[serde(default)]
    pub data: WebhookData,
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

/// A stage of our copy, in pipeline order.
#[derive(Debug, Clone)]
pub struct StageChoice {
    pub id: StageId,
    pub name: String,
    /// Named "Canditech Stage", whatever its case.
    pub suggested: bool,
}
