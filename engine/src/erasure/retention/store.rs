//! The SQL of the retention period and of those whose time is over.

use super::Months;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{ContactId, OrganizationId, UserId},
};

/// What was chosen, and by whom.
pub(super) async fn chosen(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
) -> Result<Option<(Months, UserId)>, StoreError> {
    let (months, by): (Option<i64>, Option<UserId>) =
        sqlx::query_as("SELECT retention_months, retention_by FROM organizations WHERE id = $1")
            .bind(organization.as_str())
            .fetch_one(executor)
            .await?;
    let months = months.and_then(|months| u32::try_from(months).ok()).and_then(Months::new);
    Ok(months.zip(by))
}

pub(super) async fn choose(
    tx: &mut Tx,
    organization: &OrganizationId,
    months: Option<Months>,
    by: &UserId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET retention_months = $2, retention_by = $3 WHERE id = $1")
        .bind(organization.as_str())
        .bind(months.map(|months| i64::from(months.get())))
        .bind(by.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// People of whom nothing changed since `before` and all that is known is at an end, the longest unchanged first.
pub(super) async fn overdue(
    db: &Db,
    organization: &OrganizationId,
    before: Moment,
    most: i64,
) -> Result<Vec<ContactId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT i.contact_id
         FROM invites i
         WHERE i.organization_id = $1 AND i.anonymized_at IS NULL AND i.changed_at < $2
             AND NOT EXISTS (
                 SELECT 1 FROM invites o
                 WHERE o.organization_id = i.organization_id AND o.contact_id = i.contact_id
                     AND o.anonymized_at IS NULL
                     AND (o.changed_at >= $2
                         OR o.state NOT IN ('completed', 'expired', 'declined', 'cancelled', 'failed')))
         GROUP BY i.contact_id
         ORDER BY MIN(i.changed_at), i.contact_id
         LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(before.0)
    .bind(most)
    .fetch_all(db.read())
    .await?;
    Ok(found)
}
