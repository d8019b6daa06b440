//! The timeline's SQL.

use super::Entry;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{InviteId, OrganizationId, TimelineId},
};

pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
    entry: &Entry,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO timeline (id, organization_id, invite_id, at, kind, sentence, cause)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(TimelineId::new().0)
    .bind(organization.as_str())
    .bind(invite.as_str())
    .bind(entry.at.0)
    .bind(entry.kind.as_str())
    .bind(entry.sentence.as_str())
    .bind(entry.cause.as_deref())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The entries of an invite, oldest first.
pub(crate) async fn of(db: &Db, organization: &OrganizationId, invite: &InviteId) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<(i64, String, String, Option<String>)> = sqlx::query_as(
        "SELECT at, kind, sentence, cause
         FROM timeline
         WHERE organization_id = $1 AND invite_id = $2
         ORDER BY at, id",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_all(db.read())
    .await?;
    let entry = |(at, kind, sentence, cause)| Entry { at: Moment(at), kind, sentence, cause };
    Ok(rows.into_iter().map(entry).collect())
}

/// An anonymised candidate's entries keep what happened, not who: causes may hold words of people, and why a send
/// failed the provider's.
pub(crate) async fn forget_causes(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE timeline
         SET cause = NULL, sentence = CASE WHEN kind = 'failed' THEN 'Not sent.' ELSE sentence END
         WHERE organization_id = $1 AND invite_id = $2",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
