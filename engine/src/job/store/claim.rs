//! The SQL of claiming: whose turn it is, and leases on what they may take.

use super::{super::turn::Share, Claimed};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::OrganizationId,
};

// A lease that was not given back has run out: whoever had it did not come to an end.
const CLAIM_SQLITE: &str = "UPDATE jobs
    SET due_at = $1, lease_token = $2, attempt = attempt + 1, trying_since = COALESCE(trying_since, $3),
        waits_for = NULL, broken = CASE WHEN lease_token IS NULL THEN 0 ELSE broken + 1 END
    WHERE id IN (
        SELECT id FROM jobs
        WHERE priority = $4 AND organization_id = $6 AND due_at <= $3
        ORDER BY due_at, id
        LIMIT $5)
    RETURNING id, organization_id, payload, attempt, asked, trying_since, broken";

// IN (SELECT … LIMIT $n) becomes a scan under PostgreSQL's generic plans; ANY(ARRAY(…)) keeps the index.
const CLAIM_POSTGRES: &str = "UPDATE jobs
    SET due_at = $1, lease_token = $2, attempt = attempt + 1, trying_since = COALESCE(trying_since, $3),
        waits_for = NULL, broken = CASE WHEN lease_token IS NULL THEN 0 ELSE broken + 1 END
    WHERE id = ANY(ARRAY(
        SELECT id FROM jobs
        WHERE priority = $4 AND organization_id = $6 AND due_at <= $3
        ORDER BY due_at, id
        LIMIT $5
        FOR UPDATE SKIP LOCKED))
    RETURNING id, organization_id, payload, attempt, asked, trying_since, broken";

type ClaimRow = (String, String, String, i64, i64, i64, i64);

/// Leases an organization's share of the due jobs of one class until `until`.
pub(in crate::job) async fn claim(
    tx: &mut Tx,
    db: &Db,
    share: &Share,
    (now, until): (Moment, Moment),
    lease: &str,
) -> Result<Vec<Claimed>, StoreError> {
    let rows: Vec<ClaimRow> = sqlx::query_as(db.pick(CLAIM_SQLITE, CLAIM_POSTGRES))
        .bind(until.0)
        .bind(lease)
        .bind(now.0)
        .bind(share.priority)
        .bind(share.most)
        .bind(share.organization.as_str())
        .fetch_all(&mut **tx)
        .await?;
    let claimed = |(id, organization, payload, attempt, asked, since, broken): ClaimRow| Claimed {
        id: id.into(),
        priority: share.priority,
        organization: organization.into(),
        payload,
        attempt,
        asked,
        trying_since: Moment(since),
        broken,
        lease: lease.to_owned(),
    };
    Ok(rows.into_iter().map(claimed).collect())
}

// From one organization to the next by the index, and no further than the limit needs. The question whether
// anything is due is a value and not EXISTS, which PostgreSQL may turn into a join that loses their order.
const IN_TURN: &str = "WITH RECURSIVE turn(organization_id) AS (
        SELECT (SELECT organization_id FROM jobs
                WHERE priority = $1 AND due_at IS NOT NULL AND organization_id > $2
                ORDER BY organization_id
                LIMIT 1)
        UNION ALL
        SELECT (SELECT j.organization_id FROM jobs AS j
                WHERE j.priority = $1 AND j.due_at IS NOT NULL AND j.organization_id > turn.organization_id
                ORDER BY j.organization_id
                LIMIT 1)
        FROM turn
        WHERE turn.organization_id IS NOT NULL)
    SELECT organization_id
    FROM turn
    WHERE (SELECT due.due_at FROM jobs AS due
           WHERE due.priority = $1 AND due.organization_id = turn.organization_id AND due.due_at <= $3
           ORDER BY due.due_at
           LIMIT 1) IS NOT NULL
    LIMIT $4";

/// The next organizations after `after` with due jobs of one class.
pub(in crate::job) async fn in_turn(
    db: &Db,
    priority: i64,
    after: &str,
    now: Moment,
    limit: usize,
) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<(OrganizationId,)> = sqlx::query_as(IN_TURN)
        .bind(priority)
        .bind(after)
        .bind(now.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(db.read())
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

// The same for all classes at once, from the first organization on: the classes take steps in turns.
const ALL_IN_TURN: &str = "WITH RECURSIVE class(priority) AS (VALUES (1), (5), (9)),
    turn(priority, organization_id) AS (
        SELECT class.priority, (SELECT j.organization_id FROM jobs AS j
                WHERE j.priority = class.priority AND j.due_at IS NOT NULL
                ORDER BY j.organization_id
                LIMIT 1)
        FROM class
        UNION ALL
        SELECT turn.priority, (SELECT j.organization_id FROM jobs AS j
                WHERE j.priority = turn.priority AND j.due_at IS NOT NULL AND j.organization_id > turn.organization_id
                ORDER BY j.organization_id
                LIMIT 1)
        FROM turn
        WHERE turn.organization_id IS NOT NULL)
    SELECT CAST(turn.priority AS BIGINT), turn.organization_id
    FROM turn
    WHERE (SELECT due.due_at FROM jobs AS due
           WHERE due.priority = turn.priority AND due.organization_id = turn.organization_id AND due.due_at <= $1
           ORDER BY due.due_at
           LIMIT 1) IS NOT NULL
    LIMIT $2";

/// All organizations with due jobs, by the priority of their jobs; `None` when there are more than `most`.
pub(in crate::job) async fn all_in_turn(
    db: &Db,
    now: Moment,
    most: usize,
) -> Result<Option<Vec<(i64, OrganizationId)>>, StoreError> {
    let rows: Vec<(i64, OrganizationId)> = sqlx::query_as(ALL_IN_TURN)
        .bind(now.0)
        .bind(i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX))
        .fetch_all(db.read())
        .await?;
    Ok(Some(rows).filter(|rows| rows.len() <= most))
}

// While the installation is paused nothing is.
const ANY_DUE: &str = "SELECT CAST(1 AS BIGINT) FROM jobs
    WHERE due_at <= $1 AND (SELECT COUNT(*) FROM pauses) = 0
    LIMIT 1";

/// Whether any job is due: a read, so that an idle process writes nothing.
pub(in crate::job) async fn is_any_due(db: &Db, now: Moment) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as(ANY_DUE).bind(now.0).fetch_optional(db.read()).await?;
    Ok(found.is_some())
}
