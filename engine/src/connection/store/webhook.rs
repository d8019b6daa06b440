//! The SQL of the webhooks whose signature tokens we hold.

use secrecy::SecretString;

use super::token_place;
use crate::{
    Engine,
    clock::Moment,
    connection::WebhookRow,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, UserId, WebhookId},
};

#[derive(sqlx::FromRow)]
struct Record {
    id: WebhookId,
    kind: String,
    created_by: String,
    created_at: i64,
    verified_at: Option<i64>,
}

/// Those that are valid, newest first.
pub(in crate::connection) async fn active(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Vec<WebhookRow>, StoreError> {
    let records: Vec<Record> = sqlx::query_as(
        "SELECT w.id, w.kind, COALESCE(u.name, w.created_by) AS created_by, w.created_at, w.verified_at
         FROM webhooks w
         LEFT JOIN users u ON u.id = w.created_by
         WHERE w.organization_id = $1 AND w.retired_at IS NULL
         ORDER BY w.created_at DESC, w.id DESC",
    )
    .bind(organization.as_str())
    .fetch_all(engine.db.read())
    .await?;
    let row = |record: Record| WebhookRow {
        id: record.id,
        made_by_api: record.kind == "api",
        created_by: record.created_by,
        created_at: Moment(record.created_at),
        verified_at: record.verified_at.map(Moment),
    };
    Ok(records.into_iter().map(row).collect())
}

/// The webhook address's unguessable part.
pub(in crate::connection) async fn endpoint(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar("SELECT endpoint FROM connections WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(engine.db.read())
        .await?;
    Ok(found)
}

/// Lever's ids of the webhooks made by API whose tokens we hold.
pub(in crate::connection) async fn made_by_api(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Vec<String>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT lever_webhook_id FROM webhooks
         WHERE organization_id = $1 AND kind = 'api' AND retired_at IS NULL AND lever_webhook_id IS NOT NULL",
    )
    .bind(organization.as_str())
    .fetch_all(engine.db.read())
    .await?;
    Ok(found)
}

/// A webhook whose token we just learnt.
pub(in crate::connection) struct NewWebhook<'a> {
    /// Lever's id, for one made by API; `None` for one made by hand.
    pub lever_id: Option<&'a str>,
    pub token: &'a SecretString,
    pub by: &'a UserId,
}

pub(in crate::connection) async fn insert(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    new: &NewWebhook<'_>,
    now: Moment,
) -> Result<WebhookId, StoreError> {
    let id = WebhookId::new();
    sqlx::query(
        "INSERT INTO webhooks
             (id, organization_id, kind, lever_webhook_id, event, signature_token, created_by, created_at)
         VALUES ($1, $2, $3, $4, 'candidateStageChange', $5, $6, $7)",
    )
    .bind(id.as_str())
    .bind(organization.as_str())
    .bind(if new.lever_id.is_some() { "api" } else { "hand" })
    .bind(new.lever_id)
    .bind(engine.vault.seal(&token_place(id.as_str()), new.token))
    .bind(new.by.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Retires what was made by API before: it is deleted in Lever.
pub(in crate::connection) async fn retire_made_by_api(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhooks SET retired_at = $2 WHERE organization_id = $1 AND kind = 'api' AND retired_at IS NULL",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes the token of a webhook made by hand; whether there was one. The last ping counts as verified only where
/// a token that stays has confirmed one.
pub(in crate::connection) async fn forget_made_by_hand(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &WebhookId,
) -> Result<bool, StoreError> {
    let gone = sqlx::query("DELETE FROM webhooks WHERE organization_id = $1 AND id = $2 AND kind = 'hand'")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE connections SET last_ping_verified = 0
         WHERE organization_id = $1
             AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.organization_id = $1 AND w.retired_at IS NULL
                                 AND w.verified_at IS NOT NULL)",
    )
    .bind(organization.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() > 0)
}

/// The signed part of the last ping that no token confirmed, if it came at or after `since`.
pub(in crate::connection) async fn unverified_ping(
    tx: &mut Tx,
    organization: &OrganizationId,
    since: Moment,
) -> Result<Option<String>, StoreError> {
    let found: Option<(Option<String>,)> =
        sqlx::query_as("SELECT unverified_ping FROM connections WHERE organization_id = $1 AND last_ping_at >= $2")
            .bind(organization.as_str())
            .bind(since.0)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.and_then(|(ping,)| ping))
}
