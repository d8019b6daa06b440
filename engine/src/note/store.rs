//! The notes' SQL.

use sqlx::{FromRow, Row as _, any::AnyRow};

use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{InviteId, LeverNoteId, OpportunityId, OrganizationId},
};

/// What we know of an invite's note in Lever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub note: Option<LeverNoteId>,
    pub text: Option<String>,
    pub at: Option<Moment>,
    /// A create may have happened whose answer we never saw.
    pub create_intent_at: Option<Moment>,
    /// The text in Lever, where it is not just what we wrote.
    pub standing: Option<String>,
    /// What may have been written over it; empty where nobody knows.
    pub change_intent: Option<String>,
    pub problem: Option<String>,
}

impl Written {
    /// The text as Lever should have it: ours, and what somebody added to it.
    pub fn whole(&self) -> Option<&str> {
        self.standing.as_deref().or(self.text.as_deref())
    }
}

impl<'r> FromRow<'r, AnyRow> for Written {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            note: row.try_get("lever_note_id")?,
            text: row.try_get("written")?,
            at: row.try_get::<Option<i64>, _>("written_at")?.map(Moment),
            create_intent_at: row.try_get::<Option<i64>, _>("create_intent_at")?.map(Moment),
            standing: row.try_get("standing")?,
            change_intent: row.try_get("change_intent")?,
            problem: row.try_get("problem")?,
        })
    }
}

pub(super) async fn get(db: &Db, organization: &OrganizationId, invite: &InviteId) -> Result<Written, StoreError> {
    let found: Option<Written> = sqlx::query_as(
        "SELECT lever_note_id, written, written_at, create_intent_at, standing, change_intent, problem
         FROM notes
         WHERE organization_id = $1 AND invite_id = $2",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found.unwrap_or_default())
}

pub(super) async fn put(
    tx: &mut Tx,
    organization: &OrganizationId,
    (invite, opportunity): (&InviteId, &OpportunityId),
    written: &Written,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO notes (
             invite_id, organization_id, opportunity_id, lever_note_id, written, written_at, create_intent_at, standing,
             change_intent, problem)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (invite_id) DO UPDATE SET
             lever_note_id = excluded.lever_note_id, written = excluded.written, written_at = excluded.written_at,
             create_intent_at = excluded.create_intent_at, standing = excluded.standing,
             change_intent = excluded.change_intent, problem = excluded.problem",
    )
    .bind(invite.as_str())
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .bind(written.note.as_ref().map(|id| id.0.clone()))
    .bind(written.text.clone())
    .bind(written.at.map(|at| at.0))
    .bind(written.create_intent_at.map(|at| at.0))
    .bind(written.standing.clone())
    .bind(written.change_intent.clone())
    .bind(written.problem.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How this connection lets our notes be changed, as it was last found out.
pub(super) async fn method(db: &Db, organization: &OrganizationId) -> Result<Option<String>, StoreError> {
    let found: Option<(String,)> = sqlx::query_as("SELECT note_method FROM connections WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(found.map(|(method,)| method))
}

pub(super) async fn remember_method(
    tx: &mut Tx,
    organization: &OrganizationId,
    method: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE connections SET note_method = $2 WHERE organization_id = $1")
        .bind(organization.as_str())
        .bind(method)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The invites whose notes Lever did not take.
pub(super) async fn with_a_problem(tx: &mut Tx, organization: &OrganizationId) -> Result<Vec<InviteId>, StoreError> {
    let found = sqlx::query_scalar("SELECT invite_id FROM notes WHERE organization_id = $1 AND problem IS NOT NULL")
        .bind(organization.as_str())
        .fetch_all(&mut **tx)
        .await?;
    Ok(found)
}

/// A note that a restored backup does not know may have been written since: it is looked for first. One
/// that it knows may have been changed by us since.
pub(crate) async fn doubt_unwritten(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO notes (invite_id, organization_id, opportunity_id, create_intent_at)
         SELECT id, organization_id, opportunity_id, $1 FROM invites WHERE true
         ON CONFLICT (invite_id) DO UPDATE SET create_intent_at = excluded.create_intent_at
         WHERE notes.lever_note_id IS NULL",
    )
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE notes SET change_intent = '' WHERE lever_note_id IS NOT NULL").execute(&mut **tx).await?;
    Ok(())
}

/// Forgets a note that is gone with its candidate.
pub(super) async fn forget(tx: &mut Tx, invite: &InviteId) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE notes
         SET lever_note_id = NULL, written = NULL, written_at = NULL, create_intent_at = NULL, standing = NULL,
             change_intent = NULL, problem = NULL
         WHERE invite_id = $1",
    )
    .bind(invite.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets what somebody wrote into a note: the candidate was anonymised.
pub(crate) async fn forget_standing(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE notes SET standing = NULL WHERE organization_id = $1 AND invite_id = $2")
        .bind(organization.as_str())
        .bind(invite.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
