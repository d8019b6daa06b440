//! The organization's authorised link to one Lever account: OAuth, tokens, webhooks' set-up.

mod incoming;
mod store;

use thiserror::Error;
use url::Url;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::WebhookId,
    lever::LeverError,
};

pub use incoming::{Endpoint, record_event, record_ping, record_refused, signature_tokens};

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
}

/// Where to send the browser to ask for consent. `session` binds the return to this web session.
/// `other_account` says that another Lever account than before is wanted.
///
/// # Errors
/// Forbidden unless the role manages the connection.
pub async fn begin(
    _engine: &Engine,
    _member: &Member,
    _session: &str,
    _other_account: OtherAccount,
) -> Result<Url, FlowError> {
    unimplemented!("E1")
}

/// Whether connecting to another Lever account than before was confirmed by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherAccount {
    Ask,
    Confirmed,
}

/// Completes the connection on the return; answers the account's name. Wakes work that waited,
/// syncs the catalogue, and makes the webhook by API where the scope allows.
///
/// # Errors
/// See [`ConnectError`]; nothing is stored then.
pub async fn complete(
    _engine: &Engine,
    _member: &Member,
    _session: &str,
    _returned: &Return,
) -> Result<String, ConnectError> {
    unimplemented!("E1")
}

/// What the Lever page shows; `None` before the first connection.
///
/// # Errors
/// Forbidden for those who manage neither connection nor attachments.
pub async fn overview(_engine: &Engine, _member: &Member) -> Result<Option<Overview>, FlowError> {
    unimplemented!("E1")
}

/// Makes the Candidate Stage Change webhook by Lever's API and stores its signature token.
///
/// # Errors
/// Lever's refusal in words; by hand is the other way then.
pub async fn create_webhook(_engine: &Engine, _member: &Member) -> Result<(), FlowError> {
    unimplemented!("E1")
}

/// Takes the signature token of a webhook made by hand in Lever.
///
/// # Errors
/// Refused when it is empty or too long.
pub async fn paste_signature_token(_engine: &Engine, _member: &Member, _token: &str) -> Result<(), FlowError> {
    unimplemented!("E1")
}

/// Reads users, postings and stages anew.
///
/// # Errors
/// Lever's, or not connected.
pub async fn sync_now(_engine: &Engine, _member: &Member) -> Result<(), FlowError> {
    unimplemented!("E1")
}

/// Deletes our webhooks in Lever while the tokens work, then forgets the tokens. Work waits.
///
/// # Errors
/// Forbidden unless the role manages the connection.
pub async fn disconnect(_engine: &Engine, _member: &Member) -> Result<(), FlowError> {
    unimplemented!("E1")
}
