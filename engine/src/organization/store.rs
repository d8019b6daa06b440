//! The SQL of organizations.

pub(super) mod removal;

use super::Held;
use crate::{
    clock::Moment,
    db::{Db, Tx, fold},
    fault::StoreError,
    id::OrganizationId,
};

/// All that are here with their names, in the order of the names.
pub(crate) async fn all(db: &Db) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    Ok(sqlx::query_as(ALL).fetch_all(db.read()).await?)
}

/// The same within a transaction.
pub(crate) async fn all_in(tx: &mut Tx) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    Ok(sqlx::query_as(ALL).fetch_all(&mut **tx).await?)
}

const ALL: &str = "SELECT id, name FROM organizations WHERE removed_at IS NULL ORDER BY name_fold";

/// All that were ever here, for what outlives them: their audit logs.
pub(crate) async fn all_ever(db: &Db) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    Ok(sqlx::query_as("SELECT id, name FROM organizations ORDER BY name_fold").fetch_all(db.read()).await?)
}

/// What is held of each that is here.
pub(super) async fn held(db: &Db) -> Result<Vec<Held>, StoreError> {
    let held = sqlx::query_as(
        "SELECT o.name AS organization,
                (SELECT COUNT(*) FROM memberships m WHERE m.organization_id = o.id) AS people,
                (SELECT COUNT(*) FROM invites i WHERE i.organization_id = o.id) AS invites,
                (SELECT COUNT(*) FROM deliveries d WHERE d.organization_id = o.id) AS messages
         FROM organizations o WHERE o.removed_at IS NULL ORDER BY o.name_fold",
    )
    .fetch_all(db.read())
    .await?;
    Ok(held)
}

/// The organization of that name, whatever its case, made where it is new.
pub(crate) async fn named(tx: &mut Tx, name: &str, now: Moment) -> Result<OrganizationId, StoreError> {
    let id = sqlx::query_scalar(
        // The update changes nothing: without it a known organization would return no row.
        "INSERT INTO organizations (id, name, name_fold, created_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (name_fold) DO UPDATE SET name = organizations.name
         RETURNING id",
    )
    .bind(OrganizationId::new().as_str())
    .bind(name)
    .bind(fold(name))
    .bind(now.0)
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// The organization of that name, whatever its case, where there is one.
pub(crate) async fn by_name(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    name: &str,
) -> Result<Option<OrganizationId>, StoreError> {
    let found = sqlx::query_scalar("SELECT id FROM organizations WHERE name_fold = $1")
        .bind(fold(name))
        .fetch_optional(executor)
        .await?;
    Ok(found)
}

/// Who belongs to the organization, and as what, is changed by one at a time: the others wait until the end of the
/// transaction.
pub(crate) async fn hold(tx: &mut Tx, organization: &OrganizationId) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET name = name WHERE id = $1")
        .bind(organization.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
