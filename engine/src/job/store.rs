//! The jobs' SQL. `due_at` is both "run at" and "lease until", so one index finds ready and expired jobs.

pub(super) mod claim;
pub(super) mod look;

use std::time::Duration;

use super::{WaitsFor, Work};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{DeliveryId, JobId, OrganizationId, ProviderAccountId, StageId},
};

/// The classes, in the order they are claimed in.
pub(super) const PRIORITIES: [i64; 3] = [1, 5, 9];

/// Longer than it takes to store what was found out.
const STORING: Duration = Duration::from_secs(60);

/// A job that this process holds a lease on.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub id: JobId,
    pub priority: i64,
    pub organization: OrganizationId,
    pub payload: String,
    pub attempt: i64,
    pub asked: i64,
    pub trying_since: Moment,
    /// How often in a row its server went away before it came to an end.
    pub broken: i64,
    pub lease: String,
}

/// What becomes of a job that is there already: one that runs is only asked again, so that it runs once more
/// afterwards; one that waits, or was told when to come back, goes on waiting.
macro_rules! asked_again {
    () => {
        "ON CONFLICT (dedup_key) WHERE finished_at IS NULL DO UPDATE SET
             asked = jobs.asked + excluded.asked,
             due_at = CASE
                 WHEN jobs.state = 'open' AND jobs.lease_token IS NULL AND jobs.due_at > excluded.due_at
                     AND COALESCE(jobs.waits_for, '') <> 'time'
                 THEN excluded.due_at
                 ELSE jobs.due_at
             END"
    };
}
pub(crate) use asked_again;

