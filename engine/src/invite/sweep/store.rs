//! The SQL of going through everybody whom we still know by name, some at a time: Lever tells nobody when it
//! anonymises somebody.

use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OpportunityId, OrganizationId},
};

/// Where the pass stands: the invite after which it goes on, empty between passes, and when it began.
pub(super) async fn hold(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<(String, Moment), StoreError> {
    let (after, began_at): (String, i64) = sqlx::query_as(
        // The update changes nothing: it is the lock.
        "INSERT INTO sweeps (organization_id, after, began_at) VALUES ($1, '', $2)
         ON CONFLICT (organization_id) DO UPDATE SET after = sweeps.after
         RETURNING after, began_at",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .fetch_one(&mut **tx)
    .await?;
    Ok((after, Moment(began_at)))
}

pub(super) async fn keep(
    tx: &mut Tx,
    organization: &OrganizationId,
    after: &str,
    began_at: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sweeps SET after = $2, began_at = $3 WHERE organization_id = $1")
        .bind(organization.as_str())
        .bind(after)
        .bind(began_at.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The next invites of people who are not erased, with their opportunities.
pub(super) async fn next(
    tx: &mut Tx,
    organization: &OrganizationId,
    after: &str,
    most: i64,
) -> Result<Vec<(String, OpportunityId)>, StoreError> {
    let rows = sqlx::query_as(
        "SELECT id, opportunity_id FROM invites
         WHERE organization_id = $1 AND id > $2 AND anonymized_at IS NULL
         ORDER BY id
         LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(after)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}
