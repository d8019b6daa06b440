//! The SQL of second factors.

use secrecy::SecretString;

use super::super::second_factor::{Kept, Standing};
use crate::{
    Engine,
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{OrganizationId, UserId},
    vault::SealedColumn,
};

/// What is sealed here.
pub(in crate::access) const SEALED: [SealedColumn; 2] = [
    SealedColumn {
        all: "SELECT user_id, key FROM second_factors",
        replace: "UPDATE second_factors SET key = $1 WHERE user_id = $2 AND key = $3",
        place: |user| place(user, "key"),
    },
    SealedColumn {
        all: "SELECT user_id, codes FROM second_factors WHERE codes IS NOT NULL",
        replace: "UPDATE second_factors SET codes = $1 WHERE user_id = $2 AND codes = $3",
        place: |user| place(user, "codes"),
    },
];

fn place(user: &str, column: &str) -> String {
    format!("second_factors|{user}|{column}")
}

pub(in crate::access) async fn standing(db: &Db, user: &UserId) -> Result<Standing, StoreError> {
    let found: Option<(i64, i64)> = sqlx::query_as(
        "SELECT f.confirmed_at, (SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = f.user_id) AS codes
         FROM second_factors f
         WHERE f.user_id = $1 AND f.confirmed_at IS NOT NULL",
    )
    .bind(user.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found.map_or(Standing::Off, |(since, codes)| Standing::On { since: Moment(since), codes }))
}

pub(in crate::access) async fn who_have_it(db: &Db, organization: &OrganizationId) -> Result<Vec<UserId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT m.user_id FROM memberships m JOIN second_factors f ON f.user_id = m.user_id
         WHERE m.organization_id = $1 AND f.confirmed_at IS NOT NULL",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// Stores a key in place of one that was not confirmed; false when one was.
pub(in crate::access) async fn replace(
    engine: &Engine,
    tx: &mut Tx,
    user: &UserId,
    kept: &Kept,
    now: Moment,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO second_factors (user_id, key, codes, created_at, last_step, wrong) VALUES ($1, $2, $3, $4, 0, 0)
         ON CONFLICT (user_id) DO UPDATE SET key = excluded.key, codes = excluded.codes,
             created_at = excluded.created_at
         WHERE second_factors.confirmed_at IS NULL",
    )
    .bind(user.as_str())
    .bind(engine.vault.seal(&place(user.as_str(), "key"), &kept.key))
    .bind(engine.vault.seal(&place(user.as_str(), "codes"), &kept.codes))
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::access) async fn unconfirmed(engine: &Engine, user: &UserId) -> Result<Option<Kept>, StoreError> {
    let sealed: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT key, codes FROM second_factors WHERE user_id = $1 AND confirmed_at IS NULL AND codes IS NOT NULL",
    )
    .bind(user.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    let Some((key, codes)) = sealed else { return Ok(None) };
    let open = |column, sealed: &[u8]| engine.vault.open_sealed(&place(user.as_str(), column), sealed);
    Ok(Some(Kept { key: open("key", &key)?, codes: open("codes", &codes)? }))
}

pub(in crate::access) async fn confirmed(engine: &Engine, user: &UserId) -> Result<Option<SecretString>, StoreError> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT key FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL")
            .bind(user.as_str())
            .fetch_optional(engine.db.read())
            .await?;
    sealed.map(|sealed| engine.vault.open_sealed(&place(user.as_str(), "key"), &sealed)).transpose()
}

/// False when it is confirmed already, or gone.
pub(in crate::access) async fn confirm(tx: &mut Tx, user: &UserId, step: i64, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE second_factors SET confirmed_at = $2, last_step = $3, codes = NULL
         WHERE user_id = $1 AND confirmed_at IS NULL",
    )
    .bind(user.as_str())
    .bind(now.0)
    .bind(step)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a try; answers how many in a row were wrong before it.
pub(in crate::access) async fn count(tx: &mut Tx, user: &UserId) -> Result<i64, StoreError> {
    let wrong: Option<i64> =
        sqlx::query_scalar("UPDATE second_factors SET wrong = wrong + 1 WHERE user_id = $1 RETURNING wrong")
            .bind(user.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(wrong.unwrap_or(1) - 1)
}

/// The last try was right.
pub(in crate::access) async fn was_right(tx: &mut Tx, user: &UserId) -> Result<(), StoreError> {
    sqlx::query("UPDATE second_factors SET wrong = 0 WHERE user_id = $1")
        .bind(user.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// False when a code of this step or a later one counted already.
pub(in crate::access) async fn use_step(tx: &mut Tx, user: &UserId, step: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL",
    )
    .bind(user.as_str())
    .bind(step)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::access) async fn insert_code(tx: &mut Tx, user: &UserId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
        .bind(user.as_str())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// False when it is none, or was used.
pub(in crate::access) async fn use_code(tx: &mut Tx, user: &UserId, hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user.as_str())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// False when there was none.
pub(in crate::access) async fn delete(tx: &mut Tx, user: &UserId) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.as_str()).execute(&mut **tx).await?;
    let done =
        sqlx::query("DELETE FROM second_factors WHERE user_id = $1").bind(user.as_str()).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}
