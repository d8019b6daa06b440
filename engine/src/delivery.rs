//! Webhooks and callbacks as they come in: checked, kept whole, deduplicated, and acted on once.
//! Whatever is answered 2xx and is to be acted on is on disk, with its job, in one transaction.

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::DeliveryId,
    provider::{CallbackHeaders, Protocol},
};

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
pub async fn receive_lever(_engine: &Engine, _endpoint: &str, _body: &[u8]) -> Result<Received, StoreError> {
    unimplemented!("E2")
}

/// Takes a callback of a provider's.
///
/// # Errors
/// When the database fails: the sender must repeat then.
pub async fn receive_provider(
    _engine: &Engine,
    _protocol: Protocol,
    _endpoint: &str,
    _headers: &CallbackHeaders,
    _body: &[u8],
) -> Result<Received, StoreError> {
    unimplemented!("E2")
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
}

/// What came in, newest first; `before` is the id of the last row of the page before.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn list(
    _engine: &Engine,
    _member: &Member,
    _before: Option<&DeliveryId>,
    _limit: i64,
) -> Result<Vec<DeliveryRow>, FlowError> {
    unimplemented!("E2")
}
