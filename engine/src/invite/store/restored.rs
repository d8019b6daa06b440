//! What putting a backup back changes of invites.

use crate::{clock::Moment, db::Tx, fault::StoreError};

/// Marks what a restored backup holds as unsent: it may have been sent since the backup was made.
pub(crate) async fn doubt_unsent(tx: &mut Tx, now: Moment) -> Result<u64, StoreError> {
    let doubted = sqlx::query(
        "UPDATE invites
         SET restored_at = $1
         WHERE state IN ('waiting', 'queued') AND anonymized_at IS NULL",
    )
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(doubted.rows_affected())
}
