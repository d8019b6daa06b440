//! Assessment providers behind one neutral interface: what they can do, what can go wrong, and the
//! organization's account with one.

mod account;
mod callback_secret;
mod calls;
mod canditech;
mod error;
mod exchange;
mod greenhouse_partner;
mod part;
mod score;
mod signature;
mod store;
mod switch;

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    Engine,
    clock::Moment,
    fault::StoreError,
    id::{AssessmentId, InviteId, OrganizationId, ProviderAccountId, ProviderInviteId},
    verdict::Verdict,
};

pub use account::{account, assessments, save_and_test, sync};
pub(crate) use account::{check_account, of_organization};
pub use callback_secret::{end_former_callback_secret, renew_callback_secret};
pub use error::ProviderError;
pub(crate) use signature::{new_secret, sign};
pub(crate) use store::{SEALED, note_refused, secret::forget_former};
pub use switch::OtherProtocol;

/// The protocols an account can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Canditech,
    GreenhousePartner,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Canditech, Self::GreenhousePartner];

    /// The name in addresses and in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Canditech => "canditech",
            Self::GreenhousePartner => "greenhouse-partner",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.slug() == slug)
    }

    /// What the protocol can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Canditech => canditech::CAPABILITIES,
            Self::GreenhousePartner => greenhouse_partner::CAPABILITIES,
        }
    }

    /// Whether an invite was sent over this protocol: its id at the provider says so.
    fn sent(self, invite: &ProviderInviteId) -> bool {
        match self {
            Self::Canditech => !greenhouse_partner::is_ours(invite),
            Self::GreenhousePartner => greenhouse_partner::is_ours(invite),
        }
    }

    fn key_fits(self, key: &str) -> bool {
        match self {
            Self::Canditech => true,
            Self::GreenhousePartner => greenhouse_partner::key_fits(key),
        }
    }
}

/// How a provider tells that something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callback {
    /// To one address, signed with a secret that is handed to the provider.
    Signed,
    /// To an address that comes with each send, with the account's own key.
    PerInvite,
}

/// What a provider can do; the interface hides what it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent capability flags")]
pub struct Capabilities {
    pub callback: Callback,
    pub fetch: bool,
    pub find_by_reference: bool,
    pub idempotency: bool,
    /// A verdict given in the provider's session reaches us.
    pub verdict_read: bool,
    pub verdict_write: bool,
    /// A send can say until when.
    pub deadline: bool,
    pub resend: bool,
    pub cancel: bool,
    pub extend: bool,
    pub retake: bool,
    /// It forgets a candidate when it is asked to.
    pub erase: bool,
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
    /// The invite that it is a retake of, where the provider knows retakes.
    pub retake_of: Option<ProviderInviteId>,
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
    /// As it is stored: two accounts with the same one speak with the same key.
    sealed_key: Vec<u8>,
    pub(crate) endpoint: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

/// What the provider says of the account behind the key.
#[derive(Debug, Default)]
struct Described {
    name: Option<String>,
    /// `None` when it does not say.
    may_send: Option<bool>,
}

/// The address that the provider calls back; where each invite has its own, the part before the invite.
fn callback_url(engine: &Engine, protocol: Protocol, endpoint: &str) -> String {
    engine.settings.address(&format!("/callbacks/{}/{endpoint}", protocol.slug()))
}

/// The headers that authenticate a callback: those of Standard Webhooks, or HTTP Basic.
#[derive(Debug, Clone, Default)]
pub struct CallbackHeaders {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub authorization: String,
}

/// An account that a callback address names, with what proves a callback.
#[derive(Debug, Clone)]
pub struct CallbackAccount {
    pub protocol: Protocol,
    pub id: ProviderAccountId,
    pub organization: OrganizationId,
    pub secrets: Vec<SecretString>,
}

/// The account behind a callback address.
///
/// # Errors
/// When the database fails.
pub async fn by_endpoint(engine: &Engine, endpoint: &str) -> Result<Option<CallbackAccount>, StoreError> {
    store::secret::by_endpoint(engine, endpoint).await
}

/// Whether a callback is the provider's, by what its protocol proves that with.
#[must_use]
pub fn callback_is_genuine(account: &CallbackAccount, headers: &CallbackHeaders, body: &[u8], now: Moment) -> bool {
    match account.protocol {
        Protocol::Canditech => signature::callback_is_genuine(&account.secrets, headers, body, now),
        Protocol::GreenhousePartner => {
            greenhouse_partner::callback_is_genuine(&account.secrets, &headers.authorization)
        }
    }
}

/// What a (verified) callback says: event type, our invite id where it is named, the provider's invite id.
#[derive(Debug, Clone)]
pub struct CallbackBody {
    pub event: String,
    pub invite: Option<InviteId>,
    pub provider_invite: Option<ProviderInviteId>,
}

/// Reads a callback: its body, or the invite that its address names.
///
/// # Errors
/// `BadAnswer` with the place of the fault.
pub fn parse_callback(
    protocol: Protocol,
    named: Option<&InviteId>,
    body: &[u8],
) -> Result<CallbackBody, ProviderError> {
    match (protocol, named) {
        (Protocol::Canditech, None) => canditech::parse_callback(body),
        // It has no body: that it comes is all it says.
        (Protocol::GreenhousePartner, Some(invite)) => Ok(CallbackBody {
            event: "assessment.completed".into(),
            invite: Some(invite.clone()),
            provider_invite: None,
        }),
        (Protocol::Canditech, Some(_)) | (Protocol::GreenhousePartner, None) => {
            Err(ProviderError::BadAnswer("an address of another protocol".into()))
        }
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
    /// To hand to the provider where its callbacks are signed; only for those who manage the connection.
    pub callback_secret: Option<String>,
    /// Until when the secret before it counts too.
    pub former_callback_until: Option<Moment>,
    pub last_callback_at: Option<Moment>,
    pub assessments: i64,
    /// Invites under way that were sent over another protocol: their results wait for a switch back.
    pub elsewhere: i64,
    pub capabilities: Capabilities,
}
