//! The deliveries' SQL.

pub(super) mod replay;

use super::{DeliveryRow, Show};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{DeliveryId, OrganizationId},
};

/// Says what was done about the messages on a subject that had come before the work began.
pub(crate) async fn handled(
    tx: &mut Tx,
    organization: &OrganizationId,
    subject: &str,
    (began, now): (Moment, Moment),
    outcome: &str,
) -> Result<(), StoreError> {
    sqlx::query(
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
    Ok(())
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
