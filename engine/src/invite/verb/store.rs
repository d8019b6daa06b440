//! The verbs' SQL: what was asked for, whether it was begun, and that it is over.

use sqlx::{
    FromRow, Row as _,
    any::{AnyExecutor, AnyRow},
};

use super::Verb;
use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OrganizationId, VerbId},
    invite::{entity::Invite, parsed},
};

/// A verb that a person asked for and that is the provider's to do.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub id: VerbId,
    pub verb: Verb,
    pub by: String,
    pub expires_at: Option<Moment>,
    pub email: Option<String>,
    /// A call may have gone out.
    pub begun_at: Option<Moment>,
}

impl<'r> FromRow<'r, AnyRow> for Asked {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let moment = |column: &str| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Moment));
        Ok(Self {
            id: row.try_get("id")?,
            verb: parsed(row, "verb", Verb::parse)?,
            by: row.try_get("asked_by")?,
            expires_at: moment("expires_at")?,
            email: row.try_get("email")?,
            begun_at: moment("begun_at")?,
        })
    }
}

/// Writes down what was asked for by somebody who saw the invite in this version.
pub(super) async fn insert(
    tx: &mut Tx,
    invite: &Invite,
    asked: &Asked,
    version: i64,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO verbs (id, organization_id, invite_id, verb, seen_version, asked_by, asked_at, expires_at, email)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(asked.id.as_str())
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .bind(asked.verb.slug())
    .bind(version)
    .bind(asked.by.as_str())
    .bind(now.0)
    .bind(asked.expires_at.map(|at| at.0))
    .bind(asked.email.as_deref())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the same was asked for before by somebody who saw the same: a second click.
pub(super) async fn is_repeated(tx: &mut Tx, invite: &Invite, verb: Verb, version: i64) -> Result<bool, StoreError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT seen_version
         FROM verbs
         WHERE organization_id = $1 AND invite_id = $2 AND verb = $3 AND seen_version = $4",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .bind(verb.slug())
    .bind(version)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.is_some())
}

/// What was asked for and is not over: what takes the invite back first, for that makes the rest needless.
pub(super) async fn open<'c>(
    place: impl AnyExecutor<'c>,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<Vec<Asked>, StoreError> {
    let found = sqlx::query_as(
        "SELECT id, verb, asked_by, expires_at, email, begun_at
         FROM verbs
         WHERE organization_id = $1 AND invite_id = $2 AND ended_at IS NULL
         ORDER BY CASE WHEN verb IN ('cancel', 'correct_email') THEN 0 ELSE 1 END, id",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_all(place)
    .await?;
    Ok(found)
}

/// Says that a call goes out from now on.
pub(super) async fn begin(tx: &mut Tx, asked: &Asked, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE verbs SET begun_at = $2 WHERE id = $1 AND begun_at IS NULL")
        .bind(asked.id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends it; false when somebody was faster.
pub(super) async fn end(tx: &mut Tx, asked: &Asked, now: Moment) -> Result<bool, StoreError> {
    let ended = sqlx::query("UPDATE verbs SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(asked.id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends whatever is still open for an invite.
pub(super) async fn end_all(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE verbs
         SET ended_at = $3
         WHERE organization_id = $1 AND invite_id = $2 AND ended_at IS NULL",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An anonymised candidate: nothing more is done, and the addresses go.
pub(crate) async fn forget(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<(), StoreError> {
    end_all(tx, invite, now).await?;
    sqlx::query("UPDATE verbs SET email = NULL WHERE organization_id = $1 AND invite_id = $2")
        .bind(invite.organization.as_str())
        .bind(invite.id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A backup was put back: what was open in it may have been done since, and is looked up first.
pub(crate) async fn doubt_open(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE verbs SET begun_at = $1 WHERE begun_at IS NULL AND ended_at IS NULL")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The round that came after an invite's, the newest of them.
pub(super) async fn newest_after<'c>(
    place: impl AnyExecutor<'c>,
    invite: &Invite,
) -> Result<Option<InviteId>, StoreError> {
    let found: Option<(InviteId,)> = sqlx::query_as(
        "SELECT id
         FROM invites
         WHERE organization_id = $1 AND opportunity_id = $2 AND provider_account_id = $3 AND assessment_id = $4
             AND round > $5
         ORDER BY round DESC
         LIMIT 1",
    )
    .bind(invite.organization.as_str())
    .bind(invite.opportunity.as_str())
    .bind(invite.account.as_str())
    .bind(invite.assessment.as_str())
    .bind(invite.round)
    .fetch_optional(place)
    .await?;
    Ok(found.map(|(id,)| id))
}
