//! A batch on SQLite: a few statements in one call. Its worker thread is asked once and the disk waits once,
//! and values are bound one by one, which is cheaper than unfolding them from JSON.
//! Only the inbox's writer may call it, because it is never dropped half-way: the transaction would stay open.

use serde::Serialize;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, any::AnyArguments, error::BoxDynError};

use super::{FRESH_FOR, NewDelivery, NewJob, facts, jobs, last_of};
use crate::{fault::StoreError, job::asked_again};

const DELIVERY: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const JOB: &str = "(?, ?, ?, ?, ?, ?, ?, ?)";
/// Up to here the number of rows is rounded up with empty ones, so that a few prepared texts serve all.
const ROUNDED: usize = 256;

const DELIVERIES_OF: &str = "BEGIN IMMEDIATE;
    INSERT INTO deliveries (
        id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome)
    SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11
    FROM (VALUES ";
const JOBS_OF: &str = ")
    WHERE column1 IS NOT NULL AND (column12 IS NULL OR EXISTS (
        SELECT 1 FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
        WHERE w.id = column12 AND w.retired_at IS NULL AND c.endpoint = column13))
    ON CONFLICT DO NOTHING;
    INSERT INTO jobs (
        id, organization_id, kind, payload, dedup_key, priority, due_at, state, delivery_id, created_at)
    SELECT column1, column2, column3, column4, column5, column6, column7, 'open', column8, column7
    FROM (VALUES ";
// A job is asked for by each message that is new; two on one candidate meet in the conflict. CROSS: the list
// first, else all that an organization ever got is gone through.
const THE_REST: &str = concat!(
    ")
    WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.organization_id = column2 AND d.id = column8) ",
    asked_again!(),
    ";
    UPDATE connections SET last_event_at = ?
    WHERE organization_id IN (SELECT value FROM json_each(?))
        AND (last_event_at IS NULL OR last_event_at NOT BETWEEN ? AND ?)
        AND EXISTS (
            SELECT 1 FROM json_each(?) AS j
            CROSS JOIN deliveries d ON d.organization_id = connections.organization_id AND d.id = j.value->>0
            WHERE j.value->>2 IS NOT NULL);
    UPDATE webhooks SET verified_at = ?
    WHERE id IN (SELECT value FROM json_each(?))
        AND (verified_at IS NULL OR verified_at NOT BETWEEN ? AND ?)
        AND EXISTS (
            SELECT 1 FROM json_each(?) AS j
            CROSS JOIN deliveries d ON d.organization_id = webhooks.organization_id AND d.id = j.value->>0
            WHERE j.value->>2 = webhooks.id);
    UPDATE provider_accounts SET last_callback_at = ?
    WHERE id IN (SELECT value FROM json_each(?))
        AND (last_callback_at IS NULL OR last_callback_at NOT BETWEEN ? AND ?)
        AND EXISTS (
            SELECT 1 FROM json_each(?) AS j
            CROSS JOIN deliveries d ON d.organization_id = provider_accounts.organization_id AND d.id = j.value->>0
            WHERE j.value->>4 = provider_accounts.id);
    SELECT json_group_array(json_array(j.value->>0, CASE WHEN d.id IS NULL THEN 0 ELSE 1 END))
    FROM json_each(?) AS j LEFT JOIN deliveries d ON d.organization_id = j.value->>1 AND d.id = j.value->>0
    WHERE d.id IS NOT NULL OR j.value->>2 IS NULL OR EXISTS (
        SELECT 1 FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
        WHERE w.id = j.value->>2 AND w.retired_at IS NULL AND c.endpoint = j.value->>3);
    COMMIT"
);

fn rounded(rows: usize) -> usize {
    if rows <= ROUNDED { rows.next_power_of_two() } else { rows }
}

/// Constants, and placeholders for so many rows: nothing of a message goes into the text.
fn text(rows: usize) -> String {
    let (deliveries, jobs) = (vec![DELIVERY; rows].join(","), vec![JOB; rows].join(","));
    [DELIVERIES_OF, &deliveries, JOBS_OF, &jobs, THE_REST].concat()
}

fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("rows are plain data")
}

/// Each that is confirmed, and whether it is new.
pub(super) async fn keep(
    connection: &mut AnyConnection,
    batch: &[&NewDelivery],
) -> Result<Vec<(String, i64)>, StoreError> {
    let jobs = jobs(batch);
    let rows = rounded(batch.len().max(jobs.len()));
    let values = values(rows, batch, &jobs).map_err(sqlx::Error::Encode)?;
    let kept: Vec<String> = sqlx::query_scalar_with(AssertSqlSafe(text(rows)), values).fetch_all(connection).await?;
    // One text for all of them: each row would be handed over by itself.
    let kept = kept.first().and_then(|kept| serde_json::from_str(kept).ok());
    kept.ok_or(StoreError::NotStored("the database did not say what it kept"))
}

/// The values in the order of the text.
fn values(rows: usize, batch: &[&NewDelivery], jobs: &[NewJob<'_>]) -> Result<AnyArguments, BoxDynError> {
    let mut values = AnyArguments::default();
    values.reserve(rows * 21 + 16, 0);
    for new in batch {
        add_delivery(&mut values, new)?;
    }
    add_nothing(&mut values, (rows - batch.len()) * 13)?;
    for job in jobs {
        add_job(&mut values, job)?;
    }
    add_nothing(&mut values, (rows - jobs.len()) * 8)?;
    add_facts(&mut values, batch)?;
    Ok(values)
}

fn add_nothing(values: &mut AnyArguments, many: usize) -> Result<(), BoxDynError> {
    (0..many).try_for_each(|_| values.add(None::<i64>))
}

fn add_delivery(values: &mut AnyArguments, new: &NewDelivery) -> Result<(), BoxDynError> {
    let proven = new.proof.proven();
    values.add(new.id.as_str())?;
    values.add(new.organization.as_str())?;
    values.add(proven.source)?;
    values.add(new.dedup_key.as_str())?;
    values.add(new.twin_key.as_deref())?;
    values.add(new.event.as_str())?;
    values.add(new.subject.as_deref())?;
    values.add(new.body.as_str())?;
    values.add(new.received_at.0)?;
    values.add(new.ignored.map(|_| new.received_at.0))?;
    values.add(new.ignored)?;
    values.add(proven.webhook)?;
    values.add(proven.endpoint)
}

fn add_job(values: &mut AnyArguments, job: &NewJob<'_>) -> Result<(), BoxDynError> {
    values.add(job.id.as_str())?;
    values.add(job.delivery.organization.as_str())?;
    values.add(job.kind)?;
    values.add(job.payload.as_str())?;
    values.add(job.key.as_str())?;
    values.add(job.priority)?;
    values.add(job.delivery.received_at.0)?;
    values.add(job.delivery.id.as_str())
}

/// What the statements after the jobs' take.
fn add_facts(values: &mut AnyArguments, batch: &[&NewDelivery]) -> Result<(), BoxDynError> {
    let row = |new: &&NewDelivery| {
        let proven = new.proof.proven();
        json(&(new.id.as_str(), new.organization.as_str(), proven.webhook, proven.endpoint, proven.account))
    };
    let proofs = format!("[{}]", batch.iter().map(row).collect::<Vec<_>>().join(","));
    let last = last_of(batch);
    for whose in facts(batch) {
        values.add(last)?;
        values.add(json(&whose))?;
        values.add(last - FRESH_FOR)?;
        values.add(last + FRESH_FOR)?;
        values.add(proofs.as_str())?;
    }
    values.add(proofs)
}
