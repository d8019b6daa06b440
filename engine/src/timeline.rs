//! What happened to an invite, in order, each entry with its cause. Written in the transaction of
//! the change it tells of.

pub(crate) mod store;

use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OrganizationId},
};

/// One entry: a sentence for people, a kind for the icon, and the cause behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Moment,
    pub kind: String,
    pub sentence: String,
    pub cause: Option<String>,
}

/// Adds an entry within the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
    entry: &Entry,
) -> Result<(), StoreError> {
    store::insert(tx, organization, invite, entry).await
}
