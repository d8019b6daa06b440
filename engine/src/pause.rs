//! The installation's pause: what comes in is kept, and nothing goes out until whoever runs it says so.
//!
//! A restored backup begins paused: where it is a copy beside the installation that it was made of, both would send
//! the same candidates the same, and the first to renew Lever's token would end the other's access.

use crate::{
    audit::{self, Action},
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    job,
};

/// Why it stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Whoever runs the installation wanted it.
    Operator,
    /// A backup was put back.
    Restore,
}

impl Cause {
    fn slug(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Restore => "restore",
        }
    }

    pub(crate) fn parse(slug: &str) -> Self {
        if slug == "restore" { Self::Restore } else { Self::Operator }
    }
}

/// A pause that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub since: Moment,
    pub cause: Cause,
}

/// The pause, while there is one.
///
/// # Errors
/// When the database fails.
pub async fn standing(db: &Db) -> Result<Option<Pause>, StoreError> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT since, cause FROM pauses").fetch_optional(db.read()).await?;
    Ok(row.map(|(since, cause)| Pause { since: Moment(since), cause: Cause::parse(&cause) }))
}

/// Pauses every server of the installation: work that runs comes to its end, and none is taken up. Answers whether
/// it was not paused before.
///
/// # Errors
/// When the database fails.
pub async fn begin(db: &Db, now: Moment) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let begun = insert(&mut tx, Cause::Operator, now).await?;
    if begun {
        audit::record_everywhere(&mut tx, Action::Paused, now).await?;
    }
    tx.commit().await?;
    Ok(begun)
}

/// The same for a backup that is being put back, in whose transaction it is.
pub(crate) async fn begin_restored(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pauses").execute(&mut **tx).await?;
    insert(tx, Cause::Restore, now).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, cause: Cause, now: Moment) -> Result<bool, StoreError> {
    let inserted = sqlx::query("INSERT INTO pauses (id, since, cause) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(now.0)
        .bind(cause.slug())
        .execute(&mut **tx)
        .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Goes on: what waited is due. Answers whether it was paused.
///
/// # Errors
/// When the database fails.
pub async fn end(db: &Db, now: Moment) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let ended = sqlx::query("DELETE FROM pauses").execute(&mut *tx).await?.rows_affected() == 1;
    if ended {
        // What was tried before has its whole time again: nobody could try meanwhile.
        job::try_anew(&mut tx).await?;
        audit::record_everywhere(&mut tx, Action::Resumed, now).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
