//! The SQL of consent flows under way and of the connection they end in.

use std::time::Duration;

use secrecy::SecretString;

use super::place;
use crate::{
    Engine,
    access::Member,
    clock::Moment,
    connection::{OtherAccount, oauth::Grant},
    db::Tx,
    fault::StoreError,
    id::{ConnectionId, OrganizationId},
    lever, random,
};

/// A consent flow as it begins.
pub(in crate::connection) struct NewFlow<'a> {
    pub state_hash: &'a str,
    pub session_hash: &'a str,
    pub verifier: &'a SecretString,
    pub other_account: OtherAccount,
}

pub(super) fn verifier_place(state_hash: &str) -> String {
    format!("oauth_flows|{state_hash}|pkce_verifier")
}

/// Stores a flow; those that are long over go meanwhile.
pub(in crate::connection) async fn insert_flow(
    engine: &Engine,
    member: &Member,
    flow: &NewFlow<'_>,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    sqlx::query("DELETE FROM oauth_flows WHERE created_at < $1")
        .bind(now.before(Duration::from_hours(24)).0)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO oauth_flows
             (state_hash, organization_id, user_id, session_hash, pkce_verifier, confirm_account, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(flow.state_hash)
    .bind(member.organization.as_str())
    .bind(member.user.as_str())
    .bind(flow.session_hash)
    .bind(engine.vault.seal(&verifier_place(flow.state_hash), flow.verifier))
    .bind((flow.other_account == OtherAccount::Confirmed).then_some("confirmed"))
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Uses a flow up; `None` for an unknown, used, expired or foreign one, which stays as it was.
pub(in crate::connection) async fn use_flow(
    engine: &Engine,
    member: &Member,
    state_hash: &str,
    session_hash: &str,
    begun_after: Moment,
) -> Result<Option<(SecretString, OtherAccount)>, StoreError> {
    let mut tx = engine.db.write().await?;
    let row: Option<(Vec<u8>, Option<String>)> = sqlx::query_as(
        "UPDATE oauth_flows SET used_at = $6
         WHERE state_hash = $1 AND organization_id = $2 AND user_id = $3 AND session_hash = $4
           AND used_at IS NULL AND created_at > $5
         RETURNING pkce_verifier, confirm_account",
    )
    .bind(state_hash)
    .bind(member.organization.as_str())
    .bind(member.user.as_str())
    .bind(session_hash)
    .bind(begun_after.0)
    .bind(engine.clock.now().0)
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    let Some((sealed, confirmed)) = row else { return Ok(None) };
    let verifier = engine.vault.open_sealed(&verifier_place(state_hash), &sealed)?;
    let other = if confirmed.is_some() { OtherAccount::Confirmed } else { OtherAccount::Ask };
    Ok(Some((verifier, other)))
}

/// What is stored of the connection that was there before.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::connection) struct Before {
    pub account_id: Option<String>,
    pub account_name: Option<String>,
}

pub(in crate::connection) async fn before(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<Before>, StoreError> {
    let found = sqlx::query_as("SELECT account_id, account_name FROM connections WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(engine.db.read())
        .await?;
    Ok(found)
}

/// Whether our copy of Lever's users knows one of these.
pub(in crate::connection) async fn knows_any_user(
    engine: &Engine,
    organization: &OrganizationId,
    ids: &[String],
) -> Result<Option<bool>, StoreError> {
    let known: Vec<String> = sqlx::query_scalar("SELECT id FROM lever_users WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_all(engine.db.read())
        .await?;
    Ok((!known.is_empty()).then(|| known.iter().any(|id| ids.contains(id))))
}

/// A consent that was given and checked.
pub(in crate::connection) struct Consented<'a> {
    pub grant: &'a Grant,
    pub refresh: &'a SecretString,
    pub scopes: &'a [String],
    pub account_id: Option<&'a str>,
    pub account_name: &'a str,
    pub by: &'a Member,
}

/// Makes the connection, or renews it: its id and its webhook address stay.
pub(in crate::connection) async fn connect(
    engine: &Engine,
    tx: &mut Tx,
    consented: &Consented<'_>,
    now: Moment,
) -> Result<(), StoreError> {
    let organization = &consented.by.organization;
    let known: Option<ConnectionId> = sqlx::query_scalar("SELECT id FROM connections WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let id = known.unwrap_or_default();
    sqlx::query(
        "INSERT INTO connections
             (organization_id, id, state, state_at, account_id, account_name, scopes, access_token,
              access_expires_at, refresh_token, connected_by, connected_at, endpoint, audience)
         VALUES ($1, $2, 'connected', $3, $4, $5, $6, $7, $8, $9, $10, $3, $11, $12)
         ON CONFLICT (organization_id) DO UPDATE
         SET state = 'connected', state_reason = NULL, state_at = excluded.state_at,
             account_id = excluded.account_id, account_name = excluded.account_name, scopes = excluded.scopes,
             access_token = excluded.access_token, access_expires_at = excluded.access_expires_at,
             refresh_token = excluded.refresh_token, connected_by = excluded.connected_by,
             connected_at = excluded.connected_at, audience = excluded.audience, refresh_lease_token = NULL, refresh_lease_until = NULL,
             hooks_looked_at = NULL, hooks_found = NULL, note_method = 'update'",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .bind(now.0)
    .bind(consented.account_id)
    .bind(consented.account_name)
    .bind(consented.scopes.join(" "))
    .bind(engine.vault.seal(&place(id.as_str(), "access_token"), &consented.grant.access))
    .bind(consented.grant.expires_at.0)
    .bind(engine.vault.seal(&place(id.as_str(), "refresh_token"), consented.refresh))
    .bind(consented.by.user.as_str())
    .bind(random::token())
    .bind(engine.settings.lever.audience.as_str())
    .execute(&mut **tx)
    .await?;
    lever::open_account(tx, consented.account_id.unwrap_or(id.as_str())).await
}

/// Forgets what was proved of the account before: another account's webhooks confirm nothing here.
pub(in crate::connection) async fn forget_account(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE webhooks SET retired_at = $2 WHERE organization_id = $1 AND retired_at IS NULL")
        .bind(organization.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE connections
         SET last_ping_at = NULL, last_ping_verified = 0, unverified_ping = NULL, last_event_at = NULL,
             gap_at = NULL,
             last_refused_at = NULL, refused_count = 0, synced_at = NULL, sync_error = NULL,
             account_since = $2
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets the tokens; the webhooks made by API are gone in Lever and are retired here.
pub(in crate::connection) async fn disconnect(
    tx: &mut Tx,
    organization: &OrganizationId,
    reason: &str,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections
         SET state = 'disconnected', state_reason = $2, state_at = $3, access_token = NULL,
             access_expires_at = NULL, refresh_token = NULL, refresh_lease_token = NULL, refresh_lease_until = NULL
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(reason)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE webhooks SET retired_at = $2 WHERE organization_id = $1 AND kind = 'api' AND retired_at IS NULL",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends every connecting that is under way.
pub(crate) async fn forget_flows(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM oauth_flows").execute(&mut **tx).await?;
    Ok(())
}
