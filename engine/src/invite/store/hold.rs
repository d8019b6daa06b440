//! Holding all that is known of a person.

use super::super::entity::Invite;
use crate::{
    db::Tx,
    fault::StoreError,
    id::{ContactId, OrganizationId},
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
