//! What the Lever page shows, as it crosses to the browser.

use serde::{Deserialize, Serialize};

/// The whole page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeverView {
    /// Whether this person may connect, disconnect and set the webhook up.
    pub may_connect: bool,
    /// The people here who may, by name.
    pub managers: Vec<String>,
    /// `None` before the first connection.
    pub connection: Option<ConnectionView>,
    /// What we ask Lever for, and what of it was granted.
    pub scopes: Vec<ScopeView>,
    /// The whole chain in one sentence; it counts what waits.
    pub chain: String,
    pub steps: Vec<StepView>,
    pub attachments: Vec<AttachmentLine>,
    pub notes: NotesView,
    /// For how many months a candidate is kept; `None` until Lever erases them.
    pub kept_months: Option<u32>,
    /// Facts for support, without names, addresses or secrets.
    pub diagnostic: String,
}

/// Which notes Lever gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotesView {
    /// Of what was sent only once it is completed.
    pub only_completed: bool,
    /// Also of what could not be sent.
    pub unsent: bool,
}

/// Whether work with Lever is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Link {
    #[default]
    Connected,
    Revoked,
    Disconnected,
}

/// The connection as the page shows it; times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConnectionView {
    pub link: Link,
    pub reason: Option<String>,
    pub link_at: i64,
    pub account: Option<String>,
    pub connected_by: String,
    pub connected_at: i64,
    pub consent_ends_at: i64,
    pub consent_ends_soon: bool,
    pub synced_at: Option<i64>,
    pub sync_error: Option<String>,
    pub share: ShareView,
    pub webhook: WebhookFacts,
}

/// Calls a second to Lever at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShareView {
    pub ours: i64,
    /// What Lever allows an account.
    pub levers: u32,
}

/// One permission we ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeView {
    pub scope: String,
    pub words: String,
    pub granted: bool,
}

/// What is known of the webhook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WebhookFacts {
    /// Only for those who manage the connection.
    pub url: Option<String>,
    pub tokens: Vec<TokenView>,
    pub last_ping_at: Option<i64>,
    pub last_ping_verified: bool,
    pub last_event_at: Option<i64>,
    /// Since when no webhook tells of moves.
    pub gap_at: Option<i64>,
    /// What Lever's list of webhooks said, and when it was looked at.
    pub found: Option<(HookFound, i64)>,
    pub last_refused_at: Option<i64>,
    pub refused: i64,
}

/// What Lever's list of webhooks said of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookFound {
    InOrder,
    Missing,
    Elsewhere,
    Narrowed,
    ByHand,
    Forbidden,
}

/// One signature token we hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    pub id: String,
    pub made_by_api: bool,
    pub by: String,
    pub at: i64,
    pub verified_at: Option<i64>,
}

/// The steps of the set-up, in the article's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StepKind {
    Connected,
    WebhookCreated,
    Verified,
    StageChangesArrive,
    Stage,
    Provider,
    FirstAttachment,
    FirstInvite,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepState {
    Done,
    Open,
    Attention,
}

/// One step with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    pub kind: StepKind,
    pub state: StepState,
    pub proof: String,
    pub at: Option<i64>,
}

/// One attachment of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentLine {
    pub id: String,
    /// `None` is "any position".
    pub position: Option<String>,
    pub stage: String,
    pub assessment: String,
    pub is_paused: bool,
    /// Why nothing can be sent, or why it may not be.
    pub trouble: Option<AttachmentTrouble>,
    pub valid_days: Option<i64>,
    pub invites: i64,
    pub version: i64,
}

/// Why the provider cannot be asked to send an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotOffered {
    Deleted,
    Archived,
    Draft,
}

/// What stands in an attachment's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttachmentTrouble {
    StageGone,
    NotOffered(NotOffered),
    /// The position's state in Lever, which is not an open one.
    PositionNotOpen(String),
}

/// What Lever said when the return did not connect; it is told once, to the person who tried.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReturnDetail {
    /// Lever's words, or the scopes that are missing.
    pub detail: Option<String>,
    pub account_before: Option<String>,
    pub account_now: Option<String>,
}
