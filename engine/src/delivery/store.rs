//! The deliveries' SQL.

pub(super) mod replay;

use std::time::Duration;

use super::{DeliveryRow, Show};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{DeliveryId, OpportunityId, OrganizationId},
};

/// Says what was done about the messages on a subject that had come before the work began; whether there were any.
pub(crate) async fn handled(
    tx: &mut Tx,
    organization: &OrganizationId,
    subject: &str,
    (began, now): (Moment, Moment),
    outcome: &str,
) -> Result<bool, StoreError> {
    let handled = sqlx::query(
        "UPDATE deliveries
         SET handled_at = $4, outcome = $5
         WHERE organization_id = $1 AND subject_id = $2 AND handled_at IS NULL AND received_at <= $3",
    )
    .bind(organization.as_str())
    .bind(subject)
    .bind(began.0)
    .bind(now.0)
    .bind(outcome)
    .execute(&mut **tx)
    .await?;
    Ok(handled.rows_affected() > 0)
}

/// Whether a message of Lever's about the opportunity came at or after `since`.
pub(crate) async fn came_since(
    db: &Db,
    organization: &OrganizationId,
    opportunity: &OpportunityId,
    since: Moment,
) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT received_at FROM deliveries
         WHERE organization_id = $1 AND subject_id = $2 AND source = 'lever' AND received_at >= $3
         LIMIT 1",
    )
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .bind(since.0)
    .fetch_optional(db.read())
    .await?;
    Ok(found.is_some())
}

/// Empties the bodies of an anonymised candidate's messages.
pub(crate) async fn forget_bodies(tx: &mut Tx, organization: &OrganizationId, subject: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE deliveries SET body = '' WHERE organization_id = $1 AND subject_id = $2")
        .bind(organization.as_str())
        .bind(subject)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How many are deleted in one transaction.
const DELETED_AT_ONCE: i64 = 500;
/// And how many such transactions an hour: the rest is for the next, since work waits meanwhile.
const MOST_TIMES: usize = 20;

/// Deletes messages that came before `before` and were handled; what is not handled yet stays.
pub(crate) async fn forget_handled(db: &Db, organization: &OrganizationId, before: Moment) -> Result<(), StoreError> {
    // Ids grow with the time at which they were made: only what is old is looked at.
    let newest = format!("dlv_{:012x}", before.after(Duration::from_hours(24)).0);
    for _ in 0..MOST_TIMES {
        let mut tx = db.write().await?;
        let deleted = sqlx::query(
            "DELETE FROM deliveries
             WHERE organization_id = $1 AND handled_at IS NOT NULL AND id IN (
                 SELECT id FROM deliveries
                 WHERE organization_id = $1 AND id < $2 AND received_at < $3 AND handled_at IS NOT NULL
                 ORDER BY id
                 LIMIT $4)",
        )
        .bind(organization.as_str())
        .bind(&newest)
        .bind(before.0)
        .bind(DELETED_AT_ONCE)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        if deleted.rows_affected() < DELETED_AT_ONCE.unsigned_abs() {
            break;
        }
    }
    Ok(())
}

pub(super) type Row = (String, String, String, i64, Option<i64>, Option<String>, i64, Option<String>);

pub(super) async fn list(
    db: &Db,
    organization: &OrganizationId,
    show: Show,
    before: Option<&DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    // Our ids grow with time, so the page's key is the id alone; "dlv_~" is after all of them.
    let rows: Vec<Row> = sqlx::query_as(replay::listing(show))
        .bind(organization.as_str())
        .bind(before.map_or("dlv_~", DeliveryId::as_str))
        .bind(limit)
        .fetch_all(db.read())
        .await?;
    Ok(rows.into_iter().map(replay::row).collect())
}
