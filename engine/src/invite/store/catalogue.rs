//! What a new copy of a catalogue changes of many invites at once.

use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OpportunityId, OrganizationId, PostingId, ProviderAccountId},
};

/// Makes the invites of confidential postings confidential, and of those that vanished from Lever at `now`.
pub(in crate::invite) async fn hide_by_posting(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<(), StoreError> {
    // No new version: nobody who goes on seeing them sees a change.
    sqlx::query(
        "UPDATE invites
         SET confidential = 1
         WHERE organization_id = $1 AND confidential = 0
             AND posting_id IN (
                 SELECT p.id FROM lever_postings p
                 WHERE p.organization_id = $1 AND (p.confidential = 1 OR p.gone_at = $2))",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The opportunities whose invites of this posting are confidential.
pub(in crate::invite) async fn hidden_opportunities(
    tx: &mut Tx,
    organization: &OrganizationId,
    posting: &PostingId,
) -> Result<Vec<OpportunityId>, StoreError> {
    let found: Vec<(OpportunityId,)> = sqlx::query_as(
        "SELECT DISTINCT opportunity_id
         FROM invites
         WHERE organization_id = $1 AND posting_id = $2 AND confidential = 1",
    )
    .bind(organization.as_str())
    .bind(posting.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Gives the unsent invites of an account the present names of its assessments; answers which, and their
/// versions by now.
pub(in crate::invite) async fn rename_unsent(
    tx: &mut Tx,
    organization: &OrganizationId,
    account: &ProviderAccountId,
    now: Moment,
) -> Result<Vec<(InviteId, i64)>, StoreError> {
    let renamed = sqlx::query_as(
        "UPDATE invites
         SET assessment_name = (
                 SELECT t.name FROM assessments t
                 WHERE t.provider_account_id = $2 AND t.id = invites.assessment_id),
             changed_at = $3, version = version + 1
         WHERE organization_id = $1 AND provider_account_id = $2 AND state IN ('waiting', 'queued')
             AND send_intent_at IS NULL
             AND EXISTS (
                 SELECT 1 FROM assessments t
                 WHERE t.provider_account_id = $2 AND t.id = invites.assessment_id AND t.gone_at IS NULL
                     AND t.name <> invites.assessment_name)
         RETURNING id, version",
    )
    .bind(organization.as_str())
    .bind(account.as_str())
    .bind(now.0)
    .fetch_all(&mut **tx)
    .await?;
    Ok(renamed)
}
