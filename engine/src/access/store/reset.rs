//! The SQL of links by which somebody chooses another password.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{Engine, clock::Moment, db::Tx, fault::StoreError, id::UserId, random, vault::SealedColumn};

/// What is sealed here.
pub(in crate::access) const SEALED: [SealedColumn; 1] = [SealedColumn {
    all: "SELECT user_id, token FROM password_resets",
    replace: "UPDATE password_resets SET token = $1 WHERE user_id = $2 AND token = $3",
    place,
}];

fn place(user: &str) -> String {
    format!("password_resets|{user}|token")
}

/// Stores a link in place of an earlier one, unless that is so young that it expires after `young`; false then.
pub(in crate::access) async fn replace(
    engine: &Engine,
    tx: &mut Tx,
    user: &UserId,
    token: &SecretString,
    (young, expires): (Moment, Moment),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO password_resets (user_id, token_hash, token, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, token = excluded.token,
             expires_at = excluded.expires_at
         WHERE password_resets.expires_at <= $5",
    )
    .bind(user.as_str())
    .bind(random::digest(token.expose_secret()))
    .bind(engine.vault.seal(&place(user.as_str()), token))
    .bind(expires.0)
    .bind(young.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The person's address, and the address of the link.
pub(in crate::access) async fn open(
    engine: &Engine,
    user: &str,
    now: Moment,
) -> Result<Option<(String, String)>, StoreError> {
    let row: Option<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT u.email, r.token FROM password_resets r JOIN users u ON u.id = r.user_id
         WHERE r.user_id = $1 AND r.expires_at > $2",
    )
    .bind(user)
    .bind(now.0)
    .fetch_optional(engine.db.read())
    .await?;
    let Some((email, token)) = row else { return Ok(None) };
    let token = engine.vault.open_sealed(&place(user), &token)?;
    Ok(Some((email, engine.settings.address(&format!("/new-password/{}", token.expose_secret())))))
}

/// Whose link that is, while it can be used.
pub(in crate::access) async fn find(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    token_hash: &str,
    now: Moment,
) -> Result<Option<UserId>, StoreError> {
    let found = sqlx::query_scalar("SELECT user_id FROM password_resets WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash)
        .bind(now.0)
        .fetch_optional(executor)
        .await?;
    Ok(found)
}

/// False when it cannot be used (any more).
pub(in crate::access) async fn use_up(tx: &mut Tx, token_hash: &str, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
