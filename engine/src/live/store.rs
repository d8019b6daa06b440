//! The SQL of live updates between processes.

use sqlx::postgres::PgListener;

use crate::{db::Db, fault::StoreError, id::OrganizationId};

const CHANNEL: &str = "candilever_live";

/// Notifies all processes; `messages` is a JSON list of texts.
pub(super) async fn notify(db: &Db, messages: &str) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_notify($2, n.value) FROM json_array_elements_text(CAST($1 AS json)) AS n(value)")
        .bind(messages)
        .bind(CHANNEL)
        .execute(db.read())
        .await?;
    Ok(())
}

/// Opens a connection of its own that hears what [`notify`] says.
pub(super) async fn listen(database_url: &str) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect(database_url).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

pub(super) async fn organizations(db: &Db) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<(OrganizationId,)> = sqlx::query_as("SELECT id FROM organizations").fetch_all(db.read()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
