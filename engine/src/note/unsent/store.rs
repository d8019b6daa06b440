//! The SQL of the choice whether Lever hears of what was not sent.

use crate::{
    db::Tx,
    fault::StoreError,
    id::OrganizationId,
    invite::Invite,
    note::{Unsent, unsent::Standing},
};

/// What was chosen, and whether a note of this invite exists. A create that only a restored backup puts in
/// doubt has no text: there was no note that it knows of.
pub(in crate::note) async fn standing(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    invite: &Invite,
) -> Result<Standing, StoreError> {
    let (chosen, written): (i64, i64) = sqlx::query_as(
        "SELECT o.notes_unsent,
             (SELECT COUNT(*) FROM notes n
              WHERE n.invite_id = $2
                  AND (n.lever_note_id IS NOT NULL OR (n.create_intent_at IS NOT NULL AND n.written IS NOT NULL)))
         FROM organizations o
         WHERE o.id = $1",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .fetch_one(executor)
    .await?;
    Ok(Standing { chosen: chosen != 0, written: written != 0 })
}

pub(in crate::note) async fn is_chosen(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
) -> Result<bool, StoreError> {
    let chosen: i64 = sqlx::query_scalar("SELECT notes_unsent FROM organizations WHERE id = $1")
        .bind(organization.as_str())
        .fetch_one(executor)
        .await?;
    Ok(chosen != 0)
}

pub(in crate::note) async fn choose(
    tx: &mut Tx,
    organization: &OrganizationId,
    choice: Unsent,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET notes_unsent = $2 WHERE id = $1")
        .bind(organization.as_str())
        .bind(i64::from(choice == Unsent::Told))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
