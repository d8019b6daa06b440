//! The SQL of outgoing webhooks.

use secrecy::SecretString;

use super::super::Outgoing;
use crate::{Engine, clock::Moment, db::Tx, fault::StoreError, id::OrganizationId, vault::SealedColumn};

fn place(organization: &str) -> String {
    format!("outgoing_webhooks|{organization}|secret")
}

/// What is sealed here.
pub(crate) const SEALED: [SealedColumn; 1] = [SealedColumn {
    all: "SELECT organization_id, secret FROM outgoing_webhooks",
    replace: "UPDATE outgoing_webhooks SET secret = $1 WHERE organization_id = $2 AND secret = $3",
    place,
}];

#[derive(sqlx::FromRow)]
struct OutgoingRow {
    url: String,
    secret: Vec<u8>,
    told_at: Option<i64>,
    failing_since: Option<i64>,
    failure: Option<String>,
}

pub(in crate::notice) async fn outgoing(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<Outgoing>, StoreError> {
    let row: Option<OutgoingRow> = sqlx::query_as(
        "SELECT url, secret, told_at, failing_since, failure FROM outgoing_webhooks WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    let read = |row: OutgoingRow| {
        Ok(Outgoing {
            secret: engine.vault.open_sealed(&place(organization.as_str()), &row.secret)?,
            url: row.url,
            told_at: row.told_at.map(Moment),
            failing: row.failing_since.map(Moment).zip(row.failure),
        })
    };
    row.map(read).transpose()
}

pub(in crate::notice) async fn has_outgoing(tx: &mut Tx, organization: &OrganizationId) -> Result<bool, StoreError> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT organization_id FROM outgoing_webhooks WHERE organization_id = $1")
            .bind(organization.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.is_some())
}

/// Stores it in place of an earlier one.
pub(in crate::notice) async fn save_outgoing(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    (url, secret): (&str, &SecretString),
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outgoing_webhooks (organization_id, url, secret, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id) DO UPDATE SET url = excluded.url, secret = excluded.secret,
             created_at = excluded.created_at, told_at = NULL, failing_since = NULL, failure = NULL",
    )
    .bind(organization.as_str())
    .bind(url)
    .bind(engine.vault.seal(&place(organization.as_str()), secret))
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False when there is none.
pub(in crate::notice) async fn remove_outgoing(tx: &mut Tx, organization: &OrganizationId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM outgoing_webhooks WHERE organization_id = $1")
        .bind(organization.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How it went at this address.
pub(in crate::notice) async fn note_outgoing(
    tx: &mut Tx,
    organization: &OrganizationId,
    url: &str,
    failure: Option<&str>,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outgoing_webhooks
         SET told_at = CASE WHEN $3 IS NULL THEN $4 ELSE told_at END,
             failing_since = CASE WHEN $3 IS NULL THEN NULL ELSE COALESCE(failing_since, $4) END,
             failure = $3
         WHERE organization_id = $1 AND url = $2",
    )
    .bind(organization.as_str())
    .bind(url)
    .bind(failure)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
