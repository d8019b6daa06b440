//! An organization leaves: everything of it goes but its audit log, which holds ids alone. Broken off half-way it is
//! taken up by doing it again.

use super::store::{self, removal};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    connection,
    fault::{FlowError, StoreError},
    id::OrganizationId,
    lever::LeverError,
    live::Change,
};

/// What is held of an organization.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    pub organization: String,
    pub people: i64,
    pub invites: i64,
    pub messages: i64,
}

/// Whether our webhooks went from its Lever too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    Everywhere,
    /// Why they stay in Lever; what they send is refused here.
    WebhooksStay(String),
}

/// What is held of each organization, by name.
///
/// # Errors
/// When the database fails.
pub async fn held(engine: &Engine) -> Result<Vec<Held>, StoreError> {
    store::held(&engine.db).await
}

/// Removes an organization, whoever of its people belongs to no other, and our webhooks in its Lever. Notes in Lever
/// and tests at the provider are its own and stay.
///
/// # Errors
/// Not found when none has that name.
pub async fn remove(engine: &Engine, name: &str) -> Result<Removed, FlowError> {
    let organization = store::by_name(engine.db.read(), name).await?.ok_or(FlowError::NotFound)?;
    // First, while there is a token to ask with.
    let removed = match connection::delete_webhooks(engine, &organization).await {
        Ok(()) | Err(LeverError::NotConnected) => Removed::Everywhere,
        Err(error) => Removed::WebhooksStay(error.to_string()),
    };
    close(engine, &organization).await?;
    removal::in_portions(&engine.db, &organization).await?;
    finish(engine, &organization).await?;
    engine.db.forget_deleted().await?;
    engine.live.tell(&organization, Change::SetUp);
    Ok(removed)
}

/// From here on nobody comes in, no message is taken, and Lever cannot be asked.
async fn close(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    store::hold(&mut tx, organization).await?;
    removal::people(&mut tx, organization).await?;
    removal::connection(&mut tx, organization).await?;
    tx.commit().await?;
    Ok(())
}

async fn finish(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    removal::everything(&mut tx, organization).await?;
    removal::name(&mut tx, organization, now).await?;
    let deed = Deed::plain(Action::OrganizationRemoved, organization.as_str());
    audit::record_of(&mut tx, organization, (&By::Terminal, None), &deed, now).await?;
    tx.commit().await?;
    tracing::info!(organization = %organization, "the organization was removed");
    Ok(())
}
