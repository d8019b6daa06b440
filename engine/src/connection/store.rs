//! The SQL of connections, their webhooks and the consent flows under way.

pub(crate) mod consent;
pub(super) mod environment;
pub(super) mod gap;
pub(super) mod token;
pub(super) mod webhook;

use super::{ConnectionState, Endpoint, HookFound, Overview, WebhookRow};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, WebhookId},
    vault::SealedColumn,
};

/// Where a connection's secret is sealed.
fn place(connection: &str, column: &str) -> String {
    format!("connections|{connection}|{column}")
}

/// All that is sealed here.
pub(crate) const SEALED: [SealedColumn; 4] = [
    SealedColumn {
        all: "SELECT id, access_token FROM connections WHERE access_token IS NOT NULL",
        replace: "UPDATE connections SET access_token = $1 WHERE id = $2 AND access_token = $3",
        place: |id| place(id, "access_token"),
    },
    SealedColumn {
        all: "SELECT id, refresh_token FROM connections WHERE refresh_token IS NOT NULL",
        replace: "UPDATE connections SET refresh_token = $1 WHERE id = $2 AND refresh_token = $3",
        place: |id| place(id, "refresh_token"),
    },
    SealedColumn {
        all: "SELECT id, signature_token FROM webhooks",
        replace: "UPDATE webhooks SET signature_token = $1 WHERE id = $2 AND signature_token = $3",
        place: token_place,
    },
    SealedColumn {
        all: "SELECT state_hash, pkce_verifier FROM oauth_flows",
        replace: "UPDATE oauth_flows SET pkce_verifier = $1 WHERE state_hash = $2 AND pkce_verifier = $3",
        place: consent::verifier_place,
    },
];

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
pub(super) fn token_place(webhook: &str) -> String {
    format!("webhooks|{webhook}|signature_token")
}

#[derive(sqlx::FromRow)]
struct EndpointRow {
    organization_id: OrganizationId,
    state: String,
    webhook: Option<WebhookId>,
    signature_token: Option<Vec<u8>>,
}

pub(super) async fn endpoint(engine: &Engine, endpoint: &str) -> Result<Option<Endpoint>, StoreError> {
    let rows: Vec<EndpointRow> = sqlx::query_as(
        "SELECT c.organization_id, c.state, w.id AS webhook, w.signature_token
         FROM connections c
         LEFT JOIN webhooks w ON w.organization_id = c.organization_id AND w.retired_at IS NULL
         WHERE c.endpoint = $1
         ORDER BY w.created_at DESC, w.id DESC",
    )
    .bind(endpoint)
    .fetch_all(engine.db.read())
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let organization = first.organization_id.clone();
    let state = ConnectionState::read(&first.state, &organization)?;
    let mut tokens = Vec::new();
    for row in rows {
        if let (Some(webhook), Some(sealed)) = (row.webhook, row.signature_token) {
            let token = engine.vault.open_sealed(&token_place(webhook.as_str()), &sealed)?;
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

pub(super) async fn count_refused(
    tx: &mut Tx,
    organization: &OrganizationId,
    count: i64,
    last: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections SET last_refused_at = $2, refused_count = refused_count + $3 WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(last.0)
    .bind(count)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct OverviewRow {
    state: String,
    state_reason: Option<String>,
    state_at: i64,
    account_name: Option<String>,
    scopes: String,
    connected_by: String,
    connected_at: i64,
    endpoint: String,
    synced_at: Option<i64>,
    sync_error: Option<String>,
    last_ping_at: Option<i64>,
    last_ping_verified: i64,
    last_event_at: Option<i64>,
    gap_at: Option<i64>,
    hooks_looked_at: Option<i64>,
    hooks_found: Option<String>,
    last_refused_at: Option<i64>,
    refused_count: i64,
}

impl OverviewRow {
    fn overview(
        self,
        engine: &Engine,
        organization: &OrganizationId,
        webhooks: Vec<WebhookRow>,
    ) -> Result<Overview, StoreError> {
        let found = self.hooks_found.as_deref().and_then(HookFound::parse);
        Ok(Overview {
            state: ConnectionState::read(&self.state, organization)?,
            state_reason: self.state_reason,
            state_at: Moment(self.state_at),
            account_name: self.account_name,
            connected_by: self.connected_by,
            connected_at: Moment(self.connected_at),
            consent_ends_at: Moment(self.connected_at).after(super::CONSENT_LASTS),
            scopes: self.scopes.split_whitespace().map(str::to_owned).collect(),
            synced_at: self.synced_at.map(Moment),
            sync_error: self.sync_error,
            webhook_url: super::webhook_url(engine, &self.endpoint),
            webhooks,
            last_ping_at: self.last_ping_at.map(Moment),
            last_ping_verified: self.last_ping_verified != 0,
            last_event_at: self.last_event_at.map(Moment),
            gap_at: self.gap_at.filter(|gap| self.last_event_at.is_none_or(|event| event <= *gap)).map(Moment),
            hooks_found: found.zip(self.hooks_looked_at.map(Moment)),
            last_refused_at: self.last_refused_at.map(Moment),
            refused_count: self.refused_count,
        })
    }
}

pub(super) async fn overview(engine: &Engine, organization: &OrganizationId) -> Result<Option<Overview>, StoreError> {
    let row: Option<OverviewRow> = sqlx::query_as(
        "SELECT c.state, c.state_reason, c.state_at, c.account_name, c.scopes,
                COALESCE(u.name, c.connected_by) AS connected_by, c.connected_at, c.endpoint, c.synced_at,
                c.sync_error, c.last_ping_at, c.last_ping_verified, c.last_event_at, c.gap_at, c.hooks_looked_at,
                c.hooks_found, c.last_refused_at,
                c.refused_count
         FROM connections c
         LEFT JOIN users u ON u.id = c.connected_by
         WHERE c.organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let webhooks = webhook::active(engine, organization).await?;
    row.overview(engine, organization, webhooks).map(Some)
}
