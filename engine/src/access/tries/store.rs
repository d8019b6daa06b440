//! The SQL of counted tries.

use super::Measure;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
};

fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Counts one more, unless there are too many; whether it was counted. One statement: of tries that come at the same
/// moment none is overlooked.
pub(super) async fn count(db: &Db, who: &str, measure: Measure, now: Moment) -> Result<bool, StoreError> {
    let (each, most) = (millis(measure.each), millis(measure.each * measure.at_once));
    let mut tx = db.write_what_can_be_redone().await?;
    let counted = sqlx::query(
        "INSERT INTO tries (who, good_at) VALUES ($1, $2 + $3)
         ON CONFLICT (who) DO UPDATE
         SET good_at = CASE WHEN tries.good_at > $2 THEN tries.good_at ELSE $2 END + $3
         WHERE tries.good_at + $3 <= $2 + $4",
    )
    .bind(who)
    .bind(now.0)
    .bind(each)
    .bind(most)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(counted.rows_affected() == 1)
}

pub(super) async fn forget(db: &Db, who: &str) -> Result<(), StoreError> {
    let mut tx = db.write_what_can_be_redone().await?;
    sqlx::query("DELETE FROM tries WHERE who = $1").bind(who).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn forget_before(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tries WHERE good_at <= $1").bind(now.0).execute(&mut **tx).await?;
    Ok(())
}