pub(super) async fn enqueue(
    tx: &mut Tx,
    organization: &OrganizationId,
    work: &Work,
    due: Moment,
    delivery: Option<&DeliveryId>,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(work).expect("work is plain data");
    sqlx::query(concat!(
        "INSERT INTO jobs (id, organization_id, kind, payload, dedup_key, priority, due_at, state, delivery_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9) ",
        asked_again!()
    ))
    .bind(JobId::new().0)
    .bind(organization.as_str())
    .bind(work.kind())
    .bind(payload)
    .bind(work.dedup_key(organization))
    .bind(work.priority())
    .bind(due.0)
    .bind(delivery.map(DeliveryId::as_str))
    .bind(due.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn wake(
    tx: &mut Tx,
    organization: &OrganizationId,
    what: WaitsFor,
    now: Moment,
) -> Result<u64, StoreError> {
    let woken = sqlx::query(
        "UPDATE jobs
         SET state = 'open', waits_for = NULL, due_at = $3, attempt = 0, trying_since = NULL
         WHERE organization_id = $1 AND waits_for = $2 AND state = 'waiting'",
    )
    .bind(organization.as_str())
    .bind(what.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(woken.rows_affected())
}

/// Of open work that is tried again later, and would be sooner: makes it due.
pub(super) async fn due_again(
    tx: &mut Tx,
    organization: &OrganizationId,
    what: WaitsFor,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs
         SET waits_for = NULL, due_at = $3
         WHERE organization_id = $1 AND waits_for = $2 AND state = 'open' AND lease_token IS NULL AND due_at > $3",
    )
    .bind(organization.as_str())
    .bind(what.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Extends a lease; nothing happens when it was lost.
pub(super) async fn extend(tx: &mut Tx, job: &Claimed, until: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE jobs SET due_at = $1 WHERE id = $2 AND lease_token = $3")
        .bind(until.0)
        .bind(job.id.as_str())
        .bind(job.lease.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends a run that went well. Work that was asked for meanwhile runs again now; `again` says when otherwise.
pub(super) async fn finish(tx: &mut Tx, job: &Claimed, again: Option<Moment>, now: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs
         SET state = CASE WHEN asked = $3 AND $4 IS NULL THEN 'done' ELSE 'open' END,
             due_at = CASE WHEN asked = $3 THEN CAST($4 AS BIGINT) ELSE CAST($5 AS BIGINT) END,
             finished_at = CASE WHEN asked = $3 AND $4 IS NULL THEN CAST($5 AS BIGINT) ELSE NULL END,
             lease_token = NULL, attempt = 0, trying_since = NULL, last_error = NULL
         WHERE id = $1 AND lease_token = $2",
    )
    .bind(job.id.as_str())
    .bind(job.lease.as_str())
    .bind(job.asked)
    .bind(again.map(|at| at.0))
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// When a job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// As planned, or sooner when it is asked for again.
    Asked,
    /// As planned in any case: the other side said when.
    Told,
    /// As planned, or sooner when that answers again.
    Answered(WaitsFor),
}

impl Until {
    fn slug(self) -> Option<&'static str> {
        match self {
            Self::Asked => None,
            Self::Told => Some("time"),
            Self::Answered(what) => Some(what.slug()),
        }
    }
}

/// Tries again at `due`. While Lever is known to be down that is when it is
/// asked next: somebody must be there to ask.
pub(super) async fn retry(
    tx: &mut Tx,
    job: &Claimed,
    due: Moment,
    until: Until,
    reason: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs
         SET due_at = COALESCE(
                 (SELECT l.probe_at FROM lever_accounts l
                  JOIN connections c ON l.id = COALESCE(c.account_id, c.id)
                  WHERE c.organization_id = jobs.organization_id AND $5 = 'lever' AND l.probe_at < $3),
                 $3),
             lease_token = NULL, last_error = $4, waits_for = $5
         WHERE id = $1 AND lease_token = $2",
    )
    .bind(job.id.as_str())
    .bind(job.lease.as_str())
    .bind(due.0)
    .bind(reason)
    .bind(until.slug())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes back a claim that led to nothing: no attempt was made.
pub(super) async fn put_back(tx: &mut Tx, job: &Claimed, due: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs
         SET due_at = $3, lease_token = NULL, attempt = attempt - 1,
             trying_since = CASE WHEN attempt = 1 THEN NULL ELSE trying_since END
         WHERE id = $1 AND lease_token = $2",
    )
    .bind(job.id.as_str())
    .bind(job.lease.as_str())
    .bind(due.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives up a lease on what was broken off: anybody may take it up now.
pub(super) async fn release(tx: &mut Tx, job: &Claimed, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE jobs SET due_at = $3, lease_token = NULL WHERE id = $1 AND lease_token = $2")
        .bind(job.id.as_str())
        .bind(job.lease.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn wait(tx: &mut Tx, job: &Claimed, what: WaitsFor, reason: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs
         SET state = 'waiting', waits_for = $3, due_at = NULL, lease_token = NULL, attempt = 0, trying_since = NULL,
             last_error = $4
         WHERE id = $1 AND lease_token = $2",
    )
    .bind(job.id.as_str())
    .bind(job.lease.as_str())
    .bind(what.slug())
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends every lease, as its time would: its job is due, later each time that its server went away.
pub(super) async fn free_leases(tx: &mut Tx, now: Moment, pause: Duration) -> Result<u64, StoreError> {
    let freed = sqlx::query(
        "UPDATE jobs
         SET due_at = $1 + broken * $2
         WHERE lease_token IS NOT NULL AND due_at IS NOT NULL",
    )
    .bind(now.0)
    .bind(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
    .execute(&mut **tx)
    .await?;
    Ok(freed.rows_affected())
}

/// Forgets since when open work has been tried in vain.
pub(super) async fn try_anew(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs SET trying_since = NULL WHERE state = 'open' AND lease_token IS NULL AND trying_since IS NOT NULL",
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lets a job that was just put to wait go on at `due`, when what it waits for came meanwhile: whoever brought
/// it may have found nobody waiting. Only once the wait is committed does one of the two surely see the other.
pub(super) async fn go_on_if_it_came(
    tx: &mut Tx,
    job: &Claimed,
    what: WaitsFor,
    due: Moment,
) -> Result<(), StoreError> {
    let came = match what {
        WaitsFor::Lever => {
            "UPDATE jobs SET state = 'open', waits_for = NULL, due_at = $2
             WHERE id = $1 AND state = 'waiting' AND organization_id IN (
                 SELECT organization_id FROM connections WHERE state = 'connected')"
        }
        // An account looks no different while its quota is used up: only a test after the job began counts,
        // and a test takes time to be stored.
        WaitsFor::Provider => {
            "UPDATE jobs SET state = 'open', waits_for = NULL, due_at = $2
             WHERE id = $1 AND state = 'waiting' AND organization_id IN (
                 SELECT organization_id FROM provider_accounts WHERE state = 'ok' AND checked_at >= $3)"
        }
    };
    let mut query = sqlx::query(came).bind(job.id.as_str()).bind(due.0);
    if what == WaitsFor::Provider {
        query = query.bind(job.trying_since.before(STORING).0);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Makes due now what is due only after `latest`: nothing plans that far, so a clock must have been wrong.
pub(super) async fn mend_due_times(tx: &mut Tx, latest: Moment, now: Moment) -> Result<u64, StoreError> {
    let mended =
        sqlx::query("UPDATE jobs SET due_at = $2, lease_token = NULL WHERE priority IN (1, 5, 9) AND due_at > $1")
            .bind(latest.0)
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
    Ok(mended.rows_affected())
}

/// Wakes whatever waits for a connection that is there: the net under a missed wake-up. (What waits for a
/// provider waits for a person's word there: a quota that is used up looks no different from here.)
pub(super) async fn wake_what_can_go_on(tx: &mut Tx, now: Moment) -> Result<u64, StoreError> {
    let woken = sqlx::query(
        "UPDATE jobs
         SET state = 'open', waits_for = NULL, due_at = $1, attempt = 0, trying_since = NULL
         WHERE state = 'waiting' AND waits_for = 'lever'
             AND organization_id IN (SELECT organization_id FROM connections WHERE state = 'connected')",
    )
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(woken.rows_affected())
}

/// Gives a job up; false when the lease was lost or the job was asked for again meanwhile.
pub(super) async fn bury(tx: &mut Tx, job: &Claimed, reason: &str, now: Moment) -> Result<bool, StoreError> {
    let buried = sqlx::query(
        "UPDATE jobs
         SET state = 'dead', due_at = NULL, lease_token = NULL, last_error = $3, finished_at = $4
         WHERE id = $1 AND lease_token = $2 AND asked = $5",
    )
    .bind(job.id.as_str())
    .bind(job.lease.as_str())
    .bind(reason)
    .bind(now.0)
    .bind(job.asked)
    .execute(&mut **tx)
    .await?;
    Ok(buried.rows_affected() == 1)
}

/// Removes finished jobs older than `before`.
pub(super) async fn forget_finished(tx: &mut Tx, before: Moment) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM jobs WHERE finished_at < $1").bind(before.0).execute(&mut **tx).await?;
    Ok(())
}

/// Organizations with a connection to Lever.
pub(super) async fn connected_organizations(db: &Db) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<(OrganizationId,)> =
        sqlx::query_as("SELECT organization_id FROM connections WHERE state = 'connected'")
            .fetch_all(db.read())
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// All provider accounts.
pub(super) async fn accounts(db: &Db) -> Result<Vec<(OrganizationId, ProviderAccountId)>, StoreError> {
    Ok(sqlx::query_as("SELECT organization_id, id FROM provider_accounts").fetch_all(db.read()).await?)
}

/// All stages with an attachment.
pub(super) async fn attached_stages(db: &Db) -> Result<Vec<(OrganizationId, StageId)>, StoreError> {
    let rows = sqlx::query_as("SELECT DISTINCT organization_id, stage_id FROM attachments WHERE state <> 'removed'")
        .fetch_all(db.read())
        .await?;
    Ok(rows)
}

/// Counts what was given up, what waits, and what nobody does although it was due before `since`.
pub(super) async fn standstill(
    db: &Db,
    organization: &OrganizationId,
    since: Moment,
) -> Result<crate::doctor::Work, StoreError> {
    let (dead, waiting, stuck): (i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(CASE WHEN state = 'dead' THEN 1 END),
             COUNT(CASE WHEN state = 'waiting' THEN 1 END),
             COUNT(CASE WHEN state = 'open' AND due_at < $2 THEN 1 END)
         FROM jobs
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(since.0)
    .fetch_one(db.read())
    .await?;
    Ok(crate::doctor::Work { dead, waiting, stuck })
}
