//! The words that invites are found by: written when the person becomes known or changes, gone with them.

use super::super::{
    entity::Invite,
    words::{MOST_BEGINNINGS, beginnings},
};
use crate::{db::Tx, fault::StoreError};

/// Writes the words of a new invite.
pub(super) async fn add(tx: &mut Tx, invite: &Invite) -> Result<(), StoreError> {
    if invite.anonymized_at.is_some() {
        return Ok(());
    }
    let mut words = beginnings(&invite.candidate_name, invite.candidate_email.as_deref()).into_iter();
    let mut insert = sqlx::query(
        "INSERT INTO invite_words (organization_id, beginning, invite_id)
         SELECT CAST($1 AS TEXT), w.column1, CAST($2 AS TEXT)
         FROM (VALUES (CAST($3 AS TEXT)), ($4), ($5), ($6), ($7), ($8), ($9), ($10), ($11), ($12), ($13), ($14), ($15),
             ($16), ($17), ($18)) AS w
         WHERE w.column1 IS NOT NULL",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str());
    for _ in 0..MOST_BEGINNINGS {
        insert = insert.bind(words.next());
    }
    insert.execute(&mut **tx).await?;
    Ok(())
}

/// Writes the words anew, for a person who is known by others now, or by none.
pub(crate) async fn replace(tx: &mut Tx, invite: &Invite) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM invite_words WHERE invite_id = $1").bind(invite.id.as_str()).execute(&mut **tx).await?;
    add(tx, invite).await
}
