//! The attachments' SQL.

use std::time::Duration;

use sqlx::{FromRow, Row as _, any::AnyRow};

use super::{AttachmentRow, AttachmentState, NotOffered, decision::Attachment};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{AttachmentId, LeverUserId, OrganizationId, PostingId, ProviderAccountId, StageId},
    invite::parsed,
};

impl<'r> FromRow<'r, AnyRow> for Attachment {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            posting: row.try_get("posting_id")?,
            stage: row.try_get("stage_id")?,
            account: row.try_get("provider_account_id")?,
            assessment: row.try_get("assessment_id")?,
            assessment_name: row.try_get("assessment_name")?,
            state: parsed(row, "state", AttachmentState::parse)?,
            active_from: Moment(row.try_get("active_from")?),
            valid_days: row.try_get("valid_days")?,
        })
    }
}

/// The attachments on a stage that are not removed, in the order they were made.
pub(crate) async fn on_stage(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
    stage: &StageId,
) -> Result<Vec<Attachment>, StoreError> {
    let found = sqlx::query_as(
        "SELECT id, posting_id, stage_id, provider_account_id, assessment_id, assessment_name, state, active_from,
             valid_days
         FROM attachments
         WHERE organization_id = $1 AND stage_id = $2 AND state IN ('active', 'paused')
         ORDER BY created_at, id",
    )
    .bind(organization.as_str())
    .bind(stage.as_str())
    .fetch_all(executor)
    .await?;
    Ok(found)
}

/// The same for who acts on it: where one is paused, all that are stay so until the transaction ends, so that who
/// resumes one waits, and finds what was made to wait for it meanwhile.
pub(crate) async fn on_stage_held(
    tx: &mut Tx,
    organization: &OrganizationId,
    stage: &StageId,
) -> Result<Vec<Attachment>, StoreError> {
    let found = on_stage(&mut **tx, organization, stage).await?;
    if found.iter().all(|attachment| attachment.state != AttachmentState::Paused) {
        return Ok(found);
    }
    sqlx::query(
        "UPDATE attachments SET version = version
         WHERE organization_id = $1 AND stage_id = $2 AND state = 'paused'",
    )
    .bind(organization.as_str())
    .bind(stage.as_str())
    .execute(&mut **tx)
    .await?;
    on_stage(&mut **tx, organization, stage).await
}

