//! The SQL of what a person sees of the queue, and of what they have done again.

use super::super::{JobRow, Work};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{JobId, OrganizationId},
};

/// The work of a job that was given up.
pub(in crate::job) async fn dead(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &JobId,
) -> Result<Option<String>, StoreError> {
    let found =
        sqlx::query_scalar("SELECT payload FROM jobs WHERE organization_id = $1 AND id = $2 AND state = 'dead'")
            .bind(organization.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found)
}

/// Counts what was given up of some work as done: it is being done again.
pub(in crate::job) async fn lay_to_rest(
    tx: &mut Tx,
    organization: &OrganizationId,
    work: &Work,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE jobs SET state = 'done' WHERE organization_id = $1 AND dedup_key = $2 AND state = 'dead'")
        .bind(organization.as_str())
        .bind(work.dedup_key(organization))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

type UnfinishedRow = (String, String, String, i64, Option<i64>, Option<String>, i64, String);

pub(in crate::job) async fn unfinished(
    db: &Db,
    organization: &OrganizationId,
    limit: i64,
) -> Result<Vec<JobRow>, StoreError> {
    let rows: Vec<UnfinishedRow> = sqlx::query_as(
        "SELECT id, kind, state, attempt, due_at, last_error, created_at, payload
         FROM jobs
         WHERE organization_id = $1 AND state <> 'done'
             AND (priority < 9 OR state <> 'open' OR last_error IS NOT NULL)
         ORDER BY created_at DESC, id DESC
         LIMIT $2",
    )
    .bind(organization.as_str())
    .bind(limit)
    .fetch_all(db.read())
    .await?;
    let work = |payload: &str| serde_json::from_str::<Work>(payload).ok();
    let row = |(id, kind, state, attempt, due, last_error, created, payload): UnfinishedRow| JobRow {
        id: id.into(),
        kind,
        state,
        attempt,
        due_at: due.map(Moment),
        last_error,
        created_at: Moment(created),
        invite: work(&payload).and_then(|work| work.invite().cloned()),
    };
    Ok(rows.into_iter().map(row).collect())
}
