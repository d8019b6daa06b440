//! The SQL of a connection's tokens and of the lease on renewing them.

use super::place;
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    clock::Moment,
    connection::{ConnectionState, oauth::Grant, token::Tokens},
    fault::StoreError,
    id::{ConnectionId, OrganizationId},
};

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: ConnectionId,
    state: String,
    access_token: Option<Vec<u8>>,
    access_expires_at: Option<i64>,
    refresh_token: Option<Vec<u8>>,
    pauses: i64,
}

/// The tokens; `None` when there is no connection, it has none, or they are of another environment.
pub(in crate::connection) async fn tokens(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<Tokens>, StoreError> {
    let row: Option<TokenRow> = sqlx::query_as(
        "SELECT id, state, access_token, access_expires_at, refresh_token,
             (SELECT CAST(COUNT(*) AS BIGINT) FROM pauses) AS pauses
         FROM connections
         WHERE organization_id = $1 AND (audience IS NULL OR audience = $2)",
    )
    .bind(organization.as_str())
    .bind(engine.settings.lever.audience.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (Some(access), Some(refresh)) = (row.access_token, row.refresh_token) else { return Ok(None) };
    Ok(Some(Tokens {
        state: ConnectionState::read(&row.state, organization)?,
        paused: row.pauses > 0,
        access: engine.vault.open_sealed(&place(row.id.as_str(), "access_token"), &access)?,
        sealed_access: access,
        access_expires_at: Moment(row.access_expires_at.unwrap_or(0)),
        refresh: engine.vault.open_sealed(&place(row.id.as_str(), "refresh_token"), &refresh)?,
        connection: row.id,
    }))
}

/// Takes the lease on the refresh; false when another holds it, or the tokens are new meanwhile.
pub(in crate::connection) async fn take_lease(
    engine: &Engine,
    organization: &OrganizationId,
    lease: &str,
    sealed_access: &[u8],
    now: Moment,
    until: Moment,
) -> Result<bool, StoreError> {
    let mut tx = engine.db.write().await?;
    let done = sqlx::query(
        "UPDATE connections SET refresh_lease_token = $2, refresh_lease_until = $5
         WHERE organization_id = $1 AND state = 'connected' AND access_token = $3
           AND (refresh_lease_until IS NULL OR refresh_lease_until <= $4)",
    )
    .bind(organization.as_str())
    .bind(lease)
    .bind(sealed_access.to_vec())
    .bind(now.0)
    .bind(until.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a refreshed pair and gives the lease back; false when the lease was lost.
pub(in crate::connection) async fn save_refreshed(
    engine: &Engine,
    organization: &OrganizationId,
    lease: &str,
    old: &Tokens,
    grant: &Grant,
) -> Result<bool, StoreError> {
    let refresh = grant.refresh.as_ref().unwrap_or(&old.refresh);
    let mut tx = engine.db.write().await?;
    let done = sqlx::query(
        "UPDATE connections
         SET access_token = $3, access_expires_at = $4, refresh_token = $5,
             refresh_lease_token = NULL, refresh_lease_until = NULL
         WHERE organization_id = $1 AND refresh_lease_token = $2",
    )
    .bind(organization.as_str())
    .bind(lease)
    .bind(engine.vault.seal(&place(old.connection.as_str(), "access_token"), &grant.access))
    .bind(grant.expires_at.0)
    .bind(engine.vault.seal(&place(old.connection.as_str(), "refresh_token"), refresh))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::connection) async fn drop_lease(
    engine: &Engine,
    organization: &OrganizationId,
    lease: &str,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query(
        "UPDATE connections SET refresh_lease_token = NULL, refresh_lease_until = NULL
         WHERE organization_id = $1 AND refresh_lease_token = $2",
    )
    .bind(organization.as_str())
    .bind(lease)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Marks the connection revoked while it still has these tokens; false when it has others or was marked.
pub(in crate::connection) async fn mark_revoked(
    engine: &Engine,
    organization: &OrganizationId,
    sealed_access: &[u8],
    reason: &str,
) -> Result<bool, StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let done = sqlx::query(
        "UPDATE connections
         SET state = 'revoked', state_reason = $3, state_at = $4,
             refresh_lease_token = NULL, refresh_lease_until = NULL
         WHERE organization_id = $1 AND state = 'connected' AND access_token = $2",
    )
    .bind(organization.as_str())
    .bind(sealed_access.to_vec())
    .bind(reason)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    let is_new = done.rows_affected() == 1;
    if is_new {
        let deed = Deed::plain(Action::LeverRevoked, organization.as_str());
        audit::record_of(&mut tx, organization, (&By::Lever, None), &deed, now).await?;
    }
    tx.commit().await?;
    Ok(is_new)
}
