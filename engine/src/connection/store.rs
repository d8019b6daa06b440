//! The SQL of connections, their webhooks and the consent flows under way.

use super::{ConnectionState, Endpoint};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, WebhookId},
};

impl ConnectionState {
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Revoked => "revoked",
            Self::Disconnected => "disconnected",
        }
    }

    pub(super) fn read(slug: &str, organization: &OrganizationId) -> Result<Self, StoreError> {
        let wrong = StoreError::Inconsistent { table: "connections", column: "state", id: organization.to_string() };
        [Self::Connected, Self::Revoked, Self::Disconnected].into_iter().find(|s| s.slug() == slug).ok_or(wrong)
    }
}

/// Where a webhook's signature token is sealed.
pub(super) fn token_place(webhook: &WebhookId) -> String {
    format!("webhooks|{webhook}|signature_token")
}

pub(super) async fn endpoint(engine: &Engine, endpoint: &str) -> Result<Option<Endpoint>, StoreError> {
    let rows: Vec<(OrganizationId, String, Option<WebhookId>, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT c.organization_id, c.state, w.id, w.signature_token
         FROM connections c
         LEFT JOIN webhooks w ON w.organization_id = c.organization_id AND w.retired_at IS NULL
         WHERE c.endpoint = $1
         ORDER BY w.created_at DESC, w.id DESC",
    )
    .bind(endpoint)
    .fetch_all(engine.db.read())
    .await?;
    let Some((organization, state, _, _)) = rows.first() else { return Ok(None) };
    let (organization, state) = (organization.clone(), ConnectionState::read(state, organization)?);
    let mut tokens = Vec::new();
    for (_, _, webhook, sealed) in rows {
        if let (Some(webhook), Some(sealed)) = (webhook, sealed) {
            let token = engine.vault.open_sealed(&token_place(&webhook), &sealed)?;
            tokens.push((webhook, token));
        }
    }
    Ok(Some(Endpoint { organization, state, tokens }))
}

pub(super) async fn confirm_ping(
    tx: &mut Tx,
    organization: &OrganizationId,
    webhook: &WebhookId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections SET last_ping_at = $2, last_ping_verified = 1, unverified_ping = NULL
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    verify_webhook(tx, organization, webhook, now).await
}

async fn verify_webhook(
    tx: &mut Tx,
    organization: &OrganizationId,
    webhook: &WebhookId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE webhooks SET verified_at = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(webhook.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn keep_unverified_ping(
    tx: &mut Tx,
    organization: &OrganizationId,
    signed_part: &str,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections SET last_ping_at = $2, last_ping_verified = 0, unverified_ping = $3
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .bind(signed_part)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn count_event(
    tx: &mut Tx,
    organization: &OrganizationId,
    webhook: &WebhookId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE connections SET last_event_at = $2 WHERE organization_id = $1")
        .bind(organization.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    verify_webhook(tx, organization, webhook, now).await
}

pub(super) async fn count_refused(tx: &mut Tx, organization: &OrganizationId, now: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections SET last_refused_at = $2, refused_count = refused_count + 1 WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
