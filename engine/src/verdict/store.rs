//! The verdicts' SQL: a history that only grows.

use sqlx::{
    FromRow, Row as _,
    any::{AnyExecutor, AnyRow},
};

use super::{Verdict, VerdictEntry, VerdictSource};
use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OrganizationId, VerdictId},
    invite::parsed,
};

impl<'r> FromRow<'r, AnyRow> for VerdictEntry {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            value: parsed(row, "value", Verdict::parse)?,
            by: row.try_get("given_by")?,
            source: parsed(row, "source", VerdictSource::parse)?,
            at: Moment(row.try_get("given_at")?),
            comment: row.try_get("comment")?,
        })
    }
}

/// Adds an act to the history; false when it is there already.
pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
    act: &VerdictEntry,
    now: Moment,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO verdicts (id, organization_id, invite_id, value, given_by, source, given_at, recorded_at, comment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT DO NOTHING",
    )
    .bind(VerdictId::new().0)
    .bind(organization.as_str())
    .bind(invite.as_str())
    .bind(act.value.word())
    .bind(act.by.as_str())
    .bind(act.source.slug())
    .bind(act.at.0)
    .bind(now.0)
    .bind(act.comment.as_deref())
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The history, newest act first: as it is, or within a transaction that is about to add to it.
pub(crate) async fn of<'c>(
    place: impl AnyExecutor<'c>,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<Vec<VerdictEntry>, StoreError> {
    let found = sqlx::query_as(
        "SELECT value, given_by, source, given_at, comment
         FROM verdicts
         WHERE organization_id = $1 AND invite_id = $2
         ORDER BY given_at DESC, id DESC",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_all(place)
    .await?;
    Ok(found)
}

/// How many acts were recorded since then.
pub(super) async fn recorded_since(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
    since: Moment,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM verdicts WHERE organization_id = $1 AND invite_id = $2 AND recorded_at >= $3",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .bind(since.0)
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

/// An anonymised candidate's comments go; who judged and when stays.
pub(crate) async fn forget_comments(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE verdicts SET comment = NULL WHERE organization_id = $1 AND invite_id = $2")
        .bind(organization.as_str())
        .bind(invite.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
