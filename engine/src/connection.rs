//! The organization's authorised link to one Lever account: OAuth, tokens, webhooks' set-up.

mod environment;
mod flow;
mod gap;
mod incoming;
mod oauth;
mod store;
mod token;
mod webhook;

use std::time::Duration;

use thiserror::Error;

use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    fault::{FlowError, StoreError},
    id::WebhookId,
    lever::{self, LeverError},
};

pub use environment::settle_environment;
pub use flow::{begin, complete, disconnect};
pub use gap::{HookFound, look_at_webhooks};
pub(crate) use gap::{check, look_when_due, record_gap, telling_since};
pub(crate) use incoming::count_refused;
pub use incoming::{Endpoint, record_ping, signature_tokens};
pub(crate) use store::{SEALED, consent::forget_flows};
pub(crate) use token::{access_token, not_accepted};
pub(crate) use webhook::delete_ours as delete_webhooks;
pub use webhook::{create_webhook, forget_signature_token, paste_signature_token};

/// A consent lasts a year, however often the tokens are renewed.
const CONSENT_LASTS: Duration = Duration::from_hours(365 * 24);

/// The scopes we ask for, each with what it is for in plain words.
pub const SCOPES: &[(&str, &str)] = &[
    ("offline_access", "Stay connected without asking you to log in again"),
    ("opportunities:read:admin", "See which candidates are in an attached stage"),
    ("applications:read:admin", "See which position a candidate applied to"),
    ("contact:read:admin", "Follow a candidate whose profile was merged"),
    ("notes:write:admin", "Write the result as a note, and keep that note up to date"),
    ("stages:read:admin", "List your pipeline's stages"),
    ("postings:read:admin", "List your positions"),
    ("users:read:admin", "Give your colleagues the access they have in Lever"),
    ("webhooks:write:admin", "Hear when a candidate changes stage"),
];

/// Those of [`SCOPES`] without which the product still works: a webhook can be made by hand, and
/// merged profiles are followed through the opportunity.
const CONSENT_OPTIONAL: &[&str] = &["webhooks:write:admin", "contact:read:admin"];

/// Whether work with Lever is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    Connected,
    /// Lever refused our refresh token or access: somebody must connect again. Work waits.
    Revoked,
    /// Somebody disconnected here. Work waits.
    Disconnected,
}

/// One signature token we hold.
#[derive(Debug, Clone)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub made_by_api: bool,
    pub created_by: String,
    pub created_at: Moment,
    pub verified_at: Option<Moment>,
}

/// What the Lever page shows of the connection.
#[derive(Debug, Clone)]
pub struct Overview {
    pub state: ConnectionState,
    pub state_reason: Option<String>,
    pub state_at: Moment,
    pub account_name: Option<String>,
    pub connected_by: String,
    pub connected_at: Moment,
    /// A consent lasts a year.
    pub consent_ends_at: Moment,
    pub scopes: Vec<String>,
    pub synced_at: Option<Moment>,
    pub sync_error: Option<String>,
    /// The address Lever's webhook must call.
    pub webhook_url: String,
    pub webhooks: Vec<WebhookRow>,
    pub last_ping_at: Option<Moment>,
    /// Whether the last ping's signature was confirmed by a token we hold.
    pub last_ping_verified: bool,
    pub last_event_at: Option<Moment>,
    /// Since when no webhook tells of moves, as our own questions show.
    pub gap_at: Option<Moment>,
    /// What the last look at Lever's list of webhooks found, and when.
    pub hooks_found: Option<(HookFound, Moment)>,
    pub last_refused_at: Option<Moment>,
    pub refused_count: i64,
}

/// Why the return from Lever's consent page did not connect.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// Unknown, used, expired or foreign `state`: nothing was stored.
    #[error("the state of the return does not belong to this session")]
    State,
    /// The person declined, or Lever refused them (only a Super Admin can grant).
    #[error("consent was not given")]
    Denied { description: String },
    /// Granted, but without what we need.
    #[error("missing scopes: {0:?}")]
    MissingScopes(Vec<String>),
    /// Another Lever account than before; connecting it needs a confirmation first.
    #[error("another Lever account")]
    OtherAccount { before: String, now: String },
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for ConnectError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

impl From<LeverError> for ConnectError {
    fn from(error: LeverError) -> Self {
        Self::Flow(error.into())
    }
}

/// The query of the return from Lever's consent page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Return {
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
    /// Who answers, where the authorisation server says so (RFC 9207).
    pub iss: Option<String>,
}

/// Whether connecting to another Lever account than before was confirmed by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherAccount {
    Ask,
    Confirmed,
}

/// What the Lever page shows; `None` before the first connection.
///
/// # Errors
/// Forbidden for those who manage neither connection nor attachments.
pub async fn overview(engine: &Engine, member: &Member) -> Result<Option<Overview>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(store::overview(engine, &member.organization).await?)
}

/// Reads users, postings and stages anew.
///
/// # Errors
/// Lever's, or not connected.
pub async fn sync_now(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageAttachments)?;
    match lever::sync(engine, &member.organization).await {
        Err(LeverError::NotConnected) => Err(FlowError::NotConnected),
        done => Ok(done?),
    }
}

/// The address that Lever's webhook must call.
fn webhook_url(engine: &Engine, endpoint: &str) -> String {
    engine.settings.address(&format!("/webhooks/lever/{endpoint}"))
}
