//! The SQL of what is known about gaps in Lever's deliveries.

use crate::{
    clock::Moment,
    connection::gap::HookFound,
    db::{Db, Tx},
    fault::StoreError,
    id::OrganizationId,
};

/// What decides whether to look at Lever's list of webhooks.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::connection) struct Standing {
    pub hooks_looked_at: Option<i64>,
    pub hooks_found: Option<String>,
    pub gap_at: Option<i64>,
    pub last_event_at: Option<i64>,
}

impl Standing {
    pub fn found(&self) -> Option<HookFound> {
        self.hooks_found.as_deref().and_then(HookFound::parse)
    }
}

/// `None` without a connection that works and a webhook to look for.
pub(in crate::connection) async fn standing(
    db: &Db,
    organization: &OrganizationId,
) -> Result<Option<Standing>, StoreError> {
    let found = sqlx::query_as(
        "SELECT c.hooks_looked_at, c.hooks_found, c.gap_at, c.last_event_at
         FROM connections c
         WHERE c.organization_id = $1 AND c.state = 'connected'
             AND EXISTS (SELECT 1 FROM webhooks w WHERE w.organization_id = c.organization_id AND w.retired_at IS NULL)",
    )
    .bind(organization.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found)
}

pub(in crate::connection) async fn telling_since(
    db: &Db,
    organization: &OrganizationId,
) -> Result<Option<Moment>, StoreError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(w.created_at)
         FROM webhooks w
         JOIN connections c ON c.organization_id = w.organization_id
         WHERE w.organization_id = $1 AND w.retired_at IS NULL AND c.state = 'connected'",
    )
    .bind(organization.as_str())
    .fetch_one(db.read())
    .await?;
    Ok(found.map(Moment))
}

/// Keeps the first moment of a gap for as long as no event comes.
pub(in crate::connection) async fn record(
    tx: &mut Tx,
    organization: &OrganizationId,
    at: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE connections
         SET gap_at = CASE
             WHEN gap_at IS NOT NULL AND gap_at <= $2 AND gap_at >= COALESCE(last_event_at, 0) THEN gap_at
             ELSE $2
         END
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::connection) async fn keep(
    db: &Db,
    organization: &OrganizationId,
    found: HookFound,
    now: Moment,
) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE connections SET hooks_looked_at = $2, hooks_found = $3 WHERE organization_id = $1")
        .bind(organization.as_str())
        .bind(now.0)
        .bind(found.slug())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

pub(in crate::connection) async fn scopes(db: &Db, organization: &OrganizationId) -> Result<Vec<String>, StoreError> {
    let found: Option<(String,)> = sqlx::query_as("SELECT scopes FROM connections WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(found.map(|(scopes,)| scopes.split_whitespace().map(str::to_owned).collect()).unwrap_or_default())
}
