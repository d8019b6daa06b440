//! The SQL of whom Lever does not show.

use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{OpportunityId, OrganizationId, PostingId},
};

/// Since when Lever has said that it does not have the candidate, without a word of anything else.
pub(super) async fn since(
    db: &Db,
    organization: &OrganizationId,
    id: &OpportunityId,
) -> Result<Option<Moment>, StoreError> {
    let since: Option<i64> =
        sqlx::query_scalar("SELECT since FROM absences WHERE organization_id = $1 AND opportunity_id = $2")
            .bind(organization.as_str())
            .bind(id.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(since.map(Moment))
}

/// Keeps since when, for a candidate of whom we hold something; whether that is so.
pub(super) async fn keep(
    db: &Db,
    organization: &OrganizationId,
    id: &OpportunityId,
    since: Moment,
) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let kept = sqlx::query(
        "INSERT INTO absences (organization_id, opportunity_id, since)
         SELECT DISTINCT organization_id, opportunity_id, CAST($3 AS BIGINT)
         FROM invites
         WHERE organization_id = $1 AND opportunity_id = $2 AND anonymized_at IS NULL
         ON CONFLICT (organization_id, opportunity_id) DO NOTHING",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .bind(since.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(kept.rows_affected() > 0)
}

/// The candidate is there, or erased: nothing counts any more.
pub(crate) async fn forget(tx: &mut Tx, organization: &OrganizationId, id: &OpportunityId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM absences WHERE organization_id = $1 AND opportunity_id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The same in a transaction of its own.
pub(super) async fn forget_now(db: &Db, organization: &OrganizationId, id: &OpportunityId) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    forget(&mut tx, organization, id).await?;
    tx.commit().await?;
    Ok(())
}

/// When the first invite of the opportunity was made, and its position as it was last seen.
pub(super) async fn begun(
    db: &Db,
    organization: &OrganizationId,
    id: &OpportunityId,
) -> Result<(Moment, Option<PostingId>), StoreError> {
    let rows: Vec<(i64, Option<PostingId>)> = sqlx::query_as(
        "SELECT created_at, posting_id FROM invites WHERE organization_id = $1 AND opportunity_id = $2
         ORDER BY created_at, id",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_all(db.read())
    .await?;
    let first = rows.first().map_or(0, |(at, _)| *at);
    let posting = rows.into_iter().rev().find_map(|(_, posting)| posting);
    Ok((Moment(first), posting))
}

/// Since when the Lever account is connected that is, where there was another before.
pub(super) async fn account_since(db: &Db, organization: &OrganizationId) -> Result<Option<Moment>, StoreError> {
    let since: Option<Option<i64>> =
        sqlx::query_scalar("SELECT account_since FROM connections WHERE organization_id = $1")
            .bind(organization.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(since.flatten().map(Moment))
}