/// The attachments on all stages that are not removed, in the order they were made.
pub(super) async fn everywhere(db: &Db, organization: &OrganizationId) -> Result<Vec<Attachment>, StoreError> {
    let found = sqlx::query_as(
        "SELECT id, posting_id, stage_id, provider_account_id, assessment_id, assessment_name, state, active_from,
             valid_days
         FROM attachments
         WHERE organization_id = $1 AND state IN ('active', 'paused')
         ORDER BY created_at, id",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// The postings that a person is associated with in Lever.
pub(super) async fn associated_postings(
    db: &Db,
    organization: &OrganizationId,
    person: &LeverUserId,
) -> Result<Vec<PostingId>, StoreError> {
    let found: Vec<(PostingId,)> = sqlx::query_as(
        "SELECT DISTINCT subject_id
         FROM associations
         WHERE organization_id = $1 AND lever_user_id = $2 AND subject_kind = 'posting'",
    )
    .bind(organization.as_str())
    .bind(person.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// The attached postings that are confidential, or that Lever does not show us (any more).
pub(super) async fn confidential_postings(
    db: &Db,
    organization: &OrganizationId,
) -> Result<Vec<PostingId>, StoreError> {
    let found: Vec<(PostingId,)> = sqlx::query_as(
        "SELECT DISTINCT a.posting_id
         FROM attachments a
         LEFT JOIN lever_postings p ON p.organization_id = a.organization_id AND p.id = a.posting_id
         WHERE a.organization_id = $1 AND a.posting_id IS NOT NULL
             AND (p.id IS NULL OR p.gone_at IS NOT NULL OR p.confidential = 1)",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// One attachment, also a removed one.
pub(crate) async fn get(
    db: &Db,
    organization: &OrganizationId,
    id: &AttachmentId,
) -> Result<Option<Attachment>, StoreError> {
    let found = sqlx::query_as(
        "SELECT id, posting_id, stage_id, provider_account_id, assessment_id, assessment_name, state, active_from,
             valid_days
         FROM attachments
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found)
}

/// Adds an attachment; false when the same three are attached already.
pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    new: &Attachment,
    created_by: &str,
    now: Moment,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO attachments (
             id, organization_id, posting_id, stage_id, provider_account_id, assessment_id, assessment_name, state,
             active_from, valid_days, created_by, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
         ON CONFLICT DO NOTHING",
    )
    .bind(new.id.as_str())
    .bind(organization.as_str())
    .bind(new.posting.as_ref().map(|id| id.0.clone()))
    .bind(new.stage.as_str())
    .bind(new.account.as_str())
    .bind(new.assessment.as_str())
    .bind(new.assessment_name.as_str())
    .bind(new.state.slug())
    .bind(new.active_from.0)
    .bind(new.valid_days)
    .bind(created_by)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Changes state, start and days of the version that the person saw; false when it is another by now.
pub(super) async fn update(
    tx: &mut Tx,
    organization: &OrganizationId,
    it: &Attachment,
    version: i64,
    now: Moment,
) -> Result<bool, StoreError> {
    let updated = sqlx::query(
        "UPDATE attachments
         SET state = $4, active_from = $5, valid_days = $6, changed_at = $7, version = version + 1
         WHERE organization_id = $1 AND id = $2 AND version = $3 AND state <> 'removed'",
    )
    .bind(organization.as_str())
    .bind(it.id.as_str())
    .bind(version)
    .bind(it.state.slug())
    .bind(it.active_from.0)
    .bind(it.valid_days)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Gives the attachments of an account the present names of its assessments.
pub(crate) async fn follow_assessments(
    tx: &mut Tx,
    organization: &OrganizationId,
    account: &ProviderAccountId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE attachments
         SET assessment_name = (
             SELECT t.name FROM assessments t
             WHERE t.provider_account_id = $2 AND t.id = attachments.assessment_id)
         WHERE organization_id = $1 AND provider_account_id = $2
             AND EXISTS (
                 SELECT 1 FROM assessments t
                 WHERE t.provider_account_id = $2 AND t.id = attachments.assessment_id AND t.gone_at IS NULL
                     AND t.name <> attachments.assessment_name)",
    )
    .bind(organization.as_str())
    .bind(account.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A bookmark that is further ahead is a wrong clock's.
pub(super) const AHEAD: Duration = Duration::from_secs(60 * 60);

/// Sets the catch-up poll's bookmark; an existing one stays unless it is older, or a wrong clock's.
pub(super) async fn bookmark(
    tx: &mut Tx,
    organization: &OrganizationId,
    stage: &StageId,
    through: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO stage_polls (organization_id, stage_id, polled_through)
         VALUES ($1, $2, $3)
         ON CONFLICT (organization_id, stage_id) DO UPDATE SET polled_through = excluded.polled_through
         WHERE stage_polls.polled_through < excluded.polled_through OR stage_polls.polled_through > $4",
    )
    .bind(organization.as_str())
    .bind(stage.as_str())
    .bind(through.0)
    .bind(through.after(AHEAD).0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Where the catch-up poll of a stage got to.
pub(super) async fn polled_through(
    db: &Db,
    organization: &OrganizationId,
    stage: &StageId,
) -> Result<Option<Moment>, StoreError> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT polled_through FROM stage_polls WHERE organization_id = $1 AND stage_id = $2")
            .bind(organization.as_str())
            .bind(stage.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(found.map(|(at,)| Moment(at)))
}

fn not_offered(row: &AnyRow) -> Result<Option<NotOffered>, sqlx::Error> {
    let word: Option<String> = row.try_get("not_offered")?;
    let known = |word: String| NotOffered::parse(&word).ok_or_else(|| sqlx::Error::Decode(format!("{word}?").into()));
    word.map(known).transpose()
}

impl<'r> FromRow<'r, AnyRow> for AttachmentRow {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let stage: StageId = row.try_get("stage_id")?;
        let stage_name: Option<String> = row.try_get("stage_name")?;
        Ok(Self {
            id: row.try_get("id")?,
            posting: row.try_get("posting_id")?,
            posting_title: row.try_get("posting_title")?,
            posting_state: row.try_get("posting_state")?,
            stage_name: stage_name.unwrap_or_else(|| stage.0.clone()),
            stage,
            stage_gone: row.try_get::<i64, _>("stage_gone")? != 0,
            assessment: row.try_get("assessment_id")?,
            assessment_name: row.try_get("assessment_name")?,
            not_offered: not_offered(row)?,
            state: parsed(row, "state", AttachmentState::parse)?,
            valid_days: row.try_get("valid_days")?,
            created_by: row.try_get("created_by")?,
            created_at: Moment(row.try_get("created_at")?),
            invites: row.try_get("invites")?,
            version: row.try_get("version")?,
        })
    }
}

macro_rules! shown {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.posting_id, p.title AS posting_title, p.state AS posting_state, a.stage_id,
                 s.name AS stage_name,
                 CAST(CASE WHEN s.id IS NULL OR s.gone_at IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) AS stage_gone,
                 a.assessment_id, COALESCE(t.name, a.assessment_name) AS assessment_name,
                 CASE WHEN t.id IS NULL OR t.gone_at IS NOT NULL THEN 'deleted' WHEN t.state <> 'active' THEN t.state END
                     AS not_offered,
                 a.state, a.valid_days, a.created_by, a.created_at, a.version,
                 (SELECT COUNT(*) FROM invites i WHERE i.attachment_id = a.id) AS invites
             FROM attachments a
             LEFT JOIN lever_postings p ON p.organization_id = a.organization_id AND p.id = a.posting_id
             LEFT JOIN lever_stages s ON s.organization_id = a.organization_id AND s.id = a.stage_id
             LEFT JOIN assessments t ON t.provider_account_id = a.provider_account_id AND t.id = a.assessment_id
             WHERE a.organization_id = $1 AND ",
            $rest
        )
    };
}

/// The attachments that are not removed, newest first.
pub(super) async fn shown(db: &Db, organization: &OrganizationId) -> Result<Vec<AttachmentRow>, StoreError> {
    let found = sqlx::query_as(shown!("a.state <> 'removed' ORDER BY a.created_at DESC, a.id DESC"))
        .bind(organization.as_str())
        .fetch_all(db.read())
        .await?;
    Ok(found)
}

/// One of them.
pub(super) async fn shown_one(
    db: &Db,
    organization: &OrganizationId,
    id: &AttachmentId,
) -> Result<Option<AttachmentRow>, StoreError> {
    let found = sqlx::query_as(shown!("a.state <> 'removed' AND a.id = $2"))
        .bind(organization.as_str())
        .bind(id.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(found)
}

/// Makes every attachment count entries from now on only.
pub(crate) async fn begin_anew(tx: &mut Tx, now: Moment) -> Result<u64, StoreError> {
    let changed = sqlx::query("UPDATE attachments SET active_from = $1 WHERE state <> 'removed' AND active_from < $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(changed.rows_affected())
}
