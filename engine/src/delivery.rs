//! Webhooks and callbacks as they come in: checked, kept whole, deduplicated, and acted on once.
//! Whatever is answered 2xx and is to be acted on is on disk, with its job, in one transaction.

mod batch;
mod callback;
mod endpoint;
mod inbox;
mod refused;
mod replay;
mod sound;
mod store;
mod webhook;

pub use inbox::Inbox;
pub use replay::{Inspected, Part};
pub(crate) use store::{
    came_since, forget_bodies, forget_handled, handled,
    replay::{given_up, open_given_up},
};

use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    fault::{FlowError, StoreError},
    id::DeliveryId,
    provider::{CallbackHeaders, Protocol},
};

/// A message larger than this is none of Lever's or a provider's.
pub const MAX_BODY: usize = 256 * 1024;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Stored with its job.
    Accepted,
    /// Known already; nothing new happens.
    Repeated,
    /// Lever's verification ping: counted, acted on no further.
    Ping,
    /// Unknown address, or no token of ours confirms it: nothing was stored. One answer for both.
    Refused,
    /// Not a message of that kind.
    Malformed,
}

/// Takes a webhook of Lever's.
///
/// # Errors
/// When the database fails: the sender must repeat then.
pub async fn receive_lever(engine: &Engine, endpoint: &str, body: &[u8]) -> Result<Received, StoreError> {
    webhook::receive(engine, endpoint, body).await
}

/// Takes a callback of a provider's. `address` is what follows the protocol in it: the account's endpoint,
/// and after a slash the invite where each has an address of its own.
///
/// # Errors
/// When the database fails: the sender must repeat then.
pub async fn receive_provider(
    engine: &Engine,
    protocol: Protocol,
    address: &str,
    headers: &CallbackHeaders,
    body: &[u8],
) -> Result<Received, StoreError> {
    callback::receive(engine, protocol, address, headers, body).await
}

/// One row of Activity: what came in, in words.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub from_lever: bool,
    pub event: String,
    pub received_at: Moment,
    pub handled_at: Option<Moment>,
    /// What was done about it; `None` while it is being handled.
    pub outcome: Option<String>,
    /// The work was given up; the outcome says why.
    pub has_problem: bool,
    /// The opportunity or the invite it is about; without one it is never acted on.
    pub subject: Option<String>,
}

/// Which messages to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    #[default]
    All,
    /// Those that are not acted on yet.
    Waiting,
    /// Those whose work was given up.
    Problem,
}

/// What came in, newest first; `before` is the id of the last row of the page before.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn list(
    engine: &Engine,
    member: &Member,
    before: Option<&DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, FlowError> {
    list_only(engine, member, Show::All, before, limit).await
}

/// Some of what came in, newest first.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn list_only(
    engine: &Engine,
    member: &Member,
    show: Show,
    before: Option<&DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(store::list(&engine.db, &member.organization, show, before, limit.clamp(1, 200)).await?)
}

/// One message with what may be shown of it.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn inspect(engine: &Engine, member: &Member, id: &DeliveryId) -> Result<Inspected, FlowError> {
    replay::inspect(engine, member, id).await
}

/// Has the work that a message asked for done again.
///
/// # Errors
/// Forbidden unless the role manages attachments; `Conflict` for a message that is about nothing of ours.
pub async fn replay(engine: &Engine, member: &Member, id: &DeliveryId) -> Result<(), FlowError> {
    replay::replay(engine, member, id).await
}

/// The text of a message, if it can be one: not too large, UTF-8, without NUL.
fn text(body: &[u8]) -> Option<&str> {
    if body.len() > MAX_BODY || body.contains(&0) {
        return None;
    }
    std::str::from_utf8(body).ok()
}

/// Ids and tokens go into keys and columns: short, and without control characters.
fn is_plain(text: &str) -> bool {
    text.len() <= 256 && !text.chars().any(char::is_control)
}
