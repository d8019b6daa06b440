//! Holding more invites than one: a person's, an attachment's.

use super::super::entity::Invite;
use crate::{
    db::Tx,
    fault::StoreError,
    id::{AttachmentId, ContactId, OrganizationId},
};

/// The invites of a person, held until the transaction ends.
pub(crate) async fn hold_of_contact(
    tx: &mut Tx,
    organization: &OrganizationId,
    contact: &ContactId,
) -> Result<Vec<Invite>, StoreError> {
    let found = sqlx::query_as(concat!(
        "UPDATE invites
         SET version = version
         WHERE organization_id = $1 AND contact_id = $2
         RETURNING ",
        columns!()
    ))
    .bind(organization.as_str())
    .bind(contact.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

/// The unsent invites of an attachment, held until the transaction ends; not what a person asked for beyond it.
pub(crate) async fn hold_unsent(
    tx: &mut Tx,
    organization: &OrganizationId,
    attachment: &AttachmentId,
) -> Result<Vec<Invite>, StoreError> {
    let found = sqlx::query_as(concat!(
        "UPDATE invites
         SET version = version
         WHERE organization_id = $1 AND attachment_id = $2 AND state IN ('waiting', 'queued')
             AND send_intent_at IS NULL AND chosen_by IS NULL
         RETURNING ",
        columns!()
    ))
    .bind(organization.as_str())
    .bind(attachment.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}
