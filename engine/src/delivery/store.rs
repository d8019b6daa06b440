//! The deliveries' SQL.

use super::DeliveryRow;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{DeliveryId, OrganizationId, ProviderAccountId},
};

/// A message to keep.
pub(super) struct NewDelivery<'a> {
    pub id: DeliveryId,
    pub source: &'static str,
    pub dedup_key: String,
    pub twin_key: Option<String>,
    pub event: &'a str,
    pub subject: Option<&'a str>,
    pub body: &'a str,
    /// Why nothing is done about it, where that is clear at once.
    pub ignored: Option<&'static str>,
}

/// Keeps a message; false when it is known already.
pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    new: &NewDelivery<'_>,
    now: Moment,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO deliveries (
             id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT DO NOTHING",
    )
    .bind(new.id.as_str())
    .bind(organization.as_str())
    .bind(new.source)
    .bind(new.dedup_key.as_str())
    .bind(new.twin_key.as_deref())
    .bind(new.event)
    .bind(new.subject)
    .bind(new.body)
    .bind(now.0)
    .bind(new.ignored.map(|_| now.0))
    .bind(new.ignored)
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

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

type Row = (String, String, String, i64, Option<i64>, Option<String>);

pub(super) async fn list(
    db: &Db,
    organization: &OrganizationId,
    before: Option<&DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    // Our ids grow with time, so the page's key is the id alone; "dlv_~" is after all of them.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, source, event, received_at, handled_at, outcome
         FROM deliveries
         WHERE organization_id = $1 AND id < $2
         ORDER BY id DESC
         LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(before.map_or("dlv_~", DeliveryId::as_str))
    .bind(limit)
    .fetch_all(db.read())
    .await?;
    let row = |(id, source, event, received, handled, outcome): Row| DeliveryRow {
        id: id.into(),
        from_lever: source == "lever",
        event,
        received_at: Moment(received),
        handled_at: handled.map(Moment),
        outcome,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Counts a genuine callback: the account's proof that callbacks arrive.
pub(super) async fn count_callback(tx: &mut Tx, account: &ProviderAccountId, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE provider_accounts SET last_callback_at = $2 WHERE id = $1")
        .bind(account.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Counts a callback that none of our secrets confirms.
pub(super) async fn count_refused_callback(
    tx: &mut Tx,
    account: &ProviderAccountId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE provider_accounts SET last_refused_at = $2 WHERE id = $1")
        .bind(account.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
