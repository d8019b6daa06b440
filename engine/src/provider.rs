//! Assessment providers behind one neutral interface: what they can do, what can go wrong, and the
//! organization's account with one.

mod account;
mod calls;
mod canditech;
mod score;
mod signature;
mod store;

use std::{fmt, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Engine,
    clock::Moment,
    fault::StoreError,
    id::{AssessmentId, InviteId, OrganizationId, ProviderAccountId, ProviderInviteId},
    verdict::Verdict,
};

pub(crate) use account::of_organization;
pub use account::{account, assessments, save_and_test, sync};
pub use signature::callback_is_genuine;
pub(crate) use store::note_refused;

/// The protocols an account can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Canditech,
}

impl Protocol {
    /// The name in addresses and in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Canditech => "canditech",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        [Self::Canditech].into_iter().find(|protocol| protocol.slug() == slug)
    }

    /// What the protocol can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Canditech => canditech::CAPABILITIES,
        }
    }
}

/// What a provider can do; the interface hides what it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent capability flags")]
pub struct Capabilities {
    pub fetch: bool,
    pub find_by_reference: bool,
    pub idempotency: bool,
    pub verdict_write: bool,
    pub resend: bool,
    pub cancel: bool,
    pub extend: bool,
    pub retake: bool,
}

/// A call to a provider did not succeed.
#[derive(Debug, Clone, Error)]
pub enum ProviderError {
    #[error("the provider does not accept the key")]
    Credentials,
    #[error("the provider forbids it")]
    Forbidden,
    #[error("the provider does not have it")]
    NotFound,
    #[error("the assessment is not published")]
    NotPublished,
    #[error("the provider does not accept the candidate's {field}")]
    InvalidCandidate { field: String },
    #[error("the candidate was invited already")]
    Duplicate,
    #[error("no invites are left")]
    Quota,
    /// The provider's own words, length-limited, for people.
    #[error("refused: {0}")]
    Refused(String),
    #[error("too late")]
    TooLate,
    #[error("the provider's rate limit")]
    RateLimited { retry_after: Option<Duration> },
    /// 5xx, network, time-out: the outcome of a send is unknown.
    #[error("the provider did not answer properly: {0}")]
    Temporary(String),
    #[error("an unexpected answer from the provider: {0}")]
    BadAnswer(String),
    #[error("the provider cannot do that")]
    Unsupported,
    #[error("no provider account")]
    NoAccount,
    #[error("storage: {0}")]
    Store(String),
}

impl From<StoreError> for ProviderError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

/// An assessment as the provider offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub id: AssessmentId,
    pub name: String,
    pub state: AssessmentState,
    pub description: Option<String>,
    pub language: Option<String>,
    pub duration_minutes: Option<i64>,
    pub sections: Vec<String>,
}

/// Whether an assessment can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessmentState {
    Active,
    Draft,
    Archived,
}

/// What to send, to whom.
#[derive(Debug, Clone)]
pub struct InviteRequest {
    pub invite: InviteId,
    pub assessment: AssessmentId,
    pub candidate_name: String,
    pub candidate_email: String,
    pub profile_url: Option<String>,
    pub callback_url: String,
    pub valid_days: Option<i64>,
}

/// The provider's own word on an invite. Missing parts stay as they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub provider_invite: Option<ProviderInviteId>,
    pub status: Option<ProviderStatus>,
    pub candidate_url: Option<String>,
    pub started_at: Option<Moment>,
    pub completed_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub score: Option<Score>,
    pub sections: Vec<Section>,
    pub report_url: Option<String>,
    pub verdict: Option<ReportedVerdict>,
    pub integrity: Vec<Signal>,
    pub revision: Option<i64>,
}

/// The neutral status vocabulary; `Unknown` keeps the last good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderStatus {
    Sent,
    Started,
    Completed,
    Expired,
    Declined,
    Cancelled,
    Abandoned,
    Error,
    Unknown,
}

/// A score in thousandths, so that 87.5 of 100 is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub value: i64,
    pub max: Option<i64>,
}

/// A section's name and score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub name: String,
    pub score: Option<Score>,
}

/// An integrity signal, in the provider's neutral words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    pub kind: String,
    pub note: String,
}

/// A verdict a person gave in the provider's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedVerdict {
    pub value: Verdict,
    pub by: Option<String>,
    pub at: Option<Moment>,
}

/// An open account: credentials and address, ready to call.
#[derive(Clone)]
pub struct Account {
    pub id: ProviderAccountId,
    pub organization: OrganizationId,
    pub protocol: Protocol,
    pub(crate) engine: Engine,
    pub(crate) base_url: url::Url,
    pub(crate) key: SecretString,
    pub(crate) endpoint: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

/// The address that the provider calls back.
fn callback_url(engine: &Engine, protocol: Protocol, endpoint: &str) -> String {
    engine.settings.address(&format!("/callbacks/{}/{endpoint}", protocol.slug()))
}

/// The headers that authenticate a callback (Standard Webhooks).
#[derive(Debug, Clone, Default)]
pub struct CallbackHeaders {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
}

/// An account that a callback address names, with its secrets.
#[derive(Debug, Clone)]
pub struct CallbackAccount {
    pub id: ProviderAccountId,
    pub organization: OrganizationId,
    pub secrets: Vec<SecretString>,
}

/// The account behind a callback address.
///
/// # Errors
/// When the database fails.
pub async fn by_endpoint(engine: &Engine, endpoint: &str) -> Result<Option<CallbackAccount>, StoreError> {
    store::by_endpoint(engine, endpoint).await
}

/// What a callback's (verified) body says: event type, our invite id where echoed, the provider's invite id.
#[derive(Debug, Clone)]
pub struct CallbackBody {
    pub event: String,
    pub invite: Option<InviteId>,
    pub provider_invite: Option<ProviderInviteId>,
}

/// Parses a callback's body.
///
/// # Errors
/// `BadAnswer` with the place of the fault.
pub fn parse_callback(protocol: Protocol, body: &[u8]) -> Result<CallbackBody, ProviderError> {
    match protocol {
        Protocol::Canditech => canditech::parse_callback(body),
    }
}

/// How the account's last test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    Ok,
    /// The key lists assessments but may not send them.
    CannotSend,
    Refused,
    Unreachable,
    Untested,
}

/// What the Canditech page shows.
#[derive(Debug, Clone)]
pub struct AccountOverview {
    pub id: ProviderAccountId,
    pub protocol: Protocol,
    pub base_url: String,
    /// The key's last four characters.
    pub key_hint: String,
    pub account_name: Option<String>,
    pub state: AccountState,
    pub state_reason: Option<String>,
    pub checked_at: Option<Moment>,
    pub callback_url: String,
    /// To hand to the provider; only for those who manage the connection.
    pub callback_secret: Option<String>,
    pub last_callback_at: Option<Moment>,
    pub assessments: i64,
    pub capabilities: Capabilities,
}
